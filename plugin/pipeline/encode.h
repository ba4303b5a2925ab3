/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file encode.h
 * @brief The event as JSON, schema 1 (conf/event.schema.json), written once into one buffer.
 *
 * Owner: the worker; no state but the receiver's names.
 */
#ifndef TK_ENCODE_H
#define TK_ENCODE_H

#include "base/json_writer.h"
#include "pipeline/event.h"

#define TK_SCHEMA 1

/** Who we are. */
struct tk_receiver {
    char host[256];    /* valid UTF-8 */
    char queue[9];     /* the ring's first four bytes in hex, as they were when the record was written */
};

/** @brief Set the host's name: this machine's, or "unknown" where that is no UTF-8. @locality any @locks none */
void tk_receiver_set_host(struct tk_receiver *rx);
/** @brief Set the queue's name. @param name  four bytes @locality worker @locks none */
void tk_receiver_set_queue(struct tk_receiver *rx, const uint8_t *name);

#define TK_EVENT_ID_BYTES 32

/** @brief "7c9e6679-184467": unique, and the same when a record is published again. @locality worker @locks none */
void tk_event_id(char dst[TK_EVENT_ID_BYTES], const struct tk_receiver *rx, uint64_t seq);

/**
 * @brief Write the whole event; look at j->is_failed afterwards.
 * @param event_id, received  as in the message's headers
 * @locality worker  @locks none
 */
void tk_encode_event(struct tk_json *j, const struct tk_receiver *rx, const struct tk_event *ev, const char *event_id,
                     const char *received);

/** @brief One member of "varbinds". @locality worker @locks none */
void tk_encode_varbind(struct tk_json *j, const struct tk_dict *dict, const struct tk_event_varbind *vb);
/** @brief A name that a stranger chose (user, context): text when it is text, else its bytes in hex.
 *  @locality worker @locks none */
void tk_encode_foreign_text(struct tk_json *j, const char *text, size_t len);

#endif /* TK_ENCODE_H */
