/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file kafka_producer.h
 * @brief The producer inside the Kafka sink and its replacement: shared by kafka.c and kafka_producer.c, nobody else.
 *
 * Owner: the worker; librdkafka's callbacks come from its own poll.
 */
#ifndef TK_KAFKA_PRODUCER_H
#define TK_KAFKA_PRODUCER_H

#include <librdkafka/rdkafka.h>

#include "sink/kafka.h"
#include "sink/kafka_end.h"
#include "sink/kafka_fate.h"
#include "sink/kafka_log.h"
#include "sink/kafka_tickets.h"
#include "sink/kafka_topics.h"

#define TK_KAFKA_PURGE_PATIENCE (TK_SECOND / 2) /* for reports of what was purged */

/*
 *            fatal error               nothing left, or patience is over
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
    rd_kafka_t *rk;                      /* NULL when ABSENT */
    rd_kafka_topic_t *topics[TK_TOPICS]; /* NULL: off */
    bool is_fatal;                       /* rk has raised a fatal error */
    bool has_achieved;                   /* rk got an answer about some event: delivered or condemned */
    unsigned condemners;                 /* producers in a row that ended without one delivery, though with answers */
    unsigned oversized;                  /* messages of rk's that were refused for their size, or their batch's */
    unsigned batch_bytes;                /* limit for the next producer; 0: the settings' */
    tk_nsec narrowed_at;                 /* when that was lowered last */
    tk_nsec health_held_until; /* health records are refused for good: each would cost a producer; 0: they are not */
    struct tk_kafka_doubt doubt;
    tk_nsec now;     /* of the poll under way */
    unsigned served; /* reports since that poll began */
    struct tk_kafka_end end;
    struct tk_kafka_topics care;
    struct tk_kafka_log log;
    struct tk_kafka_tickets tickets;
};

/** @brief Start a producer, when there is none. @returns false with @p err set @locality worker @locks none */
bool tk_kafka_producer_start(struct tk_kafka *k, struct tk_err *err);

/** @brief Let go of the producer and have it destroyed; outstanding tickets are the caller's to report.
 *  @locality worker @locks none */
void tk_kafka_producer_release(struct tk_kafka *k);

/** @brief Have librdkafka give back messages; RD_KAFKA_PURGE_F_*. Does not wait. @locality worker @locks none */
void tk_kafka_producer_purge(struct tk_kafka *k, int flags);

/** @brief All steps of the picture above that are due at k->now. @locality worker @locks none */
void tk_kafka_producer_advance(struct tk_kafka *k);

/** @brief Report every ticket that librdkafka has not reported, to be sent again. @locality worker @locks none */
void tk_kafka_report_rest(struct tk_kafka *k);

#endif /* TK_KAFKA_PRODUCER_H */
