/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file inform_repeats.h
 * @brief INFORMs that dedup suppressed as repeats: each is told what becomes of the event that passed.
 *
 * The caller keeps one number a list (0: empty); an entry of delivery/window.h has it.
 *
 * Owner:  the worker. No locks.
 * Memory: TK_REPLY_PLACES of 16 bytes, allocated when the first one waits. At the bound one more is not kept:
 *         it gets no answer, so its sender retransmits it.
 */
#ifndef TK_INFORM_REPEATS_H
#define TK_INFORM_REPEATS_H

#include <stdbool.h>
#include <stdint.h>

struct tk_inform_repeats {
    struct tk_inform_repeat *pool; /* number n stands at n - 1 */
    uint32_t used;                 /* of the pool, ever */
    uint32_t freed;                /* the first of those that were given back; 0: none */
};

/** @brief Empty; tk_inform_repeats_done() frees. @locality any @locks none */
void tk_inform_repeats_init(struct tk_inform_repeats *ws);
void tk_inform_repeats_done(struct tk_inform_repeats *ws);

/** @brief Put one into @p list. @returns false at the bound, or when out of memory @locality worker @locks none */
bool tk_inform_repeats_add(struct tk_inform_repeats *ws, uint32_t *list, uint32_t reply, uint64_t seq);

/** @brief Take one out of @p list, the newest first. @returns false when it is empty @locality worker @locks none */
bool tk_inform_repeats_take(struct tk_inform_repeats *ws, uint32_t *list, uint32_t *ret_reply, uint64_t *ret_seq);

#endif /* TK_INFORM_REPEATS_H */
