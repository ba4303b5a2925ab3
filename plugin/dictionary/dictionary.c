/* SPDX-License-Identifier: Apache-2.0 */
/* The stack of layers, and how an object is found in it: by OID and by name. */
#include "dictionary/dictionary.h"

#include <stdlib.h>

#include "base/devel.h"
#include "base/hash.h"
#include "dictionary/dictionary_internal.h"

#define MAX_BUCKET 4096 /* names of one hash; more are in a damaged file only, and would take their time */

static void find_starts(struct tk_dict_layer *l);

/* ---- the stack ---- */

static uint32_t module_slot(const struct tk_dict *d, const char *name, size_t len)
{
    uint32_t at = (uint32_t)tk_hash64(name, len, d->module_seed) & d->module_mask;

    while (d->module_slots[at]) {
        struct tk_dict_text t = d->module_names[d->module_slots[at]];

        if (t.len == len && memcmp(t.text, name, len) == 0)
            break;
        at = (at + 1) & d->module_mask;
    }
    return at;
}

uint32_t tk_dict_find_module(const struct tk_dict *d, const char *name, size_t len)
{
    return len ? d->module_slots[module_slot(d, name, len)] : 0;
}

static void number_modules(struct tk_dict *d, const struct tk_dict_layer *l, uint32_t *numbers)
{
    for (uint32_t m = 1; m < l->count[TK_DICT_MODULES]; m++) {
        struct tk_dict_text name = tk_dict_string(l, TK_DICT_LOAD(l->modules[m]));
        uint32_t at = module_slot(d, name.text, name.len);

        if (!name.len)
            continue;
        if (!d->module_slots[at]) {
            d->module_slots[at] = ++d->module_count;
            d->module_names[d->module_count] = name;
        }
        numbers[m] = d->module_slots[at];
    }
}

static bool add_modules(struct tk_dict *d)
{
    uint32_t total = 0;

    for (unsigned i = 0; i < d->layer_count; i++)
        total += d->stack[i].layer->count[TK_DICT_MODULES];
    d->module_seed = tk_random_seed(); /* so that no file can be made whose names all have one hash */
    d->module_mask = 63;
    while (d->module_mask < total * 2)
        d->module_mask = d->module_mask * 2 + 1;
    d->module_slots = calloc((size_t)d->module_mask + 1, sizeof(*d->module_slots));
    d->module_names = calloc((size_t)total + 1, sizeof(*d->module_names));
    if (!d->module_slots || !d->module_names)
        return false;
    for (unsigned i = 0; i < d->layer_count; i++) {
        const struct tk_dict_layer *l = d->stack[i].layer;

        d->stack[i].module_numbers = calloc((size_t)l->count[TK_DICT_MODULES] + 1, sizeof(uint32_t));
        if (!d->stack[i].module_numbers)
            return false;
        number_modules(d, l, d->stack[i].module_numbers);
    }
    return true;
}

static bool add_layer(struct tk_dict *d, struct tk_dict_layer *l)
{
    uint32_t first = tk_dict_count(d);

    if (d->layer_count == TK_DICT_MAX_LAYERS)
        return false;
    d->stack[d->layer_count].first_number = first;
    d->stack[d->layer_count++].layer = l;
    return true;
}

struct tk_dict *tk_dict_of_layer(struct tk_dict_layer *layer)
{
    struct tk_dict *d = layer ? calloc(1, sizeof(*d)) : NULL;

    if (!d) {
        tk_dict_layer_unref(layer);
        return NULL;
    }
    find_starts(layer);
    (void)add_layer(d, layer); /* there is room for the first */
    if (add_modules(d))
        return d;
    tk_dict_free(d);
    return NULL;
}

struct tk_dict *tk_dict_join(struct tk_dict *const *parts, size_t count)
{
    struct tk_dict *d = calloc(1, sizeof(*d));
    bool is_good = d != NULL;

    for (size_t i = 0; i < count && is_good; i++) {
        for (unsigned k = 0; parts[i] && k < parts[i]->layer_count && is_good; k++) {
            struct tk_dict_layer *l = tk_dict_layer_ref(parts[i]->stack[k].layer);

            is_good = add_layer(d, l);
            TK_ASSERT(is_good); /* the number of files is bounded */
            if (!is_good)
                tk_dict_layer_unref(l);
        }
    }
    if (is_good && add_modules(d))
        return d;
    tk_dict_free(d);
    return NULL;
}

void tk_dict_free(struct tk_dict *d)
{
    if (!d)
        return;
    for (unsigned i = 0; i < d->layer_count; i++) {
        tk_dict_layer_unref(d->stack[i].layer);
        free(d->stack[i].module_numbers);
    }
    free(d->module_slots);
    free(d->module_names);
    free(d);
}

size_t tk_dict_bytes(const struct tk_dict *d)
{
    size_t bytes = 0;

    for (unsigned i = 0; i < d->layer_count; i++)
        bytes += d->stack[i].layer->bytes;
    return bytes;
}

uint32_t tk_dict_count(const struct tk_dict *d)
{
    unsigned last = d->layer_count;

    return last-- ? d->stack[last].first_number + d->stack[last].layer->node_count : 0;
}

uint32_t tk_dict_number(const struct tk_dict *d, const struct tk_dict_object *o)
{
    unsigned at;
    const struct tk_dict_layer *l = tk_dict_layer_of(d, o, &at);

    TK_ASSERT(l);
    return l ? d->stack[at].first_number + (uint32_t)(o - l->objects) : 0;
}

const struct tk_dict_object *tk_dict_next(const struct tk_dict *d, const struct tk_dict_object *o)
{
    unsigned at = 0;
    const struct tk_dict_layer *l = o ? tk_dict_layer_of(d, o, &at) : NULL;
    uint32_t n = l ? (uint32_t)(o - l->objects) + 1 : 1;

    for (; at < d->layer_count; at++, n = 1) {
        l = d->stack[at].layer;
        for (; n < l->node_count; n++)
            if (TK_DICT_LOAD(l->objects[n].name))
                return l->objects + n;
    }
    return NULL;
}

/* ---- by OID ---- */

/* The children of a node, as a range of numbers that can be used. */
static inline uint32_t children_of(const struct tk_dict_layer *l, uint32_t n, uint32_t *ret_count)
{
    uint32_t first = TK_DICT_LOAD(l->nodes[n].children) & TK_DICT_NUMBERS;
    uint32_t end = TK_DICT_LOAD(l->nodes[n + 1].children) & TK_DICT_NUMBERS;

    *ret_count = first < end && end <= l->node_count ? end - first : 0;
    return first;
}

/* A binary search, but first look where the child is if no sub-identifier before it is missing, which is the usual
 * case. Children are sorted and distinct, so the child can't be after that place. @returns 0: there is no such child */
static inline uint32_t find_child(const struct tk_dict_layer *l, uint32_t n, uint32_t subid)
{
    uint32_t count, first = children_of(l, n, &count), low = 0, high = count, least;

    if (!count)
        return 0;
    least = TK_DICT_LOAD(l->nodes[first].subid);
    if (subid < least)
        return 0;
    if (subid - least < count) {
        high = subid - least;
        if (TK_DICT_LOAD(l->nodes[first + high].subid) == subid)
            return first + high;
    }
    while (low < high) {
        uint32_t mid = low + (high - low) / 2;

        if (TK_DICT_LOAD(l->nodes[first + mid].subid) < subid)
            low = mid + 1;
        else
            high = mid;
    }
    return low < count && TK_DICT_LOAD(l->nodes[first + low].subid) == subid ? first + low : 0;
}

/* Go down from what the OID's first @p i arcs have. */
static inline struct tk_dict_match go_down(const struct tk_dict_layer *l, struct tk_dict_match m, const uint32_t *subid,
                                           size_t i, size_t len)
{
    for (; i < len && (m.at || !i); i++) {
        uint32_t flags;

        m.at = find_child(l, m.at, subid[i]);
        if (!m.at)
            break;
        flags = TK_DICT_LOAD(l->nodes[m.at].children);
        if (flags & TK_DICT_NAMED) {
            m.node = m.at;
            m.flags = flags;
            m.matched = (uint32_t)i + 1;
        }
    }
    return m;
}

static const uint32_t starts[TK_DICT_STARTS][TK_DICT_START_ARCS] = {{1, 3, 6, 1, 2, 1}, {1, 3, 6, 1, 4, 1}};

static void find_starts(struct tk_dict_layer *l)
{
    for (int i = 0; i < TK_DICT_STARTS; i++)
        l->start[i] = go_down(l, (struct tk_dict_match){0}, starts[i], 0, TK_DICT_START_ARCS);
}

static inline struct tk_dict_match find_in_layer(const struct tk_dict_layer *l, const uint32_t *subid, size_t len)
{
    static const struct tk_dict_match nothing;

    if (tk_dict_layer_is_lost(l))
        return nothing;
    for (int i = 0; i < TK_DICT_STARTS; i++)
        if (len > TK_DICT_START_ARCS && memcmp(subid, starts[i], sizeof(starts[i])) == 0)
            return go_down(l, l->start[i], subid, TK_DICT_START_ARCS, len);
    return go_down(l, nothing, subid, 0, len);
}

static inline bool has_instances(const struct tk_dict_object *o)
{
    uint8_t kind = TK_DICT_LOAD(o->kind);

    return kind == TK_DICT_SCALAR || kind == TK_DICT_COLUMN;
}

const struct tk_dict_object *tk_dict_find(const struct tk_dict *d, const uint32_t *subid, size_t len,
                                          size_t *ret_matched)
{
    const struct tk_dict_object *best = NULL;
    size_t matched = 0;
    bool is_weak = false;

    for (unsigned i = 0; i < d->layer_count; i++) {
        const struct tk_dict_layer *l = d->stack[i].layer;
        struct tk_dict_match m = find_in_layer(l, subid, len);
        bool is_new_weak = m.flags & TK_DICT_WEAK;

        if (!m.node || m.matched < matched || (m.matched == matched && (is_new_weak || !is_weak)))
            continue;
        best = l->objects + m.node;
        matched = m.matched;
        is_weak = is_new_weak;
        if (!is_weak && (matched == len || has_instances(best)))
            break;
    }
    *ret_matched = matched;
    return best;
}

const struct tk_dict_object *tk_dict_resolve(const struct tk_dict *d, const uint32_t *subid, size_t len,
                                             size_t *ret_matched)
{
    const struct tk_dict_object *o = tk_dict_find(d, subid, len, ret_matched);

    return o && (*ret_matched == len || has_instances(o)) ? o : NULL;
}

const struct tk_dict_object *tk_dict_find_sibling(const struct tk_dict *d, const struct tk_dict_object *o,
                                                  const uint32_t *subid, size_t len)
{
    unsigned at;
    const struct tk_dict_layer *l = tk_dict_layer_of(d, o, &at);
    uint32_t parent, n, count, flags;

    if (!l || !len)
        return NULL;
    for (unsigned i = 0; i < at; i++)
        if (find_in_layer(d->stack[i].layer, subid, len).matched == len)
            return NULL;
    parent = TK_DICT_LOAD(o->parent);
    n = parent < l->node_count ? find_child(l, parent, subid[len - 1]) : 0;
    if (!n)
        return NULL;
    flags = TK_DICT_LOAD(l->nodes[n].children);
    (void)children_of(l, n, &count);
    if (!(flags & TK_DICT_NAMED) || ((flags & TK_DICT_WEAK) && at + 1 < d->layer_count))
        return NULL;
    return count ? NULL : l->objects + n;
}

/* @returns the node above; 0: @p n is a root, or the image is damaged: a parent has a lower number than its children */
static inline uint32_t parent_of(const struct tk_dict_layer *l, uint32_t n)
{
    uint32_t parent = TK_DICT_LOAD(l->objects[n].parent);

    return parent < n ? parent : 0;
}

void tk_dict_oid(const struct tk_dict *d, const struct tk_dict_object *o, struct tk_oid *ret_oid)
{
    unsigned at;
    const struct tk_dict_layer *l = tk_dict_layer_of(d, o, &at);
    uint32_t n = l ? (uint32_t)(o - l->objects) : 0;
    size_t depth = 0, free_at = TK_OID_MAX_SUBIDS;

    TK_ASSERT(l);
    for (; n && free_at; n = parent_of(l, n), depth++)
        ret_oid->subid[--free_at] = TK_DICT_LOAD(l->nodes[n].subid);
    memmove(ret_oid->subid, ret_oid->subid + free_at, depth * sizeof(ret_oid->subid[0]));
    ret_oid->len = depth;
}

bool tk_dict_is_same(const struct tk_dict *d, const struct tk_dict_object *a, const struct tk_dict_object *b)
{
    unsigned at_a, at_b;
    const struct tk_dict_layer *la, *lb;
    uint32_t na, nb;

    if (a == b || !a || !b)
        return a == b;
    la = tk_dict_layer_of(d, a, &at_a);
    lb = tk_dict_layer_of(d, b, &at_b);
    if (!la || !lb || la == lb)
        return false; /* a layer has an OID once */
    na = (uint32_t)(a - la->objects);
    nb = (uint32_t)(b - lb->objects);
    for (; na && nb; na = parent_of(la, na), nb = parent_of(lb, nb))
        if (TK_DICT_LOAD(la->nodes[na].subid) != TK_DICT_LOAD(lb->nodes[nb].subid))
            return false;
    return na == nb;
}

const struct tk_dict_object *tk_dict_parent(const struct tk_dict *d, const struct tk_dict_object *o)
{
    unsigned at;
    const struct tk_dict_layer *l = tk_dict_layer_of(d, o, &at);
    uint32_t parent = l ? parent_of(l, (uint32_t)(o - l->objects)) : 0;

    return parent ? l->objects + parent : NULL;
}

const struct tk_dict_object *tk_dict_sibling_before(const struct tk_dict *d, const struct tk_dict_object *o)
{
    unsigned at;
    const struct tk_dict_layer *l = tk_dict_layer_of(d, o, &at);
    uint32_t n = l ? (uint32_t)(o - l->objects) : 0;

    return n > 1 && TK_DICT_LOAD(l->objects[n - 1].parent) == TK_DICT_LOAD(o->parent) ? o - 1 : NULL;
}

/* ---- by name ---- */

static bool text_is(struct tk_dict_text t, struct tk_dict_text other)
{
    return t.len == other.len && memcmp(t.text, other.text, t.len) == 0;
}

/* Find the objects of a name in one layer, at most two; without a text, the module may be any. @returns how many */
static unsigned find_name_in_layer(const struct tk_dict_layer *l, struct tk_dict_text module, struct tk_dict_text name,
                                   const struct tk_dict_object *ret[2])
{
    uint32_t bucket = tk_dict_hash(name.text, name.len) & l->bucket_mask;
    uint32_t at = TK_DICT_LOAD(l->buckets[bucket]), end = TK_DICT_LOAD(l->buckets[bucket + 1]);
    unsigned found = 0;

    if (end > l->count[TK_DICT_NAMES] || tk_dict_layer_is_lost(l))
        return 0;
    if (end > at && end - at > MAX_BUCKET)
        end = at + MAX_BUCKET;
    for (; at < end && found < 2; at++) {
        uint32_t n = TK_DICT_LOAD(l->names[at]);
        const struct tk_dict_object *o = l->objects + n;
        uint16_t m;

        if (n >= l->node_count || !text_is(tk_dict_string(l, TK_DICT_LOAD(o->name)), name))
            continue;
        m = TK_DICT_LOAD(o->module);
        if (module.text &&
            (m >= l->count[TK_DICT_MODULES] || !text_is(tk_dict_string(l, TK_DICT_LOAD(l->modules[m])), module)))
            continue;
        ret[found++] = o;
    }
    return found;
}

const struct tk_dict_object *tk_dict_find_name(const struct tk_dict *d, const char *name, size_t len,
                                               const struct tk_dict_object **ret_other)
{
    const char *colons = memmem(name, len, "::", 2);
    struct tk_dict_text module = {colons ? name : NULL, colons ? (size_t)(colons - name) : 0}, bare = {name, len};
    const struct tk_dict_object *found[2];

    if (colons)
        bare = (struct tk_dict_text){colons + 2, len - module.len - 2};
    if (ret_other)
        *ret_other = NULL;
    for (unsigned i = 0; i < d->layer_count; i++) {
        unsigned count = find_name_in_layer(d->stack[i].layer, module, bare, found);

        if (count == 2 && ret_other)
            *ret_other = found[1];
        if (count)
            return found[0];
    }
    return NULL;
}

const struct tk_dict_object *tk_dict_find_member(const struct tk_dict *d, struct tk_dict_text module,
                                                 struct tk_dict_text name)
{
    const struct tk_dict_object *found[2];

    for (unsigned i = 0; i < d->layer_count; i++) {
        unsigned count = find_name_in_layer(d->stack[i].layer, module, name, found);

        for (unsigned k = 0; k < count; k++)
            if (TK_DICT_LOAD(found[k]->kind) != TK_DICT_NODE)
                return found[k];
    }
    return NULL;
}
