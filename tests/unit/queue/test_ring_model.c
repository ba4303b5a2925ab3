/* SPDX-License-Identifier: Apache-2.0 */
/* Random histories of a ring in a file, compared with a simple model. Records are appended, read and finished out of
 * order; the process dies, the last record is torn, a header copy or a byte of a record is damaged, the power fails,
 * the file is opened again, also with another size. In each case every accepted record is read at least once and in
 * order, or it is damaged and counted.
 *
 * TK_MODEL_HISTORIES=N  how many (default: a few thousand)
 * TK_MODEL_SEED=N       the first one's seed; a failure prints its own */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "queue/queue_internal.h"
#include "queue/ring_layout.h"
#include "queue/ring_open.h"
#include "queue/ring_touch.h"

#define TAKES(body) tk_record_bytes(body)
#define MAX_RECORDS 2048
#define PAGE        4096u
#define HEAD        sizeof(struct tk_record_head)

/* When a check fails, print the seed that repeats the history. */
#define HOLDS(condition) \
    do { \
        if (!(condition)) { \
            print_error("seed %llu, step %u: does not hold: %s\n", (unsigned long long)m.seed, m.step, #condition); \
            fail(); \
        } \
    } while (0)

struct entry {
    uint64_t seq, position, end; /* with the filler in front of it */
    size_t len;
    uint8_t name[4];
    bool is_damaged, is_finished, is_filler_damaged;
};

struct header_state { /* a header copy in the file */
    uint64_t tail, tail_seq, head, head_seq;
};

static struct {
    uint64_t seed, random;
    unsigned step;
    struct tk_ring *ring;
    uint64_t capacity;
    struct entry entry[MAX_RECORDS]; /* all records that may still be in the file, oldest first */
    size_t count, tail, read;        /* of those: how many; the oldest unfinished; the first unread */
    uint64_t next_seq;
    uint64_t read_seq;
    bool is_filler_at_end;           /* of a record that was never accepted; the filler has next_seq */
    bool is_end_unsure;              /* a damaged record may be in the file behind the head */
    bool is_tail_unsure;             /* recovery may leave out damaged records at the tail */
    struct header_state now, before; /* its two copies */
    uint8_t name[4];
} m;

static char path[64], spare[72];

static uint64_t dice(uint64_t sides)
{
    uint64_t z = m.random += 0x9e3779b97f4a7c15u; /* splitmix64 */

    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
    z = (z ^ z >> 27) * 0x94d049bb133111ebu;
    return (z ^ z >> 31) % sides;
}

static uint64_t tail_of(void)
{
    return atomic_load(&m.ring->tail);
}
static uint64_t head_of(void)
{
    return atomic_load(&m.ring->head);
}

static void header_was_stored(void)
{
    m.before = m.now;
    m.now = (struct header_state){.tail = tail_of(), .head = head_of(), .head_seq = m.next_seq};
    m.now.tail_seq = m.tail < m.count ? m.entry[m.tail].seq : m.next_seq;
}

/* --- producer -------------------------------------------------------------------------------------------------- */

static void forget_oldest(void)
{
    const size_t half = m.tail / 2;

    memmove(m.entry, m.entry + half, (m.count - half) * sizeof(m.entry[0]));
    m.count -= half;
    m.tail -= half;
    m.read -= half;
}

static void append(void)
{
    size_t len = dice(8) ? dice(300) : dice(m.capacity), to_end = m.capacity - head_of() % m.capacity;
    uint64_t head = head_of(), used = head - tail_of();
    size_t filler = TAKES(len) > to_end ? to_end : 0;
    struct tk_time now = {.wall = (tk_nsec)m.next_seq};
    uint8_t *dst = tk_ring_reserve(m.ring, len);
    struct entry *e;

    if (dst && m.ring->reserved_at != head && to_end >= HEAD)
        m.is_filler_at_end = true;
    HOLDS((dst != NULL) == (m.capacity - used >= filler + TAKES(len)));
    if (m.count == MAX_RECORDS)
        forget_oldest();
    if (!dst || m.count == MAX_RECORDS || dice(30) == 0)
        return; /* full, or abandoned */
    memset(dst, (int)(m.next_seq & 0xff), len);
    HOLDS(tk_ring_next_seq(m.ring) == m.next_seq);
    HOLDS(tk_ring_commit(m.ring, len, &now) == m.next_seq);
    e = &m.entry[m.count++];
    *e = (struct entry){.seq = m.next_seq++, .position = head, .end = head_of(), .len = len};
    memcpy(e->name, m.name, sizeof(e->name));
    m.is_filler_at_end = false;
    HOLDS(e->end - head >= TAKES(len) &&
          (e->end - head == TAKES(len) || e->end % m.capacity == TAKES(len) % m.capacity));
}

/* --- consumer -------------------------------------------------------------------------------------------------- */

static void check(const struct entry *e, const struct tk_record *rec)
{
    HOLDS(rec->seq == e->seq && rec->end == e->end && rec->body_len == e->len);
    HOLDS(!e->is_damaged && rec->received.wall == (tk_nsec)e->seq && memcmp(rec->queue, e->name, 4) == 0);
    for (size_t i = 0; i < e->len; i++)
        HOLDS(rec->body[i] == (uint8_t)e->seq);
}

/* Damaged records are skipped and counted; that finishes them. */
static void pass_damaged(uint64_t lost)
{
    for (; lost; lost--) {
        HOLDS(m.read < m.count && m.entry[m.read].is_damaged);
        m.entry[m.read++].is_finished = true;
        m.read_seq++;
    }
}

static bool read_one(void)
{
    struct tk_record rec;
    int ret = tk_ring_read(m.ring, &rec);

    if (ret == 0) {
        HOLDS(m.read == m.count && m.read_seq == m.next_seq);
        return false;
    }
    HOLDS(rec.seq == m.read_seq);
    if (ret < 0) {
        pass_damaged(rec.lost);
        if (m.read < m.count && m.entry[m.read].position < rec.end)
            m.entry[m.read].position = rec.end; /* its filler was skipped */
        return true;
    }
    HOLDS(ret == 1 && m.read < m.count);
    check(&m.entry[m.read], &rec);
    m.entry[m.read].position = rec.position; /* behind a damaged filler the record begins later */
    m.read++;
    m.read_seq++;
    return true;
}

/* Finish a record that was read; the tail follows the finished front, as the worker's window does. */
static void finish(void)
{
    if (m.tail == m.read)
        return;
    m.entry[m.tail + dice(m.read - m.tail)].is_finished = true;
    if (!m.entry[m.tail].is_finished)
        return;
    while (m.tail < m.read && m.entry[m.tail].is_finished)
        m.tail++;
    tk_ring_release(m.ring, m.tail < m.read ? m.entry[m.tail].position : m.ring->read.position);
    header_was_stored();
}

static void read_again(void)
{
    struct tk_record rec;
    const struct entry *e;

    if (m.tail == m.read)
        return;
    e = &m.entry[m.tail + dice(m.read - m.tail)];
    if (e->is_damaged)
        return;
    HOLDS(tk_ring_read_at(m.ring, e->position, &rec) == 1);
    check(e, &rec);
}

static void look_at_books(void)
{
    struct tk_ring_books books = tk_ring_snapshot(m.ring);

    HOLDS(books.next_seq == m.next_seq && tk_ring_count_unread(m.ring, &books) == m.next_seq - m.read_seq);
    HOLDS(tk_ring_has_more(m.ring) == (books.head != m.ring->read.position));
}

static void note(void)
{
    bool is_new = m.ring->header.head != head_of();

    tk_ring_note(m.ring);
    if (is_new)
        header_was_stored();
}

/* Is there a filler with a readable head in front of the record? */
static bool has_filler(const struct entry *e)
{
    return !e->is_filler_damaged && e->end - TAKES(e->len) - e->position >= HEAD;
}

/* --- damage ---------------------------------------------------------------------------------------------------- */

/* One byte of a record that was not read, or of the filler in front of it. */
static void damage(size_t i)
{
    struct entry *e = &m.entry[i];
    uint64_t begin = e->end - TAKES(e->len), at;
    bool hits_filler = e->position < begin && dice(3) == 0;

    if (e->is_damaged)
        return;
    if (hits_filler) {
        if (begin - e->position < HEAD)
            return;
        at = e->position + dice(HEAD);
        e->is_damaged = true; /* once only: a second change could restore the byte */
    } else {
        at = begin + dice(HEAD + e->len);
        e->is_damaged = true;
    }
    m.ring->view.map[at % m.capacity] ^= (uint8_t)(1 + dice(255));
    if (hits_filler) {
        e->is_damaged = false;
        e->is_filler_damaged = true;
    }
}

static void damage_unread(void)
{
    if (m.read < m.count)
        damage(m.read + dice(m.count - m.read));
}

/* The process died while it wrote a record: some of its bytes are not there. It was never accepted. */
static void tear_last(void)
{
    size_t count = m.count, i;
    uint8_t *bytes;

    append();
    if (m.count == count)
        return;
    i = --m.count;
    m.next_seq--;
    m.is_filler_at_end = has_filler(&m.entry[i]);
    bytes = m.ring->view.map + (m.entry[i].end - TAKES(m.entry[i].len)) % m.capacity;
    bytes[dice(HEAD + m.entry[i].len)] ^= 0x40;
}

/* --- death and life -------------------------------------------------------------------------------------------- */

static void on_file(void (*change)(uint8_t *bytes))
{
    uint8_t bytes[TK_RING_HEADER_BYTES];
    int fd = open(path, O_RDWR | O_CLOEXEC);

    HOLDS(fd >= 0 && pread(fd, bytes, sizeof(bytes), 0) == (ssize_t)sizeof(bytes));
    change(bytes);
    HOLDS(pwrite(fd, bytes, sizeof(bytes), 0) == (ssize_t)sizeof(bytes));
    (void)close(fd);
}

static void spoil_newest_copy(uint8_t *bytes)
{
    struct tk_ring_header h;

    HOLDS(tk_header_load(bytes, &h) <= TK_HEADER_HALF);
    bytes[h.generation % 2 * TK_RING_HEADER_STEP + dice(sizeof(h))] ^= (uint8_t)(1 + dice(255));
}

static void set_other_boot(uint8_t *bytes)
{
    struct tk_ring_header h;

    HOLDS(tk_header_load(bytes, &h) <= TK_HEADER_HALF);
    h.boot ^= 2;
    tk_header_store(bytes, &h);
    tk_header_store(bytes, &h);
}

static uint64_t begin_of(const struct entry *e)
{
    return e->end - e->position < TAKES(e->len) ? e->position : e->end - TAKES(e->len); /* a hole is shorter */
}

static bool do_meet(uint64_t from, uint64_t end, uint64_t other, uint64_t other_end)
{
    return from + m.capacity < other_end && other < end + m.capacity;
}

/* Did a later record, or the head of the filler in front of it, take the bytes of entry @p i, a lap later? */
static bool is_written_over(size_t i, uint64_t from, uint64_t end)
{
    const struct entry *last = &m.entry[m.count - 1];

    if (m.is_filler_at_end && do_meet(from, end, last->end, last->end + HEAD))
        return true;
    while (++i < m.count) {
        const struct entry *later = &m.entry[i];
        uint64_t begin = begin_of(later);

        if (do_meet(from, end, begin, later->end) ||
            (begin - later->position >= HEAD && do_meet(from, end, later->position, later->position + HEAD)))
            return true;
    }
    return false;
}

/* Which records must be there with header @p h: the newest damaged ones are counted by the header only. */
static void expect(const struct header_state *h)
{
    uint64_t head = h->head;
    size_t first = 0;

    /* The bytes at an older tail were overwritten: the records there had been finished. If the overwriting records
     * are lost too, the ring cannot tell, and counts the older ones as damaged. */
    for (size_t i = 0; i < m.count; i++) {
        struct entry *e = &m.entry[i];

        e->is_filler_damaged |= is_written_over(i, e->position, e->position + HEAD);
        e->is_damaged |= is_written_over(i, begin_of(e), e->end);
    }
    while (m.count && m.entry[m.count - 1].is_damaged && m.entry[m.count - 1].seq >= h->head_seq &&
           !m.is_filler_at_end) {
        m.next_seq = m.entry[--m.count].seq;
        m.is_end_unsure = true;
        m.is_filler_at_end = has_filler(&m.entry[m.count]);
        if (m.is_filler_at_end)
            head = m.entry[m.count].position;
    }
    if (m.count && m.entry[m.count - 1].end > head)
        head = m.entry[m.count - 1].end;
    while (first < m.count && m.entry[first].seq < h->tail_seq)
        first++;
    if (head - h->tail > m.capacity)
        while (first < m.count && begin_of(&m.entry[first]) + m.capacity < head)
            first++;
    m.is_tail_unsure = head - h->tail > m.capacity;
    memmove(m.entry, m.entry + first, (m.count - first) * sizeof(m.entry[0]));
    m.count -= first;
    m.tail = m.read = 0;
    for (size_t i = 0; i < m.count; i++)
        m.entry[i].is_finished = false;
}

static void take_ring(void)
{
    size_t first = 0;

    while (m.is_tail_unsure && first < m.count && m.entry[first].is_damaged &&
           m.entry[first].seq < m.next_seq - tk_ring_recovered(m.ring))
        first++;
    m.is_tail_unsure = false;
    memmove(m.entry, m.entry + first, (m.count - first) * sizeof(m.entry[0]));
    m.count -= first;
    if (m.count && m.entry[0].position < tail_of())
        m.entry[0].position = tail_of(); /* its filler was overwritten */
    m.read_seq = m.count ? m.entry[0].seq : m.next_seq;
    HOLDS(tk_ring_first_seq(m.ring) == m.next_seq && tk_ring_next_seq(m.ring) == m.next_seq);
    HOLDS(tk_ring_recovered(m.ring) == m.next_seq - m.read_seq);
    HOLDS(tk_ring_capacity(m.ring) == m.capacity);
    memcpy(m.name, tk_ring_uuid(m.ring), sizeof(m.name));
    header_was_stored();
    header_was_stored();
}

/* A copy to another size changes positions: take those from the ring. Everything else must be unchanged. */
static void learn_places(void)
{
    uint64_t at = 0;

    m.is_filler_at_end = false; /* fillers are not copied */
    for (size_t i = 0; i < m.count; i++) {
        struct entry *e = &m.entry[i];

        e->position = at;
        if (!e->is_damaged)
            at += TAKES(e->len);
        else if (i == 0 || !m.entry[i - 1].is_damaged)
            at += 8; /* one hole for all records lost there */
        e->end = at;
    }
}

static size_t packed_bytes(void)
{
    size_t n = 0;

    for (size_t i = 0; i < m.count; i++)
        n += !m.entry[i].is_damaged ? TAKES(m.entry[i].len) : i == 0 || !m.entry[i - 1].is_damaged ? 8 : 0;
    return n;
}

static void open_with(uint64_t capacity)
{
    struct tk_err err = {.is_set = false};
    struct tk_ring *q = tk_ring_open(path, capacity, &err);

    if (capacity != m.capacity && packed_bytes() > capacity) {
        HOLDS(!q && err.is_set && strstr(err.text, "write a size of at least"));
        return;
    }
    HOLDS(q && !err.is_set);
    if (capacity != m.capacity)
        learn_places();
    m.ring = q;
    m.capacity = capacity;
}

static void reopen(void)
{
    const unsigned how = (unsigned)dice(6);
    const bool is_other_boot = how == 5, is_spoilt = how == 3 || how == 4;
    uint64_t capacity = dice(4) ? m.capacity : PAGE * (1 + dice(8));
    struct header_state h;
    uint8_t name[4];
    bool is_renamed;

    m.is_end_unsure |= how == 2;

    if (how == 0) {
        note();
        tk_ring_free(m.ring);
    } else {
        if (how == 2)
            tear_last();
        else
            for (unsigned n = (unsigned)dice(4); n; n--)
                if (m.tail < m.count)
                    damage(m.tail + dice(m.count - m.tail));
        tk_ring_abandon(m.ring);
    }
    if (is_spoilt)
        on_file(spoil_newest_copy);
    if (is_other_boot)
        on_file(set_other_boot);
    h = is_spoilt ? m.before : m.now;
    memcpy(name, m.name, sizeof(name));
    expect(&h);
    m.ring = NULL;
    open_with(m.is_tail_unsure ? m.capacity : capacity);
    if (!m.ring)
        open_with(m.capacity);
    is_renamed = memcmp(name, tk_ring_uuid(m.ring), 4) != 0;
    HOLDS(is_renamed || !(is_other_boot || is_spoilt));
    HOLDS(!is_renamed || is_other_boot || is_spoilt || m.is_end_unsure);
    take_ring();
}

/* --- a history ------------------------------------------------------------------------------------------------- */

static void one_step(void)
{
    switch (dice(20)) {
    case 0:
    case 1:
    case 2:
    case 3:
    case 4:
    case 5:
    case 6: append(); break;
    case 7:
    case 8:
    case 9:
    case 10: (void)read_one(); break;
    case 11:
    case 12:
    case 13:
    case 14: finish(); break;
    case 15: read_again(); break;
    case 16: look_at_books(); break;
    case 17: note(); break;
    case 18: damage_unread(); break;
    default:
        if (dice(2))
            reopen();
        else
            (void)tk_ring_touch(m.ring);
    }
}

static void one_history(uint64_t seed)
{
    struct tk_err err = {.is_set = false};

    memset(&m, 0, offsetof(__typeof__(m), entry));
    m.seed = m.random = seed;
    m.count = m.tail = m.read = 0;
    m.is_end_unsure = m.is_tail_unsure = m.is_filler_at_end = false;
    m.next_seq = 1;
    m.capacity = PAGE * (1 + dice(8));
    (void)unlink(path);
    m.ring = tk_ring_open(path, m.capacity, &err);
    HOLDS(m.ring && !err.is_set);
    take_ring();
    for (unsigned steps = 10 + (unsigned)dice(100); m.step < steps; m.step++)
        one_step();
    reopen();
    while (read_one())
        ;
    HOLDS(m.read_seq == m.next_seq && tk_ring_faults(m.ring) == 0);
    tk_ring_free(m.ring);
}

static uint64_t number(const char *name, uint64_t otherwise)
{
    const char *text = getenv(name);

    return text ? strtoull(text, NULL, 10) : otherwise;
}

static void test_histories(void **state)
{
    const uint64_t histories = number("TK_MODEL_HISTORIES", 5000), seed = number("TK_MODEL_SEED", 1);

    (void)state;
    for (uint64_t i = 0; i < histories; i++)
        one_history(seed + i);
    (void)unlink(path);
    HOLDS(access(spare, F_OK) < 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_histories)};
    const char *folder = getenv("TMPDIR");

    /* A folder in memory if there is one: a history is mostly system calls for the file. */
    (void)snprintf(path, sizeof(path), "%s/tk-model-%d",
                   access("/dev/shm", W_OK) == 0 ? "/dev/shm"
                   : folder && *folder           ? folder
                                                 : "/tmp",
                   (int)getpid());
    (void)snprintf(spare, sizeof(spare), "%s.new", path);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
