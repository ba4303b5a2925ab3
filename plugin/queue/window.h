/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file window.h
 * @brief What became of each record between the ring's tail and its read position.
 *
 * Acknowledgements come back out of order; the tail follows the contiguous front of finished records. Neighbouring
 * finished records share one entry, so a storm of repeats takes no room.
 *
 * Owner:  the worker. No locks.
 * Memory: TK_WINDOW_ENTRIES entries, allocated once; a full window stops reading.
 * Tickets count up from 0, below 2^63; one that the sink saw never comes back. A ticket is valid until its record is
 * finished.
 */
#ifndef TK_WINDOW_H
#define TK_WINDOW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/hash.h"

#define TK_WINDOW_ENTRIES 32768

enum tk_entry_state {
    TK_ENTRY_FINISHED,
    TK_ENTRY_IN_FLIGHT, /* the sink has it and will report */
    TK_ENTRY_AGAIN,     /* to be published (once more) */
};

/** An event that Kafka refused for good; its way goes on in pipeline/dead_letter.c. */
enum tk_dead {
    TK_ALIVE,
    TK_DEAD_LETTER,  /* for kafkaDeadLetterTopic */
    TK_DEAD_REFUSED, /* that has refused it too, or there is none */
};

struct tk_entry {
    uint64_t begin, end;        /* the ring's bytes */
    struct tk_hash128 dedup_key;
    uint64_t seq;               /* the record's */
    const char *reason;         /* why Kafka refuses it for good, static text; of the dead */
    uint32_t reply;             /* place in queue/replies.h of an INFORM that waits; 0: none */
    uint32_t waiters;           /* first of the repeats that wait for this one's fate (pipeline/waiters.h); 0: none */
    uint32_t repeats;           /* that the event carries */
    uint8_t  state;             /* enum tk_entry_state */
    bool     is_alone;          /* a request of its own: its batch was condemned */
    uint8_t  dead;              /* enum tk_dead */
    uint8_t  dead_stat;         /* enum tk_stat: how it is counted at its end; of the dead */
};

struct tk_window;

/** @returns NULL when out of memory @locality any @locks none */
struct tk_window *tk_window_new(void);
/** NULL is a no-op. @locality any @locks none */
void tk_window_free(struct tk_window *w);

/** @brief No room for another record? @locality worker @locks none */
bool tk_window_is_full(const struct tk_window *w);

/** @brief A record was read: it is in the window now, state AGAIN. @returns its ticket @locality worker @locks none */
uint64_t tk_window_add(struct tk_window *w, uint64_t begin, uint64_t end);
/** @brief A record was read and is finished already. @locality worker @locks none */
void tk_window_add_finished(struct tk_window *w, uint64_t begin, uint64_t end);

/** @brief This record has ended without the sink: where it is the newest and a finished one stands before it, the two
 *         share that one's entry, and the ticket is given out again. @locality worker @locks none */
void tk_window_drop(struct tk_window *w, uint64_t ticket);

/** @returns the entry, valid until its ticket is finished; NULL for a ticket that is not in the window
 *  @locality worker @locks none */
struct tk_entry *tk_window_get(struct tk_window *w, uint64_t ticket);

/** @brief This record has ended. @locality worker @locks none */
void tk_window_finish(struct tk_window *w, uint64_t ticket);

/**
 * @brief How far the tail may go.
 * @returns true when it moved since the last call, with @p ret_tail
 * @locality worker  @locks none
 */
bool tk_window_advance(struct tk_window *w, uint64_t *ret_tail);

/** @brief The first ticket from @p from on whose state is AGAIN, among the dead or the others.
 *  @returns false if there is none @locality worker @locks none */
bool tk_window_next_again(const struct tk_window *w, uint64_t from, bool is_dead, uint64_t *ret_ticket);

/** What lies in the window. */
struct tk_window_span {
    uint64_t oldest;  /* ticket; after tk_window_advance(), of the one that holds the tail */
    uint64_t entries;
    uint64_t bytes;   /* of the ring */
};
/** @brief How much has been read since the record that holds the tail. @locality worker @locks none */
struct tk_window_span tk_window_span(const struct tk_window *w);

/** @brief Records in the window that have not ended: one entry each. @locality worker @locks none */
uint64_t tk_window_unfinished(const struct tk_window *w);

#endif /* TK_WINDOW_H */
