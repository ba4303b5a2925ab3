/* SPDX-License-Identifier: Apache-2.0 */
/* The replay guard against a plain reference, with random histories: devices of several kinds, two users for each engine,
 * an attacker who recorded everything and sends it again, restarts of snmptrapd, kafkaReplayGuard changed by SIGHUP, and
 * leaps of time. The reference looks at the list of all accepted messages; the guard at what it kept of them.
 *
 *   TK_MODEL_SEED=N        one history, to repeat a failure
 *   TK_MODEL_HISTORIES=N   how many (default 100) */
#include "usm/guard.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/hash.h"
#include "usm/clocks_keeper.h"

#define ENGINES  6u
#define USERS    2u
#define STEPS    400u
#define MESSAGES (STEPS * 8)
#define FOREVER  (1000000 * TK_SECOND)

enum kind {
    ORDINARY,  /* time advances; each restart increments boots */
    STILL,     /* always the same boots and time */
    COUNTING,  /* each restart increments boots, but the time is always the same */
    FORGETFUL, /* time advances; each restart begins with the same boots and time 0 */
    LATCHED,   /* boots 2147483647 */
    KINDS
};

struct device {
    enum kind kind;
    uint32_t boots, time; /* time: when it (re)started, or the constant one */
    bool is_disturbed;    /* FORGETFUL: it restarted, so it may be refused until snmptrapd is restarted */
};

/** What was ever sent. */
struct message {
    uint8_t engine, user;
    uint32_t boots, time;
    uint64_t digest;
    uint32_t accepted_at[STEPS]; /* in this life of snmptrapd */
    unsigned accepted;
};

static struct {
    struct device device[ENGINES];
    struct message sent[MESSAGES];
    unsigned sent_count;
    uint32_t order[MESSAGES * 4], order_count; /* the accepted ones, of this life of snmptrapd */
    uint32_t order_at[MESSAGES * 4];
    bool had_moved[ENGINES][USERS];  /* remembered from earlier lives */
    bool is_current[ENGINES][USERS]; /* a message that is no replay was accepted in this life */
    bool is_strict;
    uint32_t now;
    uint64_t seed;
} w;

/** The module's side. */
static struct {
    struct tk_guard guard;
    struct tk_engines *engines;
    char path[96];
} t;

static uint64_t random_state;

static uint32_t dice(uint32_t sides)
{
    uint64_t z = random_state += 0x9e3779b97f4a7c15u; /* splitmix64 */

    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
    z = (z ^ z >> 27) * 0x94d049bb133111ebu;
    return (uint32_t)((z ^ z >> 31) % sides);
}

/* --- the module's side ----------------------------------------------------------------------------------------- */

static const char *user_name(uint32_t id)
{
    return id == 1 ? "noc" : "other";
}

static struct tk_clocks_source source(void)
{
    return (struct tk_clocks_source){.engines = t.engines,
                                     .clocks = t.guard.clocks,
                                     .ttl = FOREVER,
                                     .user_name = user_name};
}

static struct tk_time time_now(void)
{
    return (struct tk_time){.mono = w.now * TK_SECOND, .wall = (1700000000 + (tk_nsec)w.now) * TK_SECOND};
}

static void begin_life(void)
{
    struct tk_clocks_keeper *k;
    struct tk_clocks_source from;
    struct tk_time now = time_now();
    struct tk_err err = {0};

    assert_true(tk_guard_init(&t.guard));
    t.guard.is_strict = w.is_strict;
    t.engines = tk_engines_new();
    assert_non_null(t.engines);
    tk_engines_limit(t.engines, 1000, FOREVER, now.mono);
    from = source();
    k = tk_clocks_keeper_new(t.path, &from, 1000, &now, &err);
    assert_true(k && !err.is_set);
    tk_clocks_keeper_free(k);
}

static void end_life(void)
{
    struct tk_clocks_source from = source();
    struct tk_time now = time_now();
    struct tk_clocks_keeper *k;
    uint64_t seed = tk_clocks_seed(t.guard.clocks);
    struct tk_guard idle;

    /* A keeper reads when it is made: let it read into another table. */
    assert_true(tk_guard_init(&idle));
    from.clocks = idle.clocks;
    k = tk_clocks_keeper_new(t.path, &from, 1000, &now, NULL);
    assert_non_null(k);
    from.clocks = t.guard.clocks;
    assert_int_equal(tk_clocks_keeper_finish(k, &from, &now), 1);
    assert_true(seed == tk_clocks_seed(t.guard.clocks));
    tk_clocks_keeper_free(k);
    tk_guard_done(&idle);
    tk_guard_done(&t.guard);
    tk_engines_free(t.engines);
}

/* What net-snmp 5.9 checks (usm_check_and_update_timeliness()). */
static bool is_in_window(const struct tk_engine *e, const struct message *m)
{
    uint32_t expected;

    if (!e || m->boots > e->boots)
        return true;
    expected = e->time + (w.now - e->local_time);
    return m->boots == e->boots && (m->time >= e->time || expected - m->time <= 150);
}

/* @returns whether it is accepted */
static bool receive(const struct message *m, struct tk_guard_verdict *ret_verdict)
{
    const uint8_t id[] = {0x80, 0, 0, 9, m->engine};
    const struct tk_guarded g = {.engine = id,
                                 .engine_len = sizeof(id),
                                 .user = user_name(m->user + 1U),
                                 .user_id = m->user + 1U,
                                 .boots = m->boots,
                                 .time = m->time,
                                 .now = w.now,
                                 .digest = m->digest};
    struct tk_engine *e = tk_engines_find(t.engines, id, sizeof(id), g.user_id);
    bool is_first = !e;

    memset(ret_verdict, 0, sizeof(*ret_verdict));
    if (!is_in_window(e, m))
        return false;
    *ret_verdict = tk_guard_judge(&t.guard, e, &g);
    if (ret_verdict->refused)
        return false;
    if (is_first)
        e = tk_engines_add(t.engines, id, sizeof(id), g.user_id, w.now * TK_SECOND);
    assert_non_null(e);
    (void)tk_guard_note(&t.guard, e, &g, is_first);
    tk_engines_heard(t.engines, e, w.now * TK_SECOND);
    return true;
}

/* --- the reference: what the list of accepted messages says ----------------------------------------------------- */

static bool is_same_sender(const struct message *a, const struct message *b)
{
    return a->engine == b->engine && a->user == b->user;
}

static bool is_newer(const struct message *a, const struct message *b)
{
    return a->boots > b->boots || (a->boots == b->boots && a->time > b->time);
}

/** What the accepted messages of one engine and user say. */
struct known {
    const struct message *newest; /* NULL: none in this life of snmptrapd */
    uint32_t since;               /* when that clock was first accepted */
    bool has_moved;
};

static struct known look_back(const struct message *m)
{
    struct known k = {.has_moved = w.had_moved[m->engine][m->user]};

    for (uint32_t i = 0; i < w.order_count; i++) {
        const struct message *a = &w.sent[w.order[i]];

        if (!is_same_sender(a, m))
            continue;
        if (k.newest && a->boots == k.newest->boots && a->time != k.newest->time)
            k.has_moved = true;
        if (!k.newest || is_newer(a, k.newest)) {
            k.newest = a;
            k.since = w.order_at[i];
        }
    }
    return k;
}

/* Is it among the last 256 messages that were accepted with this clock? */
static bool is_kept(const struct message *m)
{
    unsigned seen = 0;

    for (uint32_t i = w.order_count; i-- > 0 && seen < 256;) {
        const struct message *a = &w.sent[w.order[i]];

        if (!is_same_sender(a, m) || a->boots != m->boots || a->time != m->time)
            continue;
        if (a->digest == m->digest)
            return true;
        seen++;
    }
    return false;
}

static bool expect(const struct message *m, bool *ret_is_checked)
{
    struct known k = look_back(m);
    uint32_t elapsed = w.now - k.since;

    *ret_is_checked = k.newest != NULL;
    if (m->boots == 2147483647u)
        return false;
    if (!k.newest || is_newer(m, k.newest))
        return true;
    if (m->boots < k.newest->boots)
        return false;
    if (m->time < k.newest->time)
        return k.newest->time + elapsed - m->time <= 150;
    if (k.has_moved)
        return elapsed <= 150;
    *ret_is_checked = false;
    return !is_kept(m) && (!w.is_strict || elapsed <= 150);
}

/* --- properties that no reference is needed for ------------------------------------------------------------------ */

static unsigned accepted_from(const struct message *m)
{
    unsigned count = 0;

    for (uint32_t i = 0; i < w.order_count; i++)
        count += is_same_sender(&w.sent[w.order[i]], m);
    return count;
}

/* An identical message is accepted again within 150 s only; one of a clock that does not move never, unless 256 others came
 * between. (Until the first message after a start that is no replay, an attacker sets the pace of the clock, and a device
 * that loses its boots leaves it to him.) */
static void check_replay(const struct message *m)
{
    const struct device *d = &w.device[m->engine];

    if (!m->accepted)
        return;
    if (d->kind == STILL || d->kind == COUNTING)
        assert_true(accepted_from(m) > 256);
    else if (d->kind == ORDINARY && w.is_current[m->engine][m->user])
        assert_true(w.now - m->accepted_at[m->accepted - 1] <= 150);
}

static void check_honest(const struct message *m, bool is_accepted)
{
    const struct device *d = &w.device[m->engine];

    if (d->kind == LATCHED)
        assert_false(is_accepted);
    else if (d->kind == ORDINARY)
        assert_true(is_accepted);
    else if ((d->kind == STILL || d->kind == COUNTING) && !w.is_strict)
        assert_true(is_accepted);
    else if (d->kind == FORGETFUL && !d->is_disturbed)
        assert_true(is_accepted);
}

/* --- steps ----------------------------------------------------------------------------------------------------- */

static void deliver(unsigned number, bool is_replay)
{
    struct message *m = &w.sent[number];
    struct tk_guard_verdict verdict;
    bool is_checked, expected = expect(m, &is_checked), is_accepted = receive(m, &verdict);

    if (is_accepted != expected || (is_accepted && verdict.is_checked != is_checked))
        fail_msg("seed %llu: engine %u, user %u, boots %u, time %u at %u: accepted %d, expected %d; checked %d, "
                 "expected %d; hint %d",
                 (unsigned long long)w.seed, m->engine, m->user, m->boots, m->time, w.now, is_accepted, expected,
                 verdict.is_checked, is_checked, verdict.refused);
    if (!is_replay)
        check_honest(m, is_accepted);
    if (!is_accepted)
        return;
    check_replay(m);
    w.is_current[m->engine][m->user] |= !is_replay;
    assert_true(m->accepted < STEPS);
    m->accepted_at[m->accepted++] = w.now;
    w.order[w.order_count] = number;
    w.order_at[w.order_count++] = w.now;
}

static uint32_t clock_of(const struct device *d)
{
    return d->kind == ORDINARY || d->kind == FORGETFUL ? w.now - d->time : d->time;
}

static void send_new(uint8_t engine, uint8_t user)
{
    struct device *d = &w.device[engine];
    struct message *m = &w.sent[w.sent_count];

    *m = (struct message){.engine = engine, .user = user, .boots = d->boots, .time = clock_of(d)};
    m->digest = tk_hash64(&w.sent_count, sizeof(w.sent_count), 1);
    deliver(w.sent_count++, false);
}

static void restart_device(struct device *d)
{
    switch (d->kind) {
    case ORDINARY:
        d->boots++;
        d->time = w.now;
        break;
    case COUNTING: d->boots++; break;
    case FORGETFUL:
        d->time = w.now;
        d->is_disturbed = true;
        break;
    default: break;
    }
}

static void restart_snmptrapd(void)
{
    for (uint8_t engine = 0; engine < ENGINES; engine++) {
        for (uint8_t user = 0; user < USERS; user++) {
            const struct message any = {.engine = engine, .user = user};

            w.had_moved[engine][user] = look_back(&any).has_moved;
        }
        w.device[engine].is_disturbed = true; /* a replay may come first, and then be the newest */
    }
    end_life();
    for (unsigned i = 0; i < w.sent_count; i++)
        w.sent[i].accepted = 0;
    w.order_count = 0;
    memset(w.is_current, 0, sizeof(w.is_current));
    begin_life();
}

/* After a restart of snmptrapd a device that lost its boots is accepted, as its remedy says. */
static void follow_the_remedy(uint8_t engine)
{
    restart_snmptrapd();
    w.device[engine].is_disturbed = false;
    for (uint8_t user = 0; user < USERS; user++)
        send_new(engine, user);
    w.device[engine].is_disturbed = true; /* what it sent before its restart looks newer than what it sends now */
}

static void change_guard(void)
{
    w.is_strict = dice(4) == 0;
    t.guard.is_strict = w.is_strict;
}

static void step(void)
{
    uint8_t engine = (uint8_t)dice(ENGINES);
    uint32_t what = dice(100);

    w.now += dice(10) == 0 ? dice(400) : dice(4);
    if (what < 45) {
        for (uint32_t burst = dice(20) == 0 ? dice(8) : 1; burst; burst--)
            send_new(engine, (uint8_t)dice(USERS));
    } else if (what < 90) {
        if (w.sent_count)
            deliver(dice(4) ? w.sent_count - 1 - dice(w.sent_count < 20 ? w.sent_count : 20) : dice(w.sent_count),
                    true);
    } else if (what < 95) {
        restart_device(&w.device[engine]);
    } else if (what < 96) {
        restart_snmptrapd();
    } else if (what < 97) {
        follow_the_remedy(engine);
    } else if (what < 98) {
        w.now += dice(100000);
    } else if (what < 99) {
        change_guard();
    }
}

static void play(uint64_t seed)
{
    random_state = seed;
    memset(&w, 0, sizeof(w));
    w.seed = seed;
    w.now = 100000; /* devices have been up before */
    w.is_strict = dice(5) == 0;
    (void)unlink(t.path);
    for (uint32_t i = 0; i < ENGINES; i++) {
        struct device *d = &w.device[i];

        d->kind = dice(KINDS);
        d->boots = d->kind == LATCHED ? 2147483647 : dice(2) ? 0 : dice(100);
        d->time = d->kind == STILL && dice(2) ? 0 : dice(100000);
    }
    begin_life();
    for (unsigned i = 0; i < STEPS; i++)
        step();
    end_life();
}

static void test_histories(void **state)
{
    const char *seed = getenv("TK_MODEL_SEED"), *count = getenv("TK_MODEL_HISTORIES");
    uint64_t first = seed ? strtoull(seed, NULL, 10) : 1, histories = seed    ? 1
                                                                      : count ? strtoull(count, NULL, 10)
                                                                              : 100;

    (void)state;
    for (uint64_t i = 0; i < histories; i++) {
        if (i % 100 == 0)
            (void)fprintf(stderr, "history %llu\n", (unsigned long long)(first + i));
        play(first + i);
    }
}

/* A device that never moves, with more messages than digests are kept: the 257th newest is accepted again, no newer one. */
static void test_last_256(void **state)
{
    (void)state;
    memset(&w, 0, sizeof(w));
    (void)unlink(t.path);
    w.device[0] = (struct device){.kind = STILL};
    begin_life();
    for (unsigned i = 0; i < 300; i++, w.now += 100)
        send_new(0, 0);
    for (unsigned i = 44; i < 300; i++)
        deliver(i, true);
    assert_int_equal(w.order_count, 300);
    deliver(43, true);
    assert_int_equal(w.order_count, 301);
    end_life();
}

/* No digests are kept of an engine whose clock has moved. */
static void test_moving_clock_takes_no_memory(void **state)
{
    (void)state;
    memset(&w, 0, sizeof(w));
    (void)unlink(t.path);
    w.device[0].kind = ORDINARY;
    begin_life();
    send_new(0, 0);
    send_new(0, 0);
    assert_true(tk_still_places(t.guard.still) > 0);
    w.now++;
    send_new(0, 0);
    assert_int_equal(tk_still_places(t.guard.still), 0);
    assert_int_equal(tk_still_evicted(t.guard.still), 0);
    end_life();
}

static int make_path(void **state)
{
    const char *base = getenv("TMPDIR");

    (void)state;
    (void)snprintf(t.path, sizeof(t.path), "%.60s/trapkafka-clocks-%d", base ? base : "/tmp", (int)getpid());
    return 0;
}

static int remove_path(void **state)
{
    (void)state;
    return unlink(t.path);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_histories), cmocka_unit_test(test_last_256),
                                       cmocka_unit_test(test_moving_clock_takes_no_memory)};

    return cmocka_run_group_tests(tests, make_path, remove_path);
}
