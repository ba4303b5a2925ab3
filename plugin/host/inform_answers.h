/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file inform_answers.h
 * @brief The answers of INFORMs: the table of INFORMs that wait until Kafka has acknowledged their event, with the reply
 *        that snmptrapd made for each; and for a while those whose result is known, so that a retransmission is noticed.
 *
 * Owner:  snmptrapd's thread.
 * Memory: an entry a place (about 100 bytes, touched when it is used), and the replies that are kept, up to a number
 *         of bytes. If no place is free, the oldest INFORM whose result is known is removed, else the oldest that
 *         waits. If there are too many bytes, the oldest reply is freed, while its entry stays: the INFORM is not
 *         published again, and its next retransmission brings a reply.
 * Clock:  monotonic, passed in.
 */
#ifndef TK_INFORM_ANSWERS_H
#define TK_INFORM_ANSWERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/clock.h"
#include "base/hash.h"

#define TK_INFORM_KNOWN_FOR   (60 * TK_SECOND)  /* after it was told of */
#define TK_INFORM_REPLY_FOR   (300 * TK_SECOND) /* no sender waits longer */
#define TK_INFORM_REPLY_BYTES ((size_t)64 * 1024 * 1024)

enum tk_inform_state { TK_INFORM_FREE, TK_INFORM_WAITING, TK_INFORM_DELIVERED, TK_INFORM_REFUSED };

struct tk_inform_answers;

/**
 * @param places       1..2^29
 * @param reply_bytes  most bytes of replies
 * @param free_reply   how to let go of one
 * @returns NULL when out of memory
 * @locality any  @locks none
 */
struct tk_inform_answers *tk_inform_answers_new(uint32_t places, size_t reply_bytes, void (*free_reply)(void *reply));
/** NULL is a no-op. @locality snmptrapd @locks none */
void tk_inform_answers_free(struct tk_inform_answers *t);

/** @returns the place (1..places) of the INFORM with this key; 0: not known @locality snmptrapd @locks none */
uint32_t tk_inform_answers_find(const struct tk_inform_answers *t, struct tk_hash128 key);

/** @brief A new one, which waits; @p key is not known. @returns its place, which may have been another's a moment ago
 *  @locality snmptrapd @locks none */
uint32_t tk_inform_answers_add(struct tk_inform_answers *t, struct tk_hash128 key);

/** @brief It waits for this record; one that was told of waits again. @locality snmptrapd @locks none */
void tk_inform_answers_wait(struct tk_inform_answers *t, uint32_t place, uint64_t seq);

/** @brief It was told of: @p state is TK_INFORM_DELIVERED, which makes a reply that is kept due, or TK_INFORM_REFUSED.
 *  @locality snmptrapd @locks none */
void tk_inform_answers_end(struct tk_inform_answers *t, uint32_t place, enum tk_inform_state state, tk_nsec now);

/** @returns what is known of the one at @p place @locality snmptrapd @locks none */
enum tk_inform_state tk_inform_answers_state(const struct tk_inform_answers *t, uint32_t place);
/** @returns the record it waits or waited for @locality snmptrapd @locks none */
uint64_t tk_inform_answers_seq(const struct tk_inform_answers *t, uint32_t place);

/** @brief Keep @p reply (of @p bytes; taken over) instead of the one that is kept. @locality snmptrapd @locks none */
void tk_inform_answers_keep(struct tk_inform_answers *t, uint32_t place, void *reply, size_t bytes, tk_nsec now);
/** @returns the reply that was kept, the caller's from now on; NULL: none @locality snmptrapd @locks none */
void *tk_inform_answers_steal(struct tk_inform_answers *t, uint32_t place);

/** @returns the place of the reply that has been due for the longest time; 0: none. tk_inform_answers_steal() takes it.
 *  @locality snmptrapd @locks none */
uint32_t tk_inform_answers_next_due(const struct tk_inform_answers *t);

/** @brief It is never answered. @locality snmptrapd @locks none */
void tk_inform_answers_mute(struct tk_inform_answers *t, uint32_t place);
bool tk_inform_answers_is_mute(const struct tk_inform_answers *t, uint32_t place);

/** @brief Let go of replies and entries that are too old. @locality snmptrapd @locks none */
void tk_inform_answers_expire(struct tk_inform_answers *t, tk_nsec now);

/** @brief How many wait to be told of. @locality snmptrapd @locks none */
uint32_t tk_inform_answers_waiting(const struct tk_inform_answers *t);
/** @brief Bytes of replies that are kept. @locality snmptrapd @locks none */
size_t tk_inform_answers_bytes(const struct tk_inform_answers *t);
/** @brief Replies given up so far: too old, or too many. @locality snmptrapd @locks none */
uint64_t tk_inform_answers_evicted(const struct tk_inform_answers *t);

#endif /* TK_INFORM_ANSWERS_H */
