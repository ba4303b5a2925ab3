/* SPDX-License-Identifier: Apache-2.0 */
#include "base/arena.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void test_alignment_and_separation(void **state)
{
    struct tk_arena a;
    uint8_t *pieces[500];

    (void)state;
    tk_arena_init(&a);
    srandom(1);
    for (int round = 0; round < 20; round++) {
        size_t len[500];

        for (size_t i = 0; i < 500; i++) {
            len[i] = (size_t)random() % (i % 50 ? 300 : 100000);
            pieces[i] = tk_arena_alloc(&a, len[i]);
            assert_non_null(pieces[i]);
            assert_int_equal((uintptr_t)pieces[i] % _Alignof(max_align_t), 0);
            memset(pieces[i], (int)i, len[i]);
        }
        for (size_t i = 0; i < 500; i++)
            for (size_t k = 0; k < len[i]; k++)
                assert_int_equal(pieces[i][k], (uint8_t)i);
        tk_arena_reset(&a);
    }
    tk_arena_done(&a);
    tk_arena_done(&a);
}

/* After the first trap, a trap of the same size needs no allocation: it gets the same memory again. */
static void test_reset_keeps_the_largest_block(void **state)
{
    struct tk_arena a;
    void *first, *again;

    (void)state;
    tk_arena_init(&a);
    tk_arena_reset(&a);
    assert_non_null(tk_arena_alloc(&a, 10));
    first = tk_arena_alloc(&a, 1000000);
    tk_arena_reset(&a);
    again = tk_arena_alloc(&a, 1000000);
    assert_ptr_equal(again, first);
    assert_non_null(tk_arena_alloc(&a, 0));
    tk_arena_done(&a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_alignment_and_separation),
        cmocka_unit_test(test_reset_keeps_the_largest_block),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
