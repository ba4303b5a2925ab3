/* SPDX-License-Identifier: Apache-2.0 */
/* The second half of the builder: turns drafts in any order into one image. */
#include <stdlib.h>

#include "base/devel.h"
#include "dictionary/dictionary_builder.h"
#include "dictionary/dictionary_internal.h"

/* The state of a layout. An "old" number is a draft's, a "new" number is a node's in the dictionary. */
struct layout {
    const struct tk_dict_builder *b;
    const struct tk_dict_draft *drafts;
    uint32_t node_count;
    uint32_t name_count;
    uint32_t bucket_mask;
    uint32_t *old_of_new;
    struct tk_dict_node *nodes;
    struct tk_dict_object *objects;
    uint32_t *buckets, *names;
    struct tk_vector types; /* struct tk_dict_type; equal ones are kept once */
    struct tk_vector lists; /* struct tk_dict_list; the same */
    struct tk_vector refs;  /* struct tk_dict_ref */
    struct tk_dict_set type_set, list_set;
};

struct sibling {
    uint32_t subid;
    uint32_t old_number;
};

static const struct tk_dict_draft *draft_of(const struct layout *l, uint32_t n)
{
    return l->drafts + l->old_of_new[n];
}

/* ---- nodes ---- */

static int compare_siblings(const void *a, const void *b)
{
    uint32_t sa = ((const struct sibling *)a)->subid, sb = ((const struct sibling *)b)->subid;

    return sa < sb ? -1 : sa > sb;
}

/* Facts are usually added in the order of their OIDs; then a chain of siblings, whose newest is first, is in descending
 * order, and reversing it is faster than sorting. @returns how many */
static uint32_t sort_children(const struct layout *l, uint32_t n, struct sibling *s)
{
    uint32_t count = 0;
    bool is_sorted = true;

    for (uint32_t c = draft_of(l, n)->first_child; c; c = l->drafts[c].next_sibling) {
        s[count++] = (struct sibling){l->drafts[c].subid, c};
        if (count > 1 && s[count - 2].subid < s[count - 1].subid)
            is_sorted = false;
    }
    if (!is_sorted) {
        qsort(s, count, sizeof(*s), compare_siblings);
        return count;
    }
    for (uint32_t i = 0; i < count / 2; i++) {
        struct sibling swap = s[i];

        s[i] = s[count - 1 - i];
        s[count - 1 - i] = swap;
    }
    return count;
}

/* Number the nodes breadth first. */
static bool lay_nodes(struct layout *l)
{
    struct sibling *s = malloc(l->node_count * sizeof(*s));
    uint32_t tail = 1;

    if (!s)
        return false;
    for (uint32_t n = 0; n < l->node_count; n++) {
        uint32_t count = sort_children(l, n, s);

        l->nodes[n].children = tail;
        for (uint32_t i = 0; i < count; i++, tail++) {
            l->old_of_new[tail] = s[i].old_number;
            l->nodes[tail].subid = s[i].subid;
            l->objects[tail].parent = n;
        }
    }
    l->nodes[l->node_count].children = tail;
    free(s);
    TK_ASSERT(tail == l->node_count);
    return true;
}

static void lay_kinds(struct layout *l)
{
    for (uint32_t n = 1; n < l->node_count; n++) {
        const struct tk_dict_draft *draft = draft_of(l, n), *above = l->drafts + draft->parent;
        struct tk_dict_object *o = l->objects + n;

        o->name = draft->name;
        o->module = draft->module;
        if (draft->is_notification) {
            o->kind = TK_DICT_NOTIFICATION;
        } else if (draft->is_row && draft->syntax == TK_SYNTAX_NONE) {
            o->kind = TK_DICT_ENTRY;
            if (above->syntax == TK_SYNTAX_NONE && o->parent)
                l->objects[o->parent].kind = TK_DICT_TABLE;
        } else if (draft->syntax != TK_SYNTAX_NONE) {
            o->kind = l->objects[o->parent].kind == TK_DICT_ENTRY ? TK_DICT_COLUMN : TK_DICT_SCALAR;
        }
    }
}

/* Set the flags of the nodes, when the kinds of all are known. */
static void lay_flags(struct layout *l)
{
    for (uint32_t n = 1; n < l->node_count; n++) {
        const struct tk_dict_draft *draft = draft_of(l, n), *above = l->drafts + draft->parent;
        const struct tk_dict_object *o = l->objects + n;
        struct tk_dict_text module = tk_dict_builder_string(l->b,
                                                            ((const uint32_t *)l->b->modules.items)[draft->module]);
        bool is_instance = o->kind == TK_DICT_NODE && above->syntax != TK_SYNTAX_NONE; /* such as sysUpTimeInstance */

        if (o->name && !is_instance)
            l->nodes[n].children |= TK_DICT_NAMED;
        if (o->kind == TK_DICT_NODE || tk_dict_is_superseded(module))
            l->nodes[n].children |= TK_DICT_WEAK;
    }
}

/* ---- names ---- */

static uint32_t *bucket_of(const struct layout *l, uint32_t name)
{
    struct tk_dict_text t = tk_dict_builder_string(l->b, name);

    return l->buckets + (tk_dict_hash(t.text, t.len) & l->bucket_mask);
}

/* Sort the names by bucket: count, add up, and put each at the end of its bucket, backwards, so that in the end a
 * bucket begins where its number says, and the object nearer the root is first. */
static void lay_names(struct layout *l)
{
    for (uint32_t n = 1; n < l->node_count; n++)
        if (l->objects[n].name)
            ++*bucket_of(l, l->objects[n].name);
    for (uint32_t i = 1; i <= l->bucket_mask + 1; i++)
        l->buckets[i] += l->buckets[i - 1];
    l->name_count = l->buckets[l->bucket_mask + 1];
    for (uint32_t n = l->node_count - 1; n; n--)
        if (l->objects[n].name)
            l->names[--*bucket_of(l, l->objects[n].name)] = n;
}

/* The object that a reference names: a row or an object with a syntax, in the module that was named, else in the own.
 * If no module was named, or one that a newer one superseded, any module's will do. @returns 0: there is none */
static uint32_t find_ref(const struct layout *l, const struct tk_dict_draft_ref *ref, uint16_t own_module,
                         bool wants_row)
{
    const uint32_t *bucket = bucket_of(l, ref->name);
    uint16_t module = ref->module ? ref->module : own_module;
    struct tk_dict_text text = tk_dict_builder_string(l->b, ((const uint32_t *)l->b->modules.items)[ref->module]);
    uint32_t best = 0;

    for (uint32_t at = bucket[0]; at < bucket[1]; at++) {
        uint32_t n = l->names[at];
        const struct tk_dict_object *o = l->objects + n;

        if (o->name != ref->name ||
            (wants_row ? o->kind != TK_DICT_ENTRY : o->kind != TK_DICT_SCALAR && o->kind != TK_DICT_COLUMN))
            continue;
        if (o->module == module)
            return n;
        if (!best)
            best = n;
    }
    return !ref->module || tk_dict_is_superseded(text) ? best : 0;
}

/* ---- types ---- */

static uint32_t type_hash(const void *owner, uint32_t number)
{
    const struct layout *l = owner;

    return tk_dict_hash((const struct tk_dict_type *)l->types.items + number, sizeof(struct tk_dict_type));
}

static bool intern_type(struct layout *l, const struct tk_dict_type *type, uint32_t *ret_number)
{
    struct tk_dict_set *set = &l->type_set;
    struct tk_dict_type *t;
    uint32_t at;

    if (tk_dict_set_grow(set, type_hash, l) < 0)
        return false;
    t = l->types.items;
    for (at = tk_dict_hash(type, sizeof(*type)) & set->mask; set->slots[at]; at = (at + 1) & set->mask) {
        if (memcmp(t + set->slots[at], type, sizeof(*type)) == 0) {
            *ret_number = set->slots[at];
            return true;
        }
    }
    t = tk_vector_push(&l->types, 1, sizeof(*t));
    if (!t)
        return false;
    *t = *type;
    set->slots[at] = *ret_number = l->types.count - 1;
    set->count++;
    return true;
}

static bool is_if_index(const struct layout *l, uint32_t n)
{
    static const uint32_t if_index[] = {1, 1, 2, 2, 1, 2, 1, 6, 3, 1}; /* backwards */
    size_t i = 0;

    for (; n && i < sizeof(if_index) / sizeof(if_index[0]) && l->nodes[n].subid == if_index[i]; i++)
        n = l->objects[n].parent;
    return !n && i == sizeof(if_index) / sizeof(if_index[0]);
}

static bool lay_types(struct layout *l)
{
    if (!tk_vector_push(&l->types, 1, sizeof(struct tk_dict_type)))
        return false;
    for (uint32_t n = 1; n < l->node_count; n++) {
        const struct tk_dict_draft *draft = draft_of(l, n);
        struct tk_dict_object *o = l->objects + n;
        struct tk_dict_type type;

        if (o->kind != TK_DICT_SCALAR && o->kind != TK_DICT_COLUMN)
            continue;
        memset(&type, 0, sizeof(type)); /* padding too, because types are compared as bytes */
        type.tc = draft->tc;
        type.hint = draft->hint;
        type.units = draft->units;
        type.enums = draft->enums;
        type.enum_count = draft->enum_count;
        type.fixed_len = draft->fixed_len;
        type.syntax = draft->syntax;
        tk_dict_read_convention(&type, tk_dict_builder_string(l->b, draft->tc),
                                tk_dict_builder_string(l->b, draft->hint));
        if (is_if_index(l, n))
            type.flags |= TK_DICT_IS_IFINDEX;
        if (!intern_type(l, &type, &o->detail))
            return false;
    }
    return true;
}

/* ---- lists ---- */

static uint32_t list_hash(const void *owner, uint32_t number)
{
    const struct layout *l = owner;
    const struct tk_dict_list *list = (const struct tk_dict_list *)l->lists.items + number;

    return tk_dict_hash((const struct tk_dict_ref *)l->refs.items + list->first,
                        list->count * sizeof(struct tk_dict_ref));
}

/* Make a list of the last @p count references, or find the list that is equal. */
static bool intern_list(struct layout *l, uint32_t count, uint32_t *ret_number)
{
    struct tk_dict_set *set = &l->list_set;
    struct tk_dict_list new = {l->refs.count - count, count}, *list;
    const struct tk_dict_ref *refs = l->refs.items;
    uint32_t at;

    if (tk_dict_set_grow(set, list_hash, l) < 0)
        return false;
    at = tk_dict_hash(refs + new.first, count * sizeof(*refs)) & set->mask;
    for (; set->slots[at]; at = (at + 1) & set->mask) {
        list = (struct tk_dict_list *)l->lists.items + set->slots[at];
        if (list->count == count && memcmp(refs + list->first, refs + new.first, count * sizeof(*refs)) == 0) {
            l->refs.count = new.first;
            *ret_number = set->slots[at];
            return true;
        }
    }
    list = tk_vector_push(&l->lists, 1, sizeof(*list));
    if (!list)
        return false;
    *list = new;
    set->slots[at] = *ret_number = l->lists.count - 1;
    set->count++;
    return true;
}

static bool lay_list(struct layout *l, uint32_t n)
{
    const struct tk_dict_draft *draft = draft_of(l, n);
    const struct tk_dict_draft_ref *from;
    struct tk_dict_ref *to;
    const bool is_augments = draft->is_row && draft->is_augment;

    if (!draft->ref_count)
        return true;
    to = tk_vector_push(&l->refs, draft->ref_count, sizeof(*to));
    if (!to)
        return false;
    from = (const struct tk_dict_draft_ref *)l->b->refs.items + draft->refs;
    for (unsigned i = 0; i < draft->ref_count; i++) {
        to[i].name = from[i].name;
        to[i].module = from[i].module;
        to[i].node = find_ref(l, from + i, draft->module, is_augments);
        to[i].flags = from[i].is_implied ? TK_DICT_IS_IMPLIED : 0;
        if (is_augments)
            to[i].flags = TK_DICT_IS_AUGMENTS;
    }
    return intern_list(l, draft->ref_count, &l->objects[n].detail);
}

static bool lay_lists(struct layout *l)
{
    if (!tk_vector_push(&l->lists, 1, sizeof(struct tk_dict_list)))
        return false;
    for (uint32_t n = 1; n < l->node_count; n++)
        if ((l->objects[n].kind == TK_DICT_ENTRY || l->objects[n].kind == TK_DICT_NOTIFICATION) && !lay_list(l, n))
            return false;
    return true;
}

/* ---- the image ---- */

static struct tk_dict_layer *lay_image(const struct layout *l)
{
    const uint32_t count[TK_DICT_PARTS_] = {
        [TK_DICT_NODES] = l->node_count + 1,     [TK_DICT_OBJECTS] = l->node_count,
        [TK_DICT_TYPES] = l->types.count,        [TK_DICT_LISTS] = l->lists.count,
        [TK_DICT_REFS] = l->refs.count,          [TK_DICT_ENUMS] = l->b->enums.count,
        [TK_DICT_MODULES] = l->b->modules.count, [TK_DICT_BUCKETS] = l->bucket_mask + 2,
        [TK_DICT_NAMES] = l->name_count,         [TK_DICT_STRINGS] = l->b->strings.count,
    };
    const void *const parts[TK_DICT_PARTS_] = {
        [TK_DICT_NODES] = l->nodes,       [TK_DICT_OBJECTS] = l->objects,
        [TK_DICT_TYPES] = l->types.items, [TK_DICT_LISTS] = l->lists.items,
        [TK_DICT_REFS] = l->refs.items,   [TK_DICT_ENUMS] = l->b->enums.items,
        [TK_DICT_BUCKETS] = l->buckets,   [TK_DICT_MODULES] = l->b->modules.items,
        [TK_DICT_NAMES] = l->names,       [TK_DICT_STRINGS] = l->b->strings.items,
    };
    char *image = malloc(tk_dict_image_bytes(count));
    struct tk_dict_layer *layer = image ? tk_dict_layer_new(image, count, NULL) : NULL;

    if (!layer) {
        free(image);
        return NULL;
    }
    layer->memory = image;
    for (enum tk_dict_part part = 0; part < TK_DICT_PARTS_; part++) {
        size_t at = tk_dict_image_offset(count, part);

        if (count[part])
            memcpy(image + at, parts[part], tk_dict_image_offset(count, part + 1) - at);
    }
    return layer;
}

struct tk_dict *tk_dict_layout(struct tk_dict_builder *b)
{
    struct layout l = {.b = b, .drafts = b->drafts.items, .node_count = b->drafts.count, .bucket_mask = 63};
    struct tk_dict_layer *layer = NULL;

    while (l.bucket_mask < l.node_count / 2)
        l.bucket_mask = l.bucket_mask * 2 + 1;
    l.old_of_new = calloc(l.node_count, sizeof(*l.old_of_new));
    l.nodes = calloc((size_t)l.node_count + 1, sizeof(*l.nodes));
    l.objects = calloc(l.node_count, sizeof(*l.objects));
    l.buckets = calloc((size_t)l.bucket_mask + 2, sizeof(*l.buckets));
    l.names = calloc(l.node_count, sizeof(*l.names));
    if (l.old_of_new && l.nodes && l.objects && l.buckets && l.names && lay_nodes(&l)) {
        lay_kinds(&l);
        lay_flags(&l);
        lay_names(&l);
        if (lay_types(&l) && lay_lists(&l))
            layer = lay_image(&l);
    }
    free(l.old_of_new);
    free(l.nodes);
    free(l.objects);
    free(l.buckets);
    free(l.names);
    tk_vector_done(&l.types);
    tk_vector_done(&l.lists);
    tk_vector_done(&l.refs);
    free(l.type_set.slots);
    free(l.list_set.slots);
    return layer ? tk_dict_of_layer(layer) : NULL;
}
