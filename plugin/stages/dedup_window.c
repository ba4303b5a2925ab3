/* SPDX-License-Identifier: Apache-2.0 */
#include "stages/dedup_window.h"

#include <stdlib.h>

#include "base/aged_hash.h"

struct entry {
    struct tk_aged aged;     /* its hash is the lower half of key.low */
    struct tk_age_link seen; /* by when they were last seen */
    uint64_t key_high;
    tk_nsec since;       /* when the event that passed was received */
    uint64_t owner;      /* what the caller calls it */
    uint64_t number;     /* and its number */
    uint32_t key_middle; /* the upper half of key.low */
    uint32_t repeats;    /* suppressed since then */
};

struct tk_dedup {
    struct tk_aged_hash keys;
    struct tk_age_list seen;
    uint64_t seed, evicted;
};

struct tk_dedup *tk_dedup_new(size_t max_keys)
{
    struct tk_dedup *d = calloc(1, sizeof(*d));

    if (!d)
        return NULL;
    d->seen = TK_AGE_LIST(struct entry, seen);
    d->seed = tk_random_seed();
    if (tk_aged_hash_init_fixed(&d->keys, sizeof(struct entry), (uint32_t)max_keys))
        return d;
    tk_dedup_free(d);
    return NULL;
}

void tk_dedup_free(struct tk_dedup *d)
{
    if (!d)
        return;
    tk_aged_hash_done(&d->keys);
    free(d);
}

size_t tk_dedup_count(const struct tk_dedup *d)
{
    return d->keys.count;
}
uint64_t tk_dedup_evicted(const struct tk_dedup *d)
{
    return d->evicted;
}
uint64_t tk_dedup_seed(const struct tk_dedup *d)
{
    return d->seed;
}

static bool is_same(const void *entry, const void *key)
{
    const struct entry *e = entry;
    const struct tk_hash128 *k = key;

    return e->key_high == k->high && e->key_middle == k->low >> 32;
}

/* The key is a seeded hash already. */
static uint32_t find(const struct tk_dedup *d, struct tk_hash128 key)
{
    return tk_aged_hash_find(&d->keys, (uint32_t)key.low, is_same, &key);
}

static void forget(struct tk_dedup *d, uint32_t i)
{
    tk_age_list_take_out(&d->keys, &d->seen, i);
    tk_aged_hash_remove(&d->keys, i);
}

/* At the bound, the one least recently seen makes room. */
static uint32_t add(struct tk_dedup *d, struct tk_hash128 key)
{
    struct entry *e;
    uint32_t i;

    if (tk_aged_hash_is_full(&d->keys)) {
        forget(d, d->seen.oldest);
        d->evicted++;
    }
    i = tk_aged_hash_add(&d->keys, (uint32_t)key.low);
    e = tk_aged_hash_at(&d->keys, i);
    e->key_high = key.high;
    e->key_middle = (uint32_t)(key.low >> 32);
    tk_age_list_append(&d->keys, &d->seen, i);
    return i;
}

static bool is_in_window(const struct entry *e, const struct tk_sighting *s)
{
    return s->now >= e->since && s->now - e->since < s->window;
}

bool tk_dedup_pass(struct tk_dedup *d, struct tk_sighting *s)
{
    struct entry *e;
    uint32_t i = find(d, s->key);

    s->repeats = 0;
    if (i) {
        e = tk_aged_hash_at(&d->keys, i);
        tk_age_list_renew(&d->keys, &d->seen, i);
        if (is_in_window(e, s) && e->number >= s->changed) {
            if (e->repeats < UINT32_MAX)
                e->repeats++;
            s->owner = e->owner;
            return false;
        }
        s->repeats = e->repeats;
    } else {
        i = add(d, s->key);
        e = tk_aged_hash_at(&d->keys, i);
    }
    e->since = s->now;
    e->owner = s->owner;
    e->number = s->number;
    e->repeats = 0;
    return true;
}

void tk_dedup_undo(struct tk_dedup *d, struct tk_hash128 key, uint64_t owner)
{
    uint32_t i = find(d, key);
    const struct entry *e = i ? tk_aged_hash_at(&d->keys, i) : NULL;

    if (e && e->owner == owner)
        forget(d, i);
}

void tk_dedup_clear(struct tk_dedup *d)
{
    while (d->keys.count)
        forget(d, d->seen.oldest);
}
