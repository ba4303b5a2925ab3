/* SPDX-License-Identifier: Apache-2.0 */
/* The hook in front of snmptrapd's authorization: it calls snmptrapd's own, keeps its verdict, and notes refusals. */
#include <dlfcn.h>
#include <errno.h>
#include <string.h>

#include "host/refusals.h"
#include "usm/access.h"

static tk_trapd_handler *snmptrapds_own;
static int (*is_permitted)(int authtypes); /* of the PDU that was asked about last */

/* --- refusals ---------------------------------------------------------------------------------------- */

static bool is_stream(const netsnmp_transport *transport)
{
    return transport && (transport->flags & NETSNMP_TRANSPORT_FLAG_STREAM);
}

void tk_authorize_describe(struct tk_refusal *ret, const netsnmp_pdu *pdu, const netsnmp_transport *transport,
                           enum tk_hint hint)
{
    tk_access_describe(ret, pdu, is_stream(transport), tk_host.engine_id, tk_host.engine_id_len);
    ret->reason = TK_REASON_MALFORMED;
    ret->hint = hint;
}

static void note_refusal(netsnmp_pdu *pdu, const netsnmp_transport *transport, enum tk_access_verdict verdict)
{
    struct tk_refusal r;

    tk_access_refusal(&r, pdu, is_stream(transport), tk_host.engine_id, tk_host.engine_id_len, verdict);
    tk_refusals_note(&tk_host, &r);
}

/* --- the hook -------------------------------------------------------------------------------------------------- */

static int authorize(netsnmp_pdu *pdu, netsnmp_transport *transport, struct netsnmp_trapd_handler_s *self)
{
    unsigned unknown;
    int verdict;

    if (!tk_host.is_loaded || !tk_host.is_running)
        return TK_TRAPD_OK; /* snmptrapd's own is the next in the list */
    unknown = snmp_get_statistic(STAT_SNMPINBADCOMMUNITYNAMES);
    verdict = snmptrapds_own(pdu, transport, self);
    /* With the right `execute` alone snmptrapd runs its traphandles, but not our handler, which needs `log`. */
    if (verdict == TK_TRAPD_FINISH || (verdict == TK_TRAPD_OK && !is_permitted(TK_TRAPD_AUTH_LOG)))
        note_refusal(pdu, transport,
                     verdict == TK_TRAPD_OK                                        ? TK_ACCESS_OTHER_RIGHTS
                     : snmp_get_statistic(STAT_SNMPINBADCOMMUNITYNAMES) != unknown ? TK_ACCESS_UNKNOWN_COMMUNITY
                                                                                   : TK_ACCESS_DENIED);
    return verdict == TK_TRAPD_OK ? TK_TRAPD_BREAK : verdict; /* BREAK: snmptrapd's own need not run again */
}

int tk_authorize_register(void)
{
    void *auth = dlsym(RTLD_DEFAULT, "netsnmp_trapd_auth"), *check = dlsym(RTLD_DEFAULT, "netsnmp_trapd_check_auth");
    struct netsnmp_trapd_handler_s *mine;

    if (!auth || !check) {
        snmp_log(LOG_WARNING, "trapkafka: this snmptrapd does not export netsnmp_trapd_auth and "
                              "netsnmp_trapd_check_auth: notifications that it refuses are not counted\n");
        return 0;
    }
    memcpy(&snmptrapds_own, &auth, sizeof(snmptrapds_own)); /* ISO C has no cast between the two */
    memcpy(&is_permitted, &check, sizeof(is_permitted));
    mine = netsnmp_add_global_traphandler(TK_TRAPD_AUTH_LIST, authorize);
    if (!mine)
        return -ENOMEM;
    mine->authtypes = TK_TRAPD_AUTH_NONE;
    mine->flags = TK_TRAPD_FLAG_BUILTIN;
    return 0;
}
