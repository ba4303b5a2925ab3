/* SPDX-License-Identifier: Apache-2.0 */
#include "stages/dedup_window.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "stages/alarm_states.h"

static uint64_t events; /* numbered upwards */

static struct tk_hash128 key(uint64_t n)
{
    return (struct tk_hash128){.high = n * 0x9e3779b97f4a7c15u, .low = n};
}

/* An event of no alarm, with an owner. */
static bool pass_owned(struct tk_dedup *d, uint64_t n, tk_nsec now, uint32_t *ret_repeats, uint64_t *owner)
{
    struct tk_sighting s = {.key = key(n), .number = ++events, .now = now, .window = 10, .owner = *owner};
    bool passes = tk_dedup_pass(d, &s);

    *ret_repeats = s.repeats;
    *owner = s.owner;
    return passes;
}

static bool pass(struct tk_dedup *d, uint64_t n, tk_nsec now, uint32_t *ret_repeats)
{
    uint64_t owner = 0;

    return pass_owned(d, n, now, ret_repeats, &owner);
}

/* Event @p n of alarm @p alarm, at time 0, as the stages have it. */
static bool pass_alarm(struct tk_dedup *d, struct tk_alarm_states *a, uint64_t alarm, enum tk_alarm_state state,
                       uint64_t n)
{
    struct tk_alarm_sighting look = {.key = key(alarm), .state = state, .number = ++events};
    struct tk_sighting s = {.key = key(n), .number = events, .window = 10, .owner = n};
    bool passes;

    tk_alarm_states_look(a, &look);
    s.changed = look.changed;
    passes = tk_dedup_pass(d, &s);
    if (passes)
        (void)tk_alarm_states_keep(a, &look, n);
    return passes;
}

static void test_window_begins_at_the_event_that_passed(void **state)
{
    struct tk_dedup *d = tk_dedup_new(4);
    uint32_t repeats = 99;

    (void)state;
    assert_true(pass(d, 1, 0, &repeats));
    assert_int_equal(repeats, 0);
    for (tk_nsec t = 0; t < 10; t++) /* repeats don't make it slide */
        assert_false(pass(d, 1, t, &repeats));
    assert_true(pass(d, 1, 10, &repeats));
    assert_int_equal(repeats, 10);
    assert_false(pass(d, 1, 19, &repeats));
    assert_true(pass(d, 1, 20, &repeats));
    assert_int_equal(repeats, 1);
    assert_true(pass(d, 1, 1000, &repeats));
    assert_int_equal(repeats, 0);
    tk_dedup_free(d);
    tk_dedup_free(NULL);
}

static void test_repeat_learns_who_passed(void **state)
{
    struct tk_dedup *d = tk_dedup_new(4);
    uint64_t owner = 100;
    uint32_t repeats;

    (void)state;
    assert_true(pass_owned(d, 1, 0, &repeats, &owner));
    assert_int_equal(owner, 100);
    for (uint64_t i = 101; i < 105; i++) {
        owner = i;
        assert_false(pass_owned(d, 1, 5, &repeats, &owner));
        assert_int_equal(owner, 100);
    }
    owner = 105;
    assert_true(pass_owned(d, 1, 10, &repeats, &owner));
    owner = 106;
    assert_false(pass_owned(d, 1, 11, &repeats, &owner));
    assert_int_equal(owner, 105);
    tk_dedup_free(d);
}

/* The queue's file had records of a machine that was up for a year; it has been started again. */
static void test_window_of_an_earlier_boot_is_over(void **state)
{
    struct tk_dedup *d = tk_dedup_new(4);
    uint32_t repeats;

    (void)state;
    assert_true(pass(d, 1, 1000000, &repeats));
    assert_false(pass(d, 1, 1000001, &repeats));
    assert_true(pass(d, 1, 5, &repeats));
    assert_int_equal(repeats, 1);
    assert_false(pass(d, 1, 6, &repeats));
    assert_true(pass(d, 1, 15, &repeats));
    tk_dedup_free(d);
}

static void test_undo(void **state)
{
    struct tk_dedup *d = tk_dedup_new(4);
    uint32_t repeats;

    (void)state;
    tk_dedup_undo(d, key(5), 0); /* not there */
    assert_true(pass(d, 1, 0, &repeats));
    assert_true(pass(d, 2, 0, &repeats));
    assert_false(pass(d, 1, 1, &repeats));
    tk_dedup_undo(d, key(1), 0);
    assert_int_equal(tk_dedup_count(d), 1);
    assert_true(pass(d, 1, 1, &repeats));
    assert_int_equal(repeats, 0);
    assert_false(pass(d, 2, 1, &repeats));
    assert_int_equal(tk_dedup_count(d), 2);
    assert_int_equal(tk_dedup_evicted(d), 0);
    tk_dedup_free(d);
}

static void test_bound(void **state)
{
    struct tk_dedup *d = tk_dedup_new(TK_DEDUP_MAX_KEYS);
    uint32_t repeats;

    (void)state;
    for (uint64_t n = 0; n < TK_DEDUP_MAX_KEYS; n++)
        assert_true(pass(d, n, 0, &repeats));
    assert_int_equal(tk_dedup_count(d), TK_DEDUP_MAX_KEYS);
    assert_int_equal(tk_dedup_evicted(d), 0);
    assert_false(pass(d, 0, 1, &repeats)); /* seen: 1 is the least recent now */
    assert_true(pass(d, TK_DEDUP_MAX_KEYS, 1, &repeats));
    assert_int_equal(tk_dedup_evicted(d), 1);
    assert_int_equal(tk_dedup_count(d), TK_DEDUP_MAX_KEYS);
    assert_false(pass(d, 0, 2, &repeats));
    assert_true(pass(d, 1, 2, &repeats)); /* it went out, and takes the room of 2 */
    assert_int_equal(tk_dedup_evicted(d), 2);
    assert_true(pass(d, 2, 2, &repeats));
    tk_dedup_free(d);
}

/* The first event proves undeliverable only after a later one has passed: the window is the later one's, and stays. */
static void test_undo_by_an_earlier_owner(void **state)
{
    struct tk_dedup *d = tk_dedup_new(4);
    uint64_t first = 1, second = 2, third = 3;
    uint32_t repeats;

    (void)state;
    assert_true(pass_owned(d, 1, 0, &repeats, &first));
    assert_true(pass_owned(d, 1, 10, &repeats, &second));
    tk_dedup_undo(d, key(1), first);
    assert_false(pass_owned(d, 1, 11, &repeats, &third));
    assert_int_equal(third, second);
    tk_dedup_undo(d, key(1), second);
    assert_true(pass_owned(d, 1, 12, &repeats, &third));
    tk_dedup_free(d);
}

static void test_change_of_state_ends_windows(void **state)
{
    struct tk_dedup *d = tk_dedup_new(16);
    struct tk_alarm_states *a = tk_alarm_states_new(4);

    (void)state;
    assert_true(pass_alarm(d, a, 1, TK_ALARM_RAISE, 10));
    assert_true(pass_alarm(d, a, 1, TK_ALARM_RAISE, 11)); /* the same alarm, other varbinds */
    assert_true(pass_alarm(d, a, 2, TK_ALARM_RAISE, 20));
    assert_false(pass_alarm(d, a, 1, TK_ALARM_RAISE, 10));
    assert_true(pass_alarm(d, a, 1, TK_ALARM_CLEAR, 12));
    assert_false(pass_alarm(d, a, 1, TK_ALARM_CLEAR, 12));
    assert_true(pass_alarm(d, a, 1, TK_ALARM_RAISE, 11)); /* changes the state */
    assert_true(pass_alarm(d, a, 1, TK_ALARM_RAISE, 10)); /* its window ended with the clear */
    assert_false(pass_alarm(d, a, 1, TK_ALARM_RAISE, 11));
    assert_false(pass_alarm(d, a, 2, TK_ALARM_RAISE, 20)); /* the other alarm's window goes on */
    assert_int_equal(tk_alarm_states_count(a), 2);
    assert_int_equal(a->evicted, 0);
    tk_dedup_free(d);
    tk_alarm_states_free(a);
}

/* The clear was not delivered: Kafka's last word is the raise, and the next clear must pass. So must a raise: what was
 * delivered last is not known here. */
static void test_undo_of_a_change_of_state(void **state)
{
    struct tk_dedup *d = tk_dedup_new(16);
    struct tk_alarm_states *a = tk_alarm_states_new(4);

    (void)state;
    assert_true(pass_alarm(d, a, 1, TK_ALARM_RAISE, 10));
    assert_true(pass_alarm(d, a, 1, TK_ALARM_CLEAR, 11));
    tk_dedup_undo(d, key(11), 11);
    assert_true(pass_alarm(d, a, 1, TK_ALARM_CLEAR, 11));
    tk_dedup_undo(d, key(11), 11);
    assert_true(pass_alarm(d, a, 1, TK_ALARM_RAISE, 10));
    assert_false(pass_alarm(d, a, 1, TK_ALARM_RAISE, 10));
    tk_dedup_free(d);
    tk_alarm_states_free(a);
}

/* At the bound of alarms, an alarm that went out is news. */
static void test_bound_of_alarms(void **state)
{
    struct tk_dedup *d = tk_dedup_new(16);
    struct tk_alarm_states *a = tk_alarm_states_new(4);

    (void)state;
    for (uint64_t n = 1; n <= 4; n++)
        assert_true(pass_alarm(d, a, n, TK_ALARM_RAISE, n));
    assert_false(pass_alarm(d, a, 1, TK_ALARM_RAISE, 1)); /* seen: 2 is the least recent now */
    assert_true(pass_alarm(d, a, 5, TK_ALARM_RAISE, 5));
    assert_int_equal(tk_alarm_states_count(a), 4);
    assert_int_equal(a->evicted, 1);
    assert_false(pass_alarm(d, a, 1, TK_ALARM_RAISE, 1));
    assert_true(pass_alarm(d, a, 2, TK_ALARM_RAISE, 2)); /* a repeat, in its window */
    assert_int_equal(a->evicted, 2);
    assert_false(pass_alarm(d, a, 2, TK_ALARM_RAISE, 2));
    tk_dedup_free(d);
    tk_alarm_states_free(a);
}

static void test_clear(void **state)
{
    struct tk_dedup *d = tk_dedup_new(16);
    uint32_t repeats;

    (void)state;
    tk_dedup_clear(d);
    assert_true(pass(d, 1, 0, &repeats));
    assert_true(pass(d, 2, 0, &repeats));
    tk_dedup_clear(d);
    assert_int_equal(tk_dedup_count(d), 0);
    assert_int_equal(tk_dedup_evicted(d), 0);
    assert_true(pass(d, 1, 0, &repeats));
    assert_true(pass(d, 2, 0, &repeats));
    tk_dedup_free(d);
}

static void test_seeds_differ(void **state)
{
    struct tk_dedup *a = tk_dedup_new(1), *b = tk_dedup_new(1);

    (void)state;
    assert_true(tk_dedup_seed(a) != tk_dedup_seed(b));
    tk_dedup_free(a);
    tk_dedup_free(b);
}

#define KEYS 12
#define ROOM 7

/* Against a model that is a list in order of use. */
static void test_random_histories(void **state)
{
    (void)state;
    srandom(1);
    for (int round = 0; round < 500; round++) {
        struct {
            uint64_t key;
            tk_nsec since;
            uint32_t repeats;
        } model[ROOM + 1];
        struct tk_dedup *d = tk_dedup_new(ROOM);
        size_t used = 0;
        uint64_t evicted = 0;
        tk_nsec now = 0;

        for (int step = 0; step < 300; step++) {
            uint64_t n = (uint64_t)random() % KEYS;
            uint32_t repeats, expected = 0;
            size_t at = 0;
            bool passes = true;

            now += random() % 4;
            while (at < used && model[at].key != n)
                at++;
            if (random() % 10 == 0) {
                tk_dedup_undo(d, key(n), 0);
                if (at < used)
                    memmove(&model[at], &model[at + 1], (--used - at) * sizeof(model[0]));
                assert_int_equal(tk_dedup_count(d), used);
                continue;
            }
            model[used].key = n;
            model[used].since = now;
            model[used].repeats = 0;
            if (at < used) {
                passes = now - model[at].since >= 10;
                expected = passes ? model[at].repeats : 0;
                if (!passes) {
                    model[used] = model[at];
                    model[used].repeats++;
                }
                memmove(&model[at], &model[at + 1], (used - at) * sizeof(model[0]));
            } else if (used == ROOM) {
                memmove(&model[0], &model[1], ROOM * sizeof(model[0]));
                evicted++;
            } else {
                used++;
            }
            assert_int_equal(pass(d, n, now, &repeats), passes);
            assert_int_equal(repeats, expected);
            assert_int_equal(tk_dedup_count(d), used);
            assert_int_equal(tk_dedup_evicted(d), evicted);
        }
        tk_dedup_free(d);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_window_begins_at_the_event_that_passed),
        cmocka_unit_test(test_repeat_learns_who_passed),
        cmocka_unit_test(test_window_of_an_earlier_boot_is_over),
        cmocka_unit_test(test_undo),
        cmocka_unit_test(test_undo_by_an_earlier_owner),
        cmocka_unit_test(test_bound),
        cmocka_unit_test(test_change_of_state_ends_windows),
        cmocka_unit_test(test_undo_of_a_change_of_state),
        cmocka_unit_test(test_bound_of_alarms),
        cmocka_unit_test(test_clear),
        cmocka_unit_test(test_seeds_differ),
        cmocka_unit_test(test_random_histories),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
