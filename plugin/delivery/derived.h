/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file derived.h
 * @brief Which derived messages are due: those that have no record of their own, as the message of a standing alarm.
 *
 * A derived message is about a subject: an alarm, by its key. A record that changes a subject owes it a message, and does
 * not end before that is acknowledged, or given up. Of each subject at most one message is in flight. It is written when
 * it is sent, from the newest change that is due; so one message may pay for several records, and what is sent again
 * is the newest state, never an older one.
 *
 *     add() ------> a change, not due: the event of its record is not out yet ------ cancel() ----> forgotten
 *      |
 *     release() --> due: waits for its turn -- sent() --> in flight -- delivered() ------> ended, and all older ones
 *                     ^                                      |  '----- refused() --------> the same
 *                     '-------------- came_back() -----------'
 *
 * A change that comes due after the message with a newer one of its subject has ended (acknowledged or refused) ends at
 * once: what is published of a subject never goes back.
 *
 * Books:  every change that came due ends once; tk_derived_due() counts those that have not.
 * Owner:  the worker. No locks. Knows neither the window nor the sink: derived_outlet.c connects it with them.
 * Memory: room for @p max changes is taken at once, about 160 bytes each, and touched as changes come. The caller adds
 *         changes only while tk_derived_has_room().
 */
#ifndef TK_DERIVED_H
#define TK_DERIVED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/hash.h"

#define TK_DERIVED_MAX        65536
#define TK_DERIVED_PER_RECORD 16 /* changes of one record at most */

/** What subjects are. Each kind has a queue of its own, so that one whose topic is in trouble holds up no other. */
enum tk_derived_kind {
    TK_DERIVED_ALARM, /* an alarm, by the hash of its key; alarm_feed.c */
    TK_DERIVED_KINDS,
};

/** A record's change of a subject. */
struct tk_derived_change {
    struct tk_hash128 subject;
    uint64_t ticket; /* of the record; TK_DERIVED_NO_RECORD: none */
};

#define TK_DERIVED_NO_RECORD UINT64_MAX

struct tk_derived;

/** Called for each change that ends, with its record's ticket, or TK_DERIVED_NO_RECORD. */
typedef void tk_derived_end_fn(void *arg, uint64_t ticket);

/** @param records  tickets that are open at the same time lie in a range of this size @returns NULL if out of memory
 *  @locality any @locks none */
struct tk_derived *tk_derived_new(uint32_t max, uint32_t records);
/** NULL is a no-op. @locality any @locks none */
void tk_derived_free(struct tk_derived *d);

/** @brief Is there room for the changes of one more record? @locality worker @locks none */
bool tk_derived_has_room(const struct tk_derived *d);

/** @brief The record changes the subject; more often is a no-op. To be called while there is room.
 *  @param ticket  TK_DERIVED_NO_RECORD: no record has to wait for it; the change is due at once, and the newest one
 *  @locality worker @locks none */
void tk_derived_add(struct tk_derived *d, enum tk_derived_kind kind, struct tk_hash128 subject, uint64_t ticket);
/** @brief The record changes exactly these subjects of this kind: others are forgotten. By the same rules that is a no-op,
 *         by others an event that is sent again may change other alarms. To be called while there is room, and before
 *         the changes are due. @locality worker @locks none */
void tk_derived_set(struct tk_derived *d, enum tk_derived_kind kind, uint64_t ticket, const struct tk_hash128 *subjects,
                    size_t count);
/** @brief The record's event will never be published: its changes, which are not due, are forgotten.
 *  @locality worker @locks none */
void tk_derived_cancel(struct tk_derived *d, uint64_t ticket);

/** @returns how many changes of the record have not ended @locality worker @locks none */
unsigned tk_derived_of_record(const struct tk_derived *d, uint64_t ticket);
/** @brief The record's event is out: its changes are due. @p end is called for those that end at once.
 *  @locality worker @locks none */
void tk_derived_release(struct tk_derived *d, uint64_t ticket, tk_derived_end_fn *end, void *arg);

/** @returns the subject whose turn it is, by its number; 0: none waits @locality worker @locks none */
uint32_t tk_derived_next(const struct tk_derived *d, enum tk_derived_kind kind);
/** @brief The newest change of a subject that waits. @locality worker @locks none */
struct tk_derived_change tk_derived_newest(const struct tk_derived *d, uint32_t subject);
/** @brief A message that has the newest change went out. @locality worker @locks none */
void tk_derived_sent(struct tk_derived *d, uint32_t subject, size_t bytes);
/** @returns the subject's kind @locality worker @locks none */
enum tk_derived_kind tk_derived_kind_of(const struct tk_derived *d, uint32_t subject);
/** @returns the bytes of the message in flight; 0: none is, or there is no such subject @locality worker @locks none */
size_t tk_derived_bytes_of(const struct tk_derived *d, uint32_t subject);

/** @brief It was acknowledged: the changes that it had end. @locality worker @locks none */
void tk_derived_delivered(struct tk_derived *d, uint32_t subject, tk_derived_end_fn *end, void *arg);
/** @brief It did not arrive: the subject waits again, before all others. @locality worker @locks none */
void tk_derived_came_back(struct tk_derived *d, uint32_t subject);
/** @brief It can never be sent, whether it was in flight or waits: the changes that it has end.
 *  @locality worker @locks none */
void tk_derived_refused(struct tk_derived *d, uint32_t subject, tk_derived_end_fn *end, void *arg);
/** @brief The record must not wait any longer: its changes end. A message in flight stays so, and is reported.
 *  @locality worker @locks none */
void tk_derived_give_way(struct tk_derived *d, uint64_t ticket, tk_derived_end_fn *end, void *arg);

/** @returns changes that have come due and have not ended @locality worker @locks none */
uint32_t tk_derived_due(const struct tk_derived *d);
/** @returns changes that have not ended, due or not @locality worker @locks none */
uint32_t tk_derived_count(const struct tk_derived *d);

/** @brief Do lists and counts agree? A walk, for asserts and tests. @locality worker @locks none */
bool tk_derived_is_sound(const struct tk_derived *d);

#endif /* TK_DERIVED_H */
