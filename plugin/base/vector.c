/* SPDX-License-Identifier: Apache-2.0 */
#include "base/vector.h"

#include <stdlib.h>
#include <string.h>

#include "base/devel.h"

#define FIRST 64

void *tk_vector_reserve(struct tk_vector *v, size_t n, size_t item_bytes)
{
    size_t cap = v->cap ? v->cap : FIRST;
    void *items;

    TK_ASSERT(v->count <= v->cap);
    if (n > UINT32_MAX - v->count)
        return NULL;
    if (v->cap - v->count < n) {
        while (cap - v->count < n)
            cap += cap / 2;
        if (cap > UINT32_MAX)
            cap = UINT32_MAX;
        items = realloc(v->items, cap * item_bytes);
        if (!items)
            return NULL;
        v->items = items;
        v->cap = (uint32_t)cap;
    }
    return (char *)v->items + (size_t)v->count * item_bytes;
}

void *tk_vector_push(struct tk_vector *v, size_t n, size_t item_bytes)
{
    void *first = tk_vector_reserve(v, n, item_bytes);

    if (!first)
        return NULL;
    memset(first, 0, n * item_bytes);
    v->count += (uint32_t)n;
    return first;
}

void tk_vector_trim(struct tk_vector *v, size_t item_bytes)
{
    void *items = v->count ? realloc(v->items, (size_t)v->count * item_bytes) : NULL;

    if (!items) /* the larger block stays */
        return;
    v->items = items;
    v->cap = v->count;
}

void tk_vector_done(struct tk_vector *v)
{
    free(v->items);
    *v = (struct tk_vector){0};
}
