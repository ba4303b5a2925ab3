/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file arena.h
 * @brief Memory for one trap: a bump allocator, reset as a whole before the next trap.
 *
 * Owner:  one thread; no locks.
 * Memory: one block, kept between traps. It grows to what the largest trap so far needed: at most a small multiple of
 *         TK_TRAP_MAX_BYTES.
 */
#ifndef TK_ARENA_H
#define TK_ARENA_H

#include <stddef.h>

struct tk_arena_block;

struct tk_arena {
    struct tk_arena_block *block; /* newest first; all but one are freed at reset */
    size_t used;                  /* bytes taken from the newest block */
};

/** @brief Start empty; allocates at the first use. @locality any @locks none */
void tk_arena_init(struct tk_arena *a);
/** @brief Free everything. @locality any @locks none */
void tk_arena_done(struct tk_arena *a);
/** @brief Take back all allocations at once; keeps the largest block. @locality any @locks none */
void tk_arena_reset(struct tk_arena *a);
/**
 * @brief Allocate @p bytes, uninitialised, aligned for any type, valid until the next reset.
 * @returns NULL when out of memory
 * @locality any  @locks none
 */
void *tk_arena_alloc(struct tk_arena *a, size_t bytes);

#endif /* TK_ARENA_H */
