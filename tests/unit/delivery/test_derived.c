/* SPDX-License-Identifier: Apache-2.0 */
/* Derived messages that are due, apart from worker and sink. The first tests are what derived.h says, one sentence each; the last
 * one is a model: random histories against a list of changes without any structure. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "delivery/derived.h"

#define MAX     64
#define RECORDS 32
#define ALARM   TK_DERIVED_ALARM

static struct tk_derived *d;
static uint64_t ended[256]; /* tickets, in the order in which their changes ended */
static size_t ended_count;

static void end(void *arg, uint64_t ticket)
{
    assert_ptr_equal(arg, &d);
    ended[ended_count++ % 256] = ticket;
}

static struct tk_hash128 subject(unsigned n)
{
    return (struct tk_hash128){.high = n % 2, .low = 1 + n / 2}; /* neighbours share a bucket */
}

static void add(unsigned n, uint64_t ticket)
{
    tk_derived_add(d, ALARM, subject(n), ticket);
}

static void release(uint64_t ticket)
{
    tk_derived_release(d, ticket, end, &d);
}

/* The next message must have the change of this record. @returns its subject */
static uint32_t send_of(uint64_t ticket)
{
    uint32_t s = tk_derived_next(d, ALARM);

    assert_int_not_equal(s, 0);
    assert_int_equal(tk_derived_newest(d, s).ticket, ticket);
    tk_derived_sent(d, s, 10);
    assert_int_equal(tk_derived_bytes_of(d, s), 10);
    return s;
}

static void expect_ended(size_t count, ...)
{
    va_list ap;

    assert_true(tk_derived_is_sound(d));
    assert_int_equal(ended_count, count);
    va_start(ap, count);
    for (size_t i = 0; i < count; i++)
        assert_int_equal(ended[i], va_arg(ap, int));
    va_end(ap);
    ended_count = 0;
}

static int setup(void **state)
{
    (void)state;
    d = tk_derived_new(MAX, RECORDS);
    assert_non_null(d);
    ended_count = 0;
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    tk_derived_free(d);
    return 0;
}

static void test_due_when_released(void **state)
{
    (void)state;
    add(1, 1);
    assert_int_equal(tk_derived_count(d), 1);
    assert_int_equal(tk_derived_due(d), 0);
    assert_int_equal(tk_derived_next(d, ALARM), 0);
    assert_int_equal(tk_derived_of_record(d, 1), 1);
    release(1);
    assert_int_equal(tk_derived_due(d), 1);
    tk_derived_delivered(d, send_of(1), end, &d);
    expect_ended(1, 1);
    assert_int_equal(tk_derived_count(d), 0);
}

static void test_cancelled(void **state)
{
    (void)state;
    add(1, 1);
    add(2, 1);
    add(1, 2);
    tk_derived_cancel(d, 1);
    assert_int_equal(tk_derived_of_record(d, 1), 0);
    assert_int_equal(tk_derived_count(d), 1);
    release(2);
    tk_derived_delivered(d, send_of(2), end, &d);
    expect_ended(1, 2);
}

/* The same key twice in one record is one change. */
static void test_once_a_record(void **state)
{
    (void)state;
    add(1, 1);
    add(1, 1);
    assert_int_equal(tk_derived_of_record(d, 1), 1);
    release(1);
    assert_int_equal(tk_derived_due(d), 1);
}

/* Sent again, by other rules: what stays is not touched, so it is known that a newer state was published. */
static void test_changes_others(void **state)
{
    const struct tk_hash128 before[] = {subject(1), subject(2)}, after[] = {subject(2), subject(3)};

    (void)state;
    tk_derived_set(d, ALARM, 1, before, 2);
    add(2, 2);
    release(2);
    tk_derived_delivered(d, send_of(2), end, &d);
    expect_ended(1, 2);
    tk_derived_set(d, ALARM, 1, after, 2);
    assert_int_equal(tk_derived_of_record(d, 1), 2);
    release(1);
    expect_ended(1, 1); /* of subject 2 */
    tk_derived_delivered(d, send_of(1), end, &d);
    expect_ended(1, 1);
    assert_int_equal(tk_derived_count(d), 0);
}

static void test_one_in_flight(void **state)
{
    uint32_t s;

    (void)state;
    add(1, 1);
    add(1, 2);
    release(1);
    s = send_of(1);
    release(2);
    assert_int_equal(tk_derived_next(d, ALARM), 0);
    tk_derived_delivered(d, s, end, &d);
    expect_ended(1, 1);
    tk_derived_delivered(d, send_of(2), end, &d);
    expect_ended(1, 2);
}

static void test_one_message_pays_for_several(void **state)
{
    (void)state;
    for (uint64_t ticket = 1; ticket <= 3; ticket++)
        add(1, ticket);
    for (uint64_t ticket = 1; ticket <= 3; ticket++)
        release(ticket);
    tk_derived_delivered(d, send_of(3), end, &d);
    expect_ended(3, 1, 2, 3);
}

/* What comes back is sent again as it is then. */
static void test_came_back_is_newest(void **state)
{
    uint32_t s;

    (void)state;
    add(1, 1);
    add(2, 2);
    add(1, 3);
    release(1);
    release(2);
    s = send_of(1);
    release(3);
    tk_derived_came_back(d, s);
    assert_true(tk_derived_is_sound(d));
    tk_derived_delivered(d, send_of(3), end, &d); /* before the other subject */
    expect_ended(2, 1, 3);
    tk_derived_delivered(d, send_of(2), end, &d);
    expect_ended(1, 2);
}

/* Events of two partitions: the later one was acknowledged first. The topic must not go back. */
static void test_overtaken(void **state)
{
    (void)state;
    add(1, 1);
    add(1, 2);
    release(2);
    tk_derived_delivered(d, send_of(2), end, &d);
    expect_ended(1, 2);
    release(1);
    expect_ended(1, 1);
    assert_int_equal(tk_derived_next(d, ALARM), 0);
    assert_int_equal(tk_derived_count(d), 0);
}

static void test_overtaken_in_flight(void **state)
{
    uint32_t s;

    (void)state;
    add(1, 1);
    add(1, 2);
    release(2);
    s = send_of(2);
    release(1);
    expect_ended(0);
    tk_derived_delivered(d, s, end, &d);
    expect_ended(2, 1, 2);
}

static void test_refused(void **state)
{
    uint32_t s;

    (void)state;
    add(1, 1);
    add(1, 2);
    release(1);
    s = send_of(1);
    release(2);
    tk_derived_refused(d, s, end, &d);
    expect_ended(1, 1);
    tk_derived_refused(d, tk_derived_next(d, ALARM), end, &d); /* that waits: it was too large for the producer */
    expect_ended(1, 2);
    assert_int_equal(tk_derived_count(d), 0);
}

static void test_gives_way(void **state)
{
    uint32_t s;

    (void)state;
    add(2, 1);
    add(1, 1);
    release(1);
    s = send_of(1);
    tk_derived_give_way(d, 1, end, &d);
    expect_ended(2, 1, 1);
    assert_int_equal(tk_derived_count(d), 0);
    add(1, 2);
    release(2);
    assert_int_equal(tk_derived_next(d, ALARM), 0); /* still one in flight */
    tk_derived_delivered(d, s, end, &d);
    expect_ended(0);
    tk_derived_delivered(d, send_of(2), end, &d);
    expect_ended(1, 2);
}

/* A message that no record waits for, as the end of something by time alone. */
static void test_without_record(void **state)
{
    (void)state;
    add(1, 5);
    release(5);
    add(1, TK_DERIVED_NO_RECORD);
    assert_int_equal(tk_derived_due(d), 2);
    tk_derived_delivered(d, send_of(TK_DERIVED_NO_RECORD), end, &d);
    assert_int_equal(ended[1], TK_DERIVED_NO_RECORD);
    assert_int_equal(ended_count, 2);
    assert_int_equal(tk_derived_count(d), 0);
}

static void test_room(void **state)
{
    unsigned n = 0;

    (void)state;
    for (; tk_derived_has_room(d); n++)
        add(n, n % RECORDS);
    assert_int_equal(n, MAX - TK_DERIVED_PER_RECORD + 1);
    tk_derived_cancel(d, 0);
    assert_true(tk_derived_has_room(d));
}

/* --- the model ------------------------------------------------------------------------------------------------- */

#define SUBJECTS  5
#define STEPS     200
#define HISTORIES 3000

static struct {
    uint64_t random, first, next;
    bool is_due[RECORDS];                          /* by ticket modulo RECORDS */
    unsigned changes[RECORDS];                     /* a bit for each subject whose change has not ended */
    uint64_t in_flight[SUBJECTS], ended[SUBJECTS]; /* 1 + ticket; 0: none */
    uint32_t number[SUBJECTS];
    uint64_t sends, overtaken;
} m;

static unsigned dice(unsigned sides)
{
    m.random = m.random * 6364136223846793005u + 1442695040888963407u;
    return (unsigned)(m.random >> 33) % sides;
}

static unsigned subject_of(struct tk_hash128 hash)
{
    for (unsigned s = 0; s < SUBJECTS; s++)
        if (subject(s).high == hash.high && subject(s).low == hash.low)
            return s;
    fail();
    return 0;
}

static void count_end(void *arg, uint64_t ticket)
{
    unsigned *ends = arg;

    ends[ticket % RECORDS]++;
}

/* The changes that have to end are those of @p subjects that are due, up to the ticket. */
static void check_ends(const unsigned *ends, unsigned subjects, uint64_t up_to)
{
    for (uint64_t t = m.first; t < m.next; t++) {
        unsigned due = m.is_due[t % RECORDS] && t <= up_to ? m.changes[t % RECORDS] & subjects : 0;

        assert_int_equal(ends[t % RECORDS], __builtin_popcount(due));
        m.changes[t % RECORDS] &= ~due;
    }
}

static void model_add(void)
{
    uint64_t t = m.next;

    if (t - m.first == RECORDS || !tk_derived_has_room(d))
        return;
    m.next++;
    m.is_due[t % RECORDS] = false;
    m.changes[t % RECORDS] = dice(1u << SUBJECTS);
    for (unsigned s = 0; s < SUBJECTS; s++)
        if (m.changes[t % RECORDS] >> s & 1)
            add(s, t);
}

static void model_release(uint64_t t)
{
    unsigned ends[RECORDS] = {0}, overtaken = 0;

    if (t >= m.next || m.is_due[t % RECORDS])
        return;
    if (dice(5) == 0) {
        tk_derived_cancel(d, t);
        m.changes[t % RECORDS] = 0;
        m.is_due[t % RECORDS] = true;
        return;
    }
    tk_derived_release(d, t, count_end, ends);
    m.is_due[t % RECORDS] = true;
    for (unsigned s = 0; s < SUBJECTS; s++)
        if (m.ended[s] > t + 1 && m.changes[t % RECORDS] >> s & 1)
            overtaken |= 1u << s;
    m.overtaken += overtaken != 0;
    assert_int_equal(ends[t % RECORDS], __builtin_popcount(overtaken));
    m.changes[t % RECORDS] &= ~overtaken;
}

static void model_send(void)
{
    uint32_t number = tk_derived_next(d, ALARM);
    struct tk_derived_change change;
    uint64_t newest = 0;
    unsigned s;

    if (!number)
        return;
    change = tk_derived_newest(d, number);
    s = subject_of(change.subject);
    for (uint64_t t = m.first; t < m.next; t++)
        if (m.is_due[t % RECORDS] && m.changes[t % RECORDS] >> s & 1)
            newest = t;
    assert_int_equal(change.ticket, newest);
    assert_int_equal(m.in_flight[s], 0);
    tk_derived_sent(d, number, 1);
    m.in_flight[s] = newest + 1;
    m.number[s] = number;
    m.sends++;
}

static void model_report(unsigned s)
{
    unsigned ends[RECORDS] = {0};
    uint64_t sent = m.in_flight[s];

    if (!sent)
        return;
    m.in_flight[s] = 0;
    switch (dice(4)) {
    case 0: tk_derived_came_back(d, m.number[s]); return;
    case 1: tk_derived_refused(d, m.number[s], count_end, ends); break;
    default: tk_derived_delivered(d, m.number[s], count_end, ends);
    }
    if (sent > m.ended[s])
        m.ended[s] = sent;
    check_ends(ends, 1u << s, sent - 1);
}

static void model_give_way(void)
{
    unsigned ends[RECORDS] = {0};

    if (m.first == m.next || !m.is_due[m.first % RECORDS])
        return;
    tk_derived_give_way(d, m.first, count_end, ends);
    assert_int_equal(ends[m.first % RECORDS], __builtin_popcount(m.changes[m.first % RECORDS]));
    m.changes[m.first % RECORDS] = 0;
}

static void model_advance(void)
{
    while (m.first < m.next && m.is_due[m.first % RECORDS] && !m.changes[m.first % RECORDS])
        m.first++;
}

/* The topic can't be behind: a change that is due waits, or is in flight. */
static void model_check(void)
{
    unsigned due = 0, all = 0;

    for (uint64_t t = m.first; t < m.next; t++) {
        all += (unsigned)__builtin_popcount(m.changes[t % RECORDS]);
        due += m.is_due[t % RECORDS] ? (unsigned)__builtin_popcount(m.changes[t % RECORDS]) : 0;
    }
    assert_true(tk_derived_is_sound(d));
    assert_int_equal(tk_derived_due(d), due);
    assert_int_equal(tk_derived_count(d), all);
}

static void test_model(void **state)
{
    uint64_t sends = 0, overtaken = 0;

    (void)state;
    for (uint64_t history = 1; history <= HISTORIES; history++) {
        memset(&m, 0, sizeof(m));
        m.random = history;
        for (unsigned step = 0; step < STEPS; step++) {
            switch (dice(8)) {
            case 0:
            case 1: model_add(); break;
            case 2:
            case 3: model_release(m.first + dice(6)); break;
            case 4:
            case 5: model_send(); break;
            case 6: model_report(dice(SUBJECTS)); break;
            default:
                if (dice(10) == 0)
                    model_give_way();
            }
            model_advance();
            model_check();
        }
        sends += m.sends;
        overtaken += m.overtaken;
        tk_derived_free(d);
        d = tk_derived_new(MAX, RECORDS);
        assert_non_null(d);
    }
    assert_in_range(sends, HISTORIES, UINT64_MAX);
    assert_in_range(overtaken, HISTORIES / 10, UINT64_MAX);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(test_due_when_released),
        TEST(test_cancelled),
        TEST(test_once_a_record),
        TEST(test_changes_others),
        TEST(test_one_in_flight),
        TEST(test_one_message_pays_for_several),
        TEST(test_came_back_is_newest),
        TEST(test_overtaken),
        TEST(test_overtaken_in_flight),
        TEST(test_refused),
        TEST(test_gives_way),
        TEST(test_without_record),
        TEST(test_room),
        TEST(test_model),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
