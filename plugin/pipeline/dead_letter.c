/* SPDX-License-Identifier: Apache-2.0 */
/* What Kafka refuses for good: published to kafkaDeadLetterTopic, or else kept in the file beside the queue; then its
 * record ends, as dropped. A lane of its own: a dead letter waits for no event and no event for it. When its topic is
 * in trouble while the others are not, it gives way before the records that it holds back fill the queue. */
#include <errno.h>
#include <string.h>
#include <syslog.h>

#include "pipeline/undeliverable.h"
#include "pipeline/worker_internal.h"

#define BATCH         64               /* a step */
#define MAX_IN_FLIGHT 8                /* or they would fill the sink, by bytes, when their topic is in trouble */
#define AGAIN         TK_SECOND
#define FULL          (100 * TK_MSEC)
#define CHANGE_PERIOD (60 * TK_SECOND)

static const char *topic_of(const struct tk_worker *w)
{
    return w->bundle->settings->dead_letter_topic;
}

static void refuse(struct tk_worker *w, struct tk_entry *entry)
{
    entry->state = TK_ENTRY_AGAIN;
    entry->dead = TK_DEAD_REFUSED;
    w->dead_refused++;
}

static void wait_for_turn(struct tk_worker *w, struct tk_entry *entry)
{
    entry->state = TK_ENTRY_AGAIN;
    w->dead_waiting++;
}

void tk_worker_condemn(struct tk_worker *w, uint64_t ticket, enum tk_stat stat, const char *reason)
{
    struct tk_entry *entry = tk_window_get(w->window, ticket);
    char id[TK_EVENT_ID_BYTES];
    uint64_t held_back;

    entry->is_alone = false;
    entry->dead = TK_DEAD_LETTER;
    entry->dead_stat = (uint8_t)stat;
    entry->reason = reason ? reason : "no reason was given";
    if (topic_of(w))
        wait_for_turn(w, entry);
    else
        refuse(w, entry);
    tk_dedup_undo(w->stages.dedup, entry->dedup_key); /* the next repeat is news again */
    tk_worker_tell(w, entry, false);
    if (tk_log_limit_pass(&w->undeliverable_change, w->now.mono, CHANGE_PERIOD, &held_back))
        tk_worker_note(w, TK_CHANGE_UNDELIVERABLE, "event %s: %s (%llu more since the last such record)",
                       tk_worker_event_id(w, entry, id), entry->reason, (unsigned long long)held_back);
}

/* @param fate  what became of the event, for the log; @p name goes with it */
static void end(struct tk_worker *w, uint64_t ticket, const char *fate, const char *name)
{
    struct tk_entry *entry = tk_window_get(w->window, ticket);
    char id[TK_EVENT_ID_BYTES];
    uint64_t held_back;

    tk_stats_add(w->config.stats, (enum tk_stat)entry->dead_stat, 1);
    if (tk_log_limit_pass(&w->undeliverable_limit, w->now.mono, TK_LOG_PERIOD, &held_back))
        tk_log_put(w->config.log, LOG_ERR, "trapkafka: event '%s' is %s%s, Kafka refuses it for good: %s (%llu more "
                   "since the last such line)", tk_worker_event_id(w, entry, id), fate, name, entry->reason,
                   (unsigned long long)held_back);
    tk_worker_end(w, ticket, false);
}

/* The event, which stands in w->json, as a line of the file. @returns 0 / -errno */
static int append_to_file(struct tk_worker *w, const struct tk_entry *entry)
{
    char time[TK_RFC3339_BYTES];
    struct tk_json *j = &w->scratch;

    tk_clock_rfc3339(time, w->now.wall);
    tk_json_clear(j);
    tk_json_object_begin(j);
    TK_JSON_NAME(j, "time");
    tk_json_cstring(j, time);
    TK_JSON_NAME(j, "reason");
    tk_json_cstring(j, entry->reason);
    TK_JSON_NAME(j, "topic");
    tk_json_cstring(j, w->bundle->settings->topic);
    TK_JSON_NAME(j, "event");
    tk_json_raw(j, w->json.buf, w->json.len);
    tk_json_object_end(j);
    j->needs_comma = false;
    tk_json_raw(j, "\n", 1);
    if (j->is_failed)
        return -ENOMEM;
    return tk_undeliverable_append(w->undeliverable, TK_UNDELIVERABLE_MAX_BYTES, j->buf, j->len);
}

static void keep(struct tk_worker *w, uint64_t ticket)
{
    uint64_t held_back;
    int ret = w->undeliverable ? append_to_file(w, tk_window_get(w->window, ticket)) : -ENOENT;

    if (ret == 0) {
        tk_stats_add(w->config.stats, TK_UNDELIVERABLE_KEPT, 1);
        end(w, ticket, "kept in ", w->undeliverable);
        return;
    }
    if (w->undeliverable && tk_log_limit_pass(&w->file_limit, w->now.mono, TK_LOG_PERIOD, &held_back))
        tk_log_put(w->config.log, LOG_ERR, "trapkafka: '%s' can't take an undeliverable event: %s; it needs room, and "
                   "a plain file that the daemon's user may write (%llu more since the last such line)",
                   w->undeliverable, strerror(-ret), (unsigned long long)held_back);
    end(w, ticket, "lost", "");
}

/* Publish what w->message holds to the other topic. @returns false when the sink is full */
static bool send(struct tk_worker *w, uint64_t ticket)
{
    struct tk_entry *entry = tk_window_get(w->window, ticket);
    enum tk_publish answer;

    w->message.topic = TK_TOPIC_DEAD_LETTERS;
    w->message.ticket = ticket | TK_DEAD_TICKET;
    w->message.dead_reason = entry->reason;
    w->message.dead_topic = w->bundle->settings->topic;
    answer = w->sink->ops->publish(w->sink, &w->message);
    if (answer == TK_FULL) {
        wait_for_turn(w, entry);
        w->dead_at = w->now.mono + FULL;
        return false;
    }
    if (answer == TK_ACCEPTED) {
        entry->state = TK_ENTRY_IN_FLIGHT;
        entry->is_alone = w->is_dead_singly;
        w->dead_in_flight++;
    } else {
        refuse(w, entry);
    }
    return true;
}

static bool may_send(const struct tk_worker *w, bool may_publish)
{
    return may_publish && w->now.mono >= w->dead_at &&
           w->dead_in_flight < (w->is_dead_singly ? 1 : MAX_IN_FLIGHT);
}

/* Is it this one's turn? One that waits must not hold up a refused one behind it. */
static bool is_due(const struct tk_worker *w, const struct tk_entry *entry, bool may_publish)
{
    return entry->dead == TK_DEAD_REFUSED || !topic_of(w) || may_send(w, may_publish);
}

/* @returns false when the walk has to stop */
static bool bury_one(struct tk_worker *w, uint64_t ticket)
{
    struct tk_entry *entry = tk_window_get(w->window, ticket);
    bool is_letter = entry->dead == TK_DEAD_LETTER;
    struct tk_record rec;

    if (is_letter)
        w->dead_waiting--;
    else
        w->dead_refused--;
    if (tk_ring_read_at(w->config.ring, entry->begin, &rec) < 0)
        tk_worker_end_damaged(w, ticket);
    else if (tk_worker_encode(w, &rec, ticket, true)) {
        if (is_letter && topic_of(w))
            return send(w, ticket);
        keep(w, ticket);
    }
    return true;
}

/* Its topic alone is in trouble, and it holds back what came after it. */
static void give_way(struct tk_worker *w)
{
    struct tk_window_span span = tk_window_span(w->window);
    struct tk_entry *entry = tk_window_get(w->window, span.oldest);

    if (w->is_reach_lost || !entry || entry->dead != TK_DEAD_LETTER || entry->state == TK_ENTRY_FINISHED ||
        (span.entries < TK_WINDOW_ENTRIES / 4 * 3 && span.bytes < tk_ring_capacity(w->config.ring) / 4 * 3))
        return;
    if (entry->state == TK_ENTRY_AGAIN)
        w->dead_waiting--;
    refuse(w, entry); /* its report, if one is still to come, meets an entry that does not expect it */
}

bool tk_worker_bury(struct tk_worker *w, bool may_publish)
{
    uint64_t ticket = 0;
    unsigned n = 0;

    if (w->dead_waiting || w->dead_in_flight)
        give_way(w);
    else
        w->is_dead_singly = false;
    if (w->is_held || (!w->dead_refused && !(w->dead_waiting && (!topic_of(w) || may_send(w, may_publish)))))
        return false;
    for (; n < BATCH && tk_window_next_again(w->window, ticket, true, &ticket); ticket++) {
        if (!is_due(w, tk_window_get(w->window, ticket), may_publish))
            continue;
        n++;
        if (!bury_one(w, ticket))
            break;
    }
    return n > 0;
}

void tk_worker_bury_rest(struct tk_worker *w)
{
    for (uint64_t t = 0; !w->undeliverable && tk_window_next_again(w->window, t, true, &t); t++) {
        struct tk_entry *entry = tk_window_get(w->window, t);

        if (entry->dead == TK_DEAD_LETTER) {
            w->dead_waiting--;
            refuse(w, entry);
        }
    }
    while (w->dead_refused && tk_worker_bury(w, false))
        ;
}

void tk_worker_on_dead_report(struct tk_worker *w, const struct tk_report *report)
{
    uint64_t ticket = report->ticket & ~TK_DEAD_TICKET;
    struct tk_entry *entry = tk_window_get(w->window, ticket);

    w->dead_in_flight--;
    if (!entry || entry->dead != TK_DEAD_LETTER || entry->state != TK_ENTRY_IN_FLIGHT)
        return; /* it gave way */
    switch (report->fate) {
    case TK_DELIVERED:
        tk_stats_add(w->config.stats, TK_DEAD_LETTERED, 1);
        end(w, ticket, "in the topic of dead letters", "");
        tk_worker_note_delivery(w);
        break;
    case TK_CONDEMNED:
        if (entry->is_alone) {
            refuse(w, entry);
            break;
        }
        w->is_dead_singly = true;
        wait_for_turn(w, entry);
        break;
    case TK_SEND_AGAIN:
        wait_for_turn(w, entry);
        w->dead_at = w->now.mono + AGAIN;
        break;
    }
}
