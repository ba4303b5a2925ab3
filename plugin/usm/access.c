/* SPDX-License-Identifier: Apache-2.0 */
#include "usm/access.h"

#include <string.h>

#include <net-snmp/library/vacm.h>

#include "snmp/trap.h"
#include "usm/trap_oid.h"
#include "usm/usm.h"
#include "usm/usm_peer.h"

static uint8_t cut(size_t len, size_t most)
{
    return (uint8_t)(len < most ? len : most);
}

static void describe_user(struct tk_refusal *r, const netsnmp_pdu *pdu, const uint8_t *own, size_t own_len)
{
    r->version = TK_SNMP_V3;
    r->security_level = 0;
    if (pdu->securityLevel >= TK_NO_AUTH_NO_PRIV && pdu->securityLevel <= TK_AUTH_PRIV)
        r->security_level = (uint8_t)pdu->securityLevel;
    if (pdu->securityName) {
        r->user_len = cut(pdu->securityNameLen, sizeof(r->user));
        memcpy(r->user, pdu->securityName, r->user_len);
    }
    if (pdu->securityEngineID) {
        r->engine_len = cut(pdu->securityEngineIDLen, sizeof(r->engine));
        memcpy(r->engine, pdu->securityEngineID, r->engine_len);
    }
    r->is_own_engine = r->engine_len && r->engine_len == own_len && memcmp(r->engine, own, own_len) == 0;
}

void tk_access_describe(struct tk_refusal *ret, const netsnmp_pdu *pdu, bool is_stream, const uint8_t *own,
                        size_t own_len)
{
    memset(ret, 0, sizeof(*ret));
    ret->is_inform = pdu->command == SNMP_MSG_INFORM;
    ret->version = pdu->version == SNMP_VERSION_1 ? TK_SNMP_V1 : TK_SNMP_V2C;
    ret->security_level = TK_NO_AUTH_NO_PRIV;
    tk_peer_read(&ret->peer, pdu->transport_data, pdu->transport_data_length, is_stream);
    if (pdu->version == SNMP_VERSION_3)
        describe_user(ret, pdu, own, own_len);
}

void tk_access_refusal(struct tk_refusal *ret, const netsnmp_pdu *pdu, bool is_stream, const uint8_t *own,
                       size_t own_len, bool is_unknown_community)
{
    const bool has_access_lines = vacm_is_configured();

    tk_access_describe(ret, pdu, is_stream, own, own_len);
    ret->reason = TK_REASON_NOT_AUTHORIZED;
    if (has_access_lines && !tk_trap_oid_is_found(pdu)) {
        ret->reason = TK_REASON_MALFORMED; /* for example a v1 Trap-PDU in a v2c message */
        ret->hint = tk_trap_oid_find(pdu) ? TK_HINT_TRAP_OID_TYPE : TK_HINT_NO_TRAP_OID;
    } else if (ret->version != TK_SNMP_V3 && (is_unknown_community || !has_access_lines))
        ret->reason = TK_REASON_UNKNOWN_COMMUNITY;
    if (!has_access_lines)
        ret->hint = TK_HINT_NO_ACCESS_LINES;
}
