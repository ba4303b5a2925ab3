/* SPDX-License-Identifier: Apache-2.0 */
#include "base/log.h"

#include <poll.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdio.h>
#include <string.h>
#include <syslog.h>

#include <cmocka.h>

static bool is_readable(const struct tk_log *log, int timeout_ms)
{
    struct pollfd pfd = {.fd = tk_log_eventfd(log), .events = POLLIN};

    return poll(&pfd, 1, timeout_ms) == 1;
}

static void test_order_and_bound(void **state)
{
    struct tk_log *log = tk_log_new();
    char line[TK_LOG_LINE_BYTES], expected[32];
    int priority;

    (void)state;
    assert_non_null(log);
    assert_false(is_readable(log, 0));
    assert_false(tk_log_take(log, &priority, line));
    for (int round = 0; round < 3; round++) {
        for (int i = 0; i < TK_LOG_LINES + 5; i++)
            tk_log_put(log, i % 8, "line %d", i);
        assert_int_equal(tk_log_lost(log), 5 * (round + 1));
        assert_true(is_readable(log, 0));
        for (int i = 0; i < TK_LOG_LINES; i++) {
            assert_true(tk_log_take(log, &priority, line));
            (void)snprintf(expected, sizeof(expected), "line %d", i);
            assert_string_equal(line, expected);
            assert_int_equal(priority, i % 8);
        }
        assert_false(tk_log_take(log, &priority, line));
        assert_false(is_readable(log, 0));
    }
    tk_log_free(log);
    tk_log_free(NULL);
}

static void test_hostile_text(void **state)
{
    struct tk_log *log = tk_log_new();
    char line[TK_LOG_LINE_BYTES], text[3000];
    int priority;

    (void)state;
    tk_log_put(log, LOG_ERR, "a\nb\x1b[31m%s\x7f", "\t\xc3\xa4");
    assert_true(tk_log_take(log, &priority, line));
    assert_string_equal(line, "a?b?[31m?\xc3\xa4?");
    memset(text, 'x', sizeof(text));
    tk_log_put(log, LOG_ERR, "%.*s", (int)sizeof(text), text);
    assert_true(tk_log_take(log, &priority, line));
    assert_int_equal(strlen(line), TK_LOG_LINE_BYTES - 1);
    tk_log_free(log);
}

static void test_limit(void **state)
{
    struct tk_log_limit limit = {0};
    uint64_t held_back = 9;

    (void)state;
    assert_true(tk_log_limit_pass(&limit, 5, 10, &held_back));
    assert_int_equal(held_back, 0);
    for (tk_nsec t = 5; t < 15; t++)
        assert_false(tk_log_limit_pass(&limit, t, 10, &held_back));
    assert_true(tk_log_limit_pass(&limit, 15, 10, &held_back));
    assert_int_equal(held_back, 10);
    assert_true(tk_log_limit_pass(&limit, 25, 10, &held_back));
    assert_int_equal(held_back, 0);
}

#define PUTS 20000

static void *put_many(void *arg)
{
    for (int i = 0; i < PUTS; i++)
        tk_log_put(arg, LOG_INFO, "line");
    return NULL;
}

/* Two threads put, one takes: each lost line is counted, and the eventfd is readable while there is a line. */
static void test_threads(void **state)
{
    struct tk_log *log = tk_log_new();
    char line[TK_LOG_LINE_BYTES];
    pthread_t threads[2];
    uint64_t taken = 0;
    int priority;

    (void)state;
    for (int i = 0; i < 2; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, put_many, log), 0);
    while (taken + tk_log_lost(log) < 2 * PUTS) {
        if (!is_readable(log, 20))
            continue; /* the last lines may have been dropped */
        while (tk_log_take(log, &priority, line))
            taken++;
    }
    for (int i = 0; i < 2; i++)
        assert_int_equal(pthread_join(threads[i], NULL), 0);
    assert_int_equal(taken + tk_log_lost(log), 2 * PUTS);
    tk_log_free(log);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_order_and_bound),
        cmocka_unit_test(test_hostile_text),
        cmocka_unit_test(test_limit),
        cmocka_unit_test(test_threads),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
