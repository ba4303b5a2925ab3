/* SPDX-License-Identifier: Apache-2.0 */
/* Publishes health records, which have the books: once a minute, at the stop, and for each change of state. */
#include <stdio.h>

#include "reporting/reporting_internal.h"

#define RULES_TOLD   10 /* those that dropped most */
#define CHANGE_RETRY (10 * TK_SECOND)

/* The books are as of now, even if the change was earlier. */
static void encode(struct tk_reporter *rp, const char *id, const char *time, const char *cause,
                   const struct tk_change_note *change, tk_nsec uptime)
{
    struct tk_books books = rp->config.read_books(rp->config.arg);
    struct tk_json *j = &rp->json;

    tk_receiver_begin_record(&rp->receiver, j, "health", id, time);
    TK_JSON_NAME(j, "cause");
    tk_json_cstring(j, cause);
    if (change) {
        TK_JSON_NAME(j, "detail");
        tk_json_cstring(j, change->text);
        TK_JSON_NAME(j, "changes_lost");
        tk_json_u64(j, rp->changes.lost);
    }
    TK_JSON_NAME(j, "uptime_seconds");
    tk_json_i64(j, rp->started && uptime > 0 ? uptime / TK_SECOND : 0);
    TK_JSON_NAME(j, "is_balanced");
    tk_json_bool(j, tk_books_balance(&books));
    TK_JSON_NAME(j, "books");
    tk_json_object_begin(j);
    tk_books_json(&books, j);
    tk_json_object_end(j);
    TK_JSON_NAME(j, "suppressed_by_rule");
    tk_named_counts_json(rp->config.suppressed_by_rule, "rule", RULES_TOLD, j);
    tk_json_object_end(j);
}

bool tk_reporter_write_health(struct tk_reporter *rp, const struct tk_report_way *way, const char *cause,
                              const struct tk_change_note *change)
{
    const struct tk_time *at = change ? &change->at : &rp->now;
    char time[TK_RFC3339_BYTES], id[TK_EVENT_ID_BYTES + 40];
    int len;

    if (!way->sink || !way->settings->health_topic)
        return false;
    tk_clock_rfc3339(time, at->wall);
    len = snprintf(id, sizeof(id), "%s-health-%lld", rp->receiver.queue, (long long)(at->wall / TK_MSEC));
    if (change) /* the number makes the ID unique: several changes may have the same millisecond */
        (void)snprintf(id + len, sizeof(id) - (size_t)len, "-%llu", (unsigned long long)change->number);
    encode(rp, id, time, cause, change, at->mono - rp->started);
    return !rp->json.is_failed &&
           tk_reporter_publish(rp, way->sink, "trapkafka.health", id, time, at->wall) == TK_ACCEPTED;
}

static bool write_change(struct tk_reporter *rp, const struct tk_report_way *way, const struct tk_change_note *change)
{
    if (!way->settings->health_topic || tk_reporter_write_health(rp, way, tk_change_name(change->change), change))
        return true;
    rp->next_change = rp->now.mono + CHANGE_RETRY;
    return false;
}

void tk_reporter_write_changes(struct tk_reporter *rp, const struct tk_report_way *way, bool is_last)
{
    const struct tk_change_note *change;
    bool is_sure;

    if (!way->sink || way->is_replacing || way->is_lost || rp->now.mono < rp->next_change)
        return;
    if (rp->asked_sink != way->sink_number)
        rp->asked = 0;
    rp->asked_sink = way->sink_number;
    is_sure = is_last || !way->settings->health_topic || way->sink->ops->view(way->sink).has_delivered;
    while ((change = tk_changes_oldest(&rp->changes))) {
        bool is_asked = change->number == rp->asked;

        if (is_asked && !is_sure)
            return;
        if (!is_asked && !write_change(rp, way, change))
            return;
        if (is_sure)
            tk_changes_took(&rp->changes);
        else
            rp->asked = change->number;
    }
}
