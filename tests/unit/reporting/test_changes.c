/* SPDX-License-Identifier: Apache-2.0 */
/* State changes: each is published once, in order, with its own time, when brokers can be reached. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "queue/ring_open.h"
#include "reporting/changes.h"
#include "worker_fixture.h"

static struct world w;
static size_t told; /* how many health records were checked */

static int setup(void **state)
{
    (void)state;
    told = 0;
    world_init(&w, TK_RING_MIN_BYTES);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    world_done(&w);
    return 0;
}

/* The next health record has this cause and time, and its detail contains @p part. */
static json_t *next_record(const char *cause, tk_nsec wall, const char *part)
{
    const struct fake_message *m = fake_kafka_message(&w.kafka, TK_TOPIC_HEALTH, told++);
    json_t *record = world_json(m);
    const char *detail = json_string_value(json_object_get(record, "detail"));
    char time[TK_RFC3339_BYTES];

    tk_clock_rfc3339(time, wall);
    assert_string_equal(json_string_value(json_object_get(record, "cause")), cause);
    assert_string_equal(json_string_value(json_object_get(record, "time")), time);
    assert_string_equal(json_string_value(json_object_get(record, "event_id")), m->event_id);
    assert_true(json_is_true(json_object_get(record, "is_balanced")));
    if (part) {
        assert_non_null(detail);
        assert_non_null(strstr(detail, part));
        assert_true(json_is_integer(json_object_get(record, "changes_lost")));
    } else {
        assert_null(detail);
    }
    return record;
}

static void expect(const char *cause, tk_nsec wall, const char *part)
{
    json_decref(next_record(cause, wall, part));
}

static void expect_no_more(void)
{
    assert_int_equal(fake_kafka_count(&w.kafka, TK_TOPIC_HEALTH), told);
}

static void start(const char *directive)
{
    world_configure(&w, directive);
    world_run(&w);
    expect("started", w.now.wall, "the queue is in memory");
    expect_no_more();
}

static void pass(tk_nsec t)
{
    world_pass(&w, t);
    world_run(&w);
}

static void reach(enum tk_reach reach)
{
    fake_kafka_reach(&w.kafka, reach);
    world_run(&w);
}

static void test_queue_that_was_refused(void **state)
{
    (void)state;
    world_done(&w);
    world_open(&w, tk_ring_new(TK_RING_MIN_BYTES), "/var/lib/q: it belongs to somebody \xff else");
    world_configure(&w, NULL);
    world_run(&w);
    expect("queue_failed", w.now.wall, "/var/lib/q: it belongs to somebody ? else");
    expect("started", w.now.wall, "memory");
    expect_no_more();
}

static void test_outage(void **state)
{
    tk_nsec lost, regained;
    json_t *record;

    (void)state;
    start(NULL);
    lost = w.now.wall;
    w.kafka.is_manual = true;
    reach(TK_LOST);
    for (unsigned i = 0; i < 10; i++) {
        world_number(&w, i);
        pass(60 * TK_SECOND);
    }
    expect_no_more(); /* no records of the minute either: they could not be published */
    regained = w.now.wall;
    w.kafka.is_manual = false;
    reach(TK_REACHED);
    record = next_record("broker_lost", lost, "no broker");
    assert_int_equal(json_integer_value(json_object_get(json_object_get(record, "books"), "received")),
                     10); /* the books are as of now, not as of the change */
    assert_int_equal(json_integer_value(json_object_get(record, "uptime_seconds")), 0);
    json_decref(record);
    expect("broker_regained", regained, "");
    expect_no_more();
    pass(TK_SECOND);
    expect("minute", w.now.wall, NULL);
    reach(TK_REACHED); /* it is reached already: not a change */
    expect_no_more();
}

/* The producer is replaced in an outage: the new one begins as reached, but has not reached a broker yet. */
static void test_new_producer_in_an_outage(void **state)
{
    tk_nsec lost;

    (void)state;
    start(NULL);
    lost = w.now.wall;
    reach(TK_LOST);
    w.kafka.is_manual = true;
    world_configure(&w, "kafkaTopic other");
    pass(TK_SECOND);
    assert_int_equal(w.kafka.opens, 2);
    reach(TK_LOST);
    pass(TK_SECOND);
    expect("broker_lost", lost, "no broker"); /* published before the new sink noticed the outage */
    world_number(&w, 1);
    reach(TK_REACHED);
    expect("broker_regained", w.now.wall, "");
    reach(TK_LOST);
    world_configure(&w, "kafkaTopic third");
    fake_kafka_report_all(&w.kafka, TK_SEND_AGAIN);
    pass(TK_SECOND);
    assert_int_equal(w.kafka.opens, 3);
    expect("broker_lost", w.now.wall - TK_SECOND, "no broker");
    pass(TK_SECOND);
    expect_no_more();
    fake_kafka_report_all(&w.kafka, TK_DELIVERED); /* a delivery also ends the outage */
    world_run(&w);
    expect("broker_regained", w.now.wall, "");
    expect_no_more();
}

/* What a sink takes before it has reached a broker is lost with it, if the operator corrects kafkaBrokers before the
 * outage is noticed. So the next sink is given it again, under the same ID, and all that came after it. */
static void test_sink_that_never_reached_a_broker(void **state)
{
    tk_nsec began = w.now.wall;

    (void)state;
    w.kafka.view.has_delivered = false;
    start(NULL);
    tk_ring_count_loss(w.ring, TK_LOSS_QUEUE_FULL);
    pass(TK_SECOND);
    pass(30 * TK_SECOND);
    expect_no_more(); /* the first one asks whether brokers are there, once */
    world_configure(&w, "kafkaTopic other");
    pass(TK_SECOND);
    assert_int_equal(w.kafka.opens, 2);
    expect("started", began, "the queue is in memory");
    assert_string_equal(fake_kafka_message(&w.kafka, TK_TOPIC_HEALTH, 0)->event_id,
                        fake_kafka_message(&w.kafka, TK_TOPIC_HEALTH, 1)->event_id);
    expect_no_more();
    w.kafka.view.has_delivered = true;
    pass(TK_SECOND);
    expect("first_drop", began + TK_SECOND, "queue_full 1");
    expect_no_more();
}

/* At the stop all are published, because there is no later. */
static void test_stop_before_a_broker_was_reached(void **state)
{
    (void)state;
    w.kafka.view.has_delivered = false;
    start(NULL);
    tk_ring_count_loss(w.ring, TK_LOSS_QUEUE_FULL);
    pass(TK_SECOND);
    expect_no_more();
    tk_worker_finish(w.worker, w.now, w.now.mono);
    expect("first_drop", w.now.wall, "queue_full 1");
    expect("stop", w.now.wall, NULL);
    expect_no_more();
}

static void test_fill(void **state)
{
    static uint8_t large[100000];

    (void)state;
    start("kafkaDedup off");
    w.kafka.room = 0;
    world_number(&w, 1);
    world_run(&w); /* the event is held, and no further record is read */
    for (unsigned i = 0; i < 9; i++)
        assert_true(world_bytes(&w, large, sizeof(large)));
    pass(TK_SECOND);
    expect_no_more(); /* the sink does not take health records either */
    w.kafka.room = SIZE_MAX;
    pass(10 * TK_SECOND);
    expect("queue_high", w.now.wall - 10 * TK_SECOND, "85 %");
    expect("first_drop", w.now.wall, "since the start: malformed 9");
    expect_no_more();
    pass(TK_SECOND);
    expect("queue_normal", w.now.wall, "0 %");
    expect_no_more();
}

static void test_first_drop_in_an_hour(void **state)
{
    (void)state;
    start(NULL);
    for (unsigned i = 0; i < 3; i++) {
        tk_ring_count_loss(w.ring, TK_LOSS_QUEUE_FULL);
        pass(TK_SECOND);
    }
    tk_ring_count_loss(w.ring, TK_LOSS_TOO_LARGE);
    pass(TK_SECOND);
    expect("first_drop", w.now.wall - 3 * TK_SECOND, "since the start: queue_full 1");
    expect_no_more();
    pass(1800 * TK_SECOND);
    expect("minute", w.now.wall, NULL);
    tk_ring_count_loss(w.ring, TK_LOSS_QUEUE_FULL);
    pass(TK_SECOND);
    pass(3600 * TK_SECOND);
    expect("minute", w.now.wall, NULL);
    expect_no_more();
    tk_ring_count_loss(w.ring, TK_LOSS_QUEUE_FULL);
    pass(TK_SECOND);
    expect("first_drop", w.now.wall, "since the start: queue_full 5 too_large 1");
    expect_no_more();
}

/* A path where there is no file. */
static void make_path(char *path, size_t bytes)
{
    const char *tmp = getenv("TMPDIR");
    int fd;

    (void)snprintf(path, bytes, "%s/states.XXXXXX", tmp ? tmp : "/tmp");
    fd = mkstemp(path);
    assert_true(fd >= 0 && close(fd) == 0 && unlink(path) == 0);
}

/* The queue is a file, and it is truncated while it is in use. */
static void test_file_is_cut(void **state)
{
    struct tk_err err = {0};
    char path[200];

    (void)state;
    make_path(path, sizeof(path));
    world_done(&w);
    world_open(&w, tk_ring_open(path, TK_RING_MIN_BYTES, &err), NULL);
    world_configure(&w, NULL);
    world_run(&w);
    expect("started", w.now.wall, "0 records recovered from ");
    assert_int_equal(truncate(path, 4096), 0);
    for (unsigned i = 0; i < 10; i++)
        world_number(&w, i);
    pass(TK_SECOND);
    assert_true(world_stat(&w, TK_QUEUE_FAULTS) > 0);
    expect("queue_failed", w.now.wall, path);
    expect_no_more();
    assert_true(world_has_logged(&w, "was truncated, or its disk failed: records in the affected pages are lost"));
    assert_int_equal(world_stat(&w, TK_PUBLISHED), 10); /* the queue still works */
    (void)unlink(path);
}

static void spoil(const char *path, const char *text)
{
    static char bytes[4 * TK_RING_MIN_BYTES];
    FILE *f = fopen(path, "r+");
    size_t len;
    char *at;

    assert_non_null(f);
    len = fread(bytes, 1, sizeof(bytes), f);
    at = memmem(bytes, len, text, strlen(text));
    assert_non_null(at);
    assert_int_equal(fseek(f, at - bytes, SEEK_SET), 0);
    assert_int_equal(fputc('?', f), '?');
    assert_int_equal(fclose(f), 0);
}

/* Records of an earlier process are published with their event IDs of then; damaged ones are counted. */
static void test_file_of_an_earlier_life(void **state)
{
    struct tk_err err = {0};
    char path[200], line[100];

    (void)state;
    make_path(path, sizeof(path));
    world_done(&w);
    world_open(&w, tk_ring_open(path, TK_RING_MIN_BYTES, &err), NULL);
    for (unsigned i = 1; i <= 5; i++) {
        (void)snprintf(line, sizeof(line), "2c uptime=%u oid=1.3.6.1.6.3.1.1.5.1 1.3.6.1.2.1.1.5.0 s number-%u", i, i);
        assert_true(world_trap(&w, line));
    }
    world_done(&w);
    spoil(path, "number-3");
    world_open(&w, tk_ring_open(path, TK_RING_MIN_BYTES, &err), NULL);
    world_configure(&w, NULL);
    world_number(&w, 6);
    world_run(&w);
    assert_int_equal(world_stat(&w, TK_RECOVERED), 5);
    assert_int_equal(world_stat(&w, TK_DROPPED_DAMAGED), 1);
    assert_int_equal(world_stat(&w, TK_PUBLISHED), 5);
    assert_int_equal(world_seq(&w, 2), 4);
    assert_int_equal(world_seq(&w, 4), 6);
    expect("damaged", w.now.wall, "records lost: 1 (");
    expect("started", w.now.wall, "5 records recovered from ");
    expect("first_drop", w.now.wall, "damaged 1");
    expect_no_more();
    (void)unlink(path);
}

static void damage(void)
{
    uint8_t *in_ring = tk_ring_reserve(w.ring, 100);

    memset(in_ring, 0, 100);
    (void)tk_ring_commit(w.ring, 100, &w.now);
    in_ring[50] = 1;
}

static void test_damaged_and_undeliverable_once_a_minute(void **state)
{
    (void)state;
    start(NULL);
    for (unsigned i = 0; i < 5; i++) {
        damage();
        w.kafka.answer = TK_REFUSED;
        world_number(&w, i);
        pass(TK_MSEC);
    }
    pass(TK_SECOND);
    expect("damaged", w.now.wall - TK_SECOND - 4 * TK_MSEC, "records lost: 1 (0 more");
    expect("undeliverable", w.now.wall - TK_SECOND - 4 * TK_MSEC,
           "librdkafka says that the message is invalid (0 more");
    expect("first_drop", w.now.wall, "undeliverable 5 damaged 5");
    expect_no_more();
    pass(59 * TK_SECOND);
    expect("minute", w.now.wall, NULL);
    damage();
    w.kafka.answer = TK_REFUSED;
    world_number(&w, 9);
    pass(TK_SECOND);
    expect("damaged", w.now.wall, "(4 more");
    expect("undeliverable", w.now.wall, "(4 more");
    expect_no_more();
}

/* If the sink does not take a change, it is retried after ten seconds, in order. */
static void test_kept_until_the_sink_takes_them(void **state)
{
    tk_nsec lost;

    (void)state;
    start(NULL);
    w.kafka.health_answer = TK_REFUSED;
    lost = w.now.wall;
    reach(TK_LOST);
    reach(TK_REACHED);
    w.kafka.health_answer = TK_ACCEPTED;
    pass(9 * TK_SECOND);
    expect_no_more();
    pass(TK_SECOND);
    expect("broker_lost", lost, "");
    expect("broker_regained", lost, "");
    expect_no_more();
    tk_ring_count_loss(w.ring, TK_LOSS_QUEUE_FULL);
    w.kafka.health_answer = TK_REFUSED;
    pass(TK_SECOND);
    w.kafka.health_answer = TK_ACCEPTED;
    pass(9 * TK_SECOND);
    pass(TK_SECOND);
    expect("first_drop", w.now.wall - 10 * TK_SECOND, "");
    reach(TK_LOST); /* this change is not published at the stop, because brokers are lost */
    tk_worker_finish(w.worker, w.now, w.now.mono);
    expect("stop", w.now.wall, NULL);
    expect_no_more();
}

static void test_the_oldest_are_dropped_at_the_bound(void **state)
{
    json_t *record;

    (void)state;
    start(NULL);
    w.kafka.health_answer = TK_FULL;
    for (unsigned i = 0; i < 40; i++) {
        reach(TK_LOST);
        reach(TK_REACHED);
        world_pass(&w, TK_MSEC);
    }
    w.kafka.health_answer = TK_ACCEPTED;
    pass(10 * TK_SECOND);
    assert_int_equal(fake_kafka_count(&w.kafka, TK_TOPIC_HEALTH), 1 + TK_CHANGES_KEPT);
    record = next_record("broker_lost", w.now.wall - 10 * TK_SECOND - 32 * TK_MSEC, "");
    assert_int_equal(json_integer_value(json_object_get(record, "changes_lost")), 16);
    json_decref(record);
    record = next_record("broker_regained", w.now.wall - 10 * TK_SECOND - 32 * TK_MSEC, "");
    assert_int_equal(json_integer_value(json_object_get(record, "changes_lost")), 0);
    json_decref(record);
    assert_string_not_equal(fake_kafka_message(&w.kafka, TK_TOPIC_HEALTH, 1)->event_id,
                            fake_kafka_message(&w.kafka, TK_TOPIC_HEALTH, 2)->event_id);
}

static void test_health_is_off(void **state)
{
    (void)state;
    world_configure(&w, "kafkaHealthTopic \"\"");
    world_run(&w);
    reach(TK_LOST);
    reach(TK_REACHED);
    world_configure(&w, NULL); /* changes while the health topic was off are not published later */
    world_run(&w);
    expect_no_more();
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        T(test_queue_that_was_refused),
        T(test_outage),
        T(test_new_producer_in_an_outage),
        T(test_sink_that_never_reached_a_broker),
        T(test_stop_before_a_broker_was_reached),
        T(test_fill),
        T(test_first_drop_in_an_hour),
        T(test_file_is_cut),
        T(test_file_of_an_earlier_life),
        T(test_damaged_and_undeliverable_once_a_minute),
        T(test_kept_until_the_sink_takes_them),
        T(test_the_oldest_are_dropped_at_the_bound),
        T(test_health_is_off),
    };
#undef T

    return cmocka_run_group_tests(tests, NULL, NULL);
}
