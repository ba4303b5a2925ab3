/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file users.h
 * @brief An index of net-snmp's users: by engine ID and name, and by name alone.
 *
 * net-snmp keeps its users in one list, and walks it for each message (137 us with 10,000 users). The index has
 * copies and not pointers, because SNMP may change and remove users (usmUserTable). It is compared with the list once
 * a second.
 *
 * Owner:  snmptrapd's thread. No locks.
 * Memory: about 700 bytes a user, 200 more after a message of its engine; keys are wiped when a user is removed.
 */
#ifndef TK_USERS_H
#define TK_USERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define HASH_NONFATAL_OOM         1
#define uthash_nonfatal_oom(user) ((user)->is_lost = true)
#include <uthash.h>

#include "refusal/refusal.h"
#include "usm/engines.h"
#include "usm/library.h"

/** Engine ID and name. Compared as bytes, so unused bytes are zero. */
struct tk_user_key {
    uint8_t engine_len, engine[TK_ENGINE_BYTES];
    char name[TK_USER_BYTES + 1];
};

struct tk_user {
    struct tk_user_key key;
    uint32_t id;        /* never reused; a user whose password or protocol changes gets a new one */
    bool is_own;        /* of the receiver's own engine, as all users of createUser lines without -e */
    bool serves_all;    /* is_own, and can be localized for any other engine */
    bool is_lost;       /* uthash had no memory to index it */
    struct usmUser usm; /* deep copy; not in net-snmp's list */
    /** Clock of the engine of a createUser -e line; NULL before its first authentic message. Owned; kept by scans. */
    struct tk_engine *engine;
    const struct tk_protocol *auth, *priv; /* NULL: none */
    UT_hash_handle hh, by_name;            /* by_name has one user of each name */
};

/** @returns false if the engine ID or the name is too long for USM @locality any @locks none */
bool tk_user_key_set(struct tk_user_key *key, const void *engine, size_t engine_len, const char *name, size_t name_len);

/** @brief Update the index from net-snmp's list. @retval 1 the list has changed @retval 0 it has not
 *  @retval -ENOMEM  the index stays as it was @locality snmptrapd @locks none */
int tk_users_scan(void);
/** @brief Wipe and free all. @locality snmptrapd @locks none */
void tk_users_done(void);

/** @returns the user with this engine ID and name, valid until the next scan; NULL: none
 *  @locality snmptrapd @locks none */
struct tk_user *tk_users_find(const struct tk_user_key *key);
/** @returns a user with this name: the one of the receiver's own engine, or else any; NULL: none
 *  @locality snmptrapd @locks none */
struct tk_user *tk_users_named(const char *name);
/** @brief Call @p call for each user. @locality snmptrapd @locks none */
void tk_users_each(void (*call)(const struct tk_user *user));

#endif /* TK_USERS_H */
