/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "watch/moment.h"

#define NOW 1795750000000 /* 2026-11-27 */

static const struct row {
    const char *text;
    int64_t ms; /* -1: refused */
} rows[] = {
    {"1970-01-01", 0},
    {"2026-11-22", 1795305600000},
    {"2026-11-22T05:45:26Z", 1795326326000},
    {"2026-11-22T05:45:26.123456Z", 1795326326123},
    {"2026-11-22T05:45:26.5Z", 1795326326500},
    {"2026-11-22 05:45", 1795326300000},
    {"2026-11-22T05:45", 1795326300000},
    {"90s", NOW - 90000},
    {"15m", NOW - 900000},
    {"2h", NOW - 7200000},
    {"3d", NOW - 259200000},
    {"0s", NOW},
    {"", -1},
    {"x", -1},
    {"15", -1},
    {"15x", -1},
    {"15mm", -1},
    {"-15m", -1},
    {"99999999d", -1},
    {"99999999999999999999s", -1},
    {"21000d", -1},
    {"2026-02-30", -1},
    {"2026-13-01", -1},
    {"2026-11-22T25:00", -1},
    {"2026-11-22T05:45:26.Z", -1},
    {"2026-11-22T05:45:60Z", -1},
    {"2026-11-22T05:45:26+01:00", -1},
    {"2026-11-22T", -1},
    {"1969-12-31", -1},
};

static void test_rows(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        int64_t ms = -7;
        int ret = tk_moment_read(rows[i].text, NOW, &ms);

        if (rows[i].ms < 0 ? ret == 0 || ms != -7 : ret != 0 || ms != rows[i].ms)
            fail_msg("'%s': %d, %lld", rows[i].text, ret, (long long)ms);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_rows)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
