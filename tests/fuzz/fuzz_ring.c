/* SPDX-License-Identifier: Apache-2.0 */
/* Writes, reads and releases records of a ring, and changes bytes of the mapping while they are read.
 *
 * Without damage, records are read as they were written, in order. With damage, the reader must stay inside the
 * mapping, reach the head, never return a record that was not written, and count the records that it does not
 * return. At the end the bytes are recovered as if they were a queue file: with a header, and without one. */
#include "fuzz.h"

#include <string.h>
#include <sys/mman.h>

#include "queue/ring_recover.h"

#define MAX_RECORDS 512
#define GUARD       ((size_t)64 * 1024)

void *__real_mmap(void *address, size_t len, int prot, int flags, int fd, off_t offset);
void *__wrap_mmap(void *address, size_t len, int prot, int flags, int fd, off_t offset);
int __real_munmap(void *address, size_t len);
int __wrap_munmap(void *address, size_t len);

/* All inputs use one mapping for the ring, with inaccessible pages on both sides. */
static uint8_t *mapping;

void *__wrap_mmap(void *address, size_t len, int prot, int flags, int fd, off_t offset)
{
    FUZZ_CHECK(len == TK_RING_MIN_BYTES);
    if (!mapping) {
        uint8_t *whole = __real_mmap(address, len + 2 * GUARD, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, fd, offset);

        FUZZ_CHECK(whole != MAP_FAILED);
        mapping = __real_mmap(whole + GUARD, len, prot, flags | MAP_FIXED, fd, offset);
        FUZZ_CHECK(mapping == whole + GUARD);
    }
    return mapping;
}

int __wrap_munmap(void *address, size_t len)
{
    FUZZ_CHECK(address == mapping && len == TK_RING_MIN_BYTES);
    return 0;
}

struct model {
    struct tk_ring *ring;
    struct fuzz_bytes in;
    bool is_damaged; /* bytes were changed at some time */
    uint64_t committed, received, lost;
    uint64_t position;            /* the next record is at or after this position */
    uint64_t read;                /* records, lost ones included */
    uint64_t tail, tail_seq;      /* after the last release */
    uint64_t head, head_seq;      /* at that time */
    uint64_t begins[MAX_RECORDS]; /* positions that were read, not released */
    unsigned begin_count;
};

static struct tk_time time_of(uint64_t seq)
{
    return (struct tk_time){.wall = (tk_nsec)seq, .mono = (tk_nsec)(seq * 3), .boot = (tk_nsec)(seq * 5)};
}

static uint8_t byte_of(uint64_t seq, size_t i)
{
    return (uint8_t)(seq * 31 + i);
}

static size_t size_of(struct fuzz_bytes *in)
{
    static const size_t few[] = {0, 1, 7, 8, 9, 55, 56, 57, 300};
    uint8_t choice = fuzz_u8(in);

    if (choice < 128)
        return few[choice % (sizeof(few) / sizeof(few[0]))];
    return choice < 192 ? fuzz_u16(in) : fuzz_u32(in) % (TK_TRAP_MAX_BYTES + 1);
}

static void write_record(struct model *m)
{
    size_t room = size_of(&m->in), len = room ? size_of(&m->in) % (room + 1) : 0;
    uint8_t *dst = tk_ring_reserve(m->ring, room);
    uint64_t seq = m->committed + 1;
    struct tk_time now = time_of(seq);

    if (!dst) {
        tk_ring_count_loss(m->ring, TK_LOSS_QUEUE_FULL);
        m->lost++;
        m->received++;
        return;
    }
    FUZZ_CHECK(dst >= mapping + sizeof(struct tk_record_head) && dst + room <= mapping + TK_RING_MIN_BYTES);
    if (fuzz_u8(&m->in) == 0)
        return; /* the record is reserved but not committed */
    for (size_t i = 0; i < len && i < 4096; i++)
        dst[i] = byte_of(seq, i);
    if (len > 4096)
        memset(dst + 4096, (int)(seq & 0xff), len - 4096);
    FUZZ_CHECK(tk_ring_commit(m->ring, len, &now) == seq);
    m->committed = seq;
    m->received++;
}

static void check_record(const struct model *m, const struct tk_record *rec)
{
    struct tk_time then = time_of(rec->seq);

    FUZZ_CHECK(rec->seq >= 1 && rec->seq <= m->committed);
    FUZZ_CHECK(rec->received.wall == then.wall && rec->received.mono == then.mono && rec->received.boot == then.boot);
    FUZZ_CHECK(rec->body >= mapping + sizeof(struct tk_record_head) && rec->body_len <= TK_TRAP_MAX_BYTES);
    FUZZ_CHECK(rec->body + rec->body_len <= mapping + TK_RING_MIN_BYTES);
    for (size_t i = 0; i < rec->body_len && i < 4096; i++)
        FUZZ_CHECK(rec->body[i] == byte_of(rec->seq, i));
}

/* Read a record and check it. @returns false if there is none */
static bool read_record(struct model *m)
{
    struct tk_ring_books books = tk_ring_snapshot(m->ring);
    struct tk_record rec;
    int ret = tk_ring_read(m->ring, &rec);

    if (ret == 0)
        return false;
    FUZZ_CHECK(ret == 1 || m->is_damaged);
    FUZZ_CHECK(rec.position >= m->position && rec.end > rec.position && rec.end <= books.head);
    FUZZ_CHECK(rec.seq == m->read + 1);
    if (ret == 1)
        check_record(m, &rec);
    m->read += ret == 1 ? 1 : rec.lost;
    FUZZ_CHECK(m->read <= m->committed);
    m->position = rec.end;
    if (m->begin_count < MAX_RECORDS)
        m->begins[m->begin_count++] = rec.position;
    return true;
}

static void read_again(struct model *m)
{
    struct tk_ring_books books = tk_ring_snapshot(m->ring);
    struct tk_record rec;

    FUZZ_CHECK(books.next_seq == m->committed + 1);
    FUZZ_CHECK(tk_ring_count_unread(m->ring, &books) == m->committed - m->read);
    if (!m->begin_count)
        return;
    if (tk_ring_read_at(m->ring, m->begins[fuzz_u8(&m->in) % m->begin_count], &rec) == 1)
        check_record(m, &rec);
    else
        FUZZ_CHECK(m->is_damaged);
}

static void damage(struct model *m)
{
    size_t used = tk_ring_used(m->ring);
    uint64_t head = tk_ring_snapshot(m->ring).head;
    uint32_t back = fuzz_u32(&m->in);
    uint8_t *at;

    if (!used)
        return;
    /* Damage heads more often than bodies: after the read position, else anywhere between tail and head. */
    back = back & 0x80000000 && m->position < head ? (uint32_t)(head - m->position) - back % 80
                                                   : back % (uint32_t)used + 1;
    if (back == 0 || back > used)
        return;
    at = mapping + (head - back) % TK_RING_MIN_BYTES;
    *at ^= fuzz_u8(&m->in);
    m->is_damaged = true;
}

static void turn(struct model *m)
{
    struct tk_ring_books books;

    switch (fuzz_u8(&m->in) % 8) {
    case 0:
    case 1:
    case 2: write_record(m); break;
    case 3:
    case 4: (void)read_record(m); break;
    case 5: read_again(m); break;
    case 6:
        tk_ring_release(m->ring, m->position);
        m->begin_count = 0;
        m->tail = m->position;
        m->tail_seq = m->read + 1;
        m->head = tk_ring_snapshot(m->ring).head;
        m->head_seq = m->committed + 1;
        break;
    default: damage(m); break;
    }
    books = tk_ring_snapshot(m->ring);
    FUZZ_CHECK(books.received == m->received && books.lost[TK_LOSS_QUEUE_FULL] == m->lost);
    FUZZ_CHECK(tk_ring_used(m->ring) <= TK_RING_MIN_BYTES);
    FUZZ_CHECK(tk_ring_has_more(m->ring) == (m->position != books.head));
}

/* Check a recovered ring: reading ends, each record was written, and read and lost ones add up. */
static void walk(const struct model *m, const struct tk_ring_view *v, const struct tk_recovery *found)
{
    struct tk_cursor c = {.position = found->tail, .seq = found->tail_seq};
    struct tk_record rec;
    uint64_t n = 0;
    int ret;

    FUZZ_CHECK(found->head >= found->tail && found->head - found->tail <= v->capacity);
    while ((ret = tk_cursor_next(v, &c, found->head, found->head_seq, &rec)) != 0) {
        if (ret == 1)
            check_record(m, &rec);
        n += ret == 1 ? 1 : rec.lost;
        FUZZ_CHECK(rec.end > rec.position && rec.end <= found->head);
    }
    FUZZ_CHECK(n == found->head_seq - found->tail_seq);
}

static void recover(const struct model *m)
{
    const uint64_t head = tk_ring_snapshot(m->ring).head;
    struct tk_ring_view v = {.map = mapping, .capacity = TK_RING_MIN_BYTES};
    struct tk_ring_header h = {
        .tail = m->tail,
        .tail_seq = m->tail_seq,
        .head = m->head,
        .head_seq = m->head_seq,
        .boot = 1,
    };
    struct tk_recovery found;
    bool is_blank;

    memcpy(v.uuid, tk_ring_uuid(m->ring), sizeof(v.uuid));
    tk_ring_recover(&v, &h, 1, &found);
    walk(m, &v, &found);
    FUZZ_CHECK(m->is_damaged || (found.head == head && found.head_seq == m->committed + 1));
    FUZZ_CHECK(found.head >= m->head && found.head_seq >= m->head_seq && found.head_seq <= m->committed + 1);
    if (tk_ring_recover_blind(&v, &found, &is_blank))
        walk(m, &v, &found);
    else
        FUZZ_CHECK(m->is_damaged || !m->committed);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct model m = {.in = {data, size}, .tail_seq = 1, .head_seq = 1};
    unsigned turns = 0;

    m.ring = tk_ring_new(TK_RING_MIN_BYTES);
    FUZZ_CHECK(m.ring && tk_ring_capacity(m.ring) == TK_RING_MIN_BYTES);
    while (m.in.left && turns++ < 500)
        turn(&m);
    if (size % 16 == 0) /* not each time, because recovery scans the whole mapping, which is slow */
        recover(&m);
    for (turns = 0; read_record(&m); turns++)
        FUZZ_CHECK(turns <= TK_RING_MIN_BYTES / 8);
    FUZZ_CHECK(m.read == m.committed);
    memset(mapping, 0, m.position < TK_RING_MIN_BYTES ? (size_t)m.position : TK_RING_MIN_BYTES);
    tk_ring_free(m.ring);
    return 0;
}
