/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file kafka_conf.h
 * @brief librdkafka's properties: which are the module's own, which are the operator's, and the whole for a producer.
 *
 * The promises about events stand on a few properties; those are owned here, each with a reason that an operator
 * reads. Values of secrets (passwords, keys, tokens) never reach an error text.
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
 * @brief All properties of the producer but the callbacks: our defaults, then the operator's, then the owned ones.
 * @returns the caller's to give to rd_kafka_new() or to destroy; NULL with @p err set
 * @locality worker  @locks none
 */
rd_kafka_conf_t *tk_kafka_conf_new(const struct tk_settings *cf, const char *brokers, struct tk_err *err);

#endif /* TK_KAFKA_CONF_H */
