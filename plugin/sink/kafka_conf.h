/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file kafka_conf.h
 * @brief The configuration of a producer: librdkafka's properties, our own and the operator's.
 *
 * What an operator may set is checked before, by kafka_check.h.
 */
#ifndef TK_KAFKA_CONF_H
#define TK_KAFKA_CONF_H

#include <librdkafka/rdkafka.h>

#include "config/settings.h"
#include "sink/kafka.h"

/**
 * @brief Set a property; an error text has librdkafka's reason and a remedy.
 * @param is_hidden  the value may be a secret whatever the property's name: it is not in the text
 * @retval 0        set
 * @retval -ENOENT  librdkafka has no such property
 * @retval -EINVAL  not a value for it
 * @locality any  @locks none
 */
int tk_kafka_conf_set(rd_kafka_conf_t *conf, const char *name, const char *value, bool is_hidden, struct tk_err *err);

/** @brief Is @p value the one that the module sets, or librdkafka's default on which it relies? @p name is a property that
 *         may be set without effects on anything else. @locality any @locks none */
bool tk_kafka_conf_is_own(const char *name, const char *value);

/**
 * @brief All properties of the producer except the callbacks: our defaults, then the operator's, then the module's
 *        own.
 * @returns a configuration that the caller gives to rd_kafka_new() or destroys; NULL with @p err set
 * @locality worker  @locks none
 */
rd_kafka_conf_t *tk_kafka_conf_new(const struct tk_settings *cf, const char *brokers, struct tk_err *err);

#endif /* TK_KAFKA_CONF_H */
