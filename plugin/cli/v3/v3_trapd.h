/* SPDX-License-Identifier: Apache-2.0 */
/** @file v3_trapd.h
 *  @brief snmptrapd's authorization, out of libnetsnmptrapd; net-snmp installs no header for it. */
#ifndef TK_V3_TRAPD_H
#define TK_V3_TRAPD_H

#include <net-snmp/net-snmp-config.h>
#include <net-snmp/net-snmp-includes.h>

struct netsnmp_trapd_handler_s;

/** @brief Make authUser and its like known to the parser of configurations. @locality any @locks none */
void init_netsnmp_trapd_auth(void);
/** @returns TK_TRAPD_OK when any access line permits it @locality any @locks none */
int netsnmp_trapd_auth(netsnmp_pdu *pdu, netsnmp_transport *transport, struct netsnmp_trapd_handler_s *handler);
/** @returns whether those lines permit this too, of the PDU asked about last @locality any @locks none */
int netsnmp_trapd_check_auth(int authtypes);

#define TK_TRAPD_OK 1

#endif /* TK_V3_TRAPD_H */
