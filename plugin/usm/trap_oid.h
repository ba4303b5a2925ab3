/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file trap_oid.h
 * @brief Find snmpTrapOID.0 and sysUpTime.0 (RFC 3416 section 4.2.6) in the varbinds of a PDU as net-snmp decoded it.
 *
 * The comparisons are inline functions, because flatten.c calls them for every notification.
 */
#ifndef TK_TRAP_OID_H
#define TK_TRAP_OID_H

#include <stdbool.h>
#include <string.h>

#include <net-snmp/net-snmp-config.h>
#include <net-snmp/net-snmp-includes.h>

#include "refusal/reasons.h"

/** @returns whether the varbind's name is snmpTrapOID.0, whatever its type @locality any @locks none */
static inline bool tk_trap_oid_is(const netsnmp_variable_list *vb)
{
    static const oid trap_oid_0[] = {1, 3, 6, 1, 6, 3, 1, 1, 4, 1, 0};

    return vb->name_length == OID_LENGTH(trap_oid_0) && memcmp(vb->name, trap_oid_0, sizeof(trap_oid_0)) == 0;
}

/** @returns whether the varbind's name is sysUpTime.0, whatever its type @locality any @locks none */
static inline bool tk_trap_oid_is_uptime(const netsnmp_variable_list *vb)
{
    static const oid sys_uptime_0[] = {1, 3, 6, 1, 2, 1, 1, 3, 0};

    return vb->name_length == OID_LENGTH(sys_uptime_0) && memcmp(vb->name, sys_uptime_0, sizeof(sys_uptime_0)) == 0;
}

/** @returns the first varbind named snmpTrapOID.0, whatever its type; NULL: there is none
 *  @locality any @locks none */
const netsnmp_variable_list *tk_trap_oid_find(const netsnmp_pdu *pdu);

/**
 * @brief Does snmptrapd find a trap OID in this PDU? Without one it refuses the PDU and does not ask VACM.
 * @returns true for a v1 Trap-PDU, or if the first snmpTrapOID.0 is an OBJECT IDENTIFIER
 * @locality any  @locks none
 */
bool tk_trap_oid_is_found(const netsnmp_pdu *pdu);

#define TK_MOST_ENTERPRISE (MAX_OID_LEN - 2) /* sub-identifiers, so that snmptrapd can append 0 and specific-trap */

/**
 * @brief Would snmptrapd drop this notification without a word, or not handle it safely? Its snmp_input() copies the
 *        value of a snmpTrapOID.0 as an OID without checking the type: that of the second varbind, or of the first so
 *        named. And it makes a v2 PDU of a v1 trap, and does not check whether it could.
 * @returns TK_HINT_NONE: neither; else why (hints.def)
 * @locality any  @locks none
 */
enum tk_hint tk_trap_oid_flaw(const netsnmp_pdu *pdu);

/** @brief Would snmptrapd's notification log find more than one snmpTrapOID.0 in this notification? Up to net-snmp
 *         5.9.5 it compares them beyond the end of a heap block. @locality any @locks none */
bool tk_trap_oid_is_repeated(const netsnmp_pdu *pdu);

#endif /* TK_TRAP_OID_H */
