/* SPDX-License-Identifier: Apache-2.0 */
#include "usm/trap_oid.h"

const netsnmp_variable_list *tk_trap_oid_find(const netsnmp_pdu *pdu)
{
    const netsnmp_variable_list *vb = pdu->variables;

    while (vb && !tk_trap_oid_is(vb))
        vb = vb->next_variable;
    return vb;
}

bool tk_trap_oid_is_found(const netsnmp_pdu *pdu)
{
    const netsnmp_variable_list *vb;

    if (pdu->version == SNMP_VERSION_1)
        return pdu->command == SNMP_MSG_TRAP;
    vb = tk_trap_oid_find(pdu);
    return vb && vb->type == ASN_OBJECT_ID;
}

enum tk_hint tk_trap_oid_flaw(const netsnmp_pdu *pdu)
{
    const netsnmp_variable_list *first, *second;

    switch (pdu->command) {
    case SNMP_MSG_TRAP:
        return pdu->trap_type == SNMP_TRAP_ENTERPRISESPECIFIC &&
                       (pdu->enterprise_length == 0 || pdu->enterprise_length > TK_MOST_ENTERPRISE)
                   ? TK_HINT_LONG_ENTERPRISE
                   : TK_HINT_NONE;
    case SNMP_MSG_TRAP2:
    case SNMP_MSG_INFORM:
        first = tk_trap_oid_find(pdu);
        if (!first)
            return TK_HINT_NO_TRAP_OID;
        second = pdu->variables->next_variable;
        if (first->type != ASN_OBJECT_ID || (second && tk_trap_oid_is(second) && second->type != ASN_OBJECT_ID))
            return TK_HINT_TRAP_OID_TYPE;
        return TK_HINT_NONE;
    default: return TK_HINT_NONE; /* not a notification */
    }
}

bool tk_trap_oid_is_repeated(const netsnmp_pdu *pdu)
{
    unsigned count = pdu->command == SNMP_MSG_TRAP; /* the log adds that of a v1 trap */

    for (const netsnmp_variable_list *vb = pdu->variables; vb; vb = vb->next_variable)
        count += tk_trap_oid_is(vb);
    return count > 1;
}
