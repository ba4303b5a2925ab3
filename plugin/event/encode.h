/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file encode.h
 * @brief Write an event as JSON, schema 1 (conf/event.schema.json), into one buffer.
 *
 * Owner: the worker; no state of its own.
 */
#ifndef TK_ENCODE_H
#define TK_ENCODE_H

#include "base/json_writer.h"
#include "event/event.h"
#include "event/receiver.h"
#include "inventory/topology.h"

/** The tables and settings that the writer needs in addition to the event. */
struct tk_encode_tables {
    const struct tk_dict *dict; /* the dictionary that resolved the event */
    const struct tk_topology_join *topology;
    bool is_publishing_community;
};

/**
 * @brief Write the whole event; afterwards the caller must check j->is_failed.
 * @param event_id, received  as in the message's headers
 * @locality worker  @locks none
 */
void tk_encode_event(struct tk_json *j, const struct tk_receiver *rx, const struct tk_event *ev, const char *event_id,
                     const char *received, const struct tk_encode_tables *tables);

/** @brief Write a name that the network chose (user, context): as text if it is UTF-8, else "0x" and hex.
 *  @locality worker @locks none */
void tk_encode_foreign_text(struct tk_json *j, const char *text, size_t len);

#endif /* TK_ENCODE_H */
