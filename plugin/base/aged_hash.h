/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file aged_hash.h
 * @brief A bounded hash table whose entries also stand in lists by age: for dedup's keys, learned SNMPv3 engines, INFORMs
 *        and refused packets.
 *
 * An entry is a struct of the caller's that begins with a struct tk_aged and has a struct tk_age_link for each list it may
 * stand in. Entries never move. Each has a number, from 1 on, which stays the same until the entry is removed; 0 is none.
 * The table finds, adds and removes entries. The lists are the caller's: it decides what is old and which entry makes room.
 *
 * Two kinds:
 *   fixed    Room for all entries is taken at creation, so adding below the bound never fails and never allocates. The
 *            room is zero pages that the kernel provides as entries are used.
 *   growing  Room is taken as entries are added, and given back at the end only. The bound can be changed at any time.
 *            Adding fails when memory is out.
 *
 * Owner:  one thread, the one that owns what the table is part of. No locks.
 * Bound:  `max` entries. At the bound tk_aged_hash_add() adds nothing: the caller removes an entry first.
 * Memory: fixed: max + 1 entries, and 16 to 32 bytes of index for each. Growing: blocks of 1024 entries and 4 bytes of
 *         index for each entry.
 * Cost:   a look-up reads one bucket and, as there are as many buckets as entries or more, one or two entries. A fixed
 *         table has four buckets or more for each entry: the storm of alarms that are all new then seldom reads another
 *         entry, which would be in no cache. List operations read and write three entries at most. The most expensive
 *         tk_aged_hash_add() of a growing table takes one block of entries (a mapping or calloc()) and one of the
 *         index (16 KiB), and each time the number of blocks has doubled it moves the pointers to them: 128 KiB for
 *         ten million entries. The index is a linear hash, so it is never moved as a whole: each entry that is added
 *         splits one bucket.
 * Weak:   hashes have 32 bits and come from the caller. If strangers choose what is hashed, the caller seeds the hash; else
 *         they can make one bucket as long as the table.
 *
 * Devel builds (--enable-devel) abort when a number was never an entry's, when links of a list contradict each other, and
 * when there are more entries than the bound.
 */
#ifndef TK_AGED_HASH_H
#define TK_AGED_HASH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/devel.h"

/** First member of each entry; the table's own. */
struct tk_aged {
    uint32_t next; /* in its bucket, or in the list of free entries */
    uint32_t hash;
};

/** A member of each entry, for each list that it may stand in; the list's own. */
struct tk_age_link {
    uint32_t older, newer;
};

/** Entries of one table by age. Made by TK_AGE_LIST(); the caller reads `oldest` and `newest`. */
struct tk_age_list {
    uint32_t oldest, newest;
    uint32_t link_at; /* where in an entry its link is */
};

/** An empty list of entries of type @p entry that are linked by their member @p link. */
#define TK_AGE_LIST(entry, link) ((struct tk_age_list){.link_at = (uint32_t)offsetof(entry, link)})

/** Blocks of one size that never move; only the pointers to them do. */
struct tk_aged_blocks {
    void **at;
    uint32_t count, room;
};

/** The caller reads `count` and `max`; the rest is for the functions below. All zero: no table, for tk_aged_hash_done(). */
struct tk_aged_hash {
    uint32_t count, max;
    uint8_t *first_slab; /* slabs.at[0] and parts.at[0]: all of a fixed table */
    uint32_t *first_part;
    struct tk_aged_blocks slabs;     /* of entries */
    struct tk_aged_blocks parts;     /* of the index: uint32_t, the first entry of each bucket */
    uint32_t slab_shift, part_shift; /* a slab has 1 << slab_shift entries */
    uint32_t slab_mask, part_mask;
    uint32_t entry_bytes;
    uint32_t bucket_count; /* round..2 * round */
    uint32_t round;        /* a power of two; buckets below bucket_count - round have been split in this round */
    uint32_t used, free;   /* entries 1..used have been used; of these, the first free one */
    bool is_growing, is_secret;
};

/**
 * @brief Make a fixed table.
 * @param entry_bytes  size of the caller's struct
 * @param max          1..2^29
 * @returns false: out of memory; tk_aged_hash_done() is allowed
 * @locality any  @locks none
 */
bool tk_aged_hash_init_fixed(struct tk_aged_hash *t, size_t entry_bytes, uint32_t max);

/**
 * @brief Make a growing table without bound; tk_aged_hash_limit() sets one.
 * @param is_secret  entries hold keys: their memory is left out of core dumps, and wiped at the end
 * @returns false: out of memory; tk_aged_hash_done() is allowed
 * @locality any  @locks none
 */
bool tk_aged_hash_init_growing(struct tk_aged_hash *t, size_t entry_bytes, bool is_secret);

/** @brief Give back all memory. @locality owner @locks none */
void tk_aged_hash_done(struct tk_aged_hash *t);

/** @brief Set the bound of a growing table, which has no more than @p max entries now. @locality owner @locks none */
void tk_aged_hash_limit(struct tk_aged_hash *t, uint32_t max);

/** @brief Add an entry, all zero but for its struct tk_aged, in no list.
 *  @returns its number (that of an entry that was removed, else the lowest one never used); 0: the table is full, or
 *  (growing tables only) memory is out  @locality owner @locks none */
uint32_t tk_aged_hash_add(struct tk_aged_hash *t, uint32_t hash);

/** @brief Remove an entry that is in no list any more, and wipe it: it stays readable, all zero but for its struct
 *  tk_aged, until its number is given to another. @locality owner @locks none */
void tk_aged_hash_remove(struct tk_aged_hash *t, uint32_t number);

/** @brief Bytes taken; of a fixed table, all that it can touch. @locality owner @locks none */
size_t tk_aged_hash_bytes(const struct tk_aged_hash *t);

/** @brief Are there as many entries as there may be? @locality owner @locks none */
static inline bool tk_aged_hash_is_full(const struct tk_aged_hash *t)
{
    return t->count >= t->max;
}

/* The functions from here on are called for each trap, so they are inlined. A fixed table is one slab and one part: it
 * takes the short way out of tk_aged_hash_at() and tk_aged_hash_bucket(). */

/** @brief The entry with this number. @locality owner @locks none */
static inline void *tk_aged_hash_at(const struct tk_aged_hash *t, uint32_t number)
{
    TK_ASSERT(number >= 1 && number <= t->used);
    if (number <= t->slab_mask)
        return t->first_slab + (size_t)number * t->entry_bytes;
    return (uint8_t *)t->slabs.at[number >> t->slab_shift] + (size_t)(number & t->slab_mask) * t->entry_bytes;
}

/** @brief The bucket of this hash: the number of its first entry. Not for callers. @locality owner @locks none */
static inline uint32_t *tk_aged_hash_bucket(const struct tk_aged_hash *t, uint32_t hash)
{
    uint32_t bucket = hash & (2 * t->round - 1);

    if (bucket >= t->bucket_count)
        bucket -= t->round;
    if (bucket <= t->part_mask)
        return t->first_part + bucket;
    return (uint32_t *)t->parts.at[bucket >> t->part_shift] + (bucket & t->part_mask);
}

/** @brief Begin to fetch the bucket of a hash that will be looked for soon: of a large table it is in no cache.
 *  @locality owner @locks none */
static inline void tk_aged_hash_expect(const struct tk_aged_hash *t, uint32_t hash)
{
    __builtin_prefetch(tk_aged_hash_bucket(t, hash));
}

/**
 * @brief Find the entry with this hash that is the one of @p key.
 * @param is_same  a function that the compiler sees, so that it costs no call
 * @returns its number; 0: none
 * @locality owner  @locks none
 */
static inline uint32_t tk_aged_hash_find(const struct tk_aged_hash *t, uint32_t hash,
                                         bool (*is_same)(const void *entry, const void *key), const void *key)
{
    uint32_t number = *tk_aged_hash_bucket(t, hash);

    while (number) {
        const struct tk_aged *aged = tk_aged_hash_at(t, number);

        if (aged->hash == hash && is_same(aged, key))
            break;
        number = aged->next;
    }
    return number;
}

/* --- lists by age ---------------------------------------------------------------------------------------------- */

/** @brief An entry's link in this list. Not for callers. @locality owner @locks none */
static inline struct tk_age_link *tk_age_link_of(const struct tk_aged_hash *t, const struct tk_age_list *list,
                                                 uint32_t number)
{
    return (struct tk_age_link *)((uint8_t *)tk_aged_hash_at(t, number) + list->link_at);
}

/** @brief Where the number of @p older's newer neighbour stands; 0: of the oldest. Not for callers.
 *  @locality owner @locks none */
static inline uint32_t *tk_age_newer_than(const struct tk_aged_hash *t, struct tk_age_list *list, uint32_t older)
{
    return older ? &tk_age_link_of(t, list, older)->newer : &list->oldest;
}

/** @brief Where the number of @p newer's older neighbour stands; 0: of the newest. Not for callers.
 *  @locality owner @locks none */
static inline uint32_t *tk_age_older_than(const struct tk_aged_hash *t, struct tk_age_list *list, uint32_t newer)
{
    return newer ? &tk_age_link_of(t, list, newer)->older : &list->newest;
}

/** @brief Put an entry that is not in this list between two neighbours. Not for callers. @locality owner @locks none */
static inline void tk_age_list_insert(const struct tk_aged_hash *t, struct tk_age_list *list, uint32_t older,
                                      uint32_t number, uint32_t newer)
{
    struct tk_age_link *link = tk_age_link_of(t, list, number);

    TK_ASSERT(!link->older && !link->newer && older != number && newer != number);
    *link = (struct tk_age_link){.older = older, .newer = newer};
    *tk_age_newer_than(t, list, older) = number;
    *tk_age_older_than(t, list, newer) = number;
}

/** @brief Put an entry that is not in this list at its newest end. @locality owner @locks none */
static inline void tk_age_list_append(const struct tk_aged_hash *t, struct tk_age_list *list, uint32_t number)
{
    tk_age_list_insert(t, list, list->newest, number, 0);
}

/** @brief Put an entry that is not in this list at its oldest end. @locality owner @locks none */
static inline void tk_age_list_prepend(const struct tk_aged_hash *t, struct tk_age_list *list, uint32_t number)
{
    tk_age_list_insert(t, list, 0, number, list->oldest);
}

/** @brief Link the neighbours of an entry of this list to each other. Not for callers.
 *  @returns its number, which a neighbour had  @locality owner @locks none */
static inline uint32_t tk_age_list_unlink(const struct tk_aged_hash *t, struct tk_age_list *list,
                                          struct tk_age_link *link)
{
    uint32_t *to_it = tk_age_newer_than(t, list, link->older), *back_to_it = tk_age_older_than(t, list, link->newer);
    uint32_t number = *back_to_it;

    TK_ASSERT(*to_it == number && tk_age_link_of(t, list, number) == link);
    *to_it = link->newer;
    *back_to_it = link->older;
    *link = (struct tk_age_link){.older = 0};
    return number;
}

/** @brief Take an entry out of this list. @locality owner @locks none */
static inline void tk_age_list_take_out(const struct tk_aged_hash *t, struct tk_age_list *list, uint32_t number)
{
    (void)tk_age_list_unlink(t, list, tk_age_link_of(t, list, number));
}

/** @brief Move an entry of this list to its newest end. @locality owner @locks none */
static inline void tk_age_list_renew(const struct tk_aged_hash *t, struct tk_age_list *list, uint32_t number)
{
    if (list->newest == number)
        return;
    tk_age_list_take_out(t, list, number);
    tk_age_list_append(t, list, number);
}

/** @brief The same for a caller that has the entry and not its number. Slower: it reads the number from a neighbour.
 *  @locality owner @locks none */
static inline void tk_age_list_renew_entry(const struct tk_aged_hash *t, struct tk_age_list *list, void *entry)
{
    struct tk_age_link *link = (struct tk_age_link *)((uint8_t *)entry + list->link_at);

    if (link->newer)
        tk_age_list_append(t, list, tk_age_list_unlink(t, list, link));
}

/** @brief The entry of this list that is the next newer one. @returns 0: none @locality owner @locks none */
static inline uint32_t tk_age_list_newer(const struct tk_aged_hash *t, const struct tk_age_list *list, uint32_t number)
{
    return tk_age_link_of(t, list, number)->newer;
}

#endif /* TK_AGED_HASH_H */
