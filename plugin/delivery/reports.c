/* SPDX-License-Identifier: Apache-2.0 */
/* Delivery reports: what became of a record in Kafka. */
#include <syslog.h>

#include "base/devel.h"
#include "delivery/delivery_internal.h"
#include "reporting/reporter.h"

const char *tk_reports_event_id(struct tk_worker *w, const struct tk_entry *entry, char id[TK_EVENT_ID_BYTES])
{
    struct tk_receiver rx = {.host = ""};
    struct tk_record rec;
    bool is_sound = tk_ring_read_at(w->config.ring, entry->begin, &rec) > 0;

    tk_receiver_set_queue(&rx, is_sound ? rec.queue : tk_ring_uuid(w->config.ring));
    tk_event_id(id, &rx, entry->seq);
    return id;
}

void tk_reports_end_damaged(struct tk_worker *w, uint64_t ticket)
{
    struct tk_entry *entry = tk_window_get(w->window, ticket);

    tk_stats_add(w->config.stats, TK_DROPPED_DAMAGED, 1);
    tk_reporter_note_damage(w->reporter, entry->begin, 1);
    tk_fates_give_up(w, entry, ticket);
    (void)tk_window_step(w->window, ticket, TK_STEP_ENDED);
}

/* A warning, though all is well: Debian's unit logs warnings only, and this is the line that a newcomer waits for. */
static void log_first(struct tk_worker *w, const char *topic)
{
    struct tk_sink *sink = w->outlet.sink;

    if (w->outlet.has_delivered || !sink)
        return;
    w->outlet.has_delivered = true;
    tk_log_put(w->config.log, LOG_WARNING, "trapkafka: Kafka has acknowledged the first event (topic '%s', brokers %s)",
               topic, sink->ops->view(sink).brokers);
}

static void end_delivered(struct tk_worker *w, uint64_t ticket, struct tk_entry *entry, const char *topic)
{
    char id[TK_EVENT_ID_BYTES];

    if (tk_life_is_alone((enum tk_life)entry->life))
        tk_too_large_learn(w, false);
    if (TK_DELIVERY_IS_LOGGED())
        TK_DELIVERY_LOG(tk_reports_event_id(w, entry, id));
    tk_stats_add(w->config.stats, TK_PUBLISHED, 1);
    tk_stats_set(w->config.stats, TK_LAST_ACKNOWLEDGED, (uint64_t)(w->now.wall / TK_SECOND));
    tk_stats_observe(w->config.stats, TK_LATENCY, w->now.mono - entry->received);
    log_first(w, topic);
    tk_derived_outlet_end_event(w, ticket);
    w->resend.backoff = 0;
    if (!w->outlet.is_lost)
        tk_reporter_note_delivery(w->reporter);
}

static void take_refusal(struct tk_worker *w, const struct tk_report *report, const struct tk_entry *entry)
{
    if (!tk_life_is_alone((enum tk_life)entry->life)) {
        tk_resend_alone(w, report->ticket, TK_STEP_REQUEST_REFUSED);
        return;
    }
    if (report->is_too_large)
        tk_too_large_learn(w, true);
    tk_letters_condemn(w, report->ticket, TK_DROPPED_UNDELIVERABLE, report->reason);
}

void tk_reports_take(void *arg, const struct tk_report *report)
{
    struct tk_worker *w = arg;
    struct tk_entry *entry;

    if (report->ticket & TK_LETTER_TICKET) {
        tk_letters_report(w, report);
        return;
    }
    if (report->ticket & TK_DERIVED_TICKET) {
        tk_derived_outlet_report(w, report);
        return;
    }
    entry = tk_window_get(w->window, report->ticket);
    if (!entry || !tk_life_is_in_flight((enum tk_life)entry->life))
        return; /* a sink that breaks its contract must not break the books */
    tk_stalls_note_report(w, entry->route, report->fate);
    switch (report->fate) {
    case TK_DELIVERED: end_delivered(w, report->ticket, entry, report->topic); break;
    case TK_CONDEMNED: take_refusal(w, report, entry); break;
    case TK_SEND_AGAIN: tk_resend_later(w, report->ticket, TK_STEP_CAME_BACK); break;
    }
}
