/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file waiters.h
 * @brief INFORMs that were suppressed as repeats, each waiting for the fate of the event that passed.
 *
 * The caller keeps one number a list (0: empty); an entry of delivery/window.h has it.
 *
 * Owner:  the worker. No locks.
 * Memory: TK_REPLY_PLACES of 16 bytes, allocated when the first one waits. At the bound one more is not remembered:
 *         it gets no answer, so its sender tries again.
 */
#ifndef TK_WAITERS_H
#define TK_WAITERS_H

#include <stdbool.h>
#include <stdint.h>

struct tk_waiters {
    struct tk_waiter *pool; /* number n stands at n - 1 */
    uint32_t used;          /* of the pool, ever */
    uint32_t freed;         /* the first of those that were given back; 0: none */
};

/** @brief Empty; tk_waiters_done() frees. @locality any @locks none */
void tk_waiters_init(struct tk_waiters *ws);
void tk_waiters_done(struct tk_waiters *ws);

/** @brief Put one into @p list. @returns false at the bound, or when out of memory @locality worker @locks none */
bool tk_waiters_add(struct tk_waiters *ws, uint32_t *list, uint32_t reply, uint64_t seq);

/** @brief Take one out of @p list, the newest first. @returns false when it is empty @locality worker @locks none */
bool tk_waiters_take(struct tk_waiters *ws, uint32_t *list, uint32_t *ret_reply, uint64_t *ret_seq);

#endif /* TK_WAITERS_H */
