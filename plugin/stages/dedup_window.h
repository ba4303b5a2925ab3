/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file dedup_window.h
 * @brief Suppress repeats of one notification inside a time window.
 *
 * Owner:  the worker. No locks.
 * Memory: room for @p max_keys is taken in tk_dedup_new(), 72 to 88 bytes each, and touched as keys come
 *         (base/aged_hash.h); at the bound the key least recently seen goes out and is counted.
 * Clock:  the moment of reception, monotonic, passed in: tests own time. Before the window's begin: it was of an earlier
 *         boot of the machine (records in a queue's file), and is over.
 * Window: starts at the event that passed and never slides, so that a device that repeats itself for ever is heard
 *         once per window.
 * Alarms: an event that changes the state of its alarm is never a repeat, and ends the windows of all events that
 *         brought the other state. The caller knows the states (stages/alarm_states.h). At the bound of either table
 *         more is published, never less.
 */
#ifndef TK_DEDUP_WINDOW_H
#define TK_DEDUP_WINDOW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/clock.h"
#include "base/hash.h"

#define TK_DEDUP_MAX_KEYS 65536

struct tk_dedup;

/** A notification, as dedup sees it. */
struct tk_sighting {
    struct tk_hash128 key; /* of what must be equal; if it belongs to an alarm: of the alarm and its state too */
    uint64_t number;       /* of the event: higher than at every call before */
    uint64_t changed; /* the number of the event with which its alarm took this state; events that passed before are
                            * not repeated by this one. 0: it belongs to no alarm */
    tk_nsec now;      /* the moment of reception */
    tk_nsec window;   /* > 0 */
    uint64_t owner;   /* the caller's name for this event, kept when it passes; of a repeat: replaced by the name of
                            * the one that passed */
    uint32_t repeats; /* set: when it passes, how many were suppressed since this key last passed; else 0 */
};

/** @param max_keys  1..2^29 @returns NULL when out of memory @locality any @locks none */
struct tk_dedup *tk_dedup_new(size_t max_keys);
/** NULL is a no-op. @locality any @locks none */
void tk_dedup_free(struct tk_dedup *d);

/** @brief Is this news? @returns true: it passes and its window begins; false: a repeat, counted
 *  @locality worker @locks none */
bool tk_dedup_pass(struct tk_dedup *d, struct tk_sighting *s);

/** @brief The event that passed with this key, and that the caller calls @p owner, was never delivered: its window is
 *         undone. Nothing happens when a later event has passed with this key: the window is that one's.
 *  @locality worker @locks none */
void tk_dedup_undo(struct tk_dedup *d, struct tk_hash128 key, uint64_t owner);

/** @brief Forget all keys: events are published that it does not see. Of no cost when it is empty.
 *  @locality worker @locks none */
void tk_dedup_clear(struct tk_dedup *d);

/** @brief Keys remembered now. @locality worker @locks none */
size_t tk_dedup_count(const struct tk_dedup *d);
/** @brief Keys pushed out at the bound since the start. @locality worker @locks none */
uint64_t tk_dedup_evicted(const struct tk_dedup *d);
/** @brief The seed of the keys' hash, of this process only. @locality worker @locks none */
uint64_t tk_dedup_seed(const struct tk_dedup *d);

#endif /* TK_DEDUP_WINDOW_H */
