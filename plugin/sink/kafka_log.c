/* SPDX-License-Identifier: Apache-2.0 */
#include "sink/kafka_log.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <syslog.h>

#define SURE_AFTER  (2 * TK_SECOND)  /* an outage; an idle connection that a broker closed is back sooner */
#define QUOTA_FOR   (60 * TK_SECOND) /* after that long without a word of it, a quota is no cause any more */
#define STALL_AFTER (10 * TK_SECOND) /* an outage, when nothing is acknowledged though librdkafka reports no error */

void tk_kafka_log_init(struct tk_kafka_log *log, const struct tk_sink_hooks *hooks, const char *brokers)
{
    memset(log, 0, sizeof(*log));
    log->put = hooks->on_log;
    log->on_reach = hooks->on_reach;
    log->arg = hooks->arg;
    log->loudest = hooks->loudest ? hooks->loudest : &log->own_loudest;
    log->brokers = brokers;
}

/* Trouble was logged with @p priority: its end will be, too. Of several, the loudest counts. */
static void begin_trouble(struct tk_kafka_log *log, int priority)
{
    if (!*log->loudest || priority < *log->loudest)
        *log->loudest = priority;
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

bool tk_kafka_log_line(struct tk_kafka_log *log, tk_nsec now, int priority, const char *facility, const char *fmt, ...)
{
    char text[TK_LOG_LINE_BYTES];
    uint64_t held_back = 0;
    va_list ap;
    size_t len;

    if (!log->put)
        return false;
    va_start(ap, fmt);
    (void)vsnprintf(text, sizeof(text), fmt, ap);
    va_end(ap);
    if (priority <= LOG_ERR)
        memcpy(log->trouble, text, sizeof(log->trouble));
    /* Debug lines are not limited: an operator who sets "debug" wants all of them. */
    if (priority < LOG_DEBUG &&
        !tk_log_limit_pass(find_limit(log, cause_key(facility, text)), now, TK_KAFKA_LOG_PERIOD, &held_back))
        return false;
    len = strlen(text);
    if (held_back)
        (void)snprintf(text + len, sizeof(text) - len, " (%" PRIu64 " more like this were held back)", held_back);
    log->put(log->arg, priority, text);
    return true;
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
        if (tk_kafka_log_line(log, now, LOG_ERR, "error",
                              "Kafka: %s; check security.protocol and the sasl.* and ssl.* "
                              "properties; holding events in the queue",
                              reason))
            begin_trouble(log, LOG_ERR);
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

/* Where "HOST:PORT/ID: TEXT" begins with a broker that kafkaBrokers does not name, the brokers themselves gave its
 * address. (With "/bootstrap" in place of the ID, it is one of kafkaBrokers.) @returns the length of HOST:PORT; 0: it does
 * not */
static size_t find_advertised(const struct tk_kafka_log *log, const char **ret_address)
{
    const char *scheme = strstr(log->reason, "://"), *address = scheme ? scheme + 3 : log->reason;
    size_t len = strcspn(address, "/ ");

    if (address[len] != '/' || !isdigit((unsigned char)address[len + 1]))
        return 0;
    for (const char *at = log->brokers; at; at = strchr(at, ','), at = at ? at + 1 : NULL) {
        size_t one = strcspn(at, ",");

        if (strncasecmp(at, address, one) == 0 &&
            (one == len || (one + 5 == len && strncmp(address + one, ":9092", 5) == 0)))
            return 0;
    }
    *ret_address = address;
    return len;
}

/* What is known of why nothing is acknowledged, by the last that was heard; a later one says more. */
enum cause { SILENT, FAILED, DELAYED, ADVERTISED };

static enum cause find_cause(const struct tk_kafka_log *log, tk_nsec now)
{
    const char *address;

    if (log->has_failed_connecting || log->is_down)
        return find_advertised(log, &address) ? ADVERTISED : FAILED;
    return log->throttle_ms && now - log->throttled_at < QUOTA_FOR ? DELAYED : SILENT;
}

static void write_trouble(struct tk_kafka_log *log, tk_nsec now, const char *what)
{
    const char *reason = log->reason, *remedy = "check the brokers, the network and kafkaBrokers", *address;
    char quota[200], advertised[320];
    size_t len;

    switch (find_cause(log, now)) {
    case DELAYED:
        (void)snprintf(quota, sizeof(quota), "because of a quota, broker %s delays its answers to this client by %d ms",
                       log->throttler, log->throttle_ms);
        reason = quota;
        remedy =
            "raise the quota: kafka-configs.sh --alter --add-config producer_byte_rate=..., request_percentage=...";
        break;
    case SILENT:
        /* If a broker hangs, the network drops packets or a partition has too few replicas, librdkafka retries and
         * reports nothing for a minute, or at all. */
        reason = "no connection failed";
        remedy = "check for a broker that hangs, a network that drops packets, and fewer in-sync replicas than "
                 "min.insync.replicas";
        break;
    case ADVERTISED:
        len = find_advertised(log, &address);
        (void)snprintf(advertised, sizeof(advertised),
                       "the address %.*s came from the brokers' advertised.listeners, not from kafkaBrokers: correct "
                       "it there, or let this machine resolve and reach it",
                       (int)len, address);
        remedy = advertised;
        break;
    case FAILED: break;
    }
    (void)snprintf(log->trouble, sizeof(log->trouble), "%s (%s); holding events in the queue; %s", what, reason,
                   remedy);
}

static void tell_outage(struct tk_kafka_log *log, tk_nsec now, const char *what)
{
    uint64_t held_back;

    log->is_told = true;
    write_trouble(log, now, what);
    if (!log->put || !tk_log_limit_pass(&log->outage_limit, now, TK_KAFKA_LOG_PERIOD, &held_back))
        return;
    log->told_cause = (int)find_cause(log, now);
    log->put(log->arg, LOG_WARNING, log->trouble);
    begin_trouble(log, LOG_WARNING);
}

void tk_kafka_log_throttled(struct tk_kafka_log *log, tk_nsec now, const char *broker, int ms)
{
    if (ms == 0 && strcmp(log->throttler, broker) != 0)
        return; /* another one may still delay us */
    log->throttle_ms = ms;
    log->throttled_at = now;
    (void)snprintf(log->throttler, sizeof(log->throttler), "%s", broker);
}

void tk_kafka_log_tick(struct tk_kafka_log *log, tk_nsec now, bool is_waiting)
{
    tk_nsec waited;

    if (!is_waiting)
        log->waiting_since = 0;
    else if (!log->waiting_since)
        log->waiting_since = now;
    waited = is_waiting ? now - log->waiting_since : 0;
    if (!log->is_told && is_gone(log, now, waited))
        tell_outage(log, now, "no Kafka broker can be reached");
    else if (!log->is_told && !log->is_refused && waited >= STALL_AFTER)
        tell_outage(log, now, "Kafka has acknowledged nothing for 10 seconds");
    else if (log->is_told && is_waiting && (int)find_cause(log, now) > log->told_cause)
        tell_outage(log, now, "Kafka still acknowledges nothing");
    tell_reach(log);
}

void tk_kafka_log_reached(struct tk_kafka_log *log)
{
    if (!log->is_told)
        log->is_down = log->has_failed_connecting = false;
}

void tk_kafka_log_refused(struct tk_kafka_log *log)
{
    if (!log->is_refused)
        begin_trouble(log, LOG_ERR);
    log->is_refused = true;
}

void tk_kafka_log_delivered(struct tk_kafka_log *log, bool is_event)
{
    log->is_down = log->is_told = log->has_failed_connecting = false;
    if (is_event)
        log->is_refused = false;
    log->waiting_since = 0;
    if (!*log->loudest || log->is_refused)
        return;
    if (log->put)
        log->put(log->arg, *log->loudest, "Kafka acknowledges events again");
    *log->loudest = 0;
}
