/* SPDX-License-Identifier: Apache-2.0 */
/** @file trapd.h
 *  @brief Prototypes of snmptrapd's authorization in libnetsnmptrapd, for which net-snmp installs no header. */
#ifndef TK_TRAPD_H
#define TK_TRAPD_H

#include <net-snmp/net-snmp-config.h>
#include <net-snmp/net-snmp-includes.h>

struct netsnmp_trapd_handler_s;

/** @brief Register the access directives (authUser and others). @locality any @locks none */
void init_netsnmp_trapd_auth(void);
/** @returns TK_TRAPD_OK if an access line grants it any right @locality any @locks none */
int netsnmp_trapd_auth(netsnmp_pdu *pdu, netsnmp_transport *transport, struct netsnmp_trapd_handler_s *handler);
/** @returns whether the PDU that was asked about last has this right @locality any @locks none */
int netsnmp_trapd_check_auth(int authtypes);

#define TK_TRAPD_OK 1

#endif /* TK_TRAPD_H */
