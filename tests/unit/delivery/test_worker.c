/* SPDX-License-Identifier: Apache-2.0 */
#include "delivery/worker.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "delivery/window.h"
#include "stages/alarm_states.h"
#include "trap_text.h"
#include "worker_fixture.h"

static struct world w;

static int setup(void **state)
{
    (void)state;
    world_init(&w, TK_RING_MIN_BYTES);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    world_done(&w);
    return 0;
}

static void test_waits_for_its_first_bundle(void **state)
{
    (void)state;
    world_number(&w, 1);
    assert_false(world_step(&w));
    assert_int_equal(world_stat(&w, TK_PENDING), 1);
    tk_worker_finish(w.worker, w.now, 0); /* and can end without one */
}

static void test_holds_traps_without_brokers(void **state)
{
    struct tk_settings *cf = tk_settings_new();

    (void)state;
    world_bundle(&w, cf, NULL);
    world_number(&w, 1);
    world_run(&w);
    assert_int_equal(w.kafka.opens, 0);
    assert_int_equal(world_stat(&w, TK_PENDING), 1);
    world_configure(&w, NULL);
    world_run(&w);
    assert_int_equal(world_stat(&w, TK_PUBLISHED), 1);
}

static void test_publishes(void **state)
{
    const struct fake_message *m;
    json_t *event;

    (void)state;
    world_configure(&w, NULL);
    world_number(&w, 1);
    world_number(&w, 2);
    world_run(&w);
    assert_int_equal(fake_kafka_events(&w.kafka), 2);
    m = fake_kafka_event(&w.kafka, 0);
    assert_string_equal(m->key, "192.0.2.2");
    assert_string_equal(m->type, "trapkafka.trap");
    event = world_event(&w, 0);
    assert_string_equal(json_string_value(json_object_get(event, "event_id")), m->event_id);
    assert_string_equal(json_string_value(json_object_get(event, "received")), "2025-11-22T05:45:26.123456Z");
    json_decref(event);
    assert_int_equal(world_stat(&w, TK_PUBLISHED), 2);
    assert_int_equal(world_stat(&w, TK_PENDING), 0);
    assert_int_equal(tk_ring_used(w.ring), 0);
}

static void test_full_sink_holds_and_keeps_order(void **state)
{
    (void)state;
    world_configure(&w, NULL);
    w.kafka.is_manual = true;
    w.kafka.room = 2;
    for (unsigned i = 1; i <= 5; i++)
        world_number(&w, i);
    world_run(&w);
    assert_int_equal(fake_kafka_events(&w.kafka), 2);
    assert_int_equal(world_stat(&w, TK_PENDING), 5);
    assert_int_equal(world_stat(&w, TK_IN_FLIGHT), 2);
    fake_kafka_report(&w.kafka, 1, TK_DELIVERED); /* out of order: the tail stays */
    world_run(&w);
    assert_int_equal(fake_kafka_events(&w.kafka), 3);
    assert_int_equal(world_stat(&w, TK_PUBLISHED), 1);
    w.kafka.room = SIZE_MAX;
    world_run(&w);
    fake_kafka_report_all(&w.kafka, TK_DELIVERED);
    world_run(&w);
    assert_int_equal(fake_kafka_events(&w.kafka), 5);
    for (unsigned i = 0; i < 5; i++)
        assert_int_equal(world_seq(&w, i), i + 1);
    assert_int_equal(world_stat(&w, TK_PUBLISHED), 5);
    assert_int_equal(world_stat(&w, TK_SENT_AGAIN), 0);
    assert_int_equal(tk_ring_used(w.ring), 0);
}

static void test_full_queue_is_counted(void **state)
{
    static uint8_t large[100000];

    (void)state;
    world_configure(&w, NULL);
    while (world_bytes(&w, large, sizeof(large)))
        ;
    tk_ring_count_loss(w.ring, TK_LOSS_TOO_LARGE);
    tk_ring_count_loss(w.ring, TK_LOSS_MALFORMED);
    world_run(&w);
    assert_int_equal(world_stat(&w, TK_DROPPED_QUEUE_FULL), 1);
    assert_int_equal(world_stat(&w, TK_DROPPED_TOO_LARGE), 1);
    assert_int_equal(world_stat(&w, TK_DROPPED_MALFORMED), 1 + 10); /* zeros are no trap */
}

static void test_events_that_the_producer_refuses(void **state)
{
    (void)state;
    world_configure(&w, NULL);
    w.kafka.answer = TK_TOO_LARGE;
    world_number(&w, 1);
    world_run(&w);
    w.kafka.answer = TK_REFUSED;
    world_number(&w, 2);
    world_run(&w);
    assert_int_equal(world_stat(&w, TK_DROPPED_TOO_LARGE), 1);
    assert_int_equal(world_stat(&w, TK_DROPPED_UNDELIVERABLE), 1);
    world_number(&w, 1);
    world_number(&w, 2);
    world_run(&w);
    assert_int_equal(world_stat(&w, TK_PUBLISHED), 2);
    assert_int_equal(tk_ring_used(w.ring), 0);
}

static void test_open_is_tried_again(void **state)
{
    (void)state;
    world_configure(&w, NULL);
    w.kafka.refuses_to_open = true;
    world_number(&w, 1);
    world_run(&w);
    assert_true(world_has_logged(&w, "no Kafka producer: the fake broker does not want; holding events in the queue"));
    w.kafka.refuses_to_open = false;
    world_pass(&w, 5 * TK_SECOND - 1);
    world_run(&w);
    assert_int_equal(w.kafka.opens, 0);
    world_pass(&w, 1);
    world_run(&w);
    assert_int_equal(w.kafka.opens, 1);
    assert_int_equal(world_stat(&w, TK_PUBLISHED), 1);
}

static void test_new_settings_replace_the_sink(void **state)
{
    (void)state;
    world_configure(&w, NULL);
    w.kafka.is_manual = w.kafka.is_lost_at_close = true;
    world_number(&w, 1);
    world_number(&w, 2);
    world_run(&w);
    world_configure(&w, "kafkaDedup 17"); /* not the producer's business */
    world_run(&w);
    assert_int_equal(w.kafka.closes, 0);
    world_configure(&w, "kafkaTopic other");
    world_number(&w, 3);
    world_run(&w);
    assert_int_equal(w.kafka.closes, 0);
    assert_int_equal(fake_kafka_events(&w.kafka), 2); /* drained: nothing new goes to the old one */
    fake_kafka_report(&w.kafka, 0, TK_DELIVERED);
    world_run(&w);
    assert_int_equal(w.kafka.closes, 0);
    world_pass(&w, 5 * TK_SECOND); /* kafkaStopTimeout */
    world_run(&w);
    assert_int_equal(w.kafka.closes, 1);
    assert_int_equal(w.kafka.opens, 2);
    world_pass(&w, TK_SECOND);
    world_run(&w);
    assert_int_equal(fake_kafka_events(&w.kafka), 4);
    assert_int_equal(world_seq(&w, 2), 2);
    assert_int_equal(world_seq(&w, 3), 3);
    world_configure(&w, "kafkaTopic third");
    world_run(&w);
    world_configure(&w, "kafkaTopic other"); /* changed back in time */
    fake_kafka_report_all(&w.kafka, TK_DELIVERED);
    world_run(&w);
    assert_int_equal(w.kafka.closes, 1);
    world_configure(&w, "kafkaTopic third");
    world_run(&w);
    assert_int_equal(w.kafka.closes, 2);
    assert_int_equal(world_stat(&w, TK_PUBLISHED), 3);
}

static void test_rules_change_between_traps(void **state)
{
    static const char rules[] =
        "{\"rules\": [{\"name\": \"mine\", \"match\": {\"trap\": \"*\"}, \"severity\": \"minor\"}]}";
    static const char *const expected[] = {"major", "minor"};

    (void)state;
    world_configure(&w, NULL);
    world_number(&w, 1);
    world_run(&w);
    world_bundle(&w, world_settings(NULL), rules);
    world_number(&w, 2);
    world_run(&w);
    for (size_t i = 0; i < 2; i++) {
        json_t *event = world_event(&w, i);

        assert_string_equal(json_string_value(json_object_get(event, "severity")), expected[i]);
        json_decref(event);
    }
    assert_int_equal(w.kafka.closes, 0);
}

static void test_malformed_and_damaged_records(void **state)
{
    uint8_t bytes[TK_TRAP_MAX_BYTES], *in_ring;
    char err[TRAP_TEXT_ERR];
    size_t len = trap_text_write("2c oid=1.3.6.1", bytes, err);

    (void)state;
    world_configure(&w, NULL);
    assert_true(world_bytes(&w, "x", 1));
    bytes[len - 1] |= 0x80; /* the OID ends in the middle of a sub-identifier */
    assert_true(world_bytes(&w, bytes, len));
    world_run(&w);
    assert_int_equal(world_stat(&w, TK_DROPPED_MALFORMED), 2);
    in_ring = tk_ring_reserve(w.ring, 100);
    memset(in_ring, 0, 100);
    (void)tk_ring_commit(w.ring, 100, &w.now);
    in_ring[50] = 1;
    world_number(&w, 1);
    world_run(&w);
    assert_int_equal(world_stat(&w, TK_DROPPED_DAMAGED), 1);
    assert_int_equal(world_stat(&w, TK_PUBLISHED), 1);
    assert_true(
        world_has_logged(&w, "records lost: 1; continuing with the next intact record; check the machine's memory"));
    assert_int_equal(tk_ring_used(w.ring), 0);
}

static void test_counts_what_it_could_not_name(void **state)
{
    (void)state;
    world_configure(&w, NULL);
    assert_true(world_trap(&w, "2c oid=1.3.6.1.4.1.99999.0.1"));
    world_number(&w, 1);
    world_run(&w);
    assert_int_equal(world_stat(&w, TK_UNRESOLVED), 1);
    assert_int_equal(world_stat(&w, TK_NO_RULE), 1);
    assert_int_equal(world_stat(&w, TK_NO_DEVICE), 0); /* no inventory is loaded */
}

/* An event is in flight and does not end; what ends without the sink takes no room behind it. */
static void test_storm_of_repeats_takes_no_room(void **state)
{
    struct world big;

    (void)state;
    world_init(&big, 8 * TK_RING_MIN_BYTES);
    world_configure(&big, NULL);
    big.kafka.is_manual = true;
    assert_true(world_trap(&big, "2c oid=1.3.6.1.6.3.1.1.5.1"));
    for (unsigned i = 0; i < TK_WINDOW_ENTRIES + 1000; i++)
        assert_true(world_bytes(&big, "x", 1));
    world_run(&big);
    assert_int_equal(world_stat(&big, TK_DROPPED_MALFORMED), TK_WINDOW_ENTRIES + 1000);
    fake_kafka_report_all(&big.kafka, TK_DELIVERED);
    world_run(&big);
    assert_int_equal(tk_ring_used(big.ring), 0);
    world_done(&big);
}

/* Link @p n of a device whose uptime is always 0 goes down or comes up. @returns whether that was published */
static bool is_link_published(unsigned n, bool is_down)
{
    uint64_t before = world_stat(&w, TK_PUBLISHED);
    char line[128];

    (void)snprintf(line, sizeof(line), "2c uptime=0 oid=1.3.6.1.6.3.1.1.5.%u 1.3.6.1.2.1.2.2.1.1.%u i %u",
                   is_down ? 3 : 4, n, n);
    assert_true(world_trap(&w, line));
    world_run(&w);
    fake_kafka_clear(&w.kafka);
    return world_stat(&w, TK_PUBLISHED) > before;
}

/* More alarms than dedup knows: more is published than need be, and never less. */
static void test_more_alarms_than_dedup_knows(void **state)
{
    (void)state;
    world_configure(&w, "kafkaDedup 86400");
    for (unsigned n = 1; n <= TK_ALARMS_MAX; n++)
        assert_true(is_link_published(n, true));
    assert_int_equal(world_stat(&w, TK_ALARMS), TK_ALARMS_MAX);
    assert_int_equal(world_stat(&w, TK_ALARMS_EVICTED), 0);
    assert_false(is_link_published(1, true)); /* seen: 2 is the least recent now */
    assert_true(is_link_published(TK_ALARMS_MAX + 1, true));
    assert_int_equal(world_stat(&w, TK_ALARMS), TK_ALARMS_MAX);
    assert_int_equal(world_stat(&w, TK_ALARMS_EVICTED), 1);
    assert_true(is_link_published(2, true)); /* a repeat, but its alarm is not known any more */
    assert_true(is_link_published(1, false));
    assert_true(is_link_published(1, true));
    assert_false(is_link_published(1, true));
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        T(test_waits_for_its_first_bundle),
        T(test_holds_traps_without_brokers),
        T(test_publishes),
        T(test_full_sink_holds_and_keeps_order),
        T(test_full_queue_is_counted),
        T(test_events_that_the_producer_refuses),
        T(test_open_is_tried_again),
        T(test_new_settings_replace_the_sink),
        T(test_rules_change_between_traps),
        T(test_malformed_and_damaged_records),
        T(test_counts_what_it_could_not_name),
        T(test_storm_of_repeats_takes_no_room),
        T(test_more_alarms_than_dedup_knows),
    };
#undef T

    return cmocka_run_group_tests(tests, NULL, NULL);
}
