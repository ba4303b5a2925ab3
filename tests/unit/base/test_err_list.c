/* SPDX-License-Identifier: Apache-2.0 */
#include "base/err_list.h"

#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static void test_keeps_ten_and_counts_the_rest(void **state)
{
    struct tk_err_list list = {0};
    char text[128], expected[128];

    (void)state;
    assert_true(tk_err_list_is_empty(&list));
    for (unsigned i = 1; i <= TK_ERR_LIST_MAX + 3; i++) {
        assert_int_equal(tk_err_list_is_full(&list), i > TK_ERR_LIST_MAX);
        tk_err_list_add(&list, "rules.json", i, "value '%u' is wrong; write 0", i * 100);
        assert_false(tk_err_list_is_empty(&list));
    }
    assert_int_equal(list.kept, TK_ERR_LIST_MAX);
    assert_int_equal(list.further, 3);
    for (unsigned i = 0; i < list.kept; i++) {
        (void)snprintf(expected, sizeof(expected), "rules.json: line %u: value '%u' is wrong; write 0%s", i + 1,
                       (i + 1) * 100, i + 1 == list.kept ? " (and 3 further errors)" : "");
        assert_string_equal(tk_err_list_format(&list, i, text, sizeof(text)), expected);
    }
    tk_err_list_clear(&list);
    assert_true(tk_err_list_is_empty(&list));
    assert_int_equal(list.further, 0);
}

static void count_lines(void *arg, const struct tk_err *err)
{
    assert_true(err->is_set);
    *(unsigned *)arg += err->line;
}

/* A callback gets all errors, also those that the list does not keep. */
static void test_tells_all(void **state)
{
    struct tk_err err = {0};
    unsigned sum = 0;
    struct tk_err_list list = {.tell = count_lines, .tell_arg = &sum};

    (void)state;
    for (unsigned i = 1; i <= 20; i++) {
        assert_false(tk_err_list_is_full(&list));
        tk_err_list_add(&list, "rules.json", i, "wrong");
    }
    tk_err_set(&err, "rules.json", 100, "wrong too");
    assert_true(tk_err_list_take(&list, &err));
    assert_int_equal(sum, 20 * 21 / 2 + 100);
    assert_int_equal(list.kept, TK_ERR_LIST_MAX);
    assert_int_equal(list.further, 11);
}

/* The first cause still wins inside one error, and a taken error is ready for the next one. */
static void test_takes_an_error(void **state)
{
    struct tk_err_list list = {0};
    struct tk_err err = {0};
    char text[128];

    (void)state;
    assert_false(tk_err_list_take(&list, &err));
    assert_true(tk_err_list_is_empty(&list));
    tk_err_set(&err, NULL, 0, "first");
    tk_err_set(&err, NULL, 0, "second");
    assert_true(tk_err_list_take(&list, &err));
    assert_false(err.is_set);
    tk_err_set(&err, "f", 0, "third");
    assert_true(tk_err_list_take(&list, &err));
    assert_int_equal(list.kept, 2);
    assert_string_equal(tk_err_list_format(&list, 0, text, sizeof(text)), "first");
    assert_string_equal(tk_err_list_format(&list, 1, text, sizeof(text)), "f: third");
}

static void test_one_further_error(void **state)
{
    struct tk_err_list list = {0};
    struct tk_err err = {0};
    char text[64];

    (void)state;
    for (unsigned i = 0; i < TK_ERR_LIST_MAX; i++)
        tk_err_list_add(&list, NULL, 0, "e");
    tk_err_set(&err, NULL, 0, "lost");
    assert_true(tk_err_list_take(&list, &err));
    assert_false(err.is_set);
    assert_string_equal(tk_err_list_format(&list, TK_ERR_LIST_MAX - 1, text, sizeof(text)), "e (and 1 further error)");
    assert_string_equal(tk_err_list_format(&list, 0, text, sizeof(text)), "e");
    list.further = UINT_MAX; /* stays there */
    tk_err_list_add(&list, NULL, 0, "e");
    assert_int_equal(list.further, UINT_MAX);
}

/* Whatever the sizes: terminated, no control byte, no byte beyond the destination. */
static void test_bounds(void **state)
{
    struct tk_err_list list = {0};
    char huge[2000], text[64];

    (void)state;
    memset(huge, '\n', sizeof(huge) - 1);
    huge[sizeof(huge) - 1] = '\0';
    for (unsigned i = 0; i < 2 * TK_ERR_LIST_MAX; i++)
        tk_err_list_add(&list, huge, 1, "%s", huge);
    assert_null(strchr(list.err[0].text, '\n'));
    assert_null(strchr(list.err[0].file, '\n'));
    for (size_t bytes = 1; bytes < sizeof(text); bytes++) {
        memset(text, 0x55, sizeof(text));
        (void)tk_err_list_format(&list, TK_ERR_LIST_MAX - 1, text, bytes);
        assert_true(strlen(text) < bytes);
        assert_int_equal((unsigned char)text[bytes], 0x55);
    }
}

static void test_null_is_no_list(void **state)
{
    struct tk_err err = {0};

    (void)state;
    tk_err_list_add(NULL, "f", 1, "%s", "text");
    tk_err_list_clear(NULL);
    assert_true(tk_err_list_is_empty(NULL));
    assert_true(tk_err_list_is_full(NULL));
    tk_err_set(&err, NULL, 0, "e");
    assert_true(tk_err_list_take(NULL, &err));
    assert_false(err.is_set);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_keeps_ten_and_counts_the_rest),
        cmocka_unit_test(test_tells_all),
        cmocka_unit_test(test_takes_an_error),
        cmocka_unit_test(test_one_further_error),
        cmocka_unit_test(test_bounds),
        cmocka_unit_test(test_null_is_no_list),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
