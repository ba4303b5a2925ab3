/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file kafka.h
 * @brief The sink that is Kafka, by librdkafka: an idempotent producer whose callbacks run only from poll().
 *
 * Owner:  the worker; created there too, after the fork.
 * Memory: librdkafka's own queue is bounded to TK_KAFKA_QUEUE_MESSAGES and TK_KAFKA_QUEUE_KBYTES; the ring holds the
 *         rest.
 * A fatal error (idempotence lost, a gap in the sequence) replaces the producer inside this sink: what was
 * outstanding is reported TK_SEND_AGAIN, except messages that the broker refused for good, which are TK_CONDEMNED.
 */
#ifndef TK_KAFKA_H
#define TK_KAFKA_H

#include "config/settings.h"
#include "sink/sink.h"

#define TK_KAFKA_QUEUE_MESSAGES 10000
#define TK_KAFKA_QUEUE_KBYTES   16384

/**
 * @brief Start a producer.
 * @param cf     settings; a reference is taken
 * @param brokers  bootstrap servers (those of the embedded broker when cf->brokers says so)
 * @returns NULL with @p err set when librdkafka refuses the configuration
 * @locality worker  @locks none
 */
struct tk_sink *tk_kafka_new(struct tk_settings *cf, const char *brokers, const struct tk_sink_hooks *hooks,
                             struct tk_err *err);

/** @brief A tk_property_check: is this a property of librdkafka's, is its value good, and is it the operator's to set?
 *  @locality any @locks none */
tk_property_check tk_kafka_check_property;

#endif /* TK_KAFKA_H */
