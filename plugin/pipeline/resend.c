/* SPDX-License-Identifier: Apache-2.0 */
/* Records that the sink gave back are published again in the ring's order, before anything new is read. */
#include "pipeline/worker_internal.h"

#define FIRST_BACKOFF (100 * TK_MSEC)
#define MAX_BACKOFF   (5 * TK_SECOND)
#define RESEND_BATCH  256

void tk_worker_return(struct tk_worker *w)
{
    if (!w->is_resending || w->now >= w->resend_at) { /* one failure brings many back: it counts once */
        w->is_resending = true;
        w->backoff = w->backoff ? w->backoff * 2 : FIRST_BACKOFF;
        if (w->backoff > MAX_BACKOFF)
            w->backoff = MAX_BACKOFF;
        w->resend_at = w->now + w->backoff;
    }
    w->resend_next = 0; /* from the oldest on, once nothing is in flight any more */
    w->is_held = false; /* one that waits for room takes its turn behind those that came back */
}

/* @returns false when the walk has to stop here */
static bool resend_one(struct tk_worker *w, uint64_t ticket)
{
    struct tk_entry *entry = tk_window_get(w->window, ticket);
    bool is_alone = entry->is_alone;
    struct tk_record rec;

    if (tk_ring_read_at(w->config.ring, entry->begin, &rec) < 0) {
        tk_stats_add(w->config.stats, TK_DROPPED_DAMAGED, 1);
        tk_dedup_undo(w->stages.dedup, entry->dedup_key);
        tk_window_finish(w->window, ticket);
        return true;
    }
    tk_stats_add(w->config.stats, TK_SENT_AGAIN, 1);
    tk_worker_process(w, &rec, ticket, true);
    w->resend_next = ticket + 1;
    w->is_alone_out = is_alone;
    return !is_alone && !w->is_held;
}

bool tk_worker_resend(struct tk_worker *w)
{
    bool did_something = false;
    uint64_t ticket;

    if (w->now < w->resend_at)
        return false;
    if ((w->resend_next == 0 || w->is_alone_out) && w->sink->ops->in_flight(w->sink) > 0)
        return false; /* the rest may come back too, and order is by the ring; or nothing may share its request */
    w->is_alone_out = false;
    for (int i = 0; i < RESEND_BATCH; i++) {
        if (!tk_window_next_again(w->window, w->resend_next, &ticket)) {
            w->is_resending = false;
            return true;
        }
        if (tk_window_get(w->window, ticket)->is_alone && w->sink->ops->in_flight(w->sink) > 0)
            break; /* those before it first */
        did_something = true;
        if (!resend_one(w, ticket))
            break;
    }
    return did_something;
}
