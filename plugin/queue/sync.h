/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file sync.h
 * @brief A thread that writes a queue's file through to the disk, so that a loss of power costs a known time.
 *
 * Each period: the pages that were written since the last time, then the header; never the whole mapping. An error
 * is counted as a fault of the ring. The thread blocks all signals but those that a fault of its own raises.
 *
 * Threads: its own; it reads the ring's head and nothing else of it.
 */
#ifndef TK_SYNC_H
#define TK_SYNC_H

#include "queue/ring.h"

struct tk_sync;

/**
 * @brief Start the thread.
 * @param q          a ring in a file; it outlives the thread
 * @param period_ms  10 to 60000
 * @returns NULL with errno (EINVAL: a ring in memory)
 * @locality snmptrapd  @locks none
 */
struct tk_sync *tk_sync_start(struct tk_ring *q, unsigned period_ms);

/** @brief Another period, which begins with a round; 0: none until it is set again. @locality snmptrapd
 *  @locks sync->mutex for an instant */
void tk_sync_set_period(struct tk_sync *s, unsigned period_ms);

/** @brief Rounds that ended so far. @locality any @locks none */
uint64_t tk_sync_rounds(const struct tk_sync *s);

/** @brief End the thread after a last round; NULL is a no-op. @returns false when the disk hangs, and with it the thread:
 *         then the ring must not be freed. @locality snmptrapd @locks sync->mutex for an instant */
bool tk_sync_stop(struct tk_sync *s);

#endif /* TK_SYNC_H */
