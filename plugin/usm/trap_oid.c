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

bool tk_trap_oid_is_sound(const netsnmp_pdu *pdu)
{
    bool has_one = false;

    for (const netsnmp_variable_list *vb = pdu->variables; vb; vb = vb->next_variable) {
        if (!tk_trap_oid_is(vb))
            continue;
        if (vb->type != ASN_OBJECT_ID || vb->val_len > MAX_OID_LEN * sizeof(oid))
            return false;
        has_one = true;
    }
    return has_one;
}
