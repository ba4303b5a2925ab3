/* SPDX-License-Identifier: Apache-2.0 */
#include "delivery/window.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

static void finish(struct tk_window *w, uint64_t ticket)
{
    (void)tk_window_step(w, ticket, TK_STEP_ENDED);
}

static void test_out_of_order(void **state)
{
    struct tk_window *w = tk_window_new();
    uint64_t tail = 7, a, b, c;

    (void)state;
    assert_false(tk_window_advance(w, &tail));
    a = tk_window_add(w, 0, 10);
    b = tk_window_add(w, 10, 20);
    c = tk_window_add(w, 20, 30);
    assert_int_equal(tk_window_get(w, b)->begin, 10);
    assert_int_equal(tk_window_get(w, b)->life, TK_LIFE_READ);
    assert_int_equal(tk_window_unfinished(w), 3);
    finish(w, b);
    assert_false(tk_window_advance(w, &tail));
    assert_int_equal(tail, 7);
    finish(w, a);
    assert_true(tk_window_advance(w, &tail));
    assert_int_equal(tail, 20);
    assert_false(tk_window_advance(w, &tail));
    assert_null(tk_window_get(w, a));
    assert_null(tk_window_get(w, b));
    assert_null(tk_window_get(w, c + 1));
    assert_null(tk_window_get(w, UINT64_MAX));
    assert_int_equal(tk_window_unfinished(w), 1);
    finish(w, c);
    assert_true(tk_window_advance(w, &tail));
    assert_int_equal(tail, 30);
    tk_window_free(w);
    tk_window_free(NULL);
}

/* Walks find what waits, the oldest first, whatever happened since they last looked. */
static void test_walks(void **state)
{
    struct tk_window *w = tk_window_new();
    uint64_t t[6], found;

    (void)state;
    assert_false(tk_window_next_retry(w, &found));
    assert_false(tk_window_next_condemned(w, 0, &found));
    for (uint64_t i = 0; i < 6; i++) {
        t[i] = tk_window_add(w, i, i + 1);
        (void)tk_window_step(w, t[i], TK_STEP_ACCEPTED);
    }
    assert_false(tk_window_next_retry(w, &found));
    (void)tk_window_step(w, t[4], TK_STEP_CAME_BACK);
    assert_true(tk_window_next_retry(w, &found));
    assert_int_equal(found, t[4]);
    (void)tk_window_step(w, t[1], TK_STEP_REQUEST_REFUSED); /* before the one that was found */
    assert_true(tk_window_next_retry(w, &found));
    assert_int_equal(found, t[1]);
    (void)tk_window_step(w, t[1], TK_STEP_ACCEPTED);
    assert_int_equal(tk_window_get(w, t[1])->life, TK_LIFE_IN_FLIGHT_ALONE);
    assert_true(tk_window_next_retry(w, &found));
    assert_int_equal(found, t[4]);
    (void)tk_window_step(w, t[1], TK_STEP_CONDEMNED);
    (void)tk_window_step(w, t[4], TK_STEP_UNWANTED);
    assert_false(tk_window_next_retry(w, &found));
    assert_true(tk_window_next_condemned(w, 0, &found));
    assert_int_equal(found, t[1]);
    assert_true(tk_window_next_condemned(w, t[1] + 1, &found));
    assert_int_equal(found, t[4]);
    assert_false(tk_window_next_condemned(w, t[4] + 1, &found));
    assert_int_equal(tk_window_count(w, TK_LIFE_IN_FLIGHT), 4);
    assert_int_equal(tk_window_count(w, TK_LIFE_LETTER), 1);
    assert_true(tk_window_is_sound(w));
    tk_window_free(w);
}

/* A record does not end before its other messages do. */
static void test_owing(void **state)
{
    struct tk_window *w = tk_window_new();
    uint64_t tail, a = tk_window_add(w, 0, 10), b = tk_window_add(w, 10, 20);

    (void)state;
    tk_window_owe(w, a);
    tk_window_owe(w, a);
    tk_window_owe(w, b);
    finish(w, a);
    assert_int_equal(tk_window_get(w, a)->life, TK_LIFE_OWING);
    tk_window_pay(w, a);
    assert_false(tk_window_advance(w, &tail));
    assert_int_equal(tk_window_unfinished(w), 2);
    tk_window_pay(w, b); /* before its event */
    assert_int_equal(tk_window_get(w, b)->life, TK_LIFE_READ);
    finish(w, b);
    assert_int_equal(tk_window_get(w, b)->life, TK_LIFE_ENDED);
    assert_true(tk_window_is_sound(w));
    tk_window_pay(w, a);
    assert_true(tk_window_advance(w, &tail));
    assert_int_equal(tail, 20);
    assert_true(tk_window_is_sound(w));
    tk_window_free(w);
}

static void test_full(void **state)
{
    struct tk_window *w = tk_window_new();
    uint64_t tail;

    (void)state;
    for (uint64_t i = 0; i < TK_WINDOW_ENTRIES; i++) {
        assert_false(tk_window_is_full(w));
        assert_int_equal(tk_window_add(w, i, i + 1), i);
    }
    assert_true(tk_window_is_full(w));
    finish(w, 0);
    assert_true(tk_window_is_full(w));
    assert_true(tk_window_advance(w, &tail));
    assert_false(tk_window_is_full(w));
    assert_int_equal(tk_window_add(w, 0, 1), TK_WINDOW_ENTRIES);
    assert_true(tk_window_is_full(w));
    tk_window_free(w);
}

/* Finished ones side by side share an entry; never with one that moved out of the window already. */
static void test_finished_neighbours(void **state)
{
    struct tk_window *w = tk_window_new();
    uint64_t tail, a;

    (void)state;
    tk_window_add_ended(w, 0, 10);
    tk_window_add_ended(w, 10, 20);
    assert_true(tk_window_advance(w, &tail));
    assert_int_equal(tail, 20);
    tk_window_add_ended(w, 20, 30);
    assert_true(tk_window_advance(w, &tail));
    assert_int_equal(tail, 30);
    a = tk_window_add(w, 30, 40);
    (void)tk_window_step(w, a, TK_STEP_ACCEPTED);
    for (uint64_t i = 4; i < 3 * TK_WINDOW_ENTRIES; i++) {
        if (i % 2)
            tk_window_add_ended(w, i * 10, i * 10 + 10);
        else
            tk_window_drop(w, tk_window_add(w, i * 10, i * 10 + 10));
        assert_false(tk_window_is_full(w));
    }
    assert_int_equal(tk_window_unfinished(w), 1);
    assert_false(tk_window_advance(w, &tail));
    finish(w, a);
    assert_true(tk_window_advance(w, &tail));
    assert_int_equal(tail, 3 * TK_WINDOW_ENTRIES * 10);
    tk_window_free(w);
}

/* Only the newest shares: one that is dropped in the middle stays where it is. */
static void test_drop_in_the_middle(void **state)
{
    struct tk_window *w = tk_window_new();
    uint64_t tail, a = tk_window_add(w, 0, 10), b = tk_window_add(w, 10, 20), c = tk_window_add(w, 20, 30);

    (void)state;
    finish(w, a);
    tk_window_drop(w, b);
    assert_non_null(tk_window_get(w, c));
    assert_true(tk_window_advance(w, &tail));
    assert_int_equal(tail, 20);
    tk_window_drop(w, c);
    assert_true(tk_window_advance(w, &tail));
    assert_int_equal(tail, 30);
    tk_window_free(w);
}

static void test_span(void **state)
{
    struct tk_window *w = tk_window_new();
    struct tk_window_span span = tk_window_span(w);
    uint64_t tail, a = tk_window_add(w, 100, 110);

    (void)state;
    assert_int_equal(span.entries, 0);
    assert_int_equal(span.bytes, 0);
    (void)tk_window_add(w, 110, 150);
    (void)tk_window_add(w, 150, 160);
    finish(w, a);
    assert_true(tk_window_advance(w, &tail));
    span = tk_window_span(w);
    assert_int_equal(span.oldest, a + 1);
    assert_int_equal(span.entries, 2);
    assert_int_equal(span.bytes, 50);
    tk_window_free(w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_out_of_order),
        cmocka_unit_test(test_walks),
        cmocka_unit_test(test_owing),
        cmocka_unit_test(test_full),
        cmocka_unit_test(test_finished_neighbours),
        cmocka_unit_test(test_drop_in_the_middle),
        cmocka_unit_test(test_span),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
