/* SPDX-License-Identifier: Apache-2.0 */
/* The hook in front of net-snmp's USM decoder: find the user, the keys and the engine's clock, refuse forgeries and
 * replays. Read from the bottom up. */
#include <stdlib.h>
#include <string.h>

#include "base/devel.h"
#include "usm/keys.h"
#include "usm/loan.h"
#include "usm/scoped_pdu.h"
#include "usm/usm_internal.h"

#define GUARDED (10 * TK_SECOND) /* after a wrong digest each one is verified here for so long */

/* --- what net-snmp decoded -------------------------------------------------------------------------------------- */

/* Refuse a message that net-snmp's decoder accepted. @returns @p code */
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

static bool is_trap(const struct tk_usm_message *m)
{
    return tk_scoped_pdu_tag(*m->params->scopedPdu, *m->params->scopedPduLen) == TK_PDU_TAG_TRAP2;
}

static bool is_notification(const struct tk_usm_message *m)
{
    return tk_scoped_pdu_is_notification(*m->params->scopedPdu, *m->params->scopedPduLen);
}

/* Check a message that net-snmp's decoder accepted. With a wrong privacy key it accepts noise.
 * @returns SNMPERR_SUCCESS, SNMPERR_USM_DECRYPTIONERROR or SNMPERR_USM_UNKNOWNENGINEID */
static int check_plaintext(struct tk_usm_message *m, const struct tk_engine *engine)
{
    const struct snmp_secmod_incoming_params *p = m->params;

    if (p->secLevel == SNMP_SEC_LEVEL_AUTHPRIV && !tk_scoped_pdu_is_one(*p->scopedPdu, *p->scopedPduLen))
        return refuse_decoded(m, SNMPERR_USM_DECRYPTIONERROR, engine);
    if (m->must_be_trap && !is_trap(m))
        return refuse_decoded(m, SNMPERR_USM_UNKNOWNENGINEID, engine);
    return SNMPERR_SUCCESS;
}

/* --- digests --------------------------------------------------------------------------------------------------- */

/* net-snmp logs a line for each wrong digest. So for 10 s after one, each is verified before net-snmp sees it. */
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

/* net-snmp has compared the clock of a message for our own engine with our own clock. */
static void note_own_clock(const struct tk_usm_message *m, int ret)
{
    if (ret == SNMPERR_SUCCESS && m->is_own_engine && m->params->secLevel != SNMP_SEC_LEVEL_NOAUTH)
        tk_usm.checked = m->params->pdu;
}

/* INFORMs and discovery: for our own engine ID, for none, or for an unknown one, which net-snmp answers by a report. */
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
    if (ret != SNMPERR_SUCCESS)
        return tk_usm_tell_code(m, ret, NULL);
    ret = check_plaintext(m, NULL);
    note_own_clock(m, ret);
    return ret;
}

/* --- notifications of other engines ---------------------------------------------------------------------------- */

/** What is known for decoding one of them. */
struct judgement {
    struct tk_engine *engine; /* NULL: not known */
    bool is_explicit;         /* the user has a createUser -e line for this engine */
    bool has_key;             /* keys are those of `engine` or of the explicit user; else they are in `keys` */
    struct tk_keys keys;      /* localized for this message */
    struct usmUser user;      /* what is lent to net-snmp */
};

/* @returns false: there is none, and the refusal was reported */
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

/* Take the keys of the explicit user, those localized when the engine was learned, or localize new ones.
 * @returns false if net-snmp can't localize */
static bool find_keys(struct tk_usm_message *m, struct judgement *j)
{
    bool is_known = j->engine != NULL; /* only an engine of which one digest was right is in the table */

    TK_ASSERT(m->user);
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

/* With new keys verify here, because a forgery must not reach net-snmp's lists or our table. Else net-snmp verifies,
 * unless a wrong digest came lately. */
static bool is_authentic(const struct tk_usm_message *m, const struct judgement *j, tk_nsec now)
{
    return m->params->secLevel == SNMP_SEC_LEVEL_NOAUTH || (j->has_key && !is_guarded(now)) || verify(m, &j->user, now);
}

static struct tk_guarded guarded(const struct tk_usm_message *m)
{
    return (struct tk_guarded){
        .engine = m->who.engine,
        .engine_len = m->who.engine_len,
        .user = m->who.name,
        .user_id = m->user->id,
        .boots = m->sec.boots,
        .time = m->sec.time,
        .now = (uint32_t)tk_netsnmp.snmpv3_local_snmpEngineTime(),
        .digest = tk_guard_digest(m->digest, sizeof(m->digest)),
    };
}

/* @returns the engine of an authentic message that is its first; NULL: out of memory */
static struct tk_engine *add_engine(struct tk_usm_message *m, const struct judgement *j, uint8_t chain, tk_nsec now)
{
    struct tk_engine *e = j->is_explicit
                              ? m->user->engine = calloc(1, sizeof(*e))
                              : tk_engines_add(tk_usm.engines, m->who.engine, m->who.engine_len, m->user->id, now);

    if (!e)
        return NULL;
    e->chain = chain;
    if (!j->has_key) {
        e->auth_len = j->keys.auth_len;
        memcpy(e->auth, j->keys.auth, sizeof(e->auth));
        e->priv_len = j->keys.priv_len;
        memcpy(e->priv, j->keys.priv, sizeof(e->priv));
    }
    return e;
}

/* Remember the engine of an authentic message that is not old, its keys and its clock. */
static void learn(struct tk_usm_message *m, struct judgement *j, const struct tk_guarded *message, uint8_t chain,
                  tk_nsec now)
{
    bool is_first = j->engine == NULL;
    struct tk_engine *e = is_first ? add_engine(m, j, chain, now) : j->engine;

    if (!e)
        return; /* out of memory: the engine's next message is treated as its first */
    if (is_first || e->boots != m->sec.boots || e->time < m->sec.time)
        e->peer = *tk_usm_peer(m);
    if (tk_guard_note(&tk_usm.guard, e, message, is_first))
        tk_usm_log_still(m, now);
    if (!j->is_explicit)
        tk_engines_heard(tk_usm.engines, e, now);
}

/* Judge and note an authentic message that net-snmp's decoder accepted. */
static int check_clock(struct tk_usm_message *m, struct judgement *j, uint8_t chain, tk_nsec now)
{
    const struct tk_guarded message = guarded(m);
    const struct tk_guard_verdict verdict = tk_guard_judge(&tk_usm.guard, j->engine, &message);
    int ret = check_plaintext(m, j->engine);

    if (ret != SNMPERR_SUCCESS)
        return ret;
    m->guard = verdict.refused;
    if (m->guard)
        return refuse_decoded(m, SNMPERR_USM_NOTINTIMEWINDOW, j->engine);
    /* Responses and requests of the engine tell nothing of the clock in its notifications, and anyone can send them on. */
    if (!is_notification(m))
        return ret;
    learn(m, j, &message, chain, now);
    /* The two sendings of an INFORM have to be equal in all, or the second would be taken for another one. */
    if (verdict.is_checked && is_trap(m))
        tk_usm.checked = m->params->pdu;
    return ret;
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
    return m->params->secLevel == SNMP_SEC_LEVEL_NOAUTH ? check_plaintext(m, j->engine) : check_clock(m, j, chain, now);
}

/* Refuse, because net-snmp's cryptography fails or memory is out. */
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

/* A message of another engine that asks for an answer. RFC 3412 section 6.4 forbids reportableFlag in a trap, but some
 * senders set it, so what counts is whether the message is a trap, and its digest. Anything else, such as an INFORM, is
 * for the receiver's own engine: its sender gets the report by which it discovers our engine ID. */
static int decode_reportable(struct tk_usm_message *m)
{
    bool is_encrypted = m->params->secLevel == SNMP_SEC_LEVEL_AUTHPRIV;
    int ret;

    if (tk_users_find(&m->who)) /* a createUser -e line: accept what stock snmptrapd accepts */
        return decode_other(m);
    if (!is_encrypted && m->pdu_tag != TK_PDU_TAG_TRAP2)
        return decode_own(m);
    m->must_be_trap = true;
    ret = decode_other(m);
    if (ret == SNMPERR_SUCCESS || ret == SNMPERR_USM_PARSEERROR) /* the latter is counted by its code */
        return ret;
    return tk_usm_refuse(m, SNMPERR_USM_UNKNOWNENGINEID);
}

/* --- the hook -------------------------------------------------------------------------------------------------- */

/* Read the security parameters, and the PDU's tag if it is not encrypted.
 * @returns false: malformed security parameters, or a field is too long */
static bool read_parts(struct tk_usm_message *m)
{
    const struct snmp_secmod_incoming_params *p = m->params;
    const uint8_t *end = p->wholeMsg + p->wholeMsgLen;

    if (tk_secparams_read(&m->sec, p->secParams, (size_t)(end - p->secParams)) < 0 ||
        !tk_user_key_set(&m->who, m->sec.engine, m->sec.engine_len, (const char *)m->sec.user, m->sec.user_len))
        return false;
    if (p->secLevel != SNMP_SEC_LEVEL_AUTHPRIV)
        m->pdu_tag = tk_scoped_pdu_tag(m->sec.end, (size_t)(end - m->sec.end));
    return true;
}

/* @returns false: malformed */
static bool read_message(struct tk_usm_message *m, struct snmp_secmod_incoming_params *p)
{
    memset(m, 0, sizeof(*m));
    m->params = p;
    m->asks_for_answer = p->msg_flags & SNMP_MSG_FLAG_RPRT_BIT;
    if (!read_parts(m))
        return false;
    /* RFC 3414 section 4: it has no engine ID because it asks for ours. */
    m->is_probe = !m->who.engine_len && m->asks_for_answer && p->secLevel == SNMP_SEC_LEVEL_NOAUTH &&
                  m->pdu_tag != TK_PDU_TAG_TRAP2;
    memcpy(m->digest, m->sec.digest, m->sec.digest_len < sizeof(m->digest) ? m->sec.digest_len : sizeof(m->digest));
    m->is_own_engine = m->sec.engine_len == tk_usm.own_len && tk_usm.own_len &&
                       memcmp(m->sec.engine, tk_usm.own, tk_usm.own_len) == 0;
    return true;
}

/* net-snmp refuses such a message before it looks at the digest, by the code of one that can't be decrypted. */
static bool has_bad_salt(const struct tk_usm_message *m)
{
    return m->params->secLevel == SNMP_SEC_LEVEL_AUTHPRIV && m->sec.salt_len != TK_SALT_BYTES;
}

int tk_usm_decode(struct snmp_secmod_incoming_params *p)
{
    struct tk_usm_message m;
    int ret;

    tk_usm.checked = NULL;
    if (tk_usm.is_resting || !tk_usm.hooks.is_ours(p->sess))
        return tk_usm.original(p);
    if (!read_message(&m, p)) /* net-snmp refuses it too, or would search its whole list for the user */
        return tk_usm_refuse(&m, SNMPERR_USM_PARSEERROR);
    if (has_bad_salt(&m)) {
        tk_usm_tell(&m, TK_REASON_MALFORMED, TK_HINT_BAD_SALT, NULL);
        return tk_usm_refuse(&m, SNMPERR_USM_DECRYPTIONERROR);
    }
    if (tk_usm.is_off) {
        ret = tk_usm.original(p);
        if (ret != SNMPERR_SUCCESS)
            return tk_usm_tell_code(&m, ret, NULL);
        ret = check_plaintext(&m, NULL);
        note_own_clock(&m, ret);
        return ret;
    }
    if (m.is_own_engine || m.is_probe)
        return decode_own(&m);
    if (!m.who.engine_len) {
        (void)tk_usm_tell_code(&m, SNMPERR_USM_UNKNOWNENGINEID, NULL);
        return tk_usm_refuse(&m, SNMPERR_USM_UNKNOWNENGINEID);
    }
    return m.asks_for_answer ? decode_reportable(&m) : decode_other(&m);
}
