/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file kafka_fate.h
 * @brief What a delivery error means for the event that it hit: one table.
 */
#ifndef TK_KAFKA_FATE_H
#define TK_KAFKA_FATE_H

#include <librdkafka/rdkafka.h>

#include "sink/sink.h"

/** @brief The fate of a message whose delivery report says @p code. @locality any @locks none */
enum tk_fate tk_kafka_fate(rd_kafka_resp_err_t code);

/** @brief Is this trouble with the topic as a whole: missing, forbidden, misnamed? @locality any @locks none */
bool tk_kafka_is_topic_trouble(rd_kafka_resp_err_t code);

#endif /* TK_KAFKA_FATE_H */
