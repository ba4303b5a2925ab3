/* SPDX-License-Identifier: Apache-2.0 */
/* Tells snmptrapd's thread, through queue/inform_results.h, what became of the records whose INFORM waits for an answer. */
#include "delivery/delivery_internal.h"
#include "stages/alarm_states.h"
#include "stages/dedup_window.h"

void tk_fates_tell(struct tk_worker *w, struct tk_entry *entry, bool is_delivered)
{
    uint32_t reply = entry->reply;
    uint64_t seq = entry->seq;

    entry->reply = 0;
    if (reply && w->config.replies)
        tk_inform_results_tell(w->config.replies, reply, seq, is_delivered);
    while (tk_inform_repeats_take(&w->waiters, &entry->waiters, &reply, &seq))
        tk_inform_results_tell(w->config.replies, reply, seq, is_delivered);
}

/* This event is not published: dedup and the states of alarms know nothing of it. */
static void forget(struct tk_worker *w, const struct tk_entry *entry, uint64_t ticket)
{
    tk_derived_outlet_cancel(w, ticket);
    tk_dedup_undo(w->dedup, entry->dedup_key, ticket);
    tk_alarm_states_undo(w->alarms, entry->alarm_entry, ticket, entry->has_ended_more);
}

void tk_fates_give_up(struct tk_worker *w, struct tk_entry *entry, uint64_t ticket)
{
    forget(w, entry, ticket);
    tk_fates_tell(w, entry, false);
}

void tk_fates_withdraw(struct tk_worker *w, struct tk_entry *entry, uint64_t ticket)
{
    forget(w, entry, ticket);
    tk_fates_tell(w, entry, true);
}

void tk_fates_follow(struct tk_worker *w, struct tk_entry *entry, uint64_t owner)
{
    struct tk_entry *first = tk_window_get(w->window, owner);

    if (!entry->reply || !w->config.replies)
        return;
    if (first && first->life != TK_LIFE_ENDED) {
        /* Out of memory: this INFORM gets no answer, and its retransmission asks again. */
        if (!tk_inform_repeats_add(&w->waiters, &first->waiters, entry->reply, entry->seq))
            tk_inform_results_tell(w->config.replies, entry->reply, entry->seq, false);
    } else { /* delivered: had it ended otherwise, its dedup window would have been undone */
        tk_inform_results_tell(w->config.replies, entry->reply, entry->seq, true);
    }
    entry->reply = 0;
}
