/* SPDX-License-Identifier: Apache-2.0 */
#include "base/clock.h"

#include <time.h>

static tk_nsec read_clock(clockid_t id)
{
    struct timespec ts;

    (void)clock_gettime(id, &ts); /* cannot fail for these clocks */
    return tk_clock_nsec(ts);
}

struct tk_time tk_clock_now(void)
{
    struct tk_time now = {
        .wall = read_clock(CLOCK_REALTIME),
        .mono = read_clock(CLOCK_MONOTONIC),
        .boot = read_clock(CLOCK_BOOTTIME),
    };

    return now;
}

tk_nsec tk_clock_mono(void)
{
    return read_clock(CLOCK_MONOTONIC);
}

static void put_digits(char *dst, unsigned value, int width)
{
    while (width--) {
        dst[width] = (char)('0' + value % 10);
        value /= 10;
    }
}

/* This function runs for every trap. gmtime_r() and strftime() are too slow for that: several hundred nanoseconds.
 * The date follows from the calendar's 400-year cycle, with years that begin in March. */
void tk_clock_rfc3339(char dst[TK_RFC3339_BYTES], tk_nsec wall)
{
    const tk_nsec last = 253402300799; /* 9999-12-31T23:59:59, in seconds */
    tk_nsec seconds = wall < 0 ? 0 : wall / TK_SECOND;
    unsigned micro = wall < 0 ? 0 : (unsigned)(wall % TK_SECOND / 1000);
    unsigned days, era, day_of_era, year_of_era, day_of_year, m, day, month, year, second_of_day;

    if (seconds > last)
        seconds = last;
    days = (unsigned)(seconds / 86400) + 719468;
    second_of_day = (unsigned)(seconds % 86400);
    era = days / 146097;
    day_of_era = days - era * 146097;
    year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
    day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    m = (5 * day_of_year + 2) / 153;
    day = day_of_year - (153 * m + 2) / 5 + 1;
    month = m < 10 ? m + 3 : m - 9;
    year = year_of_era + era * 400 + (month <= 2);
    put_digits(dst, year, 4);
    dst[4] = '-';
    put_digits(dst + 5, month, 2);
    dst[7] = '-';
    put_digits(dst + 8, day, 2);
    dst[10] = 'T';
    put_digits(dst + 11, second_of_day / 3600, 2);
    dst[13] = ':';
    put_digits(dst + 14, second_of_day / 60 % 60, 2);
    dst[16] = ':';
    put_digits(dst + 17, second_of_day % 60, 2);
    dst[19] = '.';
    put_digits(dst + 20, micro, 6);
    dst[26] = 'Z';
    dst[27] = '\0';
}
