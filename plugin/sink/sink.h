/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file sink.h
 * @brief The interface between the worker and what it publishes to: Kafka, or a fake in tests.
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

enum tk_topic { TK_TOPIC_EVENTS, TK_TOPIC_HEALTH, TK_TOPIC_DEAD_LETTERS, TK_TOPIC_ALARMS, TK_TOPICS };

#define TK_ROUTES        64 /* topics of rules, besides kafkaTopic */
#define TK_STALL_SECONDS 30 /* a topic of a rule that takes nothing for so long, while others do, is given up */

/** The topics to which rules send their events. A route is the number of one of them, from 1; 0 is kafkaTopic. */
struct tk_routes {
    unsigned count;
    const char *topic[TK_ROUTES]; /* distinct, and other topics than kafkaTopic */
};

struct tk_message {
    enum tk_topic topic;
    unsigned route;  /* of an event: the topic; else 0 */
    const char *key; /* NULL: no key */
    size_t key_len;
    const char *payload; /* NULL: no value: a tombstone */
    size_t payload_len;
    uint64_t ticket; /* the caller's number, which the report has too; TK_NO_TICKET: no report (health, probes) */
    tk_nsec wall;    /* the message's timestamp */
    /* CloudEvents attributes for the headers; ignored with kafkaHeaders none. All terminated. */
    const char *ce_id, *ce_type, *ce_source, *ce_time;
    /* Dead letters only, else NULL: why Kafka refused the event, and in which topic. Headers even with kafkaHeaders
     * none. */
    const char *dead_reason, *dead_topic;
};

enum tk_publish {
    TK_ACCEPTED,  /* copied; a report will follow */
    TK_FULL,      /* not now: poll, then retry */
    TK_TOO_LARGE, /* never: larger than the producer's message.max.bytes */
    TK_REFUSED,   /* never: it is invalid, or its topic cannot take it */
};

enum tk_fate {
    TK_DELIVERED,  /* acknowledged by the brokers */
    TK_SEND_AGAIN, /* not delivered, for a temporary reason: outage, fatal error of the producer, purge */
    TK_CONDEMNED,  /* the broker refused it, or another message in its batch: send it alone to know */
};

struct tk_report {
    uint64_t ticket;
    enum tk_fate fate;
    bool is_too_large;  /* condemned for its size, or that of its batch */
    const char *reason; /* text of the error, static; NULL when delivered */
    const char *topic;  /* where it was published; lives as long as the sink */
};

typedef void tk_report_fn(void *arg, const struct tk_report *report);

/** Do the brokers accept events? A sink begins as TK_REACHED. */
enum tk_reach { TK_REACHED, TK_LOST };
/** Called once at each change of that state. @param why  for people: why not; NULL if they do */
typedef void tk_reach_fn(void *arg, enum tk_reach reach, const char *why);

/**
 * Can the topic of a route be had? Called at the first event that it takes, and at each change.
 * @param why  for people: why not, and what to do; NULL: it takes events
 */
typedef void tk_route_fn(void *arg, unsigned route, const char *why);

/** A line for the log; @p priority as in syslog(3). */
typedef void tk_sink_log_fn(void *arg, int priority, const char *text);

struct tk_sink;

/** What a sink knows about its brokers. */
struct tk_sink_view {
    const char *brokers; /* HOST:PORT[,...], to which it was told to connect; lives as long as the sink */
    unsigned brokers_up, brokers_known; /* connected; in the cluster */
    bool has_delivered;                 /* brokers have acknowledged a message of this sink, of whatever topic */
};

struct tk_sink_ops {
    enum tk_publish (*publish)(struct tk_sink *sink, const struct tk_message *msg);
    /** Serve reports and logs without blocking. @returns how many reports were served */
    unsigned (*poll)(struct tk_sink *sink);
    /** Messages accepted with a ticket and not yet reported. */
    unsigned (*in_flight)(const struct tk_sink *sink);
    struct tk_sink_view (*view)(const struct tk_sink *sink);
    /** Wait for reports until @p deadline (CLOCK_MONOTONIC), report the rest as TK_SEND_AGAIN, then free the sink. */
    void (*close)(struct tk_sink *sink, tk_nsec deadline);
    /** May events be published by this route now? If not, they are to go to kafkaTopic, until the sink says otherwise.
     *  NULL: by each. */
    bool (*is_open)(const struct tk_sink *sink, unsigned route);
    /** The route is not open: is it time to publish a copy of an event by it, without a ticket? By that probe the sink
     *  learns when the topic can be had again. NULL: never. */
    bool (*wants_probe)(const struct tk_sink *sink, unsigned route);
    /** The topic of this route takes nothing, while others do: close the route, and give back what is in flight, at least
     *  of this route. Until that is reported, publish() says TK_FULL, so that nothing overtakes it. NULL: can't. */
    void (*give_up)(struct tk_sink *sink, unsigned route);
};

/** First member of every sink. */
struct tk_sink {
    const struct tk_sink_ops *ops;
};

/** What a sink is given besides settings: functions, which it calls from poll() or close() only, and topics of rules. */
struct tk_sink_hooks {
    tk_report_fn *on_report;
    tk_sink_log_fn *on_log;
    tk_reach_fn *on_reach;
    tk_route_fn *on_route; /* NULL: none */
    void *arg;
    const struct tk_routes *routes; /* must outlive the sink; NULL: none */
    /* The loudest priority at which trouble was logged whose end was not; 0: none. The sink sets it and clears it, and
     * it outlives the sink, because the end may come with the next one. NULL: the sink keeps it for itself. */
    int *loudest;
    int eventfd; /* written to when poll() has work; -1: none */
};

struct tk_settings;
struct tk_err;

/**
 * @brief Make a sink for the settings @p cf; the sink takes a reference to them.
 * @returns NULL with @p err set
 * @locality worker  @locks none
 */
typedef struct tk_sink *tk_sink_open_fn(void *arg, struct tk_settings *cf, const struct tk_sink_hooks *hooks,
                                        struct tk_err *err);

#endif /* TK_SINK_H */
