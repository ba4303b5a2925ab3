/* SPDX-License-Identifier: Apache-2.0 */
#include "stages/dedup_window.h"

#include <stdlib.h>
#include <string.h>

#define NONE UINT32_MAX

struct entry {
    struct tk_hash128 key;
    tk_nsec since;    /* when the event that passed was received */
    uint64_t owner;   /* and what the caller calls it */
    uint32_t repeats; /* suppressed since then */
    uint32_t next_in_bucket;
    uint32_t newer, older; /* by when they were last seen */
};

struct tk_dedup {
    size_t max_keys, used, bucket_mask;
    uint32_t newest, oldest, free_list; /* free entries chain by next_in_bucket */
    uint64_t seed, evicted;
    uint32_t *buckets;
    struct entry *entries;
};

struct tk_dedup *tk_dedup_new(size_t max_keys)
{
    size_t buckets = 1;
    struct tk_dedup *d;

    while (buckets < max_keys)
        buckets *= 2;
    d = malloc(sizeof(*d) + max_keys * sizeof(*d->entries) + buckets * sizeof(*d->buckets));
    if (!d)
        return NULL;
    memset(d, 0, sizeof(*d));
    d->entries = (struct entry *)(d + 1);
    d->buckets = (uint32_t *)(d->entries + max_keys);
    d->max_keys = max_keys;
    d->bucket_mask = buckets - 1;
    d->newest = d->oldest = d->free_list = NONE;
    d->seed = tk_random_seed();
    memset(d->buckets, 0xff, buckets * sizeof(*d->buckets));
    return d;
}

void tk_dedup_free(struct tk_dedup *d)
{
    free(d);
}

size_t tk_dedup_count(const struct tk_dedup *d)
{
    size_t free_entries = 0;

    for (uint32_t i = d->free_list; i != NONE; i = d->entries[i].next_in_bucket)
        free_entries++;
    return d->used - free_entries;
}

uint64_t tk_dedup_evicted(const struct tk_dedup *d)
{
    return d->evicted;
}
uint64_t tk_dedup_seed(const struct tk_dedup *d)
{
    return d->seed;
}

/* The link that leads to the key's entry, or to where it would be put. The key is a seeded hash already. */
static uint32_t *find_link(struct tk_dedup *d, struct tk_hash128 key)
{
    uint32_t *link = &d->buckets[key.low & d->bucket_mask];

    while (*link != NONE && (d->entries[*link].key.low != key.low || d->entries[*link].key.high != key.high))
        link = &d->entries[*link].next_in_bucket;
    return link;
}

static void unlink_age(struct tk_dedup *d, uint32_t i)
{
    struct entry *e = &d->entries[i];

    if (e->newer == NONE)
        d->newest = e->older;
    else
        d->entries[e->newer].older = e->older;
    if (e->older == NONE)
        d->oldest = e->newer;
    else
        d->entries[e->older].newer = e->newer;
}

static void make_newest(struct tk_dedup *d, uint32_t i)
{
    d->entries[i].newer = NONE;
    d->entries[i].older = d->newest;
    if (d->newest == NONE)
        d->oldest = i;
    else
        d->entries[d->newest].newer = i;
    d->newest = i;
}

static void forget(struct tk_dedup *d, uint32_t *link)
{
    uint32_t i = *link;

    *link = d->entries[i].next_in_bucket;
    unlink_age(d, i);
    d->entries[i].next_in_bucket = d->free_list;
    d->free_list = i;
}

/* A free entry; at the bound, the one least recently seen makes room. */
static uint32_t take_entry(struct tk_dedup *d)
{
    uint32_t i;

    if (d->free_list == NONE && d->used < d->max_keys)
        return (uint32_t)d->used++;
    if (d->free_list == NONE) {
        forget(d, find_link(d, d->entries[d->oldest].key));
        d->evicted++;
    }
    i = d->free_list;
    d->free_list = d->entries[i].next_in_bucket;
    return i;
}

bool tk_dedup_pass(struct tk_dedup *d, struct tk_hash128 key, tk_nsec now, tk_nsec window, uint32_t *ret_repeats,
                   uint64_t *owner)
{
    uint32_t *link = find_link(d, key);
    uint32_t i = *link;
    struct entry *e;

    *ret_repeats = 0;
    if (i != NONE) {
        e = &d->entries[i];
        unlink_age(d, i);
        make_newest(d, i);
        if (now >= e->since && now - e->since < window) {
            if (e->repeats < UINT32_MAX)
                e->repeats++;
            *owner = e->owner;
            return false;
        }
        *ret_repeats = e->repeats;
    } else {
        i = take_entry(d);
        e = &d->entries[i];
        e->key = key;
        link = &d->buckets[key.low & d->bucket_mask];
        e->next_in_bucket = *link;
        *link = i;
        make_newest(d, i);
    }
    e->since = now;
    e->owner = *owner;
    e->repeats = 0;
    return true;
}

void tk_dedup_undo(struct tk_dedup *d, struct tk_hash128 key, uint64_t owner)
{
    uint32_t *link = find_link(d, key);

    if (*link != NONE && d->entries[*link].owner == owner)
        forget(d, link);
}
