/* SPDX-License-Identifier: Apache-2.0 */
#include "queue/ring.h"

#include <errno.h>
#include <poll.h>
#include <stdalign.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <time.h>
#include <unistd.h>

#include "base/hash.h"

#define CACHE_LINE   64
#define TOUCH_BYTES  ((size_t)2 << 20)
#define RESTART_FROM ((size_t)256 << 10) /* an empty ring goes back to its beginning from here on */

#ifndef MADV_POPULATE_WRITE
#define MADV_POPULATE_WRITE 23
#endif
#define ALIGN_UP(n)  (((n) + 7) & ~(size_t)7)

struct tk_ring {
    uint8_t *map;
    size_t   capacity;
    uint8_t  uuid[16];
    int      eventfd;

    /* the producer's */
    alignas(CACHE_LINE) _Atomic uint64_t head;
    _Atomic uint64_t generation;           /* odd while the counters below and head move together */
    _Atomic uint64_t received, lost[TK_LOSSES];
    uint64_t next_seq;
    uint64_t tail_seen;                    /* what the producer last knew of tail: saves the shared cache line */
    uint64_t reserved_at;                  /* where the record being written begins */
    size_t   page_looked_at;               /* see wants_restart() */

    /* the worker's */
    alignas(CACHE_LINE) _Atomic uint64_t tail;
    uint64_t read;
    _Atomic bool is_asleep;
    size_t   touched;                      /* bytes of the mapping that have memory behind them */
};

struct tk_ring *tk_ring_new(size_t bytes)
{
    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    struct tk_ring *q = aligned_alloc(CACHE_LINE, (sizeof(*q) + CACHE_LINE - 1) / CACHE_LINE * CACHE_LINE);

    if (!q)
        return NULL;
    memset(q, 0, sizeof(*q));
    q->capacity = (bytes + page - 1) / page * page;
    q->next_seq = 1;
    q->eventfd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    q->map = mmap(NULL, q->capacity, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (q->map == MAP_FAILED)
        q->map = NULL;
    else
        (void)tk_ring_touch(q); /* the first traps; the worker touches the rest */
    if (q->eventfd < 0 || !q->map) {
        tk_ring_free(q);
        return NULL;
    }
    if (getrandom(q->uuid, sizeof(q->uuid), 0) != (ssize_t)sizeof(q->uuid)) {
        uint64_t seeds[2] = {tk_random_seed(), tk_random_seed() + 1};

        memcpy(q->uuid, seeds, sizeof(seeds));
    }
    q->uuid[6] = (q->uuid[6] & 0x0f) | 0x40; /* RFC 9562: version 4, variant 10 */
    q->uuid[8] = (q->uuid[8] & 0x3f) | 0x80;
    return q;
}

void tk_ring_free(struct tk_ring *q)
{
    if (!q)
        return;
    if (q->map)
        (void)munmap(q->map, q->capacity);
    if (q->eventfd >= 0)
        (void)close(q->eventfd);
    free(q);
}

const uint8_t *tk_ring_uuid(const struct tk_ring *q) { return q->uuid; }
size_t tk_ring_capacity(const struct tk_ring *q) { return q->capacity; }
int tk_ring_eventfd(const struct tk_ring *q) { return q->eventfd; }

size_t tk_ring_used(const struct tk_ring *q)
{
    uint64_t tail = atomic_load_explicit(&q->tail, memory_order_acquire);

    return (size_t)(atomic_load_explicit(&q->head, memory_order_acquire) - tail);
}

bool tk_ring_touch(struct tk_ring *q)
{
    size_t bytes = q->capacity - q->touched < TOUCH_BYTES ? q->capacity - q->touched : TOUCH_BYTES;

    if (bytes == 0)
        return false;
    if (madvise(q->map + q->touched, bytes, MADV_POPULATE_WRITE) < 0)
        q->touched = q->capacity; /* a kernel before 5.14: the handler meets the faults instead, once for each page */
    else
        q->touched += bytes;
    return true;
}

static size_t record_bytes(size_t body_len)
{
    return ALIGN_UP(sizeof(struct tk_record_head) + body_len);
}

/* --- producer -------------------------------------------------------------------------------------------------- */

static void write_filler(struct tk_ring *q, uint64_t position, size_t bytes)
{
    struct tk_record_head filler = {.magic = TK_RING_FILLER, .position = position};

    /* Records align to 8 bytes, so the rest may be too small for a head: the magic alone says enough. */
    memcpy(q->map + position % q->capacity, &filler, bytes < sizeof(filler) ? 8 : sizeof(filler));
}

/* An empty ring starts again at its beginning, so that a quiet one stays in the processor's cache. Looked at once a page:
 * the tail is the other thread's cache line. */
static bool wants_restart(struct tk_ring *q, uint64_t head)
{
    size_t offset = (size_t)(head % q->capacity);

    if (offset < RESTART_FROM || offset / 4096 == q->page_looked_at)
        return false;
    q->page_looked_at = offset / 4096;
    q->tail_seen = atomic_load_explicit(&q->tail, memory_order_acquire);
    return q->tail_seen == head;
}

uint8_t *tk_ring_reserve(struct tk_ring *q, size_t body_bytes)
{
    uint64_t head = atomic_load_explicit(&q->head, memory_order_relaxed);
    size_t need = record_bytes(body_bytes);
    size_t to_end = q->capacity - (size_t)(head % q->capacity);
    size_t filler = need > to_end ? to_end : 0;

    if (!filler && to_end + need <= q->capacity && wants_restart(q, head))
        filler = to_end;
    if (q->capacity - (size_t)(head - q->tail_seen) < filler + need) {
        q->tail_seen = atomic_load_explicit(&q->tail, memory_order_acquire);
        if (q->capacity - (size_t)(head - q->tail_seen) < filler + need)
            return NULL;
    }
    if (filler)
        write_filler(q, head, filler);
    q->reserved_at = head + filler;
    return q->map + q->reserved_at % q->capacity + sizeof(struct tk_record_head);
}

/* The producer's numbers change under an odd generation, so that tk_ring_snapshot() sees them and head as one. */
static void books_begin(struct tk_ring *q)
{
    uint64_t g = atomic_load_explicit(&q->generation, memory_order_relaxed);

    atomic_store_explicit(&q->generation, g + 1, memory_order_relaxed);
}

static void books_end(struct tk_ring *q)
{
    uint64_t g = atomic_load_explicit(&q->generation, memory_order_relaxed);

    atomic_store_explicit(&q->generation, g + 1, memory_order_release);
}

/* One writer: load and store are enough, and cheaper than an atomic addition. */
static void count(_Atomic uint64_t *counter)
{
    atomic_store_explicit(counter, atomic_load_explicit(counter, memory_order_relaxed) + 1, memory_order_release);
}

static uint32_t record_crc(const struct tk_record_head *head, const uint8_t *body)
{
    const size_t from = offsetof(struct tk_record_head, position);
    uint32_t crc = tk_crc32c(0, &head->magic, sizeof(head->magic));

    crc = tk_crc32c(crc, (const uint8_t *)head + from, sizeof(*head) - from);
    return tk_crc32c(crc, body, head->body_len);
}

uint64_t tk_ring_commit(struct tk_ring *q, size_t body_len, const struct tk_time *received)
{
    uint8_t *at = q->map + q->reserved_at % q->capacity;
    struct tk_record_head head = {
        .magic = TK_RING_RECORD, .position = q->reserved_at, .seq = q->next_seq++, .body_len = (uint32_t)body_len,
        .wall = received->wall, .mono = received->mono, .boot = received->boot,
    };

    memcpy(head.uuid, q->uuid, sizeof(head.uuid));
    head.crc = record_crc(&head, at + sizeof(head));
    memcpy(at, &head, sizeof(head));

    books_begin(q);
    count(&q->received);
    atomic_store(&q->head, q->reserved_at + record_bytes(body_len)); /* seq_cst: see Wake-up in ring.h */
    books_end(q);
    if (atomic_load(&q->is_asleep))
        tk_ring_wake(q);
    return head.seq;
}

void tk_ring_count_loss(struct tk_ring *q, enum tk_ring_loss loss)
{
    books_begin(q);
    count(&q->received);
    count(&q->lost[loss]);
    books_end(q);
}

/* --- consumer -------------------------------------------------------------------------------------------------- */

/* Where the record that begins at or after @p position really begins: fillers are passed. */
static uint64_t skip_filler(const struct tk_ring *q, uint64_t position)
{
    uint32_t magic;

    memcpy(&magic, q->map + position % q->capacity, sizeof(magic));
    if (magic == TK_RING_FILLER)
        position += q->capacity - position % q->capacity;
    return position;
}

/* Is there a record's head at @p begin that can be ours? Its body is not looked at. */
static bool read_head(const struct tk_ring *q, uint64_t begin, struct tk_record_head *ret_head)
{
    size_t to_end = q->capacity - (size_t)(begin % q->capacity);

    if (to_end < sizeof(*ret_head))
        return false;
    memcpy(ret_head, q->map + begin % q->capacity, sizeof(*ret_head));
    return ret_head->magic == TK_RING_RECORD && ret_head->position == begin &&
           ret_head->body_len <= to_end - sizeof(*ret_head) &&
           memcmp(ret_head->uuid, q->uuid, sizeof(ret_head->uuid)) == 0;
}

/* Does a record, a filler or the ring's end stand at @p position? */
static bool is_boundary(const struct tk_ring *q, uint64_t position, uint64_t end)
{
    struct tk_record_head next;

    return position == end || (position < end && read_head(q, skip_filler(q, position), &next));
}

/* Where the record at @p begin ends. A length that leads nowhere is damaged as well: the next sound record is sought. */
static uint64_t find_end(const struct tk_ring *q, uint64_t begin, bool is_sound, const struct tk_record_head *head)
{
    uint64_t end = atomic_load_explicit(&q->head, memory_order_acquire);

    if (is_sound && is_boundary(q, begin + record_bytes(head->body_len), end))
        return begin + record_bytes(head->body_len);
    for (begin += 8; begin < end && !is_boundary(q, begin, end); )
        begin += 8;
    return begin;
}

int tk_ring_read_at(const struct tk_ring *q, uint64_t position, struct tk_record *ret_rec)
{
    uint64_t begin = skip_filler(q, position);
    const uint8_t *at = q->map + begin % q->capacity;
    struct tk_record_head head;
    bool is_sound = read_head(q, begin, &head);

    memset(ret_rec, 0, sizeof(*ret_rec));
    ret_rec->position = position;
    ret_rec->end = find_end(q, begin, is_sound, &head);
    if (!is_sound)
        return -EBADMSG;
    ret_rec->seq = head.seq;
    if (head.crc != record_crc(&head, at + sizeof(head)))
        return -EBADMSG;
    ret_rec->received = (struct tk_time){.wall = head.wall, .mono = head.mono, .boot = head.boot};
    ret_rec->body = at + sizeof(head);
    ret_rec->body_len = head.body_len;
    return 1;
}

int tk_ring_read(struct tk_ring *q, struct tk_record *ret_rec)
{
    int ret;

    if (!tk_ring_has_more(q))
        return 0;
    ret = tk_ring_read_at(q, q->read, ret_rec);
    q->read = ret_rec->end;
    return ret;
}

bool tk_ring_has_more(const struct tk_ring *q)
{
    return atomic_load(&q->head) != q->read;
}

void tk_ring_release(struct tk_ring *q, uint64_t position)
{
    atomic_store_explicit(&q->tail, position, memory_order_release);
}

struct tk_ring_books tk_ring_snapshot(const struct tk_ring *q)
{
    struct tk_ring_books books;
    uint64_t before, after;

    do {
        before = atomic_load_explicit(&q->generation, memory_order_acquire);
        books.received = atomic_load_explicit(&q->received, memory_order_acquire);
        for (int i = 0; i < TK_LOSSES; i++)
            books.lost[i] = atomic_load_explicit(&q->lost[i], memory_order_acquire);
        books.head = atomic_load_explicit(&q->head, memory_order_acquire);
        after = atomic_load_explicit(&q->generation, memory_order_relaxed);
    } while (before != after || before % 2);
    return books;
}

uint64_t tk_ring_count_unread(const struct tk_ring *q, uint64_t head)
{
    uint64_t n = 0;

    for (uint64_t at = q->read; at < head; n++) {
        uint64_t begin = skip_filler(q, at);
        struct tk_record_head rec;
        bool is_sound = read_head(q, begin, &rec);

        at = find_end(q, begin, is_sound, &rec);
    }
    return n;
}

void tk_ring_wake(struct tk_ring *q)
{
    uint64_t one = 1;

    (void)!write(q->eventfd, &one, sizeof(one)); /* full means that it is readable already */
}

/* @returns whether somebody woke us */
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

    /* Blind to the eventfd: a busy sink writes to it all the time, and none of its reports is that urgent. */
    (void)clock_nanosleep(CLOCK_MONOTONIC, 0, &ts, NULL);
    if (tk_ring_has_more(q))
        return;
    atomic_store(&q->is_asleep, true);
    if (!tk_ring_has_more(q))
        (void)wait_for(q, timeout);
    atomic_store(&q->is_asleep, false);
}
