/* SPDX-License-Identifier: Apache-2.0 */
/* Refused packets added up: what becomes one record, when it goes out, and what happens at each bound. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "refusal/refusal_table.h"

static struct tk_refusal_table *t;
static struct tk_time now;
static struct tk_refusal_report got;

static int setup(void **state)
{
    (void)state;
    now = (struct tk_time){.wall = 1763790326 * TK_SECOND, .mono = 1000 * TK_SECOND};
    t = tk_refusal_table_new();
    return t ? 0 : -1;
}

static int teardown(void **state)
{
    (void)state;
    tk_refusal_table_free(t);
    return 0;
}

static void pass(tk_nsec time)
{
    now.wall += time;
    now.mono += time;
}

static struct tk_refusal refusal(enum tk_reason reason, uint32_t address, const char *user, uint32_t engine)
{
    struct tk_refusal r = {.reason = reason, .peer = {.family = 4, .port = 162, .transport = TK_UDP}, .version = 3};

    memcpy(r.peer.address, &address, sizeof(address));
    r.user_len = (uint8_t)strlen(user);
    memset(r.user, '?', sizeof(r.user)); /* what stands behind a name is no part of it */
    memcpy(r.user, user, r.user_len);
    r.engine_len = engine ? 9 : 0;
    memcpy(r.engine, &engine, sizeof(engine));
    return r;
}

static void add(enum tk_reason reason, uint32_t address, const char *user, uint32_t engine)
{
    struct tk_refusal r = refusal(reason, address, user, engine);

    tk_refusal_table_add(t, &r, &now);
}

static bool next(void)
{
    return tk_refusal_table_next(t, &now, &got);
}

/* Take what is due, second by second, until @p seconds are over; count records. @returns packets */
static uint64_t drain(unsigned seconds, unsigned *ret_records)
{
    uint64_t packets = 0;

    for (; seconds; seconds--, pass(TK_SECOND)) {
        unsigned records = 0;

        while (next()) {
            packets += got.count;
            records++;
        }
        assert_true(records <= TK_REFUSAL_BURST);
        *ret_records += records;
    }
    return packets;
}

static void test_one(void **state)
{
    struct tk_refusal r = refusal(TK_REASON_WRONG_DIGEST, 7, "noc", 1);
    tk_nsec first;

    (void)state;
    assert_false(next());
    first = now.wall;
    tk_refusal_table_add(t, &r, &now);
    pass(TK_SECOND / 2);
    r.peer.port = 50063; /* another port is no other sender; the last one is told */
    r.boots = 4;
    tk_refusal_table_add(t, &r, &now);
    assert_true(next());
    assert_int_equal(got.number, 1);
    assert_int_equal(got.count, 2);
    assert_true(got.first == first && got.last == now.wall);
    assert_false(got.is_merged);
    assert_memory_equal(&got.refusal, &r, sizeof(r));
    assert_true(!got.detail[0] && !got.remedy[0]);
    assert_false(next());
    assert_int_equal(tk_refusal_table_merged(t), 0);
}

static void test_what_differs(void **state)
{
    unsigned records = 0;

    (void)state;
    add(TK_REASON_WRONG_DIGEST, 7, "noc", 1);
    add(TK_REASON_UNKNOWN_USER, 7, "noc", 1);
    add(TK_REASON_WRONG_DIGEST, 8, "noc", 1);
    add(TK_REASON_WRONG_DIGEST, 7, "no", 1);
    add(TK_REASON_WRONG_DIGEST, 7, "noc", 2);
    add(TK_REASON_WRONG_DIGEST, 7, "noc", 0);
    add(TK_REASON_WRONG_DIGEST, 7, "noc", 1);
    assert_int_equal(drain(2, &records), 7);
    assert_int_equal(records, 6);
}

static void test_once_a_minute(void **state)
{
    (void)state;
    add(TK_REASON_WRONG_DIGEST, 7, "noc", 1);
    assert_true(next());
    for (int i = 0; i < 59; i++) {
        pass(TK_SECOND);
        add(TK_REASON_WRONG_DIGEST, 7, "noc", 1);
        assert_false(next());
    }
    pass(TK_SECOND);
    assert_true(next());
    assert_int_equal(got.number, 2);
    assert_int_equal(got.count, 59);
    assert_true(got.last - got.first == 58 * TK_SECOND);
    /* Silence for a minute: it is forgotten, and the next packet is told at once. */
    pass(60 * TK_SECOND);
    assert_false(next());
    add(TK_REASON_WRONG_DIGEST, 7, "noc", 1);
    assert_true(next());
    assert_int_equal(got.count, 1);
}

static void test_burst(void **state)
{
    unsigned records = 0;

    (void)state;
    for (uint32_t i = 1; i <= 10; i++)
        add(TK_REASON_NOT_AUTHORIZED, i, "noc", 0);
    for (uint32_t i = 1; i <= TK_REFUSAL_BURST; i++) {
        uint32_t address;

        assert_true(next());
        memcpy(&address, got.refusal.peer.address, sizeof(address));
        assert_int_equal(address, i); /* oldest first */
    }
    assert_false(next());
    pass(TK_SECOND / 2);
    assert_true(next() && next() && !next());
    pass(100 * TK_MSEC);
    assert_false(next());
    pass(TK_SECOND);
    assert_int_equal(drain(3, &records), 4);
}

/* A hundred that never cease, and each second @p more that come once: what is told of both in four minutes. */
static void tell_both(uint32_t more, unsigned *ret_old, unsigned *ret_new)
{
    unsigned of_old = 0, of_new = 0;

    for (uint32_t i = 1; i <= 100; i++)
        add(TK_REASON_NOT_AUTHORIZED, i, "noc", 0);
    for (uint32_t second = 0; second < 300; second++) {
        for (uint32_t i = 1; i <= 100; i++)
            add(TK_REASON_NOT_AUTHORIZED, i, "noc", 0);
        for (uint32_t i = 0; second >= 60 && i < more; i++)
            add(TK_REASON_UNKNOWN_COMMUNITY, 1000 + more * second + i, "", 0);
        while (next()) {
            of_old += second >= 60 && got.refusal.reason == TK_REASON_NOT_AUTHORIZED;
            of_new += second >= 60 && got.refusal.reason == TK_REASON_UNKNOWN_COMMUNITY;
        }
        pass(TK_SECOND);
    }
    *ret_old = of_old;
    *ret_new = of_new;
}

static void test_all_that_is_due(void **state)
{
    unsigned of_old, of_new;

    (void)state;
    tell_both(2, &of_old, &of_new);
    assert_int_equal(of_old, 240 / 60 * 100);
    assert_int_equal(of_new, 240 * 2);
}

/* More than may go out: causes take turns. Both could fill what may go out, so each has what it needs up to the half. */
static void test_fair(void **state)
{
    unsigned of_old, of_new;

    (void)state;
    tell_both(10, &of_old, &of_new);
    assert_int_equal(of_old + of_new, 240 * TK_REFUSAL_BURST);
    assert_int_equal(of_old, 240 / 60 * 100); /* 1.7 are due in a second, less than the half */
}

static bool is_told_at_once(int reason, int hint)
{
    return tk_hint_fits(hint, reason) && hint != TK_HINT_STALE_CLOCK;
}

/* A flood of one cause from many addresses, and one packet of each other cause: as many records as there are causes tell of
 * each cause once. */
static void flood_and_one_of_each(int of_flood, uint32_t addresses)
{
    bool is_told[TK_REASONS][TK_HINTS] = {0};
    unsigned causes = 0;

    for (uint32_t i = 1; i <= addresses; i++) {
        struct tk_refusal r = refusal(of_flood % TK_REASONS, i, "noc", i);

        r.hint = of_flood / TK_REASONS;
        tk_refusal_table_add(t, &r, &now);
    }
    for (int i = 0; i < TK_REASONS * TK_HINTS; i++) {
        struct tk_refusal r = refusal(i % TK_REASONS, addresses + 1, "noc", 1);

        r.hint = i / TK_REASONS;
        if (!is_told_at_once(r.reason, r.hint))
            continue;
        tk_refusal_table_add(t, &r, &now);
        causes++;
    }
    for (unsigned records = 0; records < causes; records++) {
        if (records % TK_REFUSAL_BURST == 0)
            pass(TK_SECOND);
        assert_true(next());
        assert_false(is_told[got.refusal.reason][got.refusal.hint]);
        is_told[got.refusal.reason][got.refusal.hint] = true;
    }
}

static void test_flood_hides_no_other_cause(void **state)
{
    static const uint32_t floods[] = {500, 5000}; /* the second one fills the table */

    for (int i = 0; i < 2 * TK_REASONS * TK_HINTS; i++) {
        int cause = i / 2;

        if (!is_told_at_once(cause % TK_REASONS, cause / TK_REASONS))
            continue;
        flood_and_one_of_each(cause, floods[i % 2]);
        teardown(state);
        setup(state);
    }
}

/* The same sender with two causes of one reason has a record of each. */
static void test_hints_are_told_apart(void **state)
{
    struct tk_refusal r = refusal(TK_REASON_UNKNOWN_ENGINE, 7, "noc", 1);

    (void)state;
    r.hint = TK_HINT_NO_DISCOVERY;
    tk_refusal_table_add(t, &r, &now);
    r.hint = TK_HINT_NOT_OUR_ENGINE;
    tk_refusal_table_add(t, &r, &now);
    assert_true(next() && got.count == 1 && got.refusal.hint == TK_HINT_NO_DISCOVERY);
    assert_true(next() && got.count == 1 && got.refusal.hint == TK_HINT_NOT_OUR_ENGINE);
}

static void test_per_peer(void **state)
{
    unsigned records = 0;
    bool was_merged = false;

    (void)state;
    for (uint32_t i = 1; i <= 1000; i++)
        add(TK_REASON_UNKNOWN_USER, 7, "noc", i);
    add(TK_REASON_WRONG_DIGEST, 7, "noc", 5000);
    add(TK_REASON_UNKNOWN_USER, 8, "noc", 1); /* another peer has its own detail */
    add(TK_REASON_UNKNOWN_USER, 7, "noc", 1); /* and those that had it keep it */
    assert_int_equal(tk_refusal_table_merged(t), 1000 - TK_REFUSAL_PER_PEER + 1);
    while (records < TK_REFUSAL_PER_PEER + 3) {
        if (!next()) {
            pass(TK_SECOND);
            continue;
        }
        records++;
        if (got.is_merged && got.refusal.reason == TK_REASON_UNKNOWN_USER) {
            was_merged = true;
            assert_int_equal(got.count, 1000 - TK_REFUSAL_PER_PEER);
            assert_int_equal(got.refusal.peer.family, 4);
        }
    }
    assert_true(was_merged);
    assert_false(next());
}

/* More peers than there is room for: the rest is told by its reason, and no packet goes uncounted. */
static void test_full(void **state)
{
    const uint32_t peers = 20000, room = TK_REFUSAL_ENTRIES;
    unsigned records = 0;
    uint64_t packets = 0, merged = 0;

    (void)state;
    for (uint32_t i = 1; i <= peers; i++)
        add(i % 2 ? TK_REASON_UNKNOWN_COMMUNITY : TK_REASON_MALFORMED, i, "", 0);
    assert_int_equal(tk_refusal_table_merged(t), peers - room);
    while (packets < peers) {
        if (!next()) {
            pass(TK_SECOND);
            continue;
        }
        packets += got.count;
        records++;
        if (got.is_merged) {
            merged += got.count;
            assert_int_equal(got.refusal.peer.family, 0); /* several */
        }
    }
    assert_int_equal(packets, peers);
    assert_int_equal(merged, peers - room);
    assert_int_equal(records, room + 2);
    /* All are forgotten when their minutes are over, and there is room for detail again. */
    pass(60 * TK_SECOND);
    assert_false(next());
    for (uint32_t i = 1; i <= room; i++)
        add(TK_REASON_WRONG_DIGEST, i, "noc", i);
    assert_int_equal(tk_refusal_table_merged(t), peers - room);
    add(TK_REASON_WRONG_DIGEST, 0, "noc", 0);
    assert_int_equal(tk_refusal_table_merged(t), peers - room + 1);
}

/* A peer has its detail again as soon as an entry of it is forgotten. */
static void test_detail_comes_back(void **state)
{
    unsigned records = 0;

    (void)state;
    for (uint32_t i = 1; i <= TK_REFUSAL_PER_PEER + 1; i++)
        add(TK_REASON_UNKNOWN_USER, 7, "noc", i);
    assert_int_equal(tk_refusal_table_merged(t), 1);
    assert_int_equal(drain(70, &records), TK_REFUSAL_PER_PEER + 1);
    add(TK_REASON_UNKNOWN_USER, 7, "noc", 100);
    assert_int_equal(tk_refusal_table_merged(t), 1);
    assert_true(next() && !got.is_merged);
}

static void test_put_back(void **state)
{
    tk_nsec first = now.wall;

    (void)state;
    add(TK_REASON_UNKNOWN_USER, 7, "noc", 1);
    add(TK_REASON_UNKNOWN_USER, 8, "noc", 1);
    for (int i = 0; i < 100; i++) {
        assert_true(next());
        assert_int_equal(got.number, 1);
        assert_int_equal(got.count, 1 + i);
        assert_int_equal(got.refusal.peer.address[0], 7); /* still the first */
        tk_refusal_table_put_back(t, &got);
        pass(TK_SECOND);
        add(TK_REASON_UNKNOWN_USER, 7, "noc", 1);
    }
    assert_true(next());
    assert_int_equal(got.count, 101);
    assert_true(got.first == first && got.last == now.wall);
    assert_true(next());
    assert_int_equal(got.refusal.peer.address[0], 8);
    assert_int_equal(got.number, 2);
    assert_false(next());
    /* One that had its record already. */
    add(TK_REASON_UNKNOWN_USER, 7, "noc", 1);
    pass(60 * TK_SECOND);
    assert_true(next());
    tk_refusal_table_put_back(t, &got);
    assert_true(next());
    assert_int_equal(got.count, 1);
    assert_false(next());
}

static void stale(void)
{
    struct tk_refusal r = refusal(TK_REASON_NOT_IN_TIME_WINDOW, 7, "noc", 1);

    r.hint = TK_HINT_STALE_CLOCK;
    tk_refusal_table_add(t, &r, &now);
}

static void test_stale_clock(void **state)
{
    (void)state;
    for (int minute = 0; minute < 3; minute++) { /* two attempts a minute are how it is meant to be */
        stale();
        stale();
        assert_false(next());
        pass(59 * TK_SECOND);
        assert_false(next());
        pass(TK_SECOND);
        assert_false(next());
    }
    stale();
    stale();
    pass(TK_SECOND);
    stale();
    assert_true(next());
    assert_int_equal(got.count, 3);
    stale();
    stale();
    pass(60 * TK_SECOND);
    assert_false(next());
    /* A replay to the same engine is another matter. */
    stale();
    add(TK_REASON_NOT_IN_TIME_WINDOW, 7, "noc", 1);
    assert_true(next());
    assert_int_equal(got.count, 1);
    assert_int_equal(got.refusal.hint, TK_HINT_NONE);
}

static void test_ipv6_and_unknown_peers(void **state)
{
    struct tk_refusal r = {.reason = TK_REASON_MALFORMED};

    (void)state;
    tk_refusal_table_add(t, &r, &now);
    r.peer.family = 6;
    tk_refusal_table_add(t, &r, &now);
    r.peer.address[15] = 1;
    tk_refusal_table_add(t, &r, &now);
    tk_refusal_table_add(t, &r, &now);
    assert_true(next() && got.count == 1 && got.refusal.peer.family == 0 && !got.is_merged);
    assert_true(next() && got.count == 1 && got.refusal.peer.family == 6);
    assert_true(next() && got.count == 2 && got.refusal.peer.address[15] == 1);
    assert_false(next());
}

/* Whatever comes, every packet is told once, in at most four records a second. */
static void test_random(void **state)
{
    uint64_t added = 0, told = 0;
    uint32_t seed = 12345;
    unsigned records = 0;

    (void)state;
    for (int second = 0; second < 2000; second++) {
        unsigned in_this = 0;

        for (int i = 0; i < 100; i++, added++) {
            seed = seed * 1664525 + 1013904223;
            add((enum tk_reason)(seed >> 8) % TK_REASONS, (seed >> 12) % (seed & 1 << 20 ? 20 : 2000), "noc",
                seed >> 20 & 31);
        }
        while (next()) {
            told += got.count;
            assert_int_equal(got.number, ++records);
            if (seed >> 16 & 3 || in_this) {
                in_this++;
                continue;
            }
            told -= got.count;
            records--;
            tk_refusal_table_put_back(t, &got);
            break;
        }
        assert_true(in_this <= TK_REFUSAL_BURST);
        pass(TK_SECOND);
    }
    told += drain(5000, &records);
    assert_int_equal(told, added);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
        TEST(test_one),
        TEST(test_what_differs),
        TEST(test_once_a_minute),
        TEST(test_burst),
        TEST(test_all_that_is_due),
        TEST(test_fair),
        TEST(test_flood_hides_no_other_cause),
        TEST(test_hints_are_told_apart),
        TEST(test_per_peer),
        TEST(test_full),
        TEST(test_detail_comes_back),
        TEST(test_put_back),
        TEST(test_stale_clock),
        TEST(test_ipv6_and_unknown_peers),
        TEST(test_random),
#undef TEST
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
