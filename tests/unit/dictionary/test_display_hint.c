/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include <errno.h>
#include <string.h>

#include "dictionary/dictionary_facts.h"
#include "dictionary/display_hint.h"

#define TEXT(s) ((struct tk_dict_text){(s), strlen(s)})

static void octets_read(const char *hint, const void *value, size_t len, const char *expected)
{
    char text[300];
    int ret = tk_textual_octets(text, sizeof(text), TEXT(hint), value, len);

    if (ret != (int)strlen(expected) || strcmp(text, expected) != 0)
        fail_msg("hint '%s': got %d '%.*s', expected '%s'", hint, ret, ret > 0 ? ret : 0, text, expected);
}

static void octets_fail(const char *hint, const void *value, size_t len)
{
    char text[300];

    if (tk_textual_octets(text, sizeof(text), TEXT(hint), value, len) != -EINVAL)
        fail_msg("hint '%s' is accepted", hint);
}

static void common_conventions(void **state)
{
    (void)state;
    octets_read("1x:", "\x00\x1b\x2c\xd3\x04\x0f", 6, "00:1b:2c:d3:04:0f"); /* MacAddress, PhysAddress */
    octets_read("255a", "eth0", 4, "eth0");                                 /* DisplayString */
    octets_read("255t", "caf\xc3\xa9", 5, "caf\xc3\xa9");                   /* SnmpAdminString */
    octets_read("1d.1d.1d.1d", "\xc0\x00\x02\x07", 4, "192.0.2.7");         /* InetAddressIPv4 */
    octets_read("2x:2x:2x:2x:2x:2x:2x:2x", "\x20\x01\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\x01", 16,
                "2001:0db8:0000:0000:0000:0000:0000:0001");
    octets_read("2d-1d-1d,1d:1d:1d.1d,1a1d:1d", "\x07\xea\x0b\x16\x05\x2d\x1a\x01+\x01\x00", 11,
                "2026-11-22,5:45:26.1,+1:0"); /* DateAndTime, with and without its zone */
    octets_read("2d-1d-1d,1d:1d:1d.1d,1a1d:1d", "\x07\xea\x0b\x16\x05\x2d\x1a\x01", 8, "2026-11-22,5:45:26.1");
    octets_read("0a[2x:2x:2x:2x:2x:2x:2x:2x]0a:2d", "\x20\x01\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\x01\0\xa2", 18,
                "[2001:0db8:0000:0000:0000:0000:0000:0001]:162"); /* TransportAddressIPv6 */
}

static void grammar(void **state)
{
    (void)state;
    octets_read("1d", "", 0, "");
    octets_read("2d", "\x01", 1, "1"); /* fewer octets than the hint asks for: use what is there */
    octets_read("2d,", "\x01\x00\x02\x00\x03", 5,
                "256,512,3"); /* the last specification repeats; no separator at the end */
    octets_read("1o-", "\x08\x09", 2, "10-11");
    octets_read("*1d./1d", "\x03\x0a\x0b\x0c\x2a", 5, "10.11.12/42");
    octets_read("*1d.", "\x02\x01\x02\x01\x07", 5, "1.2.7");
    octets_read("*1x:/", "\x02\xaa\xbb\x01\xcc", 5, "aa:bb/cc"); /* no terminator at the end */
    octets_read("*1d.", "\x00\x01\x07", 3, "7");                 /* a repeat count of 0 */
    octets_read("*1d.", "\xff\x01", 2, "1");                     /* a repeat count of 255, with one octet left */
    octets_read("8d", "\xff\xff\xff\xff\xff\xff\xff\xff", 8, "18446744073709551615");
}

static void bad_hints_and_values(void **state)
{
    static const char *const bad[] =
        {"",   "x",   "1",     "1q", "*", "*x", "0a", "1d*d", "99999d", "0x:", "99999999999999999999999a",
         "a1", "-1d", "1d1d*", "9d"};
    uint8_t zeros[300] = {0};

    (void)state;
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        octets_fail(bad[i], "\x01\x02\x03\x04\x05\x06\x07\x08\x09\x0a", 10);
    octets_fail("255a", "caf\xe9", 4); /* Latin-1 is not UTF-8 */
    octets_fail("255a", "nul\0", 4);
    octets_fail("1t-", "\xc3\xa9", 2); /* a character cut in two */
    octets_read("*0d", zeros, sizeof(zeros), "");
}

static void room_is_respected(void **state)
{
    char text[8];

    (void)state;
    memset(text, 'X', sizeof(text));
    assert_int_equal(tk_textual_octets(text, 6, TEXT("1x:"), (const uint8_t *)"\x01\x02", 2), 5);
    assert_string_equal(text, "01:02");
    assert_int_equal(text[6], 'X');
    assert_int_equal(tk_textual_octets(text, 5, TEXT("1x:"), (const uint8_t *)"\x01\x02", 2), -ENOSPC);
    assert_int_equal(tk_textual_octets(text, 0, TEXT("1x:"), (const uint8_t *)"\x01\x02", 2), -ENOSPC);
    assert_int_equal(tk_textual_integer(text, 3, TEXT("d"), 123), -ENOSPC);
    assert_int_equal(tk_textual_integer(text, 4, TEXT("d-1"), 123), -ENOSPC);
    assert_int_equal(tk_textual_integer(text, 5, TEXT("d-1"), 123), 4);
    assert_string_equal(text, "12.3");
    assert_int_equal(text[6], 'X');
}

static void integer_reads(const char *hint, int64_t value, const char *expected)
{
    char text[100];
    int ret = tk_textual_integer(text, sizeof(text), TEXT(hint), value);

    assert_int_equal(ret, strlen(expected));
    assert_string_equal(text, expected);
}

static void integers(void **state)
{
    static const char *const bad[] = {"", "q", "d-", "d2", "d-x", "d-33", "d-999", "x-2", "1d", "dd"};
    char text[100];

    (void)state;
    integer_reads("d", 0, "0");
    integer_reads("d", INT64_MIN, "-9223372036854775808");
    integer_reads("d-2", 1234, "12.34");
    integer_reads("d-2", 5, "0.05");
    integer_reads("d-2", -5, "-0.05");
    integer_reads("d-0", 7, "7");
    integer_reads("d-1", -2147483648LL, "-214748364.8");
    integer_reads("x", 255, "ff");
    integer_reads("o", 8, "10");
    integer_reads("b", 5, "101");
    integer_reads("b", INT64_MIN, "-1000000000000000000000000000000000000000000000000000000000000000");
    integer_reads("d-32", 1, "0.00000000000000000000000000000001");
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        assert_int_equal(tk_textual_integer(text, sizeof(text), TEXT(bad[i]), 1), -EINVAL);
}

static void bits(void **state)
{
    static const char facts[] = "1.3.1 sensors M bits e=smoke:0,door:1,power:9\n";
    const uint32_t oid[] = {1, 3, 1};
    struct tk_dict_builder *b = tk_dict_builder_new();
    const struct tk_dict_object *o;
    struct tk_dict *d;
    uint8_t all[64];
    char text[64];
    size_t matched;

    (void)state;
    assert_int_equal(tk_dict_facts_read(b, facts, sizeof(facts) - 1, "facts", NULL), 0);
    d = tk_dict_builder_finish(b);
    tk_dict_builder_free(b);
    o = tk_dict_find(d, oid, 3, &matched);
    assert_non_null(o);
    assert_true(tk_textual_bits(text, sizeof(text), d, o, (const uint8_t *)"\xc0\x60", 2) > 0);
    assert_string_equal(text, "smoke(0), door(1), power(9), 10");
    assert_int_equal(tk_textual_bits(text, sizeof(text), d, o, (const uint8_t *)"\0", 1), 0);
    assert_string_equal(text, "");
    memset(all, 0xff, sizeof(all));
    assert_int_equal(tk_textual_bits(text, sizeof(text), d, o, all, sizeof(all)), -ENOSPC);
    tk_dict_free(d);
}

/* For any hint and any value, formatting ends and stays inside the buffer (the sanitizers check this). */
static void anything_goes_in(void **state)
{
    static const char alphabet[] = "0123459*xdoatb-:. /";
    uint32_t seed = 1;

    (void)state;
    for (int round = 0; round < 20000; round++) {
        char hint[12], *text = malloc(40);
        uint8_t value[40];
        size_t hint_len, len;

        for (size_t i = 0; i < sizeof(hint); i++)
            hint[i] = alphabet[(seed = seed * 1664525 + 1013904223) / 65536 % (sizeof(alphabet) - 1)];
        for (size_t i = 0; i < sizeof(value); i++)
            value[i] = (uint8_t)((seed = seed * 1664525 + 1013904223) >> 24);
        hint_len = (seed = seed * 1664525 + 1013904223) / 65536 % sizeof(hint);
        len = (seed = seed * 1664525 + 1013904223) / 65536 % sizeof(value);
        assert_true(tk_textual_octets(text, 40, (struct tk_dict_text){hint, hint_len}, value, len) < 40);
        assert_true(tk_textual_integer(text, 40, (struct tk_dict_text){hint, hint_len}, (int64_t)seed) < 40);
        free(text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(common_conventions), cmocka_unit_test(grammar),  cmocka_unit_test(bad_hints_and_values),
        cmocka_unit_test(room_is_respected),  cmocka_unit_test(integers), cmocka_unit_test(bits),
        cmocka_unit_test(anything_goes_in),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
