/* SPDX-License-Identifier: Apache-2.0 */
#include "dictionary/date_and_time.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

static void reads(const char *value, size_t len, const char *expected)
{
    char text[TK_DATE_AND_TIME_BYTES + 1] = "";
    int n = tk_date_and_time(text, (const uint8_t *)value, len);

    if (!expected ? n >= 0 : n != (int)strlen(expected) || memcmp(text, expected, (size_t)n) != 0)
        fail_msg("%d '%s', not '%s'", n, text, expected ? expected : "none");
}

static void test_forms(void **state)
{
    (void)state;
    reads("\x07\xea\x0b\x16\x05\x2d\x1a\x01", 8, "2026-11-22T05:45:26.1");
    reads("\x07\xea\x0b\x16\x05\x2d\x1a\x01+\x01\x00", 11, "2026-11-22T05:45:26.1+01:00");
    reads("\x07\xea\x0b\x16\x05\x2d\x1a\x00-\x03\x1e", 11, "2026-11-22T05:45:26.0-03:30");
    reads("\x07\xe8\x02\x1d\x17\x3b\x3c\x09+\x0e\x00", 11, "2024-02-29T23:59:60.9+14:00");
    reads("\x00\x00\x01\x01\x00\x00\x00\x00", 8, "0000-01-01T00:00:00.0");
    reads("\xff\xff\x0c\x1f\x00\x00\x00\x00", 8, "65535-12-31T00:00:00.0");
}

static void test_what_is_no_date(void **state)
{
    (void)state;
    reads("", 0, NULL);
    reads("\0\0\0\0\0\0\0\0", 8, NULL); /* what many devices send for "never" */
    reads("\x07\xea\x0b\x16\x05\x2d\x1a", 7, NULL);
    reads("\x07\xea\x0b\x16\x05\x2d\x1a\x01+", 9, NULL);
    reads("\x07\xea\x0b\x16\x05\x2d\x1a\x01+\x01\x00\x00", 12, NULL);
    reads("\x07\xea\x0b\x16\x05\x2d\x1a\x01\x00\x00\x00", 11, NULL);
    reads("10:45:26", 8, NULL);
    reads("\x07\xe9\x02\x1d\x05\x2d\x1a\x01", 8, NULL); /* 2025 has no February 29 */
    reads("\x08\x34\x02\x1d\x05\x2d\x1a\x01", 8, NULL); /* nor has 2100 */
    reads("\x07\xd0\x02\x1d\x05\x2d\x1a\x01", 8, "2000-02-29T05:45:26.1");
}

/* Every octet out of its range, and every day against the C library's calendar. */
static void test_ranges(void **state)
{
    static const uint8_t good[11] = {0x07, 0xea, 1, 1, 0, 0, 0, 0, '+', 0, 0};
    static const struct {
        uint8_t at, low, high;
    } parts[] = {{2, 1, 12}, {3, 1, 31}, {4, 0, 23}, {5, 0, 59}, {6, 0, 60}, {7, 0, 9}, {9, 0, 14}, {10, 0, 59}};
    char text[TK_DATE_AND_TIME_BYTES];

    (void)state;
    for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
        for (int octet = 0; octet < 256; octet++) {
            uint8_t v[11];

            memcpy(v, good, sizeof(v));
            v[parts[i].at] = (uint8_t)octet;
            assert_int_equal(tk_date_and_time(text, v, 11) > 0, octet >= parts[i].low && octet <= parts[i].high);
        }
    }
    for (int year = 1; year < 3000; year += 1) {
        for (int month = 1; month <= 12; month++) {
            for (int day = 28; day <= 31; day++) {
                struct tm tm = {.tm_year = year - 1900, .tm_mon = month - 1, .tm_mday = day, .tm_hour = 12};
                uint8_t v[8] = {(uint8_t)(year >> 8), (uint8_t)year, (uint8_t)month, (uint8_t)day};
                char expected[64];

                (void)timegm(&tm);
                (void)snprintf(expected, sizeof(expected), "%04d-%02d-%02dT00:00:00.0", year, month, day);
                reads((const char *)v, 8, tm.tm_mday == day ? expected : NULL);
            }
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_forms),
        cmocka_unit_test(test_what_is_no_date),
        cmocka_unit_test(test_ranges),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
