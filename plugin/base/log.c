/* SPDX-License-Identifier: Apache-2.0 */
#include "base/log.h"

#include <pthread.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

struct line {
    int priority;
    char text[TK_LOG_LINE_BYTES];
};

struct tk_log {
    pthread_mutex_t mutex;
    int eventfd;
    unsigned first, count;           /* guarded by mutex */
    struct line lines[TK_LOG_LINES]; /* guarded by mutex */
    _Atomic uint64_t lost;
};

struct tk_log *tk_log_new(void)
{
    struct tk_log *log = calloc(1, sizeof(*log));

    if (!log)
        return NULL;
    log->eventfd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (log->eventfd < 0 || pthread_mutex_init(&log->mutex, NULL) != 0) {
        if (log->eventfd >= 0)
            (void)close(log->eventfd);
        free(log);
        return NULL;
    }
    return log;
}

void tk_log_free(struct tk_log *log)
{
    if (!log)
        return;
    (void)pthread_mutex_destroy(&log->mutex);
    (void)close(log->eventfd);
    free(log);
}

void tk_log_put(struct tk_log *log, int priority, const char *fmt, ...)
{
    char text[TK_LOG_LINE_BYTES];
    uint64_t one = 1;
    va_list ap;

    va_start(ap, fmt);
    (void)vsnprintf(text, sizeof(text), fmt, ap);
    va_end(ap);
    for (char *p = text; *p; p++)
        if ((unsigned char)*p < 0x20 || *p == 0x7f)
            *p = '?';

    (void)pthread_mutex_lock(&log->mutex);
    if (log->count == TK_LOG_LINES) {
        atomic_fetch_add_explicit(&log->lost, 1, memory_order_relaxed);
    } else {
        struct line *line = &log->lines[(log->first + log->count++) % TK_LOG_LINES];

        line->priority = priority;
        memcpy(line->text, text, sizeof(text));
    }
    (void)pthread_mutex_unlock(&log->mutex);
    (void)!write(log->eventfd, &one, sizeof(one)); /* fails only if the counter is full: then it is readable anyway */
}

bool tk_log_take(struct tk_log *log, int *ret_priority, char *ret_line)
{
    bool has_line;
    uint64_t n;

    (void)pthread_mutex_lock(&log->mutex);
    has_line = log->count > 0;
    if (has_line) {
        const struct line *line = &log->lines[log->first];

        *ret_priority = line->priority;
        memcpy(ret_line, line->text, sizeof(line->text));
        log->first = (log->first + 1) % TK_LOG_LINES;
        log->count--;
    } else {
        (void)!read(log->eventfd, &n, sizeof(n));
    }
    (void)pthread_mutex_unlock(&log->mutex);
    return has_line;
}

int tk_log_eventfd(const struct tk_log *log)
{
    return log->eventfd;
}

uint64_t tk_log_lost(const struct tk_log *log)
{
    return atomic_load_explicit(&log->lost, memory_order_relaxed);
}

bool tk_log_limit_pass(struct tk_log_limit *limit, tk_nsec now, tk_nsec period, uint64_t *ret_held_back)
{
    if (limit->was_used && now - limit->last < period) {
        limit->held_back++;
        return false;
    }
    *ret_held_back = limit->held_back;
    limit->held_back = 0;
    limit->last = now;
    limit->was_used = true;
    return true;
}
