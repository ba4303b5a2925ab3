/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file refusal_box.h
 * @brief Records of refused packets on their way from snmptrapd's thread to the worker: a box of few places.
 *
 * Beside the ring, not in it: such a record must not take a trap's room, nor hold up the tail, nor enter the books.
 * When the box is full its sender keeps on adding up (refusal/refusal_table.h), so that nothing is lost but detail.
 *
 * Threads: snmptrapd's puts; the worker looks and takes. No lock.
 * Memory:  fixed: TK_REFUSAL_PLACES records of about 800 bytes.
 */
#ifndef TK_REFUSAL_BOX_H
#define TK_REFUSAL_BOX_H

#include <stdbool.h>
#include <stdint.h>

#include "base/clock.h"
#include "refusal/refusal.h"

#define TK_REFUSAL_PLACES 64

struct tk_refusal_report {
    uint64_t number;               /* from 1 in this life */
    uint64_t count;                /* packets since the last record of the same */
    tk_nsec first, last;           /* of those, wall clock */
    bool is_merged;                /* several users and engines, of which the refusal has the last */
    struct tk_refusal refusal;     /* the last one */
    char detail[256], remedy[384]; /* ASCII, without control characters */
};

struct tk_refusal_box;

/** @returns NULL when out of memory @locality any @locks none */
struct tk_refusal_box *tk_refusal_box_new(void);
/** NULL is a no-op; both threads have stopped. @locality any @locks none */
void tk_refusal_box_free(struct tk_refusal_box *box);
/** @brief Copy @p report in. @returns false when the box is full @locality snmptrapd @locks none */
bool tk_refusal_box_put(struct tk_refusal_box *box, const struct tk_refusal_report *report);
/** @returns the oldest, borrowed until tk_refusal_box_took(); NULL: none @locality worker @locks none */
const struct tk_refusal_report *tk_refusal_box_oldest(const struct tk_refusal_box *box);
/** @brief The oldest was published. @locality worker @locks none */
void tk_refusal_box_took(struct tk_refusal_box *box);

#endif /* TK_REFUSAL_BOX_H */
