/* SPDX-License-Identifier: Apache-2.0 */
/* What INFORMs that wait for their answer are told. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "queue/queue_internal.h"
#include "queue/ring_open.h"
#include "worker_fixture.h"

#define INFORM "2c inform from=192.0.2.1:162 uptime=7 oid=1.3.6.1.6.3.1.1.5.3"
#define OTHER  "2c inform from=192.0.2.2:162 uptime=8 oid=1.3.6.1.6.3.1.1.5.3"

static struct world w;

static int setup(void **state)
{
    (void)state;
    world_init(&w, TK_RING_MIN_BYTES);
    world_configure(&w, NULL);
    world_run(&w); /* message 0 says that the worker has started */
    w.kafka.is_manual = true;
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    world_done(&w);
    return 0;
}

static void report_all(enum tk_fate fate)
{
    fake_kafka_report_all(&w.kafka, fate);
    world_run(&w);
}

/* Condemned in its batch, sent alone, and condemned again. */
static void condemn(void)
{
    report_all(TK_CONDEMNED);
    world_pass(&w, 5 * TK_SECOND);
    world_run(&w);
    report_all(TK_CONDEMNED);
}

static void test_answered_when_delivered(void **state)
{
    (void)state;
    (void)world_inform(&w, INFORM, 1);
    world_number(&w, 1); /* a trap: nobody waits */
    (void)world_inform(&w, OTHER, 2);
    world_run(&w);
    assert_int_equal(world_reply(&w), 0);
    fake_kafka_report(&w.kafka, 3, TK_DELIVERED);
    world_run(&w);
    assert_int_equal(world_reply(&w), 2);
    assert_int_equal(world_reply(&w), 0);
    report_all(TK_SEND_AGAIN);
    assert_int_equal(world_reply(&w), 0); /* it is on its way again */
    world_pass(&w, TK_SECOND);
    world_run(&w);
    report_all(TK_DELIVERED);
    assert_int_equal(world_reply(&w), 1);
    assert_int_equal(world_reply(&w), 0);
}

static void test_never_answered_when_lost(void **state)
{
    (void)state;
    (void)world_inform(&w, INFORM, 1);
    world_run(&w);
    condemn();
    assert_int_equal(world_reply(&w), -1);
    w.kafka.answer = TK_TOO_LARGE;
    (void)world_inform(&w, INFORM, 2);
    world_run(&w);
    assert_int_equal(world_reply(&w), -2);
}

/* The record is sound, what it holds is not. */
static void test_malformed(void **state)
{
    struct tk_trap_head head = {.format = TK_TRAP_FORMAT, .version = TK_SNMP_V2C, .pdu = TK_PDU_INFORM, .reply = 9};

    (void)state;
    tk_inform_results_wait(w.replies, 9, tk_ring_next_seq(w.ring));
    assert_true(world_bytes(&w, &head, sizeof(head)));
    world_run(&w);
    assert_int_equal(world_stat(&w, TK_DROPPED_MALFORMED), 1);
    assert_int_equal(world_reply(&w), -9);
}

static void test_repeat_waits_for_the_first(void **state)
{
    (void)state;
    assert_true(world_trap(&w, INFORM)); /* the first waits for no answer itself */
    for (uint32_t place = 1; place <= 100; place++)
        (void)world_inform(&w, INFORM, place);
    (void)world_inform(&w, OTHER, 101);
    world_run(&w);
    assert_int_equal(world_stat(&w, TK_SUPPRESSED_DUPLICATE), 100);
    assert_int_equal(world_reply(&w), 0);
    fake_kafka_report(&w.kafka, 2, TK_DELIVERED);
    world_run(&w);
    assert_int_equal(world_reply(&w), 101);
    report_all(TK_DELIVERED);
    for (unsigned i = 0; i < 100; i++)
        assert_true(world_reply(&w) > 0);
    assert_int_equal(world_reply(&w), 0);
    (void)world_inform(&w, INFORM, 102); /* the first is delivered */
    world_run(&w);
    assert_int_equal(world_stat(&w, TK_SUPPRESSED_DUPLICATE), 101);
    assert_int_equal(world_reply(&w), 102);
}

static void test_repeat_of_one_that_is_lost(void **state)
{
    (void)state;
    (void)world_inform(&w, INFORM, 1);
    world_run(&w);
    (void)world_inform(&w, INFORM, 2);
    world_run(&w);
    condemn();
    assert_int_equal(world_reply(&w), -1);
    assert_int_equal(world_reply(&w), -2);
    (void)world_inform(&w, INFORM, 3); /* news again */
    world_run(&w);
    report_all(TK_DELIVERED);
    assert_int_equal(world_reply(&w), 3);
    assert_int_equal(world_stat(&w, TK_PUBLISHED), 1);
    assert_int_equal(world_stat(&w, TK_SUPPRESSED_DUPLICATE), 1);
}

static void test_place_that_was_given_to_another(void **state)
{
    (void)state;
    (void)world_inform(&w, INFORM, 1);
    world_run(&w);
    tk_inform_results_forget(w.replies, 1);
    (void)world_inform(&w, OTHER, 1);
    world_run(&w);
    fake_kafka_report(&w.kafka, 1, TK_DELIVERED);
    world_run(&w);
    assert_int_equal(world_reply(&w), 0);
    report_all(TK_DELIVERED);
    assert_int_equal(world_reply(&w), 1);
}

/* What an earlier life left is published, and nobody is told: its places are others' now. */
static void test_earlier_life_is_told_nothing(void **state)
{
    char path[] = "/tmp/tk-replies-XXXXXX";
    struct tk_err err = {0};
    struct world later;
    uint64_t seq;

    (void)state;
    assert_true(mkstemp(path) >= 0);
    assert_int_equal(unlink(path), 0);
    world_open(&later, tk_ring_open(path, TK_RING_MIN_BYTES, &err), NULL);
    seq = world_inform(&later, INFORM, 1);
    world_done(&later);
    world_open(&later, tk_ring_open(path, TK_RING_MIN_BYTES, &err), NULL);
    tk_inform_results_wait(later.replies, 1, seq);
    world_configure(&later, NULL);
    world_run(&later);
    assert_int_equal(world_stat(&later, TK_RECOVERED), 1);
    assert_int_equal(world_stat(&later, TK_PUBLISHED), 1);
    assert_int_equal(world_reply(&later), 0);
    (void)world_inform(&later, OTHER, 2);
    world_run(&later);
    assert_int_equal(world_reply(&later), 2);
    world_done(&later);
    (void)unlink(path);
}

/* At the bound a place is given to another INFORM, a waiter's is not: an INFORM that finds no room is told that it is not
 * delivered, so that its retransmission counts. */
static void test_more_repeats_than_can_wait(void **state)
{
    const unsigned repeats = TK_REPLY_PLACES + 1000, places = 20000;
    unsigned told = 0;

    (void)state;
    world_done(&w);
    world_init(&w, (size_t)64 << 20);
    world_configure(&w, NULL);
    w.kafka.is_manual = true;
    (void)world_inform(&w, INFORM, 1);
    world_run(&w);
    for (unsigned n = 0; n < repeats; n++) {
        tk_inform_results_forget(w.replies, 2 + n % places); /* as the host does with the oldest */
        (void)world_inform(&w, INFORM, 2 + n % places);
        if (n % 200 == 0)
            world_run(&w);
    }
    world_run(&w);
    report_all(TK_DELIVERED);
    while (world_reply(&w) != 0)
        told++;
    assert_int_equal(told, places + 1);
}

/* Its place is unknown, its number is not. */
static void test_damaged_before_it_was_read(void **state)
{
    uint64_t at = w.ring->head % w.ring->view.capacity;

    (void)state;
    (void)world_inform(&w, INFORM, 1);
    w.ring->view.map[at + 70] ^= 1;
    world_number(&w, 5);
    world_run(&w);
    assert_int_equal(world_stat(&w, TK_DROPPED_DAMAGED), 1);
    assert_int_equal(world_reply(&w), -1);
    assert_int_equal(world_reply(&w), 0);
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        T(test_answered_when_delivered),
        T(test_never_answered_when_lost),
        T(test_malformed),
        T(test_repeat_waits_for_the_first),
        T(test_repeat_of_one_that_is_lost),
        T(test_place_that_was_given_to_another),
        T(test_earlier_life_is_told_nothing),
        T(test_more_repeats_than_can_wait),
        T(test_damaged_before_it_was_read),
    };
#undef T

    return cmocka_run_group_tests(tests, NULL, NULL);
}
