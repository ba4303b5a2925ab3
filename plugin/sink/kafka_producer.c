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
#include "sink/kafka_reports.h"

#define DRAIN_PATIENCE (2 * TK_SECOND) /* after a fatal error: wait so long for brokers' answers to sent requests */
#define BACKOFF_MIN    (100 * TK_MSEC) /* between producers that got no event delivered or condemned */
#define BACKOFF_MAX    (10 * TK_SECOND)
#define AT_ONCE        10      /* so many producers in a row that only condemned are replaced without a pause */
#define BATCH_BYTES    1000000 /* librdkafka's default */
#define BATCH_MIN      1000
#define WIDEN_AFTER    (3600 * TK_SECOND)

static const uint64_t wake = 1;

/* --- librdkafka's callbacks: all from rd_kafka_poll() or rd_kafka_flush(), in the worker. See kafka_reports.c ----- */

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
    for (size_t i = 0; k->probes && i < TK_ROUTES; i++)
        if (k->detours[i].is_probing)
            tk_kafka_detour_probe_ended(&k->detours[i], k->now);
    if (k->alarms.is_probing)
        tk_kafka_detour_probe_ended(&k->alarms, k->now);
    k->probes = 0;
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
    rd_kafka_conf_set_dr_msg_cb(conf, tk_kafka_reports_take);
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
    k->is_fatal = k->is_giving_up = k->has_achieved = false;
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

void tk_kafka_producer_purge(struct tk_kafka *k, int flags)
{
    /* Non-blocking, because librdkafka's threads may be in a DNS look-up. Fails only for invalid flags. */
    (void)rd_kafka_purge(k->rk, flags | RD_KAFKA_PURGE_F_NON_BLOCKING);
}

static void begin_draining(struct tk_kafka *k)
{
    tk_kafka_producer_purge(k, RD_KAFKA_PURGE_F_QUEUE);
    k->state = TK_KAFKA_DRAINING;
    k->until = k->now + DRAIN_PATIENCE;
}

static void take_fatal_error(struct tk_kafka *k)
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
    begin_draining(k);
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
    const char *topic = k->care.topics[k->stamp_slot].name;

    switch (tk_kafka_stamp_judge(&k->stamp)) {
    case TK_STAMP_FINE: return;
    case TK_STAMP_OLD:
        tk_kafka_log_line(&k->log, k->now, LOG_WARNING, "stamp",
                          "topic '%s' refused timestamps of events that were up to %lld s old (see its "
                          "message.timestamp.before.max.ms); they are published again with the moment of sending as "
                          "Kafka's timestamp; \"received\" in the event is when they came",
                          topic, furthest);
        return;
    case TK_STAMP_CLOCK:
        tk_kafka_log_line(&k->log, k->now, LOG_ERR, "stamp",
                          "topic '%s' refuses the timestamps of events that are sent just now (INVALID_TIMESTAMP): the "
                          "clock of this machine or of a broker is wrong, or the topic allows too little; correct the "
                          "clock, or raise the topic's message.timestamp.before.max.ms and "
                          "message.timestamp.after.max.ms; holding events in the queue",
                          topic);
        tk_kafka_log_refused(&k->log);
        return;
    }
}

static void end_draining(struct tk_kafka *k)
{
    tk_kafka_reports_rest(k);
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
            take_fatal_error(k);
        else if (k->is_giving_up)
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
