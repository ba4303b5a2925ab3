/* SPDX-License-Identifier: Apache-2.0 */
#include "queue/window.h"

#include <stdlib.h>

struct tk_window {
    uint64_t first, next; /* tickets in the window: [first, next) */
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

bool tk_window_is_full(const struct tk_window *w)
{
    return w->next - w->first == TK_WINDOW_ENTRIES;
}

uint64_t tk_window_add(struct tk_window *w, uint64_t begin, uint64_t end)
{
    *slot(w, w->next) = (struct tk_entry){.begin = begin, .end = end, .state = TK_ENTRY_AGAIN};
    return w->next++;
}

void tk_window_add_finished(struct tk_window *w, uint64_t begin, uint64_t end)
{
    struct tk_entry *last = w->next > w->first ? slot(w, w->next - 1) : NULL;

    if (last && last->state == TK_ENTRY_FINISHED) {
        last->end = end;
    } else {
        uint64_t ticket = tk_window_add(w, begin, end);

        slot(w, ticket)->state = TK_ENTRY_FINISHED;
    }
}

struct tk_entry *tk_window_get(struct tk_window *w, uint64_t ticket)
{
    return ticket >= w->first && ticket < w->next ? slot(w, ticket) : NULL;
}

void tk_window_drop(struct tk_window *w, uint64_t ticket)
{
    if (ticket + 1 == w->next && ticket > w->first && slot(w, ticket - 1)->state == TK_ENTRY_FINISHED) {
        slot(w, ticket - 1)->end = slot(w, ticket)->end;
        w->next--;
    } else {
        tk_window_finish(w, ticket);
    }
}

void tk_window_finish(struct tk_window *w, uint64_t ticket)
{
    slot(w, ticket)->state = TK_ENTRY_FINISHED;
}

bool tk_window_advance(struct tk_window *w, uint64_t *ret_tail)
{
    uint64_t first = w->first;

    while (w->first < w->next && slot(w, w->first)->state == TK_ENTRY_FINISHED)
        *ret_tail = slot(w, w->first++)->end;
    return w->first != first;
}

bool tk_window_next_again(const struct tk_window *w, uint64_t from, bool is_dead, uint64_t *ret_ticket)
{
    for (uint64_t t = from > w->first ? from : w->first; t < w->next; t++) {
        const struct tk_entry *e = &w->entry[t % TK_WINDOW_ENTRIES];

        if (e->state == TK_ENTRY_AGAIN && (e->dead != TK_ALIVE) == is_dead) {
            *ret_ticket = t;
            return true;
        }
    }
    return false;
}

struct tk_window_span tk_window_span(const struct tk_window *w)
{
    struct tk_window_span span = {.oldest = w->first, .entries = w->next - w->first};

    if (span.entries)
        span.bytes = w->entry[(w->next - 1) % TK_WINDOW_ENTRIES].end - w->entry[w->first % TK_WINDOW_ENTRIES].begin;
    return span;
}

uint64_t tk_window_unfinished(const struct tk_window *w)
{
    uint64_t n = 0;

    for (uint64_t t = w->first; t < w->next; t++)
        n += w->entry[t % TK_WINDOW_ENTRIES].state != TK_ENTRY_FINISHED;
    return n;
}
