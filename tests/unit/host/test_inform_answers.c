/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "host/inform_answers.h"

#define PLACES 4u
#define BYTES  100u

static struct tk_inform_answers *t;
static unsigned alive; /* replies */

static void free_reply(void *reply)
{
    alive--;
    free(reply);
}

static void *reply(void)
{
    alive++;
    return malloc(1);
}

static struct tk_hash128 key(uint64_t n)
{
    return (struct tk_hash128){.high = n, .low = n % 3}; /* several to a bucket */
}

static int setup(void **state)
{
    (void)state;
    alive = 0;
    t = tk_inform_answers_new(PLACES, BYTES, free_reply);
    return t ? 0 : -1;
}

static int teardown(void **state)
{
    (void)state;
    tk_inform_answers_free(t);
    return alive == 0 ? 0 : -1;
}

static uint32_t add(uint64_t n)
{
    uint32_t place;

    assert_int_equal(tk_inform_answers_find(t, key(n)), 0);
    place = tk_inform_answers_add(t, key(n));
    assert_in_range(place, 1, PLACES);
    tk_inform_answers_wait(t, place, n);
    assert_int_equal(tk_inform_answers_find(t, key(n)), place);
    return place;
}

static void test_its_life(void **state)
{
    uint32_t place = add(1);
    void *kept = reply();

    (void)state;
    assert_int_equal(tk_inform_answers_state(t, place), TK_INFORM_WAITING);
    assert_int_equal(tk_inform_answers_seq(t, place), 1);
    assert_int_equal(tk_inform_answers_waiting(t), 1);
    assert_null(tk_inform_answers_steal(t, place));
    tk_inform_answers_keep(t, place, reply(), 10, 0);
    tk_inform_answers_keep(t, place, kept, 20, 0);
    assert_int_equal(alive, 1);
    assert_int_equal(tk_inform_answers_bytes(t), 20);
    assert_ptr_equal(tk_inform_answers_steal(t, place), kept);
    free_reply(kept);
    assert_int_equal(tk_inform_answers_bytes(t), 0);
    tk_inform_answers_end(t, place, TK_INFORM_DELIVERED, 0);
    assert_int_equal(tk_inform_answers_state(t, place), TK_INFORM_DELIVERED);
    assert_int_equal(tk_inform_answers_waiting(t), 0);
    tk_inform_answers_expire(t, TK_INFORM_KNOWN_FOR - 1);
    assert_int_equal(tk_inform_answers_find(t, key(1)), place);
    tk_inform_answers_expire(t, TK_INFORM_KNOWN_FOR);
    assert_int_equal(tk_inform_answers_find(t, key(1)), 0);
    assert_int_equal(tk_inform_answers_evicted(t), 0);
}

/* A refused one that is tried again. */
static void test_waits_again(void **state)
{
    uint32_t place = add(1);

    (void)state;
    tk_inform_answers_end(t, place, TK_INFORM_REFUSED, 0);
    tk_inform_answers_wait(t, place, 2);
    assert_int_equal(tk_inform_answers_state(t, place), TK_INFORM_WAITING);
    assert_int_equal(tk_inform_answers_seq(t, place), 2);
    tk_inform_answers_expire(t, 1000 * TK_INFORM_KNOWN_FOR);
    assert_int_equal(tk_inform_answers_find(t, key(1)), place);
}

/* No sender waits that long; but its record may be in the queue for hours, and is not to be published twice. */
static void test_an_old_reply_goes_and_its_entry_stays(void **state)
{
    uint32_t place = add(1);

    (void)state;
    tk_inform_answers_keep(t, place, reply(), 10, 0);
    tk_inform_answers_keep(t, add(2), reply(), 10, 1);
    tk_inform_answers_expire(t, TK_INFORM_REPLY_FOR);
    assert_int_equal(alive, 1);
    assert_int_equal(tk_inform_answers_evicted(t), 1);
    assert_int_equal(tk_inform_answers_find(t, key(1)), place);
    assert_int_equal(tk_inform_answers_waiting(t), 2);
    tk_inform_answers_keep(t, place, reply(), 10, TK_INFORM_REPLY_FOR); /* it was sent again */
    assert_int_equal(alive, 2);
}

static void test_bytes_are_bounded(void **state)
{
    uint32_t first = add(1), second = add(2), third = add(3);

    (void)state;
    tk_inform_answers_keep(t, first, reply(), 40, 0);
    tk_inform_answers_keep(t, second, reply(), 40, 0);
    tk_inform_answers_keep(t, first, reply(), 40, 1); /* now the second is the oldest */
    tk_inform_answers_keep(t, third, reply(), 40, 2);
    assert_int_equal(tk_inform_answers_bytes(t), 80);
    assert_int_equal(tk_inform_answers_evicted(t), 1);
    assert_null(tk_inform_answers_steal(t, second));
    tk_inform_answers_keep(t, second, reply(), BYTES + 1, 3); /* larger than all there is */
    assert_int_equal(tk_inform_answers_bytes(t), 0);
    assert_int_equal(tk_inform_answers_waiting(t), 3);
    assert_int_equal(alive, 0);
}

static void test_places_are_bounded(void **state)
{
    uint32_t place[PLACES + 1];

    (void)state;
    for (uint32_t n = 1; n <= PLACES; n++) {
        place[n] = add(n);
        tk_inform_answers_keep(t, place[n], reply(), 10, 0);
    }
    tk_inform_answers_mute(t, place[3]);
    free_reply(tk_inform_answers_steal(t, place[3]));
    tk_inform_answers_end(t, place[3], TK_INFORM_DELIVERED, 0);
    assert_int_equal(add(10), place[3]); /* one that has ended goes first */
    assert_false(tk_inform_answers_is_mute(t, place[3]));
    assert_int_equal(tk_inform_answers_evicted(t), 0);
    assert_int_equal(add(11), place[1]); /* then the oldest */
    assert_int_equal(tk_inform_answers_evicted(t), 1);
    assert_int_equal(tk_inform_answers_find(t, key(1)), 0);
    assert_int_equal(tk_inform_answers_waiting(t), PLACES);
    assert_int_equal(alive, 2);
}

/* Random histories against a plain list. */
static void test_model(void **state)
{
    struct {
        uint64_t n;
        bool waits;
    } model[PLACES];
    uint64_t next = 1;
    size_t count = 0;

    (void)state;
    srand(7);
    for (unsigned i = 0; i < 200000; i++) {
        size_t at = count ? (size_t)rand() % count : 0;
        uint32_t place = count ? tk_inform_answers_find(t, key(model[at].n)) : 0;

        assert_true(!count || place);
        if (rand() % 3 == 0 || !count) {
            if (count == PLACES) { /* the oldest that ended, else the oldest */
                size_t victim = 0, best = SIZE_MAX;

                for (size_t k = 0; k < count; k++)
                    if (!model[k].waits && best == SIZE_MAX)
                        best = k;
                victim = best == SIZE_MAX ? 0 : best;
                memmove(&model[victim], &model[victim + 1], (--count - victim) * sizeof(model[0]));
            }
            (void)add(next);
            model[count].n = next++;
            model[count++].waits = true;
        } else if (rand() % 2 && model[at].waits && (at == 0 || !model[at - 1].waits)) { /* ended in their order */
            tk_inform_answers_end(t, place, TK_INFORM_DELIVERED, 0);
            model[at].waits = false;
        } else {
            tk_inform_answers_keep(t, place, reply(), (size_t)rand() % 60, 0);
        }
        assert_true(tk_inform_answers_bytes(t) <= BYTES);
        if (i % 1000 == 999) {
            size_t waiting = 0;

            for (size_t k = 0; k < count; k++)
                waiting += model[k].waits;
            assert_int_equal(tk_inform_answers_waiting(t), waiting);
        }
    }
}

/* Replies are due in the order in which Kafka acknowledged their events; without a reply nothing is due. */
static void test_due(void **state)
{
    uint32_t a = add(1), b = add(2), c = add(3), d = add(4);

    (void)state;
    assert_int_equal(tk_inform_answers_next_due(t), 0);
    tk_inform_answers_keep(t, a, reply(), 10, 0);
    tk_inform_answers_keep(t, b, reply(), 10, 0);
    tk_inform_answers_keep(t, d, reply(), 10, 0);
    assert_int_equal(tk_inform_answers_next_due(t), 0);
    tk_inform_answers_end(t, b, TK_INFORM_DELIVERED, 1);
    tk_inform_answers_end(t, c, TK_INFORM_DELIVERED, 1);
    tk_inform_answers_end(t, d, TK_INFORM_REFUSED, 1);
    tk_inform_answers_end(t, a, TK_INFORM_DELIVERED, 1);
    assert_int_equal(tk_inform_answers_next_due(t), b);
    free_reply(tk_inform_answers_steal(t, b));
    assert_int_equal(tk_inform_answers_next_due(t), a);
    assert_int_equal(tk_inform_answers_find(t, key(5)), 0);
    assert_int_equal(tk_inform_answers_add(t, key(5)), b); /* the place of the oldest one that has ended */
    assert_int_equal(tk_inform_answers_next_due(t), a);
    tk_inform_answers_keep(t, c, reply(), 95, 2); /* too many bytes: the oldest replies go, those that are due too */
    assert_int_equal(tk_inform_answers_next_due(t), 0);
    assert_int_equal(tk_inform_answers_bytes(t), 95);
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        T(test_its_life),
        T(test_waits_again),
        T(test_an_old_reply_goes_and_its_entry_stays),
        T(test_bytes_are_bounded),
        T(test_places_are_bounded),
        T(test_due),
        T(test_model),
    };
#undef T

    return cmocka_run_group_tests(tests, NULL, NULL);
}
