/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file users.h
 * @brief net-snmp's users, copied into an index: by engine and name, and by name alone for those who serve all
 *        engines.
 *
 * net-snmp keeps them in one list, which it walks for each message (137 us with 10,000 users). A copy, not a
 * pointer: SNMP may change and remove users (usmUserTable), so the index is compared with the list once a second.
 *
 * Owner:  snmptrapd's thread. No locks.
 * Memory: about 700 bytes a user, 200 more when its engine was heard; keys are wiped when a user goes.
 */
#ifndef TK_USM_USERS_H
#define TK_USM_USERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define HASH_NONFATAL_OOM         1
#define uthash_nonfatal_oom(user) ((user)->is_lost = true)
#include <uthash.h>

#include "refusal/refusal.h"
#include "usm/engines.h"
#include "usm/library.h"

/** Who: compared as bytes, so unused ones are zero. */
struct tk_user_key {
    uint8_t engine_len, engine[TK_ENGINE_BYTES];
    char name[TK_USER_BYTES + 1];
};

struct tk_user {
    struct tk_user_key key;
    uint32_t id;        /* never given twice: a user whose password or protocol changed is another one */
    bool is_own;        /* of the receiver's own engine, where all without createUser -e are */
    bool serves_all;    /* is_own, and can be localized for any other engine */
    bool is_lost;       /* no memory for the index */
    struct usmUser usm; /* deep copy; in nobody's list */
    struct tk_engine
        *engine; /* what is known of its engine's clock; NULL: nothing, or not explicit. Ours, and stays with
                               * the user from scan to scan */
    const struct tk_protocol *auth, *priv; /* NULL: none */
    UT_hash_handle hh, by_name;            /* the latter: one user of each name */
};

/** @returns whether both fit; otherwise no such user can exist @locality any @locks none */
bool tk_user_key_set(struct tk_user_key *key, const void *engine, size_t engine_len, const char *name, size_t name_len);

/** @brief Bring the index up to net-snmp's list. @retval 1 something changed @retval 0 nothing did
 *  @retval -ENOMEM  the index before stays @locality snmptrapd @locks none */
int tk_users_scan(void);
/** @brief Wipe and free all. @locality snmptrapd @locks none */
void tk_users_done(void);

/** @returns the user of just this engine, valid until the next scan; NULL: none @locality snmptrapd @locks none */
struct tk_user *tk_users_find(const struct tk_user_key *key);
/** @returns a user with this name: the one of the receiver's own engine, or else any; NULL: none
 *  @locality snmptrapd @locks none */
struct tk_user *tk_users_named(const char *name);
/** @brief For each user. @locality snmptrapd @locks none */
void tk_users_each(void (*call)(const struct tk_user *user));

#endif /* TK_USM_USERS_H */
