/* SPDX-License-Identifier: Apache-2.0 */
/* Publishes again what the sink returned, in the ring's order, before anything new is read. */
#include "delivery/delivery_internal.h"

#define FIRST_BACKOFF (100 * TK_MSEC)
#define MAX_BACKOFF   (5 * TK_SECOND)
#define RESEND_BATCH  256

static unsigned count(const struct tk_worker *w, enum tk_life life)
{
    return tk_window_count(w->window, life);
}

bool tk_resend_is_under_way(const struct tk_worker *w)
{
    return count(w, TK_LIFE_RETRY) + count(w, TK_LIFE_RETRY_ALONE) + count(w, TK_LIFE_IN_FLIGHT_ALONE) +
               count(w, TK_LIFE_HELD_ALONE) >
           0;
}

/* The walk begins anew at the oldest record; one that is held takes its turn in it. */
static void begin_walk(struct tk_worker *w)
{
    w->resend.must_settle = true;
    if (tk_publish_is_holding(w))
        (void)tk_window_step(w->window, w->held_ticket, TK_STEP_PUSHED_BACK);
}

void tk_resend_later(struct tk_worker *w, uint64_t ticket, enum tk_life_step step)
{
    struct tk_resend *r = &w->resend;

    if (!tk_resend_is_under_way(w) || w->now.mono >= r->at) { /* one failure brings many back: it counts once */
        r->backoff = r->backoff ? r->backoff * 2 : FIRST_BACKOFF;
        if (r->backoff > MAX_BACKOFF)
            r->backoff = MAX_BACKOFF;
        r->at = w->now.mono + r->backoff;
    }
    (void)tk_window_step(w->window, ticket, step);
    begin_walk(w);
}

void tk_resend_alone(struct tk_worker *w, uint64_t ticket, enum tk_life_step step)
{
    if (!tk_resend_is_under_way(w))
        w->resend.at = w->now.mono;
    (void)tk_window_step(w->window, ticket, step);
    begin_walk(w);
}

unsigned tk_resend_events_in_flight(const struct tk_worker *w)
{
    return count(w, TK_LIFE_IN_FLIGHT) + count(w, TK_LIFE_IN_FLIGHT_ALONE);
}

static void resend_one(struct tk_worker *w, uint64_t ticket)
{
    struct tk_record rec;

    if (tk_ring_read_at(w->config.ring, tk_window_get(w->window, ticket)->begin, &rec) < 0) {
        tk_reports_end_damaged(w, ticket);
        return;
    }
    tk_stats_add(w->config.stats, TK_SENT_AGAIN, 1);
    if (tk_publish_write(w, &rec, ticket, true))
        (void)tk_publish_message(w, ticket);
}

/* May the record at @p ticket, the oldest that waits, be published now? */
static bool is_turn_of(const struct tk_worker *w, uint64_t ticket)
{
    unsigned in_flight = tk_resend_events_in_flight(w);
    enum tk_life life = (enum tk_life)tk_window_get(w->window, ticket)->life;

    if (w->resend.must_settle && in_flight > 0)
        return false; /* the rest may come back too, and the order is that of the ring */
    if (count(w, TK_LIFE_IN_FLIGHT_ALONE) > 0)
        return false; /* nothing may share its request */
    return life != TK_LIFE_RETRY_ALONE || in_flight == 0;
}

bool tk_resend_some(struct tk_worker *w)
{
    bool did_something = false;
    uint64_t ticket;

    if (w->now.mono < w->resend.at)
        return false;
    for (int i = 0; i < RESEND_BATCH && !tk_publish_is_holding(w) && tk_window_next_retry(w->window, &ticket) &&
                    is_turn_of(w, ticket);
         i++) {
        w->resend.must_settle = false;
        resend_one(w, ticket);
        did_something = true;
    }
    return did_something;
}
