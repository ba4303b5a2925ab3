/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file access.h
 * @brief A notification that was decoded, and then refused: by VACM (authUser, authGroup), by community, or because
 *        it does not say what it is. Owner: snmptrapd's thread, or the one of `trapkafka v3 check`.
 */
#ifndef TK_USM_ACCESS_H
#define TK_USM_ACCESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <net-snmp/net-snmp-config.h>
#include <net-snmp/net-snmp-includes.h>

#include "refusal/refusal.h"

/** @brief All that is known of a notification but why it was refused. A community is a secret: it is not looked at.
 *  @param own  this receiver's engine ID  @locality snmptrapd @locks none */
void tk_access_describe(struct tk_refusal *ret, const netsnmp_pdu *pdu, bool is_stream, const uint8_t *own,
                        size_t own_len);

/**
 * @brief The same, and why netsnmp_trapd_auth() refused it.
 * @param is_unknown_community  VACM found no name for community and address
 * @locality snmptrapd  @locks none
 */
void tk_access_refusal(struct tk_refusal *ret, const netsnmp_pdu *pdu, bool is_stream, const uint8_t *own,
                       size_t own_len, bool is_unknown_community);

#endif /* TK_USM_ACCESS_H */
