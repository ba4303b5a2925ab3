/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file explain_facts.h
 * @brief Run a notification through the worker's stages, and collect as JSON how its event came to be.
 *
 * doc/trapkafka.1.in lists the members. The event is not among them: it is given as the worker wrote it.
 */
#ifndef TK_EXPLAIN_FACTS_H
#define TK_EXPLAIN_FACTS_H

#include <jansson.h>

#include "receive/incoming.h"
#include "cli/offline.h"

/** What to explain, and what was found. */
struct tk_explanation {
    struct tk_offline *offline;
    const struct tk_incoming *trap;
    uint64_t seq;        /* of the record */
    uint32_t partitions; /* of the topic; 0: unknown */

    bool is_published; /* set */
    char *event;       /* set: the event's JSON, NULL if there is none; the caller's to free */
    size_t event_len;
};

/** @brief Explain. @returns the object, the caller's to free; NULL: out of memory @locality any @locks none */
json_t *tk_explain_facts(struct tk_explanation *x);

/** @brief Run a notification that comes before through the stages, so that they have its state. @locality any
 *  @locks none */
void tk_explain_pass(struct tk_explanation *x, const struct tk_incoming *trap);

#endif /* TK_EXPLAIN_FACTS_H */
