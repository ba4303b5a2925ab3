/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file alarm_states.h
 * @brief The state of each alarm: does it stand, since when, how often was it raised, with which severity.
 *
 * An event meets the table twice. tk_alarm_states_look() says what the event is to its alarm, before dedup decides
 * whether it is a repeat. tk_alarm_states_keep() stores the new state, of events that pass only: a repeat changes
 * nothing but the count, and dedup never takes an event for a repeat that changes a state (`changed`).
 *
 * An alarm is named by the hash of its alarm key. Events are numbered by the caller, upwards.
 *
 * Owner:  the worker. No locks. Nothing in here points into a bundle, so a reload changes nothing: an alarm whose rule
 *         is gone stands until it is forgotten.
 * Memory: room for @p max alarms is taken at once, 80 to 96 bytes each, and touched as alarms come (base/aged_hash.h).
 * Bound:  a cleared alarm is kept for dedup only, so at the bound the cleared alarm makes room that was not seen for the
 *         longest time. If all of them stand, that one of these goes out, and is counted in `standing_evicted`: its next
 *         raise is TK_ALARM_RAISED again, its clear TK_ALARM_UNMATCHED. Dedup takes no event of an alarm that is not
 *         known for a repeat.
 */
#ifndef TK_ALARM_STATES_H
#define TK_ALARM_STATES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/aged_hash.h"
#include "base/hash.h"
#include "event/event.h"

#define TK_ALARMS_MAX 65536

struct tk_alarm_states {
    struct tk_aged_hash alarms;
    struct tk_age_list standing, cleared; /* by when they were last seen */
    uint64_t seed;                        /* for the hashes of alarm keys, of this process only */
    uint32_t standing_count;
    uint64_t evicted, standing_evicted; /* the former has the latter */
};

/** An event of an alarm, and what it is to that alarm. */
struct tk_alarm_sighting {
    struct tk_hash128 key;
    enum tk_alarm_state state; /* not TK_ALARM_NONE */
    enum tk_severity severity;
    tk_nsec wall;    /* when it was received */
    uint64_t number; /* of the event, higher than at every call before */

    /* set by tk_alarm_states_look() */
    struct tk_alarm_view view;
    uint64_t changed; /* the number of the event with which the alarm took its present state; if this one changes it, or
                       * if the alarm is not known: @p number */
    uint32_t entry;   /* the alarm's number in the table; 0: it is not known */
};

/** @param max  1..2^29 @returns NULL when out of memory @locality any @locks none */
struct tk_alarm_states *tk_alarm_states_new(size_t max);
/** NULL is a no-op. @locality any @locks none */
void tk_alarm_states_free(struct tk_alarm_states *a);

/** @brief The hash by which the table names the alarm with this key. @locality worker @locks none */
struct tk_hash128 tk_alarm_states_hash(const struct tk_alarm_states *a, struct tk_text key);

/** @brief What is this event to its alarm? A raise of an alarm that stands is counted, whatever becomes of the event.
 *  @locality worker @locks none */
void tk_alarm_states_look(struct tk_alarm_states *a, struct tk_alarm_sighting *s);

/**
 * @brief The event passes: keep the state that it brings. To be called after tk_alarm_states_look(), with nothing
 *        between.
 * @param owner  the caller's name for the event, for tk_alarm_states_undo()
 * @returns the alarm's number in the table
 * @locality worker  @locks none
 */
uint32_t tk_alarm_states_keep(struct tk_alarm_states *a, const struct tk_alarm_sighting *s, uint64_t owner);

/** @brief Does the alarm with this key stand? @locality worker @locks none */
bool tk_alarm_states_stands(const struct tk_alarm_states *a, struct tk_hash128 key);

/** @brief The event @p owner ends one more alarm. @returns whether it stood @locality worker @locks none */
bool tk_alarm_states_end(struct tk_alarm_states *a, struct tk_hash128 key, uint64_t number, uint64_t owner);

/**
 * @brief The event that the caller calls @p owner was never delivered: the alarms that it was the last to change have the
 *        state of before it. One step back: when a later event of the alarm has passed, nothing happens.
 * @param entry       of its own alarm, from tk_alarm_states_keep(); 0: it has none
 * @param ended_more  it has ended further alarms; they are searched for in the whole table
 * @locality worker  @locks none
 */
void tk_alarm_states_undo(struct tk_alarm_states *a, uint32_t entry, uint64_t owner, bool ended_more);

/** @brief Alarms that are known, standing or cleared. @locality worker @locks none */
size_t tk_alarm_states_count(const struct tk_alarm_states *a);

#endif /* TK_ALARM_STATES_H */
