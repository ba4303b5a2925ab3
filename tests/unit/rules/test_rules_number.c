/* SPDX-License-Identifier: Apache-2.0 */
/* Integers in conditions, against plain 128-bit arithmetic: random ranges and values of every integer type, most of them
 * near the ends of 32 and 64 bits. */
#include "rules/rules_load.h"

#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "event_fixture.h"
#include "rules_dict.h"
#include "rules_fixture.h"

__extension__ typedef __int128 wide;

#define SIGNED  ACME "9.1" /* unknown to the dictionary: the value in the rule decides how to compare */
#define COUNTER IF_ENTRY "10"
#define ROUNDS  3000
#define MAX_U64 ((wide)UINT64_MAX)
#define MIN_I64 ((wide)INT64_MIN)

static struct event_fixture f;

static const char *decimal(char dst[24], wide n)
{
    if (n < 0)
        (void)snprintf(dst, 24, "%" PRId64, (int64_t)n);
    else
        (void)snprintf(dst, 24, "%" PRIu64, (uint64_t)n);
    return dst;
}

static uint64_t random_bits(void)
{
    static uint64_t x = 0x9e3779b97f4a7c15u; /* xorshift64: the same numbers in each run */

    x ^= x << 13;
    x ^= x >> 7;
    x ^= x << 17;
    return x;
}

static wide random_number(void)
{
    static const wide edges[] = {0, INT32_MIN, INT32_MAX, UINT32_MAX, MIN_I64, INT64_MAX, MAX_U64};
    wide n = edges[random_bits() % 7] + (wide)(random_bits() % 5) - 2;

    if (random_bits() % 8 == 0)
        n = (wide)(int64_t)random_bits();
    return n < MIN_I64 ? MIN_I64 : n > MAX_U64 ? MAX_U64 : n;
}

/* Adds a varbind of a type that can hold the number, at random. */
static void add_varbind(const char *oid, wide n)
{
    static const uint8_t u32[] = {TK_COUNTER32, TK_GAUGE32, TK_TIMETICKS}, u64[] = {TK_COUNTER64, TK_UNSIGNED64};
    int64_t value = (int64_t)n;

    if (n < 0 || (n <= INT64_MAX && random_bits() % 2))
        event_fixture_varbind(&f, n >= INT32_MIN && n <= INT32_MAX && random_bits() % 2 ? TK_INTEGER : TK_INTEGER64,
                              oid, &value, sizeof(value));
    else if (n <= UINT32_MAX && random_bits() % 2)
        event_fixture_unsigned(&f, u32[random_bits() % 3], oid, (uint64_t)n);
    else
        event_fixture_unsigned(&f, u64[random_bits() % 2], oid, (uint64_t)n);
}

static struct tk_rules *compile(const char *object, const char *test, struct tk_err *err)
{
    char json[512];

    (void)snprintf(json, sizeof(json),
                   "{\"rules\":[{\"name\":\"r\",\"severity\":\"major\",\"match\":{\"trap\":\"*\",\"varbinds\":"
                   "[{\"object\":\"%s\",%s}]}}]}",
                   object, test);
    return tk_rules_parse(json, strlen(json), "rules.json", dict, err);
}

static bool holds(const char *object, const char *test, wide n)
{
    struct tk_err err = {0};
    struct tk_rules *r = compile(object, test, &err);
    char oid[64];
    bool matched;

    if (!r)
        fail_msg("%s: %s", test, err.text);
    event_fixture_init(&f, ACME "0.1");
    (void)snprintf(oid, sizeof(oid), "%s.7", object);
    add_varbind(oid, n);
    event_fixture_finish(&f, dict);
    matched = tk_rules_match(r, &f.ev, NULL);
    event_fixture_done(&f);
    tk_rules_free(r);
    return matched;
}

static void test_against_wide_arithmetic(void **state)
{
    unsigned matches = 0;

    (void)state;
    for (unsigned i = 0; i < ROUNDS; i++) {
        wide a = random_number(), b = random_number(), n = random_bits() % 3 ? random_number() : a;
        wide low = a < b ? a : b, high = a < b ? b : a;
        const char *object = random_bits() % 2 ? SIGNED : COUNTER;
        char test[128], ta[24], tb[24], tn[24];
        bool expected = false;

        switch (random_bits() % 6) {
        case 0:
            (void)snprintf(test, sizeof(test), "\"equals\":%s", decimal(ta, a));
            expected = n == a;
            break;
        case 1:
            (void)snprintf(test, sizeof(test), "\"in\":[%s, %s]", decimal(ta, a), decimal(tb, b));
            expected = n == a || n == b;
            break;
        case 2:
            (void)snprintf(test, sizeof(test), "\"min\":%s", decimal(ta, low));
            expected = n >= low;
            break;
        case 3:
            (void)snprintf(test, sizeof(test), "\"max\":%s", decimal(tb, high));
            expected = n <= high;
            break;
        case 4:
            (void)snprintf(test, sizeof(test), "\"regex\":[\"^%s$\",\"^%s$\"]", decimal(ta, a), decimal(tb, b));
            expected = n == a || n == b;
            break;
        default:
            (void)snprintf(test, sizeof(test), "\"min\":%s,\n\"max\" : %s", decimal(ta, low), decimal(tb, high));
            expected = n >= low && n <= high;
        }
        if (holds(object, test, n) != expected)
            fail_msg("%s and %s", test, decimal(tn, n));
        matches += expected;
    }
    assert_true(matches > ROUNDS / 10 && matches < ROUNDS * 9 / 10); /* both outcomes were tried */
}

static void test_no_integer_of_snmp(void **state)
{
    static const char *const tests[] = {
        "\"equals\":18446744073709551616",
        "\"equals\":-9223372036854775809",
        "\"in\":[1, 99999999999999999999999999999999999999999]",
        "\"min\":18446744073709551616",
        "\"max\":-9223372036854775809",
        "\"max\":1.5",
        "\"max\":9223372036854775808.5",
        "\"min\":18446744073709551615,\"max\":18446744073709551614",
        "\"min\":9223372036854775808,\"max\":-1",
    };

    (void)state;
    for (size_t i = 0; i < sizeof(tests) / sizeof(tests[0]); i++) {
        struct tk_err err = {0};

        if (compile(COUNTER, tests[i], &err))
            fail_msg("no error: %s", tests[i]);
        if (!strstr(err.text, "from -9223372036854775808 to 18446744073709551615"))
            fail_msg("%s: %s", tests[i], err.text);
    }
}

/* A number beyond 2^63 in the file changes neither texts nor the lines of errors. */
static void test_rest_of_the_file(void **state)
{
    static const char json[] = "{\"comment\":\"99999999999999999999 \\\" 99999999999999999999\",\n\"rules\":[\n"
                               "{\"name\":\"r\",\"severity\":\"major\",\"match\":{\"trap\":\"*\",\"varbinds\":[\n"
                               "{\"object\":\"ifDescr\",\"equals\":\"18446744073709551615\"},\n"
                               "{\"object\":\"" COUNTER "\",\"max\":18446744073709551615}]}},\n"
                               "{\"name\":18446744073709551615}]}";
    struct tk_err err = {0};

    (void)state;
    assert_null(tk_rules_parse(json, strlen(json), "rules.json", dict, &err));
    assert_int_equal(err.line, 6);
    assert_non_null(strstr(err.text, "\"name\" is '18446744073709551615'"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_against_wide_arithmetic),
        cmocka_unit_test(test_no_integer_of_snmp),
        cmocka_unit_test(test_rest_of_the_file),
    };

    return cmocka_run_group_tests(tests, make_dict, free_dict);
}
