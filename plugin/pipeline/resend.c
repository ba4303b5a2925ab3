/* SPDX-License-Identifier: Apache-2.0 */
/* Records that the sink gave back are published again in the ring's order, before anything new is read. */
#include "pipeline/worker_internal.h"

#define FIRST_BACKOFF (100 * TK_MSEC)
#define MAX_BACKOFF   (5 * TK_SECOND)
#define RESEND_BATCH  256

static void walk_again(struct tk_worker *w)
{
    w->resend_next = 0; /* from the oldest on, once nothing is in flight any more */
    w->is_held = false; /* one that waits for room takes its turn behind those that came back */
}

void tk_worker_return(struct tk_worker *w)
{
    if (!w->is_resending || w->now.mono >= w->resend_at) { /* one failure brings many back: it counts once */
        w->is_resending = true;
        w->backoff = w->backoff ? w->backoff * 2 : FIRST_BACKOFF;
        if (w->backoff > MAX_BACKOFF)
            w->backoff = MAX_BACKOFF;
        w->resend_at = w->now.mono + w->backoff;
    }
    walk_again(w);
}

void tk_worker_return_alone(struct tk_worker *w)
{
    if (!w->is_resending)
        w->resend_at = w->now.mono; /* the cluster is well, and a refusal again is no news: no pause */
    w->is_resending = true;
    walk_again(w);
}

/* Dead letters have a topic of their own, so they neither share a request with an event nor hold one up. */
static unsigned events_in_flight(const struct tk_worker *w)
{
    return w->sink->ops->in_flight(w->sink) - w->dead_in_flight;
}

/* @returns false when the walk has to stop here */
static bool resend_one(struct tk_worker *w, uint64_t ticket)
{
    struct tk_entry *entry = tk_window_get(w->window, ticket);
    bool is_alone = entry->is_alone;
    struct tk_record rec;

    if (tk_ring_read_at(w->config.ring, entry->begin, &rec) < 0) {
        tk_worker_end_damaged(w, ticket);
        return true;
    }
    tk_stats_add(w->config.stats, TK_SENT_AGAIN, 1);
    tk_worker_process(w, &rec, ticket, true);
    w->resend_next = ticket + 1;
    w->is_alone_out = is_alone;
    if (is_alone)
        tk_worker_note_alone(w);
    return !is_alone && !w->is_held;
}

bool tk_worker_resend(struct tk_worker *w)
{
    bool did_something = false;
    uint64_t ticket;

    if (w->now.mono < w->resend_at)
        return false;
    if ((w->resend_next == 0 || w->is_alone_out) && events_in_flight(w) > 0)
        return false; /* the rest may come back too, and order is by the ring; or nothing may share its request */
    w->is_alone_out = false;
    for (int i = 0; i < RESEND_BATCH; i++) {
        if (!tk_window_next_again(w->window, w->resend_next, false, &ticket)) {
            w->is_resending = false;
            return true;
        }
        if (tk_window_get(w->window, ticket)->is_alone && events_in_flight(w) > 0)
            break; /* those before it first */
        did_something = true;
        if (!resend_one(w, ticket))
            break;
    }
    return did_something;
}
