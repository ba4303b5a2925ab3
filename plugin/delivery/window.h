/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file window.h
 * @brief The records between the ring's tail and its read position, and the life of each (life.h).
 *
 * Acknowledgements come back out of order; the tail follows the contiguous front of ended records. Neighbouring ended
 * records share one entry, so a storm of repeats takes no room.
 *
 * Owner:  the worker. No locks.
 * Memory: TK_WINDOW_ENTRIES entries, allocated once; a full window stops reading.
 * Tickets count up from 0, below 2^62; one that the sink saw never comes back. A ticket is valid until its record has
 * ended.
 */
#ifndef TK_WINDOW_H
#define TK_WINDOW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/clock.h"
#include "base/hash.h"
#include "delivery/life.h"
#include "event/event.h"

#define TK_WINDOW_ENTRIES 32768

struct tk_entry {
    uint64_t begin, end; /* the ring's bytes */
    struct tk_hash128 dedup_key;
    uint64_t seq;               /* the record's */
    tk_nsec received;           /* CLOCK_MONOTONIC, also of a record of an earlier boot */
    struct tk_alarm_view alarm; /* that the event carries */
    const char *reason;         /* why Kafka refuses it permanently, static text; of condemned ones */
    uint32_t reply;             /* place in queue/inform_results.h of an INFORM that waits; 0: none */
    uint32_t waiters;           /* first of the repeats that wait for this one's fate (inform_repeats.h); 0: none */
    uint32_t repeats;           /* that the event carries */
    uint32_t alarm_entry;       /* its alarm's place in the table of states; 0: none */
    uint8_t life;               /* enum tk_life; changed by tk_window_step() only */
    uint8_t owed;               /* messages besides its event that have not ended */
    uint8_t end_stat;           /* enum tk_stat: how it is counted at its end; of condemned ones */
    bool has_ended_more;        /* it has ended further alarms */
    uint32_t bundle;            /* the number of the bundle by which alarm_feed.c has looked at it; 0: it has not */
    uint8_t route;              /* of its event, which is in flight */
    bool is_detoured;           /* its event went to kafkaTopic instead of its rule's, and does so again */
};

struct tk_window;

/** @returns NULL when out of memory @locality any @locks none */
struct tk_window *tk_window_new(void);
/** NULL is a no-op. @locality any @locks none */
void tk_window_free(struct tk_window *w);

/** @brief No room for another record? @locality worker @locks none */
bool tk_window_is_full(const struct tk_window *w);

/** @brief A record was read: its life begins as TK_LIFE_READ. @returns its ticket @locality worker @locks none */
uint64_t tk_window_add(struct tk_window *w, uint64_t begin, uint64_t end);
/** @brief A record was read and has ended already. @locality worker @locks none */
void tk_window_add_ended(struct tk_window *w, uint64_t begin, uint64_t end);

/**
 * @brief Something happens to the record: the only way in which its life changes.
 *
 * A step that the table in life.c does not have is an error of ours: devel builds abort, others leave the life as it
 * is.
 * @returns the life from now on
 * @locality worker  @locks none
 */
enum tk_life tk_window_step(struct tk_window *w, uint64_t ticket, enum tk_life_step step);

/** @brief The record owns one more message besides its event, and does not end before it.
 *  @locality worker @locks none */
void tk_window_owe(struct tk_window *w, uint64_t ticket);
/** @brief One of those has ended. @locality worker @locks none */
void tk_window_pay(struct tk_window *w, uint64_t ticket);

/** @brief TK_STEP_ENDED, of a record that the sink never saw: where it is the newest and one that has ended stands before
 *         it, the two share that one's entry, and the ticket is given out again. @locality worker @locks none */
void tk_window_drop(struct tk_window *w, uint64_t ticket);

/** @returns the entry, valid until its ticket has ended; NULL for a ticket that is not in the window
 *  @locality worker @locks none */
struct tk_entry *tk_window_get(struct tk_window *w, uint64_t ticket);

/**
 * @brief How far the tail may go.
 * @returns true when it moved since the last call, with @p ret_tail
 * @locality worker  @locks none
 */
bool tk_window_advance(struct tk_window *w, uint64_t *ret_tail);

/** @brief The oldest record that is to be published again. @returns false if there is none
 *  @locality worker @locks none */
bool tk_window_next_retry(struct tk_window *w, uint64_t *ret_ticket);
/** @brief The oldest condemned record from ticket @p from on that waits. @returns false if there is none
 *  @locality worker @locks none */
bool tk_window_next_condemned(struct tk_window *w, uint64_t from, uint64_t *ret_ticket);

/** @brief Entries with this life; of ended ones, several records may share one. @locality worker @locks none */
unsigned tk_window_count(const struct tk_window *w, enum tk_life life);

/** What lies in the window. */
struct tk_window_span {
    uint64_t oldest; /* ticket; after tk_window_advance(), of the one that holds the tail */
    uint64_t begin;  /* its position in the ring */
    uint64_t entries;
    uint64_t bytes; /* of the ring */
};
/** @brief How much has been read since the record that holds the tail. @locality worker @locks none */
struct tk_window_span tk_window_span(const struct tk_window *w);

/** @brief Records in the window that have not ended, counted one by one. @locality worker @locks none */
uint64_t tk_window_unfinished(const struct tk_window *w);

/** @brief Do counts and marks agree with the entries? A walk, for asserts and tests. @locality worker @locks none */
bool tk_window_is_sound(const struct tk_window *w);

#endif /* TK_WINDOW_H */
