/* SPDX-License-Identifier: Apache-2.0 */
/* A model of dedup: random histories of notifications through the stages, against a plain reference that has no bounds.
 *
 * What happens: few devices send linkDown (of two kinds) and linkUp of few interfaces, and coldStart; their uptime is 0, or
 * sometimes 1; time passes; events that passed prove undeliverable; the key is made of few or many fields; the tables of
 * dedup keys and of alarm states are large, or so small that they overflow.
 *
 * What must hold: a repeat of the stages is one of the reference; while no table has overflowed, the two agree; a repeat
 * has for its owner the event that the reference has; and the property itself: after each event of an alarm, the last
 * event of it that was published (and not undone since) has the state that was received last.
 *
 * While the table of alarms has not overflowed, what an event is to its alarm (raised, repeated ..., since when, how often,
 * with which severity before) is exactly what follows from all events before it, read one by one. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "stage_fixture.h"
#include "stages/alarm_states.h"
#include "stages/dedup_window.h"

#define HISTORIES 300
#define STEPS     120
#define DEVICES   2
#define IFS       3
#define WINDOW    (10 * TK_SECOND)

enum kind { DOWN, LOWER_LAYER_DOWN, UP, COLD_START, KINDS };

/* A notification that arrived, in the order of arrival. Its number is its ticket. */
struct arrival {
    unsigned device, interface, uptime;
    enum kind kind;
    tk_nsec at;
    struct tk_hash128 key;
    uint32_t entry; /* of its alarm, in the table of states */
    enum tk_severity severity;
    bool has_passed, is_undone;
    bool is_void;                /* it was undone before another event of its alarm passed */
    const struct arrival *owner; /* of a repeat: the event that passed */
    bool is_ended;               /* in the reference: a change of state has ended its window */
};

static struct stage_fixture f;
static struct arrival arrivals[STEPS];
static unsigned count, fields;
static struct {
    uint64_t repeats, changes, undone, voided, keys_evicted, alarms_evicted, transitions[TK_ALARM_TRANSITIONS];
} seen;

static unsigned dice(unsigned sides)
{
    return (unsigned)random() % sides;
}

static bool is_alarm(const struct arrival *a)
{
    return a->kind != COLD_START;
}

static bool is_same_alarm(const struct arrival *a, const struct arrival *b)
{
    return is_alarm(a) && is_alarm(b) && a->device == b->device && a->interface == b->interface;
}

static bool is_raise(const struct arrival *a)
{
    return a->kind == DOWN || a->kind == LOWER_LAYER_DOWN;
}

/* Are the fields equal that kafkaDedup names, and is it the same alarm, if any? */
static bool is_equal(const struct arrival *a, const struct arrival *b)
{
    bool is_down = is_raise(a) && is_raise(b);

    if (is_alarm(a) ? !is_same_alarm(a, b) : is_alarm(b))
        return false;
    if (a->device != b->device || !(is_down || a->kind == b->kind)) /* source, trap OID */
        return false;
    return (!(fields & TK_BY_UPTIME) || a->uptime == b->uptime) &&
           (!(fields & TK_BY_VARBINDS) || (a->kind == b->kind && a->interface == b->interface));
}

/* The reference: the newest event that passed and whose window is open for this one. NULL: it is news. */
static const struct arrival *first_of(const struct arrival *a)
{
    for (const struct arrival *e = a; e-- > arrivals;)
        if (e->has_passed && !e->is_undone && is_equal(e, a))
            return !e->is_ended && a->at - e->at < WINDOW ? e : NULL;
    return NULL;
}

/* The reference: an event of an alarm ends the windows of those that brought the other state. */
static void end_windows(const struct arrival *a)
{
    for (struct arrival *e = arrivals; e < a; e++) {
        seen.changes += is_same_alarm(e, a) && is_raise(e) != is_raise(a) && !e->is_ended;
        e->is_ended |= is_same_alarm(e, a) && is_raise(e) != is_raise(a);
    }
}

/* What was received last is what was published last. */
static void check_last_word(const struct arrival *a)
{
    for (const struct arrival *e = a + 1; e-- > arrivals;) {
        if (!e->has_passed || e->is_undone || !is_same_alarm(e, a))
            continue;
        assert_int_equal(is_raise(e), is_raise(a));
        return;
    }
    fail_msg("nothing of this alarm was published");
}

static bool is_untold(const struct arrival *a)
{
    return a->is_void || (a->owner && a->owner->is_void);
}

/* The reference: the alarm before this event, by all events before. */
static struct tk_alarm_view view_before(const struct arrival *a)
{
    struct tk_alarm_view v = {.since = 0};

    for (const struct arrival *e = arrivals; e < a; e++) {
        if (!is_same_alarm(e, a))
            continue;
        if (is_raise(e) && v.since)
            v.count++;
        if (is_untold(e))
            continue;
        if (!is_raise(e)) {
            v = (struct tk_alarm_view){.since = 0};
            continue;
        }
        if (!v.since) {
            v.since = e->at;
            v.count = 1;
        }
        if (e->has_passed)
            v.previous = e->severity;
    }
    return v;
}

static void check_view(const struct arrival *a)
{
    struct tk_alarm_view v = view_before(a);
    bool stood = v.since != 0;

    if (is_raise(a)) {
        v.transition = stood ? TK_ALARM_REPEATED : TK_ALARM_RAISED;
        v.since = stood ? v.since : a->at;
        v.count++;
    } else {
        v.transition = stood ? TK_ALARM_CLEARED : TK_ALARM_UNMATCHED;
    }
    assert_int_equal(f.ev.alarm.transition, v.transition);
    assert_int_equal(f.ev.alarm.since, v.since);
    assert_int_equal(f.ev.alarm.count, v.count);
    assert_int_equal(f.ev.alarm.previous, v.previous);
    seen.transitions[v.transition]++;
}

static void write_line(const struct arrival *a, char *line, size_t bytes)
{
    static const char *const oid[KINDS] = {"1.3.6.1.6.3.1.1.5.3", "1.3.6.1.6.3.1.1.5.3", "1.3.6.1.6.3.1.1.5.4",
                                           "1.3.6.1.6.3.1.1.5.1"};
    static const unsigned status[KINDS] = {2, 7, 1};
    int len = snprintf(line, bytes, "2c from=192.0.2.%u:162 uptime=%u oid=%s", a->device + 1, a->uptime, oid[a->kind]);

    if (is_alarm(a))
        (void)snprintf(line + len, bytes - (size_t)len, " 1.3.6.1.2.1.2.2.1.1.%u i %u 1.3.6.1.2.1.2.2.1.8.%u i %u",
                       a->interface, a->interface, a->interface, status[a->kind]);
}

static void arrive(tk_nsec now)
{
    struct arrival *a = &arrivals[count];
    const struct arrival *first;
    enum tk_verdict verdict;
    char line[256];
    bool has_overflowed;

    *a = (struct arrival){.device = dice(DEVICES), .interface = 1 + dice(IFS), .kind = dice(KINDS), .at = now};
    a->uptime = dice(8) == 0;
    if (!is_alarm(a))
        a->interface = 0;
    write_line(a, line, sizeof(line));
    stage_fixture_begin(&f, line);
    f.ev.owner = count;
    f.ev.received.wall = now;
    verdict = tk_stages_run(&f.stages, f.bundle, &f.ev, now);
    has_overflowed = tk_dedup_evicted(f.dedup) + f.alarms->evicted > 0;
    end_windows(a);
    first = first_of(a);
    a->key = f.ev.dedup_key;
    a->severity = f.ev.severity;
    a->entry = f.ev.alarm_entry;
    a->has_passed = verdict == TK_PASS;
    a->owner = a->has_passed ? NULL : &arrivals[f.ev.owner];
    if (is_alarm(a) && !f.alarms->evicted)
        check_view(a);
    count++;
    if (a->has_passed) {
        assert_true(!first || has_overflowed);
    } else {
        assert_int_equal(verdict, TK_DROP_DUPLICATE);
        assert_ptr_equal(first, &arrivals[f.ev.owner]);
        seen.repeats++;
    }
    if (is_alarm(a))
        check_last_word(a);
}

/* An event that passed is refused by Kafka. */
static void undo(void)
{
    struct arrival *a = &arrivals[dice(count)];

    if (!a->has_passed || a->is_undone)
        return;
    tk_dedup_undo(f.dedup, a->key, (uint64_t)(a - arrivals));
    tk_alarm_states_undo(f.alarms, a->entry, (uint64_t)(a - arrivals), false);
    a->is_undone = a->is_void = true;
    for (const struct arrival *e = a + 1; e < arrivals + count; e++)
        a->is_void &= !(e->has_passed && is_same_alarm(e, a));
    seen.undone++;
    seen.voided += a->is_void && is_alarm(a);
}

static void run_history(bool is_small)
{
    tk_nsec now = TK_SECOND;

    tk_dedup_free(f.dedup);
    tk_alarm_states_free(f.alarms);
    f.dedup = f.stages.dedup = tk_dedup_new(is_small ? 1 + dice(8) : 64);
    f.alarms = f.stages.alarms = tk_alarm_states_new(is_small ? 1 + dice(6) : 64);
    assert_true(f.dedup && f.alarms);
    memset(arrivals, 0, sizeof(arrivals));
    for (count = 0; count < STEPS;) {
        now += dice(4) ? TK_SECOND / 2 : 4 * TK_SECOND;
        if (count && dice(12) == 0)
            undo();
        else
            arrive(now);
    }
    seen.keys_evicted += tk_dedup_evicted(f.dedup);
    seen.alarms_evicted += f.alarms->evicted;
}

static void test_random_histories(void **state)
{
    static const char *const directives[] = {
        "kafkaDedup 10",
        "kafkaDedup 10 contextEngineID,trapOID,sysUpTime",
        "kafkaDedup 10 source,trapOID",
    };

    (void)state;
    srandom(1);
    for (size_t i = 0; i < sizeof(directives) / sizeof(directives[0]); i++) {
        stage_fixture_init(&f, NULL, NULL, directives[i]);
        fields = f.bundle->settings->dedup_fields;
        for (unsigned n = 0; n < HISTORIES; n++)
            run_history(n % 3 == 0);
        stage_fixture_done(&f);
    }
    /* or these histories show nothing */
    assert_in_range(seen.repeats, HISTORIES, UINT64_MAX);
    assert_in_range(seen.changes, HISTORIES, UINT64_MAX);
    assert_in_range(seen.undone, HISTORIES, UINT64_MAX);
    assert_in_range(seen.voided, HISTORIES, UINT64_MAX);
    for (int i = TK_ALARM_RAISED; i < TK_ALARM_TRANSITIONS; i++)
        assert_in_range(seen.transitions[i], HISTORIES, UINT64_MAX);
    assert_in_range(seen.keys_evicted, HISTORIES, UINT64_MAX);
    assert_in_range(seen.alarms_evicted, HISTORIES, UINT64_MAX);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_random_histories)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
