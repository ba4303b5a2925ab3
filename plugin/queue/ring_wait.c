/* SPDX-License-Identifier: Apache-2.0 */
/* Let the worker sleep, and wake it. */
#include <poll.h>
#include <time.h>
#include <unistd.h>

#include "queue/queue_internal.h"
#include "queue/ring_wait.h"

void tk_ring_wake(struct tk_ring *q)
{
    uint64_t one = 1;

    (void)!write(q->eventfd, &one, sizeof(one)); /* fails only if the counter is full: then it is readable anyway */
}

/* @returns whether the eventfd was written to */
static bool wait_for(struct tk_ring *q, tk_nsec timeout)
{
    struct pollfd pfd = {.fd = q->eventfd, .events = POLLIN};
    struct timespec ts = {.tv_sec = timeout / TK_SECOND, .tv_nsec = timeout % TK_SECOND};
    uint64_t n;

    if (ppoll(&pfd, 1, &ts, NULL) <= 0)
        return false;
    (void)!read(q->eventfd, &n, sizeof(n));
    return true;
}

void tk_ring_wait_for_wake(struct tk_ring *q, tk_nsec timeout)
{
    (void)wait_for(q, timeout);
}

void tk_ring_wait(struct tk_ring *q, tk_nsec nap, tk_nsec timeout)
{
    struct timespec ts = {.tv_sec = nap / TK_SECOND, .tv_nsec = nap % TK_SECOND};

    /* The nap does not wait on the eventfd: a busy sink writes to it all the time, and its reports can wait for the
     * nap to end. */
    (void)clock_nanosleep(CLOCK_MONOTONIC, 0, &ts, NULL);
    if (tk_ring_has_more(q))
        return;
    atomic_store(&q->is_asleep, true);
    if (!tk_ring_has_more(q))
        (void)wait_for(q, timeout);
    atomic_store(&q->is_asleep, false);
}
