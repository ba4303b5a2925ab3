/* SPDX-License-Identifier: Apache-2.0 */
/** @file event_internal.h
 *  @brief The writers of one varbind and of the summary, for encode.c. */
#ifndef TK_EVENT_INTERNAL_H
#define TK_EVENT_INTERNAL_H

#include "base/json_writer.h"
#include "event/event.h"

/* encode_varbind.c */
/** Where members of a varbind stand in the buffer, as JSON: the summary is made of them. */
struct tk_written {
    size_t index, index_len; /* ["7"] */
    size_t text, text_len;   /* "down" */
};

/** @brief Write one element of "varbinds". @param vb  one of the event's @locality worker @locks none */
void tk_encode_varbind(struct tk_json *j, const struct tk_dict *dict, const struct tk_event *ev,
                       const struct tk_event_varbind *vb, struct tk_written *ret_written);

/* encode_summary.c */
#define TK_SUMMARY_CHARS    512 /* Unicode characters, not bytes */
#define TK_SUMMARY_VARBINDS 64  /* more do not fit into it, or hardly */

/**
 * @brief Write the member "summary": one line without control characters, of the notification's name and the varbinds.
 * @param written  of the event's first varbinds, TK_SUMMARY_VARBINDS at most
 * @locality worker  @locks none
 */
void tk_encode_summary(struct tk_json *j, const struct tk_dict *dict, const struct tk_event *ev,
                       const struct tk_written *written);

#endif /* TK_EVENT_INTERNAL_H */
