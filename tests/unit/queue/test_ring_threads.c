/* SPDX-License-Identifier: Apache-2.0 */
/* Producer and consumer on threads of their own; for ThreadSanitizer too. */
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "queue/ring.h"
#include "queue/ring_wait.h"

static struct tk_ring *q;
static uint64_t records;

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
    return 0;
}

static size_t body_len(uint64_t seq)
{
    return 8 + (size_t)(seq * 7919 % (seq % 1000 == 0 ? 100000 : 120));
}

static uint64_t mix(uint64_t seq)
{
    return seq * 0x9e3779b97f4a7c15u;
}

/* Puts records while there is room; without room it counts a loss, as the handler does. Pauses let the consumer
 * sleep. */
static void *produce(void *arg)
{
    const bool pauses = *(const bool *)arg;
    struct tk_time now = {.wall = 1};
    uint64_t seq = 1;

    while (seq <= records) {
        uint8_t *dst = tk_ring_reserve(q, body_len(seq));
        uint64_t word = mix(seq);

        if (!dst) {
            if (!pauses)
                tk_ring_count_loss(q, TK_LOSS_QUEUE_FULL);
            (void)sched_yield();
            continue;
        }
        memset(dst, (int)seq, body_len(seq));
        memcpy(dst, &word, sizeof(word));
        if (tk_ring_commit(q, body_len(seq), &now) != seq)
            return NULL;
        if (pauses && seq % 13 == 0)
            (void)sched_yield();
        seq++;
    }
    return arg;
}

static void consume(tk_nsec nap, bool looks_at_books)
{
    const tk_nsec patience = 60 * TK_SECOND;
    struct tk_record rec;
    uint64_t seq = 0;

    while (seq < records) {
        int ret = tk_ring_read(q, &rec);
        uint64_t word;

        if (ret == 0) {
            tk_nsec before = tk_clock_mono();

            /* A lost wake-up would take the whole timeout. */
            tk_ring_wait(q, nap, patience);
            assert_true(tk_clock_mono() - before < patience / 2);
            continue;
        }
        assert_int_equal(ret, 1);
        seq++;
        memcpy(&word, rec.body, sizeof(word));
        assert_true(rec.seq == seq && rec.body_len == body_len(seq) && word == mix(seq));
        assert_true(rec.body_len == 8 || rec.body[rec.body_len - 1] == (uint8_t)seq);
        if (looks_at_books && seq % 8 == 0) {
            struct tk_ring_books books = tk_ring_snapshot(q);

            /* At one boundary: each notification received was lost, is read, or is unread. */
            assert_true(books.received == books.lost[TK_LOSS_QUEUE_FULL] + seq + tk_ring_count_unread(q, &books));
        }
        tk_ring_release(q, rec.end);
    }
}

static void run(uint64_t count, bool pauses, tk_nsec nap, bool looks_at_books)
{
    pthread_t producer;
    void *ret;

    records = count;
    assert_int_equal(pthread_create(&producer, NULL, produce, &pauses), 0);
    consume(nap, looks_at_books);
    assert_int_equal(pthread_join(producer, &ret), 0);
    assert_non_null(ret);
    assert_int_equal(tk_ring_used(q), 0);
}

/* The consumer sleeps without a nap, so that every gap is a chance to lose a wake-up. */
static void test_no_wake_up_is_lost(void **state)
{
    (void)state;
    run(1000000, true, 0, false);
}

static void test_with_a_nap(void **state)
{
    (void)state;
    run(100000, true, TK_MSEC / 10, false);
}

static void test_books_under_a_running_producer(void **state)
{
    (void)state;
    run(100000, false, 0, true);
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        T(test_no_wake_up_is_lost),
        T(test_with_a_nap),
        T(test_books_under_a_running_producer),
    };
#undef T

    return cmocka_run_group_tests(tests, NULL, NULL);
}
