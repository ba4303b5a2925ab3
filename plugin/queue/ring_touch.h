/* SPDX-License-Identifier: Apache-2.0 */
/** @file ring_touch.h
 *  @brief Populate the ring's pages ahead of the producer, so that no trap waits for a page fault. */
#ifndef TK_RING_TOUCH_H
#define TK_RING_TOUCH_H

#include "queue/ring.h"

/** @brief Populate up to 2 MiB of pages ahead of the producer. @returns false when nothing is left to do
 *  @locality worker @locks none */
bool tk_ring_touch(struct tk_ring *q);

#endif /* TK_RING_TOUCH_H */
