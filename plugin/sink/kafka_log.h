/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file kafka_log.h
 * @brief Log librdkafka's messages with repeats limited, and log the begin and the end of an outage once each, with one
 *        priority.
 *
 * An outage is: no broker can be reached; or the brokers refuse our credentials, the events' topic, or the producer;
 * or brokers accept connections and acknowledge nothing. In each case events wait.
 *
 * Owner:  the worker. Memory: fixed, TK_KAFKA_LOG_CAUSES causes.
 * Clock:  monotonic, passed in.
 */
#ifndef TK_KAFKA_LOG_H
#define TK_KAFKA_LOG_H

#include <librdkafka/rdkafka.h>

#include "base/log.h"
#include "sink/sink.h"

#define TK_KAFKA_LOG_CAUSES 32
#define TK_KAFKA_LOG_PERIOD (10 * TK_SECOND)

struct tk_kafka_log {
    tk_sink_log_fn *put; /* NULL: no log */
    void *arg;
    tk_reach_fn *on_reach;     /* NULL: none */
    enum tk_reach told;        /* the state that on_reach was called with last */
    int *loudest, own_loudest; /* see struct tk_sink_hooks; used without one of the caller's */
    const char *brokers;       /* kafkaBrokers, or the embedded broker's address; owned by the sink */
    struct tk_log_limit outage_limit;
    struct {
        uint64_t key; /* hash of facility and text without digits; 0: free */
        struct tk_log_limit limit;
    } causes[TK_KAFKA_LOG_CAUSES];
    bool is_down, is_told;             /* all brokers are down; the outage is in the log */
    int told_cause;                    /* what was known when that line was written: it is told again when more is */
    bool is_refused;                   /* the brokers answer, and refuse the events' topic or the producer */
    bool has_failed_connecting;        /* since the last delivery, a connection failed that was not merely idle */
    tk_nsec down_since, waiting_since; /* 0: no event waits for a report */
    char reason[256];                  /* the last error of a connection */
    char trouble[TK_LOG_LINE_BYTES];   /* why events wait: the last line that said so */
    int throttle_ms;                   /* that a broker delayed us, by its last word; 0: none does */
    tk_nsec throttled_at;
    char throttler[128];
};

/** @brief Prepare an embedded struct, which must not be moved. on_reach is called from tk_kafka_log_tick().
 *  @locality worker @locks none */
void tk_kafka_log_init(struct tk_kafka_log *log, const struct tk_sink_hooks *hooks, const char *brokers);

/** @brief Log a line; the same @p facility, and text without its digits, at most once in TK_KAFKA_LOG_PERIOD.
 *  @returns whether it was logged @locality worker @locks none */
bool tk_kafka_log_line(struct tk_kafka_log *log, tk_nsec now, int priority, const char *facility, const char *fmt, ...)
    __attribute__((format(printf, 5, 6)));

/** @brief Note an error that librdkafka gave to error_cb, except fatal ones. @locality worker @locks none */
void tk_kafka_log_error(struct tk_kafka_log *log, tk_nsec now, rd_kafka_resp_err_t code, const char *reason);

/** @brief Note that @p broker delays its answers to us by @p ms, because of a quota; 0: no more.
 *  @locality worker @locks none */
void tk_kafka_log_throttled(struct tk_kafka_log *log, tk_nsec now, const char *broker, int ms);

/** @brief Log an outage once it is certain, and call on_reach at each change. @p is_waiting: are events in flight?
 *  @locality worker @locks none */
void tk_kafka_log_tick(struct tk_kafka_log *log, tk_nsec now, bool is_waiting);

/** @brief Note that a broker answered a request, though it delivered nothing. @locality worker @locks none */
void tk_kafka_log_reached(struct tk_kafka_log *log);

/** @brief Note that the brokers refuse events, which was logged as an error: an outage until an event is acknowledged.
 *  @locality worker @locks none */
void tk_kafka_log_refused(struct tk_kafka_log *log);

/** @brief Note that a broker acknowledged a message: the brokers can be reached. If it was an event (@p is_event),
 *         they do not refuse events any more. @locality worker @locks none */
void tk_kafka_log_delivered(struct tk_kafka_log *log, bool is_event);

#endif /* TK_KAFKA_LOG_H */
