/* SPDX-License-Identifier: Apache-2.0 */
#include "usm/still.h"

#include <stdlib.h>

#include "base/aged_hash.h"

#define FIRST_PLACES 4u
#define GROWTH       4u

struct ring {
    struct tk_aged aged;
    struct tk_age_link by_heard;
    uint64_t engine;
    uint64_t *digests;
    uint16_t places, count, next; /* next: where the next digest goes */
};

struct tk_still {
    struct tk_aged_hash rings;
    struct tk_age_list by_heard;
    uint32_t places;
    uint64_t evicted;
};

static struct ring *ring_at(const struct tk_still *t, uint32_t number)
{
    return tk_aged_hash_at(&t->rings, number);
}

static bool is_same(const void *entry, const void *key)
{
    return ((const struct ring *)entry)->engine == *(const uint64_t *)key;
}

static uint32_t find(const struct tk_still *t, uint64_t engine)
{
    return tk_aged_hash_find(&t->rings, (uint32_t)engine, is_same, &engine);
}

static void discard(struct tk_still *t, uint32_t number)
{
    struct ring *r = ring_at(t, number);

    t->places -= r->places;
    free(r->digests);
    tk_age_list_take_out(&t->rings, &t->by_heard, number);
    tk_aged_hash_remove(&t->rings, number);
}

/* @param but  the ring that may not go, or 0. @returns false: there is no other */
static bool evict_oldest(struct tk_still *t, uint32_t but)
{
    uint32_t oldest = t->by_heard.oldest;

    if (!oldest || oldest == but)
        return false;
    t->evicted += ring_at(t, oldest)->count;
    discard(t, oldest);
    return true;
}

/* Make room for more digests in a ring. The ring is the newest by age, so that it does not go itself.
 * @returns false when out of memory */
static bool grow(struct tk_still *t, uint32_t number)
{
    struct ring *r = ring_at(t, number);
    uint32_t places = r->places ? r->places * GROWTH : FIRST_PLACES;
    uint64_t *larger;

    while (t->places + places - r->places > TK_STILL_TOTAL && evict_oldest(t, number))
        ;
    larger = realloc(r->digests, places * sizeof(*larger));
    if (!larger)
        return false;
    t->places += places - r->places;
    r->digests = larger;
    r->places = (uint16_t)places;
    r->next = r->count; /* a ring grows only before it first wraps */
    return true;
}

/* @returns the number of the engine's ring, made if it is not there */
static uint32_t ring_of(struct tk_still *t, uint64_t engine)
{
    uint32_t number = find(t, engine);

    if (number) {
        tk_age_list_renew(&t->rings, &t->by_heard, number);
        return number;
    }
    if (tk_aged_hash_is_full(&t->rings))
        (void)evict_oldest(t, 0);
    number = tk_aged_hash_add(&t->rings, (uint32_t)engine);
    ring_at(t, number)->engine = engine;
    tk_age_list_append(&t->rings, &t->by_heard, number);
    return number;
}

/* --- the interface --------------------------------------------------------------------------------------------- */

struct tk_still *tk_still_new(void)
{
    struct tk_still *t = calloc(1, sizeof(*t));

    if (!t)
        return NULL;
    t->by_heard = TK_AGE_LIST(struct ring, by_heard);
    if (tk_aged_hash_init_fixed(&t->rings, sizeof(struct ring), TK_STILL_ENGINES))
        return t;
    tk_still_free(t);
    return NULL;
}

void tk_still_free(struct tk_still *t)
{
    if (!t)
        return;
    while (t->by_heard.oldest)
        discard(t, t->by_heard.oldest);
    tk_aged_hash_done(&t->rings);
    free(t);
}

bool tk_still_has(const struct tk_still *t, uint64_t engine, uint64_t digest)
{
    uint32_t number = find(t, engine);
    const struct ring *r = number ? ring_at(t, number) : NULL;

    for (uint16_t i = 0; r && i < r->count; i++)
        if (r->digests[i] == digest)
            return true;
    return false;
}

void tk_still_add(struct tk_still *t, uint64_t engine, uint64_t digest)
{
    uint32_t number = ring_of(t, engine);
    struct ring *r = ring_at(t, number);

    if (r->count == r->places && r->places < TK_STILL_DIGESTS && !grow(t, number) && !r->places) {
        t->evicted++;
        return;
    }
    if (r->next == r->places)
        r->next = 0;
    r->digests[r->next++] = digest;
    if (r->count < r->places)
        r->count++;
}

void tk_still_forget(struct tk_still *t, uint64_t engine)
{
    uint32_t number = find(t, engine);

    if (number)
        discard(t, number);
}

uint64_t tk_still_evicted(const struct tk_still *t)
{
    return t->evicted;
}

uint32_t tk_still_places(const struct tk_still *t)
{
    return t->places;
}
