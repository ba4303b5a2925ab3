/* SPDX-License-Identifier: Apache-2.0 */
/** @file event_internal.h
 *  @brief The writers of one varbind and of the summary, for encode.c. */
#ifndef TK_EVENT_INTERNAL_H
#define TK_EVENT_INTERNAL_H

#include "base/json_writer.h"
#include "event/event.h"

/* encode_varbind.c */
/** Where JSON that was written stands in the buffer. */
struct tk_part {
    size_t at, len;
};

/** The members of a varbind of which the summary is made. */
struct tk_written {
    struct tk_part name;  /* "ifOperStatus"; the OID, if it has no name */
    struct tk_part index; /* ["7"] */
    struct tk_part text;  /* "down" */
    struct tk_part row;   /* "index":["7"],"index_names":["ifIndex"], which the next varbind may repeat */
};

/**
 * @brief Write one element of "varbinds".
 * @param vb      one of the event's
 * @param before  what was written of the varbind before; NULL: this is the first one
 * @locality worker  @locks none
 */
void tk_encode_varbind(struct tk_json *j, const struct tk_dict *dict, const struct tk_event *ev,
                       const struct tk_event_varbind *vb, const struct tk_written *before,
                       struct tk_written *ret_written);

/* encode_summary.c */
#define TK_SUMMARY_CHARS    512 /* Unicode characters, not bytes */
#define TK_SUMMARY_VARBINDS 64  /* more do not fit into it, or hardly */

/**
 * @brief Write the text of pieces as a JSON string: one line without control characters, cut at TK_SUMMARY_CHARS.
 * @param written  of all varbinds of the event
 * @locality worker  @locks none
 */
void tk_encode_pieces(struct tk_json *j, struct tk_pieces pieces, const struct tk_written *written);

/**
 * @brief Write the member "summary": the rule's, or, where that is missing or came out empty, one line without control
 * characters, of the notification's name and the varbinds.
 * @param trap     the notification's name, or its OID
 * @param written  of all varbinds of the event
 * @locality worker  @locks none
 */
void tk_encode_summary(struct tk_json *j, const struct tk_event *ev, struct tk_part trap,
                       const struct tk_written *written);

#endif /* TK_EVENT_INTERNAL_H */
