/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file kafka.h
 * @brief The sink that publishes to Kafka: librdkafka's idempotent producer, whose callbacks run only from poll().
 *
 * Owner:  the worker, which also creates it, after the fork.
 * Memory: librdkafka's own queue is bounded to TK_KAFKA_QUEUE_MESSAGES and TK_KAFKA_QUEUE_KBYTES; the ring holds the
 *         rest.
 * After a fatal error (idempotence lost, a gap in the sequence) the sink replaces its producer. It reports messages
 * in flight as TK_SEND_AGAIN, and those that the broker refused permanently as TK_CONDEMNED.
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

/** @returns the version of librdkafka, static text @locality any @locks none */
const char *tk_kafka_library_version(void);

#endif /* TK_KAFKA_H */
