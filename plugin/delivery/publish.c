/* SPDX-License-Identifier: Apache-2.0 */
/* A record's way out of the ring, through the stages, to the sink. */
#include <string.h>
#include <syslog.h>

#include "base/devel.h"
#include "delivery/delivery_internal.h"
#include "reporting/reporter.h"

#define READ_BATCH 256 /* records between two looks at reports and commands */

bool tk_publish_is_holding(const struct tk_worker *w)
{
    return tk_window_count(w->window, TK_LIFE_HELD) + tk_window_count(w->window, TK_LIFE_HELD_ALONE) > 0;
}

/* It may have passed the first time, with other rules. */
static void drop_by_rule(struct tk_worker *w, uint64_t ticket, struct tk_entry *entry)
{
    const struct tk_text *rule = &w->renderer.found.rule;

    tk_stats_add(w->config.stats, TK_SUPPRESSED_RULE, 1);
    tk_named_counts_add(&w->by_rule, rule->text, rule->len);
    tk_fates_withdraw(w, entry, ticket);
}

/* The record ends in the stages. */
static void drop(struct tk_worker *w, uint64_t ticket, enum tk_verdict verdict, uint64_t owner)
{
    struct tk_entry *entry = tk_window_get(w->window, ticket);

    if (verdict == TK_DROP_DUPLICATE) {
        tk_stats_add(w->config.stats, TK_SUPPRESSED_DUPLICATE, 1);
        tk_fates_follow(w, entry, owner);
    } else if (verdict == TK_DROP_BY_RULE) {
        drop_by_rule(w, ticket, entry);
    } else {
        tk_stats_add(w->config.stats, verdict == TK_DROP_MALFORMED ? TK_DROPPED_MALFORMED : TK_DROPPED_DAMAGED, 1);
        tk_fates_give_up(w, entry, ticket);
    }
    if (entry->life == TK_LIFE_READ)
        tk_window_drop(w->window, ticket);
    else
        (void)tk_window_step(w->window, ticket, TK_STEP_ENDED);
}

static void count_event(struct tk_stats *stats, const struct tk_findings *found)
{
    if (found->alarm.transition != TK_ALARM_UNTOLD)
        tk_stats_add(stats, (enum tk_stat)(TK_ALARM_EVENTS_RAISED + (found->alarm.transition - TK_ALARM_RAISED)), 1);
    if (found->is_unresolved)
        tk_stats_add(stats, TK_UNRESOLVED, 1);
    if (found->has_no_rule)
        tk_stats_add(stats, TK_NO_RULE, 1);
    if (found->has_no_device)
        tk_stats_add(stats, TK_NO_DEVICE, 1);
    if (found->is_incomplete)
        tk_stats_add(stats, TK_INCOMPLETE, 1);
}

static void note_regexes(struct tk_worker *w, const struct tk_findings *found)
{
    uint64_t held_back;

    if (!found->regex_given_up)
        return;
    tk_stats_add(w->config.stats, TK_REGEX_GIVEN_UP, found->regex_given_up);
    if (tk_log_limit_pass(&w->regex_limit, w->now.mono, TK_LOG_PERIOD, &held_back))
        tk_log_put(
            w->config.log, LOG_WARNING,
            "trapkafka: a regular expression of the rule '%.*s' takes too long for a value of a notification from "
            "%.*s: it counts as no match; write an expression without nested repetitions",
            (int)found->regex_rule.len, found->regex_rule.text, (int)found->device.len, found->device.text);
}

/* When the record was received, on the monotonic clock of this boot. */
static tk_nsec received_at(const struct tk_worker *w, const struct tk_record *rec)
{
    if (rec->seq >= tk_ring_first_seq(w->config.ring))
        return rec->received.mono;
    return w->now.mono -
           (w->now.wall - rec->received.wall); /* in an earlier life of the queue, perhaps before a boot */
}

/* A first time, the entry learns what the next times need. */
static void remember(struct tk_worker *w, const struct tk_record *rec, struct tk_entry *entry)
{
    const struct tk_findings *found = &w->renderer.found;

    entry->repeats = found->repeats;
    entry->alarm = found->alarm;
    entry->alarm_entry = found->alarm_entry;
    entry->has_ended_more = found->has_ended_more;
    entry->dedup_key = found->dedup_key;
    entry->seq = rec->seq;
    entry->received = received_at(w, rec);
    if (found->reply && rec->seq >= tk_ring_first_seq(w->config.ring)) /* nobody waits since an earlier life */
        entry->reply = found->reply;
}

static void address_message(struct tk_worker *w, const struct tk_record *rec, uint64_t ticket)
{
    const struct tk_renderer *r = &w->renderer;
    size_t key_len = r->found.device.len < sizeof(w->key) ? r->found.device.len : sizeof(w->key);

    memcpy(w->key, r->found.device.text, key_len);
    w->wanted_route = w->routes.of_topic[r->found.topic];
    w->message = (struct tk_message){
        .topic = TK_TOPIC_EVENTS,
        .key = w->key,
        .key_len = key_len,
        .payload = r->json.buf,
        .payload_len = r->json.len,
        .ticket = ticket,
        .wall = rec->received.wall,
        .ce_id = r->event_id,
        .ce_type = "trapkafka.trap",
        .ce_source = r->receiver.source,
        .ce_time = r->received,
    };
}

struct tk_render_record tk_publish_record(const struct tk_record *rec, const struct tk_entry *entry, uint64_t ticket,
                                          bool is_again)
{
    return (struct tk_render_record){
        .body = rec->body,
        .body_len = rec->body_len,
        .queue = rec->queue,
        .seq = rec->seq,
        .received = rec->received,
        .owner = ticket,
        .is_sent_again = is_again,
        .dedup_key = entry->dedup_key,
        .repeats = entry->repeats,
        .alarm = entry->alarm,
    };
}

bool tk_publish_write(struct tk_worker *w, const struct tk_record *rec, uint64_t ticket, bool is_again)
{
    struct tk_entry *entry = tk_window_get(w->window, ticket);
    const struct tk_render_record record = tk_publish_record(rec, entry, ticket, is_again);
    enum tk_verdict verdict;

    TK_ASSERT(!tk_publish_is_holding(w));
    verdict = tk_render(&w->renderer, w->bundle, &record);
    if (!is_again) {
        remember(w, rec, entry);
        note_regexes(w, &w->renderer.found);
    }
    if (verdict != TK_PASS) {
        drop(w, ticket, verdict, w->renderer.found.owner);
        return false;
    }
    if (!is_again)
        count_event(w->config.stats, &w->renderer.found);
    if (w->bundle->settings->alarm_topic && !tk_life_is_condemned((enum tk_life)entry->life))
        tk_alarm_feed_note(w, ticket);
    address_message(w, rec, ticket);
    return true;
}

/* The sink took it. */
static void note_route(struct tk_worker *w, struct tk_entry *entry)
{
    entry->route = (uint8_t)w->message.route;
    if (w->message.route == w->wanted_route)
        return;
    entry->is_detoured = true;
    tk_stats_add(w->config.stats, TK_REROUTED, 1);
    if (!tk_life_is_alone((enum tk_life)entry->life)) /* one that may be too large would cost the producer */
        tk_routes_probe(w);
}

bool tk_publish_message(struct tk_worker *w, uint64_t ticket)
{
    bool is_alone = tk_life_is_alone((enum tk_life)tk_window_get(w->window, ticket)->life);

    tk_routes_choose(w);
    if (tk_too_large_is_certain(w)) {
        tk_letters_condemn(w, ticket, TK_DROPPED_UNDELIVERABLE,
                           "it is as large as others that the topic refused for their size; "
                           "raise the topic's max.message.bytes");
        return true;
    }
    if (tk_too_large_is_suspect(w) && !is_alone) {
        tk_resend_alone(w, ticket, TK_STEP_SET_APART);
        return true;
    }
    switch (w->outlet.sink->ops->publish(w->outlet.sink, &w->message)) {
    case TK_ACCEPTED:
        (void)tk_window_step(w->window, ticket, TK_STEP_ACCEPTED);
        if (is_alone)
            tk_too_large_note_alone(w);
        tk_stalls_note_sent(w);
        note_route(w, tk_window_get(w->window, ticket));
        return true;
    case TK_FULL:
        (void)tk_window_step(w->window, ticket, TK_STEP_FULL);
        w->held_ticket = ticket;
        return false;
    case TK_TOO_LARGE:
        tk_letters_condemn(w, ticket, TK_DROPPED_TOO_LARGE,
                           "it is larger than message.max.bytes; raise it by kafkaProperty, and the topic's limit");
        return true;
    case TK_REFUSED:
        tk_letters_condemn(w, ticket, TK_DROPPED_UNDELIVERABLE, "librdkafka says that the message is invalid");
        return true;
    }
    return true;
}

static void pass_damaged(struct tk_worker *w, const struct tk_record *rec)
{
    tk_stats_add(w->config.stats, TK_DROPPED_DAMAGED, rec->lost);
    if (w->config.replies)
        tk_inform_results_tell_damaged(w->config.replies, rec->seq, rec->seq + rec->lost);
    tk_window_add_ended(w->window, rec->position, rec->end);
    tk_reporter_note_damage(w->reporter, rec->position, rec->lost);
}

static void publish_one(struct tk_worker *w, const struct tk_record *rec)
{
    uint64_t ticket = tk_window_add(w->window, rec->position, rec->end);

    if (tk_publish_write(w, rec, ticket, false))
        (void)tk_publish_message(w, ticket);
}

bool tk_publish_has_room(const struct tk_worker *w)
{
    return !tk_window_is_full(w->window) && (!w->derived.due || tk_derived_has_room(w->derived.due));
}

unsigned tk_publish_new(struct tk_worker *w)
{
    unsigned n = 0;

    while (n < READ_BATCH && !tk_publish_is_holding(w) && !tk_resend_is_under_way(w) && tk_publish_has_room(w)) {
        struct tk_record rec;
        int ret = tk_ring_read(w->config.ring, &rec);

        if (ret == 0)
            break;
        n++;
        if (ret < 0)
            pass_damaged(w, &rec);
        else
            publish_one(w, &rec);
    }
    return n;
}
