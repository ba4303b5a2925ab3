/* SPDX-License-Identifier: Apache-2.0 */
/** @file ring_touch.h
 *  @brief Memory behind the ring, ahead of the producer, so that no trap meets a page fault. */
#ifndef TK_RING_TOUCH_H
#define TK_RING_TOUCH_H

#include "queue/ring.h"

/** @brief Put memory behind up to 2 MiB of the mapping, ahead of the producer. @returns false when all is done
 *  @locality worker @locks none */
bool tk_ring_touch(struct tk_ring *q);

#endif /* TK_RING_TOUCH_H */
