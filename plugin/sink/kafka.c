/* SPDX-License-Identifier: Apache-2.0 */
#include "sink/kafka.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/devel.h"
#include "sink/kafka_fate.h"
#include "sink/kafka_producer.h"
#include "sink/kafka_reports.h"

#define END_PATIENCE (TK_SECOND / 2) /* how long kafka_close() waits for librdkafka's threads to end */

static enum tk_publish refuse(struct tk_kafka *k, unsigned slot, rd_kafka_resp_err_t code)
{
    switch (code) {
    case RD_KAFKA_RESP_ERR__QUEUE_FULL: return TK_FULL;
    case RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE: return TK_TOO_LARGE;
    case RD_KAFKA_RESP_ERR__FATAL: k->is_fatal = true; return TK_FULL;
    case RD_KAFKA_RESP_ERR__INVALID_ARG:
    case RD_KAFKA_RESP_ERR__CONFLICT: return TK_REFUSED;
    default:
        if (tk_kafka_is_topic_trouble(code) && tk_kafka_reports_trouble(k, tk_clock_mono(), slot, code) &&
            slot == TK_TOPIC_DEAD_LETTERS)
            return TK_REFUSED; /* a dead letter that waited would block events */
        return TK_FULL;        /* an error of the topic: retry later */
    }
}

#define ADD(hdrs, name, value) (void)rd_kafka_header_add(hdrs, name, (ssize_t)sizeof(name) - 1, value, -1)

static void add_cloudevents(rd_kafka_headers_t *hdrs, const struct tk_message *msg) /* binary mode */
{
    ADD(hdrs, "ce_specversion", "1.0");
    ADD(hdrs, "ce_id", msg->ce_id);
    ADD(hdrs, "ce_type", msg->ce_type);
    ADD(hdrs, "ce_source", msg->ce_source);
    ADD(hdrs, "ce_time", msg->ce_time);
    if (msg->payload)
        ADD(hdrs, "content-type", "application/json");
}

/* Make the message's headers; NULL: none. RD_KAFKA_VTYPE_HEADER would be simpler, but librdkafka before 2.12.0 frees
 * such headers twice when the topic does not exist. */
static rd_kafka_headers_t *headers_of(const struct tk_kafka *k, const struct tk_message *msg)
{
    rd_kafka_headers_t *hdrs;

    if (!k->cf->has_headers && !msg->dead_reason)
        return NULL;
    hdrs = rd_kafka_headers_new(8);
    if (k->cf->has_headers)
        add_cloudevents(hdrs, msg);
    if (msg->dead_reason) {
        ADD(hdrs, "trapkafka_reason", msg->dead_reason);
        ADD(hdrs, "trapkafka_topic", msg->dead_topic);
    }
    return hdrs;
}

#undef ADD

/* The clock is read only where it matters: this runs for each event. */
static int64_t stamp_of(const struct tk_kafka *k, const struct tk_message *msg)
{
    if (!k->stamp.is_renewing && msg->topic != TK_TOPIC_HEALTH)
        return msg->wall / TK_MSEC;
    return tk_kafka_stamp_of(&k->stamp, msg->topic, msg->wall, tk_clock_now().wall);
}

static enum tk_publish kafka_publish(struct tk_sink *sink, const struct tk_message *msg)
{
    struct tk_kafka *k = (struct tk_kafka *)sink;
    bool is_probe = msg->route && msg->ticket == TK_NO_TICKET;
    rd_kafka_headers_t *hdrs;
    rd_kafka_error_t *error;
    rd_kafka_vu_t args[7];
    rd_kafka_resp_err_t code;
    uintptr_t place = 0;
    int64_t stamp;
    unsigned slot;
    size_t n = 0;

    TK_ON_THREAD(WORKER);
    TK_ASSERT((unsigned)msg->topic < TK_TOPICS);
    if (k->state != TK_KAFKA_RUNNING || k->is_fatal || k->is_giving_up)
        return TK_FULL;
    slot = tk_kafka_slot(msg->topic, msg->route);
    if (!k->topics[slot])
        return TK_REFUSED;
    if (msg->topic == TK_TOPIC_HEALTH && k->now < k->health_held_until)
        return TK_FULL;
    if (msg->topic == TK_TOPIC_ALARMS && !tk_kafka_detour_is_open(&k->alarms) &&
        !tk_kafka_detour_wants_probe(&k->alarms, k->now))
        return TK_FULL;
    stamp = stamp_of(k, msg);
    if (is_probe)
        place = TK_KAFKA_PROBE_PLACE(msg->route);
    else if (msg->ticket != TK_NO_TICKET && !(place = tk_kafka_tickets_put(&k->tickets, msg->ticket, stamp, slot)))
        return TK_FULL;
    args[n++] = (rd_kafka_vu_t){.vtype = RD_KAFKA_VTYPE_RKT, .u.rkt = k->topics[slot]};
    args[n++] = (rd_kafka_vu_t){.vtype = RD_KAFKA_VTYPE_MSGFLAGS, .u.i = RD_KAFKA_MSG_F_COPY};
    args[n++] = (rd_kafka_vu_t){.vtype = RD_KAFKA_VTYPE_OPAQUE, .u.ptr = (void *)place};
    args[n++] = (rd_kafka_vu_t){.vtype = RD_KAFKA_VTYPE_TIMESTAMP, .u.i64 = stamp};
    /* librdkafka copies both and declares neither const. */
    args[n++] = (rd_kafka_vu_t){.vtype = RD_KAFKA_VTYPE_VALUE,
                                .u.mem = {.ptr = (void *)(uintptr_t)msg->payload, .size = msg->payload_len}};
    if (msg->key)
        args[n++] = (rd_kafka_vu_t){.vtype = RD_KAFKA_VTYPE_KEY,
                                    .u.mem = {.ptr = (void *)(uintptr_t)msg->key, .size = msg->key_len}};
    hdrs = headers_of(k, msg);
    if (hdrs)
        args[n++] = (rd_kafka_vu_t){.vtype = RD_KAFKA_VTYPE_HEADERS, .u.headers = hdrs};
    error = rd_kafka_produceva(k->rk, args, n);
    if (!error) {
        if (msg->topic == TK_TOPIC_ALARMS && !tk_kafka_detour_is_open(&k->alarms))
            tk_kafka_detour_probe(&k->alarms);
        if (is_probe)
            tk_kafka_reports_probe(k, msg->route);
        return TK_ACCEPTED;
    }
    code = rd_kafka_error_code(error);
    rd_kafka_error_destroy(error);
    if (hdrs) /* the call failed, so we still own them */
        rd_kafka_headers_destroy(hdrs);
    if (msg->ticket != TK_NO_TICKET)
        (void)tk_kafka_tickets_take(&k->tickets, place);
    return refuse(k, slot, code);
}

/* Tell the worker which topics of rules can't be had, and which can be had again. */
static void tell_detours(struct tk_kafka *k)
{
    char why[TK_LOG_LINE_BYTES];

    for (unsigned route = 1; k->has_detour_news && route <= TK_ROUTES; route++) {
        struct tk_kafka_detour *d = &k->detours[route - 1];
        bool is_away = d->state == TK_TOPIC_AWAY;

        if (!tk_kafka_detour_news(d) || !k->hooks.on_route)
            continue;
        if (is_away)
            tk_kafka_topics_describe(&k->care, tk_kafka_slot(TK_TOPIC_EVENTS, route), d->code, why, sizeof(why));
        k->hooks.on_route(k->hooks.arg, route, is_away ? why : NULL);
    }
    k->has_detour_news = false;
}

static bool kafka_is_open(const struct tk_sink *sink, unsigned route)
{
    const struct tk_kafka *k = (const struct tk_kafka *)sink;

    TK_ASSERT(route <= TK_ROUTES);
    return route == 0 || tk_kafka_detour_is_open(&k->detours[route - 1]);
}

static bool kafka_wants_probe(const struct tk_sink *sink, unsigned route)
{
    const struct tk_kafka *k = (const struct tk_kafka *)sink;

    TK_ASSERT(route > 0 && route <= TK_ROUTES);
    return tk_kafka_detour_wants_probe(&k->detours[route - 1], k->now);
}

static void kafka_give_up(struct tk_sink *sink, unsigned route)
{
    struct tk_kafka *k = (struct tk_kafka *)sink;

    TK_ON_THREAD(WORKER);
    TK_ASSERT(route > 0 && route <= TK_ROUTES);
    k->has_detour_news |= tk_kafka_detour_begin(&k->detours[route - 1], k->now, TK_KAFKA_STALLED, true);
    k->is_giving_up = true;
}

static unsigned kafka_poll(struct tk_sink *sink)
{
    struct tk_kafka *k = (struct tk_kafka *)sink;

    TK_ON_THREAD(WORKER);
    k->now = tk_clock_mono();
    k->served = 0;
    if (k->rk)
        (void)rd_kafka_poll(k->rk, 0);
    tk_kafka_topics_poll(&k->care, k->now);
    tell_detours(k);
    tk_kafka_log_tick(&k->log, k->now, k->tickets.used > 0);
    tk_kafka_producer_advance(k);
    (void)tk_kafka_end_wait(&k->end, 0);
    return k->served;
}

static unsigned kafka_in_flight(const struct tk_sink *sink)
{
    return ((const struct tk_kafka *)sink)->tickets.used;
}

static struct tk_sink_view kafka_view(const struct tk_sink *sink)
{
    const struct tk_kafka *k = (const struct tk_kafka *)sink;

    return (struct tk_sink_view){.brokers = k->brokers,
                                 .brokers_up = k->cluster.brokers_up,
                                 .brokers_known = k->cluster.brokers_known,
                                 .has_delivered = k->has_delivered};
}

static void kafka_close(struct tk_sink *sink, tk_nsec deadline)
{
    struct tk_kafka *k = (struct tk_kafka *)sink;
    tk_nsec left;

    TK_ON_THREAD(WORKER);
    k->now = tk_clock_mono();
    while (k->rk && !k->is_fatal && rd_kafka_outq_len(k->rk) > (int)k->probes && (left = deadline - k->now) > 0) {
        int slice = left < 100 * TK_MSEC ? (int)(left / TK_MSEC) + 1 : 100;

        if (rd_kafka_flush(k->rk, slice) == RD_KAFKA_RESP_ERR_NO_ERROR)
            break;
        k->now = tk_clock_mono();
        tk_kafka_log_tick(&k->log, k->now, k->tickets.used > 0);
    }
    if (k->rk && k->tickets.used) {
        tk_nsec until = tk_clock_mono() + TK_KAFKA_PURGE_PATIENCE;

        tk_kafka_producer_purge(k, RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT);
        do
            (void)rd_kafka_poll(k->rk, 10);
        while (k->tickets.used && tk_clock_mono() < until);
    }
    tk_kafka_reports_rest(k);
    if (k->rk)
        tk_kafka_producer_release(k);
    (void)tk_kafka_end_wait(&k->end, END_PATIENCE);
    tk_kafka_end_abandon(&k->end);
    tk_settings_unref(k->cf);
    free(k->brokers);
    free(k);
}

static const struct tk_sink_ops kafka_ops = {
    .publish = kafka_publish,
    .poll = kafka_poll,
    .in_flight = kafka_in_flight,
    .view = kafka_view,
    .close = kafka_close,
    .is_open = kafka_is_open,
    .wants_probe = kafka_wants_probe,
    .give_up = kafka_give_up,
};

const char *tk_kafka_library_version(void)
{
    return rd_kafka_version_str();
}

struct tk_sink *tk_kafka_new(struct tk_settings *cf, const char *brokers, const struct tk_sink_hooks *hooks,
                             struct tk_err *err)
{
    const char *names[TK_KAFKA_SLOTS] = {
        [TK_TOPIC_EVENTS] = cf->topic,
        [TK_TOPIC_HEALTH] = cf->health_topic,
        [TK_TOPIC_DEAD_LETTERS] = cf->dead_letter_topic,
        [TK_TOPIC_ALARMS] = cf->alarm_topic,
    };
    struct tk_kafka *k = calloc(1, sizeof(*k));
    char *copy = strdup(brokers);

    if (!k || !copy) {
        tk_err_set(err, NULL, 0, "out of memory for a Kafka producer; trying again in some seconds");
        free(copy);
        free(k);
        return NULL;
    }
    for (unsigned route = 1; hooks->routes && route <= hooks->routes->count; route++)
        names[tk_kafka_slot(TK_TOPIC_EVENTS, route)] = hooks->routes->topic[route - 1];
    k->sink.ops = &kafka_ops;
    k->cf = tk_settings_ref(cf);
    k->brokers = copy;
    k->hooks = *hooks;
    k->now = tk_clock_mono();
    tk_kafka_tickets_init(&k->tickets);
    tk_kafka_log_init(&k->log, hooks, k->brokers);
    tk_kafka_topics_init(&k->care, &k->log, k->brokers, names, cf->is_creating_topics);
    if (!tk_kafka_producer_start(k, err)) {
        kafka_close(&k->sink, 0);
        return NULL;
    }
    if (!cf->brokers || strcasecmp(cf->brokers, "embedded") != 0) { /* it creates topics by itself, and compacts none */
        tk_kafka_topics_want(&k->care);
        if (cf->alarm_topic)
            tk_kafka_compaction_want(&k->care.compaction);
    }
    return &k->sink;
}
