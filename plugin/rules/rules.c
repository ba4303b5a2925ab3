/* SPDX-License-Identifier: Apache-2.0 */
#include "rules/rules.h"

#include <stdlib.h>

#include "base/hash.h"
#include "rules/rules_internal.h"

/* conf/severity-standard.json; mibs/embed.sh makes an object file of it */
extern const unsigned char tk_standard_rules[];
extern const size_t tk_standard_rules_len;

static const uint32_t *subids_of(const struct tk_rules *r, struct tk_rule_span key)
{
    return (const uint32_t *)r->subids.items + key.at;
}

/* ---- the index ---- */

static int compare_keys(const struct tk_rule_pattern *a, const struct tk_rule_pattern *b, const struct tk_rules *r)
{
    if (a->kind != b->kind)
        return a->kind < b->kind ? -1 : 1;
    if (a->key.len != b->key.len)
        return a->key.len < b->key.len ? -1 : 1;
    return memcmp(subids_of(r, a->key), subids_of(r, b->key), a->key.len * sizeof(uint32_t));
}

static int compare_patterns(const void *va, const void *vb, void *r)
{
    const struct tk_rule_pattern *a = va, *b = vb;
    int order = compare_keys(a, b, r);

    return order ? order : a->rule < b->rule ? -1 : a->rule > b->rule;
}

static void add_slot(struct tk_rules *r, uint32_t first, uint32_t count)
{
    const struct tk_rule_pattern *p = (const struct tk_rule_pattern *)r->patterns.items + first;
    uint64_t hash = tk_hash64(subids_of(r, p->key), p->key.len * sizeof(uint32_t), p->kind);
    uint32_t at = (uint32_t)hash & r->slot_mask;

    while (r->slots[at].count)
        at = (at + 1) & r->slot_mask;
    r->slots[at] = (struct tk_rule_slot){hash, p->key, first, count, (uint8_t)p->kind};
    if (p->kind == TK_PATTERN_MODULE)
        r->has_modules = true;
    if (p->kind == TK_PATTERN_SUBTREE) { /* patterns are sorted by length */
        unsigned n = r->subtree_len_count;

        if (!n || r->subtree_lens[n - 1] != p->key.len)
            r->subtree_lens[r->subtree_len_count++] = (uint8_t)p->key.len;
    }
}

static bool build_index(struct tk_rules *r)
{
    struct tk_rule_pattern *p = r->patterns.items;
    uint32_t mask = 15;

    while (mask / 2 < r->patterns.count)
        mask = mask * 2 + 1;
    r->slot_mask = mask;
    r->slots = calloc((size_t)mask + 1, sizeof(*r->slots));
    if (!r->slots)
        return false;
    qsort_r(p, r->patterns.count, sizeof(*p), compare_patterns, r);
    for (uint32_t first = 0, next; first < r->patterns.count; first = next) {
        for (next = first + 1; next < r->patterns.count && compare_keys(p + first, p + next, r) == 0; next++)
            ;
        add_slot(r, first, next - first);
    }
    return true;
}

/* ---- life ---- */

/* Allocate an empty array, so that no array is NULL and a pointer to its first item is always valid. */
static bool reserve(struct tk_vector *v, size_t item_bytes)
{
    bool ok = tk_vector_push(v, 1, item_bytes);

    v->count = 0;
    return ok;
}

static struct tk_rules *rules_new(const struct tk_dict *dict)
{
    struct tk_rules *r = calloc(1, sizeof(*r));

    if (r && reserve(&r->rules, sizeof(struct tk_rule)) && reserve(&r->patterns, sizeof(struct tk_rule_pattern)) &&
        reserve(&r->tests, sizeof(struct tk_rule_test)) && reserve(&r->values, sizeof(struct tk_rule_value)) &&
        reserve(&r->parts, sizeof(struct tk_rule_part)) && reserve(&r->globs, sizeof(struct tk_rule_span)) &&
        reserve(&r->names, sizeof(struct tk_rule_name)) && reserve(&r->subids, sizeof(uint32_t)) &&
        reserve(&r->bytes, 1)) {
        r->dict = dict;
        return r;
    }
    tk_rules_free(r);
    return NULL;
}

static bool is_of_name(const struct tk_rule_pattern *p)
{
    return p->kind == TK_PATTERN_NAME || p->kind == TK_PATTERN_NAME_OF_FORM;
}

static bool clears(const struct tk_rule *rule)
{
    return rule->state == TK_ALARM_CLEAR || rule->severity == TK_SEV_CLEARED;
}

/* A file with errors is not what its author meant. Its rules must not make an alarm disappear: without a pattern, a rule
 * never matches. */
static void withhold_clearing_rules(struct tk_rules *r)
{
    const struct tk_rule *rules = r->rules.items;
    struct tk_rule_pattern *patterns = r->patterns.items;
    uint32_t kept = 0;

    for (uint32_t i = 0; i < r->rules.count; i++)
        r->withheld += clears(rules + i);
    for (uint32_t i = 0; i < r->patterns.count; i++)
        if (is_of_name(patterns + i) || !clears(rules + patterns[i].rule))
            patterns[kept++] = patterns[i];
    r->patterns.count = kept;
}

static bool compile_operators(struct tk_rules *r, const char *json, size_t len, const char *name,
                              struct tk_rules_report *report)
{
    struct tk_rules_compiler c = {.r = r,
                                  .errors = &report->errors,
                                  .file = name,
                                  .set = "operator",
                                  .is_naming_events = true,
                                  .json = json,
                                  .json_len = len};

    if (!tk_rules_compile(&c, &report->rule_count))
        return false;
    if (!tk_err_list_is_empty(&report->errors))
        withhold_clearing_rules(r);
    report->in_force = tk_rules_count(r);
    return true;
}

static bool compile_standard(struct tk_rules *r, struct tk_rules_report *report)
{
    struct tk_rules_compiler c = {.r = r,
                                  .errors = &report->standard,
                                  .file = "severity-standard.json",
                                  .set = "standard",
                                  .json = (const char *)tk_standard_rules,
                                  .json_len = tk_standard_rules_len};
    size_t count;

    return tk_rules_compile(&c, &count);
}

/* @p is_good: no memory was missing so far. */
static struct tk_rules *rules_finish(struct tk_rules *r, bool is_good, const char *file, struct tk_rules_report *report)
{
    if (is_good && build_index(r))
        return r;
    if (tk_err_list_is_empty(&report->errors) && tk_err_list_is_empty(&report->standard))
        tk_err_list_add(&report->errors, file, 0, "out of memory; use fewer rules or give snmptrapd more memory");
    tk_rules_free(r);
    return NULL;
}

struct tk_rules *tk_rules_parse_sound(const char *json, size_t len, const char *name, const struct tk_dict *dict,
                                      struct tk_rules_report *report)
{
    struct tk_rules *r = rules_new(dict);

    memset(report, 0, sizeof(*report));
    return rules_finish(r, r && compile_operators(r, json, len, name, report), name, report);
}

struct tk_rules *tk_rules_load_sound(const char *path, const struct tk_dict *dict, struct tk_rules_report *report)
{
    struct tk_rules *r = rules_new(dict);
    struct tk_err err = {0};
    size_t len = 0;
    char *json;
    bool ok;

    memset(report, 0, sizeof(*report));
    json = path ? tk_rules_read_file(path, &len, &err) : NULL;
    (void)tk_err_list_take(&report->errors, &err);
    ok = r && (!json || compile_operators(r, json, len, path, report)) && compile_standard(r, report);
    free(json);
    return rules_finish(r, ok, path, report);
}

/* All or nothing. */
static struct tk_rules *without_errors(struct tk_rules *r, const struct tk_rules_report *report, struct tk_err *err)
{
    const struct tk_err_list *list = tk_err_list_is_empty(&report->errors) ? &report->standard : &report->errors;

    if (tk_err_list_is_empty(list))
        return r;
    tk_rules_free(r);
    if (err && !err->is_set)
        *err = list->err[0];
    return NULL;
}

struct tk_rules *tk_rules_parse(const char *json, size_t len, const char *name, const struct tk_dict *dict,
                                struct tk_err *err)
{
    struct tk_rules_report report;
    struct tk_rules *r = tk_rules_parse_sound(json, len, name, dict, &report);

    return without_errors(r, &report, err);
}

struct tk_rules *tk_rules_load(const char *path, const struct tk_dict *dict, struct tk_err *err)
{
    struct tk_rules_report report;
    struct tk_rules *r = tk_rules_load_sound(path, dict, &report);

    return without_errors(r, &report, err);
}

void tk_rules_free(struct tk_rules *r)
{
    if (!r)
        return;
    tk_vector_done(&r->rules);
    tk_vector_done(&r->patterns);
    tk_vector_done(&r->tests);
    tk_vector_done(&r->values);
    tk_vector_done(&r->parts);
    tk_vector_done(&r->globs);
    tk_vector_done(&r->names);
    tk_vector_done(&r->subids);
    tk_vector_done(&r->bytes);
    free(r->slots);
    free(r);
}

size_t tk_rules_count(const struct tk_rules *r)
{
    return r->rules.count - r->withheld;
}

/* ---- matching ---- */

/* The rest of a list of candidate rules, in the order of the rules. */
struct cursor {
    const struct tk_rule_pattern *at, *end;
};

static bool find_list(const struct tk_rules *r, enum tk_rule_pattern_kind kind, const uint32_t *key, size_t len,
                      struct cursor *ret_list)
{
    uint64_t hash = tk_hash64(key, len * sizeof(*key), kind);

    for (uint32_t at = (uint32_t)hash & r->slot_mask; r->slots[at].count; at = (at + 1) & r->slot_mask) {
        const struct tk_rule_slot *s = r->slots + at;

        if (s->hash == hash && s->kind == kind && s->key.len == len &&
            memcmp(subids_of(r, s->key), key, len * sizeof(*key)) == 0) {
            ret_list->at = (const struct tk_rule_pattern *)r->patterns.items + s->first;
            ret_list->end = ret_list->at + s->count;
            return true;
        }
    }
    return false;
}

/* How many sub-identifiers the OID as received and the OID by which it is known share at their beginning. */
static size_t shared_len(const struct tk_event *ev)
{
    size_t n = 0;

    if (ev->notification == ev->trap_oid)
        return ev->trap_oid_len;
    while (n < ev->trap_oid_len && n < ev->notification_len && ev->notification[n] == ev->trap_oid[n])
        n++;
    return n;
}

static size_t find_lists(const struct tk_rules *r, const struct tk_event *ev, struct cursor *ret_lists)
{
    size_t n = find_list(r, TK_PATTERN_EXACT, ev->notification, ev->notification_len, ret_lists);
    size_t shared = shared_len(ev);

    for (unsigned i = 0; i < r->subtree_len_count; i++) {
        uint8_t len = r->subtree_lens[i];

        if (len <= ev->trap_oid_len)
            n += find_list(r, TK_PATTERN_SUBTREE, ev->trap_oid, len, ret_lists + n);
        if (len > shared && len <= ev->notification_len)
            n += find_list(r, TK_PATTERN_SUBTREE, ev->notification, len, ret_lists + n);
    }
    if (r->has_modules && ev->trap_object) {
        uint32_t module = tk_dict_module_number(r->dict, ev->trap_object);

        n += find_list(r, TK_PATTERN_MODULE, &module, 1, ret_lists + n);
    }
    return n;
}

static struct tk_text text_of(const struct tk_rules *r, struct tk_rule_span bytes)
{
    return (struct tk_text){bytes.len ? (const char *)r->bytes.items + bytes.at : NULL, bytes.len};
}

bool tk_rules_name(const struct tk_rules *r, const struct tk_event *ev, struct tk_text *ret_name,
                   struct tk_text *ret_mib)
{
    const struct tk_rule_name *name;
    struct cursor list;

    if (!r->names.count || (!find_list(r, TK_PATTERN_NAME, ev->trap_oid, ev->trap_oid_len, &list) &&
                            !find_list(r, TK_PATTERN_NAME_OF_FORM, ev->notification, ev->notification_len, &list)))
        return false;
    name = (const struct tk_rule_name *)r->names.items + list.at->rule;
    *ret_name = text_of(r, name->name);
    *ret_mib = text_of(r, name->module);
    return true;
}

static bool rule_holds(const struct tk_rules *r, const struct tk_rule *rule, const struct tk_event *ev)
{
    const struct tk_rule_span *glob = (const struct tk_rule_span *)r->globs.items + rule->first_glob;
    const struct tk_rule_test *test = (const struct tk_rule_test *)r->tests.items + rule->first_test;
    bool is_device = !rule->glob_count;

    for (uint32_t i = 0; i < rule->glob_count && !is_device; i++)
        is_device = ev->device.text && tk_rules_glob((const char *)r->bytes.items + glob[i].at, glob[i].len,
                                                     ev->device.text, ev->device.len);
    for (uint32_t i = 0; i < rule->test_count && is_device; i++)
        if (!tk_rules_test_holds(r, test + i, ev))
            return false;
    return is_device;
}

static void apply(const struct tk_rules *r, const struct tk_rule *rule, struct tk_event *ev)
{
    ev->rule = (uint32_t)(rule - (const struct tk_rule *)r->rules.items);
    ev->severity = rule->severity;
    ev->alarm_state = rule->state;
    ev->severity_rule = (struct tk_text){(const char *)r->bytes.items + rule->label.at, rule->label.len};
    ev->alarm_key = rule->state == TK_ALARM_NONE ? (struct tk_text){NULL, 0} : tk_rules_key(r, rule, ev);
}

bool tk_rules_match(const struct tk_rules *r, struct tk_event *ev)
{
    /* exact, module, and subtrees of each length from 0: of the OID as received, and of the one by which it is known */
    struct cursor lists[2 * (TK_OID_MAX_SUBIDS + 1) + 2];
    size_t n = find_lists(r, ev, lists);

    TK_ASSERT(n <= sizeof(lists) / sizeof(lists[0]));
    while (n) {
        const struct tk_rule *rule;
        size_t first = 0;

        for (size_t i = 1; i < n; i++)
            if (lists[i].at->rule < lists[first].at->rule)
                first = i;
        TK_ASSERT(lists[first].at->rule < r->rules.count);
        rule = (const struct tk_rule *)r->rules.items + lists[first].at->rule;
        if (rule_holds(r, rule, ev)) {
            apply(r, rule, ev);
            return true;
        }
        if (++lists[first].at == lists[first].end)
            lists[first] = lists[--n];
    }
    return false;
}
