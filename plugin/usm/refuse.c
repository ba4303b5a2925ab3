/* SPDX-License-Identifier: Apache-2.0 */
/* Refuse a message: the error that net-snmp gets, and the refusal that is reported. */
#include <string.h>

#include "base/devel.h"
#include "base/text.h"
#include "snmp/trap.h"
#include "usm/access.h"
#include "usm/scoped_pdu.h"
#include "usm/usm_internal.h"
#include "usm/usm_peer.h"

#define LOG_PERIOD (10 * TK_SECOND)

/* --- the error that net-snmp gets ------------------------------------------------------------------------------ */

/* @returns the counter that RFC 3414 section 3.2 has for this error; 0: none */
static int counter_of(int code)
{
    switch (code) {
    case SNMPERR_USM_UNKNOWNENGINEID: return STAT_USMSTATSUNKNOWNENGINEIDS;
    case SNMPERR_USM_UNKNOWNSECURITYNAME: return STAT_USMSTATSUNKNOWNUSERNAMES;
    case SNMPERR_USM_UNSUPPORTEDSECURITYLEVEL: return STAT_USMSTATSUNSUPPORTEDSECLEVELS;
    case SNMPERR_USM_AUTHENTICATIONFAILURE: return STAT_USMSTATSWRONGDIGESTS;
    case SNMPERR_USM_DECRYPTIONERROR: return STAT_USMSTATSDECRYPTIONERRORS;
    case SNMPERR_USM_PARSEERROR: return STAT_SNMPINASNPARSEERRS;
    default: return 0;
    }
}

int tk_usm_refuse(struct tk_usm_message *m, int code)
{
    struct snmp_secmod_incoming_params *p = m->params;
    int counter = counter_of(code);

    TK_ASSERT(code != SNMPERR_SUCCESS);
    if (counter)
        (void)snmp_increment_statistic(counter);
    if (m->who.engine_len < *p->secEngineIDLen && m->sec.user_len < *p->secNameLen) {
        memcpy(p->secEngineID, m->who.engine, m->who.engine_len);
        *p->secEngineIDLen = m->who.engine_len;
        memcpy(p->secName, m->who.name, m->sec.user_len + 1U);
        *p->secNameLen = m->sec.user_len;
    }
    *p->scopedPdu = NULL; /* else net-snmp parses the scoped PDU of a refused message too */
    return code;
}

/* --- the refusal that is reported ------------------------------------------------------------------------------ */

const struct tk_peer *tk_usm_peer(struct tk_usm_message *m)
{
    const netsnmp_pdu *pdu = m->params->pdu;
    bool is_stream = tk_usm.hooks.is_stream && tk_usm.hooks.is_stream(m->params->sess);

    if (!m->peer.transport && pdu)
        tk_peer_read(&m->peer, pdu->transport_data, pdu->transport_data_length, is_stream);
    if (!m->peer.transport)
        m->peer.transport = TK_OTHER_TRANSPORT;
    return &m->peer;
}

static enum tk_security_level level_of(int level)
{
    return level == SNMP_SEC_LEVEL_AUTHPRIV     ? TK_AUTH_PRIV
           : level == SNMP_SEC_LEVEL_AUTHNOPRIV ? TK_AUTH_NO_PRIV
                                                : TK_NO_AUTH_NO_PRIV;
}

/* Can a createUser and an authUser line have this name? */
static bool is_writable(const struct tk_usm_message *m)
{
    const char *name = m->who.name;

    return name[0] && !strchr(name, '\n') && strcmp(name, "-e") != 0 && strcmp(name, "-M") != 0 &&
           strcmp(name, "-s") != 0;
}

void tk_usm_tell(struct tk_usm_message *m, enum tk_reason reason, enum tk_hint hint, const struct tk_engine *engine)
{
    struct tk_refusal r = {
        .reason = reason,
        .hint = reason == TK_REASON_UNKNOWN_USER && !is_writable(m) ? TK_HINT_UNWRITABLE : hint,
        .peer = *tk_usm_peer(m),
        .version = TK_SNMP_V3,
        .security_level = (uint8_t)level_of(m->params->secLevel),
        .user_len = m->sec.user_len,
        .engine_len = m->who.engine_len,
        .digest_len = m->sec.digest_len,
        .is_inform = m->asks_for_answer && m->pdu_tag != TK_PDU_TAG_TRAP2,
        .is_own_engine = m->is_own_engine,
        .seen = hint == TK_HINT_BAD_SALT ? m->sec.salt_len : 0,
        .most = hint == TK_HINT_BAD_SALT ? TK_SALT_BYTES : 0,
        .has_own_line = m->user && !m->user->is_own,
        .boots = m->sec.boots,
        .time = m->sec.time,
    };

    TK_ASSERT(r.user_len <= sizeof(r.user) && r.engine_len <= sizeof(r.engine));
    memcpy(r.user, m->who.name, sizeof(r.user));
    memcpy(r.engine, m->who.engine, sizeof(r.engine));
    tk_access_name_protocols(&r, m->user ? m->user : tk_users_named(m->who.name));
    if (engine) {
        r.known_boots = engine->boots;
        r.known_time = engine->time;
        r.accepted_from = engine->peer;
    }
    tk_usm.hooks.on_refused(tk_usm.hooks.arg, &r);
}

static bool is_same_host(const struct tk_peer *a, const struct tk_peer *b)
{
    return a->family == b->family && memcmp(a->address, b->address, sizeof(a->address)) == 0;
}

/* Is the time so small that the device may have restarted since its newest message? */
static bool may_have_rebooted(const struct tk_usm_message *m, const struct tk_engine *engine)
{
    uint32_t elapsed = (uint32_t)tk_netsnmp.snmpv3_local_snmpEngineTime() - engine->local_time;

    return m->sec.time < engine->time && m->sec.time <= elapsed + TK_TIME_WINDOW;
}

/* Is it certainly a trap? An encrypted one with reportableFlag looks like an INFORM. */
static bool is_trap(const struct tk_usm_message *m)
{
    return !m->asks_for_answer || m->pdu_tag == TK_PDU_TAG_TRAP2;
}

static enum tk_hint why_late(struct tk_usm_message *m, const struct tk_engine *engine)
{
    if (m->is_own_engine)
        return is_trap(m) ? TK_HINT_OWN_ENGINE : TK_HINT_STALE_CLOCK;
    if (m->sec.boots == TK_BOOTS_LATCHED)
        return TK_HINT_BOOTS_LATCHED;
    if (m->guard == TK_HINT_REPLAY)
        return TK_HINT_REPLAY;
    if (!engine)
        return TK_HINT_NONE;
    if (m->guard == TK_HINT_CLOCK_STILL || m->guard == TK_HINT_CLOCK_STOPPED)
        return m->guard; /* no other address changes that, and one device may send from several */
    if (!is_same_host(tk_usm_peer(m), &engine->peer))
        return TK_HINT_OTHER_ADDRESS;
    if (m->guard)
        return m->guard;
    if (m->sec.boots < engine->boots)
        return TK_HINT_LOST_BOOTS;
    return may_have_rebooted(m, engine) ? TK_HINT_REBOOTED : TK_HINT_OLD_TIME;
}

static enum tk_hint why_wrong(const struct tk_usm_message *m)
{
    return m->user && m->user->auth && m->user->auth->digest_len != m->sec.digest_len ? TK_HINT_OTHER_PROTOCOL
                                                                                      : TK_HINT_NONE;
}

static void tell_unknown_engine(struct tk_usm_message *m)
{
    if (m->who.engine_len)
        tk_usm_tell(m, TK_REASON_UNKNOWN_ENGINE, m->asks_for_answer ? TK_HINT_NOT_OUR_ENGINE : TK_HINT_NONE, NULL);
    else if (!m->is_probe)
        tk_usm_tell(m, TK_REASON_UNKNOWN_ENGINE, TK_HINT_NO_ENGINE_ID, NULL);
}

static void tell_unknown_user(struct tk_usm_message *m)
{
    bool is_known = tk_users_named(m->who.name) && !m->is_own_engine;

    if (!m->who.engine_len)
        tell_unknown_engine(m);
    else if (is_known)
        tk_usm_tell(m, TK_REASON_UNKNOWN_ENGINE, tk_usm.is_off ? TK_HINT_NO_DISCOVERY : TK_HINT_NONE, NULL);
    else
        tk_usm_tell(m, TK_REASON_UNKNOWN_USER, TK_HINT_NONE, NULL);
}

void tk_usm_log_still(struct tk_usm_message *m, tk_nsec now)
{
    char user[4 * TK_USER_BYTES + 1], engine[2 * TK_ENGINE_BYTES + 1] = "", peer[64];
    uint64_t more;

    if (!tk_log_limit_pass(&tk_usm.still_limit, now, LOG_PERIOD, &more))
        return;
    for (size_t i = 0; i < m->who.engine_len; i++)
        (void)snprintf(engine + 2 * i, 3, "%02x", m->who.engine[i]);
    snmp_log(LOG_WARNING,
             "trapkafka: engine 0x%s (user '%s', at %s) has sent boots %u, time %u for over 150 s, so its clock can't "
             "be checked: its traps are accepted, and only identical ones refused as replays; correct the device's "
             "SNMP clock, or write kafkaReplayGuard strict to refuse them; %llu more such engines since the last such "
             "line\n",
             engine, tk_escape(user, sizeof(user), m->who.name, m->sec.user_len),
             tk_peer_name(peer, sizeof(peer), tk_usm_peer(m)), m->sec.boots, m->sec.time, (unsigned long long)more);
}

int tk_usm_tell_code(struct tk_usm_message *m, int code, const struct tk_engine *engine)
{
    if (!m->user) /* kafkaEngines off: only net-snmp has looked it up */
        m->user = tk_users_find(&m->who);
    switch (code) {
    case SNMPERR_USM_UNKNOWNENGINEID: tell_unknown_engine(m); break;
    case SNMPERR_USM_UNKNOWNSECURITYNAME: tell_unknown_user(m); break;
    case SNMPERR_USM_UNSUPPORTEDSECURITYLEVEL: tk_usm_tell(m, TK_REASON_UNSUPPORTED_LEVEL, TK_HINT_NONE, NULL); break;
    case SNMPERR_USM_AUTHENTICATIONFAILURE: tk_usm_tell(m, TK_REASON_WRONG_DIGEST, why_wrong(m), NULL); break;
    case SNMPERR_USM_DECRYPTIONERROR: tk_usm_tell(m, TK_REASON_DECRYPTION_ERROR, TK_HINT_NONE, NULL); break;
    case SNMPERR_USM_NOTINTIMEWINDOW: /* boots 0, time 0 for our engine is the second step of discovery */
        if (!m->is_own_engine || m->sec.boots || m->sec.time || is_trap(m))
            tk_usm_tell(m, TK_REASON_NOT_IN_TIME_WINDOW, why_late(m, engine), engine);
        break;
    default: /* net-snmp counts what can't be decoded; host/arrivals.c reads its counters */ break;
    }
    return code;
}
