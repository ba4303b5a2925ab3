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
#include "event/event.h"
#include "event/receiver.h"
#include "inventory/topology.h"

/** What an event is written with, besides what it holds itself. */
struct tk_encode_tables {
    const struct tk_dict *dict; /* the one that resolved it */
    const struct tk_topology_join *topology;
    bool is_publishing_community;
};

/**
 * @brief Write the whole event; look at j->is_failed afterwards.
 * @param event_id, received  as in the message's headers
 * @locality worker  @locks none
 */
void tk_encode_event(struct tk_json *j, const struct tk_receiver *rx, const struct tk_event *ev, const char *event_id,
                     const char *received, const struct tk_encode_tables *tables);

/** @brief A name that a stranger chose (user, context): text when it is text, else its bytes in hex.
 *  @locality worker @locks none */
void tk_encode_foreign_text(struct tk_json *j, const char *text, size_t len);

#endif /* TK_ENCODE_H */
