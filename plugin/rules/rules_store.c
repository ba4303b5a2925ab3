/* SPDX-License-Identifier: Apache-2.0 */
/* Many rules have the same OIDs, texts and templates: that equal runs are kept once halves the memory. */
#include "rules/rules_store.h"

#include <stddef.h>
#include <stdlib.h>

#include "base/hash.h"
#include "rules/rules_internal.h"

/* The vectors that grow while rules are compiled, and the size of an item. */
static const struct {
    size_t at, item_bytes;
} vectors[] = {
#define VECTOR(member, item) \
    { \
        offsetof(struct tk_rules, member), sizeof(item) \
    }
    VECTOR(rules, struct tk_rule),
    VECTOR(patterns, struct tk_rule_pattern),
    VECTOR(tests, struct tk_rule_test),
    VECTOR(values, struct tk_rule_value),
    VECTOR(parts, struct tk_rule_part),
    VECTOR(senders, struct tk_rule_sender),
    VECTOR(clears, struct tk_rule_span),
    VECTOR(fields, struct tk_rule_field),
    VECTOR(options, struct tk_rule_option),
    VECTOR(choices, struct tk_rule_choice),
    VECTOR(more, struct tk_rule_more),
    VECTOR(objects, struct tk_rule_object),
    VECTOR(known, struct tk_rule_known),
    VECTOR(words, struct tk_rule_span),
    VECTOR(topics, struct tk_rule_span),
    VECTOR(names, struct tk_rule_name),
    VECTOR(subids, uint32_t),
    VECTOR(bytes, char),
#undef VECTOR
};
#define VECTORS (sizeof(vectors) / sizeof(vectors[0]))

_Static_assert(VECTORS == TK_RULES_VECTORS, "a mark has a count for each vector");

static struct tk_vector *vector_at(struct tk_rules *r, size_t i)
{
    return (struct tk_vector *)((char *)r + vectors[i].at);
}

/* ---- life ---- */

/* Allocate an empty array, so that no array is NULL and a pointer to its first item is always valid. */
static bool reserve(struct tk_vector *v, size_t item_bytes)
{
    bool ok = tk_vector_push(v, 1, item_bytes);

    v->count = 0;
    return ok;
}

struct tk_rules *tk_rules_new(const struct tk_dict *dict)
{
    struct tk_rules *r = calloc(1, sizeof(*r));
    bool ok = r;

    for (size_t i = 0; i < VECTORS && ok; i++)
        ok = reserve(vector_at(r, i), vectors[i].item_bytes);
    if (!ok) {
        tk_rules_free(r);
        return NULL;
    }
    r->dict = dict;
    return r;
}

void tk_rules_done(struct tk_rules *r)
{
    tk_rules_free_regexes(r);
    for (size_t i = 0; i < VECTORS; i++)
        tk_vector_done(vector_at(r, i));
    free(r->slots);
    free(r->runs);
}

void tk_rules_trim(struct tk_rules *r)
{
    for (size_t i = 0; i < VECTORS; i++)
        if (vector_at(r, i)->count)
            tk_vector_trim(vector_at(r, i), vectors[i].item_bytes);
    free(r->runs);
    r->runs = NULL;
    r->run_count = r->run_mask = 0;
}

size_t tk_rules_kept_bytes(const struct tk_rules *r)
{
    size_t bytes = sizeof(*r) + ((size_t)r->slot_mask + 1) * sizeof(*r->slots);

    for (size_t i = 0; i < VECTORS; i++)
        bytes += (size_t)((const struct tk_vector *)((const char *)r + vectors[i].at))->cap * vectors[i].item_bytes;
    return bytes;
}

/* ---- undoing ---- */

struct tk_rules_mark tk_rules_mark(const struct tk_rules *r)
{
    struct tk_rules_mark mark;

    for (size_t i = 0; i < VECTORS; i++)
        mark.counts[i] = ((const struct tk_vector *)((const char *)r + vectors[i].at))->count;
    return mark;
}

void tk_rules_back_to(struct tk_rules *r, const struct tk_rules_mark *mark)
{
    for (size_t i = 0; i < VECTORS; i++)
        vector_at(r, i)->count = mark->counts[i];
}

/* ---- runs ---- */

static uint32_t run_hash(const struct tk_vector *v, const struct tk_rules *r, const void *items, size_t bytes)
{
    return (uint32_t)tk_hash64(items, bytes, (uint64_t)((const char *)v - (const char *)r));
}

static bool grow_runs(struct tk_rules *r)
{
    uint32_t mask = r->run_mask ? r->run_mask * 2 + 1 : 1023;
    struct tk_rule_run *runs;

    if (r->run_mask && r->run_count < r->run_mask / 2)
        return true;
    runs = calloc((size_t)mask + 1, sizeof(*runs));
    if (!runs)
        return false;
    for (uint32_t i = 0; r->run_mask && i <= r->run_mask; i++) {
        uint32_t at = r->runs[i].hash & mask;

        if (!r->runs[i].vector)
            continue;
        while (runs[at].vector)
            at = (at + 1) & mask;
        runs[at] = r->runs[i];
    }
    free(r->runs);
    r->runs = runs;
    r->run_mask = mask;
    return true;
}

/* Find a run that is equal to @p items among the first @p count items. A run that was taken back is beyond the vector's
 * end, or has other items now: that is why the items are compared. @returns its slot, or an empty one */
static struct tk_rule_run *find_run(const struct tk_rules *r, const struct tk_vector *v, uint32_t count,
                                    const void *items, size_t n, size_t item_bytes, uint32_t hash)
{
    uint32_t vector = (uint32_t)((const char *)v - (const char *)r);
    uint32_t at = hash & r->run_mask;

    for (; r->runs[at].vector; at = (at + 1) & r->run_mask) {
        const struct tk_rule_run *run = r->runs + at;

        if (run->hash == hash && run->vector == vector && run->len == n && n <= count && run->at <= count - n &&
            memcmp((const char *)v->items + run->at * item_bytes, items, n * item_bytes) == 0)
            break;
    }
    return r->runs + at;
}

static void note_run(struct tk_rules *r, const struct tk_vector *v, struct tk_rule_run *slot, uint32_t hash,
                     struct tk_rule_span span)
{
    *slot = (struct tk_rule_run){hash, span.at, span.len, (uint32_t)((const char *)v - (const char *)r)};
    r->run_count++;
}

bool tk_rules_keep(struct tk_rules_compiler *c, struct tk_vector *v, const void *items, size_t n, size_t item_bytes,
                   struct tk_rule_span *ret_span)
{
    struct tk_rule_run *run;
    uint32_t hash;
    void *dst;

    *ret_span = (struct tk_rule_span){v->count, (uint32_t)n};
    if (!n)
        return true;
    if (!grow_runs(c->r))
        return tk_rules_no_memory(c);
    hash = run_hash(v, c->r, items, n * item_bytes);
    run = find_run(c->r, v, v->count, items, n, item_bytes, hash);
    if (run->vector) {
        ret_span->at = run->at;
        return true;
    }
    dst = tk_vector_push(v, n, item_bytes);
    if (!dst)
        return tk_rules_no_memory(c);
    memcpy(dst, items, n * item_bytes);
    note_run(c->r, v, run, hash, *ret_span);
    return true;
}

bool tk_rules_share(struct tk_rules_compiler *c, struct tk_vector *v, uint32_t first, size_t item_bytes,
                    struct tk_rule_span *ret_span)
{
    const void *items = (const char *)v->items + (size_t)first * item_bytes;
    struct tk_rule_run *run;
    uint32_t hash;

    *ret_span = (struct tk_rule_span){first, v->count - first};
    if (!ret_span->len)
        return true;
    if (!grow_runs(c->r))
        return tk_rules_no_memory(c);
    hash = run_hash(v, c->r, items, ret_span->len * item_bytes);
    run = find_run(c->r, v, first, items, ret_span->len, item_bytes, hash);
    if (!run->vector) {
        note_run(c->r, v, run, hash, *ret_span);
        return true;
    }
    ret_span->at = run->at;
    v->count = first;
    return true;
}

uint32_t tk_rules_word(struct tk_rules_compiler *c, struct tk_vector *words, const char *text, size_t len)
{
    struct tk_rule_span bytes, at;

    if (!tk_rules_keep(c, &c->r->bytes, text, len, 1, &bytes) ||
        !tk_rules_keep(c, words, &bytes, 1, sizeof(bytes), &at))
        return 0;
    return at.at + 1;
}

bool tk_rules_object(struct tk_rules_compiler *c, const struct tk_oid *oid, uint32_t *ret_number)
{
    static const struct tk_oid if_index = {10, {1, 3, 6, 1, 2, 1, 2, 2, 1, 1}};
    struct tk_rules *r = c->r;
    struct tk_rule_known *known;
    struct tk_rule_object o = {
        .is_ifindex = oid->len == if_index.len && memcmp(oid->subid, if_index.subid, oid->len * sizeof(uint32_t)) == 0,
    };
    struct tk_rule_span at;
    size_t matched;

    if (!tk_rules_keep(c, &r->subids, oid->subid, oid->len, sizeof(oid->subid[0]), &o.oid) ||
        !tk_rules_keep(c, &r->objects, &o, 1, sizeof(o), &at))
        return false;
    *ret_number = at.at;
    if (at.at < r->known.count)
        return true;
    known = tk_vector_push(&r->known, 1, sizeof(*known));
    if (!known)
        return tk_rules_no_memory(c);
    known->object = tk_dict_find(r->dict, oid->subid, oid->len, &matched);
    if (matched != oid->len)
        known->object = NULL;
    return true;
}
