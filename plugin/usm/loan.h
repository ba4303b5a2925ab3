/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file loan.h
 * @brief Call net-snmp's decoder with a loan: one user and one engine time that are put into net-snmp's lists for one
 *        message.
 *
 * The list of users: net-snmp walks it for each message. During a loan all but the first of its own users are hidden,
 * so the walk is short.
 * The list of engine times: net-snmp adds every engine ID that it sees. We keep one entry in each chain of the list.
 * That entry has the engine's ID during a loan and no ID in between, so the list never grows, however many engine IDs
 * are invented.
 *
 * Owner:  snmptrapd's thread.
 * Memory: up to TK_CHAINS entries of net-snmp's list.
 */
#ifndef TK_LOAN_H
#define TK_LOAN_H

#include <stddef.h>
#include <stdint.h>

#include "usm/library.h"

#define TK_CHAINS   64 /* net-snmp has 23 */
#define TK_NO_CHAIN 0xff

/** An engine's clock as net-snmp keeps it (RFC 3414 section 2.3); all zero: not known. */
struct tk_engine_time {
    uint32_t boots, time;
    uint32_t local_time; /* this receiver's engine time when they were received */
};

/** @returns the chain of net-snmp's list of engine times for this engine ID; TK_NO_CHAIN: net-snmp can't hash it
 *  @locality snmptrapd @locks none */
uint8_t tk_loan_chain(const uint8_t *engine, size_t engine_len);

/**
 * @brief Call net-snmp's decoder during a loan.
 * @param user    the only user that net-snmp finds (beside the first of its own); NULL: none
 * @param engine  the ID of the engine time that is lent; @p chain is its chain
 * @param time    the engine's clock before, and as net-snmp left it; NULL: no engine time is lent
 * @returns what net-snmp's decoder returned; SNMPERR_USM_GENERICERROR if @p time can't be lent
 * @locality snmptrapd  @locks none
 */
int tk_loan_decode(SecmodInMsg *decode, struct snmp_secmod_incoming_params *params, const struct usmUser *user,
                   const uint8_t *engine, size_t engine_len, uint8_t chain, struct tk_engine_time *time);

/** @brief Empty net-snmp's list of engine times, which has all that net-snmp added without loans. The receiver's own
 *         engine stays. @locality snmptrapd @locks none */
void tk_loan_clear_engines(void);

#endif /* TK_LOAN_H */
