/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file kafka_log.h
 * @brief librdkafka's words for the daemon's log: repeats held back and counted, an outage told once and ended once.
 *
 * An outage is also: brokers that refuse our credentials, the events' topic, or the producer as a whole; and brokers
 * that seem to be there and acknowledge nothing. Events wait in each case.
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
    tk_sink_log_fn *put; /* NULL: silence */
    void *arg;
    tk_reach_fn *on_reach; /* NULL: nobody wants to know */
    enum tk_reach told;    /* what it was told last */
    struct {
        uint64_t key; /* hash of facility and text without its numbers; 0: free */
        struct tk_log_limit limit;
    } causes[TK_KAFKA_LOG_CAUSES];
    bool is_down, is_told;             /* all brokers are away; and the log has it */
    bool is_refused;                   /* brokers answer, and refuse: the events' topic, or the producer */
    bool has_failed_connecting;        /* since the last delivery: not an idle connection that a broker closed */
    tk_nsec down_since, waiting_since; /* 0: nothing is on its way */
    char reason[256];                  /* the last thing that a broker's connection said */
};

/** @brief Prepare an embedded one. @p on_reach: called from _tick() @locality worker @locks none */
void tk_kafka_log_init(struct tk_kafka_log *log, tk_sink_log_fn *put, tk_reach_fn *on_reach, void *arg);

/** @brief One line; the same @p facility and text (numbers aside) at most once in TK_KAFKA_LOG_PERIOD.
 *  @locality worker @locks none */
void tk_kafka_log_line(struct tk_kafka_log *log, tk_nsec now, int priority, const char *facility, const char *fmt, ...)
    __attribute__((format(printf, 5, 6)));

/** @brief What error_cb was told, fatal errors excepted. @locality worker @locks none */
void tk_kafka_log_error(struct tk_kafka_log *log, tk_nsec now, rd_kafka_resp_err_t code, const char *reason);

/** @brief Tell an outage once it is sure, and every change to on_reach; @p is_waiting: are events on their way?
 *  @locality worker @locks none */
void tk_kafka_log_tick(struct tk_kafka_log *log, tk_nsec now, bool is_waiting);

/** @brief A broker answered something, though nothing was delivered. @locality worker @locks none */
void tk_kafka_log_reached(struct tk_kafka_log *log);

/** @brief The brokers refuse what we came for, and the log has said so: an outage as well, until an event is
 *         acknowledged. @locality worker @locks none */
void tk_kafka_log_refused(struct tk_kafka_log *log);

/** @brief A broker acknowledged a message: the brokers are back; if it was an event (@p is_event), nothing is refused
 *         any more either. @locality worker @locks none */
void tk_kafka_log_delivered(struct tk_kafka_log *log, bool is_event);

#endif /* TK_KAFKA_LOG_H */
