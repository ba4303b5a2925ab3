/* SPDX-License-Identifier: Apache-2.0 */
#include "base/clock.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

static void check(tk_nsec wall)
{
    char text[TK_RFC3339_BYTES], expected[64];
    time_t seconds = (time_t)(wall / TK_SECOND);
    struct tm tm;

    assert_non_null(gmtime_r(&seconds, &tm));
    (void)snprintf(expected, sizeof(expected), "%04d-%02d-%02dT%02d:%02d:%02d.%06dZ", tm.tm_year + 1900, tm.tm_mon + 1,
                   tm.tm_mday, tm.tm_hour, tm.tm_min, tm.tm_sec, (int)(wall % TK_SECOND / 1000));
    tk_clock_rfc3339(text, wall);
    assert_string_equal(text, expected);
}

static void test_rfc3339(void **state)
{
    static const tk_nsec day = 86400 * TK_SECOND;
    char text[TK_RFC3339_BYTES];

    (void)state;
    for (tk_nsec t = 0; t < 106000 * day; t += day) { /* first and last second of every day in 290 years */
        check(t);
        if (t)
            check(t - 1);
    }
    check(INT64_MAX);
    srandom(1);
    for (int i = 0; i < 100000; i++)
        check((tk_nsec)random() << 31 ^ random());
    tk_clock_rfc3339(text, -1);
    assert_string_equal(text, "1970-01-01T00:00:00.000000Z");
}

static void test_now(void **state)
{
    struct tk_time a = tk_clock_now();
    tk_nsec mono = tk_clock_mono();
    struct tk_time b = tk_clock_now();

    (void)state;
    assert_true(a.mono <= mono && mono <= b.mono);
    assert_true(a.boot <= b.boot && a.boot >= a.mono);
    assert_true(a.wall > 1700000000 * TK_SECOND);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_rfc3339), cmocka_unit_test(test_now)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
