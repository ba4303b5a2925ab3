/* SPDX-License-Identifier: Apache-2.0 */
#include "usm/users.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/devel.h"
#include "base/hash.h"

static struct tk_user *by_key, *by_name;
static uint64_t seen; /* hash of net-snmp's list at the last scan */
static uint32_t last_id;

bool tk_user_key_set(struct tk_user_key *key, const void *engine, size_t engine_len, const char *name, size_t name_len)
{
    memset(key, 0, sizeof(*key));
    if (engine_len > sizeof(key->engine) || name_len >= sizeof(key->name))
        return false;
    key->engine_len = (uint8_t)engine_len;
    if (engine_len)
        memcpy(key->engine, engine, engine_len);
    memcpy(key->name, name, name_len);
    return true;
}

/* --- one copy -------------------------------------------------------------------------------------------------- */

static void wipe(u_char *key, size_t len)
{
    if (key)
        explicit_bzero(key, len);
    free(key);
}

static void free_user(struct tk_user *user)
{
    if (!user)
        return;
    wipe(user->usm.authKey, user->usm.authKeyLen);
    wipe(user->usm.authKeyKu, user->usm.authKeyKuLen);
    wipe(user->usm.privKey, user->usm.privKeyLen);
    wipe(user->usm.privKeyKu, user->usm.privKeyKuLen);
    free(user->usm.authProtocol);
    free(user->usm.privProtocol);
    free(user->engine);
    free(user);
}

/* @returns a copy; NULL: nothing to copy, or out of memory (then *ret_is_failed is true) */
static void *copy_bytes(const void *bytes, size_t len, size_t *ret_len, bool *ret_is_failed)
{
    void *copy = bytes && len ? malloc(len) : NULL;

    *ret_len = copy ? len : 0;
    if (copy)
        memcpy(copy, bytes, len);
    else if (bytes && len)
        *ret_is_failed = true;
    return copy;
}

static oid *copy_protocol(const oid *protocol, size_t len, size_t *ret_len, bool *ret_is_failed)
{
    oid *copy = copy_bytes(protocol, len * sizeof(oid), ret_len, ret_is_failed);

    *ret_len /= sizeof(oid);
    return copy;
}

/* @returns false when out of memory */
static bool copy_secrets(struct usmUser *to, const struct usmUser *from)
{
    bool is_failed = false;

    to->authProtocol = copy_protocol(from->authProtocol, from->authProtocolLen, &to->authProtocolLen, &is_failed);
    to->privProtocol = copy_protocol(from->privProtocol, from->privProtocolLen, &to->privProtocolLen, &is_failed);
    to->authKey = copy_bytes(from->authKey, from->authKeyLen, &to->authKeyLen, &is_failed);
    to->authKeyKu = copy_bytes(from->authKeyKu, from->authKeyKuLen, &to->authKeyKuLen, &is_failed);
    to->privKey = copy_bytes(from->privKey, from->privKeyLen, &to->privKeyLen, &is_failed);
    to->privKeyKu = copy_bytes(from->privKeyKu, from->privKeyKuLen, &to->privKeyKuLen, &is_failed);
    return !is_failed;
}

static struct tk_user *copy_user(const struct usmUser *from, const struct tk_user_key *key)
{
    struct tk_user *user = calloc(1, sizeof(*user));

    if (!user)
        return NULL;
    user->key = *key;
    user->usm.userStatus = from->userStatus;
    user->usm.userStorageType = ST_VOLATILE;
    user->usm.flags = from->flags;
    user->usm.engineID = user->key.engine;
    user->usm.engineIDLen = user->key.engine_len;
    user->usm.name = user->usm.secName = user->key.name;
    if (!copy_secrets(&user->usm, from)) {
        free_user(user);
        return NULL;
    }
    user->auth = tk_auth_protocol(&user->usm);
    user->priv = tk_priv_protocol(&user->usm);
    return user;
}

/* --- has the list changed? ------------------------------------------------------------------------------------ */

static uint64_t mix(uint64_t h, const void *bytes, size_t len)
{
    return bytes && len ? tk_hash64(bytes, len, h) : h + 1;
}

static uint64_t hash_user(const struct usmUser *u, uint64_t h)
{
    h = mix(h, &u, sizeof(u));
    h = mix(h, &u->userStatus, sizeof(u->userStatus));
    h = mix(h, u->authProtocol, u->authProtocolLen * sizeof(oid));
    h = mix(h, u->authKey, u->authKeyLen);
    h = mix(h, u->authKeyKu, u->authKeyKuLen);
    h = mix(h, u->privProtocol, u->privProtocolLen * sizeof(oid));
    return mix(h, u->privKey, u->privKeyLen);
}

static bool is_same(const void *a, size_t a_len, const void *b, size_t b_len)
{
    return a_len == b_len && (!a_len || memcmp(a, b, a_len) == 0);
}

static bool has_same_secrets(const struct usmUser *a, const struct usmUser *b)
{
    return is_same(a->authProtocol, a->authProtocolLen * sizeof(oid), b->authProtocol,
                   b->authProtocolLen * sizeof(oid)) &&
           is_same(a->privProtocol, a->privProtocolLen * sizeof(oid), b->privProtocol,
                   b->privProtocolLen * sizeof(oid)) &&
           is_same(a->authKey, a->authKeyLen, b->authKey, b->authKeyLen) &&
           is_same(a->authKeyKu, a->authKeyKuLen, b->authKeyKu, b->authKeyKuLen) &&
           is_same(a->privKey, a->privKeyLen, b->privKey, b->privKeyLen) &&
           is_same(a->privKeyKu, a->privKeyKuLen, b->privKeyKu, b->privKeyKuLen);
}

/* --- the index ------------------------------------------------------------------------------------------------- */

static void free_index(struct tk_user **keys, struct tk_user **names)
{
    struct tk_user *user, *next;

    HASH_CLEAR(by_name, *names);
    HASH_ITER(hh, *keys, user, next)
    {
        HASH_DEL(*keys, user);
        free_user(user);
    }
}

/* Has this user the master keys that are needed to localize it for any engine? */
static bool can_serve_all(const struct tk_user *user)
{
    return (!user->auth || user->usm.authKeyKuLen) && (!user->priv || user->usm.privKeyKuLen);
}

static void give_id(struct tk_user *user)
{
    const struct tk_user *before = tk_users_find(&user->key);

    user->id = before && has_same_secrets(&before->usm, &user->usm) ? before->id : ++last_id;
}

/* The index by name has one user of each name: the one of the receiver's own engine, if there is one. */
static void note_name(struct tk_user **names, struct tk_user *user)
{
    struct tk_user *before;

    HASH_FIND(by_name, *names, user->key.name, sizeof(user->key.name), before);
    if (before && !user->is_own)
        return;
    if (before)
        HASH_DELETE(by_name, *names, before);
    HASH_ADD(by_name, *names, key.name, sizeof(user->key.name), user);
}

/* @returns false when out of memory */
static bool add(struct tk_user **keys, struct tk_user **names, const struct usmUser *from,
                const struct tk_user_key *key, bool is_own)
{
    struct tk_user *user, *twin;

    HASH_FIND(hh, *keys, key, sizeof(*key), twin);
    if (twin) /* net-snmp uses the first user of an engine and name */
        return true;
    user = copy_user(from, key);
    if (!user)
        return false;
    give_id(user);
    user->is_own = is_own;
    user->serves_all = is_own && can_serve_all(user);
    HASH_ADD(hh, *keys, key, sizeof(user->key), user);
    if (user->is_lost) {
        free_user(user);
        return false;
    }
    note_name(names, user);
    return !user->is_lost;
}

/* @returns false when out of memory */
static bool build(struct tk_user **keys, struct tk_user **names)
{
    u_char own[TK_ENGINE_BYTES];
    size_t own_len = tk_netsnmp.snmpv3_get_engineID(own, sizeof(own));

    for (const struct usmUser *u = tk_netsnmp.usm_get_userList(); u; u = u->next) {
        struct tk_user_key key;

        if (u->userStatus == RS_ACTIVE && u->name &&
            tk_user_key_set(&key, u->engineID, u->engineIDLen, u->name, strlen(u->name)) &&
            !add(keys, names, u, &key, own_len && is_same(u->engineID, u->engineIDLen, own, own_len)))
            return false;
    }
    return true;
}

/* A user whose secrets have not changed keeps what is known of its engine. */
static void move_engines(struct tk_user *to)
{
    for (struct tk_user *user = by_key; user; user = user->hh.next) {
        struct tk_user *now = NULL;

        if (user->engine)
            HASH_FIND(hh, to, &user->key, sizeof(user->key), now);
        if (now && now->id == user->id) {
            TK_ASSERT(!now->engine);
            now->engine = user->engine;
            user->engine = NULL;
        }
    }
}

int tk_users_scan(void)
{
    struct tk_user *keys = NULL, *names = NULL;
    uint64_t hash = 1;

    for (const struct usmUser *u = tk_netsnmp.usm_get_userList(); u; u = u->next)
        hash = hash_user(u, hash);
    if (hash == seen)
        return 0;
    if (!build(&keys, &names)) {
        free_index(&keys, &names);
        return -ENOMEM;
    }
    move_engines(keys);
    free_index(&by_key, &by_name);
    by_key = keys;
    by_name = names;
    seen = hash;
    return 1;
}

void tk_users_done(void)
{
    free_index(&by_key, &by_name);
    seen = 0;
}

struct tk_user *tk_users_find(const struct tk_user_key *key)
{
    struct tk_user *user;

    HASH_FIND(hh, by_key, key, sizeof(*key), user);
    return user;
}

struct tk_user *tk_users_named(const char *name)
{
    char padded[TK_USER_BYTES + 1] = "";
    struct tk_user *user;
    size_t len = strlen(name);

    if (len >= sizeof(padded))
        return NULL;
    memcpy(padded, name, len);
    HASH_FIND(by_name, by_name, padded, sizeof(padded), user);
    return user;
}

void tk_users_each(void (*call)(const struct tk_user *user))
{
    for (const struct tk_user *user = by_key; user; user = user->hh.next)
        call(user);
}
