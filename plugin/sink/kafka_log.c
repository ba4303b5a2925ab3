/* SPDX-License-Identifier: Apache-2.0 */
#include "sink/kafka_log.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <syslog.h>

#define SURE_AFTER (2 * TK_SECOND) /* an idle connection that a broker closed comes back sooner */

void tk_kafka_log_init(struct tk_kafka_log *log, tk_sink_log_fn *put, void *arg)
{
    memset(log, 0, sizeof(*log));
    log->put = put;
    log->arg = arg;
}

/* FNV-1a over everything but digits: durations, ports and counters make no new cause of an old one. */
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

/* The cause's row, or a free one, or the one told longest ago. */
static struct tk_log_limit *find_limit(struct tk_kafka_log *log, uint64_t key)
{
    size_t oldest = 0;

    for (size_t i = 0; i < TK_KAFKA_LOG_CAUSES; i++) {
        if (log->causes[i].key == key)
            return &log->causes[i].limit;
        if (log->causes[oldest].key && (!log->causes[i].key ||
                                        log->causes[i].limit.last < log->causes[oldest].limit.last))
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
    /* Debug lines were asked for, each of them. */
    if (priority < LOG_DEBUG &&
        !tk_log_limit_pass(find_limit(log, cause_key(facility, text)), now, TK_KAFKA_LOG_PERIOD, &held_back))
        return;
    len = strlen(text);
    if (held_back)
        (void)snprintf(text + len, sizeof(text) - len, " (%" PRIu64 " more like this were held back)", held_back);
    log->put(log->arg, priority, text);
}

void tk_kafka_log_error(struct tk_kafka_log *log, tk_nsec now, rd_kafka_resp_err_t code, const char *reason)
{
    switch (code) {
    case RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN:
        if (!log->is_down) {
            log->is_down = true;
            log->down_since = now;
        }
        return;
    case RD_KAFKA_RESP_ERR__AUTHENTICATION:
    case RD_KAFKA_RESP_ERR__SSL:
        log->has_failed_connecting = true;
        (void)snprintf(log->reason, sizeof(log->reason), "%s", reason);
        tk_kafka_log_line(log, now, LOG_ERR, "error", "Kafka: %s; check security.protocol and the sasl.* and ssl.* "
                          "properties; holding events in the queue", reason);
        return;
    default:
        if (!strstr(reason, "in state UP"))
            log->has_failed_connecting = true;
        (void)snprintf(log->reason, sizeof(log->reason), "%s", reason);
        tk_kafka_log_line(log, now, LOG_INFO, "error", "Kafka: %s", reason);
        return;
    }
}

void tk_kafka_log_tick(struct tk_kafka_log *log, tk_nsec now, bool is_waiting)
{
    char text[TK_LOG_LINE_BYTES];

    if (!is_waiting)
        log->waiting_since = 0;
    else if (!log->waiting_since)
        log->waiting_since = now;
    if (!log->is_down || log->is_told || now - log->down_since < SURE_AFTER ||
        !(log->has_failed_connecting || (is_waiting && now - log->waiting_since >= SURE_AFTER)))
        return;
    log->is_told = true;
    (void)snprintf(text, sizeof(text), "no Kafka broker can be reached (%s), holding events in the queue",
                   log->reason);
    if (log->put)
        log->put(log->arg, LOG_WARNING, text);
}

void tk_kafka_log_reached(struct tk_kafka_log *log)
{
    if (!log->is_told)
        log->is_down = log->has_failed_connecting = false;
}

void tk_kafka_log_delivered(struct tk_kafka_log *log)
{
    if (log->is_told && log->put)
        log->put(log->arg, LOG_NOTICE, "Kafka acknowledges events again");
    log->is_down = log->is_told = log->has_failed_connecting = false;
    log->waiting_since = 0;
}
