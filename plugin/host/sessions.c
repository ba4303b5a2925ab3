/* SPDX-License-Identifier: Apache-2.0 */
/* In front of snmptrapd's own callback: what it throws away unseen is counted, and what would hurt it is kept away.
 *
 * A v2 notification without snmpTrapOID.0 returns before any handler, and so does a specific v1 trap without enterprise;
 * one whose snmpTrapOID.0 is not an OID is copied by snmp_input() as if it were. None of them can be an event.
 *
 * snmptrapd's sessions are found through net-snmp's list, whose type has a header while its name is only exported: where
 * the library is another than the ones read, nothing is touched. Accepted tcp connections inherit the callback of the
 * listening one. */
#include <dlfcn.h>
#include <string.h>

#include "host/host.h"

static const oid trap_oid_0[] = {1, 3, 6, 1, 6, 3, 1, 1, 4, 1, 0};
static netsnmp_callback snmptrapds_own;

static bool is_trap_oid(const netsnmp_variable_list *vb)
{
    return vb->name_length == OID_LENGTH(trap_oid_0) && memcmp(vb->name, trap_oid_0, sizeof(trap_oid_0)) == 0;
}

/* Every snmpTrapOID.0 is an OID, and there is one. */
static bool has_sound_trap_oid(const netsnmp_pdu *pdu)
{
    bool has_one = false;

    for (const netsnmp_variable_list *vb = pdu->variables; vb; vb = vb->next_variable) {
        if (!is_trap_oid(vb))
            continue;
        if (vb->type != ASN_OBJECT_ID || vb->val_len > MAX_OID_LEN * sizeof(oid))
            return false;
        has_one = true;
    }
    return has_one;
}

/* Would snmptrapd come to a trap OID, and safely? */
static bool is_sound(const netsnmp_pdu *pdu)
{
    switch (pdu->command) {
    case SNMP_MSG_TRAP:
        return pdu->trap_type != SNMP_TRAP_ENTERPRISESPECIFIC ||
               (pdu->enterprise_length >= 1 && pdu->enterprise_length <= MAX_OID_LEN);
    case SNMP_MSG_TRAP2: case SNMP_MSG_INFORM:
        return has_sound_trap_oid(pdu);
    default:
        return true; /* no notification: snmptrapd's business */
    }
}

static int receive(int op, netsnmp_session *session, int reqid, netsnmp_pdu *pdu, void *magic)
{
    if (op == NETSNMP_CALLBACK_OP_RECEIVED_MESSAGE && pdu && !session->s_snmp_errno && !is_sound(pdu)) {
        tk_losses_count_no_trap_oid();
        DEBUGMSGTL(("trapkafka", "a notification without a sound trap OID: counted as unparsable\n"));
        return 1;
    }
    return snmptrapds_own(op, session, reqid, pdu, magic);
}

static bool is_known_library(void)
{
    const char *version = netsnmp_get_version();

    return strncmp(version, "5.8", 3) == 0 || strncmp(version, "5.9", 3) == 0;
}

void tk_sessions_guard(void)
{
    struct session_list **list = dlsym(RTLD_DEFAULT, "Sessions");
    netsnmp_callback snmp_input = NULL;
    void *symbol = dlsym(RTLD_DEFAULT, "snmp_input");

    memcpy(&snmp_input, &symbol, sizeof(snmp_input)); /* ISO C has no cast between the two */
    if (!list || !snmp_input || !is_known_library()) {
        DEBUGMSGTL(("trapkafka", "net-snmp %s: notifications without a trap OID go uncounted\n", netsnmp_get_version()));
        return;
    }
    snmptrapds_own = snmp_input;
    for (struct session_list *s = *list; s; s = s->next) {
        if (!s->session || s->session->callback != snmp_input)
            continue;
        s->session->callback = receive;
        if (s->transport && !(s->transport->flags & NETSNMP_TRANSPORT_FLAG_STREAM))
            tk_losses_note_socket(s->transport->sock);
    }
}
