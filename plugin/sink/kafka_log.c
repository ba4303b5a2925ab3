/* SPDX-License-Identifier: Apache-2.0 */
#include "sink/kafka_log.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <syslog.h>

#define SURE_AFTER  (2 * TK_SECOND)  /* an outage; an idle connection that a broker closed is back sooner */
#define STALL_AFTER (10 * TK_SECOND) /* an outage, when nothing is acknowledged though librdkafka reports no error */

void tk_kafka_log_init(struct tk_kafka_log *log, tk_sink_log_fn *put, tk_reach_fn *on_reach, void *arg)
{
    memset(log, 0, sizeof(*log));
    log->put = put;
    log->on_reach = on_reach;
    log->arg = arg;
}

/* FNV-1a over all characters except digits: lines that differ in durations, ports or counters have the same cause. */
static uint64_t cause_key(const char *facility, const char *text)
{
    uint64_t h = 14695981039346656037u;

    for (; *facility; facility++)
        h = (h ^ (unsigned char)*facility) * 1099511628211u;
    for (; *text; text++)
        if (*text < '0' || *text > '9')
            h = (h ^ (unsigned char)*text) * 1099511628211u;
    return h ? h : 1;
}

/* Find the cause's row; else take a free one, or the one that was logged longest ago. */
static struct tk_log_limit *find_limit(struct tk_kafka_log *log, uint64_t key)
{
    size_t oldest = 0;

    for (size_t i = 0; i < TK_KAFKA_LOG_CAUSES; i++) {
        if (log->causes[i].key == key)
            return &log->causes[i].limit;
        if (log->causes[oldest].key &&
            (!log->causes[i].key || log->causes[i].limit.last < log->causes[oldest].limit.last))
            oldest = i;
    }
    memset(&log->causes[oldest], 0, sizeof(log->causes[oldest]));
    log->causes[oldest].key = key;
    return &log->causes[oldest].limit;
}

void tk_kafka_log_line(struct tk_kafka_log *log, tk_nsec now, int priority, const char *facility, const char *fmt, ...)
{
    char text[TK_LOG_LINE_BYTES];
    uint64_t held_back = 0;
    va_list ap;
    size_t len;

    if (!log->put)
        return;
    va_start(ap, fmt);
    (void)vsnprintf(text, sizeof(text), fmt, ap);
    va_end(ap);
    if (priority <= LOG_ERR)
        memcpy(log->trouble, text, sizeof(log->trouble));
    /* Debug lines are not limited: an operator who sets "debug" wants all of them. */
    if (priority < LOG_DEBUG &&
        !tk_log_limit_pass(find_limit(log, cause_key(facility, text)), now, TK_KAFKA_LOG_PERIOD, &held_back))
        return;
    len = strlen(text);
    if (held_back)
        (void)snprintf(text + len, sizeof(text) - len, " (%" PRIu64 " more like this were held back)", held_back);
    log->put(log->arg, priority, text);
}

static void go_down(struct tk_kafka_log *log, tk_nsec now)
{
    if (log->is_down)
        return;
    log->is_down = true;
    log->down_since = now;
}

void tk_kafka_log_error(struct tk_kafka_log *log, tk_nsec now, rd_kafka_resp_err_t code, const char *reason)
{
    switch (code) {
    case RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN: go_down(log, now); return;
    case RD_KAFKA_RESP_ERR__AUTHENTICATION:
    case RD_KAFKA_RESP_ERR__SSL:
        go_down(log, now); /* not every librdkafka then reports ALL_BROKERS_DOWN */
        log->has_failed_connecting = true;
        (void)snprintf(log->reason, sizeof(log->reason), "%s", reason);
        tk_kafka_log_line(log, now, LOG_ERR, "error",
                          "Kafka: %s; check security.protocol and the sasl.* and ssl.* "
                          "properties; holding events in the queue",
                          reason);
        return;
    default:
        if (!strstr(reason, "in state UP"))
            log->has_failed_connecting = true;
        (void)snprintf(log->reason, sizeof(log->reason), "%s", reason);
        tk_kafka_log_line(log, now, LOG_INFO, "error", "Kafka: %s", reason);
        return;
    }
}

static bool is_gone(const struct tk_kafka_log *log, tk_nsec now, tk_nsec waited)
{
    return log->is_down && now - log->down_since >= SURE_AFTER && (log->has_failed_connecting || waited >= SURE_AFTER);
}

static void tell_reach(struct tk_kafka_log *log)
{
    enum tk_reach reach = log->is_told || log->is_refused ? TK_LOST : TK_REACHED;

    if (reach == log->told)
        return;
    log->told = reach;
    if (log->on_reach)
        log->on_reach(log->arg, reach,
                      reach != TK_LOST  ? NULL
                      : log->trouble[0] ? log->trouble
                                        : "the brokers refuse events");
}

static void tell_outage(struct tk_kafka_log *log, const char *text)
{
    log->is_told = true;
    (void)snprintf(log->trouble, sizeof(log->trouble), "%s", text);
    if (log->put)
        log->put(log->arg, LOG_WARNING, text);
}

void tk_kafka_log_tick(struct tk_kafka_log *log, tk_nsec now, bool is_waiting)
{
    char text[TK_LOG_LINE_BYTES];

    if (!is_waiting)
        log->waiting_since = 0;
    else if (!log->waiting_since)
        log->waiting_since = now;
    if (!log->is_told && is_gone(log, now, is_waiting ? now - log->waiting_since : 0)) {
        (void)snprintf(text, sizeof(text),
                       "no Kafka broker can be reached (%s); holding events in the queue; check the brokers, the "
                       "network and kafkaBrokers",
                       log->reason);
        tell_outage(log, text);
    } else if (!log->is_told && !log->is_refused && is_waiting && now - log->waiting_since >= STALL_AFTER) {
        /* If a broker hangs, the network drops packets or a partition has too few replicas, librdkafka retries and
         * reports nothing for a minute, or at all. */
        tell_outage(log,
                    "Kafka has acknowledged nothing for 10 seconds, although no connection failed; holding events in "
                    "the queue; check for a broker that hangs, a network that drops packets, and fewer in-sync "
                    "replicas than min.insync.replicas");
    }
    tell_reach(log);
}

void tk_kafka_log_reached(struct tk_kafka_log *log)
{
    if (!log->is_told)
        log->is_down = log->has_failed_connecting = false;
}

void tk_kafka_log_refused(struct tk_kafka_log *log)
{
    log->is_refused = true;
}

void tk_kafka_log_delivered(struct tk_kafka_log *log, bool is_event)
{
    bool was_lost = log->is_told || log->is_refused;

    log->is_down = log->is_told = log->has_failed_connecting = false;
    if (is_event)
        log->is_refused = false;
    log->waiting_since = 0;
    if (was_lost && !log->is_refused && log->put)
        log->put(log->arg, LOG_WARNING, "Kafka acknowledges events again"); /* as loud as the beginning */
}
