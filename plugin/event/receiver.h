/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file receiver.h
 * @brief The receiver of notifications: the names of this host and of its queue, which make event IDs unique.
 */
#ifndef TK_RECEIVER_H
#define TK_RECEIVER_H

#include <stdint.h>

#include "base/json_writer.h"

#define TK_SCHEMA 1

/** This host and its queue, as events name them. */
struct tk_receiver {
    char host[256];   /* valid UTF-8 */
    char source[272]; /* "/trapkafka/HOST": CloudEvents' attribute source */
    char queue[9];    /* the first four bytes of the ring's UUID in hex, as of when the record was written */
};

/** @brief Set host and source from this machine's name, or from "unknown" if the name is not UTF-8.
 *  @locality any @locks none */
void tk_receiver_set_host(struct tk_receiver *rx);
/** @brief Set the queue's name. @param name  four bytes of the ring's UUID @locality worker @locks none */
void tk_receiver_set_queue(struct tk_receiver *rx, const uint8_t *name);

#define TK_EVENT_ID_BYTES 32

/** @brief Write an event ID such as "7c9e6679-184467": unique, and the same if a record is published again.
 *  @locality worker @locks none */
void tk_event_id(char dst[TK_EVENT_ID_BYTES], const struct tk_receiver *rx, uint64_t seq);

/**
 * @brief Begin a record for the health topic (health, a refusal): "{" and the members that all such records have.
 * @param type      the record's "type"
 * @param id, time  terminated; its "event_id" and "time"
 * @locality worker  @locks none
 */
void tk_receiver_begin_record(const struct tk_receiver *rx, struct tk_json *j, const char *type, const char *id,
                              const char *time);

#endif /* TK_RECEIVER_H */
