/* SPDX-License-Identifier: Apache-2.0 */
/* What became of a record: the sink's reports, and who is told. */
#include "base/devel.h"
#include "pipeline/worker_internal.h"

const char *tk_worker_event_id(struct tk_worker *w, const struct tk_entry *entry, char id[TK_EVENT_ID_BYTES])
{
    struct tk_receiver rx = {.host = ""};
    struct tk_record rec;
    bool is_sound = tk_ring_read_at(w->config.ring, entry->begin, &rec) > 0;

    tk_receiver_set_queue(&rx, is_sound ? rec.queue : tk_ring_uuid(w->config.ring));
    tk_event_id(id, &rx, entry->seq);
    return id;
}

void tk_worker_tell(struct tk_worker *w, struct tk_entry *entry, bool is_delivered)
{
    uint32_t reply = entry->reply;
    uint64_t seq = entry->seq;

    entry->reply = 0;
    if (reply && w->config.replies)
        tk_replies_tell(w->config.replies, reply, seq, is_delivered);
    while (tk_waiters_take(&w->waiters, &entry->waiters, &reply, &seq))
        tk_replies_tell(w->config.replies, reply, seq, is_delivered);
}

void tk_worker_follow(struct tk_worker *w, struct tk_entry *entry, uint64_t owner)
{
    struct tk_entry *first = tk_window_get(w->window, owner);

    if (!entry->reply || !w->config.replies)
        return;
    if (first && first->state != TK_ENTRY_FINISHED) {
        if (!tk_waiters_add(&w->waiters, &first->waiters, entry->reply, entry->seq))
            tk_replies_tell(w->config.replies, entry->reply, entry->seq, false); /* its retransmission asks again */
    } else /* delivered: had it ended otherwise, its window would have been undone */
        tk_replies_tell(w->config.replies, entry->reply, entry->seq, true);
    entry->reply = 0;
}

void tk_worker_end(struct tk_worker *w, uint64_t ticket, bool is_delivered)
{
    tk_worker_tell(w, tk_window_get(w->window, ticket), is_delivered);
    tk_window_finish(w->window, ticket);
}

void tk_worker_end_damaged(struct tk_worker *w, uint64_t ticket)
{
    struct tk_entry *entry = tk_window_get(w->window, ticket);

    tk_stats_add(w->config.stats, TK_DROPPED_DAMAGED, 1);
    tk_dedup_undo(w->stages.dedup, entry->dedup_key);
    tk_worker_note_damage(w, entry->begin, 1);
    tk_worker_end(w, ticket, false);
}

void tk_worker_on_report(void *arg, const struct tk_report *report)
{
    struct tk_worker *w = arg;
    struct tk_entry *entry = tk_window_get(w->window, report->ticket);
    char id[TK_EVENT_ID_BYTES];

    if (report->ticket & TK_DEAD_TICKET) {
        tk_worker_on_dead_report(w, report);
        return;
    }
    if (!entry || entry->state != TK_ENTRY_IN_FLIGHT)
        return; /* a sink that breaks its contract must not break the books */
    switch (report->fate) {
    case TK_DELIVERED:
        if (entry->is_alone)
            tk_worker_learn_size(w, false);
        if (TK_DELIVERY_IS_LOGGED())
            TK_DELIVERY_LOG(tk_worker_event_id(w, entry, id));
        tk_stats_add(w->config.stats, TK_PUBLISHED, 1);
        tk_worker_end(w, report->ticket, true);
        w->backoff = 0;
        tk_worker_note_delivery(w);
        break;
    case TK_CONDEMNED:
        if (entry->is_alone) {
            if (report->is_too_large)
                tk_worker_learn_size(w, true);
            tk_worker_condemn(w, report->ticket, TK_DROPPED_UNDELIVERABLE, report->reason);
            break;
        }
        entry->is_alone = true;
        entry->state = TK_ENTRY_AGAIN;
        tk_worker_return_alone(w);
        break;
    case TK_SEND_AGAIN:
        entry->state = TK_ENTRY_AGAIN;
        tk_worker_return(w);
        break;
    }
}
