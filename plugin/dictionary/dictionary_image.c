/* SPDX-License-Identifier: Apache-2.0 */
/* The image of a layer: where its parts are. */
#include <stdlib.h>

#include "dictionary/dictionary_internal.h"

static const size_t item_bytes[TK_DICT_PARTS_] = {
    [TK_DICT_NODES] = sizeof(struct tk_dict_node),
    [TK_DICT_OBJECTS] = sizeof(struct tk_dict_object),
    [TK_DICT_TYPES] = sizeof(struct tk_dict_type),
    [TK_DICT_LISTS] = sizeof(struct tk_dict_list),
    [TK_DICT_REFS] = sizeof(struct tk_dict_ref),
    [TK_DICT_ENUMS] = sizeof(struct tk_dict_item),
    [TK_DICT_MODULES] = sizeof(uint32_t),
    [TK_DICT_BUCKETS] = sizeof(uint32_t),
    [TK_DICT_NAMES] = sizeof(uint32_t),
    [TK_DICT_STRINGS] = 1,
};

size_t tk_dict_image_offset(const uint32_t count[TK_DICT_PARTS_], enum tk_dict_part part)
{
    size_t at = 0;

    for (int i = 0; i < (int)part; i++)
        at += count[i] * item_bytes[i];
    return at;
}

size_t tk_dict_image_bytes(const uint32_t count[TK_DICT_PARTS_])
{
    return tk_dict_image_offset(count, TK_DICT_PARTS_);
}

struct tk_dict_layer *tk_dict_layer_new(const void *image, const uint32_t count[TK_DICT_PARTS_],
                                        struct tk_dict_mapping *mapping)
{
    struct tk_dict_layer *l = calloc(1, sizeof(*l));
    const char *at = image;

    if (!l) {
        tk_dict_mapping_free(mapping);
        return NULL;
    }
    atomic_init(&l->refs, 1);
    l->image = image;
    l->mapping = mapping;
    l->bytes = tk_dict_image_bytes(count);
    memcpy(l->count, count, sizeof(l->count));
    l->node_count = count[TK_DICT_OBJECTS];
    l->bucket_mask = count[TK_DICT_BUCKETS] - 2;
    l->nodes = (const void *)(at + tk_dict_image_offset(count, TK_DICT_NODES));
    l->objects = (const void *)(at + tk_dict_image_offset(count, TK_DICT_OBJECTS));
    l->types = (const void *)(at + tk_dict_image_offset(count, TK_DICT_TYPES));
    l->lists = (const void *)(at + tk_dict_image_offset(count, TK_DICT_LISTS));
    l->refs_of_lists = (const void *)(at + tk_dict_image_offset(count, TK_DICT_REFS));
    l->enums = (const void *)(at + tk_dict_image_offset(count, TK_DICT_ENUMS));
    l->modules = (const void *)(at + tk_dict_image_offset(count, TK_DICT_MODULES));
    l->buckets = (const void *)(at + tk_dict_image_offset(count, TK_DICT_BUCKETS));
    l->names = (const void *)(at + tk_dict_image_offset(count, TK_DICT_NAMES));
    l->strings = at + tk_dict_image_offset(count, TK_DICT_STRINGS);
    return l;
}

struct tk_dict_layer *tk_dict_layer_ref(struct tk_dict_layer *l)
{
    atomic_fetch_add_explicit(&l->refs, 1, memory_order_relaxed);
    return l;
}

void tk_dict_layer_unref(struct tk_dict_layer *l)
{
    if (!l || atomic_fetch_sub_explicit(&l->refs, 1, memory_order_acq_rel) != 1)
        return;
    free(l->memory);
    tk_dict_mapping_free(l->mapping);
    free(l);
}
