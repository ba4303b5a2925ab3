/* SPDX-License-Identifier: Apache-2.0 */
#include "base/hash.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static bool same(struct tk_hash128 a, struct tk_hash128 b)
{
    return a.high == b.high && a.low == b.low;
}

static struct tk_hash128 hash(const char *const *pieces, size_t count, size_t room, uint64_t seed)
{
    uint8_t *buf = malloc(room);
    struct tk_hash128 result;
    struct tk_hasher h;

    assert_non_null(buf);
    tk_hasher_init(&h, buf, room, seed);
    for (size_t i = 0; i < count; i++)
        tk_hasher_add(&h, pieces[i], strlen(pieces[i]));
    result = tk_hasher_end(&h);
    free(buf);
    return result;
}

static void test_pieces_matter(void **state)
{
    static const char *const a[] = {"a", "bc"}, *const b[] = {"ab", "c"}, *const c[] = {"abc"},
                             *const d[] = {"abc", ""};

    (void)state;
    assert_true(same(hash(a, 2, 64, 1), hash(a, 2, 64, 1)));
    assert_false(same(hash(a, 2, 64, 1), hash(a, 2, 64, 2)));
    assert_false(same(hash(a, 2, 64, 1), hash(b, 2, 64, 1)));
    assert_false(same(hash(a, 2, 64, 1), hash(c, 1, 64, 1)));
    assert_false(same(hash(c, 1, 64, 1), hash(d, 2, 64, 1)));
    assert_false(same(hash(c, 1, 64, 1), hash(c, 0, 64, 1)));
}

/* Longer than the buffer, at every length around its size: any changed byte changes the hash. */
static void test_folds(void **state)
{
    char text[400];

    (void)state;
    for (size_t len = 1; len < sizeof(text) - 1; len++) {
        const char *const piece[] = {text, "end"};
        struct tk_hash128 before;

        memset(text, 'x', len);
        text[len] = '\0';
        before = hash(piece, 2, 64, 7);
        assert_true(same(before, hash(piece, 2, 64, 7)));
        text[len * 7 % len] = 'y';
        assert_false(same(before, hash(piece, 2, 64, 7)));
        text[len * 7 % len] = 'x';
        text[len - 1] = 'y';
        assert_false(same(before, hash(piece, 2, 64, 7)));
    }
}

/* RFC 3720, B.4. */
static void test_crc32c(void **state)
{
    uint8_t bytes[32], more[256];

    (void)state;
    memset(bytes, 0, sizeof(bytes));
    assert_int_equal(tk_crc32c(0, bytes, 32), 0x8a9136aa);
    memset(bytes, 0xff, sizeof(bytes));
    assert_int_equal(tk_crc32c(0, bytes, 32), 0x62a8ab43);
    for (int i = 0; i < 32; i++)
        bytes[i] = (uint8_t)i;
    assert_int_equal(tk_crc32c(0, bytes, 32), 0x46dd794e);
    assert_int_equal(tk_crc32c(0, "123456789", 9), 0xe3069283);
    assert_int_equal(tk_crc32c(0, NULL, 0), 0);
    for (size_t i = 0; i < sizeof(more); i++)
        more[i] = (uint8_t)(i * 31);
    for (size_t cut = 0; cut <= sizeof(more); cut++)
        assert_int_equal(tk_crc32c(tk_crc32c(0, more, cut), more + cut, sizeof(more) - cut),
                         tk_crc32c(0, more, sizeof(more)));
}

static void test_hash64_and_seed(void **state)
{
    uint64_t seeds[4];

    (void)state;
    assert_true(tk_hash64("abc", 3, 0) == 0x78af5f94892f3950); /* XXH3_64bits of "abc" */
    assert_true(tk_hash64("abc", 3, 1) != tk_hash64("abc", 3, 2));
    for (int i = 0; i < 4; i++)
        seeds[i] = tk_random_seed();
    assert_true(seeds[0] != seeds[1] || seeds[1] != seeds[2] || seeds[2] != seeds[3]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_pieces_matter),
        cmocka_unit_test(test_folds),
        cmocka_unit_test(test_crc32c),
        cmocka_unit_test(test_hash64_and_seed),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
