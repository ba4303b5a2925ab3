/* SPDX-License-Identifier: Apache-2.0 */
/** @file queue_view.h
 *  @brief What waits in the file of a queue: how full it is, since when, and of whom. The file is not changed. */
#ifndef TK_QUEUE_VIEW_H
#define TK_QUEUE_VIEW_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "queue/ring_peek.h"
#include "watch/top_counts.h"

#define TK_QUEUE_VIEW_RECORDS 10000 /* that are looked at, the oldest ones */

struct tk_queue_view {
    struct tk_peek_facts facts;
    tk_nsec oldest;               /* wall clock: when the oldest was received; 0: none waits */
    uint64_t looked_at, damaged;  /* records */
    struct tk_top_counts senders; /* of those looked at, by address */
};

/** @brief Look at the file. @retval 0 / -EINVAL with @p err set
 *  @locality any @locks the file's, shared, for an instant */
int tk_queue_view_read(struct tk_queue_view *ret, const char *path, struct tk_err *err);

#endif /* TK_QUEUE_VIEW_H */
