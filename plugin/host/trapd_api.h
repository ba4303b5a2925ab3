/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file trapd_api.h
 * @brief The few prototypes of snmptrapd's handler interface, for which net-snmp installs no header.
 *
 * The same in net-snmp 5.8 to 5.9.5 and in its development branch up to `handler_data`; nothing behind that member is
 * touched.
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
/* snmptrapd's authorization, and what its last verdict permits. A daemon of another make may not export them: they
 * are found by name. */
tk_trapd_handler netsnmp_trapd_auth;
int netsnmp_trapd_check_auth(int authtypes);

#define TK_TRAPD_AUTH_LIST    1
#define TK_TRAPD_PRE_LIST     2
#define TK_TRAPD_OK           1
#define TK_TRAPD_BREAK        3 /* go to the next list: snmptrapd's own print and syslog handlers are skipped */
#define TK_TRAPD_AUTH_NONE    0 /* else an AUTH handler is skipped by the verdict on the packet before */
#define TK_TRAPD_AUTH_LOG     VACM_VIEW_LOG_BIT /* what `authCommunity log` and `authUser log` grant */
#define TK_TRAPD_FINISH       4                 /* nothing more, an INFORM's reply included */
#define TK_TRAPD_FLAG_BUILTIN 0x4               /* the development branch keeps handlers with it across SIGHUP */

#endif /* TK_TRAPD_API_H */
