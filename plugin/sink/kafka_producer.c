/* SPDX-License-Identifier: Apache-2.0 */
#include "sink/kafka_producer.h"

#include <string.h>
#include <syslog.h>

#include "sink/kafka_conf.h"
#include "sink/kafka_fate.h"

#define DRAIN_PATIENCE (2 * TK_SECOND) /* after a fatal error: for true answers to what is on the wire */
#define BACKOFF_MIN    (100 * TK_MSEC) /* between producers of which none achieved anything */
#define BACKOFF_MAX    (10 * TK_SECOND)

static const uint64_t wake = 1;

/* --- librdkafka's callbacks: all from rd_kafka_poll() or rd_kafka_flush(), in the worker ------------------------ */

static void report(struct tk_kafka *k, uintptr_t place, enum tk_fate fate, const char *reason)
{
    struct tk_report r = {.ticket = tk_kafka_tickets_take(&k->tickets, place), .fate = fate, .reason = reason};

    k->served++;
    if (k->hooks.on_report)
        k->hooks.on_report(k->hooks.arg, &r);
}

static enum tk_topic topic_of(const struct tk_kafka *k, const rd_kafka_topic_t *rkt)
{
    return strcmp(rd_kafka_topic_name(rkt), k->cf->topic) == 0 ? TK_TOPIC_EVENTS : TK_TOPIC_HEALTH;
}

static void on_delivery(rd_kafka_t *rk, const rd_kafka_message_t *m, void *opaque)
{
    struct tk_kafka *k = opaque;
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
    struct tk_kafka *k = opaque;

    (void)rk;
    if (code == RD_KAFKA_RESP_ERR__FATAL)
        k->is_fatal = true;
    else
        tk_kafka_log_error(&k->log, k->now, code, reason);
}

static void on_log(const rd_kafka_t *rk, int level, const char *facility, const char *text)
{
    struct tk_kafka *k;

    if (tk_kafka_end_is_destroyer())
        return;
    if (strcmp(facility, "FAIL") == 0 || strcmp(facility, "FATAL") == 0)
        return; /* on_error() has it too */
    if (strcmp(facility, "CONFWARN") == 0 && strstr(text, "enable.gapless.guarantee"))
        return; /* "experimental": our choice, and nothing that an operator could change */
    k = rd_kafka_opaque(rk);
    tk_kafka_log_line(&k->log, k->now, level, facility, "librdkafka %s: %s", facility, text);
}

/* --- life and death --------------------------------------------------------------------------------------------- */

void tk_kafka_producer_release(struct tk_kafka *k)
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
    k->state = TK_KAFKA_ABSENT;
}

bool tk_kafka_producer_start(struct tk_kafka *k, struct tk_err *err)
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
    k->state = TK_KAFKA_RUNNING;
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
    tk_kafka_producer_release(k);
    return false;
}

/* Exactly one report for each ticket, even if librdkafka has none for us any more. */
void tk_kafka_report_rest(struct tk_kafka *k)
{
    for (uintptr_t i = 1; k->tickets.used && i <= TK_KAFKA_QUEUE_MESSAGES; i++)
        if (k->tickets.ticket[i - 1] != TK_NO_TICKET)
            report(k, i, TK_SEND_AGAIN, "the producer was given up before a report came");
}

void tk_kafka_producer_purge(struct tk_kafka *k, int flags)
{
    /* Without waiting for librdkafka's threads, which may hang in a look-up of a name. Fails only for other flags. */
    (void)rd_kafka_purge(k->rk, flags | RD_KAFKA_PURGE_F_NON_BLOCKING);
}

static void begin_draining(struct tk_kafka *k)
{
    char text[512] = "";
    rd_kafka_resp_err_t code = rd_kafka_fatal_error(k->rk, text, sizeof(text));

    tk_kafka_log_line(&k->log, k->now, k->has_achieved ? LOG_WARNING : LOG_ERR, "fatal",
                      "the Kafka producer cannot go on (%s: %s)%s; starting a new one, %u events on their way are sent "
                      "again", rd_kafka_err2name(code), text, code == RD_KAFKA_RESP_ERR_CLUSTER_AUTHORIZATION_FAILED
                      ? "; grant the principal IdempotentWrite on the cluster" : "", k->tickets.used);
    tk_kafka_producer_purge(k, RD_KAFKA_PURGE_F_QUEUE);
    k->state = TK_KAFKA_DRAINING;
    k->until = k->now + DRAIN_PATIENCE;
}

static void end_draining(struct tk_kafka *k)
{
    tk_kafka_report_rest(k);
    if (k->has_achieved)
        k->backoff = 0;
    else if (k->backoff == 0)
        k->backoff = BACKOFF_MIN;
    else
        k->backoff = k->backoff * 2 < BACKOFF_MAX ? k->backoff * 2 : BACKOFF_MAX;
    tk_kafka_producer_release(k);
    k->until = k->now + k->backoff;
}

static void restart(struct tk_kafka *k)
{
    struct tk_err err = {0};

    if (tk_kafka_producer_start(k, &err))
        return;
    tk_kafka_log_line(&k->log, k->now, LOG_ERR, "fatal", "%s; trying again, holding events in the queue", err.text);
    k->backoff = BACKOFF_MAX;
    k->until = k->now + k->backoff;
}

void tk_kafka_producer_advance(struct tk_kafka *k)
{
    switch (k->state) {
    case TK_KAFKA_RUNNING:
        if (k->is_fatal)
            begin_draining(k);
        break;
    case TK_KAFKA_DRAINING:
        if (k->tickets.used == 0) {
            end_draining(k);
        } else if (k->now >= k->until) {
            tk_kafka_producer_purge(k, RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT);
            k->state = TK_KAFKA_PURGING;
            k->until = k->now + TK_KAFKA_PURGE_PATIENCE;
        }
        break;
    case TK_KAFKA_PURGING:
        if (k->tickets.used == 0 || k->now >= k->until)
            end_draining(k);
        break;
    case TK_KAFKA_ABSENT:
        if (k->now >= k->until)
            restart(k);
        break;
    }
}
