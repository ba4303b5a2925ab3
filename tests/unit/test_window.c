/* SPDX-License-Identifier: Apache-2.0 */
#include "queue/window.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

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
    assert_int_equal(tk_window_get(w, b)->state, TK_ENTRY_AGAIN);
    assert_int_equal(tk_window_unfinished(w), 3);
    tk_window_finish(w, b);
    assert_false(tk_window_advance(w, &tail));
    assert_int_equal(tail, 7);
    tk_window_finish(w, a);
    assert_true(tk_window_advance(w, &tail));
    assert_int_equal(tail, 20);
    assert_false(tk_window_advance(w, &tail));
    assert_null(tk_window_get(w, a));
    assert_null(tk_window_get(w, b));
    assert_null(tk_window_get(w, c + 1));
    assert_null(tk_window_get(w, UINT64_MAX));
    assert_int_equal(tk_window_unfinished(w), 1);
    tk_window_finish(w, c);
    assert_true(tk_window_advance(w, &tail));
    assert_int_equal(tail, 30);
    tk_window_free(w);
    tk_window_free(NULL);
}

static void test_next_again(void **state)
{
    struct tk_window *w = tk_window_new();
    uint64_t t[4], found;

    (void)state;
    assert_false(tk_window_next_again(w, 0, false, &found));
    for (uint64_t i = 0; i < 4; i++)
        t[i] = tk_window_add(w, i, i + 1);
    tk_window_finish(w, t[0]);
    tk_window_get(w, t[1])->state = TK_ENTRY_IN_FLIGHT;
    assert_true(tk_window_next_again(w, 0, false, &found));
    assert_int_equal(found, t[2]);
    assert_true(tk_window_next_again(w, t[2] + 1, false, &found));
    assert_int_equal(found, t[3]);
    assert_false(tk_window_next_again(w, t[3] + 1, false, &found));
    assert_false(tk_window_next_again(w, 0, true, &found));
    tk_window_get(w, t[2])->dead = TK_DEAD_LETTER;
    assert_true(tk_window_next_again(w, 0, false, &found));
    assert_int_equal(found, t[3]);
    assert_true(tk_window_next_again(w, 0, true, &found));
    assert_int_equal(found, t[2]);
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
    tk_window_finish(w, 0);
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
    tk_window_add_finished(w, 0, 10);
    tk_window_add_finished(w, 10, 20);
    assert_true(tk_window_advance(w, &tail));
    assert_int_equal(tail, 20);
    tk_window_add_finished(w, 20, 30);
    assert_true(tk_window_advance(w, &tail));
    assert_int_equal(tail, 30);
    a = tk_window_add(w, 30, 40);
    tk_window_get(w, a)->state = TK_ENTRY_IN_FLIGHT;
    for (uint64_t i = 4; i < 3 * TK_WINDOW_ENTRIES; i++) {
        if (i % 2)
            tk_window_add_finished(w, i * 10, i * 10 + 10);
        else
            tk_window_drop(w, tk_window_add(w, i * 10, i * 10 + 10));
        assert_false(tk_window_is_full(w));
    }
    assert_int_equal(tk_window_unfinished(w), 1);
    assert_false(tk_window_advance(w, &tail));
    tk_window_finish(w, a);
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
    tk_window_finish(w, a);
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
    tk_window_finish(w, a);
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
        cmocka_unit_test(test_out_of_order), cmocka_unit_test(test_next_again), cmocka_unit_test(test_full),
        cmocka_unit_test(test_finished_neighbours), cmocka_unit_test(test_drop_in_the_middle),
        cmocka_unit_test(test_span),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
