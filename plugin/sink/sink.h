/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file sink.h
 * @brief Where events go. Kafka is one; tests have another.
 *
 * Owner:    the worker. Every function here, and every callback, runs in the worker's thread.
 * Contract: each message that publish() accepted with a ticket is reported exactly once, from poll() or close().
 *           Reports may come in any order. A message without a ticket (TK_NO_TICKET) is not reported.
 */
#ifndef TK_SINK_H
#define TK_SINK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/clock.h"

#define TK_NO_TICKET UINT64_MAX

enum tk_topic { TK_TOPIC_EVENTS, TK_TOPIC_HEALTH, TK_TOPIC_DEAD_LETTERS, TK_TOPICS };

struct tk_message {
    enum tk_topic topic;
    const char *key; /* NULL: no key */
    size_t key_len;
    const char *payload;
    size_t payload_len;
    uint64_t ticket; /* the caller's, comes back in the report; TK_NO_TICKET: not wanted */
    tk_nsec wall;    /* the message's time stamp */
    /* CloudEvents attributes for the headers; ignored with kafkaHeaders none. All terminated. */
    const char *ce_id, *ce_type, *ce_source, *ce_time;
    /* Dead letters only, else NULL: headers in any case. Why Kafka refused it, and which topic did. */
    const char *dead_reason, *dead_topic;
};

enum tk_publish {
    TK_ACCEPTED,  /* copied; a report will follow */
    TK_FULL,      /* not now: poll, then try again */
    TK_TOO_LARGE, /* never: larger than the producer may send */
    TK_REFUSED,   /* never: the producer says that it is invalid */
};

enum tk_fate {
    TK_DELIVERED,  /* acknowledged by the brokers */
    TK_SEND_AGAIN, /* not delivered, for a reason that passes: outage, fatal producer error, purge */
    TK_CONDEMNED,  /* the broker refused it, or a message that shared its request: send it alone to know */
};

struct tk_report {
    uint64_t ticket;
    enum tk_fate fate;
    bool is_too_large;  /* condemned for its size, or its request's */
    const char *reason; /* the broker's or librdkafka's words; static text; NULL when delivered */
};

typedef void tk_report_fn(void *arg, const struct tk_report *report);

/** The state of the way to the brokers; a sink begins as REACHED. */
enum tk_reach { TK_REACHED, TK_LOST };
/** It changed, and the log has it: told once each time. */
typedef void tk_reach_fn(void *arg, enum tk_reach reach);

/** A line for the log; @p priority as in syslog(3). */
typedef void tk_sink_log_fn(void *arg, int priority, const char *text);

struct tk_sink;

struct tk_sink_ops {
    enum tk_publish (*publish)(struct tk_sink *sink, const struct tk_message *msg);
    /** Serve reports and logs without blocking. @returns how many reports were served */
    unsigned (*poll)(struct tk_sink *sink);
    /** Messages accepted with a ticket and not yet reported. */
    unsigned (*in_flight)(const struct tk_sink *sink);
    /** Report what is outstanding until @p deadline (CLOCK_MONOTONIC), then report the rest as TK_SEND_AGAIN; free. */
    void (*close)(struct tk_sink *sink, tk_nsec deadline);
};

/** First member of every sink. */
struct tk_sink {
    const struct tk_sink_ops *ops;
};

/** What a sink calls, always from poll() or close(). */
struct tk_sink_hooks {
    tk_report_fn *on_report;
    tk_sink_log_fn *on_log;
    tk_reach_fn *on_reach;
    void *arg;
    int eventfd; /* written to when poll() has something to do; -1: none */
};

struct tk_settings;
struct tk_err;

/**
 * @brief Make a sink as the settings say; the sink takes a reference of them.
 * @returns NULL with @p err set
 * @locality worker  @locks none
 */
typedef struct tk_sink *tk_sink_open_fn(void *arg, struct tk_settings *cf, const struct tk_sink_hooks *hooks,
                                        struct tk_err *err);

#endif /* TK_SINK_H */
