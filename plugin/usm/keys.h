/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file keys.h
 * @brief Localize a user's keys for one engine (RFC 3414 section 2.6, RFC 7860, the key extensions for AES-192 and
 *        AES-256), and verify a message's digest with them. net-snmp does the cryptography.
 *
 * Owner:  snmptrapd's thread.
 * Memory: localizing a privacy key allocates, and frees before it returns.
 */
#ifndef TK_KEYS_H
#define TK_KEYS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "usm/engines.h"
#include "usm/library.h"
#include "usm/secparams.h"

struct tk_keys {
    uint8_t auth_len, priv_len;
    uint8_t auth[TK_AUTH_KEY_BYTES], priv[TK_PRIV_KEY_BYTES];
};

/** @brief Localize the authentication key of a user that has a master key. @returns false if net-snmp can't
 *  @locality snmptrapd @locks none */
bool tk_keys_localize_auth(struct tk_keys *keys, const struct usmUser *user, const uint8_t *engine, size_t engine_len);
/** @brief Likewise the privacy key; keys->priv_len is 0 for a user without privacy. @returns false if net-snmp can't
 *  @locality snmptrapd @locks none */
bool tk_keys_localize_priv(struct tk_keys *keys, const struct usmUser *user, const uint8_t *engine, size_t engine_len);
/**
 * @brief Verify the digest (HMAC) of a message with this key.
 * @param message  the whole message; the digest in it is set to zero for the computation and then restored
 * @param params   views into the message
 * @locality snmptrapd  @locks none
 */
bool tk_keys_verify(const struct usmUser *user, const uint8_t *key, size_t key_len, uint8_t *message,
                    size_t message_len, const struct tk_secparams *params);

#endif /* TK_KEYS_H */
