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

static tk_nsec pause_after(const struct tk_kafka_detour *d)
{
    if (d->state == TK_TOPIC_UNMADE)
        return TK_KAFKA_TRY_CREATED;
    if (d->code == TK_KAFKA_STALLED)
        return TK_KAFKA_TRY_STALLED;
    return tk_kafka_is_topic_missing(d->code) ? TK_KAFKA_TRY_MISSING : TK_KAFKA_TRY_FORBIDDEN;
}

bool tk_kafka_detour_begin(struct tk_kafka_detour *d, tk_nsec now, rd_kafka_resp_err_t code, bool is_certain)
{
    bool is_news = false;

    d->code = code;
    if (is_certain)
        is_news = change(d, TK_TOPIC_AWAY);
    else if (d->state != TK_TOPIC_AWAY)
        d->state = TK_TOPIC_UNMADE;
    d->try_at = now + pause_after(d);
    return is_news;
}

bool tk_kafka_detour_end(struct tk_kafka_detour *d)
{
    return change(d, TK_TOPIC_HAD);
}

void tk_kafka_detour_probe(struct tk_kafka_detour *d)
{
    d->is_probing = true;
}

void tk_kafka_detour_probe_ended(struct tk_kafka_detour *d, tk_nsec now)
{
    d->is_probing = false;
    d->try_at = now + pause_after(d);
}

void tk_kafka_detour_probe_refused(struct tk_kafka_detour *d, tk_nsec now)
{
    d->is_probing = false;
    d->try_at = now + TK_KAFKA_TRY_FORBIDDEN;
}

bool tk_kafka_detour_news(struct tk_kafka_detour *d)
{
    bool is_news = d->is_news;

    d->is_news = false;
    return is_news;
}
