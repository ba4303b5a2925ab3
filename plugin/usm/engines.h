/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file engines.h
 * @brief The engines that sent something authentic: their boots and time (RFC 3414 section 2.3), and the keys of the user
 *        that spoke for each, localized for it (section 2.6). Two users that speak for one engine are two entries: whoever
 *        knows one user's password can't make another's messages look old.
 *
 * What is not verified never gets in here. Learned engines are bounded: the one unheard for the longest makes room, and one
 * unheard for the TTL is forgotten. Engines of explicit createUser -e lines are not in here: usm/users.h has what is
 * known of them.
 *
 * Owner:    snmptrapd's thread. No locks.
 * Cost:     one hash and one comparison a look-up, whatever the number; adding never moves the index as a whole
 *           (base/aged_hash.h). tk_engines_limit() is the only call whose work has no bound but what it removes.
 * Memory:   sizeof(struct tk_engine) and 4 bytes of index each, taken as they come, in pages left out of core dumps;
 *           keys are wiped when an engine goes, and memory is given back at the end only.
 */
#ifndef TK_ENGINES_H
#define TK_ENGINES_H

#include <assert.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/aged_hash.h"
#include "base/clock.h"
#include "snmp/peer.h"
#include "refusal/refusal.h"

#define TK_AUTH_KEY_BYTES 64 /* SHA-512's */
#define TK_PRIV_KEY_BYTES 32 /* AES-256's */

struct tk_engine {
    struct tk_aged aged; /* this and the next: the table's own */
    struct tk_age_link by_heard;
    uint8_t id[TK_ENGINE_BYTES];
    uint8_t id_len : 6;    /* 0..32 */
    uint8_t has_moved : 1; /* its clock has changed, see guard.h */
    uint8_t is_told : 1;   /* that its clock stands still */
    uint8_t chain;         /* which of net-snmp's lists it belongs to; the caller's */
    uint8_t auth_len, priv_len;
    uint8_t auth[TK_AUTH_KEY_BYTES], priv[TK_PRIV_KEY_BYTES];
    uint32_t user_id;     /* who speaks for it; see usm/users.h */
    uint32_t boots, time; /* as of the newest accepted message */
    uint32_t local_time;  /* this receiver's engine time when these were first received, seconds */
    struct tk_peer peer;  /* from where that came */
    tk_nsec heard;        /* CLOCK_MONOTONIC */
};

static_assert(TK_ENGINE_BYTES < 1 << 6, "id_len");

struct tk_engines;

/** @returns NULL when out of memory @locality any @locks none */
struct tk_engines *tk_engines_new(void);
/** @brief Wipe and free. NULL is a no-op. @locality snmptrapd @locks none */
void tk_engines_free(struct tk_engines *t);
/** @brief At most @p max learned engines (1..10,000,000), each for at most @p ttl unheard; those beyond go now.
 *  @locality snmptrapd @locks none */
void tk_engines_limit(struct tk_engines *t, unsigned max, tk_nsec ttl, tk_nsec now);

/** @returns NULL: not known. Valid until the next tk_engines_add(), _expire(), _limit().
 *  @locality snmptrapd @locks none */
struct tk_engine *tk_engines_find(struct tk_engines *t, const uint8_t *id, size_t id_len, uint32_t user_id);
/**
 * @brief Add an engine that is not there for this user, without keys, boots and time 0.
 * @returns NULL when out of memory
 * @locality snmptrapd  @locks none
 */
struct tk_engine *tk_engines_add(struct tk_engines *t, const uint8_t *id, size_t id_len, uint32_t user_id, tk_nsec now);
/** @brief It sent something authentic. @locality snmptrapd @locks none */
void tk_engines_heard(struct tk_engines *t, struct tk_engine *e, tk_nsec now);
/**
 * @brief Look at the engines one after the other; those that come and go meanwhile may be missed.
 * @param number   from 1 on
 * @param ret_e    the engine, or NULL: this place is free
 * @returns false: there is no such place, nor any after it
 * @locality snmptrapd  @locks none
 */
bool tk_engines_at(const struct tk_engines *t, uint32_t number, const struct tk_engine **ret_e);
/** @brief Forget those unheard for too long; a bounded number each call. @locality snmptrapd @locks none */
void tk_engines_expire(struct tk_engines *t, tk_nsec now);

/** @brief Learned engines. @locality snmptrapd @locks none */
unsigned tk_engines_count(const struct tk_engines *t);
/** @brief Learned engines that made room for newer ones, since the beginning. @locality snmptrapd @locks none */
uint64_t tk_engines_evicted(const struct tk_engines *t);
/** @brief Bytes taken, all in all. @locality snmptrapd @locks none */
size_t tk_engines_bytes(const struct tk_engines *t);

#endif /* TK_ENGINES_H */
