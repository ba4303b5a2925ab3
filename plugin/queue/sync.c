/* SPDX-License-Identifier: Apache-2.0 */
#include "queue/sync.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <time.h>

#include "base/devel.h"
#include "base/thread.h"
#include "queue/queue_internal.h"

#define PATIENCE (5 * TK_SECOND)

struct tk_sync {
    struct tk_ring *ring;
    pthread_t thread;
    pthread_mutex_t mutex; /* guards period_ms and is_stopping; `changed` signals both */
    pthread_cond_t changed;
    unsigned period_ms;
    bool is_stopping;
    uint64_t synced; /* the thread's own: records before this position are on the disk */
    uint64_t page;
    _Atomic uint64_t rounds;
};

static void write_through(struct tk_sync *s, uint64_t from, uint64_t end)
{
    const struct tk_ring_file *file = &s->ring->file;

    from = from / s->page * s->page;
    if (msync(file->base + from, end - from, MS_SYNC) < 0)
        tk_mapping_guard_count(file->guard);
}

/* Write the bytes from @p from up to @p head, which may be a lap further. */
static void write_records(struct tk_sync *s, uint64_t from, uint64_t head)
{
    const struct tk_ring_view *v = &s->ring->view;

    if (head - from > v->capacity)
        from = head - v->capacity;
    while (from < head) {
        uint64_t lap = tk_ring_next_lap(v, from), end = lap < head ? lap : head, at = from % v->capacity;

        write_through(s, TK_RING_HEADER_BYTES + at, TK_RING_HEADER_BYTES + at + (end - from));
        from = end;
    }
}

static void sync_once(struct tk_sync *s)
{
    const struct tk_ring *q = s->ring;
    const uint64_t head = atomic_load_explicit(&q->head, memory_order_acquire);
    uint64_t at = TK_RING_HEADER_BYTES + head % q->view.capacity / s->page * s->page;

    if (head != s->synced) {
        write_records(s, s->synced, head);
        s->synced = head;
        /* After msync() a store to the producer's current page faults: populate it again before the next trap. */
        (void)madvise(q->file.base + at / s->page * s->page, s->page, MADV_POPULATE_WRITE);
    }
    write_through(s, 0, TK_RING_HEADER_BYTES);
    atomic_fetch_add(&s->rounds, 1);
}

static struct timespec later(unsigned ms)
{
    struct timespec ts;

    (void)clock_gettime(CLOCK_MONOTONIC, &ts);
    ts.tv_sec += ms / 1000;
    ts.tv_nsec += ms % 1000 * TK_MSEC;
    if (ts.tv_nsec >= TK_SECOND) {
        ts.tv_sec++;
        ts.tv_nsec -= TK_SECOND;
    }
    return ts;
}

static void *run(void *arg)
{
    struct tk_sync *s = arg;
    bool is_last = false;

    TK_THREAD_IS(SYNC);
    while (!is_last) {
        struct timespec until;
        unsigned period;
        int ret = 0;

        (void)pthread_mutex_lock(&s->mutex);
        period = s->period_ms;
        until = later(period);
        while (!s->is_stopping && s->period_ms == period && ret != ETIMEDOUT)
            ret = period ? pthread_cond_timedwait(&s->changed, &s->mutex, &until)
                         : pthread_cond_wait(&s->changed, &s->mutex);
        is_last = s->is_stopping;
        (void)pthread_mutex_unlock(&s->mutex);
        if (period)
            sync_once(s);
    }
    return NULL;
}

static void destroy(struct tk_sync *s)
{
    (void)pthread_cond_destroy(&s->changed);
    (void)pthread_mutex_destroy(&s->mutex);
    free(s);
}

struct tk_sync *tk_sync_start(struct tk_ring *q, unsigned period_ms)
{
    struct tk_sync *s = q->file.base ? calloc(1, sizeof(*s)) : NULL;
    pthread_condattr_t attr;
    int ret;

    if (!s) {
        errno = q->file.base ? ENOMEM : EINVAL;
        return NULL;
    }
    s->ring = q;
    s->period_ms = period_ms;
    s->synced = atomic_load(&q->tail); /* records of an earlier life may not be on the disk yet */
    s->page = tk_ring_round(1);
    (void)pthread_mutex_init(&s->mutex, NULL);
    (void)pthread_condattr_init(&attr);
    (void)pthread_condattr_setclock(&attr, CLOCK_MONOTONIC); /* CLOCK_REALTIME may be set back */
    (void)pthread_cond_init(&s->changed, &attr);
    (void)pthread_condattr_destroy(&attr);
    ret = tk_thread_start(&s->thread, "trapkafka-sync", run, s);
    if (ret == 0)
        return s;
    destroy(s);
    errno = -ret;
    return NULL;
}

void tk_sync_set_period(struct tk_sync *s, unsigned period_ms)
{
    (void)pthread_mutex_lock(&s->mutex);
    s->period_ms = period_ms;
    (void)pthread_cond_signal(&s->changed);
    (void)pthread_mutex_unlock(&s->mutex);
}

uint64_t tk_sync_rounds(const struct tk_sync *s)
{
    return atomic_load(&s->rounds);
}

bool tk_sync_stop(struct tk_sync *s)
{
    if (!s)
        return true;
    (void)pthread_mutex_lock(&s->mutex);
    s->is_stopping = true;
    (void)pthread_cond_signal(&s->changed);
    (void)pthread_mutex_unlock(&s->mutex);
    if (!tk_thread_join(s->thread, PATIENCE))
        return false;
    destroy(s);
    return true;
}
