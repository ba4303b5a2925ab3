/* SPDX-License-Identifier: Apache-2.0 */
/* What the sink gives back is published again, in the ring's order. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "worker_fixture.h"
#include "rules/rules_load.h"

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

static unsigned repeats(size_t n)
{
    json_t *event = world_event(&w, n);
    unsigned value = (unsigned)json_integer_value(json_object_get(json_object_get(event, "dedup"), "repeats"));

    json_decref(event);
    return value;
}

static void test_sent_again_in_order_after_backoff(void **state)
{
    char first[8][64];

    (void)state;
    world_configure(&w, NULL);
    w.kafka.is_manual = true;
    for (unsigned i = 1; i <= 8; i++)
        world_number(&w, i);
    world_run(&w);
    for (unsigned i = 0; i < 8; i++)
        (void)snprintf(first[i], sizeof(first[i]), "%s", world_id(&w, i));
    fake_kafka_report(&w.kafka, 5, TK_SEND_AGAIN);
    fake_kafka_report(&w.kafka, 2, TK_SEND_AGAIN);
    world_run(&w);
    world_pass(&w, TK_SECOND);
    world_number(&w, 9);
    world_run(&w);
    assert_int_equal(fake_kafka_events(&w.kafka), 8); /* the others may come back too: they are waited for */
    fake_kafka_report_all(&w.kafka, TK_SEND_AGAIN);
    fake_kafka_report(&w.kafka, 0, TK_DELIVERED); /* noted before: ignored */
    world_run(&w);
    assert_int_equal(fake_kafka_events(&w.kafka), 8);
    world_pass(&w, 199 * TK_MSEC);
    world_run(&w);
    assert_int_equal(fake_kafka_events(&w.kafka), 8);
    world_pass(&w, 5 * TK_SECOND);
    world_run(&w);
    assert_int_equal(fake_kafka_events(&w.kafka), 8 + 9);
    for (unsigned i = 0; i < 8; i++)
        assert_string_equal(world_id(&w, 8 + i), first[i]);
    assert_int_equal(world_seq(&w, 16), 9);
    fake_kafka_report_all(&w.kafka, TK_DELIVERED);
    world_run(&w);
    assert_int_equal(world_stat(&w, TK_PUBLISHED), 9);
    assert_int_equal(world_stat(&w, TK_SENT_AGAIN), 8);
    assert_int_equal(world_stat(&w, TK_SUPPRESSED_DUPLICATE), 0);
}

static void test_backoff_doubles_to_five_seconds(void **state)
{
    static const unsigned ms[] = {100, 200, 400, 800, 1600, 3200, 5000, 5000};

    (void)state;
    world_configure(&w, NULL);
    w.kafka.is_manual = true;
    world_number(&w, 1);
    world_run(&w);
    for (size_t i = 0; i < sizeof(ms) / sizeof(ms[0]); i++) {
        fake_kafka_report_all(&w.kafka, TK_SEND_AGAIN);
        world_run(&w);
        world_pass(&w, (ms[i] - 1) * TK_MSEC);
        world_run(&w);
        assert_int_equal(fake_kafka_events(&w.kafka), i + 1);
        world_pass(&w, TK_MSEC);
        world_run(&w);
        assert_int_equal(fake_kafka_events(&w.kafka), i + 2);
    }
    fake_kafka_report_all(&w.kafka, TK_DELIVERED);
    world_run(&w);
    assert_int_equal(world_stat(&w, TK_PUBLISHED), 1);
}

static void test_dedup_is_not_applied_again(void **state)
{
    (void)state;
    world_configure(&w, "kafkaDedup 10");
    world_number(&w, 1);
    world_number(&w, 1);
    world_number(&w, 1);
    world_run(&w);
    world_pass(&w, 10 * TK_SECOND);
    w.kafka.is_manual = true;
    world_number(&w, 1);
    world_run(&w);
    assert_int_equal(fake_kafka_events(&w.kafka), 2);
    assert_int_equal(repeats(1), 2);
    fake_kafka_report_all(&w.kafka, TK_SEND_AGAIN);
    world_run(&w);
    world_pass(&w, TK_SECOND);
    world_run(&w);
    assert_int_equal(fake_kafka_events(&w.kafka), 3);
    assert_int_equal(repeats(2), 2);
    assert_string_equal(world_id(&w, 2), world_id(&w, 1));
    assert_int_equal(world_stat(&w, TK_SUPPRESSED_DUPLICATE), 2);
}

/* A later record waits for room when an earlier one comes back: the earlier goes first. */
static void test_held_event_waits_for_those_that_came_back(void **state)
{
    (void)state;
    world_configure(&w, NULL);
    w.kafka.is_manual = true;
    w.kafka.room = 2;
    for (unsigned i = 1; i <= 4; i++)
        world_number(&w, i);
    world_run(&w);
    fake_kafka_report(&w.kafka, 0, TK_SEND_AGAIN);
    world_run(&w);
    assert_int_equal(fake_kafka_events(&w.kafka), 2);
    fake_kafka_report_all(&w.kafka, TK_SEND_AGAIN);
    world_run(&w);
    w.kafka.room = SIZE_MAX;
    world_pass(&w, TK_SECOND);
    world_run(&w);
    assert_int_equal(fake_kafka_events(&w.kafka), 6);
    for (unsigned i = 0; i < 4; i++)
        assert_int_equal(world_seq(&w, 2 + i), i + 1);
}

static void test_condemned_batch_goes_one_by_one(void **state)
{
    (void)state;
    world_configure(&w, NULL);
    w.kafka.is_manual = true;
    for (unsigned i = 1; i <= 3; i++)
        world_number(&w, i);
    world_run(&w);
    fake_kafka_report_all(&w.kafka, TK_CONDEMNED);
    world_number(&w, 4);
    world_run(&w);
    assert_int_equal(world_stat(&w, TK_DROPPED_UNDELIVERABLE), 0);
    for (unsigned i = 1; i <= 3; i++) {
        world_pass(&w, 5 * TK_SECOND);
        world_run(&w);
        assert_int_equal(fake_kafka_events(&w.kafka), 3 + i); /* nothing shares its request, nor anything new */
        assert_int_equal(fake_kafka_event(&w.kafka, 2 + i)->in_flight, 0);
        assert_int_equal(world_seq(&w, 2 + i), i);
        fake_kafka_report_all(&w.kafka, i == 2 ? TK_CONDEMNED : TK_DELIVERED);
        world_step(&w);
    }
    world_run(&w);
    assert_int_equal(world_stat(&w, TK_DROPPED_UNDELIVERABLE), 1);
    assert_int_equal(world_stat(&w, TK_PUBLISHED), 2);
    assert_true(world_has_logged(&w, "is lost: Kafka refuses it permanently: the fake broker says so"));
    assert_int_equal(fake_kafka_events(&w.kafka), 7);
    world_number(&w, 2); /* it was never delivered, so its repeat is news */
    world_run(&w);
    assert_int_equal(fake_kafka_events(&w.kafka), 8);
    assert_int_equal(world_stat(&w, TK_SUPPRESSED_DUPLICATE), 0);
}

/* Two events are too large for the topic. One comes back for a reason that passes, the other is refused alone: the
 * walk meets the first as a suspect, and must not skip it. */
static void test_suspect_met_on_the_walk_is_published(void **state)
{
    (void)state;
    world_configure(&w, NULL);
    w.kafka.is_manual = true;
    w.kafka.is_about_size = true;
    world_number(&w, 1);
    world_number(&w, 2);
    world_run(&w);
    fake_kafka_report(&w.kafka, 0, TK_CONDEMNED);
    fake_kafka_report(&w.kafka, 1, TK_SEND_AGAIN);
    world_run(&w);
    world_pass(&w, 5 * TK_SECOND);
    world_run(&w);
    assert_int_equal(fake_kafka_events(&w.kafka), 3); /* the first, alone */
    fake_kafka_report_all(&w.kafka, TK_CONDEMNED);    /* and so its size is learned */
    world_run(&w);
    world_pass(&w, 5 * TK_SECOND);
    world_run(&w);
    assert_int_equal(fake_kafka_events(&w.kafka), 4); /* the second, alone */
    assert_int_equal(world_seq(&w, 3), 2);
    assert_int_equal(fake_kafka_event(&w.kafka, 3)->in_flight, 0);
    fake_kafka_report_all(&w.kafka, TK_DELIVERED);
    world_run(&w);
    assert_int_equal(world_stat(&w, TK_PUBLISHED), 1);
    assert_int_equal(world_stat(&w, TK_DROPPED_UNDELIVERABLE), 1);
    assert_int_equal(world_stat(&w, TK_PENDING), 0);
    assert_int_equal(tk_ring_used(w.ring), 0);
}

/* The next bundle, with the inventory or without. */
static void send_bundle(const char *inventory)
{
    struct tk_settings *cf = world_settings(NULL);
    struct tk_err err = {0};
    struct tk_table *rules = tk_table_of_rules(tk_rules_load(NULL, w.dict, &err));
    struct tk_table *devices = inventory ? tk_table_of_inventory(tk_inventory_load(inventory, 1, NULL, NULL)) : NULL;

    assert_false(err.is_set);
    assert_true(devices || !inventory);
    tk_mailbox_send(&w.mailbox, tk_bundle_new(cf, w.dict, rules, devices, NULL));
    tk_table_unref(rules);
    tk_table_unref(devices);
    tk_settings_unref(cf);
}

/* SIGHUP while an event waits for room: its key was a name out of the inventory that goes now. */
static void test_held_event_outlives_its_bundle(void **state)
{
    char path[] = "/tmp/tk-inventory-XXXXXX";
    FILE *f = fdopen(mkstemp(path), "w");

    (void)state;
    assert_non_null(f);
    (void)fputs("name,address\nthe-name-of-a-device,192.0.2.2\n", f);
    (void)fclose(f);
    send_bundle(path);
    w.kafka.room = 0;
    world_number(&w, 1);
    world_run(&w);
    send_bundle(NULL);
    (void)world_step(&w);
    w.kafka.room = SIZE_MAX;
    world_run(&w);
    (void)remove(path);
    assert_int_equal(fake_kafka_events(&w.kafka), 1);
    assert_string_equal(fake_kafka_event(&w.kafka, 0)->key, "the-name-of-a-device");
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        T(test_sent_again_in_order_after_backoff), T(test_backoff_doubles_to_five_seconds),
        T(test_dedup_is_not_applied_again),        T(test_held_event_waits_for_those_that_came_back),
        T(test_condemned_batch_goes_one_by_one),   T(test_suspect_met_on_the_walk_is_published),
        T(test_held_event_outlives_its_bundle),
    };
#undef T

    return cmocka_run_group_tests(tests, NULL, NULL);
}
