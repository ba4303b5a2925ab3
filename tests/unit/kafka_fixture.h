/* SPDX-License-Identifier: Apache-2.0 */
/* A fixture for the tests of the Kafka sink: a mock cluster, a sink, and all reports and log lines of the sink. Tests
 * wait only on the sink's eventfd, because librdkafka's threads are real. */
#ifndef TK_KAFKA_FIXTURE_H
#define TK_KAFKA_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <cmocka.h>
#include <librdkafka/rdkafka.h>
#include <librdkafka/rdkafka_mock.h>

#include "sink/kafka.h"

#define MAX_TICKETS 20000
#define MAX_LINES   200
#define PRODUCE_KEY 0  /* Kafka's API key of the produce request */
#define INIT_ID_KEY 22 /* InitProducerId */

struct fixture {
    rd_kafka_t *host;
    rd_kafka_mock_cluster_t *cluster;
    struct tk_property properties[4];
    struct tk_settings cf;
    struct tk_sink *sink;
    int eventfd;
    unsigned reports[MAX_TICKETS]; /* number of reports for each ticket */
    enum tk_fate fate[MAX_TICKETS];
    unsigned count[3]; /* by enum tk_fate */
    char reason[256];  /* of the last report that has one */
    int priority[MAX_LINES];
    char line[MAX_LINES][1024];
    unsigned lines;
    unsigned reached, lost; /* calls of on_reach with each state */
    struct tk_routes routes;
    const char *delivered_to[MAX_TICKETS];               /* the topic, by the report */
    unsigned had[TK_ROUTES + 1], not_had[TK_ROUTES + 1]; /* calls of on_route, by route */
    char why[512];                                       /* the last reason that it gave */
};

static inline void fixture_report(void *arg, const struct tk_report *report)
{
    struct fixture *f = arg;

    assert_true(report->ticket < MAX_TICKETS);
    f->reports[report->ticket]++;
    f->fate[report->ticket] = report->fate;
    f->count[report->fate]++;
    if (report->fate == TK_DELIVERED)
        f->delivered_to[report->ticket] = report->topic;
    assert_true((report->fate == TK_DELIVERED) == (report->reason == NULL));
    if (report->reason)
        (void)snprintf(f->reason, sizeof(f->reason), "%s", report->reason);
}

static inline void fixture_log(void *arg, int priority, const char *text)
{
    struct fixture *f = arg;

    if (f->lines < MAX_LINES) {
        f->priority[f->lines] = priority;
        (void)snprintf(f->line[f->lines++], sizeof(f->line[0]), "%s", text);
    }
}

static inline void fixture_reach(void *arg, enum tk_reach reach, const char *why)
{
    struct fixture *f = arg;

    f->reached += reach == TK_REACHED;
    f->lost += reach == TK_LOST;
    assert_int_equal(reach == TK_LOST, why && why[0]);
    assert_int_equal(f->lost - f->reached, reach == TK_LOST); /* the states alternate, TK_LOST first */
}

static inline void fixture_route(void *arg, unsigned route, const char *why)
{
    struct fixture *f = arg;

    f->had[route] += !why;
    f->not_had[route] += why != NULL;
    if (why)
        (void)snprintf(f->why, sizeof(f->why), "%s", why);
}

static inline unsigned fixture_lines(const struct fixture *f, const char *part)
{
    unsigned n = 0;

    for (unsigned i = 0; i < f->lines; i++)
        n += strstr(f->line[i], part) != NULL;
    return n;
}

static inline int fixture_setup(void **state)
{
    struct fixture *f = calloc(1, sizeof(*f));
    rd_kafka_conf_t *conf = rd_kafka_conf_new();
    char text[256];

    assert_non_null(f);
    rd_kafka_conf_set_log_cb(conf, NULL);
    f->host = rd_kafka_new(RD_KAFKA_PRODUCER, conf, text, sizeof(text));
    assert_non_null(f->host);
    f->cluster = rd_kafka_mock_cluster_new(f->host, 1);
    assert_non_null(f->cluster);
    assert_int_equal(rd_kafka_mock_topic_create(f->cluster, "t", 1, 1),
                     0); /* one partition, so that the order can be checked */
    f->cf.refs = 1000;
    f->cf.topic = (char *)(uintptr_t) "t";
    f->cf.properties = f->properties;
    f->cf.has_headers = true;
    f->cf.is_creating_topics = true;
    f->eventfd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    assert_true(f->eventfd >= 0);
    *state = f;
    return 0;
}

static inline int fixture_teardown(void **state)
{
    struct fixture *f = *state;

    if (f->sink)
        f->sink->ops->close(f->sink, tk_clock_mono() + TK_SECOND);
    rd_kafka_mock_cluster_destroy(f->cluster);
    rd_kafka_destroy(f->host);
    (void)close(f->eventfd);
    free(f);
    return 0;
}

static inline void fixture_property(struct fixture *f, const char *name, const char *value)
{
    f->properties[f->cf.property_count++] = (struct tk_property){.name = (char *)(uintptr_t)name,
                                                                 .value = (char *)(uintptr_t)value};
}

static inline void fixture_open_at(struct fixture *f, const char *brokers)
{
    struct tk_sink_hooks hooks = {.on_report = fixture_report,
                                  .on_log = fixture_log,
                                  .on_reach = fixture_reach,
                                  .on_route = fixture_route,
                                  .routes = &f->routes,
                                  .arg = f,
                                  .eventfd = f->eventfd};
    struct tk_err err = {0};

    f->sink = tk_kafka_new(&f->cf, brokers, &hooks, &err);
    if (!f->sink)
        print_error("%s\n", err.text);
    assert_non_null(f->sink);
}

static inline void fixture_open(struct fixture *f)
{
    fixture_open_at(f, rd_kafka_mock_cluster_bootstraps(f->cluster));
}

static inline enum tk_publish fixture_publish_by(struct fixture *f, enum tk_topic topic, unsigned route,
                                                 uint64_t ticket, unsigned number)
{
    char payload[64];
    struct tk_message msg = {
        .topic = topic,
        .route = route,
        .key = "234",
        .key_len = 3,
        .payload = payload,
        .ticket = ticket,
        .wall = 1700000000123 * TK_MSEC,
        .ce_id = "7c9e6679-1",
        .ce_type = "io.trapkafka.trap.v1",
        .ce_source = "//host/q",
        .ce_time = "2026-11-22T05:45:26.123456Z",
    };

    if (topic == TK_TOPIC_DEAD_LETTERS) {
        msg.dead_reason = "Broker: Message size too large";
        msg.dead_topic = "t";
    }
    msg.payload_len = (size_t)snprintf(payload, sizeof(payload), "{\"n\":%u}", number);
    return f->sink->ops->publish(f->sink, &msg);
}

static inline enum tk_publish fixture_publish_to(struct fixture *f, enum tk_topic topic, uint64_t ticket,
                                                 unsigned number)
{
    return fixture_publish_by(f, topic, 0, ticket, number);
}

static inline void fixture_publish(struct fixture *f, unsigned from, unsigned to)
{
    for (unsigned i = from; i < to; i++)
        assert_int_equal(fixture_publish_to(f, TK_TOPIC_EVENTS, i, i), TK_ACCEPTED);
}

/* One turn of a worker: sleep on the eventfd, 20 ms at most, then poll. */
static inline void fixture_turn(struct fixture *f)
{
    struct pollfd pfd = {.fd = f->eventfd, .events = POLLIN};
    uint64_t n;

    (void)poll(&pfd, 1, 20);
    (void)!read(f->eventfd, &n, sizeof(n));
    (void)f->sink->ops->poll(f->sink);
}

static inline unsigned fixture_total(const struct fixture *f)
{
    return f->count[TK_DELIVERED] + f->count[TK_SEND_AGAIN] + f->count[TK_CONDEMNED];
}

/* When to give up waiting for what has to come: no test says how fast it has to. */
#define PATIENCE (120 * TK_SECOND)

/* Turn until @p total reports are there. */
static inline void fixture_await(struct fixture *f, unsigned total)
{
    tk_nsec until = tk_clock_mono() + PATIENCE;

    while (fixture_total(f) < total && tk_clock_mono() < until)
        fixture_turn(f);
    assert_int_equal(fixture_total(f), total);
}

/* Turn until a line with @p part was logged. */
static inline void fixture_await_line(struct fixture *f, const char *part)
{
    tk_nsec until = tk_clock_mono() + PATIENCE;

    while (fixture_lines(f, part) == 0 && tk_clock_mono() < until)
        fixture_turn(f);
    assert_true(fixture_lines(f, part) > 0);
}

static inline void fixture_turn_for(struct fixture *f, tk_nsec duration)
{
    for (tk_nsec until = tk_clock_mono() + duration; tk_clock_mono() < until;)
        fixture_turn(f);
}

/* Publish ticket @p i again and again, as a worker does, until it is delivered. */
static inline void fixture_insist(struct fixture *f, unsigned i)
{
    tk_nsec until = tk_clock_mono() + PATIENCE;
    unsigned delivered = f->count[TK_DELIVERED];

    while (f->count[TK_DELIVERED] == delivered && tk_clock_mono() < until) {
        if (f->sink->ops->in_flight(f->sink) == 0)
            (void)fixture_publish_to(f, TK_TOPIC_EVENTS, i, i);
        fixture_turn(f);
    }
    assert_true(f->count[TK_DELIVERED] > delivered);
}

static inline void fixture_once_each(const struct fixture *f, unsigned from, unsigned to)
{
    for (unsigned i = from; i < to; i++)
        assert_int_equal(f->reports[i], 1);
}

/* Close the sink. @returns how long that took */
static inline tk_nsec fixture_close(struct fixture *f, tk_nsec patience)
{
    tk_nsec start = tk_clock_mono();

    f->sink->ops->close(f->sink, start + patience);
    f->sink = NULL;
    return tk_clock_mono() - start;
}

typedef void fixture_message_fn(void *arg, const rd_kafka_message_t *m);

/* Read @p count messages of topic @p name from its beginning, @p partitions of them. */
static inline void fixture_consume(struct fixture *f, const char *name, int partitions, unsigned count,
                                   fixture_message_fn *fn, void *arg)
{
    rd_kafka_conf_t *conf = rd_kafka_conf_new();
    rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new(partitions);
    tk_nsec until = tk_clock_mono() + PATIENCE;
    char text[256];
    rd_kafka_t *rk;

    assert_int_equal(rd_kafka_conf_set(conf, "bootstrap.servers", rd_kafka_mock_cluster_bootstraps(f->cluster), text,
                                       sizeof(text)),
                     RD_KAFKA_CONF_OK);
    assert_int_equal(rd_kafka_conf_set(conf, "group.id", "test", text, sizeof(text)), RD_KAFKA_CONF_OK);
    rk = rd_kafka_new(RD_KAFKA_CONSUMER, conf, text, sizeof(text));
    assert_non_null(rk);
    for (int p = 0; p < partitions; p++)
        rd_kafka_topic_partition_list_add(list, name, p)->offset = RD_KAFKA_OFFSET_BEGINNING;
    assert_int_equal(rd_kafka_assign(rk, list), 0);
    for (unsigned n = 0; n < count && tk_clock_mono() < until;) {
        rd_kafka_message_t *m = rd_kafka_consumer_poll(rk, 100);

        if (!m)
            continue;
        if (!m->err) {
            fn(arg, m);
            n++;
        }
        rd_kafka_message_destroy(m);
        if (n == count)
            until = INT64_MAX;
    }
    assert_int_equal(until, INT64_MAX);
    (void)rd_kafka_assign(rk, NULL);
    (void)rd_kafka_consumer_close(rk);
    rd_kafka_topic_partition_list_destroy(list);
    rd_kafka_destroy(rk);
}

static inline void fixture_expect_next(void *arg, const rd_kafka_message_t *m)
{
    unsigned *next = arg;
    char want[64];
    int len = snprintf(want, sizeof(want), "{\"n\":%u}", (*next)++);

    assert_int_equal(m->len, len);
    assert_memory_equal(m->payload, want, (size_t)len);
}

/* Check that the partition has 0, 1, 2 ... without gaps and repeats. */
static inline void fixture_expect_order(struct fixture *f, unsigned count)
{
    unsigned next = 0;

    fixture_consume(f, "t", 1, count, fixture_expect_next, &next);
}

#endif /* TK_KAFKA_FIXTURE_H */
