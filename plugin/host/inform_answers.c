/* SPDX-License-Identifier: Apache-2.0 */
#include "host/inform_answers.h"

#include <stdlib.h>

#include "base/aged_hash.h"

/* An entry is in one list by its state, and in another while it has a reply. */
struct entry {
    struct tk_aged aged; /* its hash is the lower half of key.low */
    struct tk_age_link by_state, by_reply, by_due;
    struct tk_hash128 key;
    uint64_t seq;
    void *reply; /* NULL: none */
    size_t reply_bytes;
    tk_nsec kept_at, ended_at;
    enum tk_inform_state state; /* TK_INFORM_FREE after it was removed */
    bool is_mute, is_due;
};

struct tk_inform_answers {
    struct tk_aged_hash entries; /* an entry's number is its place */
    struct tk_age_list waiting, ended, replies, due;
    uint32_t waiting_count;
    size_t bytes, most_bytes;
    uint64_t evicted;
    void (*free_reply)(void *reply);
};

static struct entry *entry_at(const struct tk_inform_answers *t, uint32_t place)
{
    return tk_aged_hash_at(&t->entries, place);
}

struct tk_inform_answers *tk_inform_answers_new(uint32_t places, size_t reply_bytes, void (*free_reply)(void *reply))
{
    struct tk_inform_answers *t = calloc(1, sizeof(*t));

    if (!t)
        return NULL;
    t->waiting = t->ended = TK_AGE_LIST(struct entry, by_state);
    t->replies = TK_AGE_LIST(struct entry, by_reply);
    t->due = TK_AGE_LIST(struct entry, by_due);
    t->most_bytes = reply_bytes;
    t->free_reply = free_reply;
    if (tk_aged_hash_init_fixed(&t->entries, sizeof(struct entry), places))
        return t;
    tk_inform_answers_free(t);
    return NULL;
}

void tk_inform_answers_free(struct tk_inform_answers *t)
{
    if (!t)
        return;
    for (uint32_t place = t->replies.oldest; place; place = tk_age_list_newer(&t->entries, &t->replies, place))
        t->free_reply(entry_at(t, place)->reply);
    tk_aged_hash_done(&t->entries);
    free(t);
}

/* --- states ---------------------------------------------------------------------------------------------------- */

static void leave_state(struct tk_inform_answers *t, uint32_t place)
{
    bool is_waiting = entry_at(t, place)->state == TK_INFORM_WAITING;

    tk_age_list_take_out(&t->entries, is_waiting ? &t->waiting : &t->ended, place);
    if (is_waiting)
        t->waiting_count--;
}

static void enter_state(struct tk_inform_answers *t, uint32_t place, enum tk_inform_state state)
{
    entry_at(t, place)->state = state;
    tk_age_list_append(&t->entries, state == TK_INFORM_WAITING ? &t->waiting : &t->ended, place);
    if (state == TK_INFORM_WAITING)
        t->waiting_count++;
}

/* --- replies --------------------------------------------------------------------------------------------------- */

void *tk_inform_answers_steal(struct tk_inform_answers *t, uint32_t place)
{
    struct entry *e = entry_at(t, place);
    void *reply = e->reply;

    if (!reply)
        return NULL;
    tk_age_list_take_out(&t->entries, &t->replies, place);
    if (e->is_due)
        tk_age_list_take_out(&t->entries, &t->due, place);
    e->is_due = false;
    t->bytes -= e->reply_bytes;
    e->reply = NULL;
    return reply;
}

static void give_up_reply(struct tk_inform_answers *t, uint32_t place)
{
    void *reply = tk_inform_answers_steal(t, place);

    if (!reply)
        return;
    t->free_reply(reply);
    t->evicted++;
}

void tk_inform_answers_keep(struct tk_inform_answers *t, uint32_t place, void *reply, size_t bytes, tk_nsec now)
{
    struct entry *e = entry_at(t, place);
    void *before = tk_inform_answers_steal(t, place);

    if (before)
        t->free_reply(before);
    e->reply = reply;
    e->reply_bytes = bytes;
    e->kept_at = now;
    tk_age_list_append(&t->entries, &t->replies, place);
    t->bytes += bytes;
    while (t->bytes > t->most_bytes)
        give_up_reply(t, t->replies.oldest);
}

/* --- entries --------------------------------------------------------------------------------------------------- */

static bool is_same(const void *entry, const void *key)
{
    const struct entry *e = entry;
    const struct tk_hash128 *k = key;

    return e->key.low == k->low && e->key.high == k->high;
}

uint32_t tk_inform_answers_find(const struct tk_inform_answers *t, struct tk_hash128 key)
{
    return tk_aged_hash_find(&t->entries, (uint32_t)key.low, is_same, &key);
}

static void remove_entry(struct tk_inform_answers *t, uint32_t place)
{
    give_up_reply(t, place);
    leave_state(t, place);
    tk_aged_hash_remove(&t->entries, place);
}

uint32_t tk_inform_answers_add(struct tk_inform_answers *t, struct tk_hash128 key)
{
    uint32_t place;

    if (tk_aged_hash_is_full(&t->entries))
        remove_entry(t, t->ended.oldest ? t->ended.oldest : t->waiting.oldest);
    place = tk_aged_hash_add(&t->entries, (uint32_t)key.low);
    entry_at(t, place)->key = key;
    enter_state(t, place, TK_INFORM_WAITING);
    return place;
}

void tk_inform_answers_wait(struct tk_inform_answers *t, uint32_t place, uint64_t seq)
{
    entry_at(t, place)->seq = seq;
    if (entry_at(t, place)->state == TK_INFORM_WAITING)
        return;
    leave_state(t, place);
    enter_state(t, place, TK_INFORM_WAITING);
}

void tk_inform_answers_end(struct tk_inform_answers *t, uint32_t place, enum tk_inform_state state, tk_nsec now)
{
    struct entry *e = entry_at(t, place);

    leave_state(t, place);
    enter_state(t, place, state);
    e->ended_at = now;
    if (state != TK_INFORM_DELIVERED || !e->reply || e->is_due)
        return;
    e->is_due = true;
    tk_age_list_append(&t->entries, &t->due, place);
}

uint32_t tk_inform_answers_next_due(const struct tk_inform_answers *t)
{
    return t->due.oldest;
}

enum tk_inform_state tk_inform_answers_state(const struct tk_inform_answers *t, uint32_t place)
{
    return entry_at(t, place)->state;
}

uint64_t tk_inform_answers_seq(const struct tk_inform_answers *t, uint32_t place)
{
    return entry_at(t, place)->seq;
}

void tk_inform_answers_mute(struct tk_inform_answers *t, uint32_t place)
{
    entry_at(t, place)->is_mute = true;
}

bool tk_inform_answers_is_mute(const struct tk_inform_answers *t, uint32_t place)
{
    return entry_at(t, place)->is_mute;
}

void tk_inform_answers_expire(struct tk_inform_answers *t, tk_nsec now)
{
    while (t->replies.oldest && now - entry_at(t, t->replies.oldest)->kept_at >= TK_INFORM_REPLY_FOR)
        give_up_reply(t, t->replies.oldest);
    while (t->ended.oldest && now - entry_at(t, t->ended.oldest)->ended_at >= TK_INFORM_KNOWN_FOR)
        remove_entry(t, t->ended.oldest);
}

uint32_t tk_inform_answers_waiting(const struct tk_inform_answers *t)
{
    return t->waiting_count;
}

size_t tk_inform_answers_bytes(const struct tk_inform_answers *t)
{
    return t->bytes;
}

uint64_t tk_inform_answers_evicted(const struct tk_inform_answers *t)
{
    return t->evicted;
}
