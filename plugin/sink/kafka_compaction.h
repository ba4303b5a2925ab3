/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file kafka_compaction.h
 * @brief Is kafkaAlarmTopic compacted? One that the module has created is; of one that exists the brokers are asked, and
 *        if it is not, the log says which command changes that. Without compaction nothing is lost but alarms that stand
 *        for longer than the topic keeps messages.
 *
 * Owner: the worker. The answer comes through the queue of sink/kafka_topics.h, which calls all of this.
 */
#ifndef TK_KAFKA_COMPACTION_H
#define TK_KAFKA_COMPACTION_H

#include <librdkafka/rdkafka.h>

#include "sink/kafka_log.h"

#define TK_KAFKA_COMPACTION_RETRY (30 * TK_SECOND) /* between two questions, as long as no broker answers */

/** Zeroed: not to be asked. */
struct tk_kafka_compaction {
    bool is_wanted, is_asked; /* the question is due; one is under way */
    tk_nsec next;             /* not before */
};

/** @brief Ask at the next occasion. @locality worker @locks none */
void tk_kafka_compaction_want(struct tk_kafka_compaction *c);

/** @brief Ask, if that is due. @param topic  NULL: there is none @locality worker @locks none */
void tk_kafka_compaction_ask(struct tk_kafka_compaction *c, rd_kafka_t *rk, rd_kafka_queue_t *queue, const char *topic,
                             tk_nsec now);

/** @brief Take the answer, if the event is one, and warn of a topic that is not compacted. @locality worker @locks none */
void tk_kafka_compaction_take(struct tk_kafka_compaction *c, struct tk_kafka_log *log, const char *brokers, tk_nsec now,
                              rd_kafka_event_t *event);

/** @brief The queue ends, and an answer that is under way with it. @locality worker @locks none */
void tk_kafka_compaction_detach(struct tk_kafka_compaction *c);

#endif /* TK_KAFKA_COMPACTION_H */
