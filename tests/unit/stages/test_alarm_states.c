/* SPDX-License-Identifier: Apache-2.0 */
/* The table of alarm states: by hand, and random histories against a plain reference, also at the bound. */
#include "stages/alarm_states.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static uint64_t events; /* numbered upwards */

static struct tk_hash128 key(uint64_t n)
{
    return (struct tk_hash128){.high = n * 0x9e3779b97f4a7c15u, .low = n << 32 | n % 3};
}

/* An event of alarm @p n that passes; its number is its owner. */
static struct tk_alarm_sighting event(struct tk_alarm_states *a, uint64_t n, enum tk_alarm_state state,
                                      enum tk_severity severity, uint32_t *ret_entry)
{
    struct tk_alarm_sighting s = {.key = key(n), .state = state, .severity = severity};
    uint32_t entry;

    s.number = ++events;
    s.wall = (tk_nsec)(1000 + events);
    tk_alarm_states_look(a, &s);
    entry = tk_alarm_states_keep(a, &s, s.number);
    assert_true(entry > 0 && (!s.entry || s.entry == entry));
    if (ret_entry)
        *ret_entry = entry;
    return s;
}

static void check(struct tk_alarm_sighting s, enum tk_alarm_transition transition, uint64_t since_event, uint32_t count,
                  enum tk_severity previous)
{
    assert_int_equal(s.view.transition, transition);
    assert_int_equal(s.view.since, since_event ? 1000 + since_event : 0);
    assert_int_equal(s.view.count, count);
    assert_int_equal(s.view.previous, previous);
}

static void test_transitions(void **state)
{
    struct tk_alarm_states *a = tk_alarm_states_new(4);

    (void)state;
    events = 0;
    check(event(a, 1, TK_ALARM_CLEAR, TK_SEV_CLEARED, NULL), TK_ALARM_UNMATCHED, 0, 0, TK_SEV_UNSET);
    check(event(a, 1, TK_ALARM_RAISE, TK_SEV_MAJOR, NULL), TK_ALARM_RAISED, 2, 1, TK_SEV_UNSET);
    check(event(a, 1, TK_ALARM_RAISE, TK_SEV_MINOR, NULL), TK_ALARM_REPEATED, 2, 2, TK_SEV_MAJOR);
    check(event(a, 2, TK_ALARM_RAISE, TK_SEV_WARNING, NULL), TK_ALARM_RAISED, 4, 1, TK_SEV_UNSET);
    assert_int_equal(a->standing_count, 2);
    check(event(a, 1, TK_ALARM_RAISE, TK_SEV_CRITICAL, NULL), TK_ALARM_REPEATED, 2, 3, TK_SEV_MINOR);
    check(event(a, 1, TK_ALARM_CLEAR, TK_SEV_CLEARED, NULL), TK_ALARM_CLEARED, 2, 3, TK_SEV_CRITICAL);
    check(event(a, 1, TK_ALARM_CLEAR, TK_SEV_CLEARED, NULL), TK_ALARM_UNMATCHED, 0, 0, TK_SEV_UNSET);
    check(event(a, 1, TK_ALARM_RAISE, TK_SEV_MINOR, NULL), TK_ALARM_RAISED, 8, 1, TK_SEV_UNSET);
    assert_true(tk_alarm_states_stands(a, key(1)) && tk_alarm_states_stands(a, key(2)));
    assert_true(tk_alarm_states_end(a, key(2), 9, 9));
    assert_false(tk_alarm_states_end(a, key(2), 10, 10));
    assert_false(tk_alarm_states_end(a, key(3), 11, 11));
    assert_false(tk_alarm_states_stands(a, key(2)));
    assert_int_equal(tk_alarm_states_count(a), 2);
    assert_int_equal(a->standing_count, 1);
    tk_alarm_states_free(a);
    tk_alarm_states_free(NULL);
}

/* What dedup asks: with which event did the alarm take this state? */
static void test_changed(void **state)
{
    struct tk_alarm_states *a = tk_alarm_states_new(4);

    (void)state;
    events = 0;
    assert_int_equal(event(a, 1, TK_ALARM_RAISE, TK_SEV_MAJOR, NULL).changed, 1);
    assert_int_equal(event(a, 1, TK_ALARM_RAISE, TK_SEV_MAJOR, NULL).changed, 1);
    assert_int_equal(event(a, 1, TK_ALARM_CLEAR, TK_SEV_CLEARED, NULL).changed, 3);
    assert_int_equal(event(a, 1, TK_ALARM_CLEAR, TK_SEV_CLEARED, NULL).changed, 3);
    assert_int_equal(event(a, 1, TK_ALARM_RAISE, TK_SEV_MAJOR, NULL).changed, 5);
    assert_true(tk_alarm_states_end(a, key(1), ++events, 6));
    assert_int_equal(event(a, 1, TK_ALARM_CLEAR, TK_SEV_CLEARED, NULL).changed, 6);
    tk_alarm_states_free(a);
}

static void test_undo(void **state)
{
    struct tk_alarm_states *a = tk_alarm_states_new(4);
    uint32_t entry;

    (void)state;
    events = 0;
    (void)event(a, 1, TK_ALARM_RAISE, TK_SEV_MAJOR, &entry);
    tk_alarm_states_undo(a, entry, 1, false); /* nobody was told of it */
    assert_int_equal(tk_alarm_states_count(a), 0);
    check(event(a, 1, TK_ALARM_RAISE, TK_SEV_MAJOR, NULL), TK_ALARM_RAISED, 2, 1, TK_SEV_UNSET);
    (void)event(a, 1, TK_ALARM_CLEAR, TK_SEV_CLEARED, &entry);
    tk_alarm_states_undo(a, entry, 3, false); /* it stands again, as before */
    check(event(a, 1, TK_ALARM_RAISE, TK_SEV_MINOR, &entry), TK_ALARM_REPEATED, 2, 2, TK_SEV_MAJOR);
    tk_alarm_states_undo(a, entry, 4, false); /* it came all the same, so it counts */
    check(event(a, 1, TK_ALARM_RAISE, TK_SEV_WARNING, &entry), TK_ALARM_REPEATED, 2, 3, TK_SEV_MAJOR);
    tk_alarm_states_undo(a, entry, 4, false); /* a later event has passed */
    check(event(a, 1, TK_ALARM_CLEAR, TK_SEV_CLEARED, &entry), TK_ALARM_CLEARED, 2, 3, TK_SEV_WARNING);
    tk_alarm_states_undo(a, 0, 6, true); /* not its own alarm only: all that it ended */
    assert_true(tk_alarm_states_stands(a, key(1)));
    assert_int_equal(a->standing_count, 1);
    tk_alarm_states_free(a);
}

/* --- the reference --------------------------------------------------------------------------------------------- */

#define ALARMS 12
#define ROOM   7
#define STEPS  400

struct model_alarm {
    uint64_t alarm, owner, changed, since;
    uint32_t count;
    enum tk_severity severity, severity_before;
    enum tk_alarm_state state, state_before;
};

/* All alarms in the order in which they were seen. */
static struct {
    struct model_alarm alarm[ROOM + 1];
    size_t count;
    uint64_t evicted, standing_evicted;
} model;
static struct {
    uint64_t standing_evicted, undone, ended;
} shown;

static size_t model_find(uint64_t n)
{
    size_t i = 0;

    while (i < model.count && model.alarm[i].alarm != n)
        i++;
    return i;
}

static void model_remove(size_t i)
{
    memmove(&model.alarm[i], &model.alarm[i + 1], (--model.count - i) * sizeof(model.alarm[0]));
}

static struct model_alarm *model_renew(size_t i)
{
    struct model_alarm m = model.alarm[i];

    model_remove(i);
    model.alarm[model.count++] = m;
    return &model.alarm[model.count - 1];
}

static struct model_alarm *model_add(uint64_t n)
{
    size_t victim = 0;

    if (model.count == ROOM) {
        while (victim < ROOM && model.alarm[victim].state == TK_ALARM_RAISE)
            victim++;
        model.evicted++;
        model.standing_evicted += victim == ROOM;
        model_remove(victim == ROOM ? 0 : victim);
    }
    model.alarm[model.count] = (struct model_alarm){.alarm = n};
    return &model.alarm[model.count++];
}

static void model_own(struct model_alarm *m, uint64_t owner)
{
    m->owner = owner;
    m->state_before = m->state;
    m->severity_before = m->severity;
}

/* An event arrives, and passes or is a repeat. */
static void step_event(struct tk_alarm_states *a)
{
    struct tk_alarm_sighting s = {.key = {0}, .state = random() % 5 ? TK_ALARM_RAISE : TK_ALARM_CLEAR};
    uint64_t n = (uint64_t)random() % ALARMS;
    size_t i = model_find(n);
    struct model_alarm *m = i < model.count ? model_renew(i) : NULL;
    bool stood = m && m->state == TK_ALARM_RAISE, is_same = m && m->state == s.state, is_repeat;

    s.key = key(n);
    s.severity = s.state == TK_ALARM_CLEAR ? TK_SEV_CLEARED : (enum tk_severity)(TK_SEV_CRITICAL + random() % 4);
    s.number = ++events;
    s.wall = (tk_nsec)(1000 + events);
    tk_alarm_states_look(a, &s);
    if (stood && s.state == TK_ALARM_RAISE)
        m->count++;
    assert_int_equal(s.changed, is_same ? m->changed : events);
    if (stood)
        check(s, s.state == TK_ALARM_RAISE ? TK_ALARM_REPEATED : TK_ALARM_CLEARED, m->since, m->count, m->severity);
    else if (s.state == TK_ALARM_RAISE)
        check(s, TK_ALARM_RAISED, events, 1, TK_SEV_UNSET);
    else
        check(s, TK_ALARM_UNMATCHED, 0, 0, TK_SEV_UNSET);
    is_repeat = is_same && random() % 2;
    if (is_repeat)
        return;
    (void)tk_alarm_states_keep(a, &s, events);
    m = m ? m : model_add(n);
    model_own(m, events);
    if (s.state == TK_ALARM_RAISE) {
        m->since = stood ? m->since : events;
        m->count = stood ? m->count : 1;
        m->severity = s.severity;
    }
    m->changed = is_same ? m->changed : events;
    m->state = s.state;
}

/* An event ends up to three alarms besides its own, if it has one. */
static void step_clears(struct tk_alarm_states *a)
{
    events++;
    for (unsigned n = 1 + (unsigned)random() % 3; n; n--) {
        uint64_t alarm = (uint64_t)random() % ALARMS;
        size_t i = model_find(alarm);
        bool stood = i < model.count && model.alarm[i].state == TK_ALARM_RAISE;

        assert_int_equal(tk_alarm_states_stands(a, key(alarm)), stood);
        assert_int_equal(tk_alarm_states_end(a, key(alarm), events, events), stood);
        if (!stood)
            continue;
        shown.ended++;
        model_own(model_renew(i), events);
        model.alarm[model.count - 1].state = TK_ALARM_CLEAR;
        model.alarm[model.count - 1].changed = events;
    }
}

/* An event was not delivered. In the model each alarm is looked at in the table's order, which is that of their places:
 * so the order in which they were seen is read back from the table. */
static void step_undo(struct tk_alarm_states *a)
{
    uint64_t owner = events - (uint64_t)random() % 6;

    for (uint32_t place = 1; place <= a->alarms.used; place++) {
        for (size_t i = 0; i < model.count; i++) {
            struct tk_hash128 k = key(model.alarm[i].alarm);
            const struct tk_aged *aged = tk_aged_hash_at(&a->alarms, place);
            struct model_alarm *m = &model.alarm[i];

            if (aged->hash != (uint32_t)k.low || m->owner != owner || !owner)
                continue;
            if (memcmp((const uint8_t *)aged + sizeof(struct tk_aged) + sizeof(struct tk_age_link), &k.high, 8) != 0)
                continue;
            shown.undone++;
            if (m->state_before == TK_ALARM_NONE) {
                model_remove(i);
                break;
            }
            m->owner = 0;
            m->severity = m->severity_before;
            if (m->state != m->state_before) {
                m->state = m->state_before;
                (void)model_renew(i);
            }
            break;
        }
    }
    tk_alarm_states_undo(a, 0, owner, true);
}

static void test_random_histories(void **state)
{
    (void)state;
    srandom(1);
    for (int round = 0; round < 300; round++) {
        struct tk_alarm_states *a = tk_alarm_states_new(ROOM);

        events = 10;
        memset(&model, 0, sizeof(model));
        for (unsigned n = 0; n < STEPS; n++) {
            size_t standing = 0;

            switch (random() % 12) {
            case 0: step_clears(a); break;
            case 1: step_undo(a); break;
            default: step_event(a); break;
            }
            for (size_t i = 0; i < model.count; i++)
                standing += model.alarm[i].state == TK_ALARM_RAISE;
            assert_int_equal(tk_alarm_states_count(a), model.count);
            assert_int_equal(a->standing_count, standing);
            assert_int_equal(a->evicted, model.evicted);
            assert_int_equal(a->standing_evicted, model.standing_evicted);
        }
        shown.standing_evicted += a->standing_evicted;
        tk_alarm_states_free(a);
    }
    /* or these histories show nothing */
    assert_in_range(shown.standing_evicted, 300, UINT64_MAX);
    assert_in_range(shown.undone, 300, UINT64_MAX);
    assert_in_range(shown.ended, 300, UINT64_MAX);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_transitions),
        cmocka_unit_test(test_changed),
        cmocka_unit_test(test_undo),
        cmocka_unit_test(test_random_histories),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
