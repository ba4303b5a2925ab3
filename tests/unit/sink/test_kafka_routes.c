/* SPDX-License-Identifier: Apache-2.0 */
/* The Kafka sink with topics of rules: each event goes to its own, and one that can't be had is told, with its end. */
#include "kafka_fixture.h"

#include "sink/kafka_detour.h"

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
    tk_nsec until = tk_clock_mono() + PATIENCE;

    add_routes(f);
    f->cf.is_creating_topics = false;
    rd_kafka_mock_topic_set_error(f->cluster, "two", MISSING);
    fixture_open(f);
    await_away(f);
    assert_non_null(strstr(f->why, "topic 'two' does not exist and was not created (kafkaCreateTopics is no)"));
    assert_int_equal(fixture_lines(f, "topic 'two'"), 0); /* the worker logs it */
    rd_kafka_mock_topic_set_error(f->cluster, "two", RD_KAFKA_RESP_ERR_NO_ERROR);
    while (f->had[2] == 0 && tk_clock_mono() < until) { /* it is tried again by itself */
        if (f->sink->ops->in_flight(f->sink) == 0 && f->sink->ops->is_open(f->sink, 2))
            (void)fixture_publish_by(f, TK_TOPIC_EVENTS, 2, 1, 0);
        fixture_turn(f);
    }
    assert_int_equal(f->had[2], 1);
    assert_int_equal(f->not_had[2], 1);
    assert_string_equal(f->delivered_to[1], "two");
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
    struct tk_kafka_detour d = {.state = TK_TOPIC_UNTRIED};

    (void)state;
    assert_true(tk_kafka_detour_is_open(&d, 0));
    assert_true(tk_kafka_detour_begin(&d, 100, MISSING));
    assert_false(tk_kafka_detour_begin(&d, 100, MISSING));
    assert_true(tk_kafka_detour_news(&d));
    assert_false(tk_kafka_detour_news(&d));
    assert_false(tk_kafka_detour_is_open(&d, 99 + TK_KAFKA_TRY_MISSING));
    assert_true(tk_kafka_detour_is_open(&d, 100 + TK_KAFKA_TRY_MISSING));
    assert_false(tk_kafka_detour_begin(&d, 200, FORBIDDEN));
    assert_false(tk_kafka_detour_is_open(&d, 199 + TK_KAFKA_TRY_FORBIDDEN));
    assert_true(tk_kafka_detour_is_open(&d, 200 + TK_KAFKA_TRY_FORBIDDEN));
    assert_false(tk_kafka_detour_news(&d));
    assert_true(tk_kafka_detour_end(&d));
    assert_false(tk_kafka_detour_end(&d));
    assert_true(tk_kafka_detour_news(&d));
    assert_true(tk_kafka_detour_is_open(&d, 0));
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)
    const struct CMUnitTest tests[] = {
        T(each_goes_to_its_topic),
        T(forbidden_topic),
        T(missing_topic),
        T(a_route_named_as_another_topic),
        cmocka_unit_test(when_it_is_tried_again),
    };
#undef T

    return cmocka_run_group_tests(tests, NULL, NULL);
}
