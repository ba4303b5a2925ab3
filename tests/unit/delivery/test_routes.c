/* SPDX-License-Identifier: Apache-2.0 */
/* Topics of rules, and rules that drop. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "worker_fixture.h"

#define DOWN                   "2c uptime=1 oid=1.3.6.1.6.3.1.1.5.3 1.3.6.1.2.1.2.2.1.1.7 i 7"
#define UP                     "2c uptime=2 oid=1.3.6.1.6.3.1.1.5.4 1.3.6.1.2.1.2.2.1.1.7 i 7"
#define COLD                   "2c uptime=3 oid=1.3.6.1.6.3.1.1.5.1"
#define BIGGER_DOWN            DOWN " 1.3.6.1.2.1.1.4.0 s xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"

#define RULE(name, trap, more) "{\"name\":\"" name "\",\"match\":{\"trap\":\"" trap "\"}," more "}"
#define LINK_DOWN(more) \
    RULE("down", "IF-MIB::linkDown", \
         "\"severity\":\"major\",\"state\":\"raise\",\"key\":\"{device}/link/{ifIndex}\"" more)
#define LINK_UP   RULE("up", "IF-MIB::linkUp", "\"state\":\"clear\",\"key\":\"{device}/link/{ifIndex}\"")
#define LINKS     "{\"rules\":[" LINK_DOWN(",\"topic\":\"links\"") "," LINK_UP "]}"
#define OTHERS    "{\"rules\":[" LINK_DOWN(",\"topic\":\"others\"") "," LINK_UP "]}"
#define NO_TOPICS "{\"rules\":[" LINK_DOWN("") "," LINK_UP "]}"
#define DROPS     "{\"rules\":[" RULE("noise", "IF-MIB::linkDown", "\"drop\":true") "," LINK_UP "]}"

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

static void use_rules(const char *json, const char *directive)
{
    const char *const directives[] = {"kafkaDedup 60", directive, NULL};

    world_bundle(&w, world_settings(directives), json);
    world_run(&w);
}

static void receive(const char *line)
{
    assert_true(world_trap(&w, line));
    world_run(&w);
}

static const char *topic_of(size_t event)
{
    return fake_kafka_event(&w.kafka, event)->topic_name;
}

static void test_events_go_to_the_topics_of_their_rules(void **state)
{
    (void)state;
    use_rules(LINKS, NULL);
    receive(DOWN);
    receive(UP);
    receive(COLD);
    assert_string_equal(topic_of(0), "links");
    assert_string_equal(topic_of(1), "snmp-traps");
    assert_string_equal(topic_of(2), "snmp-traps");
    assert_true(world_has_logged(&w, "acknowledged the first event (topic 'links'"));
    assert_int_equal(world_stat(&w, TK_PUBLISHED), 3);
    assert_int_equal(world_stat(&w, TK_REROUTED), 0);
}

/* A rule that names kafkaTopic needs no route. */
static void test_a_topic_that_is_kafka_topic(void **state)
{
    (void)state;
    use_rules(LINKS, "kafkaTopic links");
    receive(DOWN);
    assert_string_equal(topic_of(0), "links");
    assert_int_equal(fake_kafka_event(&w.kafka, 0)->route, 0);
    assert_int_equal(w.kafka.hooks.routes->count, 0);
}

static unsigned count_changes(const char *cause)
{
    char text[64];
    unsigned n = 0;

    (void)snprintf(text, sizeof(text), "\"cause\":\"%s\"", cause);
    for (size_t i = 0; i < w.kafka.count; i++)
        n += strstr(w.kafka.messages[i].payload, text) != NULL;
    return n;
}

static void test_a_topic_that_is_away(void **state)
{
    (void)state;
    use_rules(LINKS, NULL);
    fake_kafka_tell_route(&w.kafka, 1, false);
    world_run(&w);
    assert_true(world_has_logged(&w, "the fake topic is away; its events go to topic 'snmp-traps' until then"));
    receive(DOWN);
    assert_string_equal(topic_of(0), "snmp-traps");
    assert_int_equal(world_stat(&w, TK_REROUTED), 1);
    fake_kafka_tell_route(&w.kafka, 1, false); /* again: nothing new */
    world_run(&w);
    assert_false(world_has_logged(&w, "is away"));
    fake_kafka_tell_route(&w.kafka, 1, true);
    receive(UP);
    receive(BIGGER_DOWN);
    assert_true(world_has_logged(&w, "topic 'links' takes events again"));
    assert_string_equal(topic_of(2), "links");
    assert_int_equal(count_changes("topic_lost"), 1);
    assert_int_equal(count_changes("topic_regained"), 1);
}

/* What waits for the sink takes the way that is open when the sink has room. */
static void test_an_event_that_is_held(void **state)
{
    (void)state;
    use_rules(LINKS, NULL);
    w.kafka.room = 0;
    receive(DOWN);
    w.kafka.away = 2;
    w.kafka.room = SIZE_MAX;
    world_pass(&w, TK_SECOND);
    world_run(&w);
    assert_string_equal(topic_of(0), "snmp-traps");
}

/* Its topic is lost meanwhile, and kafkaTopic refused an event that was smaller: it goes there in a request of its own. */
static void test_a_held_event_that_may_be_too_large(void **state)
{
    (void)state;
    use_rules(LINKS, NULL);
    w.kafka.is_manual = w.kafka.is_about_size = true;
    receive(COLD);
    for (unsigned i = 0; i < 2; i++) { /* the second time it is alone */
        fake_kafka_report_all(&w.kafka, TK_CONDEMNED);
        world_run(&w);
    }
    assert_int_equal(world_stat(&w, TK_DROPPED_UNDELIVERABLE), 1);
    receive(DOWN); /* 'links' refused none */
    w.kafka.room = 0;
    receive(BIGGER_DOWN);
    w.kafka.room = SIZE_MAX;
    w.kafka.away = 2;
    world_run(&w);
    assert_int_equal(fake_kafka_events(&w.kafka), 3); /* the one in flight must be reported first */
    fake_kafka_report_all(&w.kafka, TK_DELIVERED);
    world_run(&w);
    assert_int_equal(fake_kafka_events(&w.kafka), 4);
    assert_string_equal(topic_of(3), "snmp-traps");
    assert_int_equal(fake_kafka_event(&w.kafka, 3)->in_flight, 0);
    receive(UP); /* nothing shares its request */
    assert_int_equal(fake_kafka_events(&w.kafka), 4);
    fake_kafka_report_all(&w.kafka, TK_DELIVERED);
    world_run(&w);
    assert_int_equal(fake_kafka_events(&w.kafka), 5);
    w.kafka.is_manual = false;
    world_run(&w);
    assert_int_equal(world_stat(&w, TK_PUBLISHED), 3);
    assert_int_equal(world_stat(&w, TK_PENDING), 0);
}

/* What comes back from a topic that turns out to be away goes to kafkaTopic. */
static void test_an_event_that_comes_back(void **state)
{
    (void)state;
    use_rules(LINKS, NULL);
    w.kafka.is_manual = true;
    receive(DOWN);
    assert_string_equal(topic_of(0), "links");
    fake_kafka_report_all(&w.kafka, TK_SEND_AGAIN);
    fake_kafka_tell_route(&w.kafka, 1, false);
    world_run(&w);
    world_pass(&w, 10 * TK_SECOND);
    w.kafka.is_manual = false;
    world_run(&w);
    assert_string_equal(topic_of(1), "snmp-traps");
    assert_string_equal(fake_kafka_event(&w.kafka, 0)->payload, fake_kafka_event(&w.kafka, 1)->payload);
    assert_int_equal(world_stat(&w, TK_PUBLISHED), 1);
}

static void test_changes_of_rules(void **state)
{
    (void)state;
    use_rules(LINKS, NULL);
    assert_int_equal(w.kafka.opens, 1);
    use_rules(LINKS, NULL);
    use_rules(NO_TOPICS, NULL);
    use_rules(LINKS, NULL);
    assert_int_equal(w.kafka.opens, 1); /* it has the topic */
    fake_kafka_tell_route(&w.kafka, 1, false);
    world_run(&w);
    assert_true(world_has_logged(&w, "is away"));
    use_rules(OTHERS, NULL);
    assert_int_equal(w.kafka.opens, 2);
    assert_true(world_has_logged(&w, "topic 'links' is not needed any more"));
    w.kafka.away = 0;
    receive(DOWN);
    assert_string_equal(topic_of(0), "others");
}

/* Another sink for another reason: what was told of a topic still holds, and its end is told. */
static void test_trouble_outlives_the_sink(void **state)
{
    (void)state;
    use_rules(LINKS, NULL);
    fake_kafka_tell_route(&w.kafka, 1, false);
    world_run(&w);
    assert_true(world_has_logged(&w, "is away"));
    use_rules(LINKS, "kafkaHeaders none");
    assert_int_equal(w.kafka.opens, 2);
    assert_false(world_has_logged(&w, "links"));
    fake_kafka_tell_route(&w.kafka, 1, true);
    world_run(&w);
    assert_true(world_has_logged(&w, "topic 'links' takes events again"));
    assert_int_equal(count_changes("topic_regained"), 1);
}

/* The sink stays when a rule is taken out, but no event will show that its topic takes events again. */
static void test_a_topic_that_no_rule_has_any_more(void **state)
{
    (void)state;
    use_rules(LINKS, NULL);
    fake_kafka_tell_route(&w.kafka, 1, false);
    world_run(&w);
    assert_true(world_has_logged(&w, "is away"));
    use_rules(NO_TOPICS, NULL);
    assert_int_equal(w.kafka.opens, 1);
    assert_true(world_has_logged(&w, "topic 'links' is not needed any more"));
    assert_int_equal(count_changes("topic_lost"), 1);
    assert_int_equal(count_changes("topic_regained"), 1);
    use_rules(NO_TOPICS, NULL);
    assert_int_equal(count_changes("topic_regained"), 1);
    use_rules(LINKS, NULL); /* it is still away */
    assert_int_equal(count_changes("topic_lost"), 2);
    fake_kafka_tell_route(&w.kafka, 1, true);
    receive(DOWN);
    assert_true(world_has_logged(&w, "topic 'links' takes events again"));
    assert_int_equal(count_changes("topic_regained"), 2);
    use_rules(NO_TOPICS, NULL);
    fake_kafka_tell_route(&w.kafka, 1, false); /* of no interest */
    fake_kafka_tell_route(&w.kafka, 1, true);
    world_run(&w);
    assert_int_equal(count_changes("topic_lost"), 2);
    assert_int_equal(count_changes("topic_regained"), 2);
}

static void test_dead_letters_name_the_topic(void **state)
{
    (void)state;
    use_rules(LINKS, "kafkaDeadLetterTopic dead");
    w.kafka.answer = TK_REFUSED;
    receive(DOWN);
    assert_string_equal(fake_kafka_message(&w.kafka, TK_TOPIC_DEAD_LETTERS, 0)->dead_topic, "links");
    w.kafka.answer = TK_REFUSED;
    receive(UP);
    assert_string_equal(fake_kafka_message(&w.kafka, TK_TOPIC_DEAD_LETTERS, 1)->dead_topic, "snmp-traps");
}

/* One topic refuses events of a size; that says nothing about another topic. */
static void test_sizes_are_those_of_a_topic(void **state)
{
    const char *const directives[] = {"kafkaDedup off", "kafkaProperty compression.codec none", NULL};

    (void)state;
    world_bundle(&w, world_settings(directives), LINKS);
    world_run(&w);
    w.kafka.is_manual = w.kafka.is_about_size = true;
    receive(DOWN);
    fake_kafka_report_all(&w.kafka, TK_CONDEMNED);
    world_run(&w); /* it goes alone */
    fake_kafka_report_all(&w.kafka, TK_CONDEMNED);
    world_run(&w);
    assert_int_equal(world_stat(&w, TK_DROPPED_UNDELIVERABLE), 1);
    receive(DOWN); /* as large: not sent at all */
    assert_int_equal(world_stat(&w, TK_DROPPED_UNDELIVERABLE), 2);
    assert_int_equal(fake_kafka_events(&w.kafka), 2);
    receive(UP " 1.3.6.1.2.1.1.4.0 s "
               "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx");
    assert_int_equal(fake_kafka_events(&w.kafka), 3);
    assert_string_equal(topic_of(2), "snmp-traps");
}

/* --- rules that drop ------------------------------------------------------------------------------------------- */

static void test_dropped_events_leave_no_trace(void **state)
{
    (void)state;
    use_rules(DROPS, NULL);
    receive(DOWN);
    receive(DOWN);
    assert_int_equal(fake_kafka_events(&w.kafka), 0);
    assert_int_equal(world_stat(&w, TK_SUPPRESSED_RULE), 2);
    assert_int_equal(world_stat(&w, TK_SUPPRESSED_DUPLICATE), 0);
    assert_int_equal(world_stat(&w, TK_DEDUP_KEYS), 0);
    assert_int_equal(world_stat(&w, TK_ALARMS), 0);
    use_rules(LINKS, NULL);
    receive(DOWN); /* news, and the first raise */
    assert_int_equal(fake_kafka_events(&w.kafka), 1);
    assert_non_null(strstr(fake_kafka_event(&w.kafka, 0)->payload, "\"transition\":\"raised\""));
    use_rules(DROPS, NULL);
    receive(DOWN); /* it does not count for the alarm that stands */
    receive(UP);
    assert_non_null(strstr(fake_kafka_event(&w.kafka, 1)->payload, "\"transition\":\"cleared\""));
    assert_non_null(strstr(fake_kafka_event(&w.kafka, 1)->payload, "\"count\":1,"));
    world_pass(&w, 60 * TK_SECOND);
    world_run(&w);
    assert_non_null(strstr(fake_kafka_health(&w.kafka)->payload,
                           "\"suppressed_by_rule\":[{\"rule\":\"operator:noise\",\"count\":3}]"));
}

static void test_dropped_informs_are_answered(void **state)
{
    (void)state;
    use_rules(DROPS, NULL);
    (void)world_inform(&w, DOWN, 5);
    world_run(&w);
    assert_int_equal(world_reply(&w), 5);
    assert_int_equal(world_reply(&w), 0);
}

/* New rules drop an event that has come back: it was never delivered, so its alarm never stood. */
static void test_dropped_when_it_is_sent_again(void **state)
{
    (void)state;
    use_rules(NO_TOPICS, NULL);
    w.kafka.is_manual = true;
    (void)world_inform(&w, DOWN, 5);
    world_run(&w);
    assert_int_equal(world_stat(&w, TK_ALARMS_STANDING), 1);
    fake_kafka_report_all(&w.kafka, TK_SEND_AGAIN);
    (void)world_step(&w);
    assert_int_equal(world_reply(&w), 0);
    use_rules(DROPS, NULL);
    world_pass(&w, 10 * TK_SECOND);
    world_run(&w);
    assert_int_equal(fake_kafka_events(&w.kafka), 1);
    assert_int_equal(world_stat(&w, TK_SUPPRESSED_RULE), 1);
    assert_int_equal(world_stat(&w, TK_PENDING), 0);
    assert_int_equal(world_stat(&w, TK_ALARMS_STANDING), 0);
    assert_int_equal(world_stat(&w, TK_DEDUP_KEYS), 0);
    assert_int_equal(world_reply(&w), 5);
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        T(test_events_go_to_the_topics_of_their_rules),
        T(test_a_topic_that_is_kafka_topic),
        T(test_a_topic_that_is_away),
        T(test_an_event_that_is_held),
        T(test_a_held_event_that_may_be_too_large),
        T(test_an_event_that_comes_back),
        T(test_changes_of_rules),
        T(test_trouble_outlives_the_sink),
        T(test_a_topic_that_no_rule_has_any_more),
        T(test_dead_letters_name_the_topic),
        T(test_sizes_are_those_of_a_topic),
        T(test_dropped_events_leave_no_trace),
        T(test_dropped_informs_are_answered),
        T(test_dropped_when_it_is_sent_again),
    };
#undef T

    return cmocka_run_group_tests(tests, NULL, NULL);
}
