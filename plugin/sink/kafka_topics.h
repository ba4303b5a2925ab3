/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file kafka_topics.h
 * @brief Create missing topics if the operator and the cluster allow it; else log the command that creates them.
 *
 * Owner:  the worker. Answers come through a queue of their own, which tk_kafka_topics_poll() serves. Only for
 *         topics that were created a moment ago a poll blocks, 0.2 s at most, five times, to tell how many partitions and
 *         replicas they got.
 * Memory: fixed; one request at a time.
 */
#ifndef TK_KAFKA_TOPICS_H
#define TK_KAFKA_TOPICS_H

#include <librdkafka/rdkafka.h>

#include "base/devel.h"
#include "sink/kafka_compaction.h"
#include "sink/kafka_log.h"
#include "sink/sink.h"

/* Every topic of a sink has a slot: enum tk_topic, then the topics of rules by their routes. */
#define TK_KAFKA_SLOTS        (TK_TOPICS + TK_ROUTES)

#define TK_KAFKA_TOPICS_RETRY (10 * TK_SECOND) /* between two attempts to create */
#define TK_KAFKA_TOPICS_SAY   (60 * TK_SECOND) /* between two complaints about one topic */

struct tk_kafka_topics {
    struct tk_kafka_log *log;
    const char *brokers; /* for the command in the log; owned by the sink */
    rd_kafka_t *rk;      /* NULL: detached */
    rd_kafka_queue_t *queue;
    bool may_create;          /* kafkaCreateTopics */
    bool is_wanted, is_asked; /* a request is due; one is under way */
    tk_nsec last_asked;
    tk_nsec next_look;                     /* at topics that were created: not before */
    struct tk_kafka_compaction compaction; /* of kafkaAlarmTopic */
    struct {
        const char *name;  /* the settings' or the routes'; NULL: off */
        bool is_missing;   /* since the last request, a message could not be delivered because the topic is missing */
        unsigned looks;    /* it was created: how often its numbers may still be asked for; 0: it was told of */
        char refusal[256]; /* why it was not created; empty: it was created, or there is no answer yet */
        struct tk_log_limit said;
    } topics[TK_KAFKA_SLOTS];
};

/** @brief The slot of a topic. @param route  of events; else 0 @locality any @locks none */
static inline unsigned tk_kafka_slot(enum tk_topic topic, unsigned route)
{
    TK_ASSERT(route <= TK_ROUTES && (route == 0 || topic == TK_TOPIC_EVENTS));
    return route ? TK_TOPICS - 1 + route : (unsigned)topic;
}

/** @brief What is published to the topic of this slot. @locality any @locks none */
static inline enum tk_topic tk_kafka_slot_topic(unsigned slot)
{
    return slot < TK_TOPICS ? (enum tk_topic)slot : TK_TOPIC_EVENTS;
}

/** @brief The route that leads to this slot; 0: none of a rule's. @locality any @locks none */
static inline unsigned tk_kafka_slot_route(unsigned slot)
{
    return slot < TK_TOPICS ? 0 : slot - TK_TOPICS + 1;
}

/** @brief Prepare an embedded struct; the @p names (NULL: off) and @p brokers must outlive it.
 *  @param may_create  kafkaCreateTopics @locality worker @locks none */
void tk_kafka_topics_init(struct tk_kafka_topics *t, struct tk_kafka_log *log, const char *brokers,
                          const char *const names[TK_KAFKA_SLOTS], bool may_create);

/** @brief Use producer @p rk from now on. @p eventfd is written to when tk_kafka_topics_poll() has work; -1: none
 *  @locality worker @locks none */
void tk_kafka_topics_attach(struct tk_kafka_topics *t, rd_kafka_t *rk, int eventfd);

/** @brief Stop using the producer, before it is destroyed. No-op when detached. @locality worker @locks none */
void tk_kafka_topics_detach(struct tk_kafka_topics *t, tk_nsec now);

/** @brief Create missing topics at the next poll, TK_KAFKA_TOPICS_RETRY after the last attempt at the earliest; if the
 *         operator allows it.
 *  @locality worker @locks none */
void tk_kafka_topics_want(struct tk_kafka_topics *t);

/** @brief Note that a message could not be delivered because of its topic, and log it, except of a rule's topic.
 *  @returns whether an operator must act; false: the topic may still be created @locality worker @locks none */
bool tk_kafka_topics_trouble(struct tk_kafka_topics *t, tk_nsec now, unsigned slot, rd_kafka_resp_err_t code);

/** @brief Write what that trouble is, and what to do about it. @locality worker @locks none */
void tk_kafka_topics_describe(const struct tk_kafka_topics *t, unsigned slot, rd_kafka_resp_err_t code, char *dst,
                              size_t dst_bytes);

/** @brief Handle answers, and send a request if one is due. @locality worker @locks none */
void tk_kafka_topics_poll(struct tk_kafka_topics *t, tk_nsec now);

#endif /* TK_KAFKA_TOPICS_H */
