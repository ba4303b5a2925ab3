/* SPDX-License-Identifier: Apache-2.0 */
#include "snmp/oid.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define MAX_SUBID UINT32_MAX

static void test_known_forms(void **state)
{
    static const struct {
        const char *text;
        uint8_t ber[16];
        size_t len;
    } t[] = {
        {"1.3.6.1", {0x2b, 0x06, 0x01}, 3},
        {"0.0", {0x00}, 1},
        {"0.39", {0x27}, 1},
        {"1.0", {0x28}, 1},
        {"2.0", {0x50}, 1},
        {"2.999.3", {0x88, 0x37, 0x03}, 3}, /* X.690, 8.19.5 */
        {"2.4294967295", {0x90, 0x80, 0x80, 0x80, 0x4f}, 5},
        {"1.3.4294967295.128.127", {0x2b, 0x8f, 0xff, 0xff, 0xff, 0x7f, 0x81, 0x00, 0x7f}, 9},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
        uint8_t ber[TK_OID_MAX_BER];
        char text[TK_OID_MAX_TEXT];
        struct tk_oid oid, back;

        assert_int_equal(tk_oid_parse(&oid, t[i].text), 0);
        assert_int_equal(tk_oid_encode(ber, sizeof(ber), oid.subid, oid.len), t[i].len);
        assert_memory_equal(ber, t[i].ber, t[i].len);
        assert_int_equal(tk_oid_encode(ber, t[i].len - 1, oid.subid, oid.len), -ENOSPC);
        assert_int_equal(tk_oid_decode(&back, ber, t[i].len), 0);
        assert_int_equal(tk_oid_format(text, sizeof(text), back.subid, back.len), strlen(t[i].text));
        assert_string_equal(text, t[i].text);
    }
}

static void test_empty_and_single(void **state)
{
    const uint32_t one = 1;
    uint8_t ber[2];
    struct tk_oid oid;
    char text[4] = "x";

    (void)state;
    assert_int_equal(tk_oid_encode(ber, 0, NULL, 0), 0);
    assert_int_equal(tk_oid_decode(&oid, ber, 0), 0);
    assert_int_equal(oid.len, 0);
    assert_int_equal(tk_oid_format(text, sizeof(text), NULL, 0), 0);
    assert_string_equal(text, "");
    assert_int_equal(tk_oid_format(NULL, 0, &one, 1), 0);
    assert_int_equal(tk_oid_encode(ber, sizeof(ber), &one, 1), 1);
    assert_int_equal(ber[0], 40);
}

static void test_refused_ber(void **state)
{
    static const struct {
        uint8_t ber[8];
        size_t len;
    } t[] = {
        {{0x2b, 0x86}, 2}, /* ends inside a sub-identifier */
        {{0x80}, 1},
        {{0x2b, 0x90, 0x80, 0x80, 0x80, 0x00}, 6}, /* 2^32 */
        {{0x90, 0x80, 0x80, 0x80, 0x50}, 5},       /* 2.2^32 */
        {{0x2b, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f}, 7},
    };
    uint8_t many[TK_OID_MAX_SUBIDS];
    struct tk_oid oid;

    (void)state;
    for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++)
        assert_int_equal(tk_oid_decode(&oid, t[i].ber, t[i].len), -EINVAL);
    memset(many, 1, sizeof(many));
    assert_int_equal(tk_oid_decode(&oid, many, sizeof(many) - 1), 0);
    assert_int_equal(oid.len, TK_OID_MAX_SUBIDS);
    assert_int_equal(tk_oid_decode(&oid, many, sizeof(many)), -EINVAL);
}

static void test_refused_subids(void **state)
{
    static const uint32_t wrong[][2] = {{3, 0}, {0, 40}, {1, 40}, {MAX_SUBID, 1}};
    uint32_t many[TK_OID_MAX_SUBIDS + 1] = {1, 3};
    uint8_t ber[TK_OID_MAX_BER];

    (void)state;
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
        assert_int_equal(tk_oid_encode(ber, sizeof(ber), wrong[i], 2), -EINVAL);
    assert_int_equal(tk_oid_encode(ber, sizeof(ber), many, TK_OID_MAX_SUBIDS + 1), -EINVAL);
    assert_int_equal(tk_oid_encode(ber, sizeof(ber), many, TK_OID_MAX_SUBIDS), TK_OID_MAX_SUBIDS - 1);
}

static void test_parse(void **state)
{
    static const char *const wrong[] = {"",    ".",    "1.", "1..3", "a", "1.3.x", "-1.3", "1.4294967296",
                                        "1 3", "1.3 ", "..1"};
    char text[3 * TK_OID_MAX_SUBIDS] = "1";
    struct tk_oid oid;

    (void)state;
    assert_int_equal(tk_oid_parse(&oid, ".1.3.6"), 0);
    assert_int_equal(oid.len, 3);
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
        assert_int_equal(tk_oid_parse(&oid, wrong[i]), -EINVAL);
    for (int i = 1; i < TK_OID_MAX_SUBIDS; i++)
        strcat(text, ".1");
    assert_int_equal(tk_oid_parse(&oid, text), 0);
    strcat(text, ".1");
    assert_int_equal(tk_oid_parse(&oid, text), -EINVAL);
}

/* Whatever the size of the buffer: the text is terminated and has whole sub-identifiers only. */
static void test_format_is_cut(void **state)
{
    static const uint32_t subid[] = {1, 3, 6, 1, 4294967295u, 20};
    static const char whole[] = "1.3.6.1.4294967295.20";

    (void)state;
    for (size_t room = 1; room < 30; room++) {
        char *text = malloc(room);
        size_t len;

        assert_non_null(text);
        len = tk_oid_format(text, room, subid, 6);
        assert_int_equal(strlen(text), len);
        assert_true(len < room);
        assert_int_equal(strncmp(text, whole, len), 0);
        assert_true(whole[len] == '.' || whole[len] == '\0' || len == 0);
        free(text);
    }
}

static void test_random_round_trips(void **state)
{
    (void)state;
    srandom(1);
    for (int round = 0; round < 20000; round++) {
        struct tk_oid oid = {.len = 2 + (size_t)random() % 127}, back, parsed;
        uint8_t ber[TK_OID_MAX_BER];
        char text[TK_OID_MAX_TEXT];
        int len;

        oid.subid[0] = (uint32_t)random() % 3;
        for (size_t i = 1; i < oid.len; i++)
            oid.subid[i] = ((uint32_t)random() << 1 ^ (uint32_t)random()) >> random() % 32;
        if (oid.subid[0] < 2)
            oid.subid[1] %= 40;
        len = tk_oid_encode(ber, sizeof(ber), oid.subid, oid.len);
        assert_true(len > 0);
        assert_int_equal(tk_oid_decode(&back, ber, (size_t)len), 0);
        assert_int_equal(back.len, oid.len);
        assert_memory_equal(back.subid, oid.subid, oid.len * sizeof(oid.subid[0]));
        (void)tk_oid_format(text, sizeof(text), oid.subid, oid.len);
        assert_int_equal(tk_oid_parse(&parsed, text), 0);
        assert_memory_equal(parsed.subid, oid.subid, oid.len * sizeof(oid.subid[0]));
    }
}

static void test_random_bytes(void **state)
{
    (void)state;
    srandom(2);
    for (int round = 0; round < 50000; round++) {
        size_t len = (size_t)random() % 200;
        uint8_t *ber = malloc(len ? len : 1);
        struct tk_oid oid;

        assert_non_null(ber);
        for (size_t i = 0; i < len; i++)
            ber[i] = (uint8_t)random();
        if (tk_oid_decode(&oid, ber, len) == 0)
            assert_true(oid.len <= TK_OID_MAX_SUBIDS);
        free(ber);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_known_forms),
        cmocka_unit_test(test_empty_and_single),
        cmocka_unit_test(test_refused_ber),
        cmocka_unit_test(test_refused_subids),
        cmocka_unit_test(test_parse),
        cmocka_unit_test(test_format_is_cut),
        cmocka_unit_test(test_random_round_trips),
        cmocka_unit_test(test_random_bytes),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
