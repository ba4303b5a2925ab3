/* SPDX-License-Identifier: Apache-2.0 */
#include "base/arena.h"

#include <stdalign.h>
#include <stdlib.h>

#define FIRST_BLOCK 32768

struct tk_arena_block {
    struct tk_arena_block *next;
    size_t size;
    alignas(max_align_t) char bytes[];
};

void tk_arena_init(struct tk_arena *a)
{
    a->block = NULL;
    a->used = 0;
}

static void free_chain(struct tk_arena_block *block)
{
    while (block) {
        struct tk_arena_block *next = block->next;

        free(block);
        block = next;
    }
}

void tk_arena_done(struct tk_arena *a)
{
    free_chain(a->block);
    tk_arena_init(a);
}

void tk_arena_reset(struct tk_arena *a)
{
    if (a->block && a->block->next) { /* blocks double: the newest is the largest */
        free_chain(a->block->next);
        a->block->next = NULL;
    }
    a->used = 0;
}

void *tk_arena_alloc(struct tk_arena *a, size_t bytes)
{
    size_t need = (bytes + alignof(max_align_t) - 1) & ~(alignof(max_align_t) - 1);
    void *p;

    if (!a->block || a->block->size - a->used < need) {
        size_t size = a->block ? a->block->size * 2 : FIRST_BLOCK;
        struct tk_arena_block *block;

        while (size < need)
            size *= 2;
        block = malloc(sizeof(*block) + size);
        if (!block)
            return NULL;
        block->next = a->block;
        block->size = size;
        a->block = block;
        a->used = 0;
    }
    p = a->block->bytes + a->used;
    a->used += need;
    return p;
}
