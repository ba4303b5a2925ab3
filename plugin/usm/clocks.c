/* SPDX-License-Identifier: Apache-2.0 */
#include "usm/clocks.h"

#include <stdlib.h>
#include <string.h>

#include "base/aged_hash.h"
#include "base/hash.h"

struct clock {
    struct tk_aged aged;
    struct tk_age_link link;
    uint64_t key;
    uint32_t heard;
};

struct tk_clocks {
    struct tk_aged_hash table;
    struct tk_age_list list;
    uint64_t seed, changes;
    uint32_t oldest; /* seconds since 1970; what was heard before is expired */
};

static struct clock *clock_at(const struct tk_clocks *t, uint32_t number)
{
    return tk_aged_hash_at(&t->table, number);
}

static bool is_same(const void *entry, const void *key)
{
    return ((const struct clock *)entry)->key == *(const uint64_t *)key;
}

static uint32_t find(const struct tk_clocks *t, uint64_t key)
{
    return tk_aged_hash_find(&t->table, (uint32_t)key, is_same, &key);
}

static void forget(struct tk_clocks *t, uint32_t number)
{
    tk_age_list_take_out(&t->table, &t->list, number);
    tk_aged_hash_remove(&t->table, number);
}

struct tk_clocks *tk_clocks_new(void)
{
    struct tk_clocks *t = calloc(1, sizeof(*t));

    if (!t)
        return NULL;
    t->list = TK_AGE_LIST(struct clock, link);
    t->seed = tk_random_seed();
    if (tk_aged_hash_init_growing(&t->table, sizeof(struct clock), false))
        return t;
    tk_clocks_free(t);
    return NULL;
}

void tk_clocks_free(struct tk_clocks *t)
{
    if (!t)
        return;
    tk_aged_hash_done(&t->table);
    free(t);
}

void tk_clocks_begin(struct tk_clocks *t, uint64_t seed)
{
    while (t->list.oldest)
        forget(t, t->list.oldest);
    t->seed = seed;
}

void tk_clocks_expire(struct tk_clocks *t, uint32_t before)
{
    t->oldest = before;
}

uint64_t tk_clocks_seed(const struct tk_clocks *t)
{
    return t->seed;
}

uint64_t tk_clocks_key(const struct tk_clocks *t, const uint8_t *engine, size_t engine_len, const char *user)
{
    uint8_t buf[128];
    struct tk_hasher h;

    tk_hasher_init(&h, buf, sizeof(buf), t->seed);
    tk_hasher_add(&h, engine, engine_len);
    tk_hasher_add(&h, user, strlen(user));
    return tk_hasher_end(&h).low;
}

bool tk_clocks_remember(struct tk_clocks *t, uint64_t key, uint32_t heard)
{
    uint32_t number = find(t, key);

    if (!number) {
        number = tk_aged_hash_add(&t->table, (uint32_t)key);
        if (!number)
            return false;
        clock_at(t, number)->key = key;
        tk_age_list_append(&t->table, &t->list, number);
    }
    clock_at(t, number)->heard = heard;
    return true;
}

bool tk_clocks_recall(struct tk_clocks *t, const uint8_t *engine, size_t engine_len, const char *user)
{
    uint32_t number = t->table.count ? find(t, tk_clocks_key(t, engine, engine_len, user)) : 0;
    bool is_current = number && clock_at(t, number)->heard >= t->oldest;

    if (number)
        forget(t, number);
    return is_current;
}

bool tk_clocks_at(const struct tk_clocks *t, uint32_t number, uint64_t *ret_key, uint32_t *ret_heard)
{
    const struct clock *c;

    if (!number || number > t->table.used)
        return false;
    c = clock_at(t, number);
    *ret_key = c->key;
    *ret_heard = c->heard < t->oldest ? 0 : c->heard; /* a free place was wiped */
    return true;
}

uint32_t tk_clocks_count(const struct tk_clocks *t)
{
    return t->table.count;
}

void tk_clocks_moved(struct tk_clocks *t)
{
    t->changes++;
}

uint64_t tk_clocks_changes(const struct tk_clocks *t)
{
    return t->changes;
}
