/* SPDX-License-Identifier: Apache-2.0 */
/* The JSON writer: jansson reads back what it wrote. */
#include "base/json_writer.h"
#include "base/text.h"

#include <locale.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <jansson.h>

static json_t *read_back(const struct tk_json *j)
{
    json_error_t error;
    json_t *value;

    assert_false(j->is_failed);
    value = json_loadb(j->buf, j->len, JSON_DECODE_ANY | JSON_REJECT_DUPLICATES, &error);
    if (!value)
        fail_msg("%s: %.*s", error.text, (int)j->len, j->buf);
    return value;
}

static void assert_written(const struct tk_json *j, const char *expected)
{
    assert_int_equal(j->len, strlen(expected));
    assert_memory_equal(j->buf, expected, j->len);
}

static void test_structure(void **state)
{
    struct tk_json j;

    (void)state;
    tk_json_init(&j);
    tk_json_object_begin(&j);
    TK_JSON_NAME(&j, "empty");
    tk_json_object_begin(&j);
    tk_json_object_end(&j);
    TK_JSON_NAME(&j, "list");
    tk_json_array_begin(&j);
    tk_json_array_begin(&j);
    tk_json_array_end(&j);
    tk_json_null(&j);
    tk_json_bool(&j, true);
    tk_json_bool(&j, false);
    tk_json_u64(&j, UINT64_MAX);
    tk_json_i64(&j, INT64_MIN);
    tk_json_cstring(&j, NULL);
    tk_json_cstring(&j, "x");
    tk_json_array_end(&j);
    TK_JSON_NAME(&j, "oid");
    tk_json_oid(&j, (const uint32_t[]){1, 3, 6}, 3);
    TK_JSON_NAME(&j, "hex");
    tk_json_hex(&j, (const uint8_t *)"\x00\xff\x1a", 3);
    tk_json_raw(&j, "\"raw\":1,\"more\":2", 16);
    TK_JSON_NAME(&j, "none");
    tk_json_hex(&j, NULL, 0);
    tk_json_object_end(&j);
    assert_written(&j,
                   "{\"empty\":{},\"list\":[[],null,true,false,18446744073709551615,-9223372036854775808,null,\"x\"],"
                   "\"oid\":\"1.3.6\",\"hex\":\"00ff1a\",\"raw\":1,\"more\":2,\"none\":\"\"}");
    tk_json_clear(&j);
    assert_int_equal(j.len, 0);
    tk_json_array_begin(&j);
    tk_json_array_end(&j);
    assert_written(&j, "[]");
    tk_json_done(&j);
    assert_null(j.buf);
}

static void test_every_byte_in_a_string(void **state)
{
    struct tk_json j;
    char text[0x7f];

    (void)state;
    for (int i = 1; i <= 0x7f; i++)
        text[i - 1] = (char)i;
    tk_json_init(&j);
    tk_json_string(&j, text, sizeof(text));
    {
        json_t *value = read_back(&j);

        assert_int_equal(json_string_length(value), sizeof(text));
        assert_memory_equal(json_string_value(value), text, sizeof(text));
        json_decref(value);
    }
    for (size_t i = 0; i < j.len; i++)
        assert_true((unsigned char)j.buf[i] >= 0x20 && j.buf[i] != 0x7f);
    tk_json_done(&j);
}

static size_t put_utf8(uint8_t *dst, uint32_t c)
{
    if (c < 0x80) {
        dst[0] = (uint8_t)c;
        return 1;
    }
    if (c < 0x800) {
        dst[0] = (uint8_t)(0xc0 | c >> 6);
        dst[1] = (uint8_t)(0x80 | (c & 0x3f));
        return 2;
    }
    if (c < 0x10000) {
        dst[0] = (uint8_t)(0xe0 | c >> 12);
        dst[1] = (uint8_t)(0x80 | (c >> 6 & 0x3f));
        dst[2] = (uint8_t)(0x80 | (c & 0x3f));
        return 3;
    }
    dst[0] = (uint8_t)(0xf0 | c >> 18);
    dst[1] = (uint8_t)(0x80 | (c >> 12 & 0x3f));
    dst[2] = (uint8_t)(0x80 | (c >> 6 & 0x3f));
    dst[3] = (uint8_t)(0x80 | (c & 0x3f));
    return 4;
}

static void test_random_utf8(void **state)
{
    struct tk_json j;

    (void)state;
    srandom(3);
    tk_json_init(&j);
    for (int round = 0; round < 5000; round++) {
        uint8_t text[4 * 100];
        size_t len = 0;
        json_t *value;

        for (long n = random() % 100; n; n--) {
            uint32_t c = 1 + (uint32_t)random() % (random() % 2 ? 0x7f : 0x10ffff);

            if (c < 0xd800 || c > 0xdfff)
                len += put_utf8(text + len, c);
        }
        assert_true(tk_utf8_is_valid(text, len));
        tk_json_clear(&j);
        tk_json_string(&j, (const char *)text, len);
        value = read_back(&j);
        assert_int_equal(json_string_length(value), len);
        assert_memory_equal(json_string_value(value), text, len);
        json_decref(value);
    }
    tk_json_done(&j);
}

/* Compare tk_utf8_is_valid() with jansson, which refuses invalid UTF-8 too. Only NUL differs. */
static void test_utf8_validator(void **state)
{
    static const char *const wrong[] = {
        "\x80",
        "\xc0\xaf",
        "\xc1\xbf",
        "\xc3",
        "\xe0\x80\x80",
        "\xe0\x9f\xbf",
        "\xed\xa0\x80",
        "\xed\xbf\xbf",
        "\xf0\x80\x80\x80",
        "\xf0\x8f\xbf\xbf",
        "\xf4\x90\x80\x80",
        "\xf5\x80\x80\x80",
        "\xff",
        "\xe2\x82",
        "a\xe2\x82(",
        "\xf0\x9f\x98",
    };

    (void)state;
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
        assert_false(tk_utf8_is_valid((const uint8_t *)wrong[i], strlen(wrong[i])));
    assert_false(tk_utf8_is_valid((const uint8_t *)"a\0b", 3));
    assert_true(tk_utf8_is_valid(NULL, 0));
    srandom(4);
    for (int round = 0; round < 200000; round++) {
        uint8_t *text = malloc(4);
        size_t len = 1 + (size_t)random() % 4;
        json_t *value;

        assert_non_null(text);
        for (size_t i = 0; i < len; i++)
            text[i] = (uint8_t)(random() % 3 ? 0x80 + random() % 0x80 : 1 + random() % 255);
        value = json_stringn((const char *)text, len);
        assert_int_equal(tk_utf8_is_valid(text, len), value != NULL);
        json_decref(value);
        free(text);
    }
}

static void check_double(struct tk_json *j, double value)
{
    json_error_t error;
    json_t *back;

    tk_json_clear(j);
    tk_json_double(j, value);
    back = json_loadb(j->buf, j->len, JSON_DECODE_ANY | JSON_DECODE_INT_AS_REAL, &error);
    assert_non_null(back);
    assert_true(json_real_value(back) == value);
    json_decref(back);
}

static void test_doubles(void **state)
{
    static const double some[] = {0, -0.0, 0.1, 1.0 / 3, 1e300, -1e-300, 5e-324, 1.7976931348623157e308, 123456789.5};
    static const double none[] = {NAN, INFINITY, -INFINITY};
    struct tk_json j;

    (void)state;
    (void)setlocale(LC_NUMERIC, "de_DE.UTF-8"); /* if it is installed: the output must not have a decimal comma */
    srandom(5);
    tk_json_init(&j);
    for (size_t i = 0; i < sizeof(some) / sizeof(some[0]); i++)
        check_double(&j, some[i]);
    for (int round = 0; round < 50000; round++) {
        uint64_t bits = (uint64_t)random() << 33 ^ (uint64_t)random() << 11 ^ (uint64_t)random();
        double value;

        memcpy(&value, &bits, sizeof(value));
        if (isfinite(value))
            check_double(&j, value);
    }
    for (size_t i = 0; i < 3; i++) {
        tk_json_clear(&j);
        tk_json_double(&j, none[i]);
        assert_written(&j, "null");
    }
    tk_json_clear(&j);
    tk_json_double(&j, 0.1);
    assert_written(&j, "0.1");
    tk_json_done(&j);
    (void)setlocale(LC_NUMERIC, "C");
}

static void test_integers(void **state)
{
    struct tk_json j;

    (void)state;
    srandom(6);
    tk_json_init(&j);
    for (int round = 0; round < 50000; round++) {
        uint64_t value = ((uint64_t)random() << 33 ^ (uint64_t)random() << 11 ^ (uint64_t)random()) >> random() % 64;
        char expected[32];

        tk_json_clear(&j);
        tk_json_u64(&j, value);
        (void)snprintf(expected, sizeof(expected), "%llu", (unsigned long long)value);
        assert_written(&j, expected);
        tk_json_clear(&j);
        tk_json_i64(&j, (int64_t)value);
        (void)snprintf(expected, sizeof(expected), "%lld", (long long)value);
        assert_written(&j, expected);
    }
    tk_json_done(&j);
}

static void test_grows(void **state)
{
    const size_t n = 100000;
    struct tk_json j;
    json_t *value;

    (void)state;
    tk_json_init(&j);
    tk_json_array_begin(&j);
    for (size_t i = 0; i < n; i++)
        tk_json_oid(&j, (const uint32_t[]){1, UINT32_MAX, (uint32_t)i}, 3);
    tk_json_array_end(&j);
    value = read_back(&j);
    assert_int_equal(json_array_size(value), n);
    assert_string_equal(json_string_value(json_array_get(value, 77)), "1.4294967295.77");
    json_decref(value);
    tk_json_done(&j);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_structure),   cmocka_unit_test(test_every_byte_in_a_string),
        cmocka_unit_test(test_random_utf8), cmocka_unit_test(test_utf8_validator),
        cmocka_unit_test(test_doubles),     cmocka_unit_test(test_integers),
        cmocka_unit_test(test_grows),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
