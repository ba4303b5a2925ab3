/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file kafka_detour.h
 * @brief Topics of rules that can't be had: which they are, and when to try them again. The worker publishes their events
 *        to kafkaTopic meanwhile.
 *
 * A topic can't be had if it does not exist and was not created, or if the brokers do not allow writing to it. An event
 * shows that, so an event tries it again: a missing one soon, because that costs little; a forbidden one later,
 * because each refused event costs the producer.
 *
 * Owner:  the worker. Memory: embedded, fixed.
 * Clock:  monotonic, passed in.
 */
#ifndef TK_KAFKA_DETOUR_H
#define TK_KAFKA_DETOUR_H

#include <librdkafka/rdkafka.h>

#include "sink/sink.h"

#define TK_KAFKA_TRY_MISSING   (10 * TK_SECOND)
#define TK_KAFKA_TRY_FORBIDDEN (300 * TK_SECOND)

enum tk_kafka_had { TK_TOPIC_UNTRIED, TK_TOPIC_HAD, TK_TOPIC_AWAY };

/** Zeroed: none was tried. */
struct tk_kafka_detour {
    enum tk_kafka_had state;
    bool is_news; /* the state has changed since tk_kafka_detour_news() */
    rd_kafka_resp_err_t code;
    tk_nsec try_at; /* AWAY: not before */
};

/** @brief An event could not be published for the topic's sake, and an operator must act.
 *  @returns whether that is news @locality worker @locks none */
bool tk_kafka_detour_begin(struct tk_kafka_detour *d, tk_nsec now, rd_kafka_resp_err_t code);

/** @brief The topic took an event. @returns whether that is news @locality worker @locks none */
bool tk_kafka_detour_end(struct tk_kafka_detour *d);

/** @brief May an event be published to the topic now? @locality worker @locks none */
static inline bool tk_kafka_detour_is_open(const struct tk_kafka_detour *d, tk_nsec now)
{
    return d->state != TK_TOPIC_AWAY || now >= d->try_at;
}

/** @brief Has the state changed since the last call? @locality worker @locks none */
bool tk_kafka_detour_news(struct tk_kafka_detour *d);

#endif /* TK_KAFKA_DETOUR_H */
