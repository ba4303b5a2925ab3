/* SPDX-License-Identifier: Apache-2.0 */
/* Events that Kafka refuses permanently. They are published to kafkaDeadLetterTopic, or else written to the file beside the
 * queue; then the record ends, as dropped. Dead letters do not wait for events, and events do not wait for dead letters.
 * If only the dead letter topic fails, a dead letter at the ring's tail would keep its space and that of all records
 * after it: so before they fill the queue, it is written to the file instead ("gives way"). */
#include <errno.h>
#include <string.h>
#include <syslog.h>

#include "delivery/delivery_internal.h"
#include "delivery/undeliverable.h"
#include "reporting/reporter.h"

#define BATCH         64 /* a step */
#define MAX_IN_FLIGHT 8  /* or they would fill the sink, by bytes, when their topic is in trouble */
#define AGAIN         TK_SECOND
#define FULL          (100 * TK_MSEC)

static const char *topic_of(const struct tk_worker *w)
{
    return w->bundle->settings->dead_letter_topic;
}

/* Where the event that stands in w->message would go: by the rules of now. */
static const char *refusing_topic(struct tk_worker *w)
{
    tk_routes_choose(w);
    return tk_routes_topic(w, w->message.route);
}

static unsigned waiting(const struct tk_worker *w)
{
    return tk_window_count(w->window, TK_LIFE_LETTER);
}

static unsigned unwanted(const struct tk_worker *w)
{
    return tk_window_count(w->window, TK_LIFE_UNWANTED);
}

void tk_letters_condemn(struct tk_worker *w, uint64_t ticket, enum tk_stat stat, const char *reason)
{
    struct tk_entry *entry = tk_window_get(w->window, ticket);
    char id[TK_EVENT_ID_BYTES];
    uint64_t held_back;

    entry->end_stat = (uint8_t)stat;
    entry->reason = reason ? reason : "no reason was given";
    (void)tk_window_step(w->window, ticket, topic_of(w) ? TK_STEP_CONDEMNED : TK_STEP_UNWANTED);
    tk_fates_give_up(w, entry, ticket);
    if (tk_log_limit_pass(&w->letters.change_limit, w->now.mono, TK_CHANGE_PERIOD, &held_back))
        tk_reporter_note(w->reporter, TK_CHANGE_UNDELIVERABLE, "event %s: %s (%llu more since the last such record)",
                         tk_reports_event_id(w, entry, id), entry->reason, (unsigned long long)held_back);
}

/* @param fate  what became of the event, for the log; @p name goes with it */
static void end(struct tk_worker *w, uint64_t ticket, const char *fate, const char *name)
{
    struct tk_entry *entry = tk_window_get(w->window, ticket);
    char id[TK_EVENT_ID_BYTES];
    uint64_t held_back;

    tk_stats_add(w->config.stats, (enum tk_stat)entry->end_stat, 1);
    if (tk_log_limit_pass(&w->letters.limit, w->now.mono, TK_LOG_PERIOD, &held_back))
        tk_log_put(w->config.log, LOG_ERR,
                   "trapkafka: event '%s' %s%s: Kafka refuses it permanently: %s "
                   "(%llu more since the last message)",
                   tk_reports_event_id(w, entry, id), fate, name, entry->reason, (unsigned long long)held_back);
    (void)tk_window_step(w->window, ticket, TK_STEP_ENDED);
}

/* The event that stands in w->message, as a line of the file. @returns 0 / -errno */
static int append_to_file(struct tk_worker *w, const struct tk_entry *entry)
{
    char time[TK_RFC3339_BYTES];
    struct tk_json *j = &w->letters.line;

    tk_clock_rfc3339(time, w->now.wall);
    tk_json_clear(j);
    tk_json_object_begin(j);
    TK_JSON_NAME(j, "time");
    tk_json_cstring(j, time);
    TK_JSON_NAME(j, "reason");
    tk_json_cstring(j, entry->reason);
    TK_JSON_NAME(j, "topic");
    tk_json_cstring(j, refusing_topic(w));
    TK_JSON_NAME(j, "event");
    tk_json_raw(j, w->message.payload, w->message.payload_len);
    tk_json_object_end(j);
    j->needs_comma = false;
    tk_json_raw(j, "\n", 1);
    if (j->is_failed)
        return -ENOMEM;
    return tk_undeliverable_append(w->letters.file, TK_UNDELIVERABLE_MAX_BYTES, j->buf, j->len);
}

static void keep(struct tk_worker *w, uint64_t ticket)
{
    const char *file = w->letters.file;
    uint64_t held_back;
    int ret = file ? append_to_file(w, tk_window_get(w->window, ticket)) : -ENOENT;

    if (ret == 0) {
        tk_stats_add(w->config.stats, TK_UNDELIVERABLE_KEPT, 1);
        end(w, ticket, "was written to ", file);
        return;
    }
    if (file && tk_log_limit_pass(&w->letters.file_limit, w->now.mono, TK_LOG_PERIOD, &held_back))
        tk_log_put(
            w->config.log, LOG_ERR,
            "trapkafka: '%s': an undeliverable event can't be written: %s; the disk needs room, and this must be "
            "a regular file that snmptrapd's user may write (%llu more since the last message)",
            file, strerror(-ret), (unsigned long long)held_back);
    end(w, ticket, "is lost", "");
}

/* Publish what w->message holds to the other topic. @returns false when the sink is full */
static bool send(struct tk_worker *w, uint64_t ticket)
{
    struct tk_letters *letters = &w->letters;

    w->message.dead_topic = refusing_topic(w);
    w->message.topic = TK_TOPIC_DEAD_LETTERS;
    w->message.route = 0;
    w->message.ticket = ticket | TK_LETTER_TICKET;
    w->message.dead_reason = tk_window_get(w->window, ticket)->reason;
    switch (w->outlet.sink->ops->publish(w->outlet.sink, &w->message)) {
    case TK_FULL:
        (void)tk_window_step(w->window, ticket, TK_STEP_FULL);
        letters->at = w->now.mono + FULL;
        return false;
    case TK_ACCEPTED:
        (void)tk_window_step(w->window, ticket, letters->is_singly ? TK_STEP_ACCEPTED_ALONE : TK_STEP_ACCEPTED);
        letters->in_flight++;
        break;
    case TK_TOO_LARGE:
    case TK_REFUSED: (void)tk_window_step(w->window, ticket, TK_STEP_UNWANTED); break;
    }
    return true;
}

static bool may_send(const struct tk_worker *w, bool may_publish)
{
    return may_publish && w->now.mono >= w->letters.at &&
           w->letters.in_flight < (w->letters.is_singly ? 1 : MAX_IN_FLIGHT);
}

/* Is it this one's turn? A dead letter that waits must not hold up an unwanted one behind it. */
static bool is_due(const struct tk_worker *w, const struct tk_entry *entry, bool may_publish)
{
    return entry->life == TK_LIFE_UNWANTED || !topic_of(w) || may_send(w, may_publish);
}

/* @returns false when the walk has to stop */
static bool send_one(struct tk_worker *w, uint64_t ticket)
{
    struct tk_entry *entry = tk_window_get(w->window, ticket);
    struct tk_record rec;

    if (tk_ring_read_at(w->config.ring, entry->begin, &rec) < 0)
        tk_reports_end_damaged(w, ticket);
    else if (tk_publish_write(w, &rec, ticket, true)) {
        if (entry->life == TK_LIFE_LETTER && topic_of(w))
            return send(w, ticket);
        keep(w, ticket);
    }
    return true;
}

/* Its topic alone is in trouble, and it holds back what came after it. Its report, if one is still to come, then
 * meets a record that does not expect it. */
static void give_way(struct tk_worker *w)
{
    struct tk_window_span span = tk_window_span(w->window);
    struct tk_entry *entry = tk_window_get(w->window, span.oldest);

    if (w->outlet.is_lost || !entry ||
        (entry->life != TK_LIFE_LETTER && !tk_life_is_letter_in_flight((enum tk_life)entry->life)) ||
        (span.entries < TK_WINDOW_ENTRIES / 4 * 3 && span.bytes < tk_ring_capacity(w->config.ring) / 4 * 3))
        return;
    (void)tk_window_step(w->window, span.oldest, TK_STEP_UNWANTED);
}

bool tk_letters_send(struct tk_worker *w, bool may_publish)
{
    uint64_t ticket = 0;
    unsigned n = 0;

    if (waiting(w) || w->letters.in_flight)
        give_way(w);
    else
        w->letters.is_singly = false;
    if (tk_publish_is_holding(w) || (!unwanted(w) && !(waiting(w) && (!topic_of(w) || may_send(w, may_publish)))))
        return false;
    for (; n < BATCH && tk_window_next_condemned(w->window, ticket, &ticket); ticket++) {
        if (!is_due(w, tk_window_get(w->window, ticket), may_publish))
            continue;
        n++;
        if (!send_one(w, ticket))
            break;
    }
    return n > 0;
}

void tk_letters_end_rest(struct tk_worker *w)
{
    for (uint64_t t = 0; !w->letters.file && tk_window_next_condemned(w->window, t, &t); t++)
        if (tk_window_get(w->window, t)->life == TK_LIFE_LETTER)
            (void)tk_window_step(w->window, t, TK_STEP_UNWANTED);
    while (unwanted(w) && tk_letters_send(w, false))
        ;
}

void tk_letters_report(struct tk_worker *w, const struct tk_report *report)
{
    uint64_t ticket = report->ticket & ~TK_LETTER_TICKET;
    struct tk_entry *entry = tk_window_get(w->window, ticket);
    struct tk_letters *letters = &w->letters;

    letters->in_flight--;
    if (!entry || !tk_life_is_letter_in_flight((enum tk_life)entry->life))
        return; /* it gave way */
    switch (report->fate) {
    case TK_DELIVERED:
        tk_stats_add(w->config.stats, TK_DEAD_LETTERED, 1);
        end(w, ticket, "was published to the dead letter topic", "");
        if (!w->outlet.is_lost)
            tk_reporter_note_delivery(w->reporter);
        break;
    case TK_CONDEMNED:
        if (entry->life == TK_LIFE_LETTER_IN_FLIGHT_ALONE) {
            (void)tk_window_step(w->window, ticket, TK_STEP_UNWANTED);
            break;
        }
        letters->is_singly = true;
        (void)tk_window_step(w->window, ticket, TK_STEP_REQUEST_REFUSED);
        break;
    case TK_SEND_AGAIN:
        (void)tk_window_step(w->window, ticket, TK_STEP_CAME_BACK);
        letters->at = w->now.mono + AGAIN;
        break;
    }
}
