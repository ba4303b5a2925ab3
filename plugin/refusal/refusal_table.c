/* SPDX-License-Identifier: Apache-2.0 */
/* Entries are found by a hash of their key, peers by a hash of their address: that is all a packet costs, however
 * many there are. Each entry is in one of two lists, both in the order in which their entries are due:
 *
 *   fresh    no record of it went out yet
 *   waiting  for the end of its minute: since its last record; or, of a stale clock, since its first packet */
#include "refusal/refusal_table.h"

#include <stdlib.h>
#include <string.h>

#include "base/hash.h"

#define NONE  UINT16_MAX
#define SLOTS (2 * TK_REFUSAL_ENTRIES) /* a power of two */

/** What is added up as one. All bytes, zeros behind what is shorter. */
struct key {
    uint8_t reason, family, user_len, engine_len;
    uint8_t address[16];
    char user[TK_USER_BYTES];
    uint8_t engine[TK_ENGINE_BYTES];
};

/** An address of which there are entries. */
struct peer {
    uint64_t hash;
    uint16_t next_in_slot;       /* or in the list of free ones */
    uint16_t detailed, entries;  /* entries with user and engine; all */
    uint16_t merged[TK_REASONS]; /* entry of all its further users and engines; NONE */
    uint8_t family, address[16];
};

enum list { NO_LIST, FRESH, WAITING, LISTS };

struct entry {
    struct key key;            /* of one with user and engine */
    struct tk_refusal refusal; /* the last one */
    uint64_t hash;
    uint64_t count;          /* since the last record */
    tk_nsec first, last;     /* of those, wall clock */
    tk_nsec due;             /* CLOCK_MONOTONIC */
    uint16_t next_in_slot;   /* or in the list of free ones */
    uint16_t peer;           /* NONE: one of those for all peers, whose number is the reason */
    uint16_t before, behind; /* in its list */
    uint8_t list;            /* enum list */
    bool is_merged, was_told;
};

struct tk_refusal_table {
    uint64_t seed, merged, number;
    tk_nsec credit, credited; /* nanoseconds times TK_REFUSAL_BURST; a record costs a second */
    uint16_t given;           /* by tk_refusal_table_next(), or NONE */
    tk_nsec given_due;
    uint16_t free_entry, free_peer;
    struct {
        uint16_t first, last;
    } lists[LISTS];
    uint16_t entry_slots[SLOTS], peer_slots[SLOTS];
    struct entry entries[TK_REFUSAL_ENTRIES]; /* the first TK_REASONS for all peers */
    struct peer peers[TK_REFUSAL_ENTRIES];
};

struct tk_refusal_table *tk_refusal_table_new(void)
{
    struct tk_refusal_table *t = calloc(1, sizeof(*t));

    if (!t)
        return NULL;
    t->seed = tk_random_seed();
    t->credit = TK_REFUSAL_BURST * TK_SECOND;
    t->given = NONE;
    memset(t->entry_slots, 0xff, sizeof(t->entry_slots));
    memset(t->peer_slots, 0xff, sizeof(t->peer_slots));
    for (int i = FRESH; i < LISTS; i++)
        t->lists[i].first = t->lists[i].last = NONE;
    for (uint16_t i = 0; i < TK_REFUSAL_ENTRIES; i++) {
        t->entries[i].next_in_slot = t->peers[i].next_in_slot = i + 1 < TK_REFUSAL_ENTRIES ? i + 1 : NONE;
        t->entries[i].is_merged = i < TK_REASONS;
        t->entries[i].peer = NONE;
    }
    t->free_entry = TK_REASONS;
    t->free_peer = 0;
    return t;
}

void tk_refusal_table_free(struct tk_refusal_table *t)
{
    free(t);
}

uint64_t tk_refusal_table_merged(const struct tk_refusal_table *t)
{
    return t->merged;
}

/* --- lists ----------------------------------------------------------------------------------------------------- */

static void unlist(struct tk_refusal_table *t, uint16_t i)
{
    struct entry *e = &t->entries[i];

    if (e->before == NONE)
        t->lists[e->list].first = e->behind;
    else
        t->entries[e->before].behind = e->behind;
    if (e->behind == NONE)
        t->lists[e->list].last = e->before;
    else
        t->entries[e->behind].before = e->before;
    e->list = NO_LIST;
}

static void append(struct tk_refusal_table *t, uint16_t i, enum list list, tk_nsec due)
{
    struct entry *e = &t->entries[i];
    uint16_t last = t->lists[list].last;

    e->list = list;
    e->due = due;
    e->before = last;
    e->behind = NONE;
    if (last == NONE)
        t->lists[list].first = i;
    else
        t->entries[last].behind = i;
    t->lists[list].last = i;
}

static void prepend(struct tk_refusal_table *t, uint16_t i, enum list list, tk_nsec due)
{
    struct entry *e = &t->entries[i];
    uint16_t first = t->lists[list].first;

    e->list = list;
    e->due = due;
    e->before = NONE;
    e->behind = first;
    if (first == NONE)
        t->lists[list].last = i;
    else
        t->entries[first].before = i;
    t->lists[list].first = i;
}

/* --- finding --------------------------------------------------------------------------------------------------- */

static uint64_t read_key(const struct tk_refusal_table *t, struct key *ret_key, const struct tk_refusal *r)
{
    *ret_key = (struct key){.reason = (uint8_t)r->reason,
                            .family = r->peer.family,
                            .user_len = r->user_len,
                            .engine_len = r->engine_len};
    memcpy(ret_key->address, r->peer.address, sizeof(ret_key->address));
    memcpy(ret_key->user, r->user, r->user_len);
    memcpy(ret_key->engine, r->engine, r->engine_len);
    return tk_hash64(ret_key, sizeof(*ret_key), t->seed);
}

static uint16_t find_entry(const struct tk_refusal_table *t, uint64_t hash, const struct key *key)
{
    uint16_t i = t->entry_slots[hash % SLOTS];

    while (i != NONE && (t->entries[i].hash != hash || memcmp(&t->entries[i].key, key, sizeof(*key)) != 0))
        i = t->entries[i].next_in_slot;
    return i;
}

static uint16_t find_peer(const struct tk_refusal_table *t, uint64_t hash, const struct tk_peer *peer)
{
    uint16_t i = t->peer_slots[hash % SLOTS];

    while (i != NONE && (t->peers[i].hash != hash || t->peers[i].family != peer->family ||
                         memcmp(t->peers[i].address, peer->address, sizeof(peer->address)) != 0))
        i = t->peers[i].next_in_slot;
    return i;
}

/* --- making and dropping --------------------------------------------------------------------------------------- */

/* Called only with a free entry at hand, and each peer has one: there are enough. */
static uint16_t add_peer(struct tk_refusal_table *t, uint64_t hash, const struct tk_peer *peer)
{
    uint16_t i = t->free_peer;
    struct peer *p = &t->peers[i];

    t->free_peer = p->next_in_slot;
    *p = (struct peer){.hash = hash, .next_in_slot = t->peer_slots[hash % SLOTS], .family = peer->family};
    memcpy(p->address, peer->address, sizeof(p->address));
    memset(p->merged, 0xff, sizeof(p->merged));
    t->peer_slots[hash % SLOTS] = i;
    return i;
}

static void drop_peer(struct tk_refusal_table *t, uint16_t i)
{
    uint16_t *link = &t->peer_slots[t->peers[i].hash % SLOTS];

    while (*link != i)
        link = &t->peers[*link].next_in_slot;
    *link = t->peers[i].next_in_slot;
    t->peers[i].next_in_slot = t->free_peer;
    t->free_peer = i;
}

static uint16_t add_entry(struct tk_refusal_table *t, uint16_t peer)
{
    uint16_t i = t->free_entry;

    t->free_entry = t->entries[i].next_in_slot;
    t->entries[i] = (struct entry){.peer = peer, .next_in_slot = NONE};
    t->peers[peer].entries++;
    return i;
}

static uint16_t add_detailed(struct tk_refusal_table *t, uint16_t peer, uint64_t hash, const struct key *key)
{
    uint16_t i = add_entry(t, peer);
    struct entry *e = &t->entries[i];

    e->hash = hash;
    e->key = *key;
    e->next_in_slot = t->entry_slots[hash % SLOTS];
    t->entry_slots[hash % SLOTS] = i;
    t->peers[peer].detailed++;
    return i;
}

static uint16_t add_merged(struct tk_refusal_table *t, uint16_t peer, enum tk_reason reason)
{
    uint16_t i = add_entry(t, peer);

    t->entries[i].is_merged = true;
    t->peers[peer].merged[reason] = i;
    return i;
}

static void forget(struct tk_refusal_table *t, uint16_t i)
{
    struct entry *e = &t->entries[i];
    struct peer *p = &t->peers[e->peer];

    if (e->is_merged) {
        p->merged[e->refusal.reason] = NONE;
    } else {
        uint16_t *link = &t->entry_slots[e->hash % SLOTS];

        while (*link != i)
            link = &t->entries[*link].next_in_slot;
        *link = e->next_in_slot;
        p->detailed--;
    }
    if (--p->entries == 0)
        drop_peer(t, e->peer);
    e->next_in_slot = t->free_entry;
    t->free_entry = i;
}

static void drop(struct tk_refusal_table *t, uint16_t i)
{
    struct entry *e = &t->entries[i];

    unlist(t, i);
    e->count = 0;
    e->was_told = false;
    if (e->peer != NONE)
        forget(t, i);
}

/* --- adding ---------------------------------------------------------------------------------------------------- */

static uint16_t entry_for(struct tk_refusal_table *t, const struct tk_refusal *r)
{
    const bool is_full = t->free_entry == NONE;
    struct key key;
    uint64_t hash = read_key(t, &key, r);
    uint16_t i = find_entry(t, hash, &key), peer;

    if (i != NONE)
        return i;
    /* What reaches this line may be a flood of invented names. */
    const uint64_t peer_hash = tk_hash64(&key.family, 1, tk_hash64(key.address, sizeof(key.address), t->seed));

    peer = find_peer(t, peer_hash, &r->peer);
    if (peer == NONE && !is_full)
        peer = add_peer(t, peer_hash, &r->peer);
    if (peer == NONE)
        return (uint16_t)r->reason;
    if (!is_full && t->peers[peer].detailed < TK_REFUSAL_PER_PEER)
        return add_detailed(t, peer, hash, &key);
    if (t->peers[peer].merged[r->reason] != NONE)
        return t->peers[peer].merged[r->reason];
    return is_full ? (uint16_t)r->reason : add_merged(t, peer, r->reason);
}

/* A sender that learns our clock by our report needs two attempts; only one that does not learn it is news. */
static bool deserves_record(const struct entry *e)
{
    return e->count >= (e->refusal.hint == TK_HINT_STALE_CLOCK ? TK_REFUSAL_STALE : 1);
}

void tk_refusal_table_add(struct tk_refusal_table *t, const struct tk_refusal *refusal, const struct tk_time *now)
{
    uint16_t i = entry_for(t, refusal);
    struct entry *e = &t->entries[i];

    e->refusal = *refusal;
    t->merged += e->is_merged;
    if (e->count++ == 0)
        e->first = now->wall;
    e->last = now->wall;
    if (e->list == WAITING && !e->was_told && deserves_record(e)) {
        unlist(t, i);
        append(t, i, FRESH, now->mono);
    } else if (e->list == NO_LIST) {
        bool is_due = deserves_record(e);

        append(t, i, is_due ? FRESH : WAITING, is_due ? now->mono : now->mono + TK_REFUSAL_PERIOD);
    }
}

/* --- records --------------------------------------------------------------------------------------------------- */

static void refill(struct tk_refusal_table *t, tk_nsec now)
{
    tk_nsec passed = now - t->credited;

    if (passed >= TK_SECOND || t->credit + passed * TK_REFUSAL_BURST > TK_REFUSAL_BURST * TK_SECOND)
        t->credit = TK_REFUSAL_BURST * TK_SECOND;
    else if (passed > 0)
        t->credit += passed * TK_REFUSAL_BURST;
    t->credited = now;
}

/* Those whose minute ended without news. */
static void drop_idle(struct tk_refusal_table *t, tk_nsec now)
{
    uint16_t i;

    while ((i = t->lists[WAITING].first) != NONE && t->entries[i].due <= now && !deserves_record(&t->entries[i]))
        drop(t, i);
}

/* @returns the one that is due for the longest time, or NONE */
static uint16_t first_due(const struct tk_refusal_table *t, tk_nsec now)
{
    uint16_t fresh = t->lists[FRESH].first, waiting = t->lists[WAITING].first;

    if (fresh != NONE && (waiting == NONE || t->entries[fresh].due <= t->entries[waiting].due))
        return fresh;
    return waiting != NONE && t->entries[waiting].due <= now ? waiting : NONE;
}

static void give(struct tk_refusal_table *t, uint16_t i, tk_nsec now, struct tk_refusal_report *ret_report)
{
    struct entry *e = &t->entries[i];

    *ret_report = (struct tk_refusal_report){.number = ++t->number,
                                             .count = e->count,
                                             .first = e->first,
                                             .last = e->last,
                                             .is_merged = e->is_merged,
                                             .refusal = e->refusal};
    if (e->peer == NONE) /* many: the last one is no better than the others */
        ret_report->refusal.peer = (struct tk_peer){0};
    t->credit -= TK_SECOND;
    t->given = i;
    t->given_due = e->due;
    e->count = 0;
    e->was_told = true;
    unlist(t, i);
    append(t, i, WAITING, now + TK_REFUSAL_PERIOD);
}

bool tk_refusal_table_next(struct tk_refusal_table *t, const struct tk_time *now, struct tk_refusal_report *ret_report)
{
    uint16_t i;

    refill(t, now->mono);
    drop_idle(t, now->mono);
    i = t->credit >= TK_SECOND ? first_due(t, now->mono) : NONE;
    if (i == NONE)
        return false;
    give(t, i, now->mono, ret_report);
    return true;
}

void tk_refusal_table_put_back(struct tk_refusal_table *t, const struct tk_refusal_report *report)
{
    struct entry *e = &t->entries[t->given];

    unlist(t, t->given);
    prepend(t, t->given, FRESH, t->given_due); /* nothing is due for longer */
    e->count += report->count;
    e->first = report->first;
    t->credit += TK_SECOND;
    t->number--;
    t->given = NONE;
}
