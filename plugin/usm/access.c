/* SPDX-License-Identifier: Apache-2.0 */
#include "usm/access.h"

#include <stdio.h>
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

void tk_access_name_protocols(struct tk_refusal *r, const struct tk_user *user)
{
    if (user && user->auth)
        (void)snprintf(r->auth, sizeof(r->auth), "%s", user->auth->name);
    if (user && user->priv)
        (void)snprintf(r->priv, sizeof(r->priv), "%s", user->priv->name);
}

static void describe_user(struct tk_refusal *r, const netsnmp_pdu *pdu, const uint8_t *own, size_t own_len)
{
    char name[TK_USER_BYTES + 1] = "";

    r->version = TK_SNMP_V3;
    r->security_level = 0;
    if (pdu->securityLevel >= TK_NO_AUTH_NO_PRIV && pdu->securityLevel <= TK_AUTH_PRIV)
        r->security_level = (uint8_t)pdu->securityLevel;
    if (pdu->securityName) {
        r->user_len = cut(pdu->securityNameLen, sizeof(r->user));
        memcpy(r->user, pdu->securityName, r->user_len);
        memcpy(name, r->user, r->user_len);
        tk_access_name_protocols(r, tk_users_named(name));
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

/* --- why VACM denies ------------------------------------------------------------------------------------------- */

/* Of net-snmp's agent library, which snmptrapd brings along; no installed header declares it. NULL: it is not there. */
#define DNE_CONTEXT_OK 1 /* VACM_CHECK_VIEW_CONTENTS_DNE_CONTEXT_OK: a context need not be registered */
extern int vacm_check_view_contents(netsnmp_pdu *pdu, oid *name, size_t namelen, int check_subtree, int viewtype,
                                    int flags) __attribute__((weak));

/* What does the user's authUser line lack? */
static enum tk_hint why_user(struct tk_refusal *r, const netsnmp_pdu *pdu)
{
    const struct vacm_accessEntry *access;
    const struct vacm_groupEntry *group;
    char context[VACM_MAX_STRING + 1] = "";

    r->context_len = pdu->contextNameLen > UINT16_MAX ? UINT16_MAX : (uint16_t)pdu->contextNameLen;
    if (pdu->contextNameLen > VACM_MAX_STRING)
        return TK_HINT_LONG_CONTEXT;
    if (pdu->contextName)
        memcpy(context, pdu->contextName, pdu->contextNameLen);
    group = pdu->securityName ? vacm_getGroupEntry(pdu->securityModel, pdu->securityName) : NULL;
    if (!group)
        return TK_HINT_NONE;
    access = vacm_getAccessEntry(group->groupName, context, pdu->securityModel, pdu->securityLevel);
    if (access)
        return access->views[VACM_VIEW_LOG][0] ? TK_HINT_OTHER_OID : TK_HINT_NO_LOG_RIGHT;
    for (int level = pdu->securityLevel + 1; level <= TK_AUTH_PRIV; level++) {
        if (vacm_getAccessEntry(group->groupName, context, pdu->securityModel, level)) {
            r->needed_level = (uint8_t)level;
            return TK_HINT_LOW_LEVEL;
        }
    }
    return TK_HINT_OTHER_CONTEXT;
}

/* The community is known for the address. What does its authCommunity line lack? */
static enum tk_hint why_community(netsnmp_pdu *pdu, enum tk_access_verdict verdict)
{
    if (verdict == TK_ACCESS_OTHER_RIGHTS)
        return TK_HINT_NO_LOG_RIGHT;
    if (!vacm_check_view_contents)
        return TK_HINT_NONE;
    switch (vacm_check_view_contents(pdu, NULL, 0, 0, VACM_VIEW_LOG, DNE_CONTEXT_OK)) {
    case VACM_SUCCESS: return TK_HINT_OTHER_OID;
    case VACM_NOGROUP: return TK_HINT_OTHER_VERSION;
    default: return TK_HINT_NONE;
    }
}

/* Can no authCommunity line have this community? */
static bool is_unwritable(const netsnmp_pdu *pdu)
{
    return !pdu->community || !pdu->community_len || pdu->community_len >= COMMUNITY_MAX_LEN ||
           memchr(pdu->community, '\0', pdu->community_len) || memchr(pdu->community, '\n', pdu->community_len);
}

/* Must the community be quoted in an authCommunity line? */
static bool needs_quotes(const netsnmp_pdu *pdu)
{
    for (size_t i = 0; i < pdu->community_len; i++)
        if (strchr(" \t\r\"'\\#", pdu->community[i]))
            return true;
    return false;
}

static void refuse_community(struct tk_refusal *r, netsnmp_pdu *pdu, enum tk_access_verdict verdict)
{
    const bool is_unknown = verdict == TK_ACCESS_UNKNOWN_COMMUNITY || !vacm_is_configured();

    r->reason = is_unknown ? TK_REASON_UNKNOWN_COMMUNITY : TK_REASON_NOT_AUTHORIZED;
    r->needs_quotes = pdu->community && needs_quotes(pdu);
    if (!is_unknown)
        r->hint = why_community(pdu, verdict);
    else if (is_unwritable(pdu))
        r->hint = TK_HINT_UNWRITABLE;
    else if (!vacm_is_configured())
        r->hint = TK_HINT_NO_ACCESS_LINES;
}

static void refuse_user(struct tk_refusal *r, const netsnmp_pdu *pdu)
{
    r->reason = TK_REASON_NOT_AUTHORIZED;
    r->hint = vacm_is_configured() || pdu->contextNameLen > VACM_MAX_STRING ? why_user(r, pdu)
                                                                            : TK_HINT_NO_ACCESS_LINES;
}

void tk_access_refusal(struct tk_refusal *ret, netsnmp_pdu *pdu, bool is_stream, const uint8_t *own, size_t own_len,
                       enum tk_access_verdict verdict)
{
    tk_access_describe(ret, pdu, is_stream, own, own_len);
    if (vacm_is_configured() && !tk_trap_oid_is_found(pdu)) {
        ret->reason = TK_REASON_MALFORMED; /* for example a v1 Trap-PDU in a v2c message */
        ret->hint = tk_trap_oid_find(pdu) ? TK_HINT_TRAP_OID_TYPE : TK_HINT_NO_TRAP_OID;
    } else if (ret->version == TK_SNMP_V3)
        refuse_user(ret, pdu);
    else
        refuse_community(ret, pdu, verdict);
}
