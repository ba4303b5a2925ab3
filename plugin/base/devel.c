/* SPDX-License-Identifier: Apache-2.0 */
#include "base/devel.h"

#ifdef TK_DEVEL

#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"

void tk_assert_failed(const char *file, int line, const char *condition)
{
    (void)fprintf(stderr, "trapkafka: %s:%d: does not hold: %s\n", file, line, condition);
    abort();
}

static _Thread_local enum tk_role own_role;

void tk_role_set(enum tk_role role)
{
    own_role = role;
}

bool tk_role_may(enum tk_role role)
{
    return own_role == TK_ROLE_NONE || own_role == role;
}

void tk_kill_point(const char *name)
{
    static _Atomic unsigned reached;
    const char *wanted = getenv("TRAPKAFKA_KILL_AT");
    size_t len = wanted ? strcspn(wanted, ":") : 0;
    unsigned long at = wanted && wanted[len] ? strtoul(wanted + len + 1, NULL, 10) : 1;

    if (wanted && strlen(name) == len && strncmp(name, wanted, len) == 0 && ++reached == at)
        (void)raise(SIGKILL);
}

static tk_nsec now(clockid_t clock)
{
    struct timespec ts;

    (void)clock_gettime(clock, &ts);
    return tk_clock_nsec(ts);
}

void tk_throttle(void)
{
    static _Thread_local tk_nsec used, since;
    const char *share = getenv("TRAPKAFKA_THROTTLE");
    long percent = share ? strtol(share, NULL, 10) : 0;
    tk_nsec left;

    if (percent < 1 || percent > 99)
        return;
    if (since) {
        left = (now(CLOCK_THREAD_CPUTIME_ID) - used) * 100 / percent - (now(CLOCK_MONOTONIC) - since);
        if (left > 0) {
            struct timespec ts = {.tv_sec = left / TK_SECOND, .tv_nsec = left % TK_SECOND};

            (void)clock_nanosleep(CLOCK_MONOTONIC, 0, &ts, NULL);
        }
    }
    used = now(CLOCK_THREAD_CPUTIME_ID);
    since = now(CLOCK_MONOTONIC);
}

bool tk_delivery_is_logged(void)
{
    return getenv("TRAPKAFKA_DELIVERY_LOG") != NULL;
}

void tk_delivery_log(const char *event_id)
{
    static FILE *file;
    const char *path = getenv("TRAPKAFKA_DELIVERY_LOG");

    if (!path || (!file && !(file = fopen(path, "ae"))))
        return;
    (void)fprintf(file, "%s\n", event_id);
    (void)fflush(file);
}

#else
typedef int tk_no_empty_unit; /* ISO C wants something here */
#endif
