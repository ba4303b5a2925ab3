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
#include "usm/users.h"

/**
 * @brief Fill @p ret with everything but the reason. The community is left out, because it is a secret.
 * @param own  this receiver's engine ID
 * @locality snmptrapd  @locks none
 */
void tk_access_describe(struct tk_refusal *ret, const netsnmp_pdu *pdu, bool is_stream, const uint8_t *own,
                        size_t own_len);

/** What snmptrapd's authorization said of a notification that the module may not have. */
enum tk_access_verdict {
    TK_ACCESS_DENIED,
    TK_ACCESS_UNKNOWN_COMMUNITY, /* VACM found no name for community and address */
    TK_ACCESS_OTHER_RIGHTS,      /* it has a right such as `execute`, but not `log` */
};

/**
 * @brief Likewise, with the reason why netsnmp_trapd_auth() refused the notification, and what VACM lacks.
 * @param pdu  VACM may replace its context name
 * @locality snmptrapd  @locks none
 */
void tk_access_refusal(struct tk_refusal *ret, netsnmp_pdu *pdu, bool is_stream, const uint8_t *own, size_t own_len,
                       enum tk_access_verdict verdict);

/** @brief Fill in the protocols of the user of this name, as createUser writes them. @locality snmptrapd @locks none */
void tk_access_name_protocols(struct tk_refusal *r, const struct tk_user *user);

#endif /* TK_ACCESS_H */
