/* SPDX-License-Identifier: Apache-2.0 */
#include "host/inform_table.h"

#include <stdlib.h>

/* An entry is in one list by its state, and in another while it has a reply; each list has its oldest first. */
enum { BY_STATE, BY_REPLY, LINKS };

struct link {
    uint32_t older, newer; /* places; 0: none */
};

struct list {
    uint32_t oldest, newest;
};

struct entry {
    struct tk_hash128 key;
    uint64_t seq;
    void *reply; /* NULL: none */
    size_t reply_bytes;
    tk_nsec kept_at, ended_at;
    struct link link[LINKS];
    uint32_t chain; /* the next in its bucket, or in the list of free places; 0: none */
    enum tk_inform_state state;
    bool is_mute;
};

struct tk_inform_table {
    struct entry *entries; /* from 1 */
    uint32_t *buckets;     /* the first place of each chain */
    uint32_t places, buckets_mask;
    uint32_t used, free; /* places 1..used have been used; of these, the first free one */
    uint32_t waiting_count;
    struct list waiting, ended, replies;
    size_t bytes, most_bytes;
    uint64_t evicted;
    void (*free_reply)(void *reply);
};

struct tk_inform_table *tk_inform_table_new(uint32_t places, size_t reply_bytes, void (*free_reply)(void *reply))
{
    struct tk_inform_table *t = calloc(1, sizeof(*t));
    uint32_t buckets = 1;

    if (!t)
        return NULL;
    while (buckets < places)
        buckets *= 2;
    t->entries = calloc((size_t)places + 1, sizeof(*t->entries)); /* fresh pages: untouched until a place is used */
    t->buckets = calloc(buckets, sizeof(*t->buckets));
    t->places = places;
    t->buckets_mask = buckets - 1;
    t->most_bytes = reply_bytes;
    t->free_reply = free_reply;
    if (t->entries && t->buckets)
        return t;
    tk_inform_table_free(t);
    return NULL;
}

void tk_inform_table_free(struct tk_inform_table *t)
{
    if (!t)
        return;
    for (uint32_t place = t->replies.oldest; place; place = t->entries[place].link[BY_REPLY].newer)
        t->free_reply(t->entries[place].reply);
    free(t->entries);
    free(t->buckets);
    free(t);
}

/* --- lists and chains ------------------------------------------------------------------------------------------ */

static void append(struct tk_inform_table *t, struct list *list, int by, uint32_t place)
{
    t->entries[place].link[by] = (struct link){.older = list->newest};
    if (list->newest)
        t->entries[list->newest].link[by].newer = place;
    else
        list->oldest = place;
    list->newest = place;
}

static void take_out(struct tk_inform_table *t, struct list *list, int by, uint32_t place)
{
    struct link at = t->entries[place].link[by];

    *(at.older ? &t->entries[at.older].link[by].newer : &list->oldest) = at.newer;
    *(at.newer ? &t->entries[at.newer].link[by].older : &list->newest) = at.older;
}

static uint32_t *bucket_of(const struct tk_inform_table *t, struct tk_hash128 key)
{
    return &t->buckets[key.low & t->buckets_mask];
}

static void leave_state(struct tk_inform_table *t, uint32_t place)
{
    bool is_waiting = t->entries[place].state == TK_INFORM_WAITING;

    take_out(t, is_waiting ? &t->waiting : &t->ended, BY_STATE, place);
    if (is_waiting)
        t->waiting_count--;
}

static void enter_state(struct tk_inform_table *t, uint32_t place, enum tk_inform_state state)
{
    t->entries[place].state = state;
    append(t, state == TK_INFORM_WAITING ? &t->waiting : &t->ended, BY_STATE, place);
    if (state == TK_INFORM_WAITING)
        t->waiting_count++;
}

/* --- replies --------------------------------------------------------------------------------------------------- */

void *tk_inform_table_steal(struct tk_inform_table *t, uint32_t place)
{
    struct entry *e = &t->entries[place];
    void *reply = e->reply;

    if (!reply)
        return NULL;
    take_out(t, &t->replies, BY_REPLY, place);
    t->bytes -= e->reply_bytes;
    e->reply = NULL;
    return reply;
}

static void give_up_reply(struct tk_inform_table *t, uint32_t place)
{
    void *reply = tk_inform_table_steal(t, place);

    if (!reply)
        return;
    t->free_reply(reply);
    t->evicted++;
}

void tk_inform_table_keep(struct tk_inform_table *t, uint32_t place, void *reply, size_t bytes, tk_nsec now)
{
    struct entry *e = &t->entries[place];
    void *before = tk_inform_table_steal(t, place);

    if (before)
        t->free_reply(before);
    e->reply = reply;
    e->reply_bytes = bytes;
    e->kept_at = now;
    append(t, &t->replies, BY_REPLY, place);
    t->bytes += bytes;
    while (t->bytes > t->most_bytes)
        give_up_reply(t, t->replies.oldest);
}

/* --- entries --------------------------------------------------------------------------------------------------- */

uint32_t tk_inform_table_find(const struct tk_inform_table *t, struct tk_hash128 key)
{
    uint32_t place = *bucket_of(t, key);

    while (place && (t->entries[place].key.low != key.low || t->entries[place].key.high != key.high))
        place = t->entries[place].chain;
    return place;
}

static void remove_entry(struct tk_inform_table *t, uint32_t place)
{
    struct entry *e = &t->entries[place];
    uint32_t *at = bucket_of(t, e->key);

    give_up_reply(t, place);
    leave_state(t, place);
    while (*at != place)
        at = &t->entries[*at].chain;
    *at = e->chain;
    e->state = TK_INFORM_FREE;
    e->seq = 0;
    e->chain = t->free;
    t->free = place;
}

uint32_t tk_inform_table_add(struct tk_inform_table *t, struct tk_hash128 key)
{
    uint32_t *bucket = bucket_of(t, key), place;
    struct entry *e;

    if (!t->free && t->used == t->places)
        remove_entry(t, t->ended.oldest ? t->ended.oldest : t->waiting.oldest);
    place = t->free ? t->free : ++t->used;
    e = &t->entries[place];
    if (t->free)
        t->free = e->chain;
    *e = (struct entry){.key = key, .chain = *bucket};
    *bucket = place;
    enter_state(t, place, TK_INFORM_WAITING);
    return place;
}

void tk_inform_table_wait(struct tk_inform_table *t, uint32_t place, uint64_t seq)
{
    t->entries[place].seq = seq;
    if (t->entries[place].state == TK_INFORM_WAITING)
        return;
    leave_state(t, place);
    enter_state(t, place, TK_INFORM_WAITING);
}

void tk_inform_table_end(struct tk_inform_table *t, uint32_t place, enum tk_inform_state state, tk_nsec now)
{
    leave_state(t, place);
    enter_state(t, place, state);
    t->entries[place].ended_at = now;
}

enum tk_inform_state tk_inform_table_state(const struct tk_inform_table *t, uint32_t place)
{
    return t->entries[place].state;
}

uint64_t tk_inform_table_seq(const struct tk_inform_table *t, uint32_t place)
{
    return t->entries[place].seq;
}

void tk_inform_table_mute(struct tk_inform_table *t, uint32_t place)
{
    t->entries[place].is_mute = true;
}

bool tk_inform_table_is_mute(const struct tk_inform_table *t, uint32_t place)
{
    return t->entries[place].is_mute;
}

void tk_inform_table_expire(struct tk_inform_table *t, tk_nsec now)
{
    while (t->replies.oldest && now - t->entries[t->replies.oldest].kept_at >= TK_INFORM_REPLY_FOR)
        give_up_reply(t, t->replies.oldest);
    while (t->ended.oldest && now - t->entries[t->ended.oldest].ended_at >= TK_INFORM_KNOWN_FOR)
        remove_entry(t, t->ended.oldest);
}

uint32_t tk_inform_table_waiting(const struct tk_inform_table *t)
{
    return t->waiting_count;
}

size_t tk_inform_table_bytes(const struct tk_inform_table *t)
{
    return t->bytes;
}

uint64_t tk_inform_table_evicted(const struct tk_inform_table *t)
{
    return t->evicted;
}
