/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file fake_sink.h
 * @brief A sink for tests: it keeps every message, and the test decides what is reported, and when.
 *
 * A struct fake_kafka outlives the sinks that the worker opens on it. As sink.h demands, reports are made from poll()
 * and close() only: fake_kafka_report() notes a fate, and the next poll() reports it.
 */
#ifndef TK_FAKE_SINK_H
#define TK_FAKE_SINK_H

#include "sink/sink.h"

struct fake_message {
    enum tk_topic topic;
    unsigned route;      /* of an event */
    char topic_name[64]; /* of an event: kafkaTopic, or the topic of its route */
    char *payload, *key; /* terminated; payload NULL: a tombstone; key NULL: none */
    char event_id[64], type[32];
    char dead_reason[128], dead_topic[64]; /* empty: none */
    uint64_t ticket;
    unsigned in_flight; /* number of other messages in flight when it was accepted */
    bool is_told, is_reported;
    bool is_about_size; /* condemned for its size */
    enum tk_fate fate;
    uint64_t told_at; /* the order in which fates were noted */
};

struct fake_kafka {
    /* the test sets these at any time */
    bool refuses_to_open;
    bool is_about_size;     /* what is reported as condemned from now on is so for its size */
    bool is_manual;         /* the test reports; else each poll() delivers everything */
    bool is_lost_at_close;  /* close() reports messages in flight as TK_SEND_AGAIN, else delivered */
    size_t room;            /* how many messages may be in flight; 0: always full */
    enum tk_publish answer; /* what publish() returns for the next event, once */
    enum tk_publish dead_answer, health_answer; /* what it returns for all dead letters, for all health records */
    enum tk_publish alarm_answer;               /* for all messages about alarms */
    void (*on_publish)(void *arg, const struct fake_message *msg); /* called after it was accepted; may be NULL */
    void (*on_report)(void *arg, const struct fake_message *msg);  /* called before the worker's; may be NULL */
    void (*on_refused)(void *arg, const struct tk_message *msg, enum tk_publish answer); /* by publish(); may be NULL */
    void (*on_give_up)(void *arg, unsigned route); /* called before anything of it is done; may be NULL */
    void *arg;
    uint64_t stuck;            /* bit n: what is published by route n is reported only when the test does */
    bool is_alarm_topic_stuck; /* the same for kafkaAlarmTopic */
    bool wants_probes;         /* of each route that is away */
    /* and reads these */
    struct fake_message *messages; /* all that were accepted, in order */
    size_t count, cap;
    unsigned opens, closes, in_flight, full_answers;
    tk_nsec close_deadline;
    uint64_t away;        /* the test may change it: bit n: is_open() says no to route n. See fake_kafka_tell_route() */
    struct tk_sink *sink; /* NULL: closed */
    struct tk_sink_hooks hooks;
    unsigned given_up; /* calls of give_up() */
    bool is_giving_up; /* until the next poll(): full */
    uint64_t notes;
    struct tk_sink_view view; /* what view() returns; the test may change it */
    bool has_reach;           /* the next poll() calls on_reach with `reach` */
    enum tk_reach reach;
    unsigned told_route; /* the next poll() calls on_route for it; 0: none */
    size_t first_open;   /* messages before it are reported */
};

void fake_kafka_init(struct fake_kafka *k);
void fake_kafka_done(struct fake_kafka *k);

/** @brief Forget all messages; none is outstanding. */
void fake_kafka_clear(struct fake_kafka *k);

/** A tk_sink_open_fn; @p arg is a struct fake_kafka. */
tk_sink_open_fn fake_kafka_open;

/** @brief Let the next poll() report message @p index with this fate. */
void fake_kafka_report(struct fake_kafka *k, size_t index, enum tk_fate fate);
/** @brief The same for all messages in flight, oldest first. */
void fake_kafka_report_all(struct fake_kafka *k, enum tk_fate fate);

/** @brief Let the next poll() call on_reach with this state. */
void fake_kafka_reach(struct fake_kafka *k, enum tk_reach reach);

/** @brief Let the next poll() call on_route: whether the topic of this route can be had. */
void fake_kafka_tell_route(struct fake_kafka *k, unsigned route, bool is_had);

/** @brief The value that kafkaAlarmTopic has for this key once it is compacted: that of the last message delivered.
 *  @returns NULL: none, or a tombstone */
const struct fake_message *fake_kafka_standing(const struct fake_kafka *k, const char *key);
/** @brief How many keys have one. */
size_t fake_kafka_count_standing(const struct fake_kafka *k);

/** @brief How many messages for @p topic were accepted. */
size_t fake_kafka_count(const struct fake_kafka *k, enum tk_topic topic);
/** @brief Message number @p n of that topic, from 0; NULL if there are fewer. */
const struct fake_message *fake_kafka_message(const struct fake_kafka *k, enum tk_topic topic, size_t n);

/** @brief How many events were accepted. */
size_t fake_kafka_events(const struct fake_kafka *k);
/** @brief Event number @p n, from 0; NULL if there are fewer. */
const struct fake_message *fake_kafka_event(const struct fake_kafka *k, size_t n);
/** @brief The last health record, or NULL. */
const struct fake_message *fake_kafka_health(const struct fake_kafka *k);

#endif /* TK_FAKE_SINK_H */
