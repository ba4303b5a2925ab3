/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file clock.h
 * @brief Read the system's clocks. Most code takes the time as an argument instead, so that tests control it.
 */
#ifndef TK_CLOCK_H
#define TK_CLOCK_H

#include <stdint.h>
#include <time.h>

typedef int64_t tk_nsec; /* nanoseconds: a duration, or a reading of the clock that the variable's comment names */

#define TK_SECOND ((tk_nsec)1000000000)
#define TK_MSEC   ((tk_nsec)1000000)

/** One moment on three clocks. */
struct tk_time {
    tk_nsec wall; /* since 1970-01-01 UTC: for people; may jump */
    tk_nsec mono; /* CLOCK_MONOTONIC: for windows and timeouts within one boot */
    tk_nsec boot; /* CLOCK_BOOTTIME: counts suspended time too */
};

/** @brief The same duration or moment in nanoseconds. @locality any @locks none */
static inline tk_nsec tk_clock_nsec(struct timespec t)
{
    return (tk_nsec)t.tv_sec * TK_SECOND + t.tv_nsec;
}

/** @brief Now, on all three clocks. @locality any @locks none */
struct tk_time tk_clock_now(void);
/** @brief Now, CLOCK_MONOTONIC. @locality any @locks none */
tk_nsec tk_clock_mono(void);

#define TK_RFC3339_BYTES 28 /* "2026-11-22T05:45:26.123456Z" and its end */

/** @brief Wall time as RFC 3339 with microseconds, UTC; years 1970 to 9999. @locality any @locks none */
void tk_clock_rfc3339(char dst[TK_RFC3339_BYTES], tk_nsec wall);

#endif /* TK_CLOCK_H */
