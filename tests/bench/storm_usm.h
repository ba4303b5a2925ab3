/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file storm_usm.h
 * @brief The sender's side of SNMPv3's User-based Security Model (RFC 3414, 3826, 7860).
 *
 * A user's passphrases are converted to keys once. Each engine has localized keys, made in advance. The user has the
 * OpenSSL contexts, which all engines share. AES-192 and AES-256 extend short keys as net-snmp's `AES-192` and
 * `AES-256` do (draft-blumenthal-aes-usm-04).
 * Memory: 136 bytes per engine. No locks; one thread.
 */
#ifndef STORM_USM_H
#define STORM_USM_H

#include <openssl/evp.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define STORM_ENGINE_ID_MAX  32
#define STORM_USER_MAX       32
#define STORM_MAC_MAX        48 /* HMAC-384-SHA-512 */
#define STORM_CIPHER_KEY_MAX 32 /* AES-256 */

enum storm_level { STORM_NOAUTH, STORM_AUTH, STORM_AUTHPRIV };

struct storm_user {
    char name[STORM_USER_MAX + 1];
    enum storm_level level;
    const EVP_MD *md;         /* NULL without authentication */
    size_t mac_len;           /* bytes of the digest in a message */
    const EVP_CIPHER *cipher; /* NULL without privacy */
    uint8_t auth_ku[EVP_MAX_MD_SIZE];
    uint8_t priv_ku[EVP_MAX_MD_SIZE];
    EVP_MD_CTX *md_work;
    EVP_CIPHER_CTX *cipher_work;
};

struct storm_engine {
    uint8_t id[STORM_ENGINE_ID_MAX];
    size_t id_len;
    uint8_t auth_kul[EVP_MAX_MD_SIZE]; /* as long as the digest */
    uint8_t cipher_key[STORM_CIPHER_KEY_MAX];
};

/**
 * @brief Initialize a user from the words of a `createUser` line: SHA, SHA-256, ... and AES, AES-192, AES-256.
 * @returns 0; -1 with @p ret_why set to a literal that says why.
 */
int storm_user_init(struct storm_user *user, const char *name, enum storm_level level, const char *auth_name,
                    const char *auth_pass, const char *priv_name, const char *priv_pass, const char **ret_why);
/** @brief Free the contexts, also those of a user whose initialization failed. */
void storm_user_done(struct storm_user *user);

/** @brief Localize the user's keys for an engine. @returns 0, or -1 if OpenSSL failed or memory ran out. */
int storm_engine_init(struct storm_engine *engine, const struct storm_user *user, const uint8_t *id, size_t id_len);

/** @brief Encrypt in place; @p salt is for the message. @returns 0 or -1 */
int storm_engine_encrypt(const struct storm_engine *engine, const struct storm_user *user, uint8_t *bytes, size_t len,
                         uint32_t boots, uint32_t engine_time, const uint8_t salt[8]);
/** @brief Compute the digest of a whole message; @p mac gets user->mac_len bytes. @returns 0 or -1 */
int storm_engine_sign(const struct storm_engine *engine, const struct storm_user *user, const uint8_t *bytes,
                      size_t len, uint8_t *mac);

#endif /* STORM_USM_H */
