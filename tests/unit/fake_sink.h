/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file fake_sink.h
 * @brief A sink for tests: keeps every message, and reports what the test says, when the test says it.
 *
 * A struct fake_kafka outlives the sinks that the worker opens on it. As the contract asks, reports are made from
 * poll() and close() only: fake_kafka_report() notes a fate, the next poll() tells it.
 */
#ifndef TK_FAKE_SINK_H
#define TK_FAKE_SINK_H

#include "sink/sink.h"

struct fake_message {
    enum tk_topic topic;
    char *payload, *key; /* terminated; key NULL: none */
    char event_id[64], type[32];
    char dead_reason[128], dead_topic[64]; /* empty: none */
    uint64_t ticket;
    unsigned in_flight; /* others that were in flight when it came */
    bool is_told, is_reported;
    bool is_about_size; /* condemned for its size */
    enum tk_fate fate;
    uint64_t told_at; /* order of the notes */
};

struct fake_kafka {
    /* the test sets these at any time */
    bool refuses_to_open;
    bool is_about_size;                         /* what is condemned is so for its size */
    bool is_manual;                             /* else each poll() delivers everything */
    bool is_lost_at_close;                      /* close() gives back what is outstanding, else it delivers it */
    size_t room;                                /* messages in flight that it takes; 0: none, it is full */
    enum tk_publish answer;                     /* TK_ACCEPTED, or what publish() says of the next event, once */
    enum tk_publish dead_answer, health_answer; /* what it says of all dead letters, of all health records */
    void (*on_publish)(void *arg, const struct fake_message *msg); /* after it was accepted; may be NULL */
    void (*on_report)(void *arg, const struct fake_message *msg);  /* before the worker hears of it; may be NULL */
    void (*on_refused)(void *arg, const struct tk_message *msg, enum tk_publish answer); /* by publish(); may be NULL */
    void *arg;
    /* and reads these */
    struct fake_message *messages; /* all that were accepted, in order */
    size_t count, cap;
    unsigned opens, closes, in_flight, full_answers;
    tk_nsec close_deadline;
    struct tk_sink *sink; /* NULL: closed */
    struct tk_sink_hooks hooks;
    uint64_t notes;
    bool has_reach; /* `reach` is to be told */
    enum tk_reach reach;
    size_t first_open; /* messages before it are reported */
};

void fake_kafka_init(struct fake_kafka *k);
void fake_kafka_done(struct fake_kafka *k);

/** @brief Forget all messages; none is outstanding. */
void fake_kafka_clear(struct fake_kafka *k);

/** A tk_sink_open_fn; @p arg is a struct fake_kafka. */
tk_sink_open_fn fake_kafka_open;

/** @brief The next poll() reports message @p index so. */
void fake_kafka_report(struct fake_kafka *k, size_t index, enum tk_fate fate);
/** @brief The same for all that are outstanding, oldest first. */
void fake_kafka_report_all(struct fake_kafka *k, enum tk_fate fate);

/** @brief The next poll() tells that the way to the brokers is so. */
void fake_kafka_reach(struct fake_kafka *k, enum tk_reach reach);

/** @brief How many messages for that topic were accepted. */
size_t fake_kafka_count(const struct fake_kafka *k, enum tk_topic topic);
/** @brief The message number @p n of them, from 0; NULL if there are fewer. */
const struct fake_message *fake_kafka_message(const struct fake_kafka *k, enum tk_topic topic, size_t n);

/** @brief How many events were accepted. */
size_t fake_kafka_events(const struct fake_kafka *k);
/** @brief The event number @p n of them, from 0; NULL if there are fewer. */
const struct fake_message *fake_kafka_event(const struct fake_kafka *k, size_t n);
/** @brief The last health record, or NULL. */
const struct fake_message *fake_kafka_health(const struct fake_kafka *k);

#endif /* TK_FAKE_SINK_H */
