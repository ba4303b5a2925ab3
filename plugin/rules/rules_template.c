/* SPDX-License-Identifier: Apache-2.0 */
/* Compiles texts with references in braces: alarm keys, and texts for people. */
#include "base/text.h"
#include "rules/rules_internal.h"

#define MAX_KEY_PARTS 16   /* references and the text between them */
#define MAX_PARTS     32   /* of a text for people */
#define MAX_LITERAL   1024 /* bytes of a template */

_Static_assert(MAX_KEY_PARTS *TK_RULES_MAX_TEXT + MAX_LITERAL < TK_RULES_KEY_MAX, "every key must fit");

/* A template while it is being compiled. */
struct template
{
    struct tk_rules_compiler *c;
    const char *member; /* of the rule, for errors */
    bool is_for_people;
    uint32_t first; /* of its parts */
};

static bool add_part(const struct template *t, struct tk_rule_part part)
{
    struct tk_vector *parts = &t->c->r->parts;
    unsigned most = t->is_for_people ? MAX_PARTS : MAX_KEY_PARTS;
    struct tk_rule_part *kept;

    if (parts->count - t->first >= most)
        return tk_rules_complain(t->c,
                                 "\"%s\" has more than %u references and texts between them; write a shorter text",
                                 t->member, most);
    kept = tk_vector_push(parts, 1, sizeof(*kept));
    if (!kept)
        return tk_rules_no_memory(t->c);
    *kept = part;
    return true;
}

static bool add_literal(const struct template *t, const char *text, size_t len)
{
    struct tk_rule_part part = {.kind = TK_PART_LITERAL};

    return !len || (tk_rules_keep(t->c, &t->c->r->bytes, text, len, 1, &part.bytes) && add_part(t, part));
}

static bool cut_suffix(char *name, const char *suffix)
{
    size_t len = strlen(name), suffix_len = strlen(suffix);

    if (len <= suffix_len || strcmp(name + len - suffix_len, suffix) != 0)
        return false;
    name[len - suffix_len] = '\0';
    return true;
}

static bool add_object(const struct template *t, char *name)
{
    struct tk_rule_part part = {.kind = t->is_for_people ? TK_PART_TEXT : TK_PART_VALUE};
    struct tk_oid oid;

    if (cut_suffix(name, ".index"))
        part.kind = TK_PART_INSTANCE;
    else if (cut_suffix(name, ".parent"))
        part.kind = TK_PART_PARENT;
    else if (cut_suffix(name, "#value"))
        part.kind = TK_PART_VALUE;
    return tk_rules_resolve(t->c, name, TK_WANT_OBJECT, &oid, NULL) && tk_rules_object(t->c, &oid, &part.object) &&
           add_part(t, part);
}

static bool add_reference(const struct template *t, const char *text, size_t len)
{
    char name[256], shown[96];

    if (!len || len >= sizeof(name))
        return tk_rules_complain(t->c,
                                 "\"%s\" refers to '{%s}'; write {device}, {trap}, {OBJECT}, {OBJECT#value}, "
                                 "{OBJECT.index} or {OBJECT.parent}",
                                 t->member, tk_escape(shown, sizeof(shown), text, len));
    memcpy(name, text, len);
    name[len] = '\0';
    if (strcmp(name, "device") == 0)
        return add_part(t, (struct tk_rule_part){.kind = TK_PART_DEVICE});
    if (strcmp(name, "trap") == 0)
        return add_part(t, (struct tk_rule_part){.kind = TK_PART_TRAP});
    return add_object(t, name);
}

static bool parse(const struct template *t, const char *text, size_t len)
{
    char literal[MAX_LITERAL] = "", shown[96];
    size_t used = 0;

    (void)tk_escape(shown, sizeof(shown), text, len);
    for (const char *p = text, *end = text + len; p < end; p++) {
        const char *close;

        if ((*p == '{' || *p == '}') && p + 1 < end && p[1] == *p) {
            literal[used++] = *p++;
            continue;
        }
        if (*p == '}')
            return tk_rules_complain(t->c, "\"%s\" is '%s' and has a '}' without a '{'; write '}}' for a brace",
                                     t->member, shown);
        if (*p != '{') {
            literal[used++] = *p;
            continue;
        }
        close = memchr(p, '}', (size_t)(end - p));
        if (!close)
            return tk_rules_complain(t->c,
                                     "\"%s\" is '%s' and has a '{' without a '}'; write {device}, {OBJECT}, ..., or "
                                     "'{{' for a brace",
                                     t->member, shown);
        if (!add_literal(t, literal, used) || !add_reference(t, p + 1, (size_t)(close - p - 1)))
            return false;
        used = 0;
        p = close;
    }
    return add_literal(t, literal, used);
}

bool tk_rules_parse_template(struct tk_rules_compiler *c, const char *member, json_t *text, bool is_for_people,
                             struct tk_rule_span *ret_parts)
{
    struct template t = {c, member, is_for_people, c->r->parts.count};
    size_t len = json_string_length(text);
    char shown[96];

    if (!json_is_string(text))
        return tk_rules_complain(c, "\"%s\" has '%s'; write text in quotes, such as \"{device}/link/{ifIndex}\"",
                                 member, tk_rules_show(shown, sizeof(shown), text));
    if (len > MAX_LITERAL)
        return tk_rules_complain(c, "\"%s\" has %zu bytes; write at most %d", member, len, MAX_LITERAL);
    return parse(&t, json_string_value(text), len) &&
           tk_rules_share(c, &c->r->parts, t.first, sizeof(struct tk_rule_part), ret_parts);
}
