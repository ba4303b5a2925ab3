/* SPDX-License-Identifier: Apache-2.0 */
#include "stages/alarm_states.h"

#include <stdlib.h>

#define HASH_BUFFER 2048

struct alarm {
    struct tk_aged aged;     /* its hash is the lower half of the key's `low` */
    struct tk_age_link seen; /* in `standing` or in `cleared` */
    uint64_t key_high;
    uint64_t changed;                      /* the number of the event with which it took its state */
    tk_nsec since;                         /* of a standing one, and of the one that `cleared` it: when it was raised */
    uint64_t owner;                        /* the event that passed last */
    uint32_t key_middle;                   /* the upper half of the key's `low` */
    uint32_t count;                        /* raises since then */
    uint8_t state;                         /* enum tk_alarm_state */
    uint8_t severity;                      /* that it was raised with last */
    uint8_t state_before, severity_before; /* what `owner` found; TK_ALARM_NONE: the alarm was not known */
    bool has_owner;
};

struct tk_alarm_states *tk_alarm_states_new(size_t max)
{
    struct tk_alarm_states *a = calloc(1, sizeof(*a));

    if (!a)
        return NULL;
    a->standing = TK_AGE_LIST(struct alarm, seen);
    a->cleared = TK_AGE_LIST(struct alarm, seen);
    a->seed = tk_random_seed();
    if (tk_aged_hash_init_fixed(&a->alarms, sizeof(struct alarm), (uint32_t)max))
        return a;
    tk_alarm_states_free(a);
    return NULL;
}

void tk_alarm_states_free(struct tk_alarm_states *a)
{
    if (!a)
        return;
    tk_aged_hash_done(&a->alarms);
    free(a);
}

struct tk_hash128 tk_alarm_states_hash(const struct tk_alarm_states *a, struct tk_text key)
{
    uint8_t buf[HASH_BUFFER];
    struct tk_hasher h;

    tk_hasher_init(&h, buf, sizeof(buf), a->seed);
    tk_hasher_add(&h, key.text, key.len);
    return tk_hasher_end(&h);
}

size_t tk_alarm_states_count(const struct tk_alarm_states *a)
{
    return a->alarms.count;
}

static bool is_same(const void *entry, const void *key)
{
    const struct alarm *alarm = entry;
    const struct tk_hash128 *k = key;

    return alarm->key_high == k->high && alarm->key_middle == k->low >> 32;
}

static uint32_t find(const struct tk_alarm_states *a, struct tk_hash128 key)
{
    return tk_aged_hash_find(&a->alarms, (uint32_t)key.low, is_same, &key);
}

static struct alarm *at(const struct tk_alarm_states *a, uint32_t i)
{
    return tk_aged_hash_at(&a->alarms, i);
}

static struct tk_age_list *list_of(struct tk_alarm_states *a, const struct alarm *alarm)
{
    return alarm->state == TK_ALARM_RAISE ? &a->standing : &a->cleared;
}

static void set_state(struct tk_alarm_states *a, uint32_t i, enum tk_alarm_state state)
{
    struct alarm *alarm = at(a, i);

    if (alarm->state != TK_ALARM_NONE)
        tk_age_list_take_out(&a->alarms, list_of(a, alarm), i);
    a->standing_count += (state == TK_ALARM_RAISE) - (alarm->state == TK_ALARM_RAISE);
    alarm->state = (uint8_t)state;
    if (state != TK_ALARM_NONE)
        tk_age_list_append(&a->alarms, list_of(a, alarm), i);
}

static void forget(struct tk_alarm_states *a, uint32_t i)
{
    set_state(a, i, TK_ALARM_NONE);
    tk_aged_hash_remove(&a->alarms, i);
}

static void make_room(struct tk_alarm_states *a)
{
    if (!tk_aged_hash_is_full(&a->alarms))
        return;
    a->evicted++;
    a->standing_evicted += !a->cleared.oldest;
    forget(a, a->cleared.oldest ? a->cleared.oldest : a->standing.oldest);
}

static uint32_t add(struct tk_alarm_states *a, struct tk_hash128 key)
{
    struct alarm *alarm;
    uint32_t i;

    make_room(a);
    i = tk_aged_hash_add(&a->alarms, (uint32_t)key.low);
    alarm = at(a, i);
    alarm->key_high = key.high;
    alarm->key_middle = (uint32_t)(key.low >> 32);
    return i;
}

void tk_alarm_states_look(struct tk_alarm_states *a, struct tk_alarm_sighting *s)
{
    struct alarm *alarm;
    bool stands;

    TK_ASSERT(s->state != TK_ALARM_NONE);
    s->entry = find(a, s->key);
    alarm = s->entry ? at(a, s->entry) : NULL;
    stands = alarm && alarm->state == TK_ALARM_RAISE;
    s->changed = alarm && alarm->state == (uint8_t)s->state ? alarm->changed : s->number;
    if (alarm)
        tk_age_list_renew(&a->alarms, list_of(a, alarm), s->entry);
    if (stands && s->state == TK_ALARM_RAISE && alarm->count < UINT32_MAX)
        alarm->count++;
    if (stands)
        s->view = (struct tk_alarm_view){.transition = s->state == TK_ALARM_RAISE ? TK_ALARM_REPEATED
                                                                                  : TK_ALARM_CLEARED,
                                         .since = alarm->since,
                                         .count = alarm->count,
                                         .previous = (enum tk_severity)alarm->severity};
    else if (s->state == TK_ALARM_RAISE)
        s->view = (struct tk_alarm_view){.transition = TK_ALARM_RAISED, .since = s->wall, .count = 1};
    else
        s->view = (struct tk_alarm_view){.transition = TK_ALARM_UNMATCHED};
}

/* A new owner: what it finds can be restored. */
static struct alarm *take_over(struct tk_alarm_states *a, uint32_t i, uint64_t owner)
{
    struct alarm *alarm = at(a, i);

    alarm->owner = owner;
    alarm->has_owner = true;
    alarm->state_before = alarm->state;
    alarm->severity_before = alarm->severity;
    return alarm;
}

uint32_t tk_alarm_states_keep(struct tk_alarm_states *a, const struct tk_alarm_sighting *s, uint64_t owner)
{
    uint32_t i = s->entry ? s->entry : add(a, s->key);
    struct alarm *alarm = take_over(a, i, owner);

    if (alarm->state != (uint8_t)s->state) {
        set_state(a, i, s->state);
        alarm->changed = s->number;
    }
    if (s->state == TK_ALARM_RAISE) {
        alarm->since = s->view.since;
        alarm->count = s->view.count;
        alarm->severity = (uint8_t)s->severity;
    }
    return i;
}

bool tk_alarm_states_stands(const struct tk_alarm_states *a, struct tk_hash128 key)
{
    uint32_t i = find(a, key);

    return i && at(a, i)->state == TK_ALARM_RAISE;
}

bool tk_alarm_states_end(struct tk_alarm_states *a, struct tk_hash128 key, uint64_t number, uint64_t owner)
{
    uint32_t i = find(a, key);

    if (!i || at(a, i)->state != TK_ALARM_RAISE)
        return false;
    take_over(a, i, owner)->changed = number;
    set_state(a, i, TK_ALARM_CLEAR);
    return true;
}

/* `changed` stays: what dedup knows of the state before is older, so the next event of the alarm is published. */
static void restore(struct tk_alarm_states *a, uint32_t i, uint64_t owner)
{
    struct alarm *alarm = at(a, i);

    if (alarm->state == TK_ALARM_NONE || !alarm->has_owner || alarm->owner != owner)
        return;
    if (alarm->state_before == TK_ALARM_NONE) {
        forget(a, i);
        return;
    }
    alarm->has_owner = false;
    alarm->severity = alarm->severity_before;
    if (alarm->state != alarm->state_before)
        set_state(a, i, (enum tk_alarm_state)alarm->state_before);
}

void tk_alarm_states_undo(struct tk_alarm_states *a, uint32_t entry, uint64_t owner, bool ended_more)
{
    if (entry)
        restore(a, entry, owner);
    if (ended_more)
        for (uint32_t i = 1; i <= a->alarms.used; i++)
            restore(a, i, owner);
}
