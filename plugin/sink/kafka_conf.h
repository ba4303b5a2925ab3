/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file kafka_conf.h
 * @brief librdkafka's properties: those that an operator may not set, and the configuration of a producer.
 *
 * A few properties decide that no event is lost or reordered. The module sets those itself, and refuses them in
 * kafkaProperty with a reason. Values of secrets (passwords, keys, tokens) are never in an error text.
 */
#ifndef TK_KAFKA_CONF_H
#define TK_KAFKA_CONF_H

#include <librdkafka/rdkafka.h>

#include "config/settings.h"
#include "sink/kafka.h"

/** One property that kafkaProperty refuses. */
struct tk_refused_property {
    const char *name;
    const char *why;    /* the reason */
    const char *remedy; /* what to do instead */
};
extern const struct tk_refused_property tk_refused_properties[];
extern const size_t tk_refused_property_count;

/**
 * @brief All properties of the producer except the callbacks: our defaults, then the operator's, then the module's
 *        own.
 * @returns a configuration that the caller gives to rd_kafka_new() or destroys; NULL with @p err set
 * @locality worker  @locks none
 */
rd_kafka_conf_t *tk_kafka_conf_new(const struct tk_settings *cf, const char *brokers, struct tk_err *err);

#endif /* TK_KAFKA_CONF_H */
