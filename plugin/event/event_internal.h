/* SPDX-License-Identifier: Apache-2.0 */
/** @file event_internal.h
 *  @brief The writer of one varbind, for encode.c. */
#ifndef TK_EVENT_INTERNAL_H
#define TK_EVENT_INTERNAL_H

#include "base/json_writer.h"
#include "event/event.h"

/* encode_varbind.c */
/** @brief Write one element of "varbinds". @param vb  one of the event's @locality worker @locks none */
void tk_encode_varbind(struct tk_json *j, const struct tk_dict *dict, const struct tk_event *ev,
                       const struct tk_event_varbind *vb);

#endif /* TK_EVENT_INTERNAL_H */
