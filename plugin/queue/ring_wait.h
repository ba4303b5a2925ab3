/* SPDX-License-Identifier: Apache-2.0 */
/** @file ring_wait.h
 *  @brief How the worker sleeps and is woken; "Wake-up" in ring.h says how the two threads agree. */
#ifndef TK_RING_WAIT_H
#define TK_RING_WAIT_H

#include "queue/ring.h"

/**
 * @brief Sleep until there is something to read, tk_ring_wake() is called, or @p timeout has passed.
 * @param nap  how long to sleep blindly before asking to be woken (saves the producer the system call), nanoseconds
 * @locality worker  @locks none
 */
void tk_ring_wait(struct tk_ring *q, tk_nsec nap, tk_nsec timeout);

/** @brief The same, but records don't wake: for when there are some and nowhere to put them.
 *  @locality worker @locks none */
void tk_ring_wait_for_wake(struct tk_ring *q, tk_nsec timeout);

/** @brief Wake the worker for another reason than a record. @locality any @locks none */
void tk_ring_wake(struct tk_ring *q);

#endif /* TK_RING_WAIT_H */
