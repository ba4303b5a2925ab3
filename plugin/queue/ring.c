/* SPDX-License-Identifier: Apache-2.0 */
#include "queue/ring.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/devel.h"
#include "queue/queue_internal.h"
#include "queue/ring_touch.h"
#include "queue/ring_wait.h"

uint64_t tk_ring_round(uint64_t bytes)
{
    uint64_t page = (uint64_t)sysconf(_SC_PAGESIZE);

    return (bytes + page - 1) / page * page;
}

struct tk_ring *tk_ring_alloc(void)
{
    struct tk_ring *q = aligned_alloc(TK_CACHE_LINE, sizeof(*q)); /* the size is a multiple, as members are aligned */

    if (!q)
        return NULL;
    memset(q, 0, sizeof(*q));
    q->next_seq = q->first_seq = q->read.seq = 1;
    q->file.fd = -1;
    q->eventfd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (q->eventfd < 0) {
        free(q);
        return NULL;
    }
    return q;
}

struct tk_ring *tk_ring_new(size_t bytes)
{
    struct tk_ring *q = tk_ring_alloc();

    if (!q)
        return NULL;
    q->view.capacity = tk_ring_round(bytes);
    q->room = q->view.capacity;
    q->view.map = mmap(NULL, q->view.capacity, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (q->view.map == MAP_FAILED) {
        q->view.map = NULL;
        tk_ring_abandon(q);
        return NULL;
    }
    tk_ring_make_uuid(q->view.uuid);
    (void)tk_ring_touch(q); /* for the first traps; the worker touches the rest */
    return q;
}

void tk_ring_abandon(struct tk_ring *q)
{
    if (!q)
        return;
    tk_mapping_guard_free(q->file.guard);
    if (q->file.base)
        (void)munmap(q->file.base, q->file.bytes);
    else if (q->view.map)
        (void)munmap(q->view.map, q->view.capacity);
    if (q->file.fd >= 0)
        (void)close(q->file.fd);
    (void)close(q->eventfd);
    free(q->path);
    free(q);
}

void tk_ring_free(struct tk_ring *q)
{
    if (q && q->file.base) {
        q->header.is_clean = 1;
        for (int copy = 0; copy < 2; copy++)
            tk_ring_store_header(q, q->header.tail, q->header.tail_seq);
    }
    tk_ring_abandon(q);
}

const uint8_t *tk_ring_uuid(const struct tk_ring *q)
{
    return q->view.uuid;
}
size_t tk_ring_capacity(const struct tk_ring *q)
{
    return q->view.capacity;
}
int tk_ring_eventfd(const struct tk_ring *q)
{
    return q->eventfd;
}
const char *tk_ring_path(const struct tk_ring *q)
{
    return q->path;
}
uint64_t tk_ring_recovered(const struct tk_ring *q)
{
    return q->recovered;
}
uint64_t tk_ring_first_seq(const struct tk_ring *q)
{
    return q->first_seq;
}
uint64_t tk_ring_faults(const struct tk_ring *q)
{
    return tk_mapping_guard_faults(q->file.guard);
}

size_t tk_ring_used(const struct tk_ring *q)
{
    uint64_t tail = atomic_load_explicit(&q->tail, memory_order_acquire);

    return (size_t)(atomic_load_explicit(&q->head, memory_order_acquire) - tail);
}

/* --- producer -------------------------------------------------------------------------------------------------- */

uint64_t tk_ring_next_seq(const struct tk_ring *q)
{
    return atomic_load_explicit(&q->next_seq, memory_order_relaxed);
}

/* Where not even a record's head has room, the reader skips the bytes without a filler. */
static void write_filler(struct tk_ring *q, uint64_t position, size_t bytes)
{
    struct tk_record_head filler = {
        .magic = TK_RING_FILLER,
        .position = position,
        .seq = tk_ring_next_seq(q),
        .life = q->life,
    };

    if (bytes < sizeof(filler))
        return;
    memcpy(filler.uuid, q->view.uuid, sizeof(filler.uuid));
    filler.crc = tk_record_crc(&filler, NULL);
    memcpy(q->view.map + position % q->view.capacity, &filler, sizeof(filler));
}

/* An empty ring starts again at its beginning, so that with few traps the ring stays in the processor's cache. Asked
 * once a page only, because reading the tail loads a cache line from the other thread's core. */
static bool wants_restart(struct tk_ring *q, uint64_t head)
{
    size_t offset = (size_t)(head % q->view.capacity);

    if (offset < TK_RING_RESTART_FROM || offset / 4096 == q->page_looked_at)
        return false;
    q->page_looked_at = offset / 4096;
    q->tail_seen = atomic_load_explicit(&q->tail, memory_order_acquire);
    return q->tail_seen == head;
}

static bool has_room(const struct tk_ring *q, uint64_t head, size_t bytes)
{
    return head - q->tail_seen + bytes <= atomic_load_explicit(&q->room, memory_order_relaxed);
}

uint8_t *tk_ring_reserve(struct tk_ring *q, size_t body_bytes)
{
    uint64_t head = atomic_load_explicit(&q->head, memory_order_relaxed);
    size_t need = tk_record_bytes(body_bytes);
    size_t to_end = q->view.capacity - (size_t)(head % q->view.capacity);
    size_t filler = need > to_end ? to_end : 0;

    TK_ON_THREAD(SNMPTRAPD);
    if (!filler && to_end + need <= q->view.capacity && wants_restart(q, head))
        filler = to_end;
    if (!has_room(q, head, filler + need)) {
        q->tail_seen = atomic_load_explicit(&q->tail, memory_order_acquire);
        if (!has_room(q, head, filler + need))
            return NULL;
    }
    if (filler)
        write_filler(q, head, filler);
    q->reserved_at = head + filler;
    TK_ASSERT(q->reserved_at % 8 == 0);
    TK_ASSERT(q->reserved_at % q->view.capacity + need <= q->view.capacity); /* contiguous */
    return q->view.map + q->reserved_at % q->view.capacity + sizeof(struct tk_record_head);
}

/* While the producer's counters change, the generation is odd: tk_ring_snapshot() reads again until it gets the
 * counters and head of one moment. */
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

/* Each counter has one writer, so load and store are enough, and cheaper than an atomic addition. */
static void count(_Atomic uint64_t *counter)
{
    atomic_store_explicit(counter, atomic_load_explicit(counter, memory_order_relaxed) + 1, memory_order_release);
}

uint64_t tk_ring_commit(struct tk_ring *q, size_t body_len, const struct tk_time *received)
{
    uint8_t *at = q->view.map + q->reserved_at % q->view.capacity;
    struct tk_record_head head = {
        .magic = TK_RING_RECORD,
        .position = q->reserved_at,
        .seq = tk_ring_next_seq(q),
        .body_len = (uint32_t)body_len,
        .life = q->life,
        .wall = received->wall,
        .mono = received->mono,
        .boot = received->boot,
    };

    TK_ON_THREAD(SNMPTRAPD);
    TK_ASSERT(q->reserved_at >= atomic_load_explicit(&q->head, memory_order_relaxed));
    TK_ASSERT(q->reserved_at % q->view.capacity + tk_record_bytes(body_len) <= q->view.capacity);
    memcpy(head.uuid, q->view.uuid, sizeof(head.uuid));
    head.crc = tk_record_crc(&head, at + sizeof(head));
    memcpy(at, &head, sizeof(head));
    TK_KILL_POINT("ring-body");

    books_begin(q);
    count(&q->received);
    count(&q->next_seq);
    atomic_store(&q->head, q->reserved_at + tk_record_bytes(body_len)); /* seq_cst: see Wake-up in ring.h */
    books_end(q);
    TK_KILL_POINT("ring-head");
    if (atomic_load(&q->is_asleep))
        tk_ring_wake(q);
    return head.seq;
}

void tk_ring_count_loss(struct tk_ring *q, enum tk_ring_loss loss)
{
    TK_ON_THREAD(SNMPTRAPD);
    TK_ASSERT((unsigned)loss < TK_LOSSES);
    books_begin(q);
    count(&q->received);
    count(&q->lost[loss]);
    books_end(q);
}

/* --- consumer -------------------------------------------------------------------------------------------------- */

struct tk_ring_books tk_ring_snapshot(const struct tk_ring *q)
{
    struct tk_ring_books books;
    uint64_t before, after;

    do {
        before = atomic_load_explicit(&q->generation, memory_order_acquire);
        books.received = atomic_load_explicit(&q->received, memory_order_acquire);
        for (int i = 0; i < TK_LOSSES; i++)
            books.lost[i] = atomic_load_explicit(&q->lost[i], memory_order_acquire);
        books.next_seq = atomic_load_explicit(&q->next_seq, memory_order_acquire);
        books.head = atomic_load_explicit(&q->head, memory_order_acquire);
        after = atomic_load_explicit(&q->generation, memory_order_relaxed);
    } while (before != after || before % 2);
    return books;
}

bool tk_ring_has_more(const struct tk_ring *q)
{
    return atomic_load(&q->head) != q->read.position;
}

int tk_ring_read(struct tk_ring *q, struct tk_record *ret_rec)
{
    uint64_t head = atomic_load(&q->head);
    struct tk_ring_books books;

    TK_ON_THREAD(WORKER);
    if (head == q->read.position)
        return 0;
    if (tk_cursor_take(&q->view, &q->read, head, ret_rec))
        return 1;
    books = tk_ring_snapshot(q);
    tk_cursor_pass(&q->view, &q->read, books.head, books.next_seq, ret_rec);
    return -EBADMSG;
}

int tk_ring_read_at(const struct tk_ring *q, uint64_t position, struct tk_record *ret_rec)
{
    TK_ON_THREAD(WORKER);
    TK_ASSERT(position >= atomic_load_explicit(&q->tail, memory_order_relaxed) && position < q->read.position);
    if (tk_record_read(&q->view, position, q->read.position, ret_rec))
        return 1;
    *ret_rec = (struct tk_record){.position = position, .end = position};
    return -EBADMSG;
}

uint64_t tk_ring_count_unread(const struct tk_ring *q, const struct tk_ring_books *books)
{
    return books->next_seq - q->read.seq;
}

/* The sequence number of the record at @p tail. The record was sound when it was read. If it is damaged by now, the
 * number comes from the next sound record, and at worst is too low: then a record is published again after a restart.
 * A number that is too high would be a loss that no counter has. */
static uint64_t seq_at(const struct tk_ring *q, uint64_t tail)
{
    const struct tk_cursor least = {.position = tail, .seq = q->header.tail_seq};
    const uint64_t end = q->read.position;
    struct tk_record_head next;
    struct tk_record rec;

    if (tail == end)
        return q->read.seq;
    if (tk_record_read(&q->view, tail, end, &rec))
        return rec.seq;
    if (tk_place_find(&q->view, &least, tail, end, end, q->read.seq, &next) == end)
        next.seq = q->read.seq;
    return next.seq > least.seq ? next.seq - 1 : least.seq;
}

void tk_ring_store_header(struct tk_ring *q, uint64_t tail, uint64_t tail_seq)
{
    struct tk_ring_books books = tk_ring_snapshot(q);

    q->header.tail = tail;
    q->header.tail_seq = tail_seq;
    q->header.head = books.head;
    q->header.head_seq = books.next_seq;
    tk_header_store(q->file.base, &q->header);
}

void tk_ring_release(struct tk_ring *q, uint64_t position)
{
    TK_ON_THREAD(WORKER);
    TK_ASSERT(position >= atomic_load_explicit(&q->tail, memory_order_relaxed) && position <= q->read.position);
    if (q->file.base) { /* first the header: from the store of `tail` on, the producer may overwrite these bytes */
        TK_KILL_POINT("ring-tail-before");
        tk_ring_store_header(q, position, seq_at(q, position));
        TK_KILL_POINT("ring-tail-after");
    }
    atomic_store_explicit(&q->tail, position, memory_order_release);
}

void tk_ring_note(struct tk_ring *q)
{
    if (tk_ring_faults(q) && q->room > TK_RING_FAULTY_ROOM)
        atomic_store_explicit(&q->room, TK_RING_FAULTY_ROOM, memory_order_relaxed);
    if (q->file.base && q->header.head != atomic_load_explicit(&q->head, memory_order_acquire))
        tk_ring_store_header(q, q->header.tail, q->header.tail_seq);
}
