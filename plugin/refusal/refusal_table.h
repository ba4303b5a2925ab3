/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file refusal_table.h
 * @brief Refused packets, added up by peer, cause (reason and hint), user and engine until a record of them goes out.
 *
 * A stranger can invent users, engines and addresses, so detail is bounded three times. The table has at most
 * TK_REFUSAL_ENTRIES entries. Of one peer, at most TK_REFUSAL_PER_PEER entries have user and engine; all further users
 * and engines of that peer share one entry for each cause. When the table is full, all peers without an entry share
 * one for each cause. Packets in a shared entry are counted as merged; no packet goes uncounted.
 *
 * The first record of an entry is due at once, further ones at most once a minute; all in all at most TK_REFUSAL_BURST
 * records a second, in which causes take turns. An entry that gets no packet for a minute is removed.
 *
 * Owner:  snmptrapd's thread. No locks, no net-snmp.
 * Memory: fixed, about 420 kB, touched as entries come (base/aged_hash.h).
 */
#ifndef TK_REFUSAL_TABLE_H
#define TK_REFUSAL_TABLE_H

#include "refusal/refusal_box.h"

#define TK_REFUSAL_ENTRIES  1024
#define TK_REFUSAL_PER_PEER 8
#define TK_REFUSAL_BURST    4
#define TK_REFUSAL_PERIOD   (60 * TK_SECOND)
#define TK_REFUSAL_STALE \
    3 /* a sender whose notion of our clock is old mends it by our report: told from the third on */

struct tk_refusal_table;

/** @returns NULL when out of memory @locality any @locks none */
struct tk_refusal_table *tk_refusal_table_new(void);
/** NULL is a no-op. @locality any @locks none */
void tk_refusal_table_free(struct tk_refusal_table *t);
/** @brief One more packet. @locality snmptrapd @locks none */
void tk_refusal_table_add(struct tk_refusal_table *t, const struct tk_refusal *refusal, const struct tk_time *now);
/**
 * @brief The next record that is due: of the next cause that has any, the oldest; detail and remedy are left empty.
 * @returns false: none is due, or the burst of this second is used up
 * @locality snmptrapd  @locks none
 */
bool tk_refusal_table_next(struct tk_refusal_table *t, const struct tk_time *now, struct tk_refusal_report *ret_report);
/** @brief That record could not be handed on: it stays due, with its count. @locality snmptrapd @locks none */
void tk_refusal_table_put_back(struct tk_refusal_table *t, const struct tk_refusal_report *report);
/** @brief Packets that lost their detail, since the beginning. @locality snmptrapd @locks none */
uint64_t tk_refusal_table_merged(const struct tk_refusal_table *t);

#endif /* TK_REFUSAL_TABLE_H */
