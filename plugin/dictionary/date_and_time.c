/* SPDX-License-Identifier: Apache-2.0 */
#include "dictionary/date_and_time.h"

#include <stdbool.h>

enum { LOCAL_OCTETS = 8, ZONED_OCTETS = 11 };

#define MAX_ZONE_HOURS 14 /* RFC 2579 says 13, but the Line Islands are 14 hours ahead */

static unsigned days_of(unsigned year, unsigned month)
{
    static const uint8_t days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool is_leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);

    return days[month - 1] + (month == 2 && is_leap);
}

static bool is_valid(const uint8_t *v, size_t len)
{
    bool is_zoned = len == ZONED_OCTETS;

    if (len != LOCAL_OCTETS && !is_zoned)
        return false;
    if (v[2] < 1 || v[2] > 12 || v[3] < 1 || v[3] > days_of((unsigned)v[0] << 8 | v[1], v[2]))
        return false;
    if (v[4] > 23 || v[5] > 59 || v[6] > 60 || v[7] > 9) /* second 60: a leap second */
        return false;
    return !is_zoned || ((v[8] == '+' || v[8] == '-') && v[9] <= MAX_ZONE_HOURS && v[10] <= 59);
}

static char *put_two(char *dst, unsigned value)
{
    dst[0] = (char)('0' + value / 10);
    dst[1] = (char)('0' + value % 10);
    return dst + 2;
}

/* The year has at least four digits. */
static char *put_year(char *dst, unsigned year)
{
    if (year >= 10000)
        *dst++ = (char)('0' + year / 10000);
    dst = put_two(dst, year / 100 % 100);
    return put_two(dst, year % 100);
}

static char *put_part(char *dst, char before, unsigned value)
{
    *dst = before;
    return put_two(dst + 1, value);
}

int tk_date_and_time(char *dst, const uint8_t *v, size_t len)
{
    char *at = dst;

    if (!is_valid(v, len))
        return -1;
    at = put_year(at, (unsigned)v[0] << 8 | v[1]);
    at = put_part(at, '-', v[2]);
    at = put_part(at, '-', v[3]);
    at = put_part(at, 'T', v[4]);
    at = put_part(at, ':', v[5]);
    at = put_part(at, ':', v[6]);
    *at++ = '.';
    *at++ = (char)('0' + v[7]);
    if (len == ZONED_OCTETS) {
        at = put_part(at, (char)v[8], v[9]);
        at = put_part(at, ':', v[10]);
    }
    return (int)(at - dst);
}
