/* SPDX-License-Identifier: Apache-2.0 */
#include "sink/kafka_producer.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <syslog.h>
#include <unistd.h>

#include "base/devel.h"
#include "sink/kafka_check.h"
#include "sink/kafka_conf.h"

#define DRAIN_PATIENCE   (2 * TK_SECOND) /* after a fatal error: wait so long for brokers' answers to sent requests */
#define BACKOFF_MIN      (100 * TK_MSEC) /* between producers that got no event delivered or condemned */
#define BACKOFF_MAX      (10 * TK_SECOND)
#define AT_ONCE          10      /* so many producers in a row that only condemned are replaced without a pause */
#define BATCH_BYTES      1000000 /* librdkafka's default */
#define BATCH_MIN        1000
#define WIDEN_AFTER      (3600 * TK_SECOND)
#define HEALTH_REFUSED   (3600 * TK_SECOND) /* send no health record for so long after the topic refused one */
#define HEALTH_FORBIDDEN (300 * TK_SECOND)  /* the same, after an authorization error: permissions change sooner */

static const uint64_t wake = 1;

/* --- librdkafka's callbacks: all from rd_kafka_poll() or rd_kafka_flush(), in the worker ------------------------ */

static bool is_about_size(rd_kafka_resp_err_t code)
{
    return code == RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE || code == RD_KAFKA_RESP_ERR_RECORD_LIST_TOO_LARGE;
}

static void report(struct tk_kafka *k, uintptr_t place, enum tk_fate fate, rd_kafka_resp_err_t code, const char *reason)
{
    const char *topic = k->care.topics[tk_kafka_tickets_slot(&k->tickets, place)].name;
    struct tk_report r = {
        .topic = topic,
        .ticket = tk_kafka_tickets_take(&k->tickets, place),
        .fate = fate,
        .is_too_large = fate == TK_CONDEMNED && is_about_size(code),
        .reason = reason,
    };

    k->served++;
    if (k->hooks.on_report)
        k->hooks.on_report(k->hooks.arg, &r);
}

static unsigned slot_of(const struct tk_kafka *k, const rd_kafka_message_t *m)
{
    return m->_private ? tk_kafka_tickets_slot(&k->tickets, (uintptr_t)m->_private) : TK_TOPIC_HEALTH;
}

bool tk_kafka_producer_topic_trouble(struct tk_kafka *k, tk_nsec now, unsigned slot, rd_kafka_resp_err_t code)
{
    unsigned route = tk_kafka_slot_route(slot);

    if (!tk_kafka_topics_trouble(&k->care, now, slot, code))
        return false;
    if (route)
        k->has_detour_news |= tk_kafka_detour_begin(&k->detours[route - 1], now, code);
    return true;
}

static void note_delivery(struct tk_kafka *k, unsigned slot)
{
    unsigned route = tk_kafka_slot_route(slot);

    tk_kafka_log_delivered(&k->log, slot == TK_TOPIC_EVENTS);
    k->condemners = 0;
    if (route)
        k->has_detour_news |= tk_kafka_detour_end(&k->detours[route - 1]);
}

/* Each message that a broker refuses ends the producer (gapless guarantee), which delays events. So after a refused
 * health record none is sent for a while. */
static void hold_health_back(struct tk_kafka *k, rd_kafka_resp_err_t code)
{
    bool is_forbidden = code == RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED;

    k->health_held_until = k->now + (is_forbidden ? HEALTH_FORBIDDEN : HEALTH_REFUSED);
    if (!is_forbidden) /* tk_kafka_topics_trouble() logs the other case */
        tk_kafka_log_line(&k->log, k->now, LOG_ERR, "health",
                          "topic '%s' refuses health records permanently (%s); no health record is "
                          "sent for an hour; correct the topic's settings (kafka-configs.sh --bootstrap-server %s "
                          "--describe --topic %s), or turn health records off with: kafkaHealthTopic \"\"",
                          k->cf->health_topic, tk_kafka_code_text(code), k->brokers, k->cf->health_topic);
}

static void note_refusal(struct tk_kafka *k, enum tk_topic topic, enum tk_fate fate, rd_kafka_resp_err_t code)
{
    if (is_about_size(code))
        k->oversized++;
    if (topic == TK_TOPIC_HEALTH && (fate == TK_CONDEMNED || code == RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED))
        hold_health_back(k, code);
}

/* A health record has no place for its timestamp, which never is an old one. @returns what becomes of a message that was
 * refused for its timestamp */
static enum tk_fate take_refused_stamp(struct tk_kafka *k, enum tk_topic topic, const rd_kafka_message_t *m)
{
    tk_nsec now = tk_clock_now().wall;
    int64_t stamp = m->_private ? tk_kafka_tickets_stamp(&k->tickets, (uintptr_t)m->_private) : now / TK_MSEC;

    if (tk_kafka_stamp_note(&k->stamp, topic, stamp, now))
        k->has_achieved = true; /* it passes the next time */
    else if (topic == TK_TOPIC_DEAD_LETTERS)
        return TK_CONDEMNED; /* a dead letter that waited would block events */
    else if (topic == TK_TOPIC_HEALTH)
        hold_health_back(k, m->err);
    return TK_SEND_AGAIN;
}

/* An error that only an operator can end; the others have lines of their own. */
static void tell_remedy(struct tk_kafka *k, const rd_kafka_message_t *m)
{
    const char *remedy = tk_kafka_fate_remedy(m->err);

    if (!remedy)
        return;
    tk_kafka_log_line(&k->log, k->now, LOG_ERR, "remedy",
                      "topic '%s' takes no events as they are (%s); %s; holding "
                      "events in the queue",
                      rd_kafka_topic_name(m->rkt), tk_kafka_code_text(m->err), remedy);
    tk_kafka_log_refused(&k->log);
}

static void on_delivery(rd_kafka_t *rk, const rd_kafka_message_t *m, void *opaque)
{
    struct tk_kafka *k = opaque;
    unsigned slot = slot_of(k, m);
    enum tk_topic topic = tk_kafka_slot_topic(slot);
    enum tk_fate fate = tk_kafka_fate(&k->doubt, k->now, m->err);

    (void)rk;
    if (fate == TK_DELIVERED) {
        note_delivery(k, slot);
    } else if (tk_kafka_is_topic_trouble(m->err) && tk_kafka_producer_topic_trouble(k, k->now, slot, m->err) &&
               topic == TK_TOPIC_DEAD_LETTERS) {
        fate = TK_CONDEMNED; /* a dead letter that waited would block events */
    } else if (m->err == RD_KAFKA_RESP_ERR_INVALID_TIMESTAMP) {
        fate = take_refused_stamp(k, topic, m);
    } else if (topic == TK_TOPIC_EVENTS) {
        tell_remedy(k, m);
    }
    if (fate != TK_SEND_AGAIN)
        k->has_achieved = true;
    if (m->err)
        note_refusal(k, topic, fate, m->err);
    if (m->_private)
        report(k, (uintptr_t)m->_private, fate, m->err, m->err ? tk_kafka_code_text(m->err) : NULL);
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

static void on_throttle(rd_kafka_t *rk, const char *broker, int32_t id, int ms, void *opaque)
{
    struct tk_kafka *k = opaque;

    (void)rk, (void)id;
    tk_kafka_log_throttled(&k->log, k->now, broker, ms);
}

static void on_log(const rd_kafka_t *rk, int level, const char *facility, const char *text)
{
    struct tk_kafka *k;

    if (tk_kafka_end_is_destroyer())
        return;
    if (strcmp(facility, "FAIL") == 0 || strcmp(facility, "FATAL") == 0)
        return; /* on_error() gets the same message */
    if (strcmp(facility, "CONFWARN") == 0 &&
        (strstr(text, "enable.gapless.guarantee") || strstr(text, "allow.auto.create.topics")))
        return; /* "experimental", "for consumers": the module sets them, and an operator cannot change them */
    k = rd_kafka_opaque(rk);
    if (strcmp(facility, "GETPID") == 0 && strstr(text, "retrying")) {
        /* Brokers that were just started answer so at a healthy first start. If it goes on, the line of the outage has
         * it as the cause. */
        tk_kafka_log_error(&k->log, k->now, RD_KAFKA_RESP_ERR__RETRY, text);
        return;
    }
    tk_kafka_log_line(&k->log, k->now, level, facility, "librdkafka %s: %s", facility, text);
}

static int on_statistics(rd_kafka_t *rk, char *json, size_t len, void *opaque)
{
    struct tk_kafka *k = opaque;

    (void)rk;
    tk_kafka_cluster_read(&k->cluster, json, len);
    return 0; /* librdkafka frees the text */
}

/* --- life and death --------------------------------------------------------------------------------------------- */

void tk_kafka_producer_release(struct tk_kafka *k)
{
    rd_kafka_queue_t *queue = rd_kafka_queue_get_main(k->rk);

    /* librdkafka's threads may end after the eventfd is closed, and must not write to it then. */
    rd_kafka_queue_io_event_enable(queue, -1, NULL, 0);
    rd_kafka_queue_destroy(queue);
    tk_kafka_topics_detach(&k->care, k->now);
    for (size_t i = 0; i < TK_KAFKA_SLOTS; i++) {
        if (k->topics[i])
            rd_kafka_topic_destroy(k->topics[i]);
        k->topics[i] = NULL;
    }
    tk_kafka_end_begin(&k->end, k->rk);
    k->rk = NULL;
    k->cluster.brokers_up = 0;
    k->state = TK_KAFKA_ABSENT;
}

/* Limit batch.size to @p bytes, unless the operator's own limit is lower. */
static void limit_batches(rd_kafka_conf_t *conf, unsigned bytes)
{
    char value[32] = "";
    size_t size = sizeof(value);

    if (!bytes || rd_kafka_conf_get(conf, "batch.size", value, &size) != RD_KAFKA_CONF_OK ||
        strtoul(value, NULL, 10) <= bytes)
        return;
    (void)snprintf(value, sizeof(value), "%u", bytes);
    (void)rd_kafka_conf_set(conf, "batch.size", value, NULL, 0); /* any positive number is valid */
}

static bool open_topics(struct tk_kafka *k, struct tk_err *err)
{
    for (size_t i = 0; i < TK_KAFKA_SLOTS; i++) {
        const char *name = k->care.topics[i].name;

        if (!name)
            continue;
        k->topics[i] = rd_kafka_topic_new(k->rk, name, NULL);
        if (!k->topics[i]) {
            tk_err_set(err, NULL, 0,
                       "librdkafka refuses the settings of topic '%s': %s; correct its name or "
                       "kafkaProperty",
                       name, rd_kafka_err2str(rd_kafka_last_error()));
            return false;
        }
    }
    return true;
}

bool tk_kafka_producer_start(struct tk_kafka *k, struct tk_err *err)
{
    rd_kafka_conf_t *conf = tk_kafka_check_files(k->cf, err) < 0 ? NULL : tk_kafka_conf_new(k->cf, k->brokers, err);
    rd_kafka_queue_t *queue;
    char text[512];

    TK_ASSERT(!k->rk);
    if (!conf)
        return false;
    limit_batches(conf, k->batch_bytes);
    rd_kafka_conf_set_opaque(conf, k);
    rd_kafka_conf_set_dr_msg_cb(conf, on_delivery);
    rd_kafka_conf_set_error_cb(conf, on_error);
    rd_kafka_conf_set_log_cb(conf, on_log);
    rd_kafka_conf_set_stats_cb(conf, on_statistics);
    rd_kafka_conf_set_throttle_cb(conf, on_throttle);
    k->rk = rd_kafka_new(RD_KAFKA_PRODUCER, conf, text, sizeof(text));
    if (!k->rk) {
        rd_kafka_conf_destroy(conf);
        tk_err_set(err, NULL, 0, "librdkafka cannot start a producer: %s; correct kafkaProperty or kafkaPropertyFile",
                   text);
        return false;
    }
    k->state = TK_KAFKA_RUNNING;
    k->is_fatal = k->has_achieved = false;
    k->oversized = 0;
    (void)rd_kafka_set_log_queue(k->rk, NULL); /* NULL: the main queue; fails only without log.queue */
    if (k->hooks.eventfd >= 0) {
        queue = rd_kafka_queue_get_main(k->rk);
        rd_kafka_queue_io_event_enable(queue, k->hooks.eventfd, &wake, sizeof(wake));
        rd_kafka_queue_destroy(queue);
    }
    tk_kafka_topics_attach(&k->care, k->rk, k->hooks.eventfd);
    if (open_topics(k, err))
        return true;
    tk_kafka_producer_release(k);
    return false;
}

/* Each ticket is reported exactly once, also when librdkafka makes no report for it. */
void tk_kafka_report_rest(struct tk_kafka *k)
{
    for (uintptr_t i = 1; k->tickets.used && i <= TK_KAFKA_QUEUE_MESSAGES; i++)
        if (k->tickets.ticket[i - 1] != TK_NO_TICKET)
            report(k, i, TK_SEND_AGAIN, RD_KAFKA_RESP_ERR__DESTROY,
                   "the producer was closed before it reported a result");
}

void tk_kafka_producer_purge(struct tk_kafka *k, int flags)
{
    /* Non-blocking, because librdkafka's threads may be in a DNS look-up. Fails only for invalid flags. */
    (void)rd_kafka_purge(k->rk, flags | RD_KAFKA_PURGE_F_NON_BLOCKING);
}

static void begin_draining(struct tk_kafka *k)
{
    char text[512] = "";
    rd_kafka_resp_err_t code = rd_kafka_fatal_error(k->rk, text, sizeof(text));

    tk_kafka_log_line(&k->log, k->now, k->has_achieved ? LOG_WARNING : LOG_ERR, "fatal",
                      "the Kafka producer had a fatal error (%s: %s)%s; starting a new producer, %u events in flight "
                      "are sent again",
                      rd_kafka_err2name(code), text,
                      code == RD_KAFKA_RESP_ERR_CLUSTER_AUTHORIZATION_FAILED
                          ? "; grant the principal IdempotentWrite on the cluster"
                          : "",
                      k->tickets.used);
    if (!k->has_achieved && (code == RD_KAFKA_RESP_ERR_CLUSTER_AUTHORIZATION_FAILED || k->backoff))
        tk_kafka_log_refused(&k->log); /* will happen again, or the second producer in a row without a result */
    tk_kafka_producer_purge(k, RD_KAFKA_PURGE_F_QUEUE);
    k->state = TK_KAFKA_DRAINING;
    k->until = k->now + DRAIN_PATIENCE;
}

/* Messages without a ticket count too: a health record may have caused the fatal error, and its report is needed. */
static bool is_drained(const struct tk_kafka *k)
{
    return k->tickets.used == 0 && rd_kafka_outq_len(k->rk) == 0;
}

/* Brokers check the size of a batch, and refuse the whole batch. When several messages were refused for their size,
 * the next producer makes smaller batches, until a message that is too large is alone in its batch, and batches fit
 * the topic's limit. This needs no permission to read the topic's settings. */
static void fit_batches(struct tk_kafka *k)
{
    if (k->oversized > 1) {
        k->batch_bytes = (k->batch_bytes ? k->batch_bytes : BATCH_BYTES) / 4;
        if (k->batch_bytes < BATCH_MIN)
            k->batch_bytes = BATCH_MIN;
        k->narrowed_at = k->now;
    } else if (k->batch_bytes && k->now - k->narrowed_at >= WIDEN_AFTER) {
        k->batch_bytes = 0;
    }
}

static void judge_stamps(struct tk_kafka *k)
{
    long long furthest = (long long)(k->stamp.furthest / TK_SECOND);

    switch (tk_kafka_stamp_judge(&k->stamp)) {
    case TK_STAMP_FINE: return;
    case TK_STAMP_OLD:
        tk_kafka_log_line(&k->log, k->now, LOG_WARNING, "stamp",
                          "topic '%s' refused timestamps of events that were up to %lld s old (see its "
                          "message.timestamp.before.max.ms); they are published again with the moment of sending as "
                          "Kafka's timestamp; \"received\" in the event is when they came",
                          k->cf->topic, furthest);
        return;
    case TK_STAMP_CLOCK:
        tk_kafka_log_line(&k->log, k->now, LOG_ERR, "stamp",
                          "topic '%s' refuses the timestamps of events that are sent just now (INVALID_TIMESTAMP): the "
                          "clock of this machine or of a broker is wrong, or the topic allows too little; correct the "
                          "clock, or raise the topic's message.timestamp.before.max.ms and "
                          "message.timestamp.after.max.ms; holding events in the queue",
                          k->cf->topic);
        tk_kafka_log_refused(&k->log);
        return;
    }
}

static void end_draining(struct tk_kafka *k)
{
    tk_kafka_report_rest(k);
    fit_batches(k);
    judge_stamps(k);
    if (k->has_achieved)
        k->backoff = k->condemners++ < AT_ONCE ? 0 : BACKOFF_MIN;
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

    if (tk_kafka_producer_start(k, &err)) {
        if (k->hooks.eventfd >= 0) /* wake the worker: publish() works again */
            (void)!write(k->hooks.eventfd, &wake, sizeof(wake));
        return;
    }
    tk_kafka_log_line(&k->log, k->now, LOG_ERR, "fatal", "%s; trying again every 10 s; holding events in the queue",
                      err.text);
    k->backoff = BACKOFF_MAX;
    k->until = k->now + k->backoff;
}

static void step(struct tk_kafka *k)
{
    switch (k->state) {
    case TK_KAFKA_RUNNING:
        if (k->is_fatal)
            begin_draining(k);
        break;
    case TK_KAFKA_DRAINING:
        if (is_drained(k)) {
            end_draining(k);
        } else if (k->now >= k->until) {
            tk_kafka_producer_purge(k, RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT);
            k->state = TK_KAFKA_PURGING;
            k->until = k->now + TK_KAFKA_PURGE_PATIENCE;
        }
        break;
    case TK_KAFKA_PURGING:
        if (is_drained(k) || k->now >= k->until)
            end_draining(k);
        break;
    case TK_KAFKA_ABSENT:
        if (k->now >= k->until)
            restart(k);
        break;
    }
}

void tk_kafka_producer_advance(struct tk_kafka *k)
{
    enum tk_kafka_state before;

    do { /* take all steps that are due, because the next poll may be late */
        before = k->state;
        step(k);
    } while (k->state != before);
}
