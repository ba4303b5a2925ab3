/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file replies.h
 * @brief The way back for INFORMs: the worker tells snmptrapd's thread what became of those whose answer waits.
 *
 * An INFORM that waits has a place (1..TK_REPLY_PLACES), which travels in its record (struct tk_trap_head). The host
 * says which sequence number a place waits for; the worker tells the fate of that one, once, and of no other: a
 * record of
 * an earlier life, or one whose place was given to another INFORM meanwhile, is told to nobody.
 *
 * Threads: snmptrapd's waits, forgets and takes; the worker tells and wakes. No lock.
 * Memory:  fixed: 8 bytes a place, and a queue of as many entries: it never overflows, because the host takes all
 *         that
 *          was told before it gives a place to another INFORM.
 */
#ifndef TK_REPLIES_H
#define TK_REPLIES_H

#include <stdbool.h>
#include <stdint.h>

#define TK_REPLY_PLACES 32768u

struct tk_replies;

/** What became of an INFORM. */
struct tk_reply {
    uint32_t place;
    uint64_t seq;
    bool is_delivered; /* false: it never will be, and must not be answered */
};

/** @returns NULL when out of memory or descriptors @locality any @locks none */
struct tk_replies *tk_replies_new(void);
/** NULL is a no-op; the worker has ended. @locality any @locks none */
void tk_replies_free(struct tk_replies *r);
/** @brief Readable when there is something to take. @locality any @locks none */
int tk_replies_eventfd(const struct tk_replies *r);

/** @brief From now on @p place waits for the record @p seq; before that is committed. All that was told has been taken.
 *  @locality snmptrapd @locks none */
void tk_replies_wait(struct tk_replies *r, uint32_t place, uint64_t seq);
/** @brief The place waits no more. @locality snmptrapd @locks none */
void tk_replies_forget(struct tk_replies *r, uint32_t place);
/** @brief The next that was told. @returns false when there is none @locality snmptrapd @locks none */
bool tk_replies_take(struct tk_replies *r, struct tk_reply *ret_reply);

/** @brief Tell what became of record @p seq, if @p place (any number) waits for it. @locality worker @locks none */
void tk_replies_tell(struct tk_replies *r, uint32_t place, uint64_t seq, bool is_delivered);
/** @brief Tell of the records [@p from, @p end) that they never will be delivered: they are damaged, their places unknown.
 *         A walk over all places. @locality worker @locks none */
void tk_replies_tell_damaged(struct tk_replies *r, uint64_t from, uint64_t end);
/** @brief Wake the host if something was told since the last call; once a step. @locality worker @locks none */
void tk_replies_wake(struct tk_replies *r);

#endif /* TK_REPLIES_H */
