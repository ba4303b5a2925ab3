/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file trapd_api.h
 * @brief Prototypes of snmptrapd's handler interface, for which net-snmp installs no header.
 *
 * The struct is the same in net-snmp 5.8 to 5.9.5 and in its development branch up to `handler_data`. Members behind
 * that one are not used.
 */
#ifndef TK_TRAPD_API_H
#define TK_TRAPD_API_H

#include <net-snmp/net-snmp-config.h>
#include <net-snmp/net-snmp-includes.h>
#include <net-snmp/library/vacm.h>

struct netsnmp_trapd_handler_s {
    oid *trapoid;
    int trapoid_len;
    char *token;
    char *format;
    int version;
    int authtypes;
    int flags;
    int (*handler)(netsnmp_pdu *, netsnmp_transport *, struct netsnmp_trapd_handler_s *);
    void *handler_data;
};

typedef int tk_trapd_handler(netsnmp_pdu *pdu, netsnmp_transport *transport, struct netsnmp_trapd_handler_s *self);

struct netsnmp_trapd_handler_s *netsnmp_add_global_traphandler(int list, tk_trapd_handler *handler);
/* snmptrapd's authorization, and what its last verdict permits. They are looked up with dlsym(), because another
 * build of snmptrapd may not export them. */
tk_trapd_handler netsnmp_trapd_auth;
int netsnmp_trapd_check_auth(int authtypes);

#define TK_TRAPD_AUTH_LIST    1
#define TK_TRAPD_PRE_LIST     2
#define TK_TRAPD_POST_LIST    3
#define TK_TRAPD_OK           1
#define TK_TRAPD_BREAK        3 /* go to the next list: skips snmptrapd's own print and syslog handlers */
#define TK_TRAPD_AUTH_NONE    0 /* else an AUTH handler may be skipped by the verdict on the last packet */
#define TK_TRAPD_AUTH_LOG     VACM_VIEW_LOG_BIT /* what `authCommunity log` and `authUser log` grant */
#define TK_TRAPD_FINISH       4                 /* stop here: no further handler, and no reply to an INFORM */
#define TK_TRAPD_FLAG_BUILTIN 0x4               /* the development branch removes handlers without it at SIGHUP */

#endif /* TK_TRAPD_API_H */
