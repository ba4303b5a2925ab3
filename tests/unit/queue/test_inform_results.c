/* SPDX-License-Identifier: Apache-2.0 */
/* The worker's results for INFORMs. The last test runs both sides on threads of their own, for ThreadSanitizer too.
 * */
#include <poll.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "queue/inform_results.h"
#include "queue/ring.h"
#include "queue/ring_wait.h"

static struct tk_inform_results *r;

static int setup(void **state)
{
    (void)state;
    r = tk_inform_results_new();
    return r ? 0 : -1;
}

static int teardown(void **state)
{
    (void)state;
    tk_inform_results_free(r);
    return 0;
}

static bool is_readable(void)
{
    struct pollfd fd = {.fd = tk_inform_results_eventfd(r), .events = POLLIN};

    return poll(&fd, 1, 0) == 1;
}

static void test_told_once(void **state)
{
    struct tk_inform_result reply;

    (void)state;
    tk_inform_results_wait(r, 7, 100);
    tk_inform_results_tell(r, 7, 100, true);
    tk_inform_results_tell(r, 7, 100, false);
    assert_true(tk_inform_results_take(r, &reply));
    assert_true(reply.place == 7 && reply.seq == 100 && reply.is_delivered);
    assert_false(tk_inform_results_take(r, &reply));
}

static void test_order_and_fate(void **state)
{
    struct tk_inform_result reply;

    (void)state;
    tk_inform_results_wait(r, 1, 10);
    tk_inform_results_wait(r, TK_REPLY_PLACES, 11);
    tk_inform_results_tell(r, TK_REPLY_PLACES, 11, false);
    tk_inform_results_tell(r, 1, 10, true);
    assert_true(tk_inform_results_take(r, &reply) && reply.place == TK_REPLY_PLACES && !reply.is_delivered);
    assert_true(tk_inform_results_take(r, &reply) && reply.place == 1 && reply.is_delivered);
}

/* The place in a record may come from an earlier life, or from a damaged file. */
static void test_nobody_waits(void **state)
{
    struct tk_inform_result reply;

    (void)state;
    tk_inform_results_wait(r, 7, 100);
    tk_inform_results_tell(r, 7, 99, true);
    tk_inform_results_tell(r, 8, 100, true);
    tk_inform_results_tell(r, 8, 0, true);
    tk_inform_results_tell(r, 0, 0, true);
    tk_inform_results_tell(r, TK_REPLY_PLACES + 1, 100, true);
    tk_inform_results_tell(r, UINT32_MAX, 100, true);
    tk_inform_results_forget(r, 7);
    tk_inform_results_tell(r, 7, 100, true);
    tk_inform_results_wake(r);
    assert_false(is_readable());
    assert_false(tk_inform_results_take(r, &reply));
}

static void test_wakes_once_and_is_quiet_when_taken(void **state)
{
    struct tk_inform_result reply;

    (void)state;
    tk_inform_results_wait(r, 1, 10);
    tk_inform_results_wait(r, 2, 11);
    tk_inform_results_wake(r);
    assert_false(is_readable());
    tk_inform_results_tell(r, 1, 10, true);
    tk_inform_results_tell(r, 2, 11, true);
    assert_false(is_readable());
    tk_inform_results_wake(r);
    assert_true(is_readable());
    assert_true(tk_inform_results_take(r, &reply));
    assert_true(tk_inform_results_take(r, &reply));
    assert_false(tk_inform_results_take(r, &reply));
    assert_false(is_readable());
}

/* A reply for every place, and one more for a place that was given to another INFORM meanwhile. */
static void test_all_places_fit(void **state)
{
    struct tk_inform_result reply;
    uint32_t n = 0;

    (void)state;
    for (uint32_t place = 1; place <= TK_REPLY_PLACES; place++) {
        tk_inform_results_wait(r, place, place);
        tk_inform_results_tell(r, place, place, true);
    }
    tk_inform_results_wait(r, 1, 1000000);
    tk_inform_results_tell(r, 1, 1000000, true);
    tk_inform_results_wait(
        r, 2, 1000001); /* a misuse, as replies were not taken first: the one that does not fit is dropped */
    tk_inform_results_tell(r, 2, 1000001, true);
    while (tk_inform_results_take(r, &reply))
        n++;
    assert_int_equal(n, TK_REPLY_PLACES + 1);
    assert_int_equal(reply.seq, 1000000);
}

/* --- two threads ----------------------------------------------------------------------------------------------- */

#define PLACES  64u
#define RECORDS 200000u

/* The worker: reads places out of the ring's records, tells each result twice, and some with a wrong number. */
static void *work(void *arg)
{
    struct tk_ring *q = arg;
    struct tk_record rec;
    uint32_t place;

    for (uint64_t n = 0; n < RECORDS;) {
        if (tk_ring_read(q, &rec) != 1) {
            tk_inform_results_wake(r);
            tk_ring_wait(q, 0, TK_MSEC);
            continue;
        }
        memcpy(&place, rec.body, sizeof(place));
        tk_inform_results_tell(r, place, rec.seq + RECORDS, true);
        tk_inform_results_tell(r, place, rec.seq, rec.seq % 3 != 0);
        tk_inform_results_tell(r, place, rec.seq, false);
        tk_ring_release(q, rec.end);
        n++;
    }
    tk_inform_results_wake(r);
    return NULL;
}

/* A small table of INFORMs, as the host has. */
static uint64_t waits_for[PLACES + 1];
static uint64_t told, evicted;

static void take_all(void)
{
    struct tk_inform_result reply;

    while (tk_inform_results_take(r, &reply)) {
        assert_in_range(reply.place, 1, PLACES);
        if (waits_for[reply.place] != reply.seq)
            continue; /* its place was given to another INFORM */
        assert_int_equal(reply.is_delivered, reply.seq % 3 != 0);
        waits_for[reply.place] = 0;
        told++;
    }
}

static void test_two_threads(void **state)
{
    struct tk_ring *q = tk_ring_new(TK_RING_MIN_BYTES);
    struct tk_time now = {.wall = 1};
    struct pollfd fd = {.fd = tk_inform_results_eventfd(r), .events = POLLIN};
    pthread_t worker;

    (void)state;
    told = evicted = 0;
    assert_non_null(q);
    assert_int_equal(pthread_create(&worker, NULL, work, q), 0);
    for (uint64_t seq = 1; seq <= RECORDS; seq++) {
        uint32_t place = 1 + (uint32_t)(seq * 2654435761u % PLACES);
        uint8_t *dst;

        while (!(dst = tk_ring_reserve(q, sizeof(place))))
            (void)sched_yield();
        if (waits_for[place]) {
            tk_inform_results_forget(r, place);
            take_all();
        }
        evicted += waits_for[place] != 0;
        waits_for[place] = tk_ring_next_seq(q);
        tk_inform_results_wait(r, place, seq);
        memcpy(dst, &place, sizeof(place));
        assert_int_equal(tk_ring_commit(q, sizeof(place), &now), seq);
    }
    for (uint32_t place = 1; place <= PLACES; place++)
        while (waits_for[place]) {
            assert_int_equal(poll(&fd, 1, 60000), 1); /* times out if a wake-up was lost */
            take_all();
        }
    assert_int_equal(pthread_join(worker, NULL), 0);
    assert_int_equal(told + evicted, RECORDS);
    tk_ring_free(q);
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        T(test_told_once),      T(test_order_and_fate),
        T(test_nobody_waits),   T(test_wakes_once_and_is_quiet_when_taken),
        T(test_all_places_fit), T(test_two_threads),
    };
#undef T

    return cmocka_run_group_tests(tests, NULL, NULL);
}
