/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file kafka_reports.h
 * @brief Delivery reports: what became of each message, and what that says about its topic.
 *
 * Owner: the worker.
 */
#ifndef TK_KAFKA_REPORTS_H
#define TK_KAFKA_REPORTS_H

#include "sink/kafka_producer.h"

/** @brief librdkafka's callback; @p opaque is the struct tk_kafka. Called from rd_kafka_poll() and rd_kafka_flush().
 *  @locality worker @locks none */
void tk_kafka_reports_take(rd_kafka_t *rk, const rd_kafka_message_t *m, void *opaque);

/** @brief Report every ticket in flight as TK_SEND_AGAIN. @locality worker @locks none */
void tk_kafka_reports_rest(struct tk_kafka *k);

/** @brief A message for the topic of @p slot failed with @p code, because of its topic.
 *  @returns whether an operator must act; false: the topic may still be created @locality worker @locks none */
bool tk_kafka_reports_trouble(struct tk_kafka *k, tk_nsec now, unsigned slot, rd_kafka_resp_err_t code);

/** @brief A probe was sent by this route. @locality worker @locks none */
void tk_kafka_reports_probe(struct tk_kafka *k, unsigned route);

#endif /* TK_KAFKA_REPORTS_H */
