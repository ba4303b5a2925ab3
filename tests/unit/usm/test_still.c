/* SPDX-License-Identifier: Apache-2.0 */
#include "usm/still.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

static bool has(const struct tk_still *t, uint64_t engine, uint64_t from, uint64_t to)
{
    for (uint64_t digest = from; digest < to; digest++)
        if (!tk_still_has(t, engine, digest))
            return false;
    return true;
}

/* The last 256 of an engine stay, through every size of its array. */
static void test_last_digests(void **state)
{
    struct tk_still *t = tk_still_new();

    (void)state;
    assert_non_null(t);
    assert_false(tk_still_has(t, 1, 0));
    for (uint64_t digest = 0; digest < 1000; digest++) {
        uint64_t oldest = digest < TK_STILL_DIGESTS ? 0 : digest - TK_STILL_DIGESTS + 1;

        tk_still_add(t, 1, digest);
        tk_still_add(t, 2, digest + 5000);
        assert_true(has(t, 1, oldest, digest + 1) && has(t, 2, oldest + 5000, digest + 5001));
        assert_false(tk_still_has(t, 1, oldest - 1));
        assert_false(tk_still_has(t, 1, digest + 5000));
    }
    assert_int_equal(tk_still_places(t), 2 * TK_STILL_DIGESTS);
    tk_still_forget(t, 1);
    tk_still_forget(t, 7);
    assert_true(!tk_still_has(t, 1, 999) && tk_still_has(t, 2, 5999));
    assert_int_equal(tk_still_places(t), TK_STILL_DIGESTS);
    assert_int_equal(tk_still_evicted(t), 0);
    tk_still_free(t);
    tk_still_free(NULL);
}

/* At the bound of all places the engine unheard for the longest makes room, and its digests are counted. */
static void test_bound_of_places(void **state)
{
    const uint64_t most = TK_STILL_TOTAL / TK_STILL_DIGESTS;
    struct tk_still *t = tk_still_new();

    (void)state;
    assert_non_null(t);
    for (uint64_t engine = 1; engine <= most; engine++)
        for (uint64_t digest = 0; digest < TK_STILL_DIGESTS; digest++)
            tk_still_add(t, engine, digest);
    assert_int_equal(tk_still_places(t), TK_STILL_TOTAL);
    assert_int_equal(tk_still_evicted(t), 0);
    tk_still_add(t, 1, 300); /* heard: now 2 is the oldest */
    tk_still_add(t, most + 1, 1);
    assert_true(tk_still_has(t, 1, 300) && tk_still_has(t, most + 1, 1) && tk_still_has(t, 3, 1));
    assert_false(tk_still_has(t, 2, 1));
    assert_int_equal(tk_still_evicted(t), TK_STILL_DIGESTS);
    assert_true(tk_still_places(t) <= TK_STILL_TOTAL);
    tk_still_free(t);
}

/* At the bound of engines likewise. */
static void test_bound_of_engines(void **state)
{
    struct tk_still *t = tk_still_new();

    (void)state;
    assert_non_null(t);
    for (uint64_t engine = 1; engine <= TK_STILL_ENGINES + 1000; engine++)
        tk_still_add(t, engine, engine);
    assert_int_equal(tk_still_evicted(t), 1000);
    assert_false(tk_still_has(t, 1000, 1000));
    for (uint64_t engine = 1001; engine <= TK_STILL_ENGINES + 1000; engine++)
        assert_true(tk_still_has(t, engine, engine));
    assert_int_equal(tk_still_places(t), TK_STILL_TOTAL);
    tk_still_free(t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_last_digests), cmocka_unit_test(test_bound_of_places),
                                       cmocka_unit_test(test_bound_of_engines)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
