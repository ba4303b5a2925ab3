/* SPDX-License-Identifier: Apache-2.0 */
/* Entries are found by a hash of their key, peers by a hash of their address: that is all a packet costs, however
 * many there are. Each entry that has packets, or had some in its last minute, is in one of two lists of its cause, both in
 * the order in which their entries are due:
 *
 *   fresh    no record of it went out yet
 *   waiting  for the end of its minute: since its last record; or, of a stale clock, since its first packet
 *
 * Causes take turns, so that many senders with one trouble do not hide one sender with another. */
#include "refusal/refusal_table.h"

#include <stdlib.h>
#include <string.h>

#include "base/aged_hash.h"
#include "base/hash.h"

/** A reason and its hint. */
#define CAUSES              (TK_REASONS * TK_HINTS)
#define CAUSE_OF(entry_key) ((uint32_t)(entry_key)->reason * TK_HINTS + (entry_key)->hint)

/** Whose packets an entry adds up, all of one cause. */
enum scope { DETAILED, REST_OF_PEER, ALL_PEERS };

/** What is added up as one. All bytes, zeros behind what is shorter. */
struct key {
    uint8_t scope; /* enum scope */
    uint8_t reason, hint, family, user_len, engine_len;
    uint8_t address[16];
    char user[TK_USER_BYTES];
    uint8_t engine[TK_ENGINE_BYTES];
};

/** An address of which there are entries. */
struct peer {
    struct tk_aged aged;
    uint16_t detailed, entries; /* entries with user and engine; all */
    uint8_t family, address[16];
};

struct entry {
    struct tk_aged aged;
    struct tk_age_link by_due;
    struct key key;
    struct tk_refusal refusal; /* the last one */
    uint64_t count;            /* since the last record */
    tk_nsec first, last;       /* of those, wall clock */
    tk_nsec due;               /* CLOCK_MONOTONIC */
    struct tk_age_list *list;  /* NULL: in none */
    uint32_t peer;             /* 0: of all peers */
    bool was_told;
};

struct tk_refusal_table {
    uint64_t seed, merged, number;
    tk_nsec credit, credited; /* nanoseconds times TK_REFUSAL_BURST; a record costs a second */
    uint32_t given;           /* by tk_refusal_table_next(), or 0 */
    tk_nsec given_due;
    struct tk_aged_hash entries, peers;
    uint32_t turn; /* the cause that was told last */
    struct of_cause {
        struct tk_age_list fresh, waiting;
        uint32_t all_peers; /* the entry of senders without one of their own */
    } of[CAUSES];
};

static uint32_t add_entry(struct tk_refusal_table *t, uint32_t peer, uint32_t hash, const struct key *key);

static uint32_t count_causes(void)
{
    uint32_t count = 0;

    for (uint32_t cause = 0; cause < CAUSES; cause++)
        count += tk_hint_fits(cause % TK_HINTS, cause / TK_HINTS);
    return count;
}

static void begin_cause(struct tk_refusal_table *t, uint32_t cause)
{
    const struct key key = {.scope = ALL_PEERS,
                            .reason = (uint8_t)(cause / TK_HINTS),
                            .hint = (uint8_t)(cause % TK_HINTS)};
    const uint32_t without_hint = key.reason * (uint32_t)TK_HINTS;

    t->of[cause].fresh = t->of[cause].waiting = TK_AGE_LIST(struct entry, by_due);
    t->of[cause].all_peers = tk_hint_fits(key.hint, key.reason) ? add_entry(t, 0, cause, &key)
                                                                : t->of[without_hint].all_peers;
}

struct tk_refusal_table *tk_refusal_table_new(void)
{
    struct tk_refusal_table *t = calloc(1, sizeof(*t));

    if (!t)
        return NULL;
    t->seed = tk_random_seed();
    t->credit = TK_REFUSAL_BURST * TK_SECOND;
    if (!tk_aged_hash_init_fixed(&t->entries, sizeof(struct entry), TK_REFUSAL_ENTRIES + count_causes()) ||
        !tk_aged_hash_init_fixed(&t->peers, sizeof(struct peer), TK_REFUSAL_ENTRIES)) {
        tk_refusal_table_free(t);
        return NULL;
    }
    for (uint32_t cause = 0; cause < CAUSES; cause++)
        begin_cause(t, cause);
    return t;
}

void tk_refusal_table_free(struct tk_refusal_table *t)
{
    if (!t)
        return;
    tk_aged_hash_done(&t->entries);
    tk_aged_hash_done(&t->peers);
    free(t);
}

uint64_t tk_refusal_table_merged(const struct tk_refusal_table *t)
{
    return t->merged;
}

static struct entry *entry_at(const struct tk_refusal_table *t, uint32_t i)
{
    return tk_aged_hash_at(&t->entries, i);
}

static struct peer *peer_at(const struct tk_refusal_table *t, uint32_t i)
{
    return tk_aged_hash_at(&t->peers, i);
}

/* --- lists ----------------------------------------------------------------------------------------------------- */

static struct of_cause *cause_of(struct tk_refusal_table *t, const struct entry *e)
{
    return &t->of[CAUSE_OF(&e->key)];
}

static void unlist(struct tk_refusal_table *t, uint32_t i)
{
    struct entry *e = entry_at(t, i);

    tk_age_list_take_out(&t->entries, e->list, i);
    e->list = NULL;
}

static void append(struct tk_refusal_table *t, uint32_t i, struct tk_age_list *list, tk_nsec due)
{
    struct entry *e = entry_at(t, i);

    e->list = list;
    e->due = due;
    tk_age_list_append(&t->entries, list, i);
}

/* --- finding --------------------------------------------------------------------------------------------------- */

static uint32_t hash_of_key(const struct tk_refusal_table *t, const struct key *key)
{
    return (uint32_t)tk_hash64(key, sizeof(*key), t->seed);
}

static struct key read_key(const struct tk_refusal *r)
{
    struct key key = {.scope = DETAILED,
                      .reason = (uint8_t)r->reason,
                      .hint = (uint8_t)r->hint,
                      .family = r->peer.family,
                      .user_len = r->user_len,
                      .engine_len = r->engine_len};

    memcpy(key.address, r->peer.address, sizeof(key.address));
    memcpy(key.user, r->user, r->user_len);
    memcpy(key.engine, r->engine, r->engine_len);
    return key;
}

static bool is_same_key(const void *entry, const void *key)
{
    return memcmp(&((const struct entry *)entry)->key, key, sizeof(struct key)) == 0;
}

static uint32_t find_entry(const struct tk_refusal_table *t, uint32_t hash, const struct key *key)
{
    return tk_aged_hash_find(&t->entries, hash, is_same_key, key);
}

static uint32_t hash_of_peer(const struct tk_refusal_table *t, const struct tk_peer *peer)
{
    return (uint32_t)tk_hash64(&peer->family, 1, tk_hash64(peer->address, sizeof(peer->address), t->seed));
}

static bool is_same_peer(const void *entry, const void *key)
{
    const struct peer *p = entry;
    const struct tk_peer *peer = key;

    return p->family == peer->family && memcmp(p->address, peer->address, sizeof(p->address)) == 0;
}

/* --- making and dropping --------------------------------------------------------------------------------------- */

/* Called only with a free entry at hand, and each peer has one: there are enough. */
static uint32_t add_peer(struct tk_refusal_table *t, uint32_t hash, const struct tk_peer *peer)
{
    uint32_t i = tk_aged_hash_add(&t->peers, hash);
    struct peer *p = peer_at(t, i);

    p->family = peer->family;
    memcpy(p->address, peer->address, sizeof(p->address));
    return i;
}

/* Called only with a free entry at hand. */
static uint32_t add_entry(struct tk_refusal_table *t, uint32_t peer, uint32_t hash, const struct key *key)
{
    uint32_t i = tk_aged_hash_add(&t->entries, hash);
    struct entry *e = entry_at(t, i);

    e->key = *key;
    e->peer = peer;
    if (peer) {
        peer_at(t, peer)->entries++;
        peer_at(t, peer)->detailed += key->scope == DETAILED;
    }
    return i;
}

static void forget(struct tk_refusal_table *t, uint32_t i)
{
    const struct entry *e = entry_at(t, i);
    struct peer *p = peer_at(t, e->peer);

    p->detailed -= e->key.scope == DETAILED;
    if (--p->entries == 0)
        tk_aged_hash_remove(&t->peers, e->peer);
    tk_aged_hash_remove(&t->entries, i);
}

static void drop(struct tk_refusal_table *t, uint32_t i)
{
    struct entry *e = entry_at(t, i);

    unlist(t, i);
    e->count = 0;
    e->was_told = false;
    if (e->peer)
        forget(t, i);
}

/* --- adding ---------------------------------------------------------------------------------------------------- */

static uint32_t entry_for(struct tk_refusal_table *t, const struct tk_refusal *r)
{
    const bool is_full = tk_aged_hash_is_full(&t->entries);
    struct key key = read_key(r);
    const uint32_t of_all_peers = t->of[CAUSE_OF(&key)].all_peers;
    uint32_t hash = hash_of_key(t, &key), i = find_entry(t, hash, &key), peer;

    if (i)
        return i;
    /* What reaches this line may be a flood of invented names. */
    const uint32_t peer_hash = hash_of_peer(t, &r->peer);

    peer = tk_aged_hash_find(&t->peers, peer_hash, is_same_peer, &r->peer);
    if (!peer && !is_full)
        peer = add_peer(t, peer_hash, &r->peer);
    if (!peer)
        return of_all_peers;
    if (!is_full && peer_at(t, peer)->detailed < TK_REFUSAL_PER_PEER)
        return add_entry(t, peer, hash, &key);
    key = (struct key){.scope = REST_OF_PEER, .reason = key.reason, .hint = key.hint, .family = key.family};
    memcpy(key.address, r->peer.address, sizeof(key.address));
    hash = peer_hash + CAUSE_OF(&key);
    i = find_entry(t, hash, &key);
    if (i)
        return i;
    return is_full ? of_all_peers : add_entry(t, peer, hash, &key);
}

/* A sender that learns our clock by our report needs two attempts; only one that does not learn it is news. */
static bool deserves_record(const struct entry *e)
{
    return e->count >= (e->refusal.hint == TK_HINT_STALE_CLOCK ? TK_REFUSAL_STALE : 1);
}

void tk_refusal_table_add(struct tk_refusal_table *t, const struct tk_refusal *refusal, const struct tk_time *now)
{
    uint32_t i = entry_for(t, refusal);
    struct entry *e = entry_at(t, i);
    struct of_cause *of = cause_of(t, e);

    e->refusal = *refusal;
    t->merged += e->key.scope != DETAILED;
    if (e->count++ == 0)
        e->first = now->wall;
    e->last = now->wall;
    if (e->list == &of->waiting && !e->was_told && deserves_record(e)) {
        unlist(t, i);
        append(t, i, &of->fresh, now->mono);
    } else if (!e->list) {
        bool is_due = deserves_record(e);

        append(t, i, is_due ? &of->fresh : &of->waiting, is_due ? now->mono : now->mono + TK_REFUSAL_PERIOD);
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

/* Drop those whose minute ended without news. */
static void drop_idle(struct tk_refusal_table *t, const struct of_cause *of, tk_nsec now)
{
    uint32_t i;

    while ((i = of->waiting.oldest) && entry_at(t, i)->due <= now && !deserves_record(entry_at(t, i)))
        drop(t, i);
}

/* @returns the entry of this cause that is due for the longest time, or 0 */
static uint32_t first_due(const struct tk_refusal_table *t, const struct of_cause *of, tk_nsec now)
{
    uint32_t fresh = of->fresh.oldest, waiting = of->waiting.oldest;

    if (fresh && (!waiting || entry_at(t, fresh)->due <= entry_at(t, waiting)->due))
        return fresh;
    return waiting && entry_at(t, waiting)->due <= now ? waiting : 0;
}

/* @returns an entry of the next cause that has one due, or 0 */
static uint32_t take_turn(struct tk_refusal_table *t, tk_nsec now)
{
    for (uint32_t n = 1; n <= CAUSES; n++) {
        uint32_t cause = (t->turn + n) % CAUSES, i = first_due(t, &t->of[cause], now);

        if (i) {
            t->turn = cause;
            return i;
        }
    }
    return 0;
}

static void give(struct tk_refusal_table *t, uint32_t i, tk_nsec now, struct tk_refusal_report *ret_report)
{
    struct entry *e = entry_at(t, i);

    *ret_report = (struct tk_refusal_report){.number = ++t->number,
                                             .count = e->count,
                                             .first = e->first,
                                             .last = e->last,
                                             .is_merged = e->key.scope != DETAILED,
                                             .refusal = e->refusal};
    if (!e->peer) /* many: the last one is no better than the others */
        ret_report->refusal.peer = (struct tk_peer){0};
    t->credit -= TK_SECOND;
    t->given = i;
    t->given_due = e->due;
    e->count = 0;
    e->was_told = true;
    unlist(t, i);
    append(t, i, &cause_of(t, e)->waiting, now + TK_REFUSAL_PERIOD);
}

bool tk_refusal_table_next(struct tk_refusal_table *t, const struct tk_time *now, struct tk_refusal_report *ret_report)
{
    uint32_t i;

    refill(t, now->mono);
    for (uint32_t cause = 0; cause < CAUSES; cause++)
        drop_idle(t, &t->of[cause], now->mono);
    i = t->credit >= TK_SECOND ? take_turn(t, now->mono) : 0;
    if (!i)
        return false;
    give(t, i, now->mono, ret_report);
    return true;
}

void tk_refusal_table_put_back(struct tk_refusal_table *t, const struct tk_refusal_report *report)
{
    struct entry *e = entry_at(t, t->given);

    unlist(t, t->given);
    e->list = &cause_of(t, e)->fresh;
    e->due = t->given_due;
    tk_age_list_prepend(&t->entries, e->list, t->given); /* nothing is due for longer */
    e->count += report->count;
    e->first = report->first;
    t->credit += TK_SECOND;
    t->number--;
    t->given = 0;
}
