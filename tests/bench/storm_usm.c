/* SPDX-License-Identifier: Apache-2.0 */
#include "storm_usm.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#define BLOCK_MAX 128 /* SHA-384 and SHA-512 */

static const struct {
    const char *name;
    const EVP_MD *(*md)(void);
    size_t mac_len;
} auth_table[] = {
    {"MD5", EVP_md5, 12},        {"SHA", EVP_sha1, 12},       {"SHA-1", EVP_sha1, 12},     {"SHA-224", EVP_sha224, 16},
    {"SHA-256", EVP_sha256, 24}, {"SHA-384", EVP_sha384, 32}, {"SHA-512", EVP_sha512, 48},
};

static const struct {
    const char *name;
    const EVP_CIPHER *(*cipher)(void);
} priv_table[] = {
    {"AES", EVP_aes_128_cfb128},
    {"AES-128", EVP_aes_128_cfb128},
    {"AES-192", EVP_aes_192_cfb128},
    {"AES-256", EVP_aes_256_cfb128},
};

/* RFC 3414, A.2: the digest of the passphrase repeated to one mebibyte. */
static int derive_ku(const EVP_MD *md, const char *pass, uint8_t *ku)
{
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    size_t pass_len = strlen(pass), at = 0;
    int ok = ctx && EVP_DigestInit_ex(ctx, md, NULL);

    for (unsigned block = 0; ok && block < 1048576 / 64; block++) {
        uint8_t chunk[64];

        for (size_t i = 0; i < sizeof(chunk); i++, at++)
            chunk[i] = (uint8_t)pass[at % pass_len];
        ok = EVP_DigestUpdate(ctx, chunk, sizeof(chunk));
    }
    ok = ok && EVP_DigestFinal_ex(ctx, ku, NULL);
    EVP_MD_CTX_free(ctx);
    return ok ? 0 : -1;
}

int storm_user_init(struct storm_user *user, const char *name, enum storm_level level, const char *auth_name,
                    const char *auth_pass, const char *priv_name, const char *priv_pass, const char **ret_why)
{
    memset(user, 0, sizeof(*user));
    user->level = level;
    *ret_why = "the user's name must have 1 to 32 characters";
    if (!*name || strlen(name) > STORM_USER_MAX)
        return -1;
    (void)snprintf(user->name, sizeof(user->name), "%s", name);
    if (level == STORM_NOAUTH)
        return 0;
    for (size_t i = 0; i < sizeof(auth_table) / sizeof(auth_table[0]); i++)
        if (strcasecmp(auth_table[i].name, auth_name) == 0) {
            user->md = auth_table[i].md();
            user->mac_len = auth_table[i].mac_len;
        }
    *ret_why = "--auth takes MD5, SHA, SHA-224, SHA-256, SHA-384 or SHA-512";
    if (!user->md)
        return -1;
    *ret_why = "a passphrase must have at least 8 characters";
    if (strlen(auth_pass) < 8 || (level == STORM_AUTHPRIV && strlen(priv_pass) < 8))
        return -1;
    *ret_why = "OpenSSL refused the digest";
    user->md_work = EVP_MD_CTX_new();
    if (!user->md_work || derive_ku(user->md, auth_pass, user->auth_ku) != 0)
        return -1;
    if (level == STORM_AUTH)
        return 0;
    for (size_t i = 0; i < sizeof(priv_table) / sizeof(priv_table[0]); i++)
        if (strcasecmp(priv_table[i].name, priv_name) == 0)
            user->cipher = priv_table[i].cipher();
    if (!user->cipher) {
        *ret_why = "--priv takes AES, AES-192 or AES-256";
        return -1;
    }
    *ret_why = "OpenSSL refused the cipher";
    user->cipher_work = EVP_CIPHER_CTX_new();
    if (!user->cipher_work || !EVP_EncryptInit_ex(user->cipher_work, user->cipher, NULL, NULL, NULL))
        return -1;
    return derive_ku(user->md, priv_pass, user->priv_ku);
}

void storm_user_done(struct storm_user *user)
{
    EVP_MD_CTX_free(user->md_work);
    EVP_CIPHER_CTX_free(user->cipher_work);
    memset(user, 0, sizeof(*user));
}

/* RFC 3414, 2.6: H(Ku || engine || Ku). */
static int localize(const struct storm_user *user, const uint8_t *ku, const uint8_t *id, size_t id_len, uint8_t *kul)
{
    EVP_MD_CTX *ctx = user->md_work;
    size_t len = (size_t)EVP_MD_size(user->md);

    return EVP_DigestInit_ex(ctx, user->md, NULL) && EVP_DigestUpdate(ctx, ku, len) &&
                   EVP_DigestUpdate(ctx, id, id_len) && EVP_DigestUpdate(ctx, ku, len) &&
                   EVP_DigestFinal_ex(ctx, kul, NULL)
               ? 0
               : -1;
}

static int make_cipher_key(struct storm_engine *engine, const struct storm_user *user)
{
    uint8_t kul[2 * EVP_MAX_MD_SIZE];
    size_t have = (size_t)EVP_MD_size(user->md), need = (size_t)EVP_CIPHER_key_length(user->cipher);

    if (need > sizeof(engine->cipher_key) || localize(user, user->priv_ku, engine->id, engine->id_len, kul) != 0)
        return -1;
    /* Extend a short key by the digest of the key so far; kul has room for one more digest. */
    while (have < need) {
        unsigned added = 0;

        if (!EVP_Digest(kul, have, kul + have, &added, user->md, NULL))
            return -1;
        have += added;
    }
    memcpy(engine->cipher_key, kul, need);
    return 0;
}

int storm_engine_init(struct storm_engine *engine, const struct storm_user *user, const uint8_t *id, size_t id_len)
{
    memset(engine, 0, sizeof(*engine));
    if (id_len > sizeof(engine->id))
        return -1;
    memcpy(engine->id, id, id_len);
    engine->id_len = id_len;
    if (user->level >= STORM_AUTH && localize(user, user->auth_ku, id, id_len, engine->auth_kul) != 0)
        return -1;
    return user->level == STORM_AUTHPRIV ? make_cipher_key(engine, user) : 0;
}

static void put_u32(uint8_t *at, uint32_t value)
{
    for (unsigned i = 0; i < 4; i++)
        at[i] = (uint8_t)(value >> (24 - 8 * i));
}

int storm_engine_encrypt(const struct storm_engine *engine, const struct storm_user *user, uint8_t *bytes, size_t len,
                         uint32_t boots, uint32_t engine_time, const uint8_t salt[8])
{
    uint8_t iv[16];
    int out;

    put_u32(iv, boots);
    put_u32(iv + 4, engine_time);
    memcpy(iv + 8, salt, 8);
    return EVP_EncryptInit_ex(user->cipher_work, NULL, NULL, engine->cipher_key, iv) &&
                   EVP_EncryptUpdate(user->cipher_work, bytes, &out, bytes, (int)len) && (size_t)out == len
               ? 0
               : -1;
}

/* Put HMAC's key block (RFC 2104) and the following data into the context. */
static int begin_hash(const struct storm_engine *engine, const struct storm_user *user, uint8_t pad,
                      const uint8_t *bytes, size_t len)
{
    uint8_t block[BLOCK_MAX];
    size_t block_len = (size_t)EVP_MD_block_size(user->md), key_len = (size_t)EVP_MD_size(user->md);

    memset(block, pad, sizeof(block));
    for (size_t i = 0; i < key_len; i++)
        block[i] ^= engine->auth_kul[i];
    return EVP_DigestInit_ex(user->md_work, user->md, NULL) && EVP_DigestUpdate(user->md_work, block, block_len) &&
           EVP_DigestUpdate(user->md_work, bytes, len);
}

int storm_engine_sign(const struct storm_engine *engine, const struct storm_user *user, const uint8_t *bytes,
                      size_t len, uint8_t *mac)
{
    uint8_t digest[EVP_MAX_MD_SIZE];
    unsigned digest_len = 0;

    if (!begin_hash(engine, user, 0x36, bytes, len) || !EVP_DigestFinal_ex(user->md_work, digest, &digest_len) ||
        !begin_hash(engine, user, 0x5c, digest, digest_len) || !EVP_DigestFinal_ex(user->md_work, digest, NULL))
        return -1;
    memcpy(mac, digest, user->mac_len);
    return 0;
}
