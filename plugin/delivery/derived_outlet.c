/* SPDX-License-Identifier: Apache-2.0 */
/* Sends derived messages, and keeps their book: derived = derived_published + derived_dropped + derived_pending.
 *
 * They neither wait for events that come after them, nor hold these up. If only their topic is in trouble, a record that
 * owes a message would keep its space in the ring and that of all after it: so before those fill the queue, what it owes
 * is given up ("gives way"), but not in an outage, and not before the topic has been silent for TK_STALL_SECONDS. */
#include <syslog.h>

#include "base/devel.h"
#include "delivery/delivery_internal.h"
#include "reporting/reporter.h"

#define BATCH         256             /* a step */
#define MAX_IN_FLIGHT 4000            /* messages of a kind, and their bytes: or they would fill the sink, when their */
#define MAX_BYTES     (4u << 20)      /* topic is in trouble */
#define AGAIN         (100 * TK_MSEC) /* after one came back */
#define FULL          (10 * TK_MSEC)
#define PATIENCE      (TK_STALL_SECONDS * TK_SECOND)

/** What one kind of messages needs. */
static const struct {
    /** Write the message for a change. @returns false: there is none, and why, as a counter */
    bool (*write)(struct tk_worker *w, const struct tk_derived_change *change, struct tk_message *msg,
                  enum tk_stat *ret_drop);
} kinds[TK_DERIVED_KINDS] = {
    [TK_DERIVED_ALARM] = {.write = tk_alarm_feed_write},
};

static const char *topic_of(const struct tk_worker *w)
{
    return w->bundle->settings->alarm_topic;
}

/* --- how messages end ------------------------------------------------------------------------------------------ */

/* For the functions of derived.h that end changes. */
struct ending {
    struct tk_worker *w;
    enum tk_stat stat;
    const char *reason; /* NULL: it is told elsewhere, or good news */
};

static void pay(struct tk_worker *w, uint64_t ticket)
{
    struct tk_entry *entry = tk_window_get(w->window, ticket);

    if (entry && entry->life == TK_LIFE_OWING && entry->owed == 1) /* an INFORM is answered when its record ends */
        tk_fates_tell(w, entry, true);
    tk_window_pay(w->window, ticket);
}

static void tell_loss(struct tk_worker *w, uint64_t ticket, const char *reason)
{
    struct tk_derived_outlet *o = &w->derived;
    char id[TK_EVENT_ID_BYTES] = "";
    uint64_t held_back;

    if (ticket != TK_DERIVED_NO_RECORD)
        (void)tk_reports_event_id(w, tk_window_get(w->window, ticket), id);
    if (tk_log_limit_pass(&o->change_limit, w->now.mono, TK_CHANGE_PERIOD, &held_back))
        tk_reporter_note(w->reporter, TK_CHANGE_UNDELIVERABLE,
                         "message about the alarm of event %s: %s (%llu more since the last such record)", id, reason,
                         (unsigned long long)held_back);
    if (tk_log_limit_pass(&o->limit, w->now.mono, TK_LOG_PERIOD, &held_back))
        tk_log_put(
            w->config.log, LOG_ERR,
            "trapkafka: the message about the alarm of event '%s' is lost: %s (%llu more since the last message)", id,
            reason, (unsigned long long)held_back);
}

static void end(void *arg, uint64_t ticket)
{
    const struct ending *e = arg;

    tk_stats_add(e->w->config.stats, e->stat, 1);
    if (e->reason)
        tell_loss(e->w, ticket, e->reason);
    if (ticket != TK_DERIVED_NO_RECORD)
        pay(e->w, ticket);
}

static void refuse(struct tk_worker *w, uint32_t subject, enum tk_stat stat, const char *reason)
{
    tk_derived_refused(w->derived.due, subject, end, &(struct ending){w, stat, reason});
}

void tk_derived_outlet_end_event(struct tk_worker *w, uint64_t ticket)
{
    struct tk_derived *due = w->derived.due;
    unsigned owed = due ? tk_derived_of_record(due, ticket) : 0;

    if (owed == 0)
        tk_fates_tell(w, tk_window_get(w->window, ticket), true);
    for (unsigned i = 0; i < owed; i++)
        tk_window_owe(w->window, ticket);
    (void)tk_window_step(w->window, ticket, TK_STEP_ENDED);
    if (owed == 0)
        return;
    tk_stats_add(w->config.stats, TK_DERIVED, owed);
    if (tk_derived_due(due) == 0)
        for (unsigned kind = 0; kind < TK_DERIVED_KINDS; kind++)
            w->derived.flow[kind].answered = w->now.mono;
    tk_derived_release(due, ticket, end, &(struct ending){w, TK_DERIVED_PUBLISHED, NULL});
}

void tk_derived_outlet_cancel(struct tk_worker *w, uint64_t ticket)
{
    if (w->derived.due)
        tk_derived_cancel(w->derived.due, ticket);
}

/* --- giving way ------------------------------------------------------------------------------------------------ */

static void tell_topic(struct tk_worker *w, bool is_lost)
{
    w->derived.is_topic_lost = is_lost;
    if (is_lost) {
        tk_reporter_note(w->reporter, TK_CHANGE_TOPIC_LOST, "topic '%s' takes no messages about alarms", topic_of(w));
        tk_log_put(
            w->config.log, LOG_ERR,
            "trapkafka: topic '%s' has taken no message about an alarm for %d s, and the queue is nearly full: the "
            "oldest messages are given up; an alarm is right there again after its next change",
            topic_of(w), TK_STALL_SECONDS);
    } else {
        tk_reporter_note(w->reporter, TK_CHANGE_TOPIC_REGAINED, "topic '%s' takes messages about alarms again",
                         topic_of(w));
        tk_log_put(w->config.log, LOG_ERR, "trapkafka: topic '%s' takes messages about alarms again", topic_of(w));
    }
}

static bool is_nearly_full(const struct tk_worker *w, const struct tk_window_span *span, uint64_t entries, uint64_t end)
{
    return span->entries - entries >= TK_WINDOW_ENTRIES / 4 * 3 ||
           span->bytes - (end - span->begin) >= tk_ring_capacity(w->config.ring) / 4 * 3 ||
           tk_derived_count(w->derived.due) >= TK_DERIVED_MAX / 4 * 3;
}

static void give_way(struct tk_worker *w)
{
    struct tk_window_span span = tk_window_span(w->window);
    struct ending lost = {w, TK_DERIVED_DROPPED_TOPIC_LOST, NULL};
    uint64_t end_at = span.begin;

    if (w->outlet.is_lost || w->now.mono - w->derived.flow[TK_DERIVED_ALARM].answered < PATIENCE)
        return;
    for (uint64_t n = 0; n < span.entries && is_nearly_full(w, &span, n, end_at); n++) {
        struct tk_entry *entry = tk_window_get(w->window, span.oldest + n);

        if (entry->life == TK_LIFE_OWING) {
            if (!w->derived.is_topic_lost)
                tell_topic(w, true);
            tk_derived_give_way(w->derived.due, span.oldest + n, end, &lost);
        } else if (entry->life != TK_LIFE_ENDED) {
            return;
        }
        end_at = entry->end;
    }
}

/* --- on the way ------------------------------------------------------------------------------------------------ */

/* @returns false when no more can be sent now */
static bool send_one(struct tk_worker *w, enum tk_derived_kind kind, uint32_t subject)
{
    struct tk_derived_flow *flow = &w->derived.flow[kind];
    struct tk_derived_change change = tk_derived_newest(w->derived.due, subject);
    struct tk_message msg;
    enum tk_stat drop;
    size_t bytes;

    if (!kinds[kind].write(w, &change, &msg, &drop)) {
        refuse(w, subject, drop, NULL);
        return true;
    }
    msg.ticket = subject | TK_DERIVED_TICKET;
    bytes = msg.key_len + msg.payload_len + 1;
    switch (w->outlet.sink->ops->publish(w->outlet.sink, &msg)) {
    case TK_FULL: flow->at = w->now.mono + FULL; return false;
    case TK_ACCEPTED:
        flow->is_alone = flow->singly > 0;
        flow->in_flight++;
        flow->bytes += bytes;
        tk_derived_sent(w->derived.due, subject, bytes);
        break;
    case TK_TOO_LARGE:
        refuse(w, subject, TK_DERIVED_DROPPED_TOO_LARGE,
               "it is larger than message.max.bytes; raise it by kafkaProperty, and the topic's limit");
        break;
    case TK_REFUSED:
        refuse(w, subject, TK_DERIVED_DROPPED_UNDELIVERABLE, "librdkafka says that the message is invalid");
        break;
    }
    return true;
}

static bool may_send(const struct tk_worker *w, const struct tk_derived_flow *flow)
{
    return w->now.mono >= flow->at && flow->in_flight < (flow->singly ? 1 : MAX_IN_FLIGHT) && flow->bytes < MAX_BYTES;
}

/* kafkaAlarmTopic was turned off. */
static void withdraw(struct tk_worker *w)
{
    uint32_t subject;

    while ((subject = tk_derived_next(w->derived.due, TK_DERIVED_ALARM)))
        refuse(w, subject, TK_DERIVED_DROPPED_WITHDRAWN, NULL);
}

bool tk_derived_outlet_send(struct tk_worker *w, bool may_publish)
{
    struct tk_derived *due = w->derived.due;
    unsigned n = 0;

    if (!due || tk_derived_due(due) == 0)
        return false;
    if (!topic_of(w))
        withdraw(w);
    else
        give_way(w);
    if (!may_publish || tk_publish_is_holding(w))
        return false;
    for (unsigned kind = 0; kind < TK_DERIVED_KINDS; kind++) {
        uint32_t subject;

        while (n < BATCH && (subject = tk_derived_next(due, kind)) && may_send(w, &w->derived.flow[kind])) {
            if (!send_one(w, kind, subject))
                break;
            n++;
        }
    }
    return n > 0;
}

static void take_refusal(struct tk_worker *w, struct tk_derived_flow *flow, uint32_t subject,
                         const struct tk_report *report)
{
    if (flow->is_alone) {
        flow->singly = 0; /* it was the one */
        refuse(w, subject, report->is_too_large ? TK_DERIVED_DROPPED_TOO_LARGE : TK_DERIVED_DROPPED_UNDELIVERABLE,
               report->reason ? report->reason : "no reason was given");
        return;
    }
    flow->singly++;
    tk_derived_came_back(w->derived.due, subject);
}

void tk_derived_outlet_report(struct tk_worker *w, const struct tk_report *report)
{
    uint32_t subject = (uint32_t)(report->ticket & ~TK_DERIVED_TICKET);
    struct tk_derived *due = w->derived.due;
    size_t bytes = due ? tk_derived_bytes_of(due, subject) : 0;
    struct tk_derived_flow *flow;

    if (!bytes)
        return; /* a sink that breaks its contract must not break the books */
    flow = &w->derived.flow[tk_derived_kind_of(due, subject)];
    flow->in_flight--;
    flow->bytes -= bytes;
    switch (report->fate) {
    case TK_DELIVERED:
        flow->singly -= flow->is_alone && flow->singly;
        flow->answered = w->now.mono;
        tk_derived_delivered(due, subject, end, &(struct ending){w, TK_DERIVED_PUBLISHED, NULL});
        if (w->derived.is_topic_lost)
            tell_topic(w, false);
        break;
    case TK_CONDEMNED:
        flow->answered = w->now.mono;
        take_refusal(w, flow, subject, report);
        break;
    case TK_SEND_AGAIN:
        flow->at = w->now.mono + AGAIN;
        tk_derived_came_back(due, subject);
        break;
    }
}

unsigned tk_derived_outlet_in_flight(const struct tk_worker *w)
{
    unsigned n = 0;

    for (unsigned kind = 0; kind < TK_DERIVED_KINDS; kind++)
        n += w->derived.flow[kind].in_flight;
    return n;
}

/* --- bundles --------------------------------------------------------------------------------------------------- */

/* kafkaAlarmTopic is off: what happens from now on is not noted, so what was noted would be an old state when it is on
 * again. */
static void forget_undue(struct tk_worker *w)
{
    struct tk_window_span span = tk_window_span(w->window);

    for (uint64_t t = span.oldest; t < span.oldest + span.entries; t++) {
        enum tk_life life = (enum tk_life)tk_window_get(w->window, t)->life;

        if (life != TK_LIFE_ENDED && life != TK_LIFE_OWING)
            tk_derived_cancel(w->derived.due, t);
    }
}

void tk_derived_outlet_keep_bundle(struct tk_worker *w, struct tk_bundle *before)
{
    bool is_needed = w->derived.due && tk_derived_count(w->derived.due) > 0;

    tk_bundle_free(w->bundle_before);
    w->bundle_before = is_needed ? before : NULL;
    if (!is_needed)
        tk_bundle_free(before);
    w->bundle_number++;
    if (!topic_of(w) && is_needed)
        forget_undue(w);
    if (!topic_of(w) || w->derived.due)
        return;
    w->derived.due = tk_derived_new(TK_DERIVED_MAX, TK_WINDOW_ENTRIES);
    if (!w->derived.due)
        tk_log_put(w->config.log, LOG_ERR,
                   "trapkafka: out of memory: nothing is published to topic '%s' of "
                   "kafkaAlarmTopic; send SIGHUP when there is memory",
                   topic_of(w));
}

void tk_derived_outlet_drop_bundle(struct tk_worker *w)
{
    if (!w->bundle_before || tk_derived_count(w->derived.due) > 0)
        return;
    tk_bundle_free(w->bundle_before);
    w->bundle_before = NULL;
}
