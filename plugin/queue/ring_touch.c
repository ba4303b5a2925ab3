/* SPDX-License-Identifier: Apache-2.0 */
/* Populate pages before the producer writes to them.
 *
 * A ring in memory gets all of its pages once. A file's pages do not stay writable: the kernel writes them to the
 * disk, and the next store to one faults again. So a window of pages ahead of the head is populated again and again,
 * and the beginning of the mapping before an empty ring may start there again. Near the beginning the window is
 * small, because each page that is populated is written to the disk once more. */
#include <errno.h>
#include <sys/mman.h>
#include <unistd.h>

#include "queue/queue_internal.h"
#include "queue/ring_touch.h"

#define STEP   ((uint64_t)2 << 20)
#define WINDOW ((uint64_t)8 << 20)
#define FIRST  ((uint64_t)1 << 20)

static uint64_t smaller(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

/* Replace the pages that are lost, and only those. */
static void mend_pages(struct tk_ring *q, uint8_t *from, const uint8_t *end, size_t page)
{
    for (; from < end; from += page)
        if (madvise(from, page, MADV_POPULATE_WRITE) < 0 && errno != EINTR && errno != EAGAIN)
            tk_mapping_guard_mend(q->file.guard, from);
}

/* @returns false if the kernel cannot do it (before Linux 5.14): then the producer gets the page faults */
static bool populate(struct tk_ring *q, uint64_t from, uint64_t bytes)
{
    const size_t page = (size_t)sysconf(_SC_PAGESIZE);
    uint8_t *at = q->view.map + from % q->view.capacity;
    const uint8_t *end = at + bytes;

    at -= (uintptr_t)at % page;
    if (madvise(at, (size_t)(end - at), MADV_POPULATE_WRITE) == 0)
        return true;
    if (errno == EINVAL)
        return false;
    if (q->file.guard)
        mend_pages(q, at, end, page);
    return true;
}

static bool touch_memory(struct tk_ring *q)
{
    uint64_t bytes = smaller(q->view.capacity - q->touched, STEP);

    if (!bytes)
        return false;
    q->touched = populate(q, q->touched, bytes) ? q->touched + bytes : q->view.capacity;
    return true;
}

static bool touch_beginning(struct tk_ring *q, uint64_t head, uint64_t free_until)
{
    const uint64_t lap = tk_ring_next_lap(&q->view, head);

    if (head % q->view.capacity < TK_RING_RESTART_FROM / 2 || q->lap_touched == lap || lap + FIRST > free_until)
        return false;
    q->lap_touched = lap;
    (void)populate(q, lap, FIRST);
    return true;
}

static bool touch_file(struct tk_ring *q)
{
    const uint64_t head = atomic_load_explicit(&q->head, memory_order_acquire);
    const uint64_t free_until = atomic_load_explicit(&q->tail, memory_order_relaxed) + q->view.capacity;
    const uint64_t lap = head - head % q->view.capacity, window = head - lap < FIRST ? FIRST : WINDOW;
    const uint64_t want = smaller(head + window, free_until);
    uint64_t bytes;

    if (q->touched == UINT64_MAX)
        return false;
    if (q->touched < head) /* the producer is beyond the window, or the ring started again at its beginning */
        q->touched = q->lap_touched == lap && head - lap < FIRST ? lap + FIRST : head;
    if (want <= q->touched || (want - q->touched < window / 4 && q->touched - head > window / 8))
        return touch_beginning(q, head, free_until);
    bytes = smaller(smaller(want - q->touched, STEP), tk_ring_next_lap(&q->view, q->touched) - q->touched);
    q->touched = populate(q, q->touched, bytes) ? q->touched + bytes : UINT64_MAX;
    return true;
}

bool tk_ring_touch(struct tk_ring *q)
{
    return q->file.base ? touch_file(q) : touch_memory(q);
}
