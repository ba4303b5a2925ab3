/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file kafka_tickets.h
 * @brief The tickets of messages in flight, so that each is reported exactly once, even if its producer is replaced; and
 *        what a delivery report does not have, or not always: their topics and timestamps.
 *
 * Owner: the worker. Memory: 21 bytes for each of TK_KAFKA_QUEUE_MESSAGES, embedded.
 */
#ifndef TK_KAFKA_TICKETS_H
#define TK_KAFKA_TICKETS_H

#include "base/devel.h"
#include "sink/kafka.h"

/* The place of a probe, which has no ticket: behind all places of tickets. */
#define TK_KAFKA_PROBE_PLACE(route) ((uintptr_t)TK_KAFKA_QUEUE_MESSAGES + (route))

struct tk_kafka_tickets {
    uint64_t ticket[TK_KAFKA_QUEUE_MESSAGES]; /* TK_NO_TICKET: free */
    int64_t stamp[TK_KAFKA_QUEUE_MESSAGES];   /* milliseconds */
    uint8_t slot[TK_KAFKA_QUEUE_MESSAGES];    /* the topic's, see sink/kafka_topics.h */
    uint32_t next[TK_KAFKA_QUEUE_MESSAGES];   /* list of free places; its end is TK_KAFKA_QUEUE_MESSAGES */
    uint32_t first_free;
    unsigned used;
};

/** @brief Make all places free. @locality worker @locks none */
static inline void tk_kafka_tickets_init(struct tk_kafka_tickets *t)
{
    for (uint32_t i = 0; i < TK_KAFKA_QUEUE_MESSAGES; i++) {
        t->ticket[i] = TK_NO_TICKET;
        t->next[i] = i + 1;
    }
    t->first_free = 0;
    t->used = 0;
}

/** @brief Store @p ticket, @p stamp and @p slot. @returns its place, from 1, for the message's opaque; 0 when all places
 *         are in use @locality worker @locks none */
static inline uintptr_t tk_kafka_tickets_put(struct tk_kafka_tickets *t, uint64_t ticket, int64_t stamp, unsigned slot)
{
    uint32_t i = t->first_free;

    TK_ASSERT(ticket != TK_NO_TICKET);
    if (i == TK_KAFKA_QUEUE_MESSAGES)
        return 0;
    TK_ASSERT(i < TK_KAFKA_QUEUE_MESSAGES && t->ticket[i] == TK_NO_TICKET);
    t->first_free = t->next[i];
    t->ticket[i] = ticket;
    t->stamp[i] = stamp;
    t->slot[i] = (uint8_t)slot;
    t->used++;
    return (uintptr_t)i + 1;
}

/** @brief The timestamp of the message in @p place. @locality worker @locks none */
static inline int64_t tk_kafka_tickets_stamp(const struct tk_kafka_tickets *t, uintptr_t place)
{
    TK_ASSERT(place >= 1 && place <= TK_KAFKA_QUEUE_MESSAGES);
    return t->stamp[place - 1];
}

/** @brief The slot of the topic of the message in @p place. @locality worker @locks none */
static inline unsigned tk_kafka_tickets_slot(const struct tk_kafka_tickets *t, uintptr_t place)
{
    TK_ASSERT(place >= 1 && place <= TK_KAFKA_QUEUE_MESSAGES);
    return t->slot[place - 1];
}

/** @brief Free @p place. @returns its ticket @locality worker @locks none */
static inline uint64_t tk_kafka_tickets_take(struct tk_kafka_tickets *t, uintptr_t place)
{
    uint32_t i = (uint32_t)place - 1;
    uint64_t ticket;

    TK_ASSERT(place >= 1 && place <= TK_KAFKA_QUEUE_MESSAGES);
    ticket = t->ticket[i];
    TK_ASSERT(ticket != TK_NO_TICKET && t->used > 0);
    t->ticket[i] = TK_NO_TICKET;
    t->next[i] = t->first_free;
    t->first_free = i;
    t->used--;
    return ticket;
}

#endif /* TK_KAFKA_TICKETS_H */
