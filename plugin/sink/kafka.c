/* SPDX-License-Identifier: Apache-2.0 */
#include "sink/kafka.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <syslog.h>

#include <librdkafka/rdkafka.h>

#include "sink/kafka_conf.h"
#include "sink/kafka_end.h"
#include "sink/kafka_fate.h"
#include "sink/kafka_log.h"
#include "sink/kafka_tickets.h"
#include "sink/kafka_topics.h"

#define DRAIN_PATIENCE  (2 * TK_SECOND)   /* after a fatal error: for true answers to what is on the wire */
#define PURGE_PATIENCE  (TK_SECOND / 2)   /* for reports of what was purged */
#define END_PATIENCE    (TK_SECOND / 2)   /* for librdkafka's threads, when the sink is closed */
#define BACKOFF_MIN     (100 * TK_MSEC)   /* between producers of which none achieved anything */
#define BACKOFF_MAX     (10 * TK_SECOND)

/*
 *            fatal error               nothing left, or patience is over
 *  RUNNING ---------------> DRAINING ------> PURGING ------> ABSENT
 *     ^                                                        |
 *     +--------------------------------------------------------+  back-off is over
 */
enum state { RUNNING, DRAINING, PURGING, ABSENT };

struct kafka {
    struct tk_sink sink; /* first */
    struct tk_settings *cf;
    char *brokers;
    struct tk_sink_hooks hooks;
    enum state state;
    tk_nsec until;       /* DRAINING, PURGING: patience; ABSENT: back-off */
    tk_nsec backoff;
    rd_kafka_t *rk;      /* NULL when ABSENT */
    rd_kafka_topic_t *topics[2]; /* by enum tk_topic; the health one may be NULL */
    bool is_fatal;       /* rk has raised a fatal error */
    bool has_achieved;   /* rk got an answer about some event: delivered or condemned */
    tk_nsec now;         /* of the poll under way */
    unsigned served;     /* reports since that poll began */
    struct tk_kafka_end end;
    struct tk_kafka_topics care;
    struct tk_kafka_log log;
    struct tk_kafka_tickets tickets;
};

static const uint64_t wake = 1;

/* --- librdkafka's callbacks: all from rd_kafka_poll() or rd_kafka_flush(), in the worker ------------------------ */

static void report(struct kafka *k, uintptr_t place, enum tk_fate fate, const char *reason)
{
    struct tk_report r = {.ticket = tk_kafka_tickets_take(&k->tickets, place), .fate = fate, .reason = reason};

    k->served++;
    if (k->hooks.on_report)
        k->hooks.on_report(k->hooks.arg, &r);
}

static enum tk_topic topic_of(const struct kafka *k, const rd_kafka_topic_t *rkt)
{
    return strcmp(rd_kafka_topic_name(rkt), k->cf->topic) == 0 ? TK_TOPIC_EVENTS : TK_TOPIC_HEALTH;
}

static void on_delivery(rd_kafka_t *rk, const rd_kafka_message_t *m, void *opaque)
{
    struct kafka *k = opaque;
    enum tk_fate fate = m->err ? tk_kafka_fate(m->err) : TK_DELIVERED;

    (void)rk;
    if (fate != TK_SEND_AGAIN)
        k->has_achieved = true;
    if (fate == TK_DELIVERED)
        tk_kafka_log_delivered(&k->log);
    else if (tk_kafka_is_topic_trouble(m->err))
        tk_kafka_topics_trouble(&k->care, k->now, topic_of(k, m->rkt), m->err);
    if (m->_private)
        report(k, (uintptr_t)m->_private, fate, m->err ? rd_kafka_err2str(m->err) : NULL);
}

static void on_error(rd_kafka_t *rk, int code, const char *reason, void *opaque)
{
    struct kafka *k = opaque;

    (void)rk;
    if (code == RD_KAFKA_RESP_ERR__FATAL)
        k->is_fatal = true;
    else
        tk_kafka_log_error(&k->log, k->now, code, reason);
}

static void on_log(const rd_kafka_t *rk, int level, const char *facility, const char *text)
{
    struct kafka *k;

    if (tk_kafka_end_is_destroyer())
        return;
    if (strcmp(facility, "FAIL") == 0 || strcmp(facility, "FATAL") == 0)
        return; /* on_error() has it too */
    if (strcmp(facility, "CONFWARN") == 0 && strstr(text, "enable.gapless.guarantee"))
        return; /* "experimental": our choice, and nothing that an operator could change */
    k = rd_kafka_opaque(rk);
    tk_kafka_log_line(&k->log, k->now, level, facility, "librdkafka %s: %s", facility, text);
}

/* --- the producer ----------------------------------------------------------------------------------------------- */

static void release_producer(struct kafka *k)
{
    rd_kafka_queue_t *queue = rd_kafka_queue_get_main(k->rk);

    rd_kafka_queue_io_event_enable(queue, -1, NULL, 0); /* the descriptor may be closed before its threads end */
    rd_kafka_queue_destroy(queue);
    tk_kafka_topics_detach(&k->care);
    for (size_t i = 0; i < 2; i++)
        if (k->topics[i])
            rd_kafka_topic_destroy(k->topics[i]);
    k->topics[0] = k->topics[1] = NULL;
    tk_kafka_end_begin(&k->end, k->rk);
    k->rk = NULL;
    k->state = ABSENT;
}

static bool start_producer(struct kafka *k, struct tk_err *err)
{
    rd_kafka_conf_t *conf = tk_kafka_conf_new(k->cf, k->brokers, err);
    rd_kafka_queue_t *queue;
    char text[512];

    if (!conf)
        return false;
    rd_kafka_conf_set_opaque(conf, k);
    rd_kafka_conf_set_dr_msg_cb(conf, on_delivery);
    rd_kafka_conf_set_error_cb(conf, on_error);
    rd_kafka_conf_set_log_cb(conf, on_log);
    k->rk = rd_kafka_new(RD_KAFKA_PRODUCER, conf, text, sizeof(text));
    if (!k->rk) {
        rd_kafka_conf_destroy(conf);
        tk_err_set(err, NULL, 0, "librdkafka cannot start a producer: %s; mend kafkaProperty or kafkaPropertyFile",
                   text);
        return false;
    }
    k->state = RUNNING;
    k->is_fatal = k->has_achieved = false;
    (void)rd_kafka_set_log_queue(k->rk, NULL); /* NULL: the main queue; fails only without log.queue */
    if (k->hooks.eventfd >= 0) {
        queue = rd_kafka_queue_get_main(k->rk);
        rd_kafka_queue_io_event_enable(queue, k->hooks.eventfd, &wake, sizeof(wake));
        rd_kafka_queue_destroy(queue);
    }
    tk_kafka_topics_attach(&k->care, k->rk, k->hooks.eventfd);
    k->topics[TK_TOPIC_EVENTS] = rd_kafka_topic_new(k->rk, k->cf->topic, NULL);
    if (k->cf->health_topic)
        k->topics[TK_TOPIC_HEALTH] = rd_kafka_topic_new(k->rk, k->cf->health_topic, NULL);
    if (k->topics[TK_TOPIC_EVENTS] && (k->topics[TK_TOPIC_HEALTH] || !k->cf->health_topic))
        return true;
    tk_err_set(err, NULL, 0, "librdkafka refuses the topic's settings: %s; mend kafkaTopic, kafkaHealthTopic or "
               "kafkaProperty", rd_kafka_err2str(rd_kafka_last_error()));
    release_producer(k);
    return false;
}

/* Exactly one report for each ticket, even if librdkafka has none for us any more. */
static void report_rest(struct kafka *k)
{
    for (uintptr_t i = 1; k->tickets.used && i <= TK_KAFKA_QUEUE_MESSAGES; i++)
        if (k->tickets.ticket[i - 1] != TK_NO_TICKET)
            report(k, i, TK_SEND_AGAIN, "the producer was given up before a report came");
}

static void purge(struct kafka *k, int flags)
{
    /* Without waiting for librdkafka's threads, which may hang in a look-up of a name. Fails only for other flags. */
    (void)rd_kafka_purge(k->rk, flags | RD_KAFKA_PURGE_F_NON_BLOCKING);
}

static void begin_draining(struct kafka *k)
{
    char text[512] = "";
    rd_kafka_resp_err_t code = rd_kafka_fatal_error(k->rk, text, sizeof(text));

    tk_kafka_log_line(&k->log, k->now, k->has_achieved ? LOG_WARNING : LOG_ERR, "fatal",
                      "the Kafka producer cannot go on (%s: %s)%s; starting a new one, %u events on their way are sent "
                      "again", rd_kafka_err2name(code), text, code == RD_KAFKA_RESP_ERR_CLUSTER_AUTHORIZATION_FAILED
                      ? "; grant the principal IdempotentWrite on the cluster" : "", k->tickets.used);
    purge(k, RD_KAFKA_PURGE_F_QUEUE);
    k->state = DRAINING;
    k->until = k->now + DRAIN_PATIENCE;
}

static void end_draining(struct kafka *k)
{
    report_rest(k);
    if (k->has_achieved)
        k->backoff = 0;
    else if (k->backoff == 0)
        k->backoff = BACKOFF_MIN;
    else
        k->backoff = k->backoff * 2 < BACKOFF_MAX ? k->backoff * 2 : BACKOFF_MAX;
    release_producer(k);
    k->until = k->now + k->backoff;
}

static void restart(struct kafka *k)
{
    struct tk_err err = {0};

    if (start_producer(k, &err))
        return;
    tk_kafka_log_line(&k->log, k->now, LOG_ERR, "fatal", "%s; trying again, holding events in the queue", err.text);
    k->backoff = BACKOFF_MAX;
    k->until = k->now + k->backoff;
}

static void advance_state(struct kafka *k)
{
    switch (k->state) {
    case RUNNING:
        if (k->is_fatal)
            begin_draining(k);
        break;
    case DRAINING:
        if (k->tickets.used == 0) {
            end_draining(k);
        } else if (k->now >= k->until) {
            purge(k, RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT);
            k->state = PURGING;
            k->until = k->now + PURGE_PATIENCE;
        }
        break;
    case PURGING:
        if (k->tickets.used == 0 || k->now >= k->until)
            end_draining(k);
        break;
    case ABSENT:
        if (k->now >= k->until)
            restart(k);
        break;
    }
}

/* --- the sink's functions --------------------------------------------------------------------------------------- */

static enum tk_publish refuse(struct kafka *k, enum tk_topic topic, rd_kafka_resp_err_t code)
{
    switch (code) {
    case RD_KAFKA_RESP_ERR__QUEUE_FULL:
        return TK_FULL;
    case RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE:
        return TK_TOO_LARGE;
    case RD_KAFKA_RESP_ERR__FATAL:
        k->is_fatal = true;
        return TK_FULL;
    case RD_KAFKA_RESP_ERR__INVALID_ARG:
    case RD_KAFKA_RESP_ERR__CONFLICT:
        return TK_REFUSED;
    default:
        if (tk_kafka_is_topic_trouble(code))
            tk_kafka_topics_trouble(&k->care, tk_clock_mono(), topic, code);
        return TK_FULL; /* trouble with the topic, which passes */
    }
}

static rd_kafka_vu_t header(const char *name, const char *value)
{
    return (rd_kafka_vu_t){
        .vtype = RD_KAFKA_VTYPE_HEADER,
        .u.header = {.name = name, .val = value, .size = value ? (int64_t)strlen(value) : 0},
    };
}

static enum tk_publish kafka_publish(struct tk_sink *sink, const struct tk_message *msg)
{
    struct kafka *k = (struct kafka *)sink;
    rd_kafka_vu_t args[13];
    rd_kafka_error_t *error;
    rd_kafka_resp_err_t code;
    uintptr_t place = 0;
    size_t n = 0;

    if (k->state != RUNNING || k->is_fatal)
        return TK_FULL;
    if (!k->topics[msg->topic])
        return TK_REFUSED;
    if (msg->ticket != TK_NO_TICKET && !(place = tk_kafka_tickets_put(&k->tickets, msg->ticket)))
        return TK_FULL;
    args[n++] = (rd_kafka_vu_t){.vtype = RD_KAFKA_VTYPE_RKT, .u.rkt = k->topics[msg->topic]};
    args[n++] = (rd_kafka_vu_t){.vtype = RD_KAFKA_VTYPE_MSGFLAGS, .u.i = RD_KAFKA_MSG_F_COPY};
    args[n++] = (rd_kafka_vu_t){.vtype = RD_KAFKA_VTYPE_OPAQUE, .u.ptr = (void *)place};
    args[n++] = (rd_kafka_vu_t){.vtype = RD_KAFKA_VTYPE_TIMESTAMP, .u.i64 = msg->wall / TK_MSEC};
    /* librdkafka copies both and declares neither const. */
    args[n++] = (rd_kafka_vu_t){.vtype = RD_KAFKA_VTYPE_VALUE,
                                .u.mem = {.ptr = (void *)(uintptr_t)msg->payload, .size = msg->payload_len}};
    if (msg->key)
        args[n++] = (rd_kafka_vu_t){.vtype = RD_KAFKA_VTYPE_KEY,
                                    .u.mem = {.ptr = (void *)(uintptr_t)msg->key, .size = msg->key_len}};
    if (k->cf->has_headers) {
        args[n++] = header("ce_specversion", "1.0");
        args[n++] = header("ce_id", msg->ce_id);
        args[n++] = header("ce_type", msg->ce_type);
        args[n++] = header("ce_source", msg->ce_source);
        args[n++] = header("ce_time", msg->ce_time);
        args[n++] = header("content-type", "application/json");
    }
    error = rd_kafka_produceva(k->rk, args, n);
    if (!error)
        return TK_ACCEPTED;
    code = rd_kafka_error_code(error);
    rd_kafka_error_destroy(error);
    if (place)
        (void)tk_kafka_tickets_take(&k->tickets, place);
    return refuse(k, msg->topic, code);
}

static unsigned kafka_poll(struct tk_sink *sink)
{
    struct kafka *k = (struct kafka *)sink;

    k->now = tk_clock_mono();
    k->served = 0;
    if (k->rk)
        (void)rd_kafka_poll(k->rk, 0);
    tk_kafka_topics_poll(&k->care, k->now);
    tk_kafka_log_tick(&k->log, k->now, k->tickets.used > 0);
    advance_state(k);
    (void)tk_kafka_end_wait(&k->end, 0);
    return k->served;
}

static unsigned kafka_in_flight(const struct tk_sink *sink)
{
    return ((const struct kafka *)sink)->tickets.used;
}

static void kafka_close(struct tk_sink *sink, tk_nsec deadline)
{
    struct kafka *k = (struct kafka *)sink;
    tk_nsec left;

    k->now = tk_clock_mono();
    while (k->rk && !k->is_fatal && (left = deadline - k->now) > 0) {
        int slice = left < 100 * TK_MSEC ? (int)(left / TK_MSEC) + 1 : 100;

        if (rd_kafka_flush(k->rk, slice) == RD_KAFKA_RESP_ERR_NO_ERROR)
            break;
        k->now = tk_clock_mono();
        tk_kafka_log_tick(&k->log, k->now, k->tickets.used > 0);
    }
    if (k->rk && k->tickets.used) {
        tk_nsec until = tk_clock_mono() + PURGE_PATIENCE;

        purge(k, RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT);
        do
            (void)rd_kafka_poll(k->rk, 10);
        while (k->tickets.used && tk_clock_mono() < until);
    }
    report_rest(k);
    if (k->rk)
        release_producer(k);
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
    .close = kafka_close,
};

struct tk_sink *tk_kafka_new(struct tk_settings *cf, const char *brokers, const struct tk_sink_hooks *hooks,
                             struct tk_err *err)
{
    struct kafka *k = calloc(1, sizeof(*k));
    char *copy = strdup(brokers);

    if (!k || !copy) {
        tk_err_set(err, NULL, 0, "out of memory for a Kafka producer; it is tried again at the next SIGHUP");
        free(copy);
        free(k);
        return NULL;
    }
    k->sink.ops = &kafka_ops;
    k->cf = tk_settings_ref(cf);
    k->brokers = copy;
    k->hooks = *hooks;
    k->now = tk_clock_mono();
    tk_kafka_tickets_init(&k->tickets);
    tk_kafka_log_init(&k->log, hooks->on_log, hooks->arg);
    tk_kafka_topics_init(&k->care, &k->log, k->brokers, cf->topic, cf->health_topic);
    if (!start_producer(k, err)) {
        kafka_close(&k->sink, 0);
        return NULL;
    }
    if (!cf->brokers || strcmp(cf->brokers, "embedded") != 0) /* that one creates what it is asked about */
        tk_kafka_topics_want(&k->care);
    return &k->sink;
}
