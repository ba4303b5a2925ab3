/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file arena.h
 * @brief Memory that lives for one trap: bump allocation, one reset.
 *
 * Owner:  one thread; no locks.
 * Memory: one block that grows to the largest trap seen (bounded by TK_TRAP_MAX_BYTES times a small factor) and is
 *         kept.
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
/** @brief Forget everything handed out; keeps the largest block. @locality any @locks none */
void tk_arena_reset(struct tk_arena *a);
/**
 * @brief @p bytes of uninitialised memory, aligned for anything, valid until the reset.
 * @returns NULL when out of memory
 * @locality any  @locks none
 */
void *tk_arena_alloc(struct tk_arena *a, size_t bytes);

#endif /* TK_ARENA_H */
