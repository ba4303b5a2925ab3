/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file refusal_box.h
 * @brief Hand reports about refused packets from snmptrapd's thread to the worker: a bounded queue.
 *
 * It is not in the ring, because such a report must not take a trap's room, block the tail, or enter the books. While
 * the box is full, refusal/refusal_table.h adds up what is refused, so counts stay right and only detail is lost.
 *
 * Threads: snmptrapd's thread puts; the worker reads and removes. No lock.
 * Memory:  fixed: TK_REFUSAL_PLACES records of about 1,100 bytes.
 */
#ifndef TK_REFUSAL_BOX_H
#define TK_REFUSAL_BOX_H

#include <stdbool.h>
#include <stdint.h>

#include "base/clock.h"
#include "refusal/refusal.h"

#define TK_REFUSAL_PLACES 64

struct tk_refusal_report {
    uint64_t number;           /* counts reports since the process started, from 1 */
    uint64_t count;            /* packets since the previous report of the same kind */
    tk_nsec first, last;       /* when the first and the last of them came, wall clock */
    bool is_merged;            /* they have different users or engines; the refusal has the last one's */
    struct tk_refusal refusal; /* of the last packet */
    char detail[TK_DETAIL_BYTES], remedy[TK_REMEDY_BYTES]; /* ASCII, without control characters */
};

struct tk_refusal_box;

/** @brief Make an empty box. @returns NULL if out of memory @locality any @locks none */
struct tk_refusal_box *tk_refusal_box_new(void);
/** @brief Free the box; both threads have stopped. NULL is a no-op. @locality any @locks none */
void tk_refusal_box_free(struct tk_refusal_box *box);
/** @brief Copy @p report into the box. @returns false if the box is full @locality snmptrapd @locks none */
bool tk_refusal_box_put(struct tk_refusal_box *box, const struct tk_refusal_report *report);
/** @brief The oldest report, borrowed until tk_refusal_box_took(). @returns NULL: none @locality worker @locks none */
const struct tk_refusal_report *tk_refusal_box_oldest(const struct tk_refusal_box *box);
/** @brief Remove the oldest report, which there must be. @locality worker @locks none */
void tk_refusal_box_took(struct tk_refusal_box *box);

#endif /* TK_REFUSAL_BOX_H */
