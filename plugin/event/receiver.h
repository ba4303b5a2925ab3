/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file receiver.h
 * @brief Who received a notification: the names of this host and of its queue, which make event IDs unique.
 */
#ifndef TK_RECEIVER_H
#define TK_RECEIVER_H

#include <stdint.h>

#include "base/json_writer.h"

#define TK_SCHEMA 1

/** Who we are. */
struct tk_receiver {
    char host[256];   /* valid UTF-8 */
    char source[272]; /* "/trapkafka/HOST": CloudEvents' attribute source */
    char queue[9];    /* the ring's first four bytes in hex, as they were when the record was written */
};

/** @brief Set the host's name, and with it the source: this machine's, or "unknown" where that is no UTF-8.
 *  @locality any @locks none */
void tk_receiver_set_host(struct tk_receiver *rx);
/** @brief Set the queue's name. @param name  four bytes @locality worker @locks none */
void tk_receiver_set_queue(struct tk_receiver *rx, const uint8_t *name);

#define TK_EVENT_ID_BYTES 32

/** @brief "7c9e6679-184467": unique, and the same when a record is published again. @locality worker @locks none */
void tk_event_id(char dst[TK_EVENT_ID_BYTES], const struct tk_receiver *rx, uint64_t seq);

/**
 * @brief Begin a record about ourselves (health, a refused packet): "{" and the members that all such records have.
 * @param type      the record's "type"
 * @param id, time  terminated; its "event_id" and "time"
 * @locality worker  @locks none
 */
void tk_receiver_begin_record(const struct tk_receiver *rx, struct tk_json *j, const char *type, const char *id,
                              const char *time);

#endif /* TK_RECEIVER_H */
