/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file kafka_topics.h
 * @brief The topics: created when the cluster allows it; where not, the log says which command does it.
 *
 * Owner:  the worker. Never blocks: requests are answered through a queue of their own, served by _poll().
 * Memory: fixed; one request at a time.
 */
#ifndef TK_KAFKA_TOPICS_H
#define TK_KAFKA_TOPICS_H

#include <librdkafka/rdkafka.h>

#include "sink/kafka_log.h"
#include "sink/sink.h"

#define TK_KAFKA_TOPICS_RETRY (10 * TK_SECOND) /* between two attempts to create */
#define TK_KAFKA_TOPICS_SAY   (60 * TK_SECOND) /* between two complaints about one topic */

struct tk_kafka_topics {
    struct tk_kafka_log *log;
    const char *brokers; /* for the command in the log; the sink's */
    rd_kafka_t *rk;      /* NULL: detached */
    rd_kafka_queue_t *queue;
    bool is_wanted, is_asked; /* a request is due; one is under way */
    tk_nsec last_asked;
    struct {
        const char *name;  /* the settings'; NULL: off */
        bool is_missing;   /* an event met trouble since the last request */
        char refusal[256]; /* why it was not created; empty: it was, or the answer is still to come */
        struct tk_log_limit said;
    } topics[TK_TOPICS];
};

/** @brief Prepare an embedded one; the @p names (NULL: off) and @p brokers must outlive it.
 *  @locality worker @locks none */
void tk_kafka_topics_init(struct tk_kafka_topics *t, struct tk_kafka_log *log, const char *brokers,
                          const char *const names[TK_TOPICS]);

/** @brief Use this producer from now on. @p eventfd: written to when _poll() has work; -1: none
 *  @locality worker @locks none */
void tk_kafka_topics_attach(struct tk_kafka_topics *t, rd_kafka_t *rk, int eventfd);

/** @brief Let the producer go; before it is destroyed. No-op when detached. @locality worker @locks none */
void tk_kafka_topics_detach(struct tk_kafka_topics *t);

/** @brief Ask for creation now, unless that was done lately. @locality worker @locks none */
void tk_kafka_topics_want(struct tk_kafka_topics *t);

/** @brief A message could not go because of its topic.
 *  @returns whether somebody has to mend that; false: the topic may still come by itself @locality worker @locks none */
bool tk_kafka_topics_trouble(struct tk_kafka_topics *t, tk_nsec now, enum tk_topic topic, rd_kafka_resp_err_t code);

/** @brief Send a request that is due, take answers. @locality worker @locks none */
void tk_kafka_topics_poll(struct tk_kafka_topics *t, tk_nsec now);

#endif /* TK_KAFKA_TOPICS_H */
