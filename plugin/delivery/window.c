/* SPDX-License-Identifier: Apache-2.0 */
#include "delivery/window.h"

#include <stdlib.h>

#include "base/devel.h"

/* Every record that waits for a retry has at least the ticket next_retry, every condemned one that waits at least
 * next_condemned: marks move back in tk_window_step(), when a record begins to wait, and forward over records that
 * don't. So a walk may be left and taken up at any time, whatever happened to the records meanwhile. */
struct tk_window {
    uint64_t first, next; /* tickets in the window: [first, next) */
    uint64_t next_retry, next_condemned;
    unsigned count[TK_LIVES];
    struct tk_entry entry[TK_WINDOW_ENTRIES];
};

struct tk_window *tk_window_new(void)
{
    return calloc(1, sizeof(struct tk_window));
}

void tk_window_free(struct tk_window *w)
{
    free(w);
}

static struct tk_entry *slot(struct tk_window *w, uint64_t ticket)
{
    return &w->entry[ticket % TK_WINDOW_ENTRIES];
}

static enum tk_life life_at(const struct tk_window *w, uint64_t ticket)
{
    return (enum tk_life)w->entry[ticket % TK_WINDOW_ENTRIES].life;
}

bool tk_window_is_full(const struct tk_window *w)
{
    return w->next - w->first == TK_WINDOW_ENTRIES;
}

unsigned tk_window_count(const struct tk_window *w, enum tk_life life)
{
    return w->count[life];
}

/* --- lives ----------------------------------------------------------------------------------------------------- */

static void set_life(struct tk_window *w, uint64_t ticket, enum tk_life life)
{
    struct tk_entry *entry = slot(w, ticket);

    w->count[entry->life]--;
    w->count[life]++;
    entry->life = (uint8_t)life;
    if (tk_life_is_retry(life) && ticket < w->next_retry)
        w->next_retry = ticket;
    if (tk_life_is_condemned(life) && ticket < w->next_condemned)
        w->next_condemned = ticket;
}

enum tk_life tk_window_step(struct tk_window *w, uint64_t ticket, enum tk_life_step step)
{
    struct tk_entry *entry = tk_window_get(w, ticket);
    enum tk_life life = entry ? tk_life_after((enum tk_life)entry->life, step) : TK_LIFE_NONE;

    TK_ASSERT(life != TK_LIFE_NONE);
    if (life == TK_LIFE_NONE)
        return entry ? (enum tk_life)entry->life : TK_LIFE_NONE;
    if (life == TK_LIFE_ENDED && entry->owed)
        life = TK_LIFE_OWING;
    set_life(w, ticket, life);
    return life;
}

void tk_window_owe(struct tk_window *w, uint64_t ticket)
{
    struct tk_entry *entry = tk_window_get(w, ticket);

    TK_ASSERT(entry && entry->owed < UINT8_MAX);
    if (entry)
        entry->owed++;
}

void tk_window_pay(struct tk_window *w, uint64_t ticket)
{
    struct tk_entry *entry = tk_window_get(w, ticket);

    TK_ASSERT(entry && entry->owed > 0);
    if (entry && entry->owed && --entry->owed == 0 && entry->life == TK_LIFE_OWING)
        (void)tk_window_step(w, ticket, TK_STEP_PAID);
}

/* --- tickets --------------------------------------------------------------------------------------------------- */

/* The next ticket, with no record yet. */
static uint64_t append(struct tk_window *w, uint64_t begin, uint64_t end)
{
    TK_ASSERT(!tk_window_is_full(w));
    *slot(w, w->next) = (struct tk_entry){.begin = begin, .end = end, .life = TK_LIFE_NONE};
    w->count[TK_LIFE_NONE]++;
    return w->next++;
}

static void take_off(struct tk_window *w, uint64_t ticket)
{
    w->count[slot(w, ticket)->life]--;
    slot(w, ticket)->life = TK_LIFE_NONE;
}

uint64_t tk_window_add(struct tk_window *w, uint64_t begin, uint64_t end)
{
    uint64_t ticket = append(w, begin, end);

    (void)tk_window_step(w, ticket, TK_STEP_READ);
    return ticket;
}

static bool has_ended_before(const struct tk_window *w, uint64_t ticket)
{
    return ticket > w->first && life_at(w, ticket - 1) == TK_LIFE_ENDED;
}

void tk_window_add_ended(struct tk_window *w, uint64_t begin, uint64_t end)
{
    if (has_ended_before(w, w->next))
        slot(w, w->next - 1)->end = end;
    else
        set_life(w, append(w, begin, end), TK_LIFE_ENDED);
}

void tk_window_drop(struct tk_window *w, uint64_t ticket)
{
    if (tk_window_step(w, ticket, TK_STEP_ENDED) == TK_LIFE_ENDED && ticket + 1 == w->next &&
        has_ended_before(w, ticket)) {
        slot(w, ticket - 1)->end = slot(w, ticket)->end;
        take_off(w, ticket);
        w->next--;
    }
}

struct tk_entry *tk_window_get(struct tk_window *w, uint64_t ticket)
{
    return ticket >= w->first && ticket < w->next ? slot(w, ticket) : NULL;
}

bool tk_window_advance(struct tk_window *w, uint64_t *ret_tail)
{
    uint64_t first = w->first;

    while (w->first < w->next && life_at(w, w->first) == TK_LIFE_ENDED) {
        *ret_tail = slot(w, w->first)->end;
        take_off(w, w->first++);
    }
    return w->first != first;
}

/* --- walks ----------------------------------------------------------------------------------------------------- */

/* Move a mark forward, to the first record of which @p is_waiting holds. @returns whether there is one */
static bool move_mark(const struct tk_window *w, uint64_t *mark, bool (*is_waiting)(enum tk_life life))
{
    if (*mark < w->first)
        *mark = w->first;
    while (*mark < w->next && !is_waiting(life_at(w, *mark)))
        ++*mark;
    return *mark < w->next;
}

bool tk_window_next_retry(struct tk_window *w, uint64_t *ret_ticket)
{
    if (w->count[TK_LIFE_RETRY] + w->count[TK_LIFE_RETRY_ALONE] == 0)
        return false;
    if (!move_mark(w, &w->next_retry, tk_life_is_retry))
        return false;
    *ret_ticket = w->next_retry;
    return true;
}

bool tk_window_next_condemned(struct tk_window *w, uint64_t from, uint64_t *ret_ticket)
{
    if (w->count[TK_LIFE_LETTER] + w->count[TK_LIFE_UNWANTED] == 0)
        return false;
    (void)move_mark(w, &w->next_condemned, tk_life_is_condemned);
    for (uint64_t t = from > w->next_condemned ? from : w->next_condemned; t < w->next; t++)
        if (tk_life_is_condemned(life_at(w, t))) {
            *ret_ticket = t;
            return true;
        }
    return false;
}

/* --- the whole ------------------------------------------------------------------------------------------------- */

struct tk_window_span tk_window_span(const struct tk_window *w)
{
    struct tk_window_span span = {.oldest = w->first, .entries = w->next - w->first};

    if (span.entries) {
        span.begin = w->entry[w->first % TK_WINDOW_ENTRIES].begin;
        span.bytes = w->entry[(w->next - 1) % TK_WINDOW_ENTRIES].end - span.begin;
    }
    return span;
}

uint64_t tk_window_unfinished(const struct tk_window *w)
{
    uint64_t n = 0;

    for (uint64_t t = w->first; t < w->next; t++)
        n += life_at(w, t) != TK_LIFE_ENDED;
    return n;
}

bool tk_window_is_sound(const struct tk_window *w)
{
    unsigned count[TK_LIVES] = {0};

    for (uint64_t t = w->first; t < w->next; t++) {
        enum tk_life life = life_at(w, t);

        if (life >= TK_LIVES || (tk_life_is_retry(life) && t < w->next_retry) ||
            (tk_life_is_condemned(life) && t < w->next_condemned) ||
            (life == TK_LIFE_OWING && w->entry[t % TK_WINDOW_ENTRIES].owed == 0))
            return false;
        count[life]++;
    }
    for (unsigned i = TK_LIFE_READ; i < TK_LIVES; i++)
        if (count[i] != w->count[i])
            return false;
    return count[TK_LIFE_NONE] == 0;
}
