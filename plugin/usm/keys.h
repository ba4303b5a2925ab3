/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file keys.h
 * @brief A user's keys for one engine (RFC 3414 section 2.6, RFC 7860, the key extensions for AES-192 and AES-256),
 *        and the digest of a message under them. The cryptography is net-snmp's.
 *
 * Owner: snmptrapd's thread. Nothing allocates but what net-snmp does for a key extension.
 */
#ifndef TK_USM_KEYS_H
#define TK_USM_KEYS_H

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

/** @brief The authentication key of a user with a master key, localized for an engine. @returns false when net-snmp can't
 *  @locality snmptrapd @locks none */
bool tk_keys_localize_auth(struct tk_keys *keys, const struct usmUser *user, const uint8_t *engine, size_t engine_len);
/** @brief The privacy key of the same; nothing when the user has no privacy. @returns false when net-snmp can't
 *  @locality snmptrapd @locks none */
bool tk_keys_localize_priv(struct tk_keys *keys, const struct usmUser *user, const uint8_t *engine, size_t engine_len);
/**
 * @brief Is the message's digest the one that this key makes?
 * @param message  as received, and so again afterwards
 * @param params   views into it
 * @locality snmptrapd  @locks none
 */
bool tk_keys_verify(const struct usmUser *user, const uint8_t *key, size_t key_len, uint8_t *message,
                    size_t message_len, const struct tk_secparams *params);

#endif /* TK_USM_KEYS_H */
