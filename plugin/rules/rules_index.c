/* SPDX-License-Identifier: Apache-2.0 */
/* From a notification to the rules that may match it, by a few hash look-ups whatever the number of rules. */
#include "rules/rules_internal.h"

#include <stdlib.h>

#include "base/hash.h"
#include "dictionary/dictionary_file.h"
#include "dictionary/notification.h"

/* ---- building ---- */

/* What a pattern is compared by. @returns its bytes; @p room has the OID */
static const void *key_of(const struct tk_rules *r, const struct tk_rule_pattern *p, uint32_t room[TK_OID_MAX_SUBIDS],
                          size_t *ret_bytes)
{
    *ret_bytes = p->len;
    if (p->kind == TK_PATTERN_MODULE)
        return (const char *)r->bytes.items + p->at;
    *ret_bytes = p->len * sizeof(*room);
    if (p->len) {
        memcpy(room, (const uint32_t *)r->subids.items + p->at, (p->len - 1U) * sizeof(*room));
        room[p->len - 1] = p->last;
    }
    return room;
}

static int compare_keys(const struct tk_rule_pattern *a, const struct tk_rule_pattern *b, const struct tk_rules *r)
{
    uint32_t room_a[TK_OID_MAX_SUBIDS], room_b[TK_OID_MAX_SUBIDS];
    const void *key_a, *key_b;
    size_t bytes;

    if (a->kind != b->kind)
        return a->kind < b->kind ? -1 : 1;
    if (a->len != b->len)
        return a->len < b->len ? -1 : 1;
    if (a->at == b->at) /* equal runs are kept once */
        return a->last < b->last ? -1 : a->last > b->last;
    key_a = key_of(r, a, room_a, &bytes);
    key_b = key_of(r, b, room_b, &bytes);
    return memcmp(key_a, key_b, bytes);
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
    uint32_t room[TK_OID_MAX_SUBIDS], hash, at;
    size_t bytes;
    const void *key = key_of(r, p, room, &bytes);

    hash = (uint32_t)tk_hash64(key, bytes, p->kind);
    at = hash & r->slot_mask;
    while (r->slots[at].count)
        at = (at + 1) & r->slot_mask;
    r->slots[at] = (struct tk_rule_slot){hash, first, count};
    if (p->kind == TK_PATTERN_MODULE)
        r->has_modules = true;
    if (p->kind == TK_PATTERN_SUBTREE) { /* patterns are sorted by length */
        unsigned n = r->subtree_len_count;

        if (!n || r->subtree_lens[n - 1] != p->len)
            r->subtree_lens[r->subtree_len_count++] = p->len;
    }
}

bool tk_rules_build_index(struct tk_rules *r)
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

static bool add(struct tk_rules_compiler *c, struct tk_rule_pattern pattern)
{
    struct tk_rule_pattern *p = tk_vector_push(&c->r->patterns, 1, sizeof(*p));

    if (!p)
        return tk_rules_no_memory(c);
    *p = pattern;
    return true;
}

bool tk_rules_add_pattern(struct tk_rules_compiler *c, enum tk_rule_pattern_kind kind, uint32_t number,
                          const uint32_t *subid, size_t len)
{
    struct tk_rule_pattern p = {.kind = (uint8_t)kind, .rule = number, .len = (uint8_t)len};
    struct tk_rule_span before = {0, 0};

    if (len && !tk_rules_keep(c, &c->r->subids, subid, len - 1, sizeof(*subid), &before))
        return false;
    p.at = len > 1 ? before.at : 0;
    p.last = len ? subid[len - 1] : 0;
    return add(c, p);
}

bool tk_rules_add_module(struct tk_rules_compiler *c, const char *module, size_t len)
{
    struct tk_rule_pattern p = {.kind = TK_PATTERN_MODULE, .rule = c->r->rules.count - 1, .len = (uint8_t)len};
    struct tk_rule_span bytes;

    TK_ASSERT(len <= UINT8_MAX);
    if (!tk_rules_keep(c, &c->r->bytes, module, len, 1, &bytes))
        return false;
    p.at = bytes.at;
    return add(c, p);
}

/* ---- looking up ---- */

static bool is_oid(const struct tk_rules *r, const struct tk_rule_pattern *p, const uint32_t *subid, size_t len)
{
    return p->len == len && (!len || (p->last == subid[len - 1] && memcmp((const uint32_t *)r->subids.items + p->at,
                                                                          subid, (len - 1) * sizeof(*subid)) == 0));
}

static bool is_module(const struct tk_rules *r, const struct tk_rule_pattern *p, struct tk_dict_text module)
{
    return p->len == module.len && memcmp((const char *)r->bytes.items + p->at, module.text, module.len) == 0;
}

static void set_list(const struct tk_rule_slot *s, const struct tk_rule_pattern *p, struct tk_rules_cursor *ret_list)
{
    ret_list->at = p;
    ret_list->end = p + s->count;
}

bool tk_rules_find_list(const struct tk_rules *r, enum tk_rule_pattern_kind kind, const uint32_t *subid, size_t len,
                        struct tk_rules_cursor *ret_list)
{
    uint32_t hash = (uint32_t)tk_hash64(subid, len * sizeof(*subid), kind);

    for (uint32_t at = hash & r->slot_mask; r->slots[at].count; at = (at + 1) & r->slot_mask) {
        const struct tk_rule_slot *s = r->slots + at;
        const struct tk_rule_pattern *p = (const struct tk_rule_pattern *)r->patterns.items + s->first;

        if (s->hash == hash && p->kind == kind && is_oid(r, p, subid, len)) {
            set_list(s, p, ret_list);
            return true;
        }
    }
    return false;
}

static bool find_module(const struct tk_rules *r, struct tk_dict_text module, struct tk_rules_cursor *ret_list)
{
    uint32_t hash = (uint32_t)tk_hash64(module.text, module.len, TK_PATTERN_MODULE);

    for (uint32_t at = hash & r->slot_mask; r->slots[at].count; at = (at + 1) & r->slot_mask) {
        const struct tk_rule_slot *s = r->slots + at;
        const struct tk_rule_pattern *p = (const struct tk_rule_pattern *)r->patterns.items + s->first;

        if (s->hash == hash && p->kind == TK_PATTERN_MODULE && is_module(r, p, module)) {
            set_list(s, p, ret_list);
            return true;
        }
    }
    return false;
}

/* A file of the dictionary was cut or overwritten after the rules had been compiled with it: rules have the form that it
 * knew. */
static bool has_lost_its_form(const struct tk_rules *r, const struct tk_event *ev)
{
    bool is_known = ev->trap_object && tk_dict_kind(r->dict, ev->trap_object) == TK_DICT_NOTIFICATION;

    return !is_known && tk_dict_file_lost(r->dict, 0);
}

bool tk_rules_find_known(const struct tk_rules *r, enum tk_rule_pattern_kind kind, const struct tk_event *ev,
                         struct tk_rules_cursor *ret_list)
{
    struct tk_notification_forms forms = {.subid = ev->trap_oid, .len = ev->trap_oid_len};
    struct tk_oid form;

    if (has_lost_its_form(r, ev))
        while (tk_notification_next_form(&forms, &form))
            if (tk_rules_find_list(r, kind, form.subid, form.len, ret_list))
                return true;
    return tk_rules_find_list(r, kind, ev->notification, ev->notification_len, ret_list);
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

size_t tk_rules_find_lists(const struct tk_rules *r, const struct tk_event *ev, struct tk_rules_cursor *ret_lists)
{
    size_t n = tk_rules_find_known(r, TK_PATTERN_EXACT, ev, ret_lists);
    size_t shared = shared_len(ev);

    for (unsigned i = 0; i < r->subtree_len_count; i++) {
        uint8_t len = r->subtree_lens[i];

        if (len <= ev->trap_oid_len)
            n += tk_rules_find_list(r, TK_PATTERN_SUBTREE, ev->trap_oid, len, ret_lists + n);
        if (len > shared && len <= ev->notification_len)
            n += tk_rules_find_list(r, TK_PATTERN_SUBTREE, ev->notification, len, ret_lists + n);
    }
    if (r->has_modules && ev->trap_object)
        n += find_module(r, tk_dict_module(r->dict, ev->trap_object), ret_lists + n);
    return n;
}
