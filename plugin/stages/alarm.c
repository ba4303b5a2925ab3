/* SPDX-License-Identifier: Apache-2.0 */
/* Stages 5 and 8: what an event is to its alarm, and, if it is no repeat, the state that it brings. */
#include "stages/alarm_states.h"
#include "stages/stages_internal.h"

static bool is_own_key(const struct tk_event *ev, struct tk_hash128 key)
{
    return ev->alarm_state != TK_ALARM_NONE && key.high == ev->alarm_hash.high && key.low == ev->alarm_hash.low;
}

static struct tk_alarm_sighting sighting_of(const struct tk_event *ev)
{
    return (struct tk_alarm_sighting){.key = ev->alarm_hash,
                                      .state = ev->alarm_state,
                                      .severity = ev->severity,
                                      .wall = ev->received.wall,
                                      .number = ev->number,
                                      .view = ev->alarm,
                                      .entry = ev->alarm_entry};
}

static void look(struct tk_alarm_states *alarms, struct tk_event *ev)
{
    struct tk_alarm_sighting s;

    ev->alarm_hash = tk_alarm_states_hash(alarms, ev->alarm_key);
    s = sighting_of(ev);
    tk_alarm_states_look(alarms, &s);
    ev->alarm = s.view;
    ev->alarm_changed = s.changed;
    ev->alarm_entry = s.entry;
}

/* An event that is sent again has changed the state already, and keeps what it was to the alarm then; unless other rules
 * are in force now, by which it is something else. */
static void keep_view(struct tk_event *ev)
{
    bool was_raise = ev->alarm.transition == TK_ALARM_RAISED || ev->alarm.transition == TK_ALARM_REPEATED;

    if (ev->alarm_state == TK_ALARM_NONE || (ev->alarm_state == TK_ALARM_RAISE) != was_raise)
        ev->alarm = (struct tk_alarm_view){.transition = TK_ALARM_UNTOLD};
}

enum tk_verdict tk_alarm_stage(struct tk_stage_state *st, const struct tk_bundle *b, struct tk_event *ev, tk_nsec now)
{
    struct tk_alarm_states *alarms = st->alarms;

    (void)b, (void)now;
    if (ev->is_sent_again)
        keep_view(ev);
    if (!alarms || ev->is_sent_again)
        return TK_PASS;
    ev->number = ++st->events;
    if (ev->alarm_state != TK_ALARM_NONE)
        look(alarms, ev);
    for (size_t i = 0; i < ev->clear_count && !ev->has_ended_more; i++) {
        struct tk_hash128 key = tk_alarm_states_hash(alarms, ev->clears[i]);

        ev->has_ended_more = !is_own_key(ev, key) && tk_alarm_states_stands(alarms, key);
    }
    if (ev->has_ended_more)
        ev->alarm_changed = ev->number; /* an event that ends another alarm is no repeat either */
    return TK_PASS;
}

enum tk_verdict tk_alarm_keep(struct tk_stage_state *st, const struct tk_bundle *b, struct tk_event *ev, tk_nsec now)
{
    struct tk_alarm_states *alarms = st->alarms;

    (void)b, (void)now;
    if (!alarms || ev->is_sent_again)
        return TK_PASS;
    if (ev->alarm_state != TK_ALARM_NONE) {
        struct tk_alarm_sighting s = sighting_of(ev);

        ev->alarm_entry = tk_alarm_states_keep(alarms, &s, ev->owner);
    }
    for (size_t i = 0; i < ev->clear_count && ev->has_ended_more; i++) {
        struct tk_hash128 key = tk_alarm_states_hash(alarms, ev->clears[i]);

        if (!is_own_key(ev, key))
            (void)tk_alarm_states_end(alarms, key, ev->number, ev->owner);
    }
    return TK_PASS;
}
