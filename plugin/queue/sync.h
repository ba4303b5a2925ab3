/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file sync.h
 * @brief A thread that writes a queue's file to the disk every kafkaQueueSync milliseconds, so that a loss of power
 *        costs at most the records of that time.
 *
 * Each period it writes the pages of new records, then the header; never the whole mapping. It counts an error as a
 * fault of the ring. The thread blocks all signals except those of its own faults.
 *
 * Threads: its own; it reads the ring's head and nothing else of it.
 */
#ifndef TK_SYNC_H
#define TK_SYNC_H

#include "queue/ring.h"

struct tk_sync;

/**
 * @brief Start the thread.
 * @param q          a ring in a file; it must outlive the thread
 * @param period_ms  10 to 60000
 * @returns NULL with errno (EINVAL: a ring in memory)
 * @locality snmptrapd  @locks none
 */
struct tk_sync *tk_sync_start(struct tk_ring *q, unsigned period_ms);

/** @brief Change the period, with a round at once unless it was 0. 0: no rounds. @locality snmptrapd
 *  @locks sync->mutex for an instant */
void tk_sync_set_period(struct tk_sync *s, unsigned period_ms);

/** @brief How many rounds have ended. @locality any @locks none */
uint64_t tk_sync_rounds(const struct tk_sync *s);

/** @brief End the thread, after a last round unless the period is 0; NULL is a no-op. @returns false when the thread
 *         does not end in 5 s because the disk hangs: then the ring must not be freed. @locality snmptrapd
 *  @locks sync->mutex for an instant */
bool tk_sync_stop(struct tk_sync *s);

#endif /* TK_SYNC_H */
