/* SPDX-License-Identifier: Apache-2.0 */
/* The Kafka sink without faults of brokers: order, headers, queue full, too large, closing. */
#include "kafka_fixture.h"

#include "sink/embedded_broker.h"
#include "sink/kafka_log.h"

#include <syslog.h>

static const char *const headers[][2] = {
    {"ce_specversion", "1.0"},
    {"ce_id", "7c9e6679-1"},
    {"ce_type", "io.trapkafka.trap.v1"},
    {"ce_source", "//host/q"},
    {"ce_time", "2026-11-22T05:45:26.123456Z"},
    {"content-type", "application/json"},
};

static void check_whole(void *arg, const rd_kafka_message_t *m)
{
    rd_kafka_headers_t *hdrs = NULL;
    rd_kafka_timestamp_type_t type;
    const char *name;
    const void *value;
    size_t size, count = *(const bool *)arg ? sizeof(headers) / sizeof(headers[0]) : 0;

    assert_int_equal(m->key_len, 3);
    assert_memory_equal(m->key, "234", 3);
    assert_int_equal(m->len, 7);
    assert_memory_equal(m->payload, "{\"n\":0}", 7);
    assert_int_equal(rd_kafka_message_timestamp(m, &type), 1700000000123);
    assert_int_equal(type, RD_KAFKA_TIMESTAMP_CREATE_TIME);
    assert_int_equal(m->partition, 2); /* murmur2("234") = 0xe7c009ca; its low 31 bits modulo 4, as in Java */
    assert_int_equal(rd_kafka_message_headers(m, &hdrs) == RD_KAFKA_RESP_ERR_NO_ERROR, count > 0);
    assert_int_equal(hdrs ? rd_kafka_header_cnt(hdrs) : 0, count);
    for (size_t i = 0; i < count; i++) {
        assert_int_equal(rd_kafka_header_get_all(hdrs, i, &name, &value, &size), 0);
        assert_string_equal(name, headers[i][0]);
        assert_int_equal(size, strlen(headers[i][1]));
        assert_memory_equal(value, headers[i][1], size);
    }
}

static void delivers_whole(struct fixture *f, bool has_headers)
{
    assert_int_equal(rd_kafka_mock_topic_create(f->cluster, "four", 4, 1), 0);
    f->cf.topic = (char *)(uintptr_t) "four";
    f->cf.has_headers = has_headers;
    fixture_open(f);
    fixture_publish(f, 0, 1);
    assert_int_equal(f->sink->ops->in_flight(f->sink), 1);
    assert_false(f->sink->ops->view(f->sink).has_delivered);
    fixture_await(f, 1);
    assert_true(f->sink->ops->view(f->sink).has_delivered);
    assert_int_equal(f->sink->ops->in_flight(f->sink), 0);
    assert_int_equal(f->count[TK_DELIVERED], 1);
    fixture_consume(f, "four", 4, 1, check_whole, &has_headers);
}

static void delivers_with_headers(void **state)
{
    delivers_whole(*state, true);
}

static void delivers_without_headers(void **state)
{
    delivers_whole(*state, false);
}

static void check_dead_letter(void *arg, const rd_kafka_message_t *m)
{
    size_t expected = *(const size_t *)arg, size;
    rd_kafka_headers_t *hdrs = NULL;
    const void *value;

    assert_int_equal(rd_kafka_message_headers(m, &hdrs), RD_KAFKA_RESP_ERR_NO_ERROR);
    assert_int_equal(rd_kafka_header_cnt(hdrs), expected);
    assert_int_equal(rd_kafka_header_get_last(hdrs, "trapkafka_reason", &value, &size), 0);
    assert_string_equal(value, "Broker: Message size too large");
    assert_int_equal(rd_kafka_header_get_last(hdrs, "trapkafka_topic", &value, &size), 0);
    assert_string_equal(value, "t");
    assert_memory_equal(m->key, "234", 3);
}

static void dead_letters_say_why(struct fixture *f, bool has_headers, size_t expected)
{
    assert_int_equal(rd_kafka_mock_topic_create(f->cluster, "dead", 1, 1), 0);
    f->cf.dead_letter_topic = (char *)(uintptr_t) "dead";
    f->cf.has_headers = has_headers;
    fixture_open(f);
    assert_int_equal(fixture_publish_to(f, TK_TOPIC_DEAD_LETTERS, 0, 0), TK_ACCEPTED);
    fixture_await(f, 1);
    assert_int_equal(f->count[TK_DELIVERED], 1);
    fixture_consume(f, "dead", 1, 1, check_dead_letter, &expected);
}

static void dead_letters_with_headers(void **state)
{
    dead_letters_say_why(*state, true, 8);
}

static void dead_letters_without_cloudevents(void **state)
{
    dead_letters_say_why(*state, false, 2);
}

static void dead_letters_may_be_off(void **state)
{
    struct fixture *f = *state;

    fixture_open(f);
    assert_int_equal(fixture_publish_to(f, TK_TOPIC_DEAD_LETTERS, 0, 0), TK_REFUSED);
    assert_int_equal(f->sink->ops->in_flight(f->sink), 0);
}

static void delivers_many_in_order(void **state)
{
    struct fixture *f = *state;

    fixture_open(f);
    fixture_publish(f, 0, 5000);
    fixture_await(f, 5000);
    assert_int_equal(f->count[TK_DELIVERED], 5000);
    fixture_once_each(f, 0, 5000);
    fixture_expect_order(f, 5000);
}

static void health_goes_unreported_and_may_be_off(void **state)
{
    struct fixture *f = *state;
    unsigned next = 7;

    assert_int_equal(rd_kafka_mock_topic_create(f->cluster, "h", 1, 1), 0);
    f->cf.health_topic = (char *)(uintptr_t) "h";
    fixture_open(f);
    assert_int_equal(fixture_publish_to(f, TK_TOPIC_HEALTH, TK_NO_TICKET, 7), TK_ACCEPTED);
    assert_int_equal(f->sink->ops->in_flight(f->sink), 0);
    fixture_consume(f, "h", 1, 1, fixture_expect_next, &next);
    assert_int_equal(fixture_total(f), 0);
    assert_true(fixture_close(f, PATIENCE) <
                PATIENCE / 2); /* nothing is under way: it does not wait for its deadline */

    f->cf.health_topic = NULL;
    fixture_open(f);
    assert_int_equal(fixture_publish_to(f, TK_TOPIC_HEALTH, TK_NO_TICKET, 8), TK_REFUSED);
    assert_int_equal(fixture_publish_to(f, TK_TOPIC_EVENTS, 0, 0), TK_ACCEPTED);
    fixture_await(f, 1);
}

static void too_large_is_said_at_once(void **state)
{
    struct fixture *f = *state;
    struct tk_message msg =
        {.ticket = 1, .payload_len = 2000000, .ce_id = "", .ce_type = "", .ce_source = "", .ce_time = ""};
    char *large = calloc(1, msg.payload_len);

    msg.payload = large;
    fixture_open(f);
    assert_int_equal(f->sink->ops->publish(f->sink, &msg), TK_TOO_LARGE);
    assert_int_equal(f->sink->ops->in_flight(f->sink), 0);
    free(large);
    fixture_publish(f, 0, 1);
    fixture_await(f, 1);
    assert_int_equal(f->reports[1], 0);
}

static void full_until_polled(void **state)
{
    struct fixture *f = *state;

    assert_int_equal(rd_kafka_mock_broker_set_down(f->cluster, 1), 0);
    fixture_open(f);
    fixture_publish(f, 0, TK_KAFKA_QUEUE_MESSAGES);
    assert_int_equal(fixture_publish_to(f, TK_TOPIC_EVENTS, TK_KAFKA_QUEUE_MESSAGES, 0), TK_FULL);
    assert_int_equal(f->sink->ops->in_flight(f->sink), TK_KAFKA_QUEUE_MESSAGES);
    assert_int_equal(rd_kafka_mock_broker_set_up(f->cluster, 1), 0);
    fixture_await(f, TK_KAFKA_QUEUE_MESSAGES);
    fixture_publish(f, TK_KAFKA_QUEUE_MESSAGES, TK_KAFKA_QUEUE_MESSAGES + 1);
    fixture_await(f, TK_KAFKA_QUEUE_MESSAGES + 1);
    fixture_once_each(f, 0, TK_KAFKA_QUEUE_MESSAGES + 1);
}

static void close_delivers_what_it_can(void **state)
{
    struct fixture *f = *state;

    fixture_open(f);
    fixture_publish(f, 0, 1000);
    assert_true(fixture_close(f, PATIENCE) < PATIENCE / 2); /* it ends when all is delivered */
    assert_int_equal(f->count[TK_DELIVERED], 1000);
    fixture_once_each(f, 0, 1000);
}

static void embedded_broker_creates_topics(void **state)
{
    struct fixture *f = *state;
    struct tk_err err = {0};
    struct tk_embedded_broker *broker = tk_embedded_broker_new(&err);

    assert_non_null(broker);
    assert_true(strncmp(tk_embedded_broker_address(broker), "127.0.0.1:", 10) == 0);
    f->cf.brokers = (char *)(uintptr_t) "embedded";
    f->cf.topic = (char *)(uintptr_t) "snmp-traps";
    f->cf.health_topic = (char *)(uintptr_t) "snmp-traps-health";
    fixture_open_at(f, tk_embedded_broker_address(broker));
    fixture_publish(f, 0, 100);
    fixture_await(f, 100);
    assert_int_equal(f->count[TK_DELIVERED], 100);
    for (unsigned i = 0; i < f->lines; i++) /* without faults there is no warning */
        fail_msg("unexpected line: %s", f->line[i]);
    (void)fixture_close(f, TK_SECOND);
    tk_embedded_broker_free(broker);
    tk_embedded_broker_free(NULL);
}

static void refuses_what_librdkafka_refuses(void **state)
{
    struct fixture *f = *state;
    struct tk_sink_hooks hooks = {.eventfd = -1};
    struct tk_err err = {0};

    fixture_property(f, "ssl.ca.location", "/nonexistent/ca.pem");
    fixture_property(f, "security.protocol", "ssl");
    fixture_property(f, "ssl.key.password", "hunter2");
    assert_null(tk_kafka_new(&f->cf, "127.0.0.1:1", &hooks, &err));
    if (!strstr(err.text, "ssl.ca.location"))
        print_error("%s\n", err.text);
    assert_non_null(strstr(err.text, "ssl.ca.location"));
    assert_null(strstr(err.text, "hunter2"));
}

#define WITH_FIXTURE(test) cmocka_unit_test_setup_teardown(test, fixture_setup, fixture_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_FIXTURE(refuses_what_librdkafka_refuses),  WITH_FIXTURE(delivers_with_headers),
        WITH_FIXTURE(delivers_without_headers),         WITH_FIXTURE(dead_letters_with_headers),
        WITH_FIXTURE(dead_letters_without_cloudevents), WITH_FIXTURE(dead_letters_may_be_off),
        WITH_FIXTURE(delivers_many_in_order),           WITH_FIXTURE(health_goes_unreported_and_may_be_off),
        WITH_FIXTURE(too_large_is_said_at_once),        WITH_FIXTURE(full_until_polled),
        WITH_FIXTURE(close_delivers_what_it_can),       WITH_FIXTURE(embedded_broker_creates_topics),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
