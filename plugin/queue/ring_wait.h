/* SPDX-License-Identifier: Apache-2.0 */
/** @file ring_wait.h
 *  @brief Let the worker sleep until there is work, and wake it. "Wake-up" in ring.h describes the protocol. */
#ifndef TK_RING_WAIT_H
#define TK_RING_WAIT_H

#include "queue/ring.h"

/**
 * @brief Sleep until there is something to read, tk_ring_wake() is called, or @p timeout has passed.
 * @param nap  how long to sleep before asking to be woken, in nanoseconds: saves the producer the system call
 * @locality worker  @locks none
 */
void tk_ring_wait(struct tk_ring *q, tk_nsec nap, tk_nsec timeout);

/** @brief The same, but new records do not wake: for use while the sink accepts no events.
 *  @locality worker @locks none */
void tk_ring_wait_for_wake(struct tk_ring *q, tk_nsec timeout);

/** @brief Wake the worker for another reason than a record. @locality any @locks none */
void tk_ring_wake(struct tk_ring *q);

#endif /* TK_RING_WAIT_H */
