/* SPDX-License-Identifier: Apache-2.0 */
/* The thread that writes a queue's file to the disk, with producer and worker; for ThreadSanitizer too. */
#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "queue/ring.h"
#include "queue/ring_open.h"
#include "queue/ring_touch.h"
#include "queue/sync.h"

#define RECORDS 100000u

static char path[80];
static struct tk_ring *q;

static int setup(void **state)
{
    const char *folder = getenv("TMPDIR");

    (void)state;
    (void)snprintf(path, sizeof(path), "%s/tk-sync-%d", folder && *folder ? folder : "/tmp", (int)getpid());
    q = tk_ring_open(path, TK_RING_MIN_BYTES, NULL);
    return q ? 0 : -1;
}

static int teardown(void **state)
{
    (void)state;
    tk_ring_free(q);
    return unlink(path);
}

static void *produce(void *arg)
{
    struct tk_time now = {.wall = 1};

    for (unsigned n = 0; n < RECORDS;) {
        uint8_t *dst = tk_ring_reserve(q, n % 500);

        if (!dst) {
            (void)sched_yield();
            continue;
        }
        memset(dst, (int)(n & 0xff), n % 500);
        (void)tk_ring_commit(q, n++ % 500, &now);
    }
    return arg;
}

static void wait_for_round(const struct tk_sync *s, uint64_t rounds)
{
    tk_nsec end = tk_clock_mono() + 60 * TK_SECOND;

    while (tk_sync_rounds(s) < rounds && tk_clock_mono() < end)
        (void)sched_yield();
    assert_true(tk_sync_rounds(s) >= rounds);
}

static void test_beside_the_others(void **state)
{
    struct tk_sync *s = tk_sync_start(q, 10);
    pthread_t producer;
    struct tk_record rec;
    uint64_t seq = 0;

    (void)state;
    assert_non_null(s);
    assert_int_equal(pthread_create(&producer, NULL, produce, NULL), 0);
    while (seq < RECORDS) {
        int ret = tk_ring_read(q, &rec);

        (void)tk_ring_touch(q);
        if (ret == 0) {
            (void)sched_yield();
            continue;
        }
        assert_true(ret == 1 && rec.seq == ++seq);
        if (seq % 16 == 0)
            tk_ring_release(q, rec.end);
        if (seq % 1000 == 0)
            tk_ring_note(q);
    }
    assert_int_equal(pthread_join(producer, NULL), 0);
    wait_for_round(s, tk_sync_rounds(s) + 2);
    tk_sync_stop(s);
    assert_int_equal(tk_ring_faults(q), 0);
}

static void test_periods(void **state)
{
    struct tk_sync *s = tk_sync_start(q, 60000);
    tk_nsec before = tk_clock_mono();

    (void)state;
    assert_non_null(s);
    tk_sync_set_period(s, 10);
    wait_for_round(s, 3);
    tk_sync_set_period(s, 60000);
    tk_sync_stop(s); /* at once */
    assert_true(tk_clock_mono() - before < 30 * TK_SECOND);
    tk_sync_stop(NULL);
}

static void test_memory_has_nothing_to_sync(void **state)
{
    struct tk_ring *memory = tk_ring_new(TK_RING_MIN_BYTES);

    (void)state;
    errno = 0;
    assert_null(tk_sync_start(memory, 10));
    assert_int_equal(errno, EINVAL);
    tk_ring_free(memory);
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        T(test_beside_the_others),
        T(test_periods),
        T(test_memory_has_nothing_to_sync),
    };
#undef T

    return cmocka_run_group_tests(tests, NULL, NULL);
}
