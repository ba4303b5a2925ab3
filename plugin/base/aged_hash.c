/* SPDX-License-Identifier: Apache-2.0 */
/* Entry 0 of the first slab is not used, so that a number needs no arithmetic but a shift and a mask. A fixed table is a
 * growing one whose first slab and first part of the index are as large as they ever need to be. */
#include "base/aged_hash.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#define SLAB_SHIFT  10u /* of growing tables: 1024 entries */
#define PART_SHIFT  12u /* 4096 buckets */
#define ALL_SHIFT   31u /* of fixed tables: all in one block */

#define MASK(shift) ((1u << (shift)) - 1)

/* --- blocks ---------------------------------------------------------------------------------------------------- */

static bool add_block(struct tk_aged_blocks *blocks, void *block)
{
    if (blocks->count == blocks->room) {
        uint32_t room = blocks->room ? 2 * blocks->room : 1;
        void **at = realloc(blocks->at, room * sizeof(*at));

        if (!at)
            return false;
        blocks->at = at;
        blocks->room = room;
    }
    blocks->at[blocks->count++] = block;
    return true;
}

static size_t slab_entries(const struct tk_aged_hash *t)
{
    return t->is_growing ? (size_t)t->slab_mask + 1 : (size_t)t->max + 1;
}

static size_t slab_bytes(const struct tk_aged_hash *t)
{
    return slab_entries(t) * t->entry_bytes;
}

static size_t part_bytes(const struct tk_aged_hash *t)
{
    return (t->is_growing ? (size_t)t->part_mask + 1 : t->bucket_count) * sizeof(uint32_t);
}

static void *map_secret(size_t bytes)
{
    void *slab = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    if (slab == MAP_FAILED)
        return NULL;
    (void)madvise(slab, bytes, MADV_DONTDUMP); /* a kernel without it only has larger dumps */
    return slab;
}

static void free_slab(const struct tk_aged_hash *t, void *slab)
{
    if (t->is_secret)
        (void)munmap(slab, slab_bytes(t));
    else
        free(slab);
}

static bool add_slab(struct tk_aged_hash *t)
{
    void *slab = t->is_secret ? map_secret(slab_bytes(t)) : calloc(1, slab_bytes(t));

    if (!slab)
        return false;
    if (!add_block(&t->slabs, slab)) {
        free_slab(t, slab);
        return false;
    }
    t->first_slab = t->slabs.at[0];
    return true;
}

static bool add_part(struct tk_aged_hash *t)
{
    void *part = calloc(1, part_bytes(t));

    if (!part || !add_block(&t->parts, part)) {
        free(part);
        return false;
    }
    t->first_part = t->parts.at[0];
    return true;
}

/* --- life ------------------------------------------------------------------------------------------------------ */

bool tk_aged_hash_init_fixed(struct tk_aged_hash *t, size_t entry_bytes, uint32_t max)
{
    TK_ASSERT(max >= 1 && max <= 1u << 29);
    *t = (struct tk_aged_hash){.slab_shift = ALL_SHIFT,
                               .slab_mask = MASK(ALL_SHIFT),
                               .part_shift = ALL_SHIFT,
                               .part_mask = MASK(ALL_SHIFT),
                               .entry_bytes = (uint32_t)entry_bytes,
                               .round = 1,
                               .max = max};
    while (t->round < 2 * max) /* twice as many buckets, so four to eight for each entry */
        t->round *= 2;
    t->bucket_count = 2 * t->round;
    return add_slab(t) && add_part(t);
}

bool tk_aged_hash_init_growing(struct tk_aged_hash *t, size_t entry_bytes, bool is_secret)
{
    *t = (struct tk_aged_hash){.slab_shift = SLAB_SHIFT,
                               .slab_mask = MASK(SLAB_SHIFT),
                               .part_shift = PART_SHIFT,
                               .part_mask = MASK(PART_SHIFT),
                               .entry_bytes = (uint32_t)entry_bytes,
                               .round = 1u << PART_SHIFT,
                               .bucket_count = 1u << PART_SHIFT,
                               .max = UINT32_MAX,
                               .is_growing = true,
                               .is_secret = is_secret};
    return add_part(t);
}

static void wipe_slab(const struct tk_aged_hash *t, uint32_t slab)
{
    size_t before = slab * slab_entries(t), touched = (size_t)t->used + 1 - before;

    explicit_bzero(t->slabs.at[slab], (touched < slab_entries(t) ? touched : slab_entries(t)) * t->entry_bytes);
}

void tk_aged_hash_done(struct tk_aged_hash *t)
{
    for (uint32_t i = 0; i < t->slabs.count; i++) {
        if (t->is_secret)
            wipe_slab(t, i);
        free_slab(t, t->slabs.at[i]);
    }
    for (uint32_t i = 0; i < t->parts.count; i++)
        free(t->parts.at[i]);
    free(t->slabs.at);
    free(t->parts.at);
    *t = (struct tk_aged_hash){.count = 0};
}

void tk_aged_hash_limit(struct tk_aged_hash *t, uint32_t max)
{
    TK_ASSERT(t->is_growing && t->count <= max);
    t->max = max;
}

size_t tk_aged_hash_bytes(const struct tk_aged_hash *t)
{
    return t->slabs.count * slab_bytes(t) + t->parts.count * part_bytes(t) +
           ((size_t)t->slabs.room + t->parts.room) * sizeof(void *);
}

/* --- entries --------------------------------------------------------------------------------------------------- */

/* One bucket more: the next in turn gives it those of its entries that belong there. Without memory, chains get longer. */
static void split_bucket(struct tk_aged_hash *t)
{
    uint32_t *from = tk_aged_hash_bucket(t, t->bucket_count - t->round), *to;

    if (t->bucket_count >> t->part_shift == t->parts.count && !add_part(t))
        return;
    t->bucket_count++;
    to = tk_aged_hash_bucket(t, t->bucket_count - 1);
    while (*from) {
        struct tk_aged *aged = tk_aged_hash_at(t, *from);

        if (aged->hash & t->round) {
            *to = *from;
            *from = aged->next;
            to = &aged->next;
            *to = 0;
        } else {
            from = &aged->next;
        }
    }
    if (t->bucket_count == 2 * t->round)
        t->round *= 2;
}

/* @returns the number of an entry that is all zero but for its struct tk_aged; 0: out of memory */
static uint32_t take_entry(struct tk_aged_hash *t)
{
    uint32_t number = t->free;

    if (number) {
        t->free = ((const struct tk_aged *)tk_aged_hash_at(t, number))->next;
        return number;
    }
    if ((t->used + 1) >> t->slab_shift == t->slabs.count && !add_slab(t))
        return 0;
    return ++t->used;
}

uint32_t tk_aged_hash_add(struct tk_aged_hash *t, uint32_t hash)
{
    uint32_t number, *bucket;
    struct tk_aged *aged;

    TK_ASSERT(t->count <= t->max);
    if (tk_aged_hash_is_full(t) || !(number = take_entry(t)))
        return 0;
    bucket = tk_aged_hash_bucket(t, hash);
    aged = tk_aged_hash_at(t, number);
    *aged = (struct tk_aged){.next = *bucket, .hash = hash};
    *bucket = number;
    if (++t->count > t->bucket_count)
        split_bucket(t);
    return number;
}

void tk_aged_hash_remove(struct tk_aged_hash *t, uint32_t number)
{
    struct tk_aged *aged = tk_aged_hash_at(t, number);
    uint32_t *link = tk_aged_hash_bucket(t, aged->hash);

    while (*link != number) {
        TK_ASSERT(*link); /* else it is not there, or was removed before */
        link = &((struct tk_aged *)tk_aged_hash_at(t, *link))->next;
    }
    *link = aged->next;
    explicit_bzero(aged, t->entry_bytes);
    aged->next = t->free;
    t->free = number;
    t->count--;
}
