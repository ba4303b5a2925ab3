/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file replay_event.h
 * @brief Make the notification of which an event was made: events are lossless, but for community strings, and for the tag
 *        of a value whose type is "unknown".
 */
#ifndef TK_REPLAY_EVENT_H
#define TK_REPLAY_EVENT_H

#include <jansson.h>

#include "receive/incoming.h"

/**
 * @brief Write the flat trap of an event of type "trap".
 * @param t  receiver is set; all else is filled
 * @returns false: it is no such event
 * @locality any  @locks none
 */
bool tk_incoming_of_event(struct tk_incoming *t, const json_t *event);

#endif /* TK_REPLAY_EVENT_H */
