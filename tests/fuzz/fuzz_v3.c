/* SPDX-License-Identifier: Apache-2.0 */
#include "fuzz_v3.h"

#include <string.h>

#include "fuzz.h"

#include <net-snmp/net-snmp-config.h>
#include <net-snmp/net-snmp-includes.h>
#include <net-snmp/library/keytools.h>
#include <net-snmp/library/scapi.h>
#include <net-snmp/library/snmpusm.h>

#define AUTH_PASSWORD          "fuzz auth password"
#define PRIV_PASSWORD          "fuzz priv password"
#define USER(name, auth, priv) name " " auth " \"" AUTH_PASSWORD "\" " priv " \"" PRIV_PASSWORD "\""

const char *const fuzz_v3_users[] = {
    "nobody",
    "md5 MD5 \"" AUTH_PASSWORD "\"",
    USER("aes", "SHA", "AES"),
    USER("des", "MD5", "DES"),
    USER("aes192", "SHA-256", "AES-192"),
    USER("aes256", "SHA", "AES-256"),
    USER("cisco", "SHA-512", "AES-256-C"),
    "-e " FUZZ_PINNED " " USER("pinned", "SHA-224", "AES"),
    "-e " FUZZ_PINNED " aes SHA \"another password\" AES \"another password\"",
    "-e " FUZZ_SENDER " fuzzer",
    "-e " FUZZ_OWN " fuzzer",
    NULL,
};

/* The same users with their keys; "fuzzer" and users with another password can't sign. */
static struct signer {
    const char *name;
    int auth, priv; /* net-snmp's numbers; -1: none */
    const oid *auth_oid, *priv_oid;
    size_t auth_oid_len, priv_oid_len;
    u_char auth_ku[64], priv_ku[64];
    size_t auth_ku_len, priv_ku_len;
} signers[] = {
    {.name = "nobody", .auth = -1, .priv = -1},
    {.name = "md5", .auth = NETSNMP_USMAUTH_HMACMD5, .priv = -1},
    {.name = "aes", .auth = NETSNMP_USMAUTH_HMACSHA1, .priv = USM_CREATE_USER_PRIV_AES},
    {.name = "des", .auth = NETSNMP_USMAUTH_HMACMD5, .priv = USM_CREATE_USER_PRIV_DES},
    {.name = "aes192", .auth = NETSNMP_USMAUTH_HMAC192SHA256, .priv = USM_CREATE_USER_PRIV_AES192},
    {.name = "aes256", .auth = NETSNMP_USMAUTH_HMACSHA1, .priv = USM_CREATE_USER_PRIV_AES256},
    {.name = "cisco", .auth = NETSNMP_USMAUTH_HMAC384SHA512, .priv = USM_CREATE_USER_PRIV_AES256_CISCO},
    {.name = "pinned", .auth = NETSNMP_USMAUTH_HMAC128SHA224, .priv = USM_CREATE_USER_PRIV_AES},
    {.name = "fuzzer", .auth = -1, .priv = -1},
};
#define SIGNERS (sizeof(signers) / sizeof(signers[0]))

static void make_ku(const struct signer *s, const char *password, u_char *ku, size_t *len)
{
    FUZZ_CHECK(generate_Ku(s->auth_oid, (u_int)s->auth_oid_len, (const u_char *)password, strlen(password), ku, len) ==
               SNMPERR_SUCCESS);
}

void fuzz_v3_init(void)
{
    for (size_t i = 0; i < SIGNERS; i++) {
        struct signer *s = &signers[i];

        if (s->auth < 0)
            continue;
        s->auth_oid = sc_get_auth_oid(s->auth, &s->auth_oid_len);
        s->auth_ku_len = s->priv_ku_len = sizeof(s->auth_ku);
        FUZZ_CHECK(s->auth_oid);
        make_ku(s, AUTH_PASSWORD, s->auth_ku, &s->auth_ku_len);
        make_ku(s, PRIV_PASSWORD, s->priv_ku, &s->priv_ku_len);
        if (s->priv >= 0)
            s->priv_oid = sc_get_priv_oid(s->priv, &s->priv_oid_len);
        FUZZ_CHECK(s->priv < 0 || s->priv_oid);
    }
}

static const struct signer *signer_of(const struct fuzz_v3 *m)
{
    for (size_t i = 0; i < SIGNERS; i++)
        if (strlen(signers[i].name) == m->user.len && memcmp(signers[i].name, m->user.bytes, m->user.len) == 0)
            return &signers[i];
    return NULL;
}

const char *fuzz_v3_name(unsigned choice)
{
    return signers[choice % SIGNERS].name;
}

size_t fuzz_v3_digest_len(const struct fuzz_v3 *m)
{
    const struct signer *s = signer_of(m);

    return s && s->auth >= 0 ? (size_t)sc_get_auth_maclen(s->auth) : 0;
}

/* --- BER ------------------------------------------------------------------------------------------------------- */

struct view {
    const uint8_t *at;
    size_t left;
};

static bool take(struct view *v, int tag, struct view *ret_content)
{
    size_t len, octets;

    if (v->left < 2 || (tag >= 0 && v->at[0] != tag))
        return false;
    len = v->at[1];
    octets = len & 0x80 ? len & 0x7f : 0;
    if (octets > 3 || v->left < 2 + octets || len == 0x80)
        return false;
    if (octets)
        len = 0;
    for (size_t i = 0; i < octets; i++)
        len = len << 8 | v->at[2 + i];
    if (len > v->left - 2 - octets)
        return false;
    *ret_content = (struct view){v->at + 2 + octets, len};
    v->at += 2 + octets + len;
    v->left -= 2 + octets + len;
    return true;
}

static bool take_number(struct view *v, int64_t *ret)
{
    struct view c;

    if (!take(v, 0x02, &c) || c.left < 1 || c.left > 5)
        return false;
    *ret = c.at[0] & 0x80 ? -1 : 0;
    for (size_t i = 0; i < c.left; i++)
        *ret = (int64_t)((uint64_t)*ret << 8 | c.at[i]);
    return true;
}

static bool take_field(struct view *v, struct fuzz_field *ret)
{
    struct view c;

    if (!take(v, 0x04, &c) || c.left > sizeof(ret->bytes))
        return false;
    memcpy(ret->bytes, c.at, c.left);
    ret->len = c.left;
    return true;
}

/* Appends bytes; at the end of the buffer it stops and sets a flag. */
struct out {
    uint8_t *at;
    size_t len, room;
    bool is_full;
};

static void put(struct out *o, uint8_t tag, const void *bytes, size_t len)
{
    uint8_t head[4] = {tag, (uint8_t)len};
    size_t head_len = 2;

    if (len > 127) {
        head_len = len > 255 ? 4 : 3;
        head[1] = len > 255 ? 0x82 : 0x81;
        head[2] = (uint8_t)(len > 255 ? len >> 8 : len);
        head[3] = (uint8_t)len;
    }
    o->is_full |= len > 0xffff || head_len + len > o->room - o->len;
    if (o->is_full)
        return;
    memcpy(o->at + o->len, head, head_len);
    if (len)
        memcpy(o->at + o->len + head_len, bytes, len);
    o->len += head_len + len;
}

static void put_number(struct out *o, int64_t value)
{
    uint8_t bytes[8];
    size_t skip = 0;

    for (unsigned i = 0; i < 8; i++)
        bytes[i] = (uint8_t)((uint64_t)value >> (56 - 8 * i));
    while (skip < 7 && bytes[skip] == (bytes[skip + 1] & 0x80 ? 0xff : 0))
        skip++;
    put(o, 0x02, bytes + skip, 8 - skip);
}

static void put_field(struct out *o, const struct fuzz_field *f)
{
    put(o, 0x04, f->bytes, f->len);
}

bool fuzz_v3_read(struct fuzz_v3 *m, const uint8_t *bytes, size_t len)
{
    struct view all = {bytes, len}, message, head, flags, octets, usm, scoped;
    int64_t version;

    if (!take(&all, 0x30, &message) || !take_number(&message, &version) || version != 3 ||
        !take(&message, 0x30, &head) || !take_number(&head, &m->id) || !take_number(&head, &m->max_size) ||
        !take(&head, 0x04, &flags) || flags.left != 1 || !take_number(&head, &m->model) ||
        !take(&message, 0x04, &octets) || !take(&octets, 0x30, &usm) || !take_field(&usm, &m->engine) ||
        !take_number(&usm, &m->boots) || !take_number(&usm, &m->time) || !take_field(&usm, &m->user) ||
        !take_field(&usm, &m->digest))
        return false;
    m->digest_at = (size_t)(usm.at - m->digest.len - bytes);
    m->flags = flags.at[0];
    if (!take_field(&usm, &m->salt) || message.left > sizeof(m->scoped))
        return false;
    scoped = message;
    if (m->flags & 2 && !take(&message, 0x04, &scoped))
        return false;
    memcpy(m->scoped, scoped.at, scoped.left);
    m->scoped_len = scoped.left;
    return true;
}

size_t fuzz_v3_write(struct fuzz_v3 *m, uint8_t *dst, size_t dst_bytes)
{
    static uint8_t buffers[4][FUZZ_V3_SCOPED + 1024];
    struct out usm = {.at = buffers[0], .room = sizeof(buffers[0])};
    struct out seq = {.at = buffers[1], .room = sizeof(buffers[1])};
    struct out head = {.at = buffers[2], .room = sizeof(buffers[2])};
    struct out all = {.at = buffers[3], .room = sizeof(buffers[3])};
    struct out whole = {.at = dst, .room = dst_bytes};

    put_field(&usm, &m->engine);
    put_number(&usm, m->boots);
    put_number(&usm, m->time);
    put_field(&usm, &m->user);
    put_field(&usm, &m->digest);
    put_field(&usm, &m->salt);
    put(&seq, 0x30, usm.at, usm.len);
    put_number(&head, m->id);
    put_number(&head, m->max_size);
    put(&head, 0x04, &m->flags, 1);
    put_number(&head, m->model);
    put_number(&all, 3);
    put(&all, 0x30, head.at, head.len);
    put(&all, 0x04, seq.at, seq.len);
    if (m->flags & 2) {
        put(&all, 0x04, m->scoped, m->scoped_len);
    } else if (m->scoped_len <= all.room - all.len) {
        memcpy(all.at + all.len, m->scoped, m->scoped_len);
        all.len += m->scoped_len;
    }
    put(&whole, 0x30, all.at, all.len);
    /* Read it again to find the digest; a message that can't be read is not signed. */
    return whole.is_full || !fuzz_v3_read(m, dst, whole.len) ? 0 : whole.len;
}

/* --- keys ------------------------------------------------------------------------------------------------------ */

static bool localize(const struct signer *s, const struct fuzz_v3 *m, const u_char *ku, size_t ku_len, u_char *kul,
                     size_t *kul_len)
{
    return m->engine.len && generate_kul(s->auth_oid, (u_int)s->auth_oid_len, m->engine.bytes, m->engine.len, ku,
                                         ku_len, kul, kul_len) == SNMPERR_SUCCESS;
}

/* Make the privacy key; the caller frees it. @returns NULL: the user has no privacy */
static u_char *priv_key(const struct signer *s, const struct fuzz_v3 *m, size_t *ret_len)
{
    u_int wanted = (u_int)sc_get_proper_priv_length_bytype(s->priv) * (s->priv == USM_CREATE_USER_PRIV_DES ? 2 : 1);
    struct usmUser u = {.authProtocolLen = s->auth_oid_len, .privProtocolLen = s->priv_oid_len};
    uint8_t engine[FUZZ_V3_FIELD];

    u.privKeyLen = 64;
    u.privKey = calloc(1, u.privKeyLen);
    FUZZ_CHECK(u.privKey);
    memcpy(engine, m->engine.bytes, sizeof(engine));
    u.engineID = engine;
    u.engineIDLen = m->engine.len;
    u.authProtocol = snmp_duplicate_objid(s->auth_oid, s->auth_oid_len);
    u.privProtocol = snmp_duplicate_objid(s->priv_oid, s->priv_oid_len);
    if (!localize(s, m, s->priv_ku, s->priv_ku_len, u.privKey, &u.privKeyLen) ||
        (u.privKeyLen < wanted && usm_extend_user_kul(&u, wanted) != SNMPERR_SUCCESS)) {
        free(u.privKey);
        u.privKey = NULL;
    }
    free(u.authProtocol);
    free(u.privProtocol);
    *ret_len = wanted;
    return u.privKey;
}

static size_t make_iv(const struct signer *s, const struct fuzz_v3 *m, const u_char *key, u_char iv[16])
{
    if (s->priv == USM_CREATE_USER_PRIV_DES) {
        for (unsigned i = 0; i < 8; i++)
            iv[i] = m->salt.bytes[i] ^ key[8 + i];
        return 8;
    }
    for (unsigned i = 0; i < 4; i++) {
        iv[i] = (u_char)((uint64_t)m->boots >> (24 - 8 * i));
        iv[4 + i] = (u_char)((uint64_t)m->time >> (24 - 8 * i));
    }
    memcpy(iv + 8, m->salt.bytes, 8);
    return 16;
}

static bool turn(struct fuzz_v3 *m, bool is_encrypting)
{
    static u_char result[FUZZ_V3_SCOPED + 64];
    const struct signer *s = signer_of(m);
    size_t key_len, len = sizeof(m->scoped);
    u_char *key, iv[16];
    u_int iv_len;
    int ret;

    if (!(m->flags & 2) || !s || s->priv < 0 || m->salt.len != 8 || !m->scoped_len)
        return false;
    key = priv_key(s, m, &key_len);
    if (!key)
        return false;
    iv_len = (u_int)make_iv(s, m, key, iv);
    if (is_encrypting)
        ret = sc_encrypt(s->priv_oid, s->priv_oid_len, key, (u_int)key_len, iv, iv_len, m->scoped, (u_int)m->scoped_len,
                         result, &len);
    else
        ret = sc_decrypt(s->priv_oid, s->priv_oid_len, key, (u_int)key_len, iv, iv_len, m->scoped, (u_int)m->scoped_len,
                         result, &len);
    free(key);
    if (ret != SNMPERR_SUCCESS || len > sizeof(m->scoped))
        return false;
    memcpy(m->scoped, result, len);
    m->scoped_len = len;
    return true;
}

bool fuzz_v3_open(struct fuzz_v3 *m)
{
    return turn(m, false);
}

bool fuzz_v3_close(struct fuzz_v3 *m)
{
    return turn(m, true);
}

void fuzz_v3_sign(const struct fuzz_v3 *m, uint8_t *bytes, size_t len)
{
    const struct signer *s = signer_of(m);
    u_char key[64], mac[64];
    size_t key_len = sizeof(key), mac_len = fuzz_v3_digest_len(m);

    if (!s || s->auth < 0 || m->digest.len != mac_len || m->digest_at + mac_len > len ||
        !localize(s, m, s->auth_ku, s->auth_ku_len, key, &key_len))
        return;
    memset(bytes + m->digest_at, 0, mac_len);
    mac_len = sizeof(mac);
    if (sc_generate_keyed_hash(s->auth_oid, s->auth_oid_len, key, (u_int)key_len, bytes, (u_int)len, mac, &mac_len) ==
            SNMPERR_SUCCESS &&
        mac_len >= m->digest.len)
        memcpy(bytes + m->digest_at, mac, m->digest.len);
}

/* --- valid notifications --------------------------------------------------------------------------------------- */

/* Accept only short OIDs, with sub-identifiers of at most 28 bits. */
static bool is_sound_oid(const struct view *v)
{
    unsigned octets = 0;

    if (v->left < 2 || v->left > 60 || v->at[0] & 0x80)
        return false;
    for (size_t i = 0; i < v->left; i++) {
        octets = v->at[i] & 0x80 ? octets + 1 : 0;
        if (octets > 3)
            return false;
    }
    return octets == 0;
}

/* Accept only a few simple types: whether net-snmp accepts odd values of the others is not tested here. */
static bool take_varbind(struct view *list, bool *ret_is_trap_oid)
{
    static const uint8_t trap_oid[] = {0x2b, 6, 1, 6, 3, 1, 1, 4, 1, 0};
    struct view vb, name, value;

    if (!take(list, 0x30, &vb) || !take(&vb, 0x06, &name) || !is_sound_oid(&name))
        return false;
    if (name.left == sizeof(trap_oid) && memcmp(name.at, trap_oid, sizeof(trap_oid)) == 0) {
        *ret_is_trap_oid = true;
        return take(&vb, 0x06, &value) && is_sound_oid(&value) && !vb.left;
    }
    if (take(&vb, 0x04, &value))
        return !vb.left;
    return (take(&vb, 0x02, &value) || take(&vb, 0x43, &value)) && value.left >= 1 && value.left <= 4 && !vb.left;
}

bool fuzz_is_sound_notification(const uint8_t *bytes, size_t len)
{
    struct view all = {bytes, len}, scoped, field, pdu, list;
    bool has_trap_oid = false;
    int64_t number;

    if (!take(&all, 0x30, &scoped) || !take(&scoped, 0x04, &field) || field.left > 32 || !take(&scoped, 0x04, &field) ||
        field.left > 32 || !(take(&scoped, 0xa7, &pdu) || take(&scoped, 0xa6, &pdu)) || scoped.left)
        return false;
    for (unsigned i = 0; i < 3; i++)
        if (!take_number(&pdu, &number) || number < 0 || number > INT32_MAX)
            return false;
    if (!take(&pdu, 0x30, &list) || pdu.left)
        return false;
    while (list.left)
        if (!take_varbind(&list, &has_trap_oid))
            return false;
    return has_trap_oid;
}
