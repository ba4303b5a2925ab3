/* SPDX-License-Identifier: Apache-2.0 */
/* The Kafka sink with topics of rules: each event goes to its own, and one that can't be had is told, with its end. */
#include "kafka_fixture.h"

#include "sink/kafka_detour.h"
#include "sink/kafka_reports.h"

#define FORBIDDEN RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED
#define MISSING   RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART

static void add_routes(struct fixture *f)
{
    f->routes = (struct tk_routes){.count = 2, .topic = {"one", "two"}};
    assert_int_equal(rd_kafka_mock_topic_create(f->cluster, "one", 1, 1), 0);
    assert_int_equal(rd_kafka_mock_topic_create(f->cluster, "two", 1, 1), 0);
}

static void each_goes_to_its_topic(void **state)
{
    static const char *const topics[] = {"t", "one", "two"};
    struct fixture *f = *state;
    unsigned counts[3] = {0};

    add_routes(f);
    fixture_open(f);
    for (unsigned i = 0; i < 300; i++) {
        unsigned route = i * 7 % 3;

        assert_int_equal(fixture_publish_by(f, TK_TOPIC_EVENTS, route, i, counts[route]++), TK_ACCEPTED);
    }
    fixture_await(f, 300);
    assert_int_equal(f->count[TK_DELIVERED], 300);
    for (unsigned i = 0; i < 300; i++)
        assert_string_equal(f->delivered_to[i], topics[i * 7 % 3]);
    for (unsigned route = 0; route < 3; route++) {
        unsigned next = 0;

        fixture_consume(f, topics[route], 1, counts[route], fixture_expect_next, &next);
    }
    for (unsigned route = 1; route < 3; route++) { /* told at the first event */
        assert_true(f->sink->ops->is_open(f->sink, route));
        assert_int_equal(f->had[route], 1);
        assert_int_equal(f->not_had[route], 0);
    }
}

/* As the worker does: copies of events go to the second topic when the sink wants one, until it can be had. */
static void await_had(struct fixture *f)
{
    tk_nsec until = tk_clock_mono() + PATIENCE;

    while (f->had[2] == 0 && tk_clock_mono() < until) {
        if (f->sink->ops->wants_probe(f->sink, 2))
            (void)fixture_publish_by(f, TK_TOPIC_EVENTS, 2, TK_NO_TICKET, 1);
        fixture_turn(f);
    }
    assert_int_equal(f->had[2], 1);
    assert_true(f->sink->ops->is_open(f->sink, 2));
    assert_false(f->sink->ops->wants_probe(f->sink, 2));
}

/* Try to publish to the second topic until the sink says that it can't be had. */
static void await_away(struct fixture *f)
{
    tk_nsec until = tk_clock_mono() + PATIENCE;

    while (f->not_had[2] == 0 && tk_clock_mono() < until) {
        if (f->sink->ops->in_flight(f->sink) == 0 && f->sink->ops->is_open(f->sink, 2))
            (void)fixture_publish_by(f, TK_TOPIC_EVENTS, 2, 0, 0);
        fixture_turn(f);
    }
    assert_int_equal(f->not_had[2], 1);
    assert_false(f->sink->ops->is_open(f->sink, 2));
    assert_true(f->sink->ops->is_open(f->sink, 0) && f->sink->ops->is_open(f->sink, 1));
    assert_int_equal(f->lost, 0); /* no outage: events go to kafkaTopic */
}

static void forbidden_topic(void **state)
{
    struct fixture *f = *state;

    add_routes(f);
    fixture_open(f);
    fixture_insist(f, 2);
    rd_kafka_mock_push_request_errors(f->cluster, PRODUCE_KEY, 1, FORBIDDEN);
    await_away(f);
    assert_int_equal(f->fate[0], TK_SEND_AGAIN);
    assert_non_null(strstr(f->why, "do not allow writing to topic 'two'"));
    assert_non_null(strstr(f->why, "kafka-acls.sh"));
    fixture_insist(f, 1); /* kafkaTopic goes on */
    assert_string_equal(f->delivered_to[1], "t");
    assert_int_equal(f->not_had[2], 1); /* once */
}

static void missing_topic(void **state)
{
    struct fixture *f = *state;

    add_routes(f);
    f->cf.is_creating_topics = false;
    rd_kafka_mock_topic_set_error(f->cluster, "two", MISSING);
    fixture_open(f);
    await_away(f);
    assert_non_null(strstr(f->why, "topic 'two' does not exist and was not created (kafkaCreateTopics is no)"));
    assert_int_equal(fixture_lines(f, "topic 'two'"), 0); /* the worker logs it */
    rd_kafka_mock_topic_set_error(f->cluster, "two", RD_KAFKA_RESP_ERR_NO_ERROR);
    await_had(f);
    assert_int_equal(f->not_had[2], 1);
    assert_int_equal(fixture_publish_by(f, TK_TOPIC_EVENTS, 2, 1, 0), TK_ACCEPTED);
    fixture_await(f, fixture_total(f) + 1);
    assert_string_equal(f->delivered_to[1], "two");
}

/* Whether it can be created is not known yet: nothing waits for that, and nobody is told. */
static void a_topic_that_is_not_made_yet(void **state)
{
    struct fixture *f = *state;
    struct tk_kafka *k;

    add_routes(f);
    rd_kafka_mock_topic_set_error(f->cluster, "two", MISSING);
    fixture_open(f);
    k = (struct tk_kafka *)f->sink;
    assert_false(tk_kafka_reports_trouble(k, k->now, tk_kafka_slot(TK_TOPIC_EVENTS, 2), MISSING));
    assert_false(f->sink->ops->is_open(f->sink, 2));
    assert_true(f->sink->ops->is_open(f->sink, 1));
    fixture_insist(f, 0);
    assert_int_equal(f->not_had[2], 0);
    rd_kafka_mock_topic_set_error(f->cluster, "two", RD_KAFKA_RESP_ERR_NO_ERROR);
    await_had(f);
    assert_int_equal(f->not_had[2], 0);
}

/* Publish to both topics, of which the second takes nothing, and give it up when kafkaTopic has delivered. */
static void stall(struct fixture *f)
{
    add_routes(f);
    fixture_open(f);
    rd_kafka_mock_partition_set_leader(f->cluster, "two", 0, -1);
    for (unsigned i = 0; i < 100; i++)
        assert_int_equal(fixture_publish_by(f, TK_TOPIC_EVENTS, i % 2 * 2, i, i / 2), TK_ACCEPTED);
    fixture_await(f, 50);
    assert_int_equal(f->count[TK_DELIVERED], 50);
    assert_int_equal(f->sink->ops->in_flight(f->sink), 50);
    f->sink->ops->give_up(f->sink, 2);
    assert_false(f->sink->ops->is_open(f->sink, 2));
    assert_int_equal(fixture_publish_to(f, TK_TOPIC_EVENTS, 100, 0), TK_FULL);
    fixture_await(f, 100);
    assert_int_equal(f->count[TK_SEND_AGAIN], 50);
    fixture_once_each(f, 0, 100);
    assert_int_equal(f->not_had[2], 1);
    assert_non_null(strstr(f->why, "topic 'two' has taken nothing for 30 s, while other topics take events"));
    assert_non_null(strstr(f->why, "--describe --topic two"));
    assert_int_equal(f->lost, 0);
    fixture_insist(f, 101); /* kafkaTopic goes on */
    assert_int_equal(fixture_lines(f, "fatal"), 0);
}

/* Send the probe of the second topic, which can't be delivered. */
static void probe(struct fixture *f)
{
    tk_nsec until = tk_clock_mono() + PATIENCE;

    while (!f->sink->ops->wants_probe(f->sink, 2) && tk_clock_mono() < until)
        fixture_turn(f);
    assert_int_equal(fixture_publish_by(f, TK_TOPIC_EVENTS, 2, TK_NO_TICKET, 0), TK_ACCEPTED);
    assert_false(f->sink->ops->wants_probe(f->sink, 2)); /* one is enough */
    assert_int_equal(f->sink->ops->in_flight(f->sink), 0);
}

static void stalled_topic(void **state)
{
    struct fixture *f = *state;
    unsigned next = 0;

    stall(f);
    probe(f);
    fixture_insist(f, 102);
    assert_int_equal(f->had[2], 0);
    rd_kafka_mock_partition_set_leader(f->cluster, "two", 0, 1);
    await_had(f);
    assert_int_equal(fixture_publish_by(f, TK_TOPIC_EVENTS, 2, 103, 1), TK_ACCEPTED);
    fixture_await(f, 103);
    assert_string_equal(f->delivered_to[103], "two");
    fixture_consume(f, "two", 1, 2, fixture_expect_next, &next); /* the probe, then the event */
}

/* Nobody waits for a probe: neither at the end, nor when the producer is replaced. */
static void end_with_a_probe(void **state)
{
    struct fixture *f = *state;

    stall(f);
    probe(f);
    f->sink->ops->give_up(f->sink, 1);
    fixture_insist(f, 102);
    assert_int_equal(f->not_had[1], 1);
    probe(f);
    assert_true(fixture_close(f, PATIENCE) < PATIENCE / 4);
}

static void a_refused_timestamp_names_its_topic(void **state)
{
    struct fixture *f = *state;

    add_routes(f);
    fixture_open(f);
    rd_kafka_mock_push_request_errors(f->cluster, PRODUCE_KEY, 1, RD_KAFKA_RESP_ERR_INVALID_TIMESTAMP);
    assert_int_equal(fixture_publish_by(f, TK_TOPIC_EVENTS, 2, 0, 0), TK_ACCEPTED);
    fixture_await_line(f, "refused timestamps of events");
    assert_int_equal(fixture_lines(f, "topic 'two' refused timestamps of events"), 1);
}

/* A dead letter has the topic of its own, whatever the routes are called. */
static void a_route_named_as_another_topic(void **state)
{
    struct fixture *f = *state;

    f->cf.dead_letter_topic = (char *)(uintptr_t) "dead";
    f->routes = (struct tk_routes){.count = 1, .topic = {"dead"}};
    assert_int_equal(rd_kafka_mock_topic_create(f->cluster, "dead", 1, 1), 0);
    fixture_open(f);
    assert_int_equal(fixture_publish_by(f, TK_TOPIC_EVENTS, 1, 0, 0), TK_ACCEPTED);
    assert_int_equal(fixture_publish_to(f, TK_TOPIC_DEAD_LETTERS, 1, 1), TK_ACCEPTED);
    fixture_await(f, 2);
    assert_int_equal(f->count[TK_DELIVERED], 2);
    assert_int_equal(f->had[1], 1);
}

static void when_it_is_tried_again(void **state)
{
    static const struct {
        rd_kafka_resp_err_t code;
        bool is_certain;
        tk_nsec pause;
    } rows[] = {
        {MISSING, false, TK_KAFKA_TRY_CREATED},
        {MISSING, true, TK_KAFKA_TRY_MISSING},
        {FORBIDDEN, true, TK_KAFKA_TRY_FORBIDDEN},
        {TK_KAFKA_STALLED, true, TK_KAFKA_TRY_STALLED},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct tk_kafka_detour d = {.state = TK_TOPIC_UNTRIED};

        assert_true(tk_kafka_detour_is_open(&d));
        assert_false(tk_kafka_detour_wants_probe(&d, 1000 * TK_SECOND));
        assert_int_equal(tk_kafka_detour_begin(&d, 100, rows[i].code, rows[i].is_certain), rows[i].is_certain);
        assert_false(tk_kafka_detour_begin(&d, 100, rows[i].code, rows[i].is_certain));
        assert_int_equal(tk_kafka_detour_news(&d), rows[i].is_certain);
        assert_false(tk_kafka_detour_news(&d));
        assert_false(tk_kafka_detour_is_open(&d));
        assert_false(tk_kafka_detour_wants_probe(&d, 99 + rows[i].pause));
        assert_true(tk_kafka_detour_wants_probe(&d, 100 + rows[i].pause));
        tk_kafka_detour_probe(&d);
        assert_false(tk_kafka_detour_wants_probe(&d, 100 + rows[i].pause));
        tk_kafka_detour_probe_ended(&d, 200 + rows[i].pause);
        assert_false(tk_kafka_detour_wants_probe(&d, 199 + 2 * rows[i].pause));
        assert_true(tk_kafka_detour_wants_probe(&d, 200 + 2 * rows[i].pause));
        tk_kafka_detour_probe_refused(&d, 200);
        assert_false(tk_kafka_detour_wants_probe(&d, 199 + TK_KAFKA_TRY_FORBIDDEN));
        assert_true(tk_kafka_detour_wants_probe(&d, 200 + TK_KAFKA_TRY_FORBIDDEN));
        assert_false(tk_kafka_detour_is_open(&d)); /* only a probe that is delivered opens it */
        assert_true(tk_kafka_detour_end(&d));
        assert_false(tk_kafka_detour_end(&d));
        assert_true(tk_kafka_detour_news(&d));
        assert_true(tk_kafka_detour_is_open(&d));
    }
}

/* A topic of which an operator knows stays so until it takes a message. */
static void what_was_told_stays(void **state)
{
    struct tk_kafka_detour d = {.state = TK_TOPIC_UNTRIED};

    (void)state;
    assert_true(tk_kafka_detour_begin(&d, 0, MISSING, true));
    assert_false(tk_kafka_detour_begin(&d, 0, MISSING, false));
    assert_int_equal(d.state, TK_TOPIC_AWAY);
    assert_true(tk_kafka_detour_end(&d));
}

/* --- kafkaAlarmTopic ------------------------------------------------------------------------------------------- */

static void open_with_alarms(struct fixture *f)
{
    f->cf.alarm_topic = (char *)(uintptr_t) "alarms";
    assert_int_equal(rd_kafka_mock_topic_create(f->cluster, "alarms", 1, 1), 0);
    fixture_open(f);
}

static void expect_tombstone(void *arg, const rd_kafka_message_t *m)
{
    rd_kafka_headers_t *hdrs;
    const void *value;
    size_t size;

    (void)arg;
    assert_null(m->payload);
    assert_int_equal(m->key_len, 3);
    assert_int_equal(rd_kafka_message_headers(m, &hdrs), RD_KAFKA_RESP_ERR_NO_ERROR);
    assert_int_equal(rd_kafka_header_get_last(hdrs, "ce_id", &value, &size), RD_KAFKA_RESP_ERR_NO_ERROR);
    assert_int_equal(rd_kafka_header_get_last(hdrs, "content-type", &value, &size), RD_KAFKA_RESP_ERR__NOENT);
}

/* A message without a value, not one with an empty value. */
static void tombstone(void **state)
{
    struct fixture *f = *state;
    const struct tk_message msg = {.topic = TK_TOPIC_ALARMS,
                                   .key = "234",
                                   .key_len = 3,
                                   .wall = 1700000000123 * TK_MSEC,
                                   .ce_id = "7c9e6679-1/alarm",
                                   .ce_type = "trapkafka.trap",
                                   .ce_source = "//host/q",
                                   .ce_time = "2026-11-22T05:45:26.123456Z"};

    open_with_alarms(f);
    assert_int_equal(f->sink->ops->publish(f->sink, &msg), TK_ACCEPTED);
    fixture_await(f, 1);
    assert_string_equal(f->delivered_to[0], "alarms");
    fixture_consume(f, "alarms", 1, 1, expect_tombstone, NULL);
}

/* Each refused message costs the producer: a forbidden topic is tried seldom. Events go on, and nobody talks of an outage. */
static void forbidden_alarm_topic(void **state)
{
    struct fixture *f = *state;

    open_with_alarms(f);
    fixture_insist(f, 0);
    rd_kafka_mock_push_request_errors(f->cluster, PRODUCE_KEY, 1, FORBIDDEN);
    assert_int_equal(fixture_publish_to(f, TK_TOPIC_ALARMS, 1, 1), TK_ACCEPTED);
    fixture_await(f, 2);
    assert_int_equal(f->fate[1], TK_SEND_AGAIN);
    fixture_insist(f, 2);
    assert_int_equal(fixture_publish_to(f, TK_TOPIC_ALARMS, 3, 3), TK_FULL);
    assert_int_equal(fixture_publish_to(f, TK_TOPIC_EVENTS, 4, 4), TK_ACCEPTED);
    fixture_await(f, 4);
    assert_int_equal(f->lost, 0);
    assert_int_equal(fixture_lines(f, "do not allow writing to topic 'alarms'"), 1);
    ((struct tk_kafka *)f->sink)->alarms.try_at = 0; /* some minutes later */
    assert_int_equal(fixture_publish_to(f, TK_TOPIC_ALARMS, 3, 3), TK_ACCEPTED);
    assert_int_equal(fixture_publish_to(f, TK_TOPIC_ALARMS, 5, 5), TK_FULL); /* one tries */
    fixture_await(f, 5);
    assert_int_equal(f->fate[3], TK_DELIVERED);
    assert_int_equal(fixture_publish_to(f, TK_TOPIC_ALARMS, 5, 5), TK_ACCEPTED);
    fixture_await(f, 6);
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)
    const struct CMUnitTest tests[] = {
        T(each_goes_to_its_topic),
        T(forbidden_topic),
        T(missing_topic),
        T(a_topic_that_is_not_made_yet),
        T(stalled_topic),
        T(end_with_a_probe),
        T(a_refused_timestamp_names_its_topic),
        T(a_route_named_as_another_topic),
        T(tombstone),
        T(forbidden_alarm_topic),
        cmocka_unit_test(when_it_is_tried_again),
        cmocka_unit_test(what_was_told_stays),
    };
#undef T

    return cmocka_run_group_tests(tests, NULL, NULL);
}
