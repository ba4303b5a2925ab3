/* SPDX-License-Identifier: Apache-2.0 */
/* Topics of rules that exist and take nothing: when they are given up, and when not. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "worker_fixture.h"

#define LINK_RULE(name, trap, topic) \
    "{\"name\":\"" name "\",\"match\":{\"trap\":\"IF-MIB::" trap "\"},\"severity\":\"major\",\"topic\":\"" topic "\"}"
#define RULES        "{\"rules\":[" LINK_RULE("down", "linkDown", "downs") "," LINK_RULE("up", "linkUp", "ups") "]}"
#define DOWNS        1 /* the route */
#define UPS          2
#define STUCK(route) (UINT64_C(1) << (route))

static struct world w;
static unsigned number; /* of the next notification */

static int setup(void **state)
{
    const char *const directives[] = {"kafkaDedup off", NULL};

    (void)state;
    world_init(&w, TK_RING_MIN_BYTES);
    w.kafka.view.brokers_up = w.kafka.view.brokers_known = 1;
    world_bundle(&w, world_settings(directives), RULES);
    world_run(&w);
    number = 1;
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    world_done(&w);
    return 0;
}

/* @param trap  of the standard ones: 1 coldStart, 3 linkDown, 4 linkUp */
static void receive(unsigned trap)
{
    char line[200];

    (void)snprintf(line, sizeof(line), "2c uptime=%u oid=1.3.6.1.6.3.1.1.5.%u", number++, trap);
    assert_true(world_trap(&w, line));
    world_run(&w);
}

#define COLD 1
#define DOWN 3
#define UP   4

static void pass(unsigned seconds)
{
    for (unsigned i = 0; i < seconds; i++) {
        world_pass(&w, TK_SECOND);
        world_run(&w);
    }
}

/* Time passes, in which kafkaTopic takes an event each second. */
static void pass_busily(unsigned seconds)
{
    for (unsigned i = 0; i < seconds; i++) {
        world_pass(&w, TK_SECOND);
        receive(COLD);
    }
}

/* The topics and numbers of all events, in their order, without those of coldStart: "downs:1 ups:2". */
static const char *links_published(void)
{
    static char text[1024];
    size_t len = 0;

    text[0] = '\0';
    for (size_t n = 0; n < fake_kafka_events(&w.kafka); n++) {
        const struct fake_message *m = fake_kafka_event(&w.kafka, n);

        if (!strstr(m->payload, "coldStart"))
            len += (size_t)snprintf(text + len, sizeof(text) - len, "%s%s:%u", len ? " " : "", m->topic_name,
                                    world_seq(&w, n));
    }
    return text;
}

static void test_it_is_given_up(void **state)
{
    (void)state;
    w.kafka.stuck = STUCK(DOWNS);
    receive(DOWN);
    receive(DOWN);
    receive(UP);
    pass_busily(30);
    assert_int_equal(w.kafka.given_up, 0);
    assert_int_equal(world_stat(&w, TK_PENDING), 2);
    pass_busily(2);
    assert_int_equal(w.kafka.given_up, 1);
    receive(DOWN);
    pass(1);
    assert_int_equal(world_stat(&w, TK_PENDING), 0);
    assert_int_equal(tk_ring_used(w.ring), 0);
    assert_string_equal(links_published(), "downs:1 downs:2 ups:3 snmp-traps:1 snmp-traps:2 snmp-traps:36");
    assert_int_equal(world_stat(&w, TK_REROUTED), 3);
    assert_true(world_has_logged(&w, "its events go to topic 'snmp-traps' until then"));
    fake_kafka_tell_route(&w.kafka, DOWNS, true);
    w.kafka.stuck = 0;
    world_run(&w);
    assert_true(world_has_logged(&w, "topic 'downs' takes events again"));
    receive(DOWN);
    assert_string_equal(fake_kafka_event(&w.kafka, fake_kafka_events(&w.kafka) - 1)->topic_name, "downs");
}

/* Few events in other topics are enough, and those of other rules are, too. */
static void test_with_little_traffic(void **state)
{
    (void)state;
    w.kafka.stuck = STUCK(DOWNS);
    receive(DOWN);
    for (unsigned i = 0; i < 3; i++) {
        pass(20);
        assert_int_equal(w.kafka.given_up, 0);
        receive(UP);
    }
    assert_int_equal(w.kafka.given_up, 1);
    pass(1);
    assert_int_equal(world_stat(&w, TK_PENDING), 0);
}

/* Each event that it takes proves that it is slow only. */
static void test_a_slow_topic(void **state)
{
    (void)state;
    w.kafka.stuck = STUCK(DOWNS);
    for (unsigned i = 0; i < 10; i++) {
        receive(DOWN);
        receive(DOWN);
        pass_busily(29);
        for (size_t n = w.kafka.first_open; n < w.kafka.count; n++)
            if (w.kafka.messages[n].route && !w.kafka.messages[n].is_reported) {
                fake_kafka_report(&w.kafka, n, TK_DELIVERED);
                break;
            }
        world_run(&w);
    }
    assert_int_equal(w.kafka.given_up, 0);
}

/* Nothing is delivered anywhere: events wait for their own topic. */
static void test_an_outage(void **state)
{
    (void)state;
    receive(DOWN);
    receive(COLD);
    w.kafka.is_manual = true;
    receive(DOWN);
    receive(COLD);
    pass(1000);
    fake_kafka_report(&w.kafka, w.kafka.count - 1, TK_DELIVERED); /* kafkaTopic is the first to be well again */
    world_run(&w);
    pass(29);
    assert_int_equal(w.kafka.given_up, 0);
    w.kafka.is_manual = false;
    world_run(&w);
    assert_string_equal(links_published(), "downs:1 downs:3");
}

/* Only this topic has events: nothing shows that others would take them. */
static void test_without_other_traffic(void **state)
{
    (void)state;
    receive(COLD);
    w.kafka.stuck = STUCK(DOWNS);
    receive(DOWN);
    pass(1000);
    assert_int_equal(w.kafka.given_up, 0);
}

/* The topic is behind another one when an outage begins. After the outage it gets five seconds before it is given up. */
static void test_an_outage_that_begins_late(void **state)
{
    (void)state;
    w.kafka.stuck = STUCK(DOWNS);
    receive(DOWN);
    pass_busily(1);
    pass(12);
    fake_kafka_reach(&w.kafka, TK_LOST);
    pass(100);
    assert_int_equal(w.kafka.given_up, 0);
    fake_kafka_reach(&w.kafka, TK_REACHED);
    pass_busily(4);
    assert_int_equal(w.kafka.given_up, 0);
    pass_busily(2);
    assert_int_equal(w.kafka.given_up, 1);
}

/* Its events fill the sink, so nothing can be published that would show that other topics are well; brokers are there. */
static void test_when_it_fills_the_sink(void **state)
{
    (void)state;
    w.kafka.stuck = STUCK(DOWNS);
    w.kafka.room = 3;
    w.kafka.view.brokers_up = 0;
    for (unsigned i = 0; i < 5; i++)
        receive(DOWN);
    pass(100);
    assert_int_equal(w.kafka.given_up, 0);
    w.kafka.view.brokers_up = 1;
    pass(1);
    assert_int_equal(w.kafka.given_up, 1);
    pass(10);
    assert_int_equal(world_stat(&w, TK_PENDING), 0);
    assert_string_equal(links_published(), "downs:1 downs:2 downs:3 snmp-traps:1 snmp-traps:2 snmp-traps:3 "
                                           "snmp-traps:4 snmp-traps:5");
}

/* An event of kafkaTopic came back, so that was not well either: the time begins anew. It is sent again once nothing is in
 * flight, so the topic holds up everything. */
static void test_when_others_wait_to_be_sent_again(void **state)
{
    (void)state;
    w.kafka.stuck = STUCK(DOWNS);
    receive(DOWN);
    pass_busily(20);
    w.kafka.is_manual = true;
    receive(COLD);
    fake_kafka_report(&w.kafka, w.kafka.count - 1, TK_SEND_AGAIN);
    world_run(&w);
    w.kafka.is_manual = false;
    pass(29);
    assert_int_equal(w.kafka.given_up, 0);
    pass(2);
    assert_int_equal(w.kafka.given_up, 1);
    pass(10);
    assert_int_equal(world_stat(&w, TK_PENDING), 0);
}

/* One that took the detour takes it again: later ones may be in the topic of their rule, where it would be behind them. */
static void test_a_detour_is_not_left(void **state)
{
    (void)state;
    fake_kafka_tell_route(&w.kafka, DOWNS, false);
    world_run(&w);
    w.kafka.is_manual = true;
    receive(DOWN);
    fake_kafka_tell_route(&w.kafka, DOWNS, true);
    world_run(&w);
    receive(DOWN);
    fake_kafka_report_all(&w.kafka, TK_SEND_AGAIN);
    pass(10);
    assert_string_equal(links_published(), "snmp-traps:1 downs:2 snmp-traps:1 downs:2");
}

/* The sink learns by copies whether the topic takes events again; they are no events of ours. */
static void test_probes(void **state)
{
    const struct fake_message *event, *copy;

    (void)state;
    fake_kafka_tell_route(&w.kafka, DOWNS, false);
    w.kafka.wants_probes = true;
    world_run(&w);
    receive(UP);
    receive(DOWN);
    assert_string_equal(links_published(), "ups:1 snmp-traps:2 downs:2");
    event = fake_kafka_event(&w.kafka, 1);
    copy = fake_kafka_event(&w.kafka, 2);
    assert_string_equal(event->payload, copy->payload);
    assert_string_equal(event->key, copy->key);
    assert_true(copy->ticket == TK_NO_TICKET && copy->route == DOWNS);
    assert_int_equal(world_stat(&w, TK_PUBLISHED), 2);
    assert_int_equal(world_stat(&w, TK_REROUTED), 1);
    assert_int_equal(world_stat(&w, TK_IN_FLIGHT), 0);
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        T(test_it_is_given_up),         T(test_with_little_traffic),
        T(test_a_slow_topic),           T(test_an_outage),
        T(test_without_other_traffic),  T(test_an_outage_that_begins_late),
        T(test_when_it_fills_the_sink), T(test_when_others_wait_to_be_sent_again),
        T(test_a_detour_is_not_left),   T(test_probes),
    };
#undef T

    return cmocka_run_group_tests(tests, NULL, NULL);
}
