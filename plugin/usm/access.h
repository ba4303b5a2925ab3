/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file access.h
 * @brief Describe a notification that net-snmp decoded and snmptrapd's authorization then refused: by VACM (authUser,
 *        authGroup), by community, or because it has no snmpTrapOID.0.
 *
 * Owner: snmptrapd's thread, or the one of `trapkafka v3 check`.
 */
#ifndef TK_ACCESS_H
#define TK_ACCESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <net-snmp/net-snmp-config.h>
#include <net-snmp/net-snmp-includes.h>

#include "refusal/refusal.h"

/**
 * @brief Fill @p ret with everything but the reason. The community is left out, because it is a secret.
 * @param own  this receiver's engine ID
 * @locality snmptrapd  @locks none
 */
void tk_access_describe(struct tk_refusal *ret, const netsnmp_pdu *pdu, bool is_stream, const uint8_t *own,
                        size_t own_len);

/**
 * @brief Likewise, with the reason why netsnmp_trapd_auth() refused the notification.
 * @param is_unknown_community  VACM found no name for community and address
 * @locality snmptrapd  @locks none
 */
void tk_access_refusal(struct tk_refusal *ret, const netsnmp_pdu *pdu, bool is_stream, const uint8_t *own,
                       size_t own_len, bool is_unknown_community);

#endif /* TK_ACCESS_H */
