/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file kafka_stamp.h
 * @brief The timestamps of messages, and what it means when the brokers refuse them (INVALID_TIMESTAMP).
 *
 * A message has the time of reception as its timestamp. A topic with message.timestamp.before.max.ms refuses that after
 * an outage, and with the message its whole batch. It is the timestamp that is refused, not the event, which has its time
 * in "received". So after the first refusal, a message that is sent later than TK_KAFKA_FRESH after its time gets the
 * moment of sending instead, anew at each sending. If that is refused too, a clock is wrong.
 *
 * Owner: the worker.
 */
#ifndef TK_KAFKA_STAMP_H
#define TK_KAFKA_STAMP_H

#include <stdbool.h>

#include "base/clock.h"
#include "sink/sink.h"

#define TK_KAFKA_FRESH TK_SECOND       /* so far a message's own time may be from the moment of sending */
#define TK_KAFKA_FAR   (5 * TK_SECOND) /* further than any message that was sent just now */

/** Zeroed: nothing was refused. */
struct tk_kafka_stamp {
    bool is_renewing;  /* a timestamp was refused: messages that are not fresh get the moment of sending */
    bool was_renewing; /* the same, when the producer began that is running */
    bool is_refused;   /* of this producer's events, at least one was refused for its timestamp */
    tk_nsec furthest;  /* of those: the largest distance from the moment of the refusal */
};

/** What the refusals of one producer mean. */
enum tk_kafka_stamp_cause {
    TK_STAMP_FINE,  /* there were none */
    TK_STAMP_OLD,   /* messages were too old: sending them again with new timestamps helps */
    TK_STAMP_CLOCK, /* messages that were sent just now were refused: a clock is wrong */
};

/** @brief The timestamp of a message of time @p wall that is given to librdkafka at @p now (wall). @returns milliseconds
 *  @locality worker @locks none */
int64_t tk_kafka_stamp_of(const struct tk_kafka_stamp *s, enum tk_topic topic, tk_nsec wall, tk_nsec now);

/** @brief A message was refused for its timestamp @p stamp (milliseconds), at @p now (wall).
 *  @returns whether it helps to send it again @locality worker @locks none */
bool tk_kafka_stamp_note(struct tk_kafka_stamp *s, enum tk_topic topic, int64_t stamp, tk_nsec now);

/** @brief All messages of the producer are reported, and the next one begins. @locality worker @locks none */
enum tk_kafka_stamp_cause tk_kafka_stamp_judge(struct tk_kafka_stamp *s);

#endif /* TK_KAFKA_STAMP_H */
