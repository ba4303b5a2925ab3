/* SPDX-License-Identifier: Apache-2.0 */
#include "stages/alarm_states.h"

struct alarm {
    struct tk_aged aged; /* its hash is the lower half of the key's `low` */
    struct tk_age_link seen;
    uint64_t key_high;
    uint64_t since;      /* the number of the event with which it took its state */
    uint32_t key_middle; /* the upper half of the key's `low` */
    uint8_t state;       /* enum tk_alarm_state */
};

bool tk_alarm_states_init(struct tk_alarm_states *a, size_t max)
{
    *a = (struct tk_alarm_states){.seen = TK_AGE_LIST(struct alarm, seen)};
    return tk_aged_hash_init_fixed(&a->alarms, sizeof(struct alarm), (uint32_t)max);
}

void tk_alarm_states_done(struct tk_alarm_states *a)
{
    tk_aged_hash_done(&a->alarms);
}

static bool is_same(const void *entry, const void *key)
{
    const struct alarm *alarm = entry;
    const struct tk_hash128 *k = key;

    return alarm->key_high == k->high && alarm->key_middle == k->low >> 32;
}

static void forget(struct tk_alarm_states *a, uint32_t i)
{
    tk_age_list_take_out(&a->alarms, &a->seen, i);
    tk_aged_hash_remove(&a->alarms, i);
}

static struct alarm *add(struct tk_alarm_states *a, struct tk_hash128 key)
{
    struct alarm *alarm;
    uint32_t i;

    if (tk_aged_hash_is_full(&a->alarms)) {
        forget(a, a->seen.oldest);
        a->evicted++;
    }
    i = tk_aged_hash_add(&a->alarms, (uint32_t)key.low);
    alarm = tk_aged_hash_at(&a->alarms, i);
    alarm->key_high = key.high;
    alarm->key_middle = (uint32_t)(key.low >> 32);
    tk_age_list_append(&a->alarms, &a->seen, i);
    return alarm;
}

uint64_t tk_alarm_states_note(struct tk_alarm_states *a, struct tk_hash128 key, enum tk_alarm_state state,
                              uint64_t event)
{
    uint32_t i = tk_aged_hash_find(&a->alarms, (uint32_t)key.low, is_same, &key);
    struct alarm *alarm;

    TK_ASSERT(state != TK_ALARM_NONE);
    if (i) {
        alarm = tk_aged_hash_at(&a->alarms, i);
        tk_age_list_renew(&a->alarms, &a->seen, i);
    } else {
        alarm = add(a, key);
    }
    if (alarm->state != (uint8_t)state) { /* TK_ALARM_NONE: it is new here */
        alarm->state = (uint8_t)state;
        alarm->since = event;
    }
    return alarm->since;
}

void tk_alarm_states_clear(struct tk_alarm_states *a)
{
    while (a->alarms.count)
        forget(a, a->seen.oldest);
}
