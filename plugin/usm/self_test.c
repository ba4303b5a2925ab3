/* SPDX-License-Identifier: Apache-2.0 */
/* Test the functions of net-snmp on which usm/ depends, because they are not a documented interface. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "usm/keys.h"
#include "usm/loan.h"
#include "usm/self_test.h"
#include "usm/usm_internal.h"

static const oid md5[] = {1, 3, 6, 1, 6, 3, 10, 1, 1, 2}, sha[] = {1, 3, 6, 1, 6, 3, 10, 1, 1, 3},
                 aes[] = {1, 3, 6, 1, 6, 3, 10, 1, 2, 4};

/* --- RFC 3414 A.3: the password "maplesyrup" and the engine 00 00 00 00 00 00 00 00 00 00 00 02 ----------------- */

struct vector {
    const char *name;
    const oid *protocol;
    size_t len; /* of the keys */
    uint8_t ku[20], kul[20];
};

static const struct vector vectors[] = {
    {"MD5 (RFC 3414 A.3.1)",
     md5,
     16,
     {0x9f, 0xaf, 0x32, 0x83, 0x88, 0x4e, 0x92, 0x83, 0x4e, 0xbc, 0x98, 0x47, 0xd8, 0xed, 0xd9, 0x63},
     {0x52, 0x6f, 0x5e, 0xed, 0x9f, 0xcc, 0xe2, 0x6f, 0x89, 0x64, 0xc2, 0x93, 0x07, 0x87, 0xd8, 0x2b}},
    {"SHA (RFC 3414 A.3.2)",
     sha,
     20,
     {0x9f, 0xb5, 0xcc, 0x03, 0x81, 0x49, 0x7b, 0x37, 0x93, 0x52,
      0x89, 0x39, 0xff, 0x78, 0x8d, 0x5d, 0x79, 0x14, 0x52, 0x11},
     {0x66, 0x95, 0xfe, 0xbc, 0x92, 0x88, 0xe3, 0x62, 0x82, 0x23,
      0x5f, 0xc7, 0x15, 0x1f, 0x12, 0x84, 0x97, 0xb3, 0x8f, 0x3f}},
};

static const char password[] = "maplesyrup";

static bool make_master_key(const oid *protocol, uint8_t *ku, size_t *len)
{
    return tk_netsnmp.generate_Ku(protocol, OID_LENGTH(sha), (const u_char *)password, sizeof(password) - 1, ku, len) ==
           SNMPERR_SUCCESS;
}

static bool is_right(const struct vector *v)
{
    static const uint8_t engine[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2};
    uint8_t ku[TK_AUTH_KEY_BYTES], kul[TK_AUTH_KEY_BYTES];
    size_t ku_len = sizeof(ku), kul_len = sizeof(kul);

    if (!make_master_key(v->protocol, ku, &ku_len))
        return v->protocol == md5; /* MD5 is disabled on this system, so no user has it */
    return tk_netsnmp.generate_kul(v->protocol, OID_LENGTH(sha), engine, sizeof(engine), ku, ku_len, kul, &kul_len) ==
               SNMPERR_SUCCESS &&
           ku_len == v->len && kul_len == v->len && memcmp(ku, v->ku, v->len) == 0 && memcmp(kul, v->kul, v->len) == 0;
}

int tk_usm_self_test(struct tk_err *err)
{
    if (tk_netsnmp_load(err) < 0)
        return -ENOTSUP;
    for (size_t i = 0; i < sizeof(vectors) / sizeof(vectors[0]); i++)
        if (!is_right(&vectors[i])) {
            tk_err_set(err, NULL, 0, "net-snmp %s computes another key than the test vector for %s",
                       netsnmp_get_version(), vectors[i].name);
            return -ENOTSUP;
        }
    return 0;
}

/* --- a known packet -------------------------------------------------------------------------------------------- */

/* snmptrap -v3 -e 0x8000000004747261706b61666b61 -u selftest -l authPriv -a SHA -A maplesyrup -x AES -X maplesyrup */
static const uint8_t engine_id[] = {0x80, 0, 0, 0, 4, 't', 'r', 'a', 'p', 'k', 'a', 'f', 'k', 'a'};
static const uint8_t packet[] = {
    0x30, 0x81, 0xa5, 0x02, 0x01, 0x03, 0x30, 0x11, 0x02, 0x04, 0x34, 0x37, 0xf2, 0xf3, 0x02, 0x03, 0x00, 0xff, 0xe3,
    0x04, 0x01, 0x03, 0x02, 0x01, 0x03, 0x04, 0x3c, 0x30, 0x3a, 0x04, 0x0e, 0x80, 0x00, 0x00, 0x00, 0x04, 0x74, 0x72,
    0x61, 0x70, 0x6b, 0x61, 0x66, 0x6b, 0x61, 0x02, 0x01, 0x01, 0x02, 0x03, 0x28, 0x9e, 0x4a, 0x04, 0x08, 0x73, 0x65,
    0x6c, 0x66, 0x74, 0x65, 0x73, 0x74, 0x04, 0x0c, 0x1b, 0xdb, 0xf9, 0xc2, 0x48, 0x16, 0xaf, 0x59, 0x80, 0x53, 0x62,
    0x62, 0x04, 0x08, 0x44, 0x14, 0xaf, 0xa8, 0x43, 0xc3, 0x35, 0x54, 0x04, 0x4f, 0x9a, 0xe3, 0xa3, 0x1e, 0xf5, 0x94,
    0x42, 0x1c, 0x9e, 0xbf, 0x7b, 0x26, 0x5f, 0xa9, 0x76, 0xe1, 0x80, 0xf4, 0xa2, 0xe5, 0x9e, 0xc4, 0xe6, 0xec, 0xd2,
    0x46, 0xb9, 0xd4, 0x31, 0x28, 0x3b, 0x9e, 0xbd, 0x3e, 0x90, 0xd7, 0x74, 0xb7, 0x8f, 0x33, 0xca, 0xf7, 0xa1, 0x5b,
    0x70, 0x0c, 0x11, 0xc9, 0x37, 0x9f, 0x88, 0xbc, 0xe3, 0x4f, 0xf5, 0x01, 0x8b, 0x5d, 0x3f, 0xd3, 0x29, 0x38, 0xc9,
    0xc7, 0xf1, 0x62, 0x06, 0xfd, 0x35, 0x6b, 0x31, 0x22, 0x7b, 0xd4, 0x86, 0x94, 0x94, 0x71, 0xd9,
};
#define SECPARAMS 25 /* where msgSecurityParameters begin */
#define BOOTS     1
#define TIME      0x289e4a
#define PLAINTEXT 0x30 /* first octet of a scoped PDU */

/* Call the decoder as snmpv3_parse() does. */
static int decode(SecmodInMsg *decoder, const struct usmUser *user, struct tk_engine_time *time, uint8_t *ret_first)
{
    uint8_t message[sizeof(packet)], id[64], scoped[sizeof(packet)], *at = scoped;
    size_t id_len = sizeof(id), name_len = 64, scoped_len = sizeof(scoped), response;
    void *state = NULL;
    char name[64];
    struct snmp_secmod_incoming_params params = {
        .msgProcModel = SNMP_MP_MODEL_SNMPv3,
        .maxMsgSize = 65507,
        .secParams = message + SECPARAMS,
        .secModel = SNMP_SEC_MODEL_USM,
        .secLevel = SNMP_SEC_LEVEL_AUTHPRIV,
        .wholeMsg = message,
        .wholeMsgLen = sizeof(message),
        .secEngineID = id,
        .secEngineIDLen = &id_len,
        .secName = name,
        .secNameLen = &name_len,
        .scopedPdu = &at,
        .scopedPduLen = &scoped_len,
        .maxSizeResponse = &response,
        .secStateRef = &state,
        .msg_flags = SNMP_MSG_FLAG_AUTH_BIT | SNMP_MSG_FLAG_PRIV_BIT,
    };
    int ret;

    memcpy(message, packet, sizeof(message));
    memset(scoped, 0, sizeof(scoped));
    ret = tk_loan_decode(decoder, &params, user, engine_id, sizeof(engine_id),
                         tk_loan_chain(engine_id, sizeof(engine_id)), time);
    *ret_first = *at;
    if (state && tk_usm.model->pdu_free_state_ref)
        tk_usm.model->pdu_free_state_ref(state);
    return ret;
}

static const char *try_out(SecmodInMsg *decoder, struct usmUser *user, struct tk_keys *keys)
{
    struct tk_engine_time time = {.boots = BOOTS + 1};
    uint8_t first;

    if (!tk_keys_localize_auth(keys, user, engine_id, sizeof(engine_id)))
        return "it can't localize an authentication key";
    user->authKey = keys->auth;
    user->authKeyLen = keys->auth_len;
    if (!tk_keys_localize_priv(keys, user, engine_id, sizeof(engine_id)))
        return "it can't localize a privacy key";
    user->privKey = keys->priv;
    user->privKeyLen = keys->priv_len;
    /* Test this first, while net-snmp has no time of this engine. */
    if (decode(decoder, user, &time, &first) != SNMPERR_USM_NOTINTIMEWINDOW)
        return "it accepts a packet that is outside the time window";
    memset(&time, 0, sizeof(time));
    if (decode(decoder, user, &time, &first) != SNMPERR_SUCCESS || first != PLAINTEXT)
        return "it does not decode a valid packet";
    if (time.boots != BOOTS || time.time != TIME)
        return "it does not use the list of engine times that this module changes";
    if (decode(decoder, NULL, &time, &first) != SNMPERR_USM_UNKNOWNSECURITYNAME)
        return "it does not use the list of users that this module changes";
    if (tk_netsnmp.search_enginetime_list(engine_id, sizeof(engine_id)))
        return "its list of engine times still has the engine of the test packet";
    return NULL;
}

int tk_usm_try_known_packet(SecmodInMsg *decoder, struct tk_err *err)
{
    uint8_t ku[TK_AUTH_KEY_BYTES], engine[sizeof(engine_id)];
    oid auth[OID_LENGTH(sha)], priv[OID_LENGTH(aes)];
    size_t ku_len = sizeof(ku);
    char name[] = "selftest";
    struct tk_keys keys = {0};
    struct usmUser user = {
        .engineID = engine,
        .engineIDLen = sizeof(engine),
        .name = name,
        .secName = name,
        .authProtocol = auth,
        .authProtocolLen = OID_LENGTH(auth),
        .privProtocol = priv,
        .privProtocolLen = OID_LENGTH(priv),
        .authKeyKu = ku,
        .privKeyKu = ku,
        .userStatus = RS_ACTIVE,
        .userStorageType = ST_VOLATILE,
    };
    const char *wrong = "it can't make a master key";

    memcpy(engine, engine_id, sizeof(engine));
    memcpy(auth, sha, sizeof(auth));
    memcpy(priv, aes, sizeof(priv));
    if (make_master_key(sha, ku, &ku_len)) {
        user.authKeyKuLen = user.privKeyKuLen = ku_len;
        wrong = try_out(decoder, &user, &keys);
    }
    if (!wrong)
        return 0;
    tk_err_set(err, NULL, 0, "net-snmp %s fails the self-test of this module: %s", netsnmp_get_version(), wrong);
    return -ENOTSUP;
}
