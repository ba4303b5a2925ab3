/* SPDX-License-Identifier: Apache-2.0 */
/* What is logged of Kafka: repeats are limited, and trouble has a begin with its cause and an end. */
#include "kafka_fixture.h"

#include <syslog.h>

#include "sink/kafka_log.h"

static void log_lines_are_held_back_and_counted(void **state)
{
    struct fixture *f = *state;
    struct tk_kafka_log log;

    tk_kafka_log_init(&log, &(struct tk_sink_hooks){.on_log = fixture_log, .on_reach = fixture_reach, .arg = f},
                      "b1:9092");
    for (int i = 0; i < 100; i++)
        tk_kafka_log_line(&log, i, LOG_ERR, "FAC", "broker %d is unwell", i);
    assert_int_equal(f->lines, 1);
    tk_kafka_log_line(&log, 100, LOG_ERR, "OTHER", "broker 1 is unwell");
    assert_int_equal(f->lines, 2);
    tk_kafka_log_line(&log, TK_KAFKA_LOG_PERIOD, LOG_ERR, "FAC", "broker 7 is unwell");
    assert_string_equal(f->line[2], "broker 7 is unwell (99 more like this were held back)");
    for (int i = 0; i < 5; i++)
        tk_kafka_log_line(&log, TK_KAFKA_LOG_PERIOD, LOG_DEBUG, "FAC", "asked for");
    assert_int_equal(f->lines, 8);
}

static void log_tells_an_outage_once(void **state)
{
    const rd_kafka_resp_err_t down = RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN, transport = RD_KAFKA_RESP_ERR__TRANSPORT;
    struct fixture *f = *state;
    struct tk_kafka_log log;

    tk_kafka_log_init(&log, &(struct tk_sink_hooks){.on_log = fixture_log, .on_reach = fixture_reach, .arg = f},
                      "b1:9092");
    /* An idle connection that the broker closes is not an outage, even if an event comes much later. */
    tk_kafka_log_error(&log, 0, transport, "b1: Disconnected (after 600000ms in state UP)");
    tk_kafka_log_error(&log, 0, down, "1/1 brokers are down");
    tk_kafka_log_tick(&log, 60 * TK_SECOND, false);
    tk_kafka_log_tick(&log, 3600 * TK_SECOND, true);
    assert_int_equal(fixture_lines(f, "holding"), 0);
    /* It is one if events wait. */
    tk_kafka_log_tick(&log, 3602 * TK_SECOND, true);
    tk_kafka_log_tick(&log, 3604 * TK_SECOND, true);
    assert_int_equal(fixture_lines(f, "no Kafka broker can be reached (b1: Disconnected"), 1);
    assert_int_equal(fixture_lines(f, "acknowledges"), 0);
    assert_int_equal(f->lost, 1);
    tk_kafka_log_delivered(&log, false);
    tk_kafka_log_delivered(&log, true);
    assert_int_equal(fixture_lines(f, "acknowledges"), 1);
    tk_kafka_log_tick(&log, 3605 * TK_SECOND, true);
    assert_int_equal(f->reached, 1);
    /* A connection that cannot be made is an outage, with or without events. */
    tk_kafka_log_error(&log, 4000 * TK_SECOND, transport, "b1: Connect failed (after 0ms in state CONNECT)");
    tk_kafka_log_error(&log, 4000 * TK_SECOND, down, "1/1 brokers are down");
    tk_kafka_log_tick(&log, 4000 * TK_SECOND, false);
    assert_int_equal(fixture_lines(f, "holding"), 1);
    tk_kafka_log_tick(&log, 4002 * TK_SECOND, false);
    assert_int_equal(fixture_lines(f, "holding"), 2);
    assert_int_equal(f->lost, 2);
}

/* With brokers that hang, or too few replicas, librdkafka reports no error, and nothing is acknowledged. */
static void log_tells_a_standstill(void **state)
{
    struct fixture *f = *state;
    struct tk_kafka_log log;

    tk_kafka_log_init(&log, &(struct tk_sink_hooks){.on_log = fixture_log, .on_reach = fixture_reach, .arg = f},
                      "b1:9092");
    tk_kafka_log_tick(&log, 100 * TK_SECOND, true);
    tk_kafka_log_tick(&log, 109 * TK_SECOND, true);
    tk_kafka_log_delivered(&log, true);
    tk_kafka_log_tick(&log, 110 * TK_SECOND, true);
    tk_kafka_log_tick(&log, 119 * TK_SECOND, true);
    assert_int_equal(f->lines, 0);
    tk_kafka_log_tick(&log, 120 * TK_SECOND, true);
    tk_kafka_log_tick(&log, 121 * TK_SECOND, true);
    assert_int_equal(fixture_lines(f, "min.insync.replicas"), 1);
    assert_int_equal(f->lost, 1);
    tk_kafka_log_delivered(&log, true);
    tk_kafka_log_tick(&log, 122 * TK_SECOND, false);
    assert_int_equal(f->reached, 1);
}

/* Brokers that answer and refuse events are an outage too. A health record that is delivered does not end it. */
static void log_tells_refusals(void **state)
{
    struct fixture *f = *state;
    struct tk_kafka_log log;

    tk_kafka_log_init(&log, &(struct tk_sink_hooks){.on_log = fixture_log, .on_reach = fixture_reach, .arg = f},
                      "b1:9092");
    tk_kafka_log_refused(&log);
    assert_int_equal(f->lost, 0); /* reported by the tick only */
    tk_kafka_log_tick(&log, TK_SECOND, true);
    tk_kafka_log_refused(&log);
    tk_kafka_log_tick(&log, 2 * TK_SECOND, true);
    assert_int_equal(f->lost, 1);
    tk_kafka_log_delivered(&log, false);
    tk_kafka_log_tick(&log, 3 * TK_SECOND, true);
    assert_int_equal(f->reached, 0);
    tk_kafka_log_delivered(&log, true);
    tk_kafka_log_tick(&log, 4 * TK_SECOND, true);
    assert_int_equal(f->reached, 1);
    assert_int_equal(fixture_lines(f, "acknowledges"), 1);
    /* Wrong credentials are an outage, with or without ALL_BROKERS_DOWN from librdkafka. */
    tk_kafka_log_error(&log, 5 * TK_SECOND, RD_KAFKA_RESP_ERR__AUTHENTICATION, "b1: SASL authentication error");
    tk_kafka_log_tick(&log, 7 * TK_SECOND, false);
    assert_int_equal(f->lost, 2);
    tk_kafka_log_init(&log, &(struct tk_sink_hooks){.on_log = NULL}, "b1:9092"); /* without callbacks */
    tk_kafka_log_refused(&log);
    tk_kafka_log_tick(&log, TK_SECOND, true);
}

/* What the line of an outage says, by the last that was heard: errors of librdkafka, and a quota. */
static void log_tells_the_cause(void **state)
{
    static const struct {
        const char *brokers, *error;
        int throttle_ms;
        const char *cause, *remedy, *not ;
    } t[] = {
        {"b1:9092", "k0.example.net:9092/1: Failed to resolve 'k0.example.net:9092': Name or service not known", 0,
         "(k0.example.net:9092/1: Failed to resolve",
         "the address k0.example.net:9092 came from the brokers' "
         "advertised.listeners, not from kafkaBrokers: correct it there",
         "no connection failed"},
        {"b1:9092,b2:9093", "sasl_ssl://localhost:9099/17: Connect to ipv4#127.0.0.1:9099 failed: Connection refused",
         0, "Connection refused", "the address localhost:9099 came from", "no connection failed"},
        /* named by kafkaBrokers, also without its port, or in other letters */
        {"b1:9092,b2", "b2:9092/2: Connect to ipv4#10.0.0.2:9092 failed: Connection refused", 0, "(b2:9092/2: Connect",
         "check the brokers, the network and kafkaBrokers", "advertised"},
        {"B1:9092", "b1:9092/1: Connect to ipv4#10.0.0.2:9092 failed", 0, "(b1:9092/1: Connect", "kafkaBrokers",
         "advertised"},
        {"b1:9092", "b1:9092/bootstrap: Failed to resolve 'b1:9092'", 0, "(b1:9092/bootstrap: Failed", "kafkaBrokers",
         "advertised"},
        {"b1:9092", "b1:90921/1: Connect to ipv4#10.0.0.2:9092 failed", 0, "(b1:90921/1", "address b1:90921 came",
         "check"},
        {"b1:9092", "a text of another form", 0, "(a text of another form)", "kafkaBrokers", "advertised"},
        {"b1:9092", NULL, 15000, "because of a quota, broker b1:9092/1 delays its answers to this client by 15000 ms",
         "raise the quota", "no connection failed"},
        {"b1:9092", "b1:9092/1: Connect to ipv4#10.0.0.2:9092 failed", 15000, "(b1:9092/1: Connect", "kafkaBrokers",
         "quota"},
        {"b1:9092", NULL, 0, "no connection failed", "min.insync.replicas", "quota"},
    };
    struct fixture *f = *state;

    for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
        struct tk_kafka_log log;

        tk_kafka_log_init(&log, &(struct tk_sink_hooks){.on_log = fixture_log, .arg = f}, t[i].brokers);
        f->lines = 0;
        tk_kafka_log_tick(&log, TK_SECOND, true);
        if (t[i].throttle_ms)
            tk_kafka_log_throttled(&log, TK_SECOND, "b1:9092/1", t[i].throttle_ms);
        if (t[i].error)
            tk_kafka_log_error(&log, TK_SECOND, RD_KAFKA_RESP_ERR__TRANSPORT, t[i].error);
        tk_kafka_log_tick(&log, 12 * TK_SECOND, true);
        assert_int_equal(fixture_lines(f, "Kafka has acknowledged nothing for 10 seconds ("), 1);
        f->lines = 1 + (t[i].error != NULL);
        memmove(f->line[0], f->line[f->lines - 1], sizeof(f->line[0]));
        if (!strstr(f->line[0], t[i].cause) || !strstr(f->line[0], t[i].remedy) || strstr(f->line[0], t[i].not ))
            fail_msg("row %zu: %s", i, f->line[0]);
    }
    {
        struct tk_kafka_log log;

        tk_kafka_log_init(&log, &(struct tk_sink_hooks){.on_log = fixture_log, .arg = f}, "b1:9092");
        tk_kafka_log_throttled(&log, TK_SECOND, "b1:9092/1", 15000);
        tk_kafka_log_throttled(&log, TK_SECOND, "b1:9092/1", 0); /* no more */
        tk_kafka_log_tick(&log, TK_SECOND, true);
        f->lines = 0;
        tk_kafka_log_tick(&log, 12 * TK_SECOND, true);
        assert_int_equal(fixture_lines(f, "no connection failed"), 1);
    }
}

/* The end of a trouble has the priority of its begin, of several the loudest one; a repeat that was held back has none. */
/* A quota is the cause while brokers speak of it, each for itself. */
static void log_forgets_a_quota(void **state)
{
    struct fixture *f = *state;
    struct tk_kafka_log log;

    tk_kafka_log_init(&log, &(struct tk_sink_hooks){.on_log = fixture_log, .arg = f}, "b1:9092");
    tk_kafka_log_throttled(&log, TK_SECOND, "b1:9092/1", 300);
    tk_kafka_log_throttled(&log, TK_SECOND, "b2:9092/2", 0);
    tk_kafka_log_tick(&log, TK_SECOND, true);
    tk_kafka_log_tick(&log, 12 * TK_SECOND, true);
    assert_int_equal(fixture_lines(f, "because of a quota, broker b1:9092/1"), 1);
    tk_kafka_log_delivered(&log, true);
    tk_kafka_log_tick(&log, 70 * TK_SECOND, true);
    tk_kafka_log_tick(&log, 82 * TK_SECOND, true);
    assert_int_equal(fixture_lines(f, "because of a quota"), 1);
    assert_int_equal(fixture_lines(f, "no connection failed"), 1);
}

/* The line of the stall had to name what was heard until then. It is written again as soon as more is known, and once. */
static void log_tells_when_more_is_known(void **state)
{
    static const char *const unknown = "Failed to acquire idempotence PID from broker b1:9092/bootstrap: retrying";
    static const char *const advertised = "k0.example.net:9092/1: Connect to ipv4#10.0.0.9:9092 failed";
    struct fixture *f = *state;
    struct tk_kafka_log log;

    tk_kafka_log_init(&log, &(struct tk_sink_hooks){.on_log = fixture_log, .arg = f}, "b1:9092");
    tk_kafka_log_tick(&log, TK_SECOND, true);
    tk_kafka_log_error(&log, TK_SECOND, RD_KAFKA_RESP_ERR__TRANSPORT, unknown);
    tk_kafka_log_tick(&log, 12 * TK_SECOND, true);
    assert_int_equal(fixture_lines(f, "nothing for 10 seconds (Failed to acquire"), 1);
    for (int i = 0; i < 100; i++) { /* the two take turns */
        tk_kafka_log_error(&log, (13 + i) * TK_SECOND, RD_KAFKA_RESP_ERR__TRANSPORT, i % 2 ? unknown : advertised);
        tk_kafka_log_tick(&log, (13 + i) * TK_SECOND, true);
    }
    assert_int_equal(fixture_lines(f, "still acknowledges nothing (k0.example.net:9092/1: "), 1);
    assert_int_equal(fixture_lines(f, "acknowledges nothing"), 1);
    assert_int_equal(fixture_lines(f, "acknowledged nothing"), 1);
}

static void log_tells_the_end_as_loudly(void **state)
{
    struct fixture *f = *state;
    struct tk_kafka_log log;
    int loudest = 0;

    tk_kafka_log_init(&log, &(struct tk_sink_hooks){.on_log = fixture_log, .arg = f, .loudest = &loudest}, "b1:9092");
    tk_kafka_log_delivered(&log, true);
    assert_int_equal(f->lines, 0); /* nothing had begun */
    tk_kafka_log_tick(&log, TK_SECOND, true);
    tk_kafka_log_tick(&log, 11 * TK_SECOND, true);
    tk_kafka_log_delivered(&log, true);
    assert_int_equal(f->lines, 2);
    assert_int_equal(f->priority[0], LOG_WARNING);
    assert_int_equal(f->priority[1], LOG_WARNING);
    assert_non_null(strstr(f->line[1], "acknowledges events again"));
    tk_kafka_log_delivered(&log, true);
    assert_int_equal(f->lines, 2);

    tk_kafka_log_error(&log, 30 * TK_SECOND, RD_KAFKA_RESP_ERR__AUTHENTICATION, "b1: SASL authentication error");
    tk_kafka_log_tick(&log, 33 * TK_SECOND, true); /* a warning, and an error before it */
    assert_int_equal(f->lines, 4);
    tk_kafka_log_delivered(&log, true);
    assert_int_equal(f->priority[4], LOG_ERR);
    /* Soon again: both lines are held back, and so is their end. */
    tk_kafka_log_error(&log, 35 * TK_SECOND, RD_KAFKA_RESP_ERR__AUTHENTICATION, "b1: SASL authentication error");
    tk_kafka_log_tick(&log, 38 * TK_SECOND, true);
    tk_kafka_log_delivered(&log, true);
    assert_int_equal(f->lines, 5);

    /* The end may come with the next sink. */
    tk_kafka_log_refused(&log);
    assert_int_equal(loudest, LOG_ERR);
    tk_kafka_log_init(&log, &(struct tk_sink_hooks){.on_log = fixture_log, .arg = f, .loudest = &loudest}, "b2:9092");
    tk_kafka_log_delivered(&log, true);
    assert_int_equal(f->lines, 6);
    assert_int_equal(f->priority[5], LOG_ERR);
    assert_int_equal(loudest, 0);
}

/* Connections that fail and come back every few seconds, for an hour: a few lines, and as many ends as begins. */
static void log_limits_an_unsteady_network(void **state)
{
    struct fixture *f = *state;
    struct tk_kafka_log log;
    unsigned begins = 0, ends = 0;

    tk_kafka_log_init(&log, &(struct tk_sink_hooks){.on_log = fixture_log, .arg = f}, "b1:9092");
    for (tk_nsec now = TK_SECOND; now < 100 * TK_SECOND; now += 3 * TK_SECOND) {
        tk_kafka_log_error(&log, now, RD_KAFKA_RESP_ERR__TRANSPORT, "b1: Connect failed (in state CONNECT)");
        tk_kafka_log_error(&log, now, RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN, "1/1 brokers are down");
        tk_kafka_log_tick(&log, now + 2 * TK_SECOND, true);
        tk_kafka_log_delivered(&log, true);
    }
    begins = fixture_lines(f, "no Kafka broker can be reached");
    ends = fixture_lines(f, "acknowledges events again");
    assert_int_equal(begins, ends);
    assert_true(begins >= 2 && begins <= 10);
}

#define WITH_FIXTURE(test) cmocka_unit_test_setup_teardown(test, fixture_setup, fixture_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_FIXTURE(log_lines_are_held_back_and_counted),
        WITH_FIXTURE(log_tells_an_outage_once),
        WITH_FIXTURE(log_tells_a_standstill),
        WITH_FIXTURE(log_tells_refusals),
        WITH_FIXTURE(log_tells_the_cause),
        WITH_FIXTURE(log_tells_when_more_is_known),
        WITH_FIXTURE(log_forgets_a_quota),
        WITH_FIXTURE(log_tells_the_end_as_loudly),
        WITH_FIXTURE(log_limits_an_unsteady_network),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
