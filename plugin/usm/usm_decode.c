/* SPDX-License-Identifier: Apache-2.0 */
/* In front of net-snmp's USM decoder: who is meant, is it true, and which clock applies. Read from the bottom up. */
#include <stdlib.h>
#include <string.h>

#include "usm/keys.h"
#include "usm/loan.h"
#include "usm/usm_internal.h"

#define GUARDED     (10 * TK_SECOND)
#define TIME_WINDOW 150 /* seconds, RFC 3414 section 3.2 7 */

/* --- what the plaintext shows ---------------------------------------------------------------------------------- */

/* Length octets at @p at. @returns how many, 0: none that can be */
static size_t ber_length(const uint8_t *at, size_t left, size_t *ret_len)
{
    size_t octets;

    if (left < 1)
        return 0;
    if (at[0] < 0x80) {
        *ret_len = at[0];
        return 1;
    }
    octets = at[0] & 0x7f;
    if (octets < 1 || octets > 4 || left < 1 + octets)
        return 0;
    *ret_len = 0;
    for (size_t i = 1; i <= octets; i++)
        *ret_len = *ret_len << 8 | at[i];
    return 1 + octets;
}

/* With a wrong privacy key net-snmp's decoder is content: what comes out is noise. A scoped PDU begins with a
 * SEQUENCE, and that with the context engine ID. */
static bool is_scoped_pdu(const uint8_t *at, size_t left)
{
    size_t octets, len;

    if (left < 2 || at[0] != (ASN_SEQUENCE | ASN_CONSTRUCTOR) || !(octets = ber_length(at + 1, left - 1, &len)) ||
        len > left - 1 - octets)
        return false;
    at += 1 + octets;
    left = len;
    return left >= 2 && at[0] == ASN_OCTET_STR && (octets = ber_length(at + 1, left - 1, &len)) &&
           len <= left - 1 - octets;
}

/* net-snmp has decoded it, yet it is to be refused. @returns @p code */
static int refuse_decoded(struct tk_usm_message *m, int code, const struct tk_engine *engine)
{
    void **state = m->params->secStateRef;

    if (tk_usm.model->pdu_free_state_ref) {
        tk_usm.model->pdu_free_state_ref(*state);
        *state = NULL;
    }
    (void)tk_usm_tell_code(m, code, engine);
    return tk_usm_refuse(m, code);
}

/* net-snmp has decoded it. @returns its code, or that of a decryption error */
static int check_plaintext(struct tk_usm_message *m, const struct tk_engine *engine)
{
    const struct snmp_secmod_incoming_params *p = m->params;

    if (p->secLevel != SNMP_SEC_LEVEL_AUTHPRIV || is_scoped_pdu(*p->scopedPdu, *p->scopedPduLen))
        return SNMPERR_SUCCESS;
    return refuse_decoded(m, SNMPERR_USM_DECRYPTIONERROR, engine);
}

/* --- whose digest is right ------------------------------------------------------------------------------------- */

/* net-snmp logs a line for each wrong digest. So while there are some, each is verified before it sees the message. */
static bool is_guarded(tk_nsec now)
{
    return now < tk_usm.guarded_until;
}

static bool verify(const struct tk_usm_message *m, const struct usmUser *user, tk_nsec now)
{
    const struct snmp_secmod_incoming_params *p = m->params;

    if (tk_keys_verify(user, user->authKey, user->authKeyLen, p->wholeMsg, p->wholeMsgLen, &m->sec))
        return true;
    tk_usm.guarded_until = now + GUARDED;
    return false;
}

static int refuse_digest(struct tk_usm_message *m)
{
    (void)tk_usm_tell_code(m, SNMPERR_USM_AUTHENTICATIONFAILURE, NULL);
    return tk_usm_refuse(m, SNMPERR_USM_AUTHENTICATIONFAILURE);
}

/* --- messages that net-snmp judges by its own engine ------------------------------------------------------------ */

/* INFORMs and probes: for our own engine, for none, or for another's, which net-snmp answers by a report. */
static int decode_own(struct tk_usm_message *m)
{
    tk_nsec now = tk_clock_mono();
    int ret;

    m->user = tk_users_find(&m->who);
    if (m->user && m->user->auth && m->params->secLevel != SNMP_SEC_LEVEL_NOAUTH && is_guarded(now) &&
        !verify(m, &m->user->usm, now))
        return refuse_digest(m);
    ret = tk_loan_decode(tk_usm.original, m->params, m->user ? &m->user->usm : NULL, NULL, 0, TK_NO_CHAIN, NULL);
    if (ret == SNMPERR_USM_AUTHENTICATIONFAILURE)
        tk_usm.guarded_until = now + GUARDED;
    return ret == SNMPERR_SUCCESS ? check_plaintext(m, NULL) : tk_usm_tell_code(m, ret, NULL);
}

/* --- notifications of other engines ---------------------------------------------------------------------------- */

/** How one of them is judged. */
struct judgement {
    struct tk_engine *engine; /* NULL: not known */
    bool is_explicit;         /* by a createUser -e line */
    bool has_key;             /* the engine's, or the explicit user's; else `keys` are new */
    struct tk_keys keys;      /* localized for this message */
    struct usmUser user;      /* what is lent to net-snmp */
};

/* @returns false: refused, and told why */
static bool find_user(struct tk_usm_message *m, struct judgement *j)
{
    struct tk_user *named;

    m->user = tk_users_find(&m->who);
    j->is_explicit = m->user != NULL;
    if (m->user)
        return true;
    named = tk_users_named(m->who.name);
    if (named && named->serves_all) {
        m->user = named;
        return true;
    }
    tk_usm_tell(m, named ? TK_REASON_UNKNOWN_ENGINE : TK_REASON_UNKNOWN_USER,
                named && named->is_own ? TK_HINT_NO_MASTER_KEY : TK_HINT_NONE, NULL);
    return false;
}

static bool has_level(struct tk_usm_message *m)
{
    int level = m->params->secLevel;

    if ((level == SNMP_SEC_LEVEL_NOAUTH || m->user->auth) && (level != SNMP_SEC_LEVEL_AUTHPRIV || m->user->priv))
        return true;
    tk_usm_tell(m, TK_REASON_UNSUPPORTED_LEVEL, TK_HINT_NONE, NULL);
    return false;
}

/* Which keys: the explicit user's, those localized when the engine was learned, or new ones. */
static bool find_keys(struct tk_usm_message *m, struct judgement *j)
{
    bool is_known = j->engine != NULL; /* nobody is in there whose digest was not right once */

    j->user = m->user->usm;
    j->has_key = j->is_explicit || is_known;
    if (j->is_explicit)
        return true;
    j->user.engineID = m->who.engine;
    j->user.engineIDLen = m->who.engine_len;
    j->user.authKey = is_known ? j->engine->auth : j->keys.auth;
    j->user.privKey = is_known ? j->engine->priv : j->keys.priv;
    if (is_known) {
        j->user.authKeyLen = j->engine->auth_len;
        j->user.privKeyLen = j->engine->priv_len;
        return true;
    }
    j->user.authKeyLen = j->user.privKeyLen = 0;
    if (m->params->secLevel == SNMP_SEC_LEVEL_NOAUTH)
        return true;
    if (!tk_keys_localize_auth(&j->keys, &m->user->usm, m->who.engine, m->who.engine_len))
        return false;
    j->user.authKeyLen = j->keys.auth_len;
    return true;
}

/* Before anything is learned; else net-snmp does it, unless it would log too much. */
static bool is_authentic(const struct tk_usm_message *m, const struct judgement *j, tk_nsec now)
{
    return m->params->secLevel == SNMP_SEC_LEVEL_NOAUTH || (j->has_key && !is_guarded(now)) || verify(m, &j->user, now);
}

/* The newest message once more: net-snmp takes an engine time that stands still for ever. A device whose clock is
 * slow shall not be refused for that, so a time that went on, however little, is new. */
static bool is_old(const struct tk_usm_message *m, const struct tk_engine *e)
{
    return e && m->params->secLevel != SNMP_SEC_LEVEL_NOAUTH && m->sec.boots == e->boots && m->sec.time <= e->time &&
           tk_netsnmp.snmpv3_local_snmpEngineTime() - e->local_time > TIME_WINDOW;
}

static void learn(struct tk_usm_message *m, struct judgement *j, uint8_t chain, const struct tk_engine_time *time,
                  tk_nsec now)
{
    struct tk_engine *e = j->engine;

    if (!e) {
        e = j->is_explicit ? m->user->engine = calloc(1, sizeof(*e))
                           : tk_engines_add(tk_usm.engines, m->who.engine, m->who.engine_len, m->user->id, now);
        if (!e)
            return; /* out of memory: the next message of this engine is its first one again */
        e->chain = chain;
    }
    if (!j->has_key) {
        e->auth_len = j->keys.auth_len;
        memcpy(e->auth, j->keys.auth, sizeof(e->auth));
        e->priv_len = j->keys.priv_len;
        memcpy(e->priv, j->keys.priv, sizeof(e->priv));
    }
    if (e->boots != time->boots || e->time != time->time || !e->peer.transport) {
        e->boots = time->boots;
        e->time = time->time;
        e->local_time = time->local_time;
        e->peer = *tk_usm_peer(m);
    }
    if (!j->is_explicit)
        tk_engines_heard(tk_usm.engines, e, now);
}

static int decode_lent(struct tk_usm_message *m, struct judgement *j, tk_nsec now)
{
    uint8_t chain = j->engine ? j->engine->chain : tk_loan_chain(m->who.engine, m->who.engine_len);
    struct tk_engine_time time = {0};
    int ret;

    if (j->engine)
        time = (struct tk_engine_time){j->engine->boots, j->engine->time, j->engine->local_time};
    ret = tk_loan_decode(tk_usm.original, m->params, &j->user, m->who.engine, m->who.engine_len, chain, &time);
    if (ret == SNMPERR_USM_AUTHENTICATIONFAILURE)
        tk_usm.guarded_until = now + GUARDED;
    if (ret != SNMPERR_SUCCESS)
        return tk_usm_tell_code(m, ret, j->engine);
    if (is_old(m, j->engine))
        return refuse_decoded(m, SNMPERR_USM_NOTINTIMEWINDOW, j->engine);
    if (m->params->secLevel != SNMP_SEC_LEVEL_NOAUTH)
        learn(m, j, chain, &time, now);
    return check_plaintext(m, j->engine);
}

/* net-snmp's cryptography fails, or memory is out. */
static int no_keys(struct tk_usm_message *m)
{
    tk_usm_tell(m, TK_REASON_UNKNOWN_ENGINE, TK_HINT_NONE, NULL);
    return tk_usm_refuse(m, SNMPERR_USM_GENERICERROR);
}

static int judge(struct tk_usm_message *m, struct judgement *j)
{
    tk_nsec now = tk_clock_mono();

    if (!find_user(m, j))
        return tk_usm_refuse(m, SNMPERR_USM_UNKNOWNSECURITYNAME);
    if (!has_level(m))
        return tk_usm_refuse(m, SNMPERR_USM_UNSUPPORTEDSECURITYLEVEL);
    j->engine = j->is_explicit ? m->user->engine
                               : tk_engines_find(tk_usm.engines, m->who.engine, m->who.engine_len, m->user->id);
    if (!find_keys(m, j))
        return no_keys(m);
    if (!is_authentic(m, j, now))
        return refuse_digest(m);
    if (!j->has_key && m->params->secLevel != SNMP_SEC_LEVEL_NOAUTH) {
        if (!tk_keys_localize_priv(&j->keys, &m->user->usm, m->who.engine, m->who.engine_len))
            return no_keys(m);
        j->user.privKeyLen = j->keys.priv_len;
    }
    return decode_lent(m, j, now);
}

static int decode_other(struct tk_usm_message *m)
{
    struct judgement j;
    int ret;

    memset(&j, 0, sizeof(j));
    ret = judge(m, &j);
    explicit_bzero(&j.keys, sizeof(j.keys));
    return ret;
}

/* --- where messages come in ------------------------------------------------------------------------------------ */

/* @returns false: not a message of the USM, or one beyond all bounds */
static bool read_message(struct tk_usm_message *m, struct snmp_secmod_incoming_params *p)
{
    memset(m, 0, sizeof(*m));
    m->params = p;
    m->asks_for_answer = p->msg_flags & SNMP_MSG_FLAG_RPRT_BIT;
    if (tk_secparams_read(&m->sec, p->secParams, p->wholeMsgLen - (size_t)(p->secParams - p->wholeMsg)) < 0 ||
        !tk_user_key_set(&m->who, m->sec.engine, m->sec.engine_len, (const char *)m->sec.user, m->sec.user_len))
        return false;
    m->is_own_engine = m->sec.engine_len == tk_usm.own_len && tk_usm.own_len &&
                       memcmp(m->sec.engine, tk_usm.own, tk_usm.own_len) == 0;
    return true;
}

int tk_usm_decode(struct snmp_secmod_incoming_params *p)
{
    struct tk_usm_message m;
    int ret;

    if (tk_usm.is_resting || !tk_usm.hooks.is_ours(p->sess))
        return tk_usm.original(p);
    if (!read_message(&m, p)) /* net-snmp refuses it too, or would look for its user in all its list */
        return tk_usm_refuse(&m, SNMPERR_USM_PARSEERROR);
    if (tk_usm.is_off) {
        ret = tk_usm.original(p);
        return ret == SNMPERR_SUCCESS ? check_plaintext(&m, NULL) : tk_usm_tell_code(&m, ret, NULL);
    }
    if (m.is_own_engine || !m.who.engine_len)
        return decode_own(&m);
    /* A device may ask for an answer to its traps, which it should not: stock snmptrapd takes those of engines it knows. */
    return m.asks_for_answer && !tk_users_find(&m.who) ? decode_own(&m) : decode_other(&m);
}
