/* SPDX-License-Identifier: Apache-2.0 */
#include "sink/kafka_detour.h"

#include "sink/kafka_fate.h"

static bool change(struct tk_kafka_detour *d, enum tk_kafka_had state)
{
    bool is_news = d->state != state;

    d->is_news |= is_news;
    d->state = state;
    return is_news;
}

bool tk_kafka_detour_begin(struct tk_kafka_detour *d, tk_nsec now, rd_kafka_resp_err_t code)
{
    d->code = code;
    d->try_at = now + (tk_kafka_is_topic_missing(code) ? TK_KAFKA_TRY_MISSING : TK_KAFKA_TRY_FORBIDDEN);
    return change(d, TK_TOPIC_AWAY);
}

bool tk_kafka_detour_end(struct tk_kafka_detour *d)
{
    return change(d, TK_TOPIC_HAD);
}

bool tk_kafka_detour_news(struct tk_kafka_detour *d)
{
    bool is_news = d->is_news;

    d->is_news = false;
    return is_news;
}
