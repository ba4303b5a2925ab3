/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file refusal_table.h
 * @brief Refused packets, added up by peer, reason, user and engine until a record of them goes out.
 *
 * A stranger can invent users, engines and addresses, so detail is bounded three times: TK_REFUSAL_ENTRIES in all;
 * of one peer at most TK_REFUSAL_PER_PEER with user and engine, then one entry for all its others of that reason;
 * when the
 * table is full, one for each reason. What has lost its detail so is counted (merged); no packet goes uncounted.
 *
 * A first record goes out at the next call of tk_refusal_table_next(), the following ones of the same at most once a
 * minute; at most TK_REFUSAL_BURST records a second in all. An entry without packets for a minute goes.
 *
 * Owner:  snmptrapd's thread. No locks, no net-snmp.
 * Memory: fixed, about 370 kB, touched as entries come (base/aged_hash.h).
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
 * @brief The next record that is due, oldest first; detail and remedy are left empty.
 * @returns false: none is due, or the burst of this second is used up
 * @locality snmptrapd  @locks none
 */
bool tk_refusal_table_next(struct tk_refusal_table *t, const struct tk_time *now, struct tk_refusal_report *ret_report);
/** @brief That record could not be handed on: it stays due, with its count. @locality snmptrapd @locks none */
void tk_refusal_table_put_back(struct tk_refusal_table *t, const struct tk_refusal_report *report);
/** @brief Packets that lost their detail, since the beginning. @locality snmptrapd @locks none */
uint64_t tk_refusal_table_merged(const struct tk_refusal_table *t);

#endif /* TK_REFUSAL_TABLE_H */
