/* SPDX-License-Identifier: Apache-2.0 */
/* The box of reports. In the last test each end has its own thread, so that ThreadSanitizer can check it. */
#include <pthread.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "refusal/refusal_box.h"

#define RECORDS 200000

static struct tk_refusal_box *box;

static int setup(void **state)
{
    (void)state;
    box = tk_refusal_box_new();
    return box ? 0 : -1;
}

static int teardown(void **state)
{
    (void)state;
    tk_refusal_box_free(box);
    return 0;
}

static bool put(uint64_t number)
{
    struct tk_refusal_report r = {.number = number, .count = ~number, .last = (tk_nsec)number};

    memset(r.remedy, 'a' + (int)(number % 26), sizeof(r.remedy) - 1);
    return tk_refusal_box_put(box, &r);
}

static bool is_whole(const struct tk_refusal_report *r, uint64_t number)
{
    const char letter = (char)('a' + (int)(number % 26));

    return r->number == number && r->count == ~number && r->last == (tk_nsec)number && r->remedy[0] == letter &&
           r->remedy[sizeof(r->remedy) - 2] == letter;
}

static void test_order(void **state)
{
    (void)state;
    assert_null(tk_refusal_box_oldest(box));
    assert_true(put(1) && put(2));
    assert_true(is_whole(tk_refusal_box_oldest(box), 1));
    assert_true(is_whole(tk_refusal_box_oldest(box), 1)); /* the same report, until it is removed */
    tk_refusal_box_took(box);
    assert_true(is_whole(tk_refusal_box_oldest(box), 2));
    tk_refusal_box_took(box);
    assert_null(tk_refusal_box_oldest(box));
}

static void test_full(void **state)
{
    (void)state;
    for (uint64_t n = 0; n < 3 * TK_REFUSAL_PLACES; n++) {
        if (n >= TK_REFUSAL_PLACES) {
            assert_false(put(n));
            assert_true(is_whole(tk_refusal_box_oldest(box), n - TK_REFUSAL_PLACES));
            tk_refusal_box_took(box);
        }
        assert_true(put(n));
    }
}

static void test_no_box(void **state)
{
    (void)state;
    tk_refusal_box_free(NULL);
}

static void *fill(void *arg)
{
    for (uint64_t n = 0; n < RECORDS; n++)
        while (!put(n))
            (void)sched_yield();
    return arg;
}

static void test_threads(void **state)
{
    const struct tk_refusal_report *r;
    pthread_t thread;
    uint64_t n = 0;

    (void)state;
    assert_int_equal(pthread_create(&thread, NULL, fill, NULL), 0);
    while (n < RECORDS) {
        if (!(r = tk_refusal_box_oldest(box))) {
            (void)sched_yield();
            continue;
        }
        assert_true(is_whole(r, n++));
        tk_refusal_box_took(box);
    }
    assert_int_equal(pthread_join(thread, NULL), 0);
    assert_null(tk_refusal_box_oldest(box));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_order, setup, teardown),
        cmocka_unit_test_setup_teardown(test_full, setup, teardown),
        cmocka_unit_test(test_no_box),
        cmocka_unit_test_setup_teardown(test_threads, setup, teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
