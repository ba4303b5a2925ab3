/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file kafka_producer.h
 * @brief Start, drain, purge and replace the producer in the Kafka sink. For kafka.c and kafka_producer.c only.
 *
 * Owner: the worker; librdkafka's callbacks run from the worker's poll.
 */
#ifndef TK_KAFKA_PRODUCER_H
#define TK_KAFKA_PRODUCER_H

#include <librdkafka/rdkafka.h>

#include "sink/kafka.h"
#include "sink/kafka_detour.h"
#include "sink/kafka_end.h"
#include "sink/kafka_fate.h"
#include "sink/kafka_cluster.h"
#include "sink/kafka_log.h"
#include "sink/kafka_stamp.h"
#include "sink/kafka_tickets.h"
#include "sink/kafka_topics.h"

#define TK_KAFKA_PURGE_PATIENCE (TK_SECOND / 2) /* for the reports of purged messages */

/*
 *     fatal error, giving up          nothing in flight, or patience is over
 *  RUNNING ---------------> DRAINING ------> PURGING ------> ABSENT
 *     ^                                                        |
 *     +--------------------------------------------------------+  back-off is over
 */
enum tk_kafka_state { TK_KAFKA_RUNNING, TK_KAFKA_DRAINING, TK_KAFKA_PURGING, TK_KAFKA_ABSENT };

struct tk_kafka {
    struct tk_sink sink; /* first */
    struct tk_settings *cf;
    char *brokers;
    struct tk_sink_hooks hooks;
    enum tk_kafka_state state;
    tk_nsec until; /* DRAINING, PURGING: patience; ABSENT: back-off */
    tk_nsec backoff;
    rd_kafka_t *rk;                           /* NULL when ABSENT */
    rd_kafka_topic_t *topics[TK_KAFKA_SLOTS]; /* NULL: off */
    bool is_fatal;                            /* rk has raised a fatal error */
    bool has_delivered;                       /* brokers have acknowledged a message, of this producer or one before */
    bool has_achieved;                        /* rk has a message that was delivered or condemned */
    unsigned condemners;                      /* producers in a row that only condemned messages */
    unsigned oversized;        /* messages of rk that were refused for their size, or that of their batch */
    unsigned batch_bytes;      /* batch.size of the next producer at most; 0: as in the settings */
    tk_nsec narrowed_at;       /* when batch_bytes was lowered last */
    tk_nsec health_held_until; /* send no health record before; 0: no limit */
    struct tk_kafka_detour detours[TK_ROUTES]; /* by route - 1 */
    bool has_detour_news;
    struct tk_kafka_detour alarms; /* kafkaAlarmTopic: when to try it, if it can't be had */
    bool is_giving_up; /* rk is to end, since a rule's topic takes nothing: it can't give back those of one topic */
    unsigned probes;   /* of rk, in flight: kafka_detour.h */
    struct tk_kafka_doubt doubt;
    struct tk_kafka_stamp stamp;
    unsigned stamp_slot; /* the topic that refused an event's timestamp last */
    tk_nsec now;         /* when the current poll began */
    unsigned served;     /* reports since then */
    struct tk_kafka_end end;
    struct tk_kafka_topics care;
    struct tk_kafka_log log;
    struct tk_kafka_cluster cluster;
    struct tk_kafka_tickets tickets;
};

/** @brief Start a producer, when there is none. @returns false with @p err set @locality worker @locks none */
bool tk_kafka_producer_start(struct tk_kafka *k, struct tk_err *err);

/** @brief Release the producer and begin to destroy it; the caller reports the tickets in flight.
 *  @locality worker @locks none */
void tk_kafka_producer_release(struct tk_kafka *k);

/** @brief Purge messages from librdkafka; @p flags are RD_KAFKA_PURGE_F_*. Does not wait; the reports come from the
 *         next poll. @locality worker @locks none */
void tk_kafka_producer_purge(struct tk_kafka *k, int flags);

/** @brief Take all steps of the picture above that are due at k->now. @locality worker @locks none */
void tk_kafka_producer_advance(struct tk_kafka *k);

#endif /* TK_KAFKA_PRODUCER_H */
