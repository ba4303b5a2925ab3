/* SPDX-License-Identifier: Apache-2.0 */
#include "queue/ring.h"
#include "queue/ring_wait.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define ALIGNED(n)  (((n) + 7) & ~(size_t)7)
#define TAKES(body) ALIGNED(sizeof(struct tk_record_head) + (body))

static struct tk_ring *q;

static int setup(void **state)
{
    (void)state;
    q = tk_ring_new(TK_RING_MIN_BYTES);
    return q ? 0 : -1;
}

static int teardown(void **state)
{
    (void)state;
    tk_ring_free(q);
    tk_ring_free(NULL);
    return 0;
}

static uint64_t count_unread(const struct tk_ring *ring)
{
    struct tk_ring_books books = tk_ring_snapshot(ring);

    return tk_ring_count_unread(ring, &books);
}

static void fill(uint8_t *dst, size_t len, uint64_t seed)
{
    for (size_t i = 0; i < len; i++)
        dst[i] = (uint8_t)(seed * 31 + i);
}

static bool holds(const struct tk_record *rec, size_t len, uint64_t seed)
{
    bool is_right = rec->body_len == len;

    for (size_t i = 0; is_right && i < len; i++)
        is_right = rec->body[i] == (uint8_t)(seed * 31 + i);
    return is_right;
}

static bool put(size_t len)
{
    struct tk_time now = {.wall = 1, .mono = 2, .boot = 3};
    uint8_t *dst = tk_ring_reserve(q, len);
    static uint8_t body[TK_RING_MIN_BYTES];

    if (!dst)
        return false;
    fill(body, len, len);
    memcpy(dst, body, len);
    (void)tk_ring_commit(q, len, &now);
    return true;
}

static void test_new(void **state)
{
    struct tk_ring *other = tk_ring_new(TK_RING_MIN_BYTES + 1);

    (void)state;
    assert_int_equal(tk_ring_capacity(q), TK_RING_MIN_BYTES);
    assert_true(tk_ring_capacity(other) > TK_RING_MIN_BYTES);
    assert_memory_not_equal(tk_ring_uuid(q), tk_ring_uuid(other), 16);
    assert_int_equal(tk_ring_uuid(q)[6] >> 4, 4);
    assert_int_equal(tk_ring_uuid(q)[8] >> 6, 2);
    assert_true(tk_ring_eventfd(q) >= 0);
    assert_int_equal(tk_ring_used(q), 0);
    tk_ring_free(other);
    errno = 0;
    assert_null(tk_ring_new((size_t)1 << 60));
    assert_int_not_equal(errno, 0);
}

static void test_round_trip(void **state)
{
    struct tk_time now = {.wall = -5, .mono = 6, .boot = INT64_MAX};
    struct tk_record rec, again;
    uint8_t *dst;

    (void)state;
    assert_int_equal(tk_ring_read(q, &rec), 0);
    assert_non_null(tk_ring_reserve(q, 1000)); /* abandoned */
    dst = tk_ring_reserve(q, 1000);
    memcpy(dst, "abc", 3);
    assert_false(tk_ring_has_more(q));
    assert_int_equal(tk_ring_commit(q, 3, &now), 1); /* less than reserved */
    assert_true(tk_ring_has_more(q));
    assert_int_equal(tk_ring_used(q), TAKES(3));
    assert_non_null(tk_ring_reserve(q, 0));
    assert_int_equal(tk_ring_commit(q, 0, &now), 2);
    assert_int_equal(count_unread(q), 2);
    assert_int_equal(tk_ring_read(q, &rec), 1);
    assert_int_equal(rec.seq, 1);
    assert_int_equal(rec.body_len, 3);
    assert_memory_equal(rec.body, "abc", 3);
    assert_true(rec.received.wall == -5 && rec.received.mono == 6 && rec.received.boot == INT64_MAX);
    assert_int_equal(tk_ring_read_at(q, rec.position, &again), 1);
    assert_memory_equal(&again, &rec, sizeof(rec));
    assert_int_equal(tk_ring_read(q, &rec), 1);
    assert_int_equal(rec.body_len, 0);
    assert_int_equal(tk_ring_read(q, &rec), 0);
    tk_ring_release(q, again.end);
    assert_int_equal(tk_ring_used(q), TAKES(0));
}

static void test_full_and_wrap(void **state)
{
    struct tk_record rec;
    unsigned n = 0;

    (void)state;
    while (put(1000))
        n++;
    assert_int_equal(n, TK_RING_MIN_BYTES / TAKES(1000));
    assert_false(put(1000));
    assert_int_equal(tk_ring_read(q, &rec), 1);
    assert_false(put(1000)); /* records that were read are not finished yet */
    tk_ring_release(q, rec.end);
    assert_true(put(900)); /* behind a filler, at the front */
    assert_false(put(900));
    while (tk_ring_read(q, &rec) == 1) {
        assert_true(holds(&rec, rec.body_len, rec.body_len));
        n--;
    }
    assert_int_equal(n, 0);
    tk_ring_release(q, tk_ring_snapshot(q).head);
    assert_int_equal(tk_ring_used(q), 0);
}

/* Sizes that leave every possible rest before the end of the mapping, down to one with no room for a head. */
static void test_every_rest_at_the_end(void **state)
{
    (void)state;
    for (size_t rest = 0; rest <= 2 * TAKES(0); rest += 8) {
        size_t first = TK_RING_MIN_BYTES - rest - sizeof(struct tk_record_head);
        struct tk_record rec;

        (void)teardown(NULL);
        (void)setup(NULL);
        assert_true(put(first));
        assert_int_equal(tk_ring_read(q, &rec), 1);
        tk_ring_release(q, rec.end);
        assert_true(put(100));
        assert_true(put(200));
        assert_int_equal(count_unread(q), 2);
        assert_int_equal(tk_ring_read(q, &rec), 1);
        assert_true(holds(&rec, 100, 100));
        assert_int_equal(rec.position % TK_RING_MIN_BYTES, (TK_RING_MIN_BYTES - rest) % TK_RING_MIN_BYTES);
        tk_ring_release(q, rec.end);
        assert_int_equal(tk_ring_read(q, &rec), 1);
        assert_true(holds(&rec, 200, 200));
    }
}

static void test_largest_record(void **state)
{
    const size_t largest = TK_RING_MIN_BYTES - sizeof(struct tk_record_head);
    struct tk_record rec;

    (void)state;
    assert_null(tk_ring_reserve(q, largest + 1));
    assert_true(put(largest));
    assert_false(put(0));
    assert_int_equal(tk_ring_read(q, &rec), 1);
    assert_true(holds(&rec, largest, largest));
    tk_ring_release(q, rec.end);
    assert_true(put(largest));
}

/* One byte is changed anywhere in a record, head or body: that record is lost and counted once, its neighbours are
 * read. */
static void test_damage(void **state)
{
    const size_t body = 100;

    (void)state;
    for (size_t at = 0; at < sizeof(struct tk_record_head) + body; at++) {
        struct tk_record rec;
        uint8_t *bytes;
        int ret;

        (void)teardown(NULL);
        (void)setup(NULL);
        assert_true(put(body) && put(body) && put(body));
        assert_int_equal(tk_ring_read(q, &rec), 1);
        bytes = (uint8_t *)(uintptr_t)rec.body + ALIGNED(body); /* the second one's head */
        bytes[at] ^= 0x10;
        assert_int_equal(count_unread(q), 2);
        ret = tk_ring_read(q, &rec);
        assert_int_equal(ret, -EBADMSG);
        assert_int_equal(rec.position, TAKES(body));
        assert_int_equal(rec.end, 2 * TAKES(body));
        assert_int_equal(rec.seq, 2);
        assert_int_equal(rec.lost, 1);
        assert_int_equal(tk_ring_read_at(q, rec.position, &rec), -EBADMSG);
        assert_int_equal(tk_ring_read(q, &rec), 1);
        assert_int_equal(rec.seq, 3);
        assert_true(holds(&rec, body, body));
        assert_int_equal(tk_ring_read(q, &rec), 0);
    }
}

/* With all bytes damaged, reading ends at the head as well. */
static void test_damage_everywhere(void **state)
{
    struct tk_record rec;
    uint64_t n = 0, records = 0;

    (void)state;
    while (put(500))
        records++;
    assert_int_equal(tk_ring_read(q, &rec), 1);
    memset((uint8_t *)(uintptr_t)rec.body - sizeof(struct tk_record_head), 0xff, TK_RING_MIN_BYTES);
    assert_int_equal(count_unread(q), records - 1);
    while (tk_ring_read(q, &rec) == -EBADMSG)
        n += rec.lost;
    assert_int_equal(n, records - 1);
    assert_int_equal(count_unread(q), 0);
    assert_int_equal(rec.end, tk_ring_snapshot(q).head);
}

static void test_snapshot_counts(void **state)
{
    struct tk_ring_books books;

    (void)state;
    assert_true(put(1));
    tk_ring_count_loss(q, TK_LOSS_QUEUE_FULL);
    tk_ring_count_loss(q, TK_LOSS_TOO_LARGE);
    tk_ring_count_loss(q, TK_LOSS_TOO_LARGE);
    tk_ring_count_loss(q, TK_LOSS_MALFORMED);
    books = tk_ring_snapshot(q);
    assert_int_equal(books.received, 5);
    assert_int_equal(books.lost[TK_LOSS_QUEUE_FULL], 1);
    assert_int_equal(books.lost[TK_LOSS_TOO_LARGE], 2);
    assert_int_equal(books.lost[TK_LOSS_MALFORMED], 1);
    assert_int_equal(books.head, TAKES(1));
}

static void test_waiting(void **state)
{
    struct pollfd pfd = {.fd = tk_ring_eventfd(q), .events = POLLIN};

    (void)state;
    tk_ring_wait(q, 0, 0); /* no record: times out */
    tk_ring_wake(q);
    tk_ring_wake(q);
    assert_int_equal(poll(&pfd, 1, 0), 1);
    tk_ring_wait(q, 0, 60 * TK_SECOND); /* returns at once */
    assert_int_equal(poll(&pfd, 1, 0), 0);
    assert_true(put(1)); /* the worker does not sleep, so it is not woken */
    assert_int_equal(poll(&pfd, 1, 0), 0);
    tk_ring_wait(q, 0, 60 * TK_SECOND); /* returns at once: there is a record */
    tk_ring_wake(q);
    tk_ring_wait_for_wake(q, 60 * TK_SECOND);
    tk_ring_wait_for_wake(q, 0);
}

/* --- random histories against a model --------------------------------------------------------------------------- */

#define MODEL_MAX 4096

struct model {
    struct {
        uint64_t position, end, seed;
        size_t len;
    } record[MODEL_MAX]; /* from the tail on */
    size_t count, read;  /* records kept; of those, read */
    uint64_t head, tail, next_seq;
    const uint8_t *first; /* the body's address of a record at position 0 */
};

/* The bytes that a filler takes: a record that does not fit before the end of the mapping begins at its start. */
static size_t model_filler(const struct model *m, size_t len)
{
    size_t to_end = TK_RING_MIN_BYTES - (size_t)(m->head % TK_RING_MIN_BYTES);

    return TAKES(len) > to_end ? to_end : 0;
}

static void model_put(struct model *m, size_t len)
{
    static uint8_t body[TK_RING_MIN_BYTES];
    struct tk_time now = {.mono = (tk_nsec)m->next_seq};
    size_t filler = model_filler(m, len), reserved = len + (size_t)random() % 9;
    bool has_room = TK_RING_MIN_BYTES - (m->head - m->tail) >= filler + TAKES(len) && m->count < MODEL_MAX;
    uint8_t *dst;
    size_t at;

    if (m->count == MODEL_MAX)
        return;
    if (model_filler(m, reserved) != filler)
        reserved = len;
    dst = tk_ring_reserve(q, reserved);
    if (!dst && reserved > len)
        dst = tk_ring_reserve(q, len);
    assert_int_equal(dst != NULL, has_room);
    if (!dst)
        return;
    at = (size_t)(dst - m->first);
    if (at != (m->head + filler) % TK_RING_MIN_BYTES) { /* only an empty ring may start again, at its beginning */
        assert_true(at == 0 && m->head == m->tail);
        filler = TK_RING_MIN_BYTES - (size_t)(m->head % TK_RING_MIN_BYTES);
    }
    if (random() % 50 == 0)
        return; /* abandoned */
    fill(body, len, m->next_seq);
    memcpy(dst, body, len);
    assert_int_equal(tk_ring_commit(q, len, &now), m->next_seq);
    m->record[m->count].position = m->head;
    m->head += filler + TAKES(len);
    m->record[m->count].end = m->head;
    m->record[m->count].len = len;
    m->record[m->count++].seed = m->next_seq++;
}

static void model_check(const struct model *m, size_t i, const struct tk_record *rec)
{
    assert_int_equal(rec->position, m->record[i].position);
    assert_int_equal(rec->end, m->record[i].end);
    assert_int_equal(rec->seq, m->record[i].seed);
    assert_int_equal(rec->received.mono, m->record[i].seed);
    assert_true(holds(rec, m->record[i].len, m->record[i].seed));
}

static void model_read(struct model *m)
{
    struct tk_record rec;

    assert_int_equal(tk_ring_has_more(q), m->read < m->count);
    assert_int_equal(tk_ring_read(q, &rec), m->read < m->count);
    if (m->read < m->count)
        model_check(m, m->read++, &rec);
}

static void model_release(struct model *m)
{
    size_t n = m->read ? (size_t)random() % (m->read + 1) : 0;

    if (!n)
        return;
    m->tail = m->record[n - 1].end;
    tk_ring_release(q, m->tail);
    memmove(m->record, m->record + n, (m->count - n) * sizeof(m->record[0]));
    m->count -= n;
    m->read -= n;
}

static void test_random_histories(void **state)
{
    static struct model m;

    (void)state;
    srandom(1);
    for (int round = 0; round < 24; round++) {
        const long largest = round % 3 == 0 ? 200 : round % 3 == 1 ? 5000 : 300000;

        (void)teardown(NULL);
        (void)setup(NULL);
        memset(&m, 0, sizeof(m));
        m.next_seq = 1;
        m.first = tk_ring_reserve(q, 1);
        for (int step = 0; step < 2000; step++) {
            struct tk_record rec;

            switch (random() % 8) {
            case 0:
            case 1:
            case 2: model_put(&m, (size_t)(random() % largest)); break;
            case 3:
            case 4: model_read(&m); break;
            case 5: model_release(&m); break;
            case 6:
                if (m.read) {
                    size_t i = (size_t)random() % m.read;

                    assert_int_equal(tk_ring_read_at(q, m.record[i].position, &rec), 1);
                    model_check(&m, i, &rec);
                }
                break;
            default:
                assert_int_equal(count_unread(q), m.count - m.read);
                assert_int_equal(tk_ring_used(q), m.head - m.tail);
                assert_int_equal(tk_ring_snapshot(q).received, m.next_seq - 1);
            }
        }
    }
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        T(test_new),
        T(test_round_trip),
        T(test_full_and_wrap),
        T(test_every_rest_at_the_end),
        T(test_largest_record),
        T(test_damage),
        T(test_damage_everywhere),
        T(test_snapshot_counts),
        T(test_waiting),
        T(test_random_histories),
    };
#undef T

    return cmocka_run_group_tests(tests, NULL, NULL);
}
