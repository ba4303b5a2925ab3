/* SPDX-License-Identifier: Apache-2.0 */
/* Which timestamps messages get, and what refusals of timestamps mean. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "sink/kafka_stamp.h"

#define NOW   (1000000 * TK_SECOND)
#define MS(t) ((t) / TK_MSEC)

static int64_t stamp_of(const struct tk_kafka_stamp *s, tk_nsec age)
{
    return tk_kafka_stamp_of(s, TK_TOPIC_EVENTS, NOW - age, NOW);
}

static void the_time_of_reception_until_it_is_refused(void **state)
{
    struct tk_kafka_stamp s = {0};

    (void)state;
    assert_int_equal(stamp_of(&s, 0), MS(NOW));
    assert_int_equal(stamp_of(&s, 3600 * TK_SECOND), MS(NOW - 3600 * TK_SECOND));
    /* but not of health records, which nobody would send again */
    assert_int_equal(tk_kafka_stamp_of(&s, TK_TOPIC_HEALTH, NOW - TK_SECOND / 2, NOW), MS(NOW - TK_SECOND / 2));
    assert_int_equal(tk_kafka_stamp_of(&s, TK_TOPIC_HEALTH, NOW - 60 * TK_SECOND, NOW), MS(NOW));
    assert_int_equal(tk_kafka_stamp_of(&s, TK_TOPIC_DEAD_LETTERS, NOW - 60 * TK_SECOND, NOW), MS(NOW - 60 * TK_SECOND));
}

static void the_moment_of_sending_afterwards(void **state)
{
    struct tk_kafka_stamp s = {0};

    (void)state;
    assert_true(tk_kafka_stamp_note(&s, TK_TOPIC_EVENTS, MS(NOW - 300 * TK_SECOND), NOW));
    assert_int_equal(stamp_of(&s, 300 * TK_SECOND), MS(NOW));
    assert_int_equal(stamp_of(&s, 2 * TK_SECOND), MS(NOW));     /* younger than what was refused, and perhaps too old */
    assert_int_equal(stamp_of(&s, -7200 * TK_SECOND), MS(NOW)); /* the clock was wrong when it was received */
    assert_int_equal(stamp_of(&s, TK_SECOND / 2), MS(NOW - TK_SECOND / 2)); /* a fresh one keeps its own */
    assert_int_equal(tk_kafka_stamp_judge(&s), TK_STAMP_OLD);
    assert_int_equal(tk_kafka_stamp_judge(&s), TK_STAMP_FINE);
    assert_int_equal(stamp_of(&s, 300 * TK_SECOND), MS(NOW));
}

/* Refused though sent just now: the clock. One in the batch that had waited in librdkafka is reason enough. */
static void a_fresh_one_refused_is_the_clock(void **state)
{
    struct tk_kafka_stamp s = {0};

    (void)state;
    assert_true(tk_kafka_stamp_note(&s, TK_TOPIC_EVENTS, MS(NOW), NOW)); /* beside one that is old, perhaps */
    assert_int_equal(tk_kafka_stamp_judge(&s), TK_STAMP_OLD);
    assert_false(tk_kafka_stamp_note(&s, TK_TOPIC_EVENTS, MS(NOW), NOW));
    assert_true(tk_kafka_stamp_note(&s, TK_TOPIC_EVENTS, MS(NOW - 60 * TK_SECOND), NOW));
    assert_int_equal(tk_kafka_stamp_judge(&s), TK_STAMP_OLD);
    for (int i = 0; i < 3; i++) {
        assert_false(tk_kafka_stamp_note(&s, TK_TOPIC_EVENTS, MS(NOW - TK_SECOND), NOW));
        assert_int_equal(tk_kafka_stamp_judge(&s), TK_STAMP_CLOCK);
    }
    assert_int_equal(tk_kafka_stamp_judge(&s), TK_STAMP_FINE);
}

/* Other topics say nothing about the topic of events. */
static void other_topics(void **state)
{
    struct tk_kafka_stamp s = {0};

    (void)state;
    assert_true(tk_kafka_stamp_note(&s, TK_TOPIC_DEAD_LETTERS, MS(NOW - 60 * TK_SECOND), NOW));
    assert_int_equal(tk_kafka_stamp_judge(&s), TK_STAMP_FINE);
    assert_false(tk_kafka_stamp_note(&s, TK_TOPIC_DEAD_LETTERS, MS(NOW), NOW)); /* it can't be helped */
    assert_int_equal(tk_kafka_stamp_judge(&s), TK_STAMP_FINE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_time_of_reception_until_it_is_refused),
        cmocka_unit_test(the_moment_of_sending_afterwards),
        cmocka_unit_test(a_fresh_one_refused_is_the_clock),
        cmocka_unit_test(other_topics),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
