/* SPDX-License-Identifier: Apache-2.0 */
/* "severity_from" and "state_from": the value of an object decides. */
#include "rules/rules_internal.h"

#include <stdio.h>

#include "base/text.h"
#include "event/varbind_text.h"

/* ---- compiling ---- */

struct chooser {
    const char *member;
    const struct tk_dict_object *object; /* NULL: unknown */
    char shown[96];                      /* its name */
};

static bool parse_label(struct tk_rules_compiler *c, const struct chooser *by, const char *label,
                        struct tk_rule_option *option)
{
    option->kind = TK_OPTION_NUMBER;
    return tk_rules_find_label(c, by->object, by->member, by->shown, label, "", &option->number);
}

static bool parse_oid(struct tk_rules_compiler *c, const char *text, struct tk_rule_option *option)
{
    uint8_t ber[TK_OID_MAX_BER];
    struct tk_oid oid;
    int len;

    if (!tk_rules_resolve(c, text, TK_WANT_ANY, &oid, NULL))
        return false;
    len = tk_oid_encode(ber, sizeof(ber), oid.subid, oid.len);
    if (len < 0)
        return tk_rules_complain(c, "'%.80s' is not an OID that SNMP can carry; write one that begins with 0, 1 or 2",
                                 text);
    option->kind = TK_OPTION_OID;
    return tk_rules_keep(c, &c->r->bytes, ber, (size_t)len, 1, &option->bytes);
}

static bool is_number_syntax(enum tk_dict_syntax syntax)
{
    return syntax == TK_SYNTAX_INTEGER || syntax == TK_SYNTAX_COUNTER32 || syntax == TK_SYNTAX_GAUGE32 ||
           syntax == TK_SYNTAX_TIMETICKS || syntax == TK_SYNTAX_COUNTER64;
}

static bool parse_value(struct tk_rules_compiler *c, const struct chooser *by, const char *text,
                        struct tk_rule_option *option)
{
    const struct tk_dict_object *o = by->object;

    if (o && tk_dict_enum_count(c->dict, o))
        return parse_label(c, by, text, option);
    if (o && tk_dict_syntax(c->dict, o) == TK_SYNTAX_OID)
        return parse_oid(c, text, option);
    if (o && is_number_syntax(tk_dict_syntax(c->dict, o)) && strspn(text, "-0123456789") != strlen(text))
        return tk_rules_complain(
            c,
            "\"%s\" has '%.60s', but '%s' is a number without labels; write numbers in quotes, such "
            "as \"2\"",
            by->member, text, by->shown);
    option->kind = TK_OPTION_TEXT;
    return tk_rules_keep(c, &c->r->bytes, text, strlen(text), 1, &option->bytes);
}

static bool parse_result(struct tk_rules_compiler *c, const struct chooser *by, const char *label, json_t *value,
                         const char *const *results, unsigned first, struct tk_rule_option *option)
{
    char list[128] = "", shown[64], shown_label[64];
    size_t used = 0;

    for (unsigned i = first; results[i] && json_is_string(value); i++)
        if (strcmp(results[i], json_string_value(value)) == 0) {
            option->result = i;
            return true;
        }
    for (unsigned i = first; results[i]; i++)
        used += (size_t)snprintf(list + used, sizeof(list) - used, "%s%s", i > first ? ", " : "", results[i]);
    return tk_rules_complain(c, "\"%s\" has '%s' for '%s'; write one of: %s", by->member,
                             tk_rules_show(shown, sizeof(shown), value),
                             tk_escape(shown_label, sizeof(shown_label), label, strlen(label)), list);
}

static bool parse_map(struct tk_rules_compiler *c, const struct chooser *by, json_t *map, const char *const *results,
                      unsigned first, unsigned *ret_results)
{
    const char *label;
    json_t *value;
    bool ok = true;

    json_object_foreach(map, label, value)
    {
        struct tk_rule_option option, *kept;

        memset(&option, 0, sizeof(option)); /* options are compared as bytes */
        if (!parse_value(c, by, label, &option) || !parse_result(c, by, label, value, results, first, &option)) {
            ok = false;
            continue;
        }
        kept = tk_vector_push(&c->r->options, 1, sizeof(*kept));
        if (!kept)
            return tk_rules_no_memory(c);
        *kept = option;
        *ret_results |= 1U << option.result;
    }
    return ok;
}

static bool check_object(struct tk_rules_compiler *c, const struct chooser *by)
{
    if (!by->object || tk_dict_syntax(c->dict, by->object) != TK_SYNTAX_BITS)
        return true;
    return tk_rules_complain(c,
                             "\"%s\" can't choose by '%s', which is a set of bits; write a rule for each bit, with "
                             "\"has\":",
                             by->member, by->shown);
}

bool tk_rules_parse_choice(struct tk_rules_compiler *c, const char *member, json_t *json, const char *const *results,
                           unsigned first, uint32_t *ret_choice, unsigned *ret_results)
{
    static const char *const members[] = {"object", "map", NULL};
    json_t *object = json_object_get(json, "object"), *map = json_object_get(json, "map");
    uint32_t first_option = c->r->options.count;
    struct chooser by = {.member = member};
    struct tk_rule_choice choice;
    struct tk_rule_span kept;
    struct tk_oid oid;
    char shown[96];

    if (!json_string_length(object) || !json_object_size(map))
        return tk_rules_complain(c, "\"%s\" is '%s'; write {\"object\": OBJECT, \"map\": {LABEL: \"%s\", ...}}", member,
                                 tk_rules_show(shown, sizeof(shown), json), results[first]);
    if (!tk_rules_members_ok(c, json, member, members))
        return false;
    (void)tk_rules_show(by.shown, sizeof(by.shown), object);
    if (!tk_rules_resolve(c, json_string_value(object), TK_WANT_OBJECT, &oid, &by.object) || !check_object(c, &by) ||
        !parse_map(c, &by, map, results, first, ret_results) ||
        !tk_rules_keep(c, &c->r->subids, oid.subid, oid.len, sizeof(oid.subid[0]), &choice.oid) ||
        !tk_rules_share(c, &c->r->options, first_option, sizeof(struct tk_rule_option), &choice.options) ||
        !tk_rules_keep(c, &c->r->choices, &choice, 1, sizeof(choice), &kept))
        return false;
    *ret_choice = kept.at + 1;
    return true;
}

/* ---- choosing ---- */

static bool is_number(const struct tk_varbind *vb, int64_t number)
{
    switch (vb->type) {
    case TK_INTEGER:
    case TK_INTEGER64: return tk_varbind_i64(vb) == number;
    case TK_COUNTER32:
    case TK_GAUGE32:
    case TK_TIMETICKS:
    case TK_COUNTER64:
    case TK_UNSIGNED64: return number >= 0 && tk_varbind_u64(vb) == (uint64_t)number;
    default: return false;
    }
}

static bool is_text(const struct tk_rules *r, struct tk_rule_span bytes, const char *text, size_t len)
{
    return bytes.len == len && memcmp((const char *)r->bytes.items + bytes.at, text, len) == 0;
}

/* The value's text, to be compared with those of the map. @returns its length, or -1 */
static int value_text(char *dst, size_t dst_bytes, const struct tk_rules *r, const struct tk_event *ev,
                      const struct tk_event_varbind *vb)
{
    int len = tk_rules_plain_text(&vb->raw, dst, dst_bytes);

    return len < 0 && vb->raw.type == TK_OCTETS ? tk_varbind_octets_text(dst, r->dict, ev, vb) : len;
}

int tk_rules_choose(const struct tk_rules *r, uint32_t choice, const struct tk_event *ev)
{
    const struct tk_rule_choice *chosen = (const struct tk_rule_choice *)r->choices.items + (choice - 1);
    const struct tk_rule_option *o = (const struct tk_rule_option *)r->options.items + chosen->options.at;
    size_t i = tk_rules_find_varbind(r, chosen->oid, ev, 0);
    const struct tk_varbind *raw;
    char text[TK_TEXT_BYTES];
    int len = -2; /* not known yet */

    if (i == ev->varbind_count || tk_rules_is_missing(ev->varbinds + i))
        return -1;
    raw = &ev->varbinds[i].raw;
    for (const struct tk_rule_option *end = o + chosen->options.len; o < end; o++) {
        if (o->kind == TK_OPTION_NUMBER) {
            if (is_number(raw, o->number))
                return (int)o->result;
            continue;
        }
        if (raw->type == (o->kind == TK_OPTION_OID ? TK_OID : TK_OCTETS) &&
            is_text(r, o->bytes, (const char *)raw->value, raw->value_len))
            return (int)o->result;
        if (o->kind == TK_OPTION_OID)
            continue;
        if (len == -2)
            len = value_text(text, sizeof(text), r, ev, ev->varbinds + i);
        if (len >= 0 && is_text(r, o->bytes, text, (size_t)len))
            return (int)o->result;
    }
    return -1;
}
