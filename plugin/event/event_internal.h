/* SPDX-License-Identifier: Apache-2.0 */
/** @file event_internal.h
 *  @brief What the files of this room share. */
#ifndef TK_EVENT_INTERNAL_H
#define TK_EVENT_INTERNAL_H

#include "base/json_writer.h"
#include "event/event.h"

/* encode_varbind.c */
/** @brief One member of "varbinds". @locality worker @locks none */
void tk_encode_varbind(struct tk_json *j, const struct tk_dict *dict, const struct tk_event_varbind *vb);

#endif /* TK_EVENT_INTERNAL_H */
