/* SPDX-License-Identifier: Apache-2.0 */
/* kafkaAlarmTopic: what is published there and when, what a record waits for, and what happens when that topic or a message is in
 * trouble. test_delivery_model has it under random troubles. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "queue/ring_open.h"
#include "worker_fixture.h"

#define KEY "192.0.2.1/link/7"

static struct world w;

static int setup(void **state)
{
    (void)state;
    world_init(&w, TK_RING_MIN_BYTES);
    world_configure(&w, "kafkaAlarmTopic alarms");
    world_run(&w);
    w.kafka.is_manual = true;
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    world_done(&w);
    return 0;
}

/* @param generic  3: linkDown, 4: linkUp */
static void link_trap(unsigned generic, unsigned interface, unsigned uptime)
{
    char line[256];

    (void)snprintf(line, sizeof(line),
                   "2c from=192.0.2.1:162 uptime=%u oid=1.3.6.1.6.3.1.1.5.%u 1.3.6.1.2.1.2.2.1.1.%u i %u", uptime,
                   generic, interface, interface);
    assert_true(world_trap(&w, line));
    world_run(&w);
}

static void down(unsigned uptime)
{
    link_trap(3, 7, uptime);
}

static void up(unsigned uptime)
{
    link_trap(4, 7, uptime);
}

/* Report all that is in flight in one topic. */
static void report(enum tk_topic topic, enum tk_fate fate)
{
    for (size_t i = 0; i < w.kafka.count; i++)
        if (w.kafka.messages[i].topic == topic && w.kafka.messages[i].ticket != TK_NO_TICKET)
            fake_kafka_report(&w.kafka, i, fate);
    world_run(&w);
}

static void pass(tk_nsec t)
{
    world_pass(&w, t);
    world_run(&w);
}

static const struct fake_message *alarm_message(size_t n)
{
    return fake_kafka_message(&w.kafka, TK_TOPIC_ALARMS, n);
}

static size_t alarm_messages(void)
{
    return fake_kafka_count(&w.kafka, TK_TOPIC_ALARMS);
}

static void check_value(const struct fake_message *msg, const char *transition, unsigned count)
{
    json_t *json = world_json(msg), *alarm = json_object_get(json, "alarm");

    assert_string_equal(json_string_value(json_object_get(alarm, "transition")), transition);
    assert_int_equal(json_integer_value(json_object_get(alarm, "count")), count);
    assert_string_equal(json_string_value(json_object_get(alarm, "key")), msg->key);
    assert_string_equal(json_string_value(json_object_get(json, "event_id")), msg->event_id);
    json_decref(json);
}

static void check_books(uint64_t derived, uint64_t published, uint64_t pending)
{
    assert_int_equal(world_stat(&w, TK_DERIVED), derived);
    assert_int_equal(world_stat(&w, TK_DERIVED_PUBLISHED), published);
    assert_int_equal(world_stat(&w, TK_DERIVED_PENDING), pending);
}

static void test_raise_and_clear(void **state)
{
    char id[64];
    json_t *event, *value;

    (void)state;
    down(1);
    assert_int_equal(alarm_messages(), 0); /* its event is not acknowledged yet */
    check_books(0, 0, 0);
    report(TK_TOPIC_EVENTS, TK_DELIVERED);
    assert_int_equal(alarm_messages(), 1);
    check_books(1, 0, 1);
    assert_int_equal(world_stat(&w, TK_PUBLISHED), 1);
    assert_int_equal(world_stat(&w, TK_PENDING), 0);
    assert_true(tk_ring_used(w.ring) > 0); /* the record has not ended */
    assert_string_equal(alarm_message(0)->key, KEY);
    assert_string_equal(alarm_message(0)->topic_name, "alarms");
    assert_string_equal(alarm_message(0)->type, "trapkafka.trap");
    (void)snprintf(id, sizeof(id), "%s/alarm", world_id(&w, 0));
    assert_string_equal(alarm_message(0)->event_id, id);
    check_value(alarm_message(0), "raised", 1);
    event = world_event(&w, 0);
    value = world_json(alarm_message(0));
    assert_int_equal(json_object_set_new(event, "event_id", json_string(id)), 0);
    assert_true(json_equal(event, value)); /* nothing else differs */
    json_decref(event);
    json_decref(value);
    report(TK_TOPIC_ALARMS, TK_DELIVERED);
    check_books(1, 1, 0);
    assert_int_equal(tk_ring_used(w.ring), 0);

    down(2); /* a repeat that dedup does not suppress */
    report(TK_TOPIC_EVENTS, TK_DELIVERED);
    check_value(alarm_message(1), "repeated", 2);
    report(TK_TOPIC_ALARMS, TK_DELIVERED);
    assert_non_null(fake_kafka_standing(&w.kafka, KEY));

    up(3);
    report(TK_TOPIC_EVENTS, TK_DELIVERED);
    assert_int_equal(alarm_messages(), 3);
    assert_null(alarm_message(2)->payload);
    assert_string_equal(alarm_message(2)->key, KEY);
    report(TK_TOPIC_ALARMS, TK_DELIVERED);
    assert_null(fake_kafka_standing(&w.kafka, KEY));
    check_books(3, 3, 0);
}

/* As after a restart, or at the bound of the table of alarms. */
static void test_clear_of_an_unknown_raise(void **state)
{
    (void)state;
    up(1);
    report(TK_TOPIC_EVENTS, TK_DELIVERED);
    assert_int_equal(alarm_messages(), 1);
    assert_null(alarm_message(0)->payload);
    assert_string_equal(alarm_message(0)->key, KEY);
}

static void test_further_clears(void **state)
{
    const char *const directives[] = {"kafkaAlarmTopic alarms", NULL};

    (void)state;
    w.kafka.is_manual = false;
    world_bundle(&w, world_settings(directives),
                 "{\"rules\":[{\"name\":\"boot\",\"match\":{\"trap\":\"SNMPv2-MIB::coldStart\"},\"severity\":\"minor\","
                 "\"state\":\"raise\",\"key\":\"{device}/boot\",\"clears\":[\"{device}/link/7\",\"{device}/x\","
                 "\"{device}/boot\"]}]}");
    assert_true(world_trap(&w, "2c from=192.0.2.1:162 uptime=1 oid=1.3.6.1.6.3.1.1.5.1"));
    world_run(&w);
    assert_int_equal(alarm_messages(), 3); /* its own, and two more: the third is its own again */
    assert_non_null(fake_kafka_standing(&w.kafka, "192.0.2.1/boot"));
    assert_int_equal(fake_kafka_count_standing(&w.kafka), 1);
    check_books(3, 3, 0);
    assert_int_equal(tk_ring_used(w.ring), 0);
}

static void test_no_alarm_no_message(void **state)
{
    (void)state;
    w.kafka.is_manual = false;
    assert_true(world_trap(&w, "2c from=192.0.2.1:162 uptime=1 oid=1.3.6.1.6.3.1.1.5.1"));
    down(2);
    down(2); /* a repeat */
    assert_int_equal(world_stat(&w, TK_SUPPRESSED_DUPLICATE), 1);
    assert_int_equal(alarm_messages(), 1);
}

static void test_condemned_event_changes_nothing(void **state)
{
    (void)state;
    down(1);
    report(TK_TOPIC_EVENTS, TK_CONDEMNED);
    report(TK_TOPIC_EVENTS, TK_CONDEMNED); /* alone */
    assert_int_equal(world_stat(&w, TK_DROPPED_UNDELIVERABLE), 1);
    assert_int_equal(alarm_messages(), 0);
    check_books(0, 0, 0);
    assert_int_equal(tk_ring_used(w.ring), 0);
}

static void test_inform_waits_for_both(void **state)
{
    static const char line[] =
        "2c inform from=192.0.2.1:162 uptime=1 oid=1.3.6.1.6.3.1.1.5.3 1.3.6.1.2.1.2.2.1.1.7 i 7";

    (void)state;
    (void)world_inform(&w, line, 1);
    world_run(&w);
    report(TK_TOPIC_EVENTS, TK_DELIVERED);
    assert_int_equal(world_reply(&w), 0);
    (void)world_inform(&w, line, 2); /* a repeat shares its fate, and waits as long */
    world_run(&w);
    assert_int_equal(world_reply(&w), 0);
    report(TK_TOPIC_ALARMS, TK_DELIVERED);
    assert_int_equal(world_reply(&w), 1);
    assert_int_equal(world_reply(&w), 2);
    (void)world_inform(&w, line, 3); /* after the end of the first: at once */
    world_run(&w);
    assert_int_equal(world_reply(&w), 3);
}

static void test_one_of_a_key_in_flight(void **state)
{
    (void)state;
    for (unsigned i = 0; i < 10; i++) {
        link_trap(3 + i % 2, 7, i);
        report(TK_TOPIC_EVENTS, TK_DELIVERED);
    }
    assert_int_equal(alarm_messages(), 1);
    link_trap(3, 8, 10); /* another alarm does not wait */
    report(TK_TOPIC_EVENTS, TK_DELIVERED);
    assert_int_equal(alarm_messages(), 2);
    check_books(11, 0, 11);
    report(TK_TOPIC_ALARMS, TK_DELIVERED);
    assert_int_equal(alarm_messages(), 3); /* the other nine in one: the state of now */
    assert_null(alarm_message(2)->payload);
    check_books(11, 2, 9);
    report(TK_TOPIC_ALARMS, TK_DELIVERED);
    check_books(11, 11, 0);
    assert_int_equal(tk_ring_used(w.ring), 0);
}

static void test_comes_back_as_newest(void **state)
{
    (void)state;
    down(1);
    report(TK_TOPIC_EVENTS, TK_DELIVERED);
    up(2);
    report(TK_TOPIC_EVENTS, TK_DELIVERED);
    report(TK_TOPIC_ALARMS, TK_SEND_AGAIN);
    pass(TK_SECOND);
    assert_int_equal(alarm_messages(), 2);
    assert_null(alarm_message(1)->payload);
    report(TK_TOPIC_ALARMS, TK_DELIVERED);
    check_books(2, 2, 0);
}

/* A request was refused: each message in it goes alone, and only the one that is refused alone is lost. */
static void test_refused(void **state)
{
    (void)state;
    for (unsigned i = 1; i <= 3; i++)
        link_trap(3, i, i);
    report(TK_TOPIC_EVENTS, TK_DELIVERED);
    assert_int_equal(alarm_messages(), 3);
    w.kafka.is_about_size = true;
    report(TK_TOPIC_ALARMS, TK_CONDEMNED);
    assert_int_equal(alarm_messages(), 4);
    report(TK_TOPIC_ALARMS, TK_CONDEMNED);
    assert_int_equal(world_stat(&w, TK_DERIVED_DROPPED_TOO_LARGE), 1);
    assert_true(world_has_logged(&w, "is lost: the fake broker says so"));
    assert_int_equal(alarm_messages(), 6); /* the culprit is found: the others go together again */
    report(TK_TOPIC_ALARMS, TK_DELIVERED);
    check_books(3, 2, 0);
    assert_int_equal(fake_kafka_count_standing(&w.kafka), 2);
    assert_int_equal(tk_ring_used(w.ring), 0);
}

static void test_producer_refuses(void **state)
{
    (void)state;
    w.kafka.is_manual = false;
    w.kafka.alarm_answer = TK_TOO_LARGE;
    down(1);
    w.kafka.alarm_answer = TK_REFUSED;
    down(2);
    assert_int_equal(world_stat(&w, TK_DERIVED_DROPPED_TOO_LARGE), 1);
    assert_int_equal(world_stat(&w, TK_DERIVED_DROPPED_UNDELIVERABLE), 1);
    assert_int_equal(world_stat(&w, TK_PUBLISHED), 2);
    assert_int_equal(tk_ring_used(w.ring), 0);
}

static void test_full(void **state)
{
    (void)state;
    down(1);
    w.kafka.room = 1;
    report(TK_TOPIC_EVENTS, TK_DELIVERED);
    w.kafka.room = 0;
    up(2); /* is held: nothing else is written meanwhile */
    report(TK_TOPIC_ALARMS, TK_SEND_AGAIN);
    pass(TK_SECOND);
    assert_int_equal(alarm_messages(), 1);
    w.kafka.room = SIZE_MAX;
    pass(TK_SECOND);
    assert_int_equal(fake_kafka_events(&w.kafka), 2);
    assert_int_equal(alarm_messages(), 2);
    w.kafka.is_manual = false;
    pass(TK_SECOND);
    assert_null(fake_kafka_standing(&w.kafka, KEY));
    check_books(2, 2, 0);
}

/* --- the topic is in trouble ----------------------------------------------------------------------------------- */

static void fill_queue(unsigned uptime)
{
    for (unsigned i = 0; tk_ring_used(w.ring) < tk_ring_capacity(w.ring) / 8 * 7 && i < 100000; i++)
        link_trap(3, 1 + i % 40, uptime + i);
}

static void test_topic_gives_way(void **state)
{
    (void)state;
    w.kafka.is_manual = false;
    w.kafka.is_alarm_topic_stuck = true;
    fill_queue(1);
    assert_int_equal(world_stat(&w, TK_DERIVED_DROPPED_TOPIC_LOST), 0); /* it may only be slow */
    pass(TK_STALL_SECONDS * TK_SECOND);
    assert_in_range(world_stat(&w, TK_DERIVED_DROPPED_TOPIC_LOST), 1, UINT64_MAX);
    assert_in_range(tk_ring_used(w.ring), 0, tk_ring_capacity(w.ring) / 4 * 3);
    assert_true(world_has_logged(&w, "topic 'alarms' has taken no message about an alarm for 30 s"));
    for (unsigned i = 0; i < 20000; i++) /* events go on, whatever becomes of that topic */
        link_trap(3, 1 + i % 40, 200000 + i);
    assert_int_equal(world_stat(&w, TK_DROPPED_QUEUE_FULL), 0);
    w.kafka.is_alarm_topic_stuck = false;
    pass(TK_SECOND);
    assert_true(world_has_logged(&w, "topic 'alarms' takes messages about alarms again"));
    assert_int_equal(world_stat(&w, TK_DERIVED_PENDING), 0);
    assert_int_equal(fake_kafka_count_standing(&w.kafka), 40);
    assert_int_equal(tk_ring_used(w.ring), 0);
}

/* In an outage all topics take nothing: messages wait, and the queue fills. */
static void test_outage_does_not_give_way(void **state)
{
    (void)state;
    w.kafka.is_manual = false;
    w.kafka.is_alarm_topic_stuck = true;
    fill_queue(1);
    fake_kafka_reach(&w.kafka, TK_LOST);
    world_run(&w);
    pass(600 * TK_SECOND);
    assert_int_equal(world_stat(&w, TK_DERIVED_DROPPED_TOPIC_LOST), 0);
    w.kafka.is_alarm_topic_stuck = false;
    fake_kafka_reach(&w.kafka, TK_REACHED);
    pass(TK_SECOND);
    assert_int_equal(world_stat(&w, TK_DERIVED_PENDING), 0);
}

/* --- SIGHUP, stop ---------------------------------------------------------------------------------------------- */

static void test_turned_off(void **state)
{
    (void)state;
    w.kafka.is_lost_at_close = true;
    down(1);
    report(TK_TOPIC_EVENTS, TK_DELIVERED);
    up(2); /* its event is in flight */
    world_configure(&w, NULL);
    world_run(&w);
    pass(10 * TK_SECOND);
    w.kafka.is_manual = false;
    pass(10 * TK_SECOND);
    assert_int_equal(world_stat(&w, TK_DERIVED_DROPPED_WITHDRAWN), 1);
    assert_int_equal(world_stat(&w, TK_PUBLISHED), 2);
    assert_int_equal(tk_ring_used(w.ring), 0);
    down(3);
    assert_int_equal(alarm_messages(), 1);
}

static void test_another_topic(void **state)
{
    (void)state;
    w.kafka.is_lost_at_close = true;
    down(1);
    report(TK_TOPIC_EVENTS, TK_DELIVERED);
    world_configure(&w, "kafkaAlarmTopic others");
    world_run(&w);
    pass(10 * TK_SECOND);
    w.kafka.is_manual = false;
    pass(10 * TK_SECOND);
    assert_string_equal(fake_kafka_standing(&w.kafka, KEY)->topic_name, "others");
    check_books(1, 1, 0);
}

/* Rules have changed since the event was published: the message is that of the event. */
static void test_other_rules(void **state)
{
    static const char rules[] = "{\"rules\":[{\"name\":\"down\",\"match\":{\"trap\":\"IF-MIB::linkDown\"},"
                                "\"severity\":\"minor\",\"state\":\"raise\",\"key\":\"another/{ifIndex}\"}]}";
    const char *const directives[] = {"kafkaAlarmTopic alarms", NULL};

    (void)state;
    down(1);
    report(TK_TOPIC_EVENTS, TK_DELIVERED);
    link_trap(3, 8, 2); /* in flight: it comes back, and is published by the new rules */
    world_bundle(&w, world_settings(directives), rules);
    world_run(&w);
    report(TK_TOPIC_EVENTS, TK_SEND_AGAIN);
    report(TK_TOPIC_ALARMS, TK_SEND_AGAIN);
    w.kafka.is_manual = false;
    pass(TK_SECOND);
    assert_int_equal(fake_kafka_count_standing(&w.kafka), 2);
    assert_non_null(fake_kafka_standing(&w.kafka, "another/8"));
    check_value(fake_kafka_standing(&w.kafka, KEY), "raised", 1);
    check_books(2, 2, 0);
    assert_int_equal(tk_ring_used(w.ring), 0);
}

/* A rule that has the topic of alarms as its own: its events would be alarms that never end. */
static void test_topic_of_a_rule(void **state)
{
    const char *const directives[] = {"kafkaAlarmTopic alarms", NULL};

    (void)state;
    w.kafka.is_manual = false;
    world_bundle(&w, world_settings(directives),
                 "{\"rules\":[{\"name\":\"down\",\"match\":{\"trap\":\"IF-MIB::linkDown\"},\"severity\":\"minor\","
                 "\"topic\":\"alarms\"}]}");
    world_run(&w);
    assert_true(world_has_logged(&w, "a rule sends its events to topic 'alarms' of kafkaAlarmTopic"));
    down(1);
    assert_string_equal(fake_kafka_event(&w.kafka, 0)->topic_name, "snmp-traps");
    assert_int_equal(w.kafka.opens, 1);
}

/* Turned on later: of what is under way then, nothing is lost, and nothing is told twice. */
static void test_turned_on(void **state)
{
    (void)state;
    world_configure(&w, NULL);
    world_run(&w);
    down(1);
    world_configure(&w, "kafkaAlarmTopic alarms");
    world_run(&w);
    w.kafka.is_manual = false;
    pass(10 * TK_SECOND);
    up(2);
    assert_int_equal(alarm_messages(), 1);
    check_books(1, 1, 0);
}

/* A record whose message about its alarm is missing stays in a queue file, and is published again by the next life. */
static void test_restart(void **state)
{
    char path[] = "/tmp/tk-alarm-XXXXXX";
    struct tk_err err = {0};
    int fd = mkstemp(path);

    (void)state;
    assert_true(fd >= 0);
    (void)close(fd);
    (void)unlink(path);
    for (unsigned life = 0; life < 2; life++) {
        world_open(&w, tk_ring_open(path, TK_RING_MIN_BYTES, &err), NULL);
        world_configure(&w, "kafkaAlarmTopic alarms");
        w.kafka.is_alarm_topic_stuck = life == 0;
        world_run(&w);
        if (life == 0) {
            down(1);
            w.kafka.is_lost_at_close = true;
            tk_worker_finish(w.worker, w.now, w.now.mono);
            check_books(1, 0, 1);
        } else {
            assert_int_equal(world_stat(&w, TK_RECOVERED), 1);
            assert_non_null(fake_kafka_standing(&w.kafka, KEY));
            assert_int_equal(tk_ring_used(w.ring), 0);
        }
        world_done(&w);
    }
    (void)unlink(path);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(test_raise_and_clear),
        TEST(test_clear_of_an_unknown_raise),
        TEST(test_further_clears),
        TEST(test_no_alarm_no_message),
        TEST(test_condemned_event_changes_nothing),
        TEST(test_inform_waits_for_both),
        TEST(test_one_of_a_key_in_flight),
        TEST(test_comes_back_as_newest),
        TEST(test_refused),
        TEST(test_producer_refuses),
        TEST(test_full),
        TEST(test_topic_gives_way),
        TEST(test_outage_does_not_give_way),
        TEST(test_turned_off),
        TEST(test_another_topic),
        TEST(test_other_rules),
        TEST(test_topic_of_a_rule),
        TEST(test_turned_on),
        cmocka_unit_test(test_restart),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
