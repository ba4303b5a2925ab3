/* SPDX-License-Identifier: Apache-2.0 */
#include "watch/moment.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define MOST_AGO ((int64_t)100 * 366 * 86400) /* seconds */

static int read_ago(const char *text, int64_t now_ms, int64_t *ret)
{
    static const char units[] = "smhd";
    static const int64_t seconds[] = {1, 60, 3600, 86400};
    const char *unit;
    int64_t count, ago;
    char *end;

    if (*text < '0' || *text > '9')
        return -EINVAL;
    errno = 0;
    count = strtoll(text, &end, 10);
    unit = *end ? strchr(units, *end) : NULL;
    if (!unit || end[1] || errno || count > MOST_AGO)
        return -EINVAL;
    ago = count * seconds[unit - units];
    if (ago > MOST_AGO || now_ms - ago * 1000 < 0)
        return -EINVAL;
    *ret = now_ms - ago * 1000;
    return 0;
}

static bool is_day_sound(const struct tm *given)
{
    struct tm made = *given;

    (void)timegm(&made);
    return made.tm_mday == given->tm_mday && made.tm_mon == given->tm_mon && made.tm_hour == given->tm_hour &&
           made.tm_min == given->tm_min && given->tm_sec < 60;
}

/* ".123456": at least one digit. @returns what follows */
static const char *read_fraction(const char *at, int64_t *ret_ms)
{
    int64_t unit = 100;

    if (*at != '.')
        return at;
    if (*++at < '0' || *at > '9')
        return at - 1;
    for (; *at >= '0' && *at <= '9'; at++, unit /= 10)
        *ret_ms += (*at - '0') * unit;
    return at;
}

int tk_moment_read(const char *text, int64_t now_ms, int64_t *ret)
{
    struct tm tm = {0};
    const char *end = strptime(text, "%Y-%m-%d", &tm), *time;
    int64_t ms = 0, seconds;

    if (!end || text[0] < '0' || text[0] > '9' || text[4] != '-')
        return read_ago(text, now_ms, ret);
    if (*end == 'T' || *end == ' ') {
        time = end + 1;
        end = strptime(time, "%H:%M:%S", &tm);
        if (end)
            end = read_fraction(end, &ms);
        else
            end = strptime(time, "%H:%M", &tm);
    }
    if (end && *end == 'Z')
        end++;
    if (!end || *end || !is_day_sound(&tm))
        return -EINVAL;
    seconds = timegm(&tm);
    if (seconds < 0)
        return -EINVAL;
    *ret = seconds * 1000 + ms;
    return 0;
}
