/* SPDX-License-Identifier: Apache-2.0 */
#include "usm/engines.h"

#include <stdlib.h>
#include <string.h>

#include "base/hash.h"

#define EXPIRED_AT_ONCE 1000

struct tk_engines {
    struct tk_aged_hash engines;
    struct tk_age_list by_heard;
    tk_nsec ttl;
    uint64_t seed, evicted;
};

struct key {
    const uint8_t *id;
    size_t id_len;
    uint32_t user_id;
};

static struct tk_engine *engine_at(const struct tk_engines *t, uint32_t number)
{
    return tk_aged_hash_at(&t->engines, number);
}

static uint32_t hash_of(const struct tk_engines *t, const uint8_t *id, size_t id_len, uint32_t user_id)
{
    return (uint32_t)tk_hash64(id, id_len, t->seed + user_id);
}

static bool is_same(const void *entry, const void *key)
{
    const struct tk_engine *e = entry;
    const struct key *k = key;

    return e->user_id == k->user_id && e->id_len == k->id_len && memcmp(e->id, k->id, k->id_len) == 0;
}

static void forget_oldest(struct tk_engines *t)
{
    uint32_t number = t->by_heard.oldest;

    tk_age_list_take_out(&t->engines, &t->by_heard, number);
    tk_aged_hash_remove(&t->engines, number);
}

static bool is_oldest_unheard(const struct tk_engines *t, tk_nsec now)
{
    return t->by_heard.oldest && now - engine_at(t, t->by_heard.oldest)->heard >= t->ttl;
}

/* --- the interface --------------------------------------------------------------------------------------------- */

struct tk_engines *tk_engines_new(void)
{
    struct tk_engines *t = calloc(1, sizeof(*t));

    if (!t)
        return NULL;
    t->by_heard = TK_AGE_LIST(struct tk_engine, by_heard);
    t->ttl = INT64_MAX; /* until tk_engines_limit() */
    t->seed = tk_random_seed();
    if (tk_aged_hash_init_growing(&t->engines, sizeof(struct tk_engine), true))
        return t;
    tk_engines_free(t);
    return NULL;
}

void tk_engines_free(struct tk_engines *t)
{
    if (!t)
        return;
    tk_aged_hash_done(&t->engines);
    free(t);
}

void tk_engines_limit(struct tk_engines *t, unsigned max, tk_nsec ttl, tk_nsec now)
{
    t->ttl = ttl;
    while (t->engines.count > max || is_oldest_unheard(t, now))
        forget_oldest(t);
    tk_aged_hash_limit(&t->engines, max);
}

struct tk_engine *tk_engines_find(struct tk_engines *t, const uint8_t *id, size_t id_len, uint32_t user_id)
{
    const struct key key = {id, id_len, user_id};
    uint32_t number;

    if (id_len > TK_ENGINE_BYTES)
        return NULL;
    number = tk_aged_hash_find(&t->engines, hash_of(t, id, id_len, user_id), is_same, &key);
    return number ? engine_at(t, number) : NULL;
}

struct tk_engine *tk_engines_add(struct tk_engines *t, const uint8_t *id, size_t id_len, uint32_t user_id, tk_nsec now)
{
    struct tk_engine *e;
    uint32_t number;

    if (id_len > TK_ENGINE_BYTES)
        return NULL;
    if (tk_aged_hash_is_full(&t->engines)) {
        forget_oldest(t);
        t->evicted++;
    }
    number = tk_aged_hash_add(&t->engines, hash_of(t, id, id_len, user_id));
    if (!number)
        return NULL;
    e = engine_at(t, number);
    memcpy(e->id, id, id_len);
    e->id_len = (uint8_t)id_len & 0x3f;
    e->user_id = user_id;
    e->heard = now;
    tk_age_list_append(&t->engines, &t->by_heard, number);
    return e;
}

void tk_engines_heard(struct tk_engines *t, struct tk_engine *e, tk_nsec now)
{
    e->heard = now;
    tk_age_list_renew_entry(&t->engines, &t->by_heard, e);
}

bool tk_engines_at(const struct tk_engines *t, uint32_t number, const struct tk_engine **ret_e)
{
    const struct tk_engine *e;

    if (!number || number > t->engines.used)
        return false;
    e = engine_at(t, number);
    *ret_e = e->user_id ? e : NULL; /* a free place was wiped; users have IDs from 1 on */
    return true;
}

void tk_engines_expire(struct tk_engines *t, tk_nsec now)
{
    for (unsigned i = 0; i < EXPIRED_AT_ONCE && is_oldest_unheard(t, now); i++)
        forget_oldest(t);
}

unsigned tk_engines_count(const struct tk_engines *t)
{
    return t->engines.count;
}
uint64_t tk_engines_evicted(const struct tk_engines *t)
{
    return t->evicted;
}

size_t tk_engines_bytes(const struct tk_engines *t)
{
    return sizeof(*t) + tk_aged_hash_bytes(&t->engines);
}
