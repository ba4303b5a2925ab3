/* SPDX-License-Identifier: Apache-2.0 */
#include "usm/keys.h"

#include <stdlib.h>
#include <string.h>

#define DIGEST_BYTES 48

bool tk_keys_localize_auth(struct tk_keys *keys, const struct usmUser *user, const uint8_t *engine, size_t engine_len)
{
    size_t len = sizeof(keys->auth);

    if (tk_netsnmp.generate_kul(user->authProtocol, (u_int)user->authProtocolLen, engine, engine_len, user->authKeyKu,
                                user->authKeyKuLen, keys->auth, &len) != SNMPERR_SUCCESS)
        return false;
    keys->auth_len = (uint8_t)len;
    return true;
}

/* @returns the length of the privacy protocol's key, with DES including its pre-IV */
static size_t priv_key_bytes(const struct usmUser *user)
{
    int type = tk_netsnmp.sc_get_privtype(user->privProtocol, (u_int)user->privProtocolLen);
    int len = tk_netsnmp.sc_get_proper_priv_length_bytype(type);

    if (len <= 0)
        return 0;
    return (size_t)len * (type == USM_CREATE_USER_PRIV_DES ? 2 : 1);
}

bool tk_keys_localize_priv(struct tk_keys *keys, const struct usmUser *user, const uint8_t *engine, size_t engine_len)
{
    size_t wanted = priv_key_bytes(user), len = TK_AUTH_KEY_BYTES;
    struct usmUser extended = *user;
    bool is_right;

    keys->priv_len = 0;
    if (!user->privKeyKuLen || !wanted)
        return !wanted;
    if (wanted > sizeof(keys->priv) || !(extended.privKey = calloc(1, len)))
        return false;
    is_right = tk_netsnmp.generate_kul(user->authProtocol, (u_int)user->authProtocolLen, engine, engine_len,
                                       user->privKeyKu, user->privKeyKuLen, extended.privKey, &len) == SNMPERR_SUCCESS;
    extended.privKeyLen = len;
    if (is_right && len < wanted) {
        memcpy(&extended.engineID, &engine, sizeof(engine)); /* drops const: net-snmp only reads it */
        extended.engineIDLen = engine_len;
        is_right = tk_netsnmp.usm_extend_user_kul(&extended, (u_int)wanted) == SNMPERR_SUCCESS &&
                   extended.privKeyLen >= wanted;
    }
    if (is_right) {
        memcpy(keys->priv, extended.privKey, wanted);
        keys->priv_len = (uint8_t)wanted;
    }
    explicit_bzero(extended.privKey, extended.privKeyLen);
    free(extended.privKey);
    return is_right;
}

bool tk_keys_verify(const struct usmUser *user, const uint8_t *key, size_t key_len, uint8_t *message,
                    size_t message_len, const struct tk_secparams *params)
{
    uint8_t digest[DIGEST_BYTES], *place = message + (params->digest - message);
    bool is_right;

    if (!params->digest_len || params->digest_len > sizeof(digest))
        return false;
    memcpy(digest, place, params->digest_len);
    memset(place, 0, params->digest_len);
    is_right = tk_netsnmp.sc_check_keyed_hash(user->authProtocol, user->authProtocolLen, key, (u_int)key_len, message,
                                              (u_int)message_len, digest, params->digest_len) == SNMPERR_SUCCESS;
    memcpy(place, digest, params->digest_len);
    return is_right;
}
