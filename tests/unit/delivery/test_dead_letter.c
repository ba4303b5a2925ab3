/* SPDX-License-Identifier: Apache-2.0 */
/* Events that Kafka refuses permanently: where they go, and that no other event waits for them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "delivery/window.h"
#include "queue/ring_open.h"
#include "worker_fixture.h"

static struct world w;
static char path[200], file[220];

static int setup(void **state)
{
    (void)state;
    world_init(&w, TK_RING_MIN_BYTES);
    world_configure(&w, "kafkaDeadLetterTopic dead");
    w.kafka.is_manual = true;
    return 0;
}

/* The queue is a file. */
static int setup_file(void **state)
{
    const char *tmp = getenv("TMPDIR");
    struct tk_err err = {0};
    int fd;

    (void)state;
    (void)snprintf(path, sizeof(path), "%s/queue.XXXXXX", tmp ? tmp : "/tmp");
    fd = mkstemp(path);
    if (fd < 0 || close(fd) < 0 || unlink(path) < 0)
        return -1;
    (void)snprintf(file, sizeof(file), "%s.undeliverable", path);
    world_open(&w, tk_ring_open(path, TK_RING_MIN_BYTES, &err), NULL);
    world_configure(&w, NULL);
    w.kafka.is_manual = true;
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    world_done(&w);
    return 0;
}

static int teardown_file(void **state)
{
    (void)unlink(path);
    (void)unlink(file);
    return teardown(state);
}

static size_t dead_letters(void)
{
    return fake_kafka_count(&w.kafka, TK_TOPIC_DEAD_LETTERS);
}

static const struct fake_message *dead_letter(size_t n)
{
    const struct fake_message *m = fake_kafka_message(&w.kafka, TK_TOPIC_DEAD_LETTERS, n);

    assert_non_null(m);
    return m;
}

/* Report what is outstanding for that topic. */
static void report(enum tk_topic topic, enum tk_fate fate)
{
    for (size_t i = 0; i < w.kafka.count; i++)
        if (w.kafka.messages[i].topic == topic)
            fake_kafka_report(&w.kafka, i, fate);
    world_run(&w);
}

/* Event n is refused by the producer itself. */
static void refuse(unsigned n)
{
    w.kafka.answer = TK_REFUSED;
    world_number(&w, n);
    world_run(&w);
    assert_int_equal(w.kafka.answer, TK_ACCEPTED);
}

static void pass(tk_nsec t)
{
    world_pass(&w, t);
    world_run(&w);
}

static void test_condemned_event_goes_to_its_topic(void **state)
{
    const struct fake_message *event, *dead;

    (void)state;
    world_number(&w, 1);
    world_run(&w);
    report(TK_TOPIC_EVENTS, TK_CONDEMNED);
    assert_int_equal(dead_letters(), 0); /* perhaps it was its batch */
    pass(TK_SECOND);
    report(TK_TOPIC_EVENTS, TK_CONDEMNED);
    assert_int_equal(dead_letters(), 1);
    event = fake_kafka_event(&w.kafka, 0);
    dead = dead_letter(0);
    assert_string_equal(dead->payload, event->payload);
    assert_string_equal(dead->key, event->key);
    assert_string_equal(dead->event_id, event->event_id);
    assert_string_equal(dead->type, event->type);
    assert_string_equal(dead->dead_reason, "the fake broker says so");
    assert_string_equal(dead->dead_topic, "snmp-traps");
    assert_string_equal(event->dead_reason, "");
    assert_int_equal(world_stat(&w, TK_PENDING), 1);
    report(TK_TOPIC_DEAD_LETTERS, TK_DELIVERED);
    assert_int_equal(world_stat(&w, TK_DROPPED_UNDELIVERABLE), 1);
    assert_int_equal(world_stat(&w, TK_DEAD_LETTERED), 1);
    assert_int_equal(world_stat(&w, TK_PUBLISHED), 0);
    assert_int_equal(tk_ring_used(w.ring), 0);
    assert_true(world_has_logged(&w, "was published to the dead letter topic: Kafka refuses it permanently: the fake"));
    world_number(&w, 1); /* it was never delivered: news */
    world_run(&w);
    assert_int_equal(world_stat(&w, TK_SUPPRESSED_DUPLICATE), 0);
}

static void test_larger_than_the_producer_takes(void **state)
{
    (void)state;
    w.kafka.answer = TK_TOO_LARGE;
    world_number(&w, 1);
    world_run(&w);
    assert_non_null(strstr(dead_letter(0)->dead_reason, "larger than message.max.bytes"));
    report(TK_TOPIC_DEAD_LETTERS, TK_DELIVERED);
    assert_int_equal(world_stat(&w, TK_DROPPED_TOO_LARGE), 1);
    assert_int_equal(world_stat(&w, TK_DEAD_LETTERED), 1);
    w.kafka.answer = w.kafka.dead_answer = TK_TOO_LARGE;
    world_number(&w, 2);
    world_run(&w);
    assert_int_equal(world_stat(&w, TK_DROPPED_TOO_LARGE), 2);
    assert_int_equal(world_stat(&w, TK_DEAD_LETTERED), 1);
    assert_true(world_has_logged(&w, "the dead letter topic:"));
    assert_false(world_has_logged(&w, "is lost")); /* a line in ten seconds */
    pass(10 * TK_SECOND);
    w.kafka.answer = TK_TOO_LARGE;
    world_number(&w, 3);
    world_run(&w);
    assert_true(world_has_logged(&w, "is lost: Kafka refuses it permanently: it is larger than"));
}

/* Events and dead letters don't wait for each other. */
static void test_holds_up_nobody(void **state)
{
    (void)state;
    refuse(1);
    for (unsigned i = 2; i <= 4; i++)
        world_number(&w, i);
    world_run(&w);
    assert_int_equal(fake_kafka_events(&w.kafka), 3);
    report(TK_TOPIC_EVENTS, TK_CONDEMNED);
    for (unsigned i = 0; i < 3; i++) { /* singly, while the dead letter is out */
        pass(TK_SECOND);
        assert_int_equal(fake_kafka_events(&w.kafka), 4 + i);
        report(TK_TOPIC_EVENTS, TK_DELIVERED);
    }
    assert_int_equal(world_stat(&w, TK_PUBLISHED), 3);
    assert_int_equal(world_stat(&w, TK_PENDING), 1);
    report(TK_TOPIC_DEAD_LETTERS, TK_SEND_AGAIN);
    world_number(&w, 5);
    world_run(&w);
    assert_int_equal(fake_kafka_events(&w.kafka), 7);
    assert_int_equal(dead_letters(), 1);
    pass(TK_SECOND);
    assert_int_equal(dead_letters(), 2);
    report(TK_TOPIC_DEAD_LETTERS, TK_DELIVERED);
    report(TK_TOPIC_EVENTS, TK_DELIVERED);
    assert_int_equal(world_stat(&w, TK_DEAD_LETTERED), 1);
    assert_int_equal(world_stat(&w, TK_PENDING), 0);
}

static void test_survives_full_sink_and_new_producer(void **state)
{
    (void)state;
    world_run(&w);
    w.kafka.answer = TK_REFUSED;
    world_number(&w, 1);
    (void)world_step(&w); /* condemned in this step; its letter is for the next */
    w.kafka.room = 0;
    world_run(&w);
    assert_int_equal(dead_letters(), 0);
    w.kafka.room = SIZE_MAX;
    pass(TK_SECOND);
    assert_int_equal(dead_letters(), 1);
    world_configure(&w, "kafkaDeadLetterTopic graves");
    world_run(&w);
    w.kafka.is_lost_at_close = true;
    pass(10 * TK_SECOND);
    assert_int_equal(w.kafka.closes, 1);
    pass(10 * TK_SECOND);
    assert_int_equal(dead_letters(), 2);
    report(TK_TOPIC_DEAD_LETTERS, TK_DELIVERED);
    assert_int_equal(world_stat(&w, TK_DEAD_LETTERED), 1);
    assert_int_equal(world_stat(&w, TK_PENDING), 0);
}

static void test_topic_is_taken_away(void **state)
{
    (void)state;
    refuse(1);
    report(TK_TOPIC_DEAD_LETTERS, TK_SEND_AGAIN);
    world_configure(&w, NULL);
    world_run(&w);
    pass(TK_SECOND);
    assert_int_equal(dead_letters(), 1);
    assert_int_equal(world_stat(&w, TK_DROPPED_UNDELIVERABLE), 1);
    assert_int_equal(world_stat(&w, TK_DEAD_LETTERED), 0);
    assert_int_equal(world_stat(&w, TK_PENDING), 0);
}

/* One of three is refused by that topic too: it must not take the others with it. */
static void test_condemned_dead_letters_go_one_by_one(void **state)
{
    (void)state;
    for (unsigned i = 1; i <= 3; i++)
        refuse(i);
    assert_int_equal(dead_letters(), 3);
    report(TK_TOPIC_DEAD_LETTERS, TK_CONDEMNED);
    for (unsigned i = 1; i <= 3; i++) {
        assert_int_equal(dead_letters(), 3 + i);
        assert_int_equal(dead_letter(2 + i)->in_flight, 0);
        report(TK_TOPIC_DEAD_LETTERS, i == 2 ? TK_CONDEMNED : TK_DELIVERED);
    }
    assert_int_equal(world_stat(&w, TK_DEAD_LETTERED), 2);
    assert_int_equal(world_stat(&w, TK_DROPPED_UNDELIVERABLE), 3);
    assert_int_equal(world_stat(&w, TK_PENDING), 0);
    refuse(4);
    refuse(5);
    assert_int_equal(dead_letters(), 8); /* together again */
}

static void test_many_are_bounded(void **state)
{
    (void)state;
    for (unsigned i = 1; i <= 200; i++)
        refuse(i);
    assert_int_equal(dead_letters(), 8);
    for (unsigned i = 0; i < 25; i++)
        report(TK_TOPIC_DEAD_LETTERS, TK_DELIVERED);
    assert_int_equal(dead_letters(), 200);
    assert_int_equal(world_stat(&w, TK_DEAD_LETTERED), 200);
}

/* Their topic alone is in trouble: the queue fills behind the dead letter, and it gives way. While no broker can be
 * reached it does not, because then it is not what holds the rest back. */
static void test_gives_way(void **state)
{
    struct world big;

    (void)state;
    world_init(&big, 16 * TK_RING_MIN_BYTES);
    world_configure(&big, "kafkaDeadLetterTopic dead");
    world_run(&big);
    big.kafka.is_manual = true;
    big.kafka.answer = TK_REFUSED;
    world_number(&big, 0);
    world_run(&big);
    fake_kafka_reach(&big.kafka, TK_LOST);
    for (unsigned i = 1; i < TK_WINDOW_ENTRIES / 4 * 3; i++)
        world_number(&big, i);
    world_run(&big);
    assert_int_equal(world_stat(&big, TK_DROPPED_UNDELIVERABLE), 0);
    fake_kafka_reach(&big.kafka, TK_REACHED);
    world_run(&big);
    assert_int_equal(world_stat(&big, TK_DROPPED_UNDELIVERABLE), 1);
    assert_int_equal(world_stat(&big, TK_DEAD_LETTERED), 0);
    fake_kafka_report_all(&big.kafka, TK_DELIVERED); /* its own comes late */
    world_run(&big);
    assert_int_equal(world_stat(&big, TK_DEAD_LETTERED), 0);
    assert_int_equal(world_stat(&big, TK_PUBLISHED), TK_WINDOW_ENTRIES / 4 * 3 - 1);
    assert_int_equal(tk_ring_used(big.ring), 0);
    world_done(&big);
}

static void test_ends_with_the_memory(void **state)
{
    (void)state;
    w.kafka.is_lost_at_close = true;
    refuse(1);
    refuse(2);
    tk_worker_finish(w.worker, w.now, w.now.mono);
    assert_int_equal(world_stat(&w, TK_DROPPED_UNDELIVERABLE), 2);
    assert_int_equal(world_stat(&w, TK_PENDING), 0);
}

/* --- the queue is a file --------------------------------------------------------------------------------------- */

static void assert_kept(unsigned n, const char *reason)
{
    json_t *line = NULL;
    char text[8192];
    FILE *f = fopen(file, "r");

    assert_non_null(f);
    for (unsigned i = 1; fgets(text, sizeof(text), f); i++)
        if (i == n)
            line = json_loads(text, JSON_REJECT_DUPLICATES, NULL);
    (void)fclose(f);
    assert_non_null(line);
    assert_string_equal(json_string_value(json_object_get(line, "topic")), "snmp-traps");
    assert_non_null(strstr(json_string_value(json_object_get(line, "reason")), reason));
    assert_true(json_is_string(json_object_get(line, "time")));
    assert_int_equal(json_integer_value(
                         json_object_get(json_object_get(json_object_get(line, "event"), "receiver"), "seq")),
                     n);
    json_decref(line);
}

static void test_kept_in_the_file(void **state)
{
    (void)state;
    refuse(1);
    assert_int_equal(world_stat(&w, TK_DROPPED_UNDELIVERABLE), 1);
    assert_int_equal(world_stat(&w, TK_UNDELIVERABLE_KEPT), 1);
    assert_int_equal(world_stat(&w, TK_PENDING), 0);
    assert_kept(1, "librdkafka says that the message is invalid");
    assert_true(world_has_logged(&w, file));
    world_configure(&w, "kafkaDeadLetterTopic dead");
    world_run(&w);
    w.kafka.dead_answer = TK_REFUSED;
    w.kafka.answer = TK_TOO_LARGE;
    world_number(&w, 2);
    world_run(&w);
    assert_int_equal(world_stat(&w, TK_DROPPED_TOO_LARGE), 1);
    assert_int_equal(world_stat(&w, TK_UNDELIVERABLE_KEPT), 2);
    assert_kept(2, "larger than message.max.bytes");
}

static void test_file_that_can_not_be_written(void **state)
{
    (void)state;
    assert_int_equal(symlink("/dev/null", file), 0);
    refuse(1);
    assert_int_equal(world_stat(&w, TK_DROPPED_UNDELIVERABLE), 1);
    assert_int_equal(world_stat(&w, TK_UNDELIVERABLE_KEPT), 0);
    assert_true(world_has_logged(&w, "an undeliverable event can't be written"));
    assert_true(world_has_logged(&w, "is lost: Kafka refuses it permanently"));
}

/* The last report comes while the sink closes. */
static void test_kept_at_the_end(void **state)
{
    (void)state;
    world_number(&w, 1);
    world_run(&w);
    report(TK_TOPIC_EVENTS, TK_CONDEMNED);
    pass(TK_SECOND);
    fake_kafka_report_all(&w.kafka, TK_CONDEMNED); /* told while it closes */
    tk_worker_finish(w.worker, w.now, w.now.mono);
    assert_int_equal(world_stat(&w, TK_UNDELIVERABLE_KEPT), 1);
    assert_int_equal(world_stat(&w, TK_PENDING), 0);
}

/* An event with an octet string of so many bytes. @returns whether it was sent to the events' topic */
static bool sends(unsigned number, size_t bytes)
{
    size_t before = fake_kafka_events(&w.kafka);
    char line[4096], text[2048];

    assert_true(bytes < sizeof(text));
    memset(text, 'x', bytes);
    text[bytes] = '\0';
    (void)snprintf(line, sizeof(line), "2c uptime=%u oid=1.3.6.1.6.3.1.1.5.3 1.3.6.1.2.1.31.1.1.1.18.7 s %s", number,
                   text);
    assert_true(world_trap(&w, line));
    world_run(&w);
    return fake_kafka_events(&w.kafka) > before;
}

static void use(const char *compression)
{
    const char *const directives[] = {"kafkaDeadLetterTopic dead", compression, NULL};

    world_bundle(&w, world_settings(directives), NULL);
    world_run(&w);
    w.kafka.is_about_size = true;
}

/* Once a size was refused, what is as large goes to the dead letters at once, for five minutes; what is smaller goes on. */
static void test_learns_what_is_too_large(void **state)
{
    (void)state;
    use("kafkaProperty compression.codec none");
    assert_true(sends(1, 1000));
    report(TK_TOPIC_EVENTS, TK_CONDEMNED);
    report(TK_TOPIC_EVENTS, TK_CONDEMNED); /* alone */
    assert_int_equal(dead_letters(), 1);
    assert_false(sends(2, 1000));
    assert_int_equal(dead_letters(), 2);
    assert_true(sends(3, 900));
    report(TK_TOPIC_EVENTS, TK_DELIVERED);
    assert_true(sends(4, 950)); /* this one is refused too: less is enough now */
    report(TK_TOPIC_EVENTS, TK_CONDEMNED);
    report(TK_TOPIC_EVENTS, TK_CONDEMNED);
    assert_false(sends(5, 960));
    pass(301 * TK_SECOND); /* the limit may have been raised */
    assert_true(sends(6, 1000));
    report(TK_TOPIC_EVENTS, TK_DELIVERED);
    report(TK_TOPIC_DEAD_LETTERS, TK_DELIVERED);
    assert_int_equal(world_stat(&w, TK_DEAD_LETTERED), 4);
    assert_int_equal(world_stat(&w, TK_PUBLISHED), 2);
}

/* With compression, the sink's own choice, the broker judges another size: what is as large goes alone, and may go. */
static void test_large_ones_go_alone(void **state)
{
    (void)state;
    use(NULL);
    assert_true(sends(1, 1000));
    report(TK_TOPIC_EVENTS, TK_CONDEMNED);
    report(TK_TOPIC_EVENTS, TK_CONDEMNED);
    report(TK_TOPIC_DEAD_LETTERS, TK_DELIVERED);
    assert_int_equal(dead_letters(), 1);
    assert_true(sends(2, 500));
    assert_false(sends(3, 1000)); /* not beside number 2 */
    assert_false(sends(4, 500));  /* nor overtaken */
    report(TK_TOPIC_EVENTS, TK_DELIVERED);
    assert_int_equal(fake_kafka_events(&w.kafka), 4);
    assert_int_equal(fake_kafka_event(&w.kafka, 3)->in_flight, 0);
    report(TK_TOPIC_EVENTS, TK_DELIVERED); /* it compresses better than the first */
    assert_int_equal(fake_kafka_events(&w.kafka), 5);
    assert_true(sends(5, 1000)); /* so much has been taken */
    assert_true(sends(6, 500));
    assert_int_equal(dead_letters(), 1);
    report(TK_TOPIC_EVENTS, TK_DELIVERED);
    assert_int_equal(world_stat(&w, TK_PUBLISHED), 5);
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
#define F(name) cmocka_unit_test_setup_teardown(name, setup_file, teardown_file)
    const struct CMUnitTest tests[] = {
        T(test_condemned_event_goes_to_its_topic),
        T(test_larger_than_the_producer_takes),
        T(test_holds_up_nobody),
        T(test_survives_full_sink_and_new_producer),
        T(test_topic_is_taken_away),
        T(test_condemned_dead_letters_go_one_by_one),
        T(test_many_are_bounded),
        T(test_gives_way),
        T(test_ends_with_the_memory),
        F(test_kept_in_the_file),
        F(test_file_that_can_not_be_written),
        F(test_kept_at_the_end),
        T(test_learns_what_is_too_large),
        T(test_large_ones_go_alone),
    };
#undef T
#undef F

    return cmocka_run_group_tests(tests, NULL, NULL);
}
