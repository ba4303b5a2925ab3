/* SPDX-License-Identifier: Apache-2.0 */
#include "check_keys.h"

#include <stdlib.h>
#include <string.h>

#include "key_shape.h"
#include "rules/rules_internal.h"

void check_keys_note(struct check_keys *c, struct check_key key)
{
    struct check_key *k = tk_vector_push(&c->made, 1, sizeof(*k));

    if (!k)
        exit(2);
    *k = key;
}

static uint32_t type_of(const struct check_keys *c, const struct check_key *k)
{
    return ((const struct tk_rule *)c->rules->rules.items)[k->rule].type;
}

/* ---- one key ---- */

static int compare_made(const void *va, const void *vb)
{
    const struct check_key *a = va, *b = vb;
    int order = strcmp(a->key, b->key);

    return order ? order : a->rule < b->rule ? -1 : a->rule > b->rule;
}

static int compare_texts(const void *va, const void *vb)
{
    const struct tk_text *a = va, *b = vb;
    size_t len = a->len < b->len ? a->len : b->len;
    int order = len ? memcmp(a->text, b->text, len) : 0;

    return order ? order : a->len < b->len ? -1 : a->len > b->len;
}

static const struct check_key *find_state(const struct check_key *first, const struct check_key *end,
                                          enum tk_alarm_state state)
{
    for (; first < end; first++)
        if (first->state == state)
            return first;
    return NULL;
}

static void print_pair(const struct check_keys *c, const struct check_key *raise, const struct check_key *clear)
{
    struct tk_text a = tk_rules_label(c->rules, raise->rule), b = tk_rules_label(c->rules, clear->rule);

    (void)printf("pair: %.*s %.*s %s\n", (int)a.len, a.text, (int)b.len, b.text, raise->key);
}

static bool is_unknowable(const struct check_key *first, const struct check_key *end)
{
    for (; first < end; first++)
        if (!first->is_known)
            return true;
    return false;
}

/* The glob of all keys that a template can make. */
static size_t glob_of(const struct tk_rules *rules, struct tk_rule_span parts, char *dst, size_t dst_bytes)
{
    const struct tk_rule_part *p = (const struct tk_rule_part *)rules->parts.items + parts.at;
    size_t n = 0;

    for (uint32_t i = 0; i < parts.len; i++, p++) {
        bool is_literal = p->kind == TK_PART_LITERAL;

        if (n + p->bytes.len + 1 > dst_bytes)
            return 0;
        if (is_literal)
            memcpy(dst + n, (const char *)rules->bytes.items + p->bytes.at, p->bytes.len);
        else
            dst[n] = '*';
        n += is_literal ? p->bytes.len : 1;
    }
    return n;
}

/* Is there a rule whose template can make the key, with values other than those that were tried? One notification can have
 * the name of the alarm as a value. */
static bool has_like(const struct check_keys *c, const struct check_key *m, enum tk_alarm_state state)
{
    const struct check_key *others = c->made.items;
    char glob[2048];

    for (uint32_t i = 0; i < c->made.count; i++) {
        size_t len = others[i].state == state ? glob_of(c->rules, others[i].template, glob, sizeof(glob)) : 0;

        if (len && tk_rules_glob(glob, len, m->key, strlen(m->key)))
            return true;
        len = others[i].state == state ? glob_of(c->rules, m->template, glob, sizeof(glob)) : 0;
        if (len && tk_rules_glob(glob, len, others[i].key, strlen(others[i].key)))
            return true;
    }
    return false;
}

/* Do several notifications raise the key? */
static bool is_shared(const struct check_key *first, const struct check_key *end)
{
    const struct check_key *raise = find_state(first, end, TK_ALARM_RAISE);

    for (const struct check_key *k = raise; k && k < end; k++)
        if (k->state == TK_ALARM_RAISE && k->notification != raise->notification && k->rule != raise->rule)
            return true;
    return false;
}

/* The names of the rules that raise the key, in the order of the alphabet. @returns malloc'ed */
static char *raising_rules(const struct check_keys *c, const struct check_key *first, const struct check_key *end)
{
    struct tk_text *labels = calloc((size_t)(end - first), sizeof(*labels));
    size_t count = 0, bytes;
    char *line = NULL;
    FILE *f = open_memstream(&line, &bytes);

    if (!labels || !f)
        exit(2);
    for (; first < end; first++)
        if (first->state == TK_ALARM_RAISE)
            labels[count++] = tk_rules_label(c->rules, first->rule);
    qsort(labels, count, sizeof(*labels), compare_texts);
    for (size_t i = 0; i < count; i++)
        if (!i || compare_texts(labels + i - 1, labels + i))
            (void)fprintf(f, "%s%.*s", i ? " " : "", (int)labels[i].len, labels[i].text);
    (void)fclose(f);
    free(labels);
    return line;
}

static bool is_listed(const struct check_keys *c, const char *rules)
{
    char *line = NULL;
    size_t bytes = 0;
    bool is_it = false;

    rewind(c->shared);
    while (!is_it && getline(&line, &bytes, c->shared) > 0) {
        line[strcspn(line, "\n")] = '\0';
        is_it = strcmp(line, rules) == 0;
    }
    free(line);
    return is_it;
}

static void check_shared(const struct check_keys *c, const struct check_key *first, const struct check_key *end)
{
    char *rules = raising_rules(c, first, end);

    if (c->is_printing_shared)
        (void)printf("shared: %s\n", rules);
    else if (!is_listed(c, rules))
        c->complain(
            first->rule,
            "several notifications raise its \"key\" '%s'; if they are about one trouble, shared_keys.txt needs "
            "the line: %s",
            first->key, rules);
    free(rules);
}

/* The rules from @p first to @p end make the same key. */
static void check_key(struct check_keys *c, const struct check_key *first, const struct check_key *end)
{
    const struct check_key *raise = find_state(first, end, TK_ALARM_RAISE),
                           *clear = find_state(first, end, TK_ALARM_CLEAR);

    if (first->row)
        return; /* the rows are alike */
    for (const struct check_key *k = first + 1; k < end; k++)
        if (type_of(c, k) != type_of(c, first))
            c->complain(
                k->rule,
                "its \"key\" '%s' is also that of '%.*s', but their \"type\" differs: one key never means two alarms",
                k->key, (int)tk_rules_label(c->rules, first->rule).len, tk_rules_label(c->rules, first->rule).text);
    if (is_unknowable(first, end))
        return;
    if (is_shared(first, end))
        check_shared(c, first, end);
    if (!raise && has_like(c, clear, TK_ALARM_RAISE))
        return;
    if (!clear && has_like(c, raise, TK_ALARM_CLEAR))
        return;
    if (!raise)
        c->complain(clear->rule, "it clears '%s', which no rule raises", clear->key);
    else if (!clear)
        c->complain(raise->rule, "it raises '%s', which no rule clears; leave out \"state\" and \"key\"", raise->key);
    else if (++c->pairs && c->is_printing_pairs)
        print_pair(c, raise, clear);
}

/* ---- templates that meet ---- */

/* A template of keys. Templates that made the same key of one row are about the same, as is what they lead to. */
struct template
{
    struct tk_rule_span parts;
    uint32_t rule, same;
    const char *key;
    struct tk_text set; /* of the rule: "cisco"; absent: of standards */
    struct key_shape shape;
};

static bool is_same_template(const struct tk_rules *r, struct tk_rule_span a, struct tk_rule_span b)
{
    const struct tk_rule_part *p = (const struct tk_rule_part *)r->parts.items + a.at,
                              *q = (const struct tk_rule_part *)r->parts.items + b.at;

    if (a.len != b.len)
        return false;
    for (uint32_t i = 0; i < a.len; i++, p++, q++) {
        struct tk_text x = tk_rules_text(r, p->bytes), y = tk_rules_text(r, q->bytes);

        if (p->kind != q->kind || (p->kind >= TK_PART_TEXT && p->object != q->object) || x.len != y.len ||
            (x.len && memcmp(x.text, y.text, x.len) != 0))
            return false;
    }
    return true;
}

/* "cisco" of "vendor:cisco/name" and of "derived:cisco/name" */
static struct tk_text set_of(struct tk_text label)
{
    const char *colon = memchr(label.text, ':', label.len);
    const char *slash = memchr(label.text, '/', label.len);

    if (!colon || !slash || label.text[0] == 's')
        return (struct tk_text){0};
    return (struct tk_text){colon + 1, (size_t)(slash - colon - 1)};
}

/* The template of a key, added if it is new. @returns its number */
static uint32_t find_template(const struct check_keys *c, struct tk_vector *templates, const struct check_key *k)
{
    struct template *t = templates->items;
    struct tk_text set = set_of(tk_rules_label(c->rules, k->rule));

    /* the templates of a file stand together */
    for (uint32_t i = templates->count; i-- > 0;)
        if (compare_texts(&t[i].set, &set) == 0 && is_same_template(c->rules, t[i].parts, k->template))
            return i;
    t = tk_vector_push(templates, 1, sizeof(*t));
    if (!t)
        exit(2);
    t->parts = k->template;
    t->rule = k->rule;
    t->same = templates->count - 1;
    t->key = k->key;
    t->set = set;
    if (!key_shape_of(&t->shape, c->rules, c->dict, t->parts))
        c->complain(k->rule, "its \"key\" '%s' is too long to be checked", k->key);
    return t->same;
}

static uint32_t root(const struct template *t, uint32_t i)
{
    while (t[i].same != i)
        i = t[i].same;
    return i;
}

static void find_templates(const struct check_keys *c, struct tk_vector *templates)
{
    const struct check_key *k = c->made.items;
    uint32_t last = 0;

    for (uint32_t i = 0; i < c->made.count; i++) {
        uint32_t own = find_template(c, templates, k + i);
        struct template *t = templates->items;

        if (i && strcmp(k[i].key, k[i - 1].key) == 0)
            t[root(t, own)].same = root(t, last);
        last = own;
    }
}

static void check_templates(const struct check_keys *c)
{
    struct tk_vector templates = {0};
    const struct template *t;

    find_templates(c, &templates);
    t = templates.items;
    for (uint32_t i = 0; i < templates.count; i++)
        for (uint32_t k = 0; k < i; k++)
            if ((!t[i].set.len || !t[k].set.len || compare_texts(&t[i].set, &t[k].set) == 0) &&
                root(t, i) != root(t, k) && key_shape_meets(&t[i].shape, &t[k].shape))
                c->complain(t[i].rule, "its \"key\" (as '%s') can be that of '%.*s' (as '%s'); give it other words",
                            t[i].key, (int)tk_rules_label(c->rules, t[k].rule).len,
                            tk_rules_label(c->rules, t[k].rule).text, t[k].key);
    tk_vector_done(&templates);
}

void check_keys_all(struct check_keys *c)
{
    struct check_key *k = c->made.items;

    c->pairs = 0;
    if (c->made.count)
        qsort(k, c->made.count, sizeof(*k), compare_made);
    for (uint32_t first = 0, next; first < c->made.count; first = next) {
        for (next = first + 1; next < c->made.count && strcmp(k[next].key, k[first].key) == 0; next++)
            ;
        check_key(c, k + first, k + next);
    }
    check_templates(c);
    for (uint32_t i = 0; i < c->made.count; i++)
        free(k[i].key);
    tk_vector_done(&c->made);
}
