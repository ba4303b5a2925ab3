/* SPDX-License-Identifier: Apache-2.0 */
/* Entries stand in slabs and never move; they are numbered from 1, in the order of their first use. Free ones are
 * chained; memory is given back at the end only.
 *
 * The index is a linear hash: each engine that is added splits one bucket in two, so that there is about one bucket
 * for each entry and no moment at which the whole index is moved. The dearest tk_engines_add() makes one slab (a
 * mapping), one part of the index (16 KiB) and, each time their number has doubled, moves the pointers to them: 128
 * KiB at most. tk_engines_limit() is the only call whose work has no bound but what it removes. */
#include "usm/engines.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "base/hash.h"

#define NONE 0u /* the number of no entry */

struct entry {
    uint32_t next; /* in its bucket, or in the list of free entries */
    uint32_t hash;
    struct tk_engine engine;
};

#define SLAB_ENTRIES    1024u
#define SLAB_BYTES      (SLAB_ENTRIES * sizeof(struct entry))
#define PART_BUCKETS    4096u

#define EXPIRED_AT_ONCE 1000

/* Blocks of one size that never move; only the pointers to them do. */
struct blocks {
    void **at;
    uint32_t count, room;
};

struct tk_engines {
    struct blocks slabs;     /* of SLAB_ENTRIES entries */
    struct blocks parts;     /* of PART_BUCKETS uint32_t: the first entry of each bucket */
    uint32_t bucket_count;   /* round..2 * round */
    uint32_t round;          /* a power of two; buckets below bucket_count - round have been split in this round */
    uint32_t used, free;     /* entries 1..used have been used; of these, the first free one */
    uint32_t count;          /* of these, the learned ones */
    uint32_t newest, oldest; /* learned ones, by when they were heard */
    uint32_t max;
    tk_nsec ttl;
    uint64_t seed, evicted;
};

/* --- blocks ---------------------------------------------------------------------------------------------------- */

static bool add_block(struct blocks *blocks, void *block)
{
    if (blocks->count == blocks->room) {
        uint32_t room = blocks->room ? 2 * blocks->room : 16;
        void **at = realloc(blocks->at, room * sizeof(*at));

        if (!at)
            return false;
        blocks->at = at;
        blocks->room = room;
    }
    blocks->at[blocks->count++] = block;
    return true;
}

static bool add_slab(struct tk_engines *t)
{
    void *slab = mmap(NULL, SLAB_BYTES, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    if (slab == MAP_FAILED)
        return false;
    (void)madvise(slab, SLAB_BYTES, MADV_DONTDUMP); /* a kernel without it only has larger dumps */
    if (add_block(&t->slabs, slab))
        return true;
    (void)munmap(slab, SLAB_BYTES);
    return false;
}

static bool add_part(struct tk_engines *t)
{
    void *part = calloc(PART_BUCKETS, sizeof(uint32_t));

    if (part && add_block(&t->parts, part))
        return true;
    free(part);
    return false;
}

static struct entry *entry_at(const struct tk_engines *t, uint32_t number)
{
    return (struct entry *)t->slabs.at[(number - 1) / SLAB_ENTRIES] + (number - 1) % SLAB_ENTRIES;
}

static struct tk_engine *engine_at(const struct tk_engines *t, uint32_t number)
{
    return &entry_at(t, number)->engine;
}

/* --- the index ------------------------------------------------------------------------------------------------- */

static uint32_t *bucket_at(const struct tk_engines *t, uint32_t bucket)
{
    return (uint32_t *)t->parts.at[bucket / PART_BUCKETS] + bucket % PART_BUCKETS;
}

static uint32_t *bucket_of(const struct tk_engines *t, uint32_t hash)
{
    uint32_t bucket = hash & (2 * t->round - 1);

    return bucket_at(t, bucket < t->bucket_count ? bucket : bucket - t->round);
}

static uint32_t hash_of(const struct tk_engines *t, const uint8_t *id, size_t id_len, uint32_t user_id)
{
    return (uint32_t)tk_hash64(id, id_len, t->seed + user_id);
}

/* The link that leads to this engine's entry, or to NONE. */
static uint32_t *find_link(const struct tk_engines *t, const uint8_t *id, size_t id_len, uint32_t user_id)
{
    uint32_t hash = hash_of(t, id, id_len, user_id), *link = bucket_of(t, hash);

    while (*link != NONE) {
        struct entry *entry = entry_at(t, *link);

        if (entry->hash == hash && entry->engine.user_id == user_id && entry->engine.id_len == id_len &&
            memcmp(entry->engine.id, id, id_len) == 0)
            break;
        link = &entry->next;
    }
    return link;
}

/* One bucket more: the next in turn gives it those of its entries that belong there. Without memory chains grow. */
static void split_bucket(struct tk_engines *t)
{
    uint32_t *from = bucket_at(t, t->bucket_count - t->round), *to;

    if (t->bucket_count == t->parts.count * PART_BUCKETS && !add_part(t))
        return;
    to = bucket_at(t, t->bucket_count);
    while (*from != NONE) {
        struct entry *entry = entry_at(t, *from);

        if (entry->hash & t->round) {
            *to = *from;
            *from = entry->next;
            to = &entry->next;
            *to = NONE;
        } else {
            from = &entry->next;
        }
    }
    if (++t->bucket_count == 2 * t->round)
        t->round *= 2;
}

/* --- by age: learned ones only --------------------------------------------------------------------------------- */

static void make_newest(struct tk_engines *t, uint32_t number)
{
    struct tk_engine *e = engine_at(t, number);

    e->newer = NONE;
    e->older = t->newest;
    if (t->newest == NONE)
        t->oldest = number;
    else
        engine_at(t, t->newest)->newer = number;
    t->newest = number;
}

static void unlink_age(struct tk_engines *t, struct tk_engine *e)
{
    if (e->newer == NONE)
        t->newest = e->older;
    else
        engine_at(t, e->newer)->older = e->older;
    if (e->older == NONE)
        t->oldest = e->newer;
    else
        engine_at(t, e->older)->newer = e->newer;
}

static void forget_oldest(struct tk_engines *t)
{
    struct tk_engine *e = engine_at(t, t->oldest);
    uint32_t *link = find_link(t, e->id, e->id_len, e->user_id);
    uint32_t number = *link;
    struct entry *entry = entry_at(t, number);

    *link = entry->next;
    unlink_age(t, e);
    explicit_bzero(entry, sizeof(*entry));
    entry->next = t->free;
    t->free = number;
    t->count--;
}

/* A learned one more is about to come, or has come. */
static void make_room(struct tk_engines *t, uint32_t most)
{
    while (t->count > most) {
        forget_oldest(t);
        t->evicted++;
    }
}

static bool is_oldest_unheard(const struct tk_engines *t, tk_nsec now)
{
    return t->oldest != NONE && now - engine_at(t, t->oldest)->heard >= t->ttl;
}

/* --- the interface --------------------------------------------------------------------------------------------- */

struct tk_engines *tk_engines_new(void)
{
    struct tk_engines *t = calloc(1, sizeof(*t));

    if (!t)
        return NULL;
    t->bucket_count = t->round = PART_BUCKETS;
    t->max = UINT32_MAX; /* until tk_engines_limit() */
    t->ttl = INT64_MAX;
    t->seed = tk_random_seed();
    if (add_part(t))
        return t;
    tk_engines_free(t);
    return NULL;
}

void tk_engines_free(struct tk_engines *t)
{
    if (!t)
        return;
    for (uint32_t i = 0; i < t->slabs.count; i++) {
        uint32_t used = t->used - i * SLAB_ENTRIES;

        explicit_bzero(t->slabs.at[i], (used < SLAB_ENTRIES ? used : SLAB_ENTRIES) * sizeof(struct entry));
        (void)munmap(t->slabs.at[i], SLAB_BYTES);
    }
    for (uint32_t i = 0; i < t->parts.count; i++)
        free(t->parts.at[i]);
    free(t->slabs.at);
    free(t->parts.at);
    free(t);
}

void tk_engines_limit(struct tk_engines *t, unsigned max, tk_nsec ttl, tk_nsec now)
{
    t->max = max;
    t->ttl = ttl;
    while (t->count > t->max || is_oldest_unheard(t, now))
        forget_oldest(t);
}

struct tk_engine *tk_engines_find(struct tk_engines *t, const uint8_t *id, size_t id_len, uint32_t user_id)
{
    uint32_t number;

    if (id_len > TK_ENGINE_BYTES)
        return NULL;
    number = *find_link(t, id, id_len, user_id);
    return number == NONE ? NULL : engine_at(t, number);
}

/* @returns a number whose entry is all zero; NONE: out of memory */
static uint32_t take_entry(struct tk_engines *t)
{
    uint32_t number = t->free;

    if (number != NONE) {
        t->free = entry_at(t, number)->next;
        entry_at(t, number)->next = NONE;
        return number;
    }
    if (t->used == t->slabs.count * SLAB_ENTRIES && !add_slab(t))
        return NONE;
    return ++t->used;
}

struct tk_engine *tk_engines_add(struct tk_engines *t, const uint8_t *id, size_t id_len, uint32_t user_id, tk_nsec now)
{
    uint32_t number, *bucket;
    struct entry *entry;

    if (id_len > TK_ENGINE_BYTES)
        return NULL;
    make_room(t, t->max - 1);
    number = take_entry(t);
    if (number == NONE)
        return NULL;
    entry = entry_at(t, number);
    entry->hash = hash_of(t, id, id_len, user_id);
    bucket = bucket_of(t, entry->hash);
    entry->next = *bucket;
    *bucket = number;
    memcpy(entry->engine.id, id, id_len);
    entry->engine.id_len = (uint8_t)id_len;
    entry->engine.user_id = user_id;
    entry->engine.heard = now;
    make_newest(t, number);
    if (++t->count > t->bucket_count)
        split_bucket(t);
    return &entry->engine;
}

void tk_engines_heard(struct tk_engines *t, struct tk_engine *e, tk_nsec now)
{
    uint32_t number;

    e->heard = now;
    if (e->newer == NONE)
        return;
    number = engine_at(t, e->newer)->older;
    unlink_age(t, e);
    make_newest(t, number);
}

void tk_engines_expire(struct tk_engines *t, tk_nsec now)
{
    for (unsigned i = 0; i < EXPIRED_AT_ONCE && is_oldest_unheard(t, now); i++)
        forget_oldest(t);
}

unsigned tk_engines_count(const struct tk_engines *t)
{
    return t->count;
}
uint64_t tk_engines_evicted(const struct tk_engines *t)
{
    return t->evicted;
}

size_t tk_engines_bytes(const struct tk_engines *t)
{
    return sizeof(*t) + t->slabs.count * SLAB_BYTES + t->parts.count * PART_BUCKETS * sizeof(uint32_t) +
           ((size_t)t->slabs.room + t->parts.room) * sizeof(void *);
}
