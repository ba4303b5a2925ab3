/* SPDX-License-Identifier: Apache-2.0 */
#include "delivery/derived.h"

#include <stdlib.h>

#include "base/aged_hash.h"
#include "base/devel.h"

struct change {
    uint64_t ticket;
    uint64_t order;        /* of its subject's changes: the ticket of its record, or of the newest one that is known */
    uint32_t subject;      /* 0: free */
    uint32_t older, newer; /* changes of the same subject */
    uint32_t next;         /* change of the same record; of a free one: the next free one */
    bool is_due;
};

struct subject {
    struct tk_aged aged;        /* its hash is the lower half of the key's `low` */
    struct tk_age_link waiting; /* in the list of its kind */
    uint64_t key_high;
    uint64_t sent, ended;    /* order of the newest change in the message in flight, and in one that has ended */
    uint32_t key_middle;     /* the upper half of the key's `low` */
    uint32_t oldest, newest; /* changes */
    uint32_t bytes;          /* of the message in flight */
    uint8_t kind;
    bool is_waiting, is_in_flight;
    bool has_ended;
};

struct tk_derived {
    struct tk_aged_hash subjects;
    struct tk_age_list waiting[TK_DERIVED_KINDS];
    struct change *change; /* from 1 */
    uint32_t max, used, free, count, due;
    uint64_t newest;     /* ticket */
    uint32_t records;    /* room in of_record */
    uint32_t *of_record; /* the first change of each record that is open, by its ticket modulo `records`; 0: none */
};

struct key {
    struct tk_hash128 hash;
    enum tk_derived_kind kind;
};

struct tk_derived *tk_derived_new(uint32_t max, uint32_t records)
{
    struct tk_derived *d = calloc(1, sizeof(*d));

    if (!d)
        return NULL;
    for (unsigned kind = 0; kind < TK_DERIVED_KINDS; kind++)
        d->waiting[kind] = TK_AGE_LIST(struct subject, waiting);
    d->max = max;
    d->records = records;
    d->change = calloc((size_t)max + 1, sizeof(*d->change));
    d->of_record = calloc(records, sizeof(*d->of_record));
    if (tk_aged_hash_init_fixed(&d->subjects, sizeof(struct subject), max) && d->change && d->of_record)
        return d;
    tk_derived_free(d);
    return NULL;
}

void tk_derived_free(struct tk_derived *d)
{
    if (!d)
        return;
    tk_aged_hash_done(&d->subjects);
    free(d->change);
    free(d->of_record);
    free(d);
}

static struct subject *at(const struct tk_derived *d, uint32_t subject)
{
    return tk_aged_hash_at(&d->subjects, subject);
}

static uint32_t *head_of(const struct tk_derived *d, uint64_t ticket)
{
    return &d->of_record[ticket % d->records];
}

/* A subject may be in flight without a change. */
bool tk_derived_has_room(const struct tk_derived *d)
{
    return d->max - d->count >= TK_DERIVED_PER_RECORD && d->max - d->subjects.count >= TK_DERIVED_PER_RECORD;
}

uint32_t tk_derived_due(const struct tk_derived *d)
{
    return d->due;
}
uint32_t tk_derived_count(const struct tk_derived *d)
{
    return d->count;
}

/* --- subjects -------------------------------------------------------------------------------------------------- */

static bool is_same(const void *entry, const void *key)
{
    const struct subject *s = entry;
    const struct key *k = key;

    return s->key_high == k->hash.high && s->key_middle == k->hash.low >> 32 && s->kind == (uint8_t)k->kind;
}

static uint32_t find_or_add(struct tk_derived *d, const struct key *key)
{
    uint32_t i = tk_aged_hash_find(&d->subjects, (uint32_t)key->hash.low, is_same, key);
    struct subject *s;

    if (i)
        return i;
    i = tk_aged_hash_add(&d->subjects, (uint32_t)key->hash.low);
    TK_ASSERT(i);
    if (!i)
        return 0;
    s = at(d, i);
    s->key_high = key->hash.high;
    s->key_middle = (uint32_t)(key->hash.low >> 32);
    s->kind = (uint8_t)key->kind;
    return i;
}

/* @returns the newest change that is due; 0: none */
static uint32_t newest_due(const struct tk_derived *d, const struct subject *s)
{
    uint32_t i = s->newest;

    while (i && !d->change[i].is_due)
        i = d->change[i].older;
    return i;
}

/* Let it wait if a change of it is due, and no message in flight; forget it if there is nothing left of it. */
static void settle(struct tk_derived *d, uint32_t subject, bool is_first)
{
    struct subject *s = at(d, subject);
    bool is_to_wait = !s->is_in_flight && newest_due(d, s) != 0;

    if (s->is_waiting && !is_to_wait)
        tk_age_list_take_out(&d->subjects, &d->waiting[s->kind], subject);
    else if (!s->is_waiting && is_to_wait && is_first)
        tk_age_list_prepend(&d->subjects, &d->waiting[s->kind], subject);
    else if (!s->is_waiting && is_to_wait)
        tk_age_list_append(&d->subjects, &d->waiting[s->kind], subject);
    s->is_waiting = is_to_wait;
    if (!s->oldest && !s->is_in_flight)
        tk_aged_hash_remove(&d->subjects, subject);
}

/* --- changes --------------------------------------------------------------------------------------------------- */

static uint32_t take_free(struct tk_derived *d)
{
    uint32_t i = d->free;

    if (i)
        d->free = d->change[i].next;
    else if (d->used < d->max)
        i = ++d->used;
    TK_ASSERT(i);
    return i;
}

/* Into its subject's list, by its order: nearly always the newest. */
static void link_in(struct tk_derived *d, struct subject *s, uint32_t i)
{
    struct change *c = &d->change[i];
    uint32_t older = s->newest;

    while (older && d->change[older].order > c->order)
        older = d->change[older].older;
    c->older = older;
    c->newer = older ? d->change[older].newer : s->oldest;
    *(c->older ? &d->change[c->older].newer : &s->oldest) = i;
    *(c->newer ? &d->change[c->newer].older : &s->newest) = i;
}

/* Where the number of a change stands in the list of its record; 0 there: it is in none. */
static uint32_t *link_to(const struct tk_derived *d, uint32_t change)
{
    uint32_t *link = head_of(d, d->change[change].ticket);

    while (*link && *link != change)
        link = &d->change[*link].next;
    return link;
}

static void remove_change(struct tk_derived *d, uint32_t i)
{
    struct change *c = &d->change[i];
    struct subject *s = at(d, c->subject);

    if (c->ticket != TK_DERIVED_NO_RECORD)
        *link_to(d, i) = c->next;
    *(c->older ? &d->change[c->older].newer : &s->oldest) = c->newer;
    *(c->newer ? &d->change[c->newer].older : &s->newest) = c->older;
    d->due -= c->is_due;
    d->count--;
    *c = (struct change){.next = d->free};
    d->free = i;
}

/* The caller's function is called last, because it may look at the record. */
static void end_change(struct tk_derived *d, uint32_t i, tk_derived_end_fn *end, void *arg)
{
    uint64_t ticket = d->change[i].ticket;

    remove_change(d, i);
    end(arg, ticket);
}

static void end_up_to(struct tk_derived *d, uint32_t subject, uint64_t order, tk_derived_end_fn *end, void *arg)
{
    uint32_t newer;

    for (uint32_t i = at(d, subject)->oldest; i && d->change[i].order <= order; i = newer) {
        newer = d->change[i].newer;
        if (d->change[i].is_due)
            end_change(d, i, end, arg);
    }
}

void tk_derived_add(struct tk_derived *d, enum tk_derived_kind kind, struct tk_hash128 subject, uint64_t ticket)
{
    const struct key key = {.hash = subject, .kind = kind};
    bool has_record = ticket != TK_DERIVED_NO_RECORD;
    uint32_t number = find_or_add(d, &key), i;
    struct change *c;

    for (i = number && has_record ? *head_of(d, ticket) : 0; i; i = d->change[i].next)
        if (d->change[i].subject == number)
            return;
    i = number ? take_free(d) : 0;
    if (!i)
        return;
    if (has_record && ticket > d->newest)
        d->newest = ticket;
    c = &d->change[i];
    *c = (struct change){.ticket = ticket,
                         .order = has_record ? ticket : d->newest,
                         .subject = number,
                         .is_due = !has_record};
    link_in(d, at(d, number), i);
    if (has_record) {
        c->next = *head_of(d, ticket);
        *head_of(d, ticket) = i;
    }
    d->count++;
    d->due += c->is_due;
    settle(d, number, false);
}

static void forget_change(struct tk_derived *d, uint32_t i)
{
    uint32_t subject = d->change[i].subject;

    TK_ASSERT(!d->change[i].is_due);
    remove_change(d, i);
    settle(d, subject, false);
}

static bool is_one_of(const struct tk_derived *d, uint32_t subject, const struct tk_hash128 *hashes, size_t count)
{
    const struct subject *s = at(d, subject);

    for (size_t i = 0; i < count; i++)
        if (is_same(s, &(struct key){.hash = hashes[i], .kind = (enum tk_derived_kind)s->kind}) &&
            s->aged.hash == (uint32_t)hashes[i].low)
            return true;
    return false;
}

/* First what is added: an alarm that stays must not be forgotten in between, and with it what was published last of it. */
void tk_derived_set(struct tk_derived *d, enum tk_derived_kind kind, uint64_t ticket, const struct tk_hash128 *subjects,
                    size_t count)
{
    uint32_t next;

    for (size_t i = 0; i < count; i++)
        tk_derived_add(d, kind, subjects[i], ticket);
    for (uint32_t i = *head_of(d, ticket); i; i = next) {
        uint32_t subject = d->change[i].subject;

        next = d->change[i].next;
        if (at(d, subject)->kind == (uint8_t)kind && !is_one_of(d, subject, subjects, count))
            forget_change(d, i);
    }
}

void tk_derived_cancel(struct tk_derived *d, uint64_t ticket)
{
    while (*head_of(d, ticket))
        forget_change(d, *head_of(d, ticket));
}

unsigned tk_derived_of_record(const struct tk_derived *d, uint64_t ticket)
{
    unsigned n = 0;

    for (uint32_t i = *head_of(d, ticket); i; i = d->change[i].next)
        n++;
    return n;
}

void tk_derived_release(struct tk_derived *d, uint64_t ticket, tk_derived_end_fn *end, void *arg)
{
    uint32_t next;

    for (uint32_t i = *head_of(d, ticket); i; i = next) {
        struct change *c = &d->change[i];
        uint32_t subject = c->subject;
        const struct subject *s = at(d, subject);

        next = c->next;
        TK_ASSERT(!c->is_due && c->ticket == ticket);
        c->is_due = true;
        d->due++;
        if (s->has_ended && c->order < s->ended)
            end_change(d, i, end, arg);
        settle(d, subject, false);
    }
}

/* --- messages -------------------------------------------------------------------------------------------------- */

uint32_t tk_derived_next(const struct tk_derived *d, enum tk_derived_kind kind)
{
    return d->waiting[kind].oldest;
}

struct tk_derived_change tk_derived_newest(const struct tk_derived *d, uint32_t subject)
{
    const struct subject *s = at(d, subject);
    uint32_t i = newest_due(d, s);

    TK_ASSERT(s->is_waiting && i);
    return (struct tk_derived_change){
        .ticket = d->change[i].ticket,
        .subject = {.high = s->key_high, .low = (uint64_t)s->key_middle << 32 | s->aged.hash},
    };
}

void tk_derived_sent(struct tk_derived *d, uint32_t subject, size_t bytes)
{
    struct subject *s = at(d, subject);

    TK_ASSERT(s->is_waiting && !s->is_in_flight);
    s->sent = d->change[newest_due(d, s)].order;
    s->bytes = (uint32_t)(bytes < UINT32_MAX ? bytes : UINT32_MAX);
    s->is_in_flight = true;
    settle(d, subject, false);
}

enum tk_derived_kind tk_derived_kind_of(const struct tk_derived *d, uint32_t subject)
{
    return (enum tk_derived_kind)at(d, subject)->kind;
}

size_t tk_derived_bytes_of(const struct tk_derived *d, uint32_t subject)
{
    return subject && subject <= d->subjects.used && at(d, subject)->is_in_flight ? at(d, subject)->bytes : 0;
}

void tk_derived_delivered(struct tk_derived *d, uint32_t subject, tk_derived_end_fn *end, void *arg)
{
    TK_ASSERT(at(d, subject)->is_in_flight);
    tk_derived_refused(d, subject, end, arg); /* for what is due it is the same */
}

void tk_derived_came_back(struct tk_derived *d, uint32_t subject)
{
    TK_ASSERT(at(d, subject)->is_in_flight);
    at(d, subject)->is_in_flight = false;
    settle(d, subject, true);
}

void tk_derived_refused(struct tk_derived *d, uint32_t subject, tk_derived_end_fn *end, void *arg)
{
    struct subject *s = at(d, subject);
    uint64_t order = s->is_in_flight ? s->sent : d->change[newest_due(d, s)].order;

    s->is_in_flight = false;
    if (!s->has_ended || order > s->ended)
        s->ended = order;
    s->has_ended = true;
    end_up_to(d, subject, order, end, arg);
    settle(d, subject, false);
}

void tk_derived_give_way(struct tk_derived *d, uint64_t ticket, tk_derived_end_fn *end, void *arg)
{
    uint32_t i;

    while ((i = *head_of(d, ticket))) {
        uint32_t subject = d->change[i].subject;

        TK_ASSERT(d->change[i].is_due);
        end_change(d, i, end, arg);
        settle(d, subject, false);
    }
}

/* --- the whole ------------------------------------------------------------------------------------------------- */

static bool is_subject_sound(const struct tk_derived *d, uint32_t number, uint32_t *count, uint32_t *due)
{
    const struct subject *s = at(d, number);
    uint64_t order = 0;
    uint32_t older = 0;

    for (uint32_t i = s->oldest; i; i = d->change[i].newer) {
        const struct change *c = &d->change[i];

        if (c->subject != number || c->older != older || c->order < order)
            return false;
        order = c->order;
        older = i;
        ++*count;
        *due += c->is_due;
    }
    return s->newest == older && s->is_waiting == (!s->is_in_flight && newest_due(d, s)) &&
           (s->oldest || s->is_in_flight);
}

bool tk_derived_is_sound(const struct tk_derived *d)
{
    uint32_t count = 0, due = 0, waiting = 0, to_wait = 0;

    for (uint32_t i = 1; i <= d->used; i++) {
        const struct change *c = &d->change[i];

        if (c->subject && c->ticket != TK_DERIVED_NO_RECORD && !*link_to(d, i))
            return false;
        if (!c->subject || c->older) /* each subject once, by its oldest change */
            continue;
        to_wait += at(d, c->subject)->is_waiting;
        if (!is_subject_sound(d, c->subject, &count, &due))
            return false;
    }
    for (unsigned kind = 0; kind < TK_DERIVED_KINDS; kind++)
        for (uint32_t i = d->waiting[kind].oldest; i; i = tk_age_list_newer(&d->subjects, &d->waiting[kind], i))
            waiting++;
    return count == d->count && due == d->due && waiting == to_wait;
}
