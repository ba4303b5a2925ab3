/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file alarm_states.h
 * @brief With which event each alarm took its present state, so that dedup never takes a change of state for a repeat.
 *
 * Events are numbered by the caller, upwards. An alarm is named by the hash of its alarm key.
 *
 * Owner:  the worker. No locks.
 * Memory: room for @p max alarms is taken at once, 56 to 72 bytes each, and touched as alarms come
 *         (base/aged_hash.h). At the bound the alarm least recently seen goes out and is counted: its next event counts as
 *         a change of state, so that it is published even if it is a repeat.
 */
#ifndef TK_ALARM_STATES_H
#define TK_ALARM_STATES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/aged_hash.h"
#include "base/hash.h"
#include "event/event.h"

struct tk_alarm_states {
    struct tk_aged_hash alarms;
    struct tk_age_list seen; /* by when they were last seen */
    uint64_t evicted;
};

/** @param max  1..2^29 @returns false: out of memory; tk_alarm_states_done() is allowed
 *  @locality any @locks none */
bool tk_alarm_states_init(struct tk_alarm_states *a, size_t max);
/** @locality any @locks none */
void tk_alarm_states_done(struct tk_alarm_states *a);

/**
 * @brief Event number @p event brings this state of @p alarm.
 * @param state  not TK_ALARM_NONE
 * @param event  higher than at every call before
 * @returns the number of the event with which the alarm took this state: @p event, if the alarm had the other state or
 *          was not known
 * @locality worker  @locks none
 */
uint64_t tk_alarm_states_note(struct tk_alarm_states *a, struct tk_hash128 alarm, enum tk_alarm_state state,
                              uint64_t event);

/** @brief Forget all alarms. @locality worker @locks none */
void tk_alarm_states_clear(struct tk_alarm_states *a);

#endif /* TK_ALARM_STATES_H */
