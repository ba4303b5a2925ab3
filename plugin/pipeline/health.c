/* SPDX-License-Identifier: Apache-2.0 */
/* The books, and the records about them: once a minute, at stop, and for each change of state. */
#include <stdio.h>
#include <string.h>

#include "pipeline/worker_internal.h"

#define TICK          TK_SECOND
#define HEALTH_PERIOD (60 * TK_SECOND)
#define CHANGE_AGAIN  (10 * TK_SECOND)

struct tk_books tk_worker_books(struct tk_worker *w)
{
    struct tk_ring_books ring = tk_ring_snapshot(w->config.ring);
    struct tk_stats *stats = w->config.stats;
    struct tk_books books;

    /* The worker is between two records here, so its own counters stand still; the producer's come as one snapshot. */
    tk_stats_set(stats, TK_RECEIVED, ring.received);
    tk_stats_set(stats, TK_RECOVERED, tk_ring_recovered(w->config.ring));
    tk_stats_set(stats, TK_SUPPRESSED_RETRANSMISSION, ring.lost[TK_LOSS_RETRANSMISSION]);
    tk_stats_set(stats, TK_DROPPED_QUEUE_FULL, ring.lost[TK_LOSS_QUEUE_FULL]);
    tk_stats_set(stats, TK_PENDING,
                 tk_window_unfinished(w->window) + tk_ring_count_unread(w->config.ring, &ring));
    tk_stats_set(stats, TK_DEDUP_KEYS, tk_dedup_count(w->stages.dedup));
    tk_stats_set(stats, TK_DEDUP_EVICTED, tk_dedup_evicted(w->stages.dedup));
    tk_stats_set(stats, TK_QUEUE_BYTES, tk_ring_used(w->config.ring));
    tk_stats_set(stats, TK_QUEUE_FAULTS, tk_ring_faults(w->config.ring));
    tk_stats_set(stats, TK_QUEUE_CAPACITY, tk_ring_capacity(w->config.ring));
    tk_stats_set(stats, TK_IN_FLIGHT, w->sink ? w->sink->ops->in_flight(w->sink) : 0);
    tk_stats_set(stats, TK_LOG_LINES_LOST, tk_log_lost(w->config.log));
    for (int i = 0; i < TK_STAT_COUNT; i++)
        books.value[i] = tk_stats_get(stats, (enum tk_stat)i);
    /* These two are lost on either side of the ring: the handler's share is added here. */
    books.value[TK_DROPPED_TOO_LARGE] += ring.lost[TK_LOSS_TOO_LARGE];
    books.value[TK_DROPPED_MALFORMED] += ring.lost[TK_LOSS_MALFORMED];
    return books;
}

void tk_worker_encode_receiver(const struct tk_worker *w, struct tk_json *j)
{
    TK_JSON_NAME(j, "receiver");
    tk_json_object_begin(j);
    TK_JSON_NAME(j, "host");
    tk_json_cstring(j, w->receiver.host);
    TK_JSON_NAME(j, "queue");
    tk_json_cstring(j, w->queue);
    tk_json_object_end(j);
}

/* The books are as of now, whenever the change was. */
static void encode(struct tk_worker *w, const char *id, const char *time, const char *cause,
                   const struct tk_state *change, tk_nsec uptime)
{
    struct tk_books books = tk_worker_books(w);
    struct tk_json *j = &w->scratch;

    tk_json_clear(j);
    tk_json_object_begin(j);
    TK_JSON_NAME(j, "schema");
    tk_json_u64(j, TK_SCHEMA);
    TK_JSON_NAME(j, "type");
    tk_json_cstring(j, "health");
    TK_JSON_NAME(j, "event_id");
    tk_json_cstring(j, id);
    TK_JSON_NAME(j, "time");
    tk_json_cstring(j, time);
    tk_worker_encode_receiver(w, j);
    TK_JSON_NAME(j, "cause");
    tk_json_cstring(j, cause);
    if (change) {
        TK_JSON_NAME(j, "detail");
        tk_json_cstring(j, change->text);
        TK_JSON_NAME(j, "changes_lost");
        tk_json_u64(j, w->states.lost);
    }
    TK_JSON_NAME(j, "uptime_seconds");
    tk_json_i64(j, w->started && uptime > 0 ? uptime / TK_SECOND : 0);
    TK_JSON_NAME(j, "is_balanced");
    tk_json_bool(j, tk_books_balance(&books));
    TK_JSON_NAME(j, "books");
    tk_json_object_begin(j);
    tk_books_json(&books, j);
    tk_json_object_end(j);
    tk_json_object_end(j);
}

bool tk_worker_write_health(struct tk_worker *w, const char *cause, const struct tk_state *change)
{
    const struct tk_time *at = change ? &change->at : &w->now;
    char time[TK_RFC3339_BYTES], id[TK_EVENT_ID_BYTES + 40];
    struct tk_json *j = &w->scratch;
    struct tk_message msg;
    int len;

    if (!w->sink || !w->bundle->settings->health_topic)
        return false;
    tk_clock_rfc3339(time, at->wall);
    len = snprintf(id, sizeof(id), "%s-health-%lld", w->queue, (long long)(at->wall / TK_MSEC));
    if (change) /* several may fall into one millisecond */
        (void)snprintf(id + len, sizeof(id) - (size_t)len, "-%llu", (unsigned long long)change->number);
    encode(w, id, time, cause, change, at->mono - w->started);
    if (j->is_failed)
        return false;
    msg = (struct tk_message){
        .topic = TK_TOPIC_HEALTH, .key = w->receiver.host, .key_len = strlen(w->receiver.host), .payload = j->buf,
        .payload_len = j->len, .ticket = TK_NO_TICKET, .wall = at->wall, .ce_id = id,
        .ce_type = "trapkafka.health", .ce_source = w->ce_source, .ce_time = time,
    };
    return w->sink->ops->publish(w->sink, &msg) == TK_ACCEPTED;
}

void tk_worker_write_changes(struct tk_worker *w)
{
    const struct tk_state *change;

    if (!w->sink || w->replace_by || w->is_reach_lost || w->now.mono < w->next_change)
        return;
    while ((change = tk_states_oldest(&w->states))) {
        if (w->bundle->settings->health_topic &&
            !tk_worker_write_health(w, tk_change_name(change->change), change)) {
            w->next_change = w->now.mono + CHANGE_AGAIN;
            return;
        }
        tk_states_took(&w->states);
    }
}

static void tick(struct tk_worker *w)
{
    tk_nsec now = w->now.mono;

    w->next_tick = now + TICK;
    if (!w->started) {
        w->started = now;
        w->next_health = now + HEALTH_PERIOD;
        tk_worker_note_start(w);
    }
    tk_worker_watch(w);
    tk_ring_note(w->config.ring);
    if (now >= w->next_health && w->sink && !w->is_reach_lost) { /* one that is due in an outage comes at its end */
        w->next_health = now + HEALTH_PERIOD;
        (void)tk_worker_write_health(w, "minute", NULL); /* not kept for later: the next one says more */
    }
    if (w->bundle->settings->stats_file && now >= w->next_stats) {
        w->next_stats = now + w->bundle->settings->stats_seconds * TK_SECOND;
        tk_worker_write_stats(w);
    }
}

void tk_worker_tick(struct tk_worker *w)
{
    if (w->now.mono >= w->next_tick)
        tick(w);
    tk_worker_write_changes(w);
    tk_worker_write_rejects(w);
}
