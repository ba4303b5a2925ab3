/* SPDX-License-Identifier: Apache-2.0 */
#include "delivery/inform_repeats.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

#include "queue/inform_results.h"

static void test_lists(void **state)
{
    struct tk_inform_repeats ws;
    uint32_t a = 0, b = 0, reply;
    uint64_t seq;

    (void)state;
    tk_inform_repeats_init(&ws);
    assert_false(tk_inform_repeats_take(&ws, &a, &reply, &seq));
    assert_true(tk_inform_repeats_add(&ws, &a, 1, 11));
    assert_true(tk_inform_repeats_add(&ws, &b, 2, 12));
    assert_true(tk_inform_repeats_add(&ws, &a, 3, 13));
    assert_true(tk_inform_repeats_take(&ws, &a, &reply, &seq));
    assert_int_equal(reply, 3);
    assert_int_equal(seq, 13);
    assert_true(tk_inform_repeats_take(&ws, &a, &reply, &seq));
    assert_int_equal(reply, 1);
    assert_false(tk_inform_repeats_take(&ws, &a, &reply, &seq));
    assert_int_equal(a, 0);
    assert_true(tk_inform_repeats_take(&ws, &b, &reply, &seq));
    assert_int_equal(seq, 12);
    tk_inform_repeats_done(&ws);
}

/* What was given back serves again, and no more than the bound is kept. */
static void test_bound(void **state)
{
    uint32_t lists[7] = {0}, reply, n = 0;
    struct tk_inform_repeats ws;
    uint64_t seq;

    (void)state;
    tk_inform_repeats_init(&ws);
    for (int round = 0; round < 3; round++) {
        for (uint32_t i = 1; i <= TK_REPLY_PLACES; i++)
            assert_true(tk_inform_repeats_add(&ws, &lists[i % 7], i, i));
        assert_false(tk_inform_repeats_add(&ws, &lists[0], 1, 1));
        for (unsigned i = 0; i < 7; i++)
            for (; tk_inform_repeats_take(&ws, &lists[i], &reply, &seq); n++)
                assert_int_equal(reply % 7, i);
    }
    assert_int_equal(n, 3 * TK_REPLY_PLACES);
    tk_inform_repeats_done(&ws);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_lists), cmocka_unit_test(test_bound)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
