/* SPDX-License-Identifier: Apache-2.0 */
#include "sink/kafka_stamp.h"

static tk_nsec distance(tk_nsec a, tk_nsec b)
{
    return a < b ? b - a : a - b;
}

/* A health record that is late tells of an outage that has just ended. If its timestamp were refused it would be lost,
 * because nobody keeps it, and with it the producer. So it never has an old one. */
int64_t tk_kafka_stamp_of(const struct tk_kafka_stamp *s, enum tk_topic topic, tk_nsec wall, tk_nsec now)
{
    bool may_be_renewed = s->is_renewing || topic == TK_TOPIC_HEALTH;

    return (may_be_renewed && distance(wall, now) > TK_KAFKA_FRESH ? now : wall) / TK_MSEC;
}

bool tk_kafka_stamp_note(struct tk_kafka_stamp *s, enum tk_topic topic, int64_t stamp, tk_nsec now)
{
    tk_nsec far = distance(stamp * TK_MSEC, now);

    s->is_renewing = true;
    if (topic == TK_TOPIC_EVENTS) {
        s->is_refused = true;
        if (far > s->furthest)
            s->furthest = far;
    }
    return !s->was_renewing || far > TK_KAFKA_FAR;
}

/* A refusal is that of a batch. So only the furthest of all tells whether one of them was too old. */
enum tk_kafka_stamp_cause tk_kafka_stamp_judge(struct tk_kafka_stamp *s)
{
    enum tk_kafka_stamp_cause cause = TK_STAMP_FINE;

    if (s->is_refused)
        cause = !s->was_renewing || s->furthest > TK_KAFKA_FAR ? TK_STAMP_OLD : TK_STAMP_CLOCK;
    s->was_renewing = s->is_renewing;
    s->is_refused = false;
    s->furthest = 0;
    return cause;
}
