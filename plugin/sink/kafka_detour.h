/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file kafka_detour.h
 * @brief Topics of rules that can't be had: which they are, and when to try them again. The worker publishes their events
 *        to kafkaTopic meanwhile.
 *
 * A topic can't be had if it does not exist (until it is created), if the brokers do not allow writing to it, or if it
 * takes nothing for long while other topics do (TK_KAFKA_STALLED): the leader of a partition is away, or too few replicas
 * are in sync. Only an event shows whether it can be had again. So that no event waits for that, or overtakes another,
 * it is tried with a copy of an event that goes to kafkaTopic: a probe. At a topic that stalls, the probe stays in flight
 * until it is delivered. A forbidden topic is tried seldom, because each refused message costs the producer.
 *
 * Owner:  the worker. Memory: embedded, fixed.
 * Clock:  monotonic, passed in.
 */
#ifndef TK_KAFKA_DETOUR_H
#define TK_KAFKA_DETOUR_H

#include <librdkafka/rdkafka.h>

#include "sink/sink.h"

#define TK_KAFKA_TRY_CREATED   TK_SECOND
#define TK_KAFKA_TRY_STALLED   (5 * TK_SECOND)
#define TK_KAFKA_TRY_MISSING   (10 * TK_SECOND)
#define TK_KAFKA_TRY_FORBIDDEN (300 * TK_SECOND)

#define TK_KAFKA_STALLED       RD_KAFKA_RESP_ERR__TIMED_OUT /* the code of a topic that takes nothing */

enum tk_kafka_had {
    TK_TOPIC_UNTRIED,
    TK_TOPIC_HAD,
    TK_TOPIC_UNMADE, /* it is missing, and may still be created: nobody has to act yet */
    TK_TOPIC_AWAY,
};

/** Zeroed: none was tried. */
struct tk_kafka_detour {
    enum tk_kafka_had state;
    bool is_news;    /* the state has changed since tk_kafka_detour_news() */
    bool is_probing; /* a probe is in flight */
    rd_kafka_resp_err_t code;
    tk_nsec try_at; /* UNMADE, AWAY: not before */
};

/** @brief A message could not be published for the topic's sake. @param is_certain  an operator must act
 *  @returns whether there is news @locality worker @locks none */
bool tk_kafka_detour_begin(struct tk_kafka_detour *d, tk_nsec now, rd_kafka_resp_err_t code, bool is_certain);

/** @brief The topic took a message. @returns whether there is news @locality worker @locks none */
bool tk_kafka_detour_end(struct tk_kafka_detour *d);

/** @brief A probe was sent. @locality worker @locks none */
void tk_kafka_detour_probe(struct tk_kafka_detour *d);

/** @brief It is not in flight any more. Another may follow after a pause. @locality worker @locks none */
void tk_kafka_detour_probe_ended(struct tk_kafka_detour *d, tk_nsec now);

/** @brief The same, and a broker refused it: the next one follows as late as at a forbidden topic.
 *  @locality worker @locks none */
void tk_kafka_detour_probe_refused(struct tk_kafka_detour *d, tk_nsec now);

/** @brief May events be published to the topic? @locality worker @locks none */
static inline bool tk_kafka_detour_is_open(const struct tk_kafka_detour *d)
{
    return d->state < TK_TOPIC_UNMADE;
}

/** @brief Is a probe due? @locality worker @locks none */
static inline bool tk_kafka_detour_wants_probe(const struct tk_kafka_detour *d, tk_nsec now)
{
    return !tk_kafka_detour_is_open(d) && !d->is_probing && now >= d->try_at;
}

/** @brief Has the state changed since the last call? @locality worker @locks none */
bool tk_kafka_detour_news(struct tk_kafka_detour *d);

#endif /* TK_KAFKA_DETOUR_H */
