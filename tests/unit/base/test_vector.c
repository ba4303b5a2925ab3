/* SPDX-License-Identifier: Apache-2.0 */
#include "base/vector.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static void test_grows_and_keeps(void **state)
{
    struct tk_vector v = {0};

    (void)state;
    for (uint32_t i = 0; i < 10000; i++) {
        uint32_t *item = tk_vector_push(&v, 1, sizeof(*item));

        assert_non_null(item);
        assert_int_equal(*item, 0);
        *item = i;
    }
    assert_int_equal(v.count, 10000);
    for (uint32_t i = 0; i < v.count; i++)
        assert_int_equal(((uint32_t *)v.items)[i], i);
    tk_vector_trim(&v, sizeof(uint32_t));
    assert_int_equal(v.cap, v.count);
    assert_int_equal(((uint32_t *)v.items)[9999], 9999);
    tk_vector_done(&v);
    assert_null(v.items);
    tk_vector_trim(&v, sizeof(uint32_t)); /* an empty one stays empty */
    assert_int_equal(v.count, 0);
    tk_vector_done(&v);
}

static void test_reserve_does_not_count(void **state)
{
    struct tk_vector v = {0};
    char *room = tk_vector_reserve(&v, 1000, 1);

    (void)state;
    assert_non_null(room);
    assert_int_equal(v.count, 0);
    assert_true(v.cap >= 1000);
    assert_ptr_equal(tk_vector_reserve(&v, 1000, 1), room);
    tk_vector_done(&v);
}

/* More items than 2^32 - 1, or than fit into memory: the array stays unchanged. */
static void test_too_much(void **state)
{
    struct tk_vector v = {0};
    void *items;

    (void)state;
    assert_non_null(tk_vector_push(&v, 3, 8));
    items = v.items;
    assert_null(tk_vector_push(&v, UINT32_MAX, 8));
    assert_null(tk_vector_push(&v, (size_t)UINT32_MAX - 3, SIZE_MAX / UINT32_MAX / 2));
    assert_ptr_equal(v.items, items);
    assert_int_equal(v.count, 3);
    tk_vector_done(&v);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_grows_and_keeps),
        cmocka_unit_test(test_reserve_does_not_count),
        cmocka_unit_test(test_too_much),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
