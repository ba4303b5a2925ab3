/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file loan.h
 * @brief net-snmp's decoder with one user and one engine's time in its lists: put there for one message, gone after
 *        it.
 *
 * The list of users: net-snmp's own users behind the first one are hidden meanwhile, so that nothing is walked. The
 * list of engine times: one entry of ours in each of its chains, which gets the engine's name for the message and
 * has none
 * between; so it never grows, whatever engines strangers invent.
 *
 * Owner:  snmptrapd's thread.
 * Memory: up to TK_CHAINS entries of net-snmp's list.
 */
#ifndef TK_USM_LOAN_H
#define TK_USM_LOAN_H

#include <stddef.h>
#include <stdint.h>

#include "usm/library.h"

#define TK_CHAINS   64 /* net-snmp has 23 */
#define TK_NO_CHAIN 0xff

/** What net-snmp knows of an engine's clock (RFC 3414 section 2.3); all zero: nothing. */
struct tk_engine_time {
    uint32_t boots, time;
    uint32_t local_time; /* this receiver's engine time at that moment */
};

/** @returns which of net-snmp's chains an engine belongs to; TK_NO_CHAIN: it can't say
 *  @locality snmptrapd @locks none */
uint8_t tk_loan_chain(const uint8_t *engine, size_t engine_len);

/**
 * @brief Decode, with what is lent.
 * @param user    the only one that net-snmp finds (beside the first of its own); NULL: none
 * @param engine  lent under this ID, with @p chain and
 * @param time    as known before, and then as net-snmp left it; NULL: the list of engine times stays as it is
 * @returns what net-snmp's decoder returned
 * @locality snmptrapd  @locks none
 */
int tk_loan_decode(SecmodInMsg *decode, struct snmp_secmod_incoming_params *params, const struct usmUser *user,
                   const uint8_t *engine, size_t engine_len, uint8_t chain, struct tk_engine_time *time);

/** @brief Empty net-snmp's list of engine times, of all that it noted before we stood in front; the receiver's own engine
 *         stays. @locality snmptrapd @locks none */
void tk_loan_clear_engines(void);

#endif /* TK_USM_LOAN_H */
