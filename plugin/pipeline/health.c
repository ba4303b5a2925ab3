/* SPDX-License-Identifier: Apache-2.0 */
/* The worker's records about itself: the health record once a minute and at stop, and the statistics file. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <syslog.h>
#include <unistd.h>

#include "pipeline/worker_internal.h"

#define TICK          TK_SECOND
#define HEALTH_PERIOD (60 * TK_SECOND)
#define LOG_PERIOD    (60 * TK_SECOND)

struct tk_books tk_worker_books(struct tk_worker *w)
{
    struct tk_ring_books ring = tk_ring_snapshot(w->config.ring);
    struct tk_stats *stats = w->config.stats;
    struct tk_books books;

    /* The worker is between two records here, so its own counters stand still; the producer's come as one snapshot. */
    tk_stats_set(stats, TK_RECEIVED, ring.received);
    tk_stats_set(stats, TK_DROPPED_QUEUE_FULL, ring.lost[TK_LOSS_QUEUE_FULL]);
    tk_stats_set(stats, TK_PENDING,
                 tk_window_unfinished(w->window) + tk_ring_count_unread(w->config.ring, ring.head));
    tk_stats_set(stats, TK_DEDUP_KEYS, tk_dedup_count(w->stages.dedup));
    tk_stats_set(stats, TK_DEDUP_EVICTED, tk_dedup_evicted(w->stages.dedup));
    tk_stats_set(stats, TK_QUEUE_BYTES, tk_ring_used(w->config.ring));
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

void tk_worker_write_health(struct tk_worker *w, struct tk_time now, const char *cause)
{
    char time[TK_RFC3339_BYTES], id[TK_EVENT_ID_BYTES + 16];
    struct tk_json *j = &w->scratch;
    struct tk_message msg;
    struct tk_books books;

    if (!w->sink || !w->bundle->settings->health_topic)
        return;
    books = tk_worker_books(w);
    tk_clock_rfc3339(time, now.wall);
    (void)snprintf(id, sizeof(id), "%s-health-%lld", w->receiver.queue, (long long)(now.wall / TK_MSEC));
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
    TK_JSON_NAME(j, "receiver");
    tk_json_object_begin(j);
    TK_JSON_NAME(j, "host");
    tk_json_cstring(j, w->receiver.host);
    TK_JSON_NAME(j, "queue");
    tk_json_cstring(j, w->receiver.queue);
    tk_json_object_end(j);
    TK_JSON_NAME(j, "cause");
    tk_json_cstring(j, cause);
    TK_JSON_NAME(j, "uptime_seconds");
    tk_json_i64(j, w->started ? (now.mono - w->started) / TK_SECOND : 0);
    TK_JSON_NAME(j, "is_balanced");
    tk_json_bool(j, tk_books_balance(&books));
    TK_JSON_NAME(j, "books");
    tk_json_object_begin(j);
    tk_books_json(&books, j);
    tk_json_object_end(j);
    tk_json_object_end(j);
    if (j->is_failed)
        return;
    msg = (struct tk_message){
        .topic = TK_TOPIC_HEALTH, .key = w->receiver.host, .key_len = strlen(w->receiver.host), .payload = j->buf,
        .payload_len = j->len, .ticket = TK_NO_TICKET, .wall = now.wall, .ce_id = id,
        .ce_type = "trapkafka.health", .ce_source = w->ce_source, .ce_time = time,
    };
    (void)w->sink->ops->publish(w->sink, &msg); /* never kept for later: the next one says more */
}

static int write_file(const char *path, const char *bytes, size_t len)
{
    char next[4096];
    int fd, ret = 0;

    if (snprintf(next, sizeof(next), "%s.new", path) >= (int)sizeof(next))
        return -ENAMETOOLONG;
    (void)unlink(next); /* whatever it is: a FIFO of somebody else's would stop the worker */
    fd = open(next, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0644);
    if (fd < 0)
        return -errno;
    while (ret == 0 && len) {
        ssize_t n = write(fd, bytes, len);

        if (n < 0 && errno != EINTR)
            ret = -errno;
        if (n > 0) {
            bytes += n;
            len -= (size_t)n;
        }
    }
    if (close(fd) < 0 && ret == 0)
        ret = -errno;
    if (ret == 0 && rename(next, path) < 0)
        ret = -errno;
    if (ret < 0)
        (void)unlink(next);
    return ret;
}

void tk_worker_write_stats(struct tk_worker *w, tk_nsec now)
{
    const struct tk_settings *cf = w->bundle->settings;
    uint64_t held_back;
    struct tk_books books;
    int ret;

    if (!cf->stats_file)
        return;
    books = tk_worker_books(w);
    tk_json_clear(&w->scratch);
    tk_books_prometheus(&books, &w->scratch);
    if (w->scratch.is_failed)
        return;
    ret = write_file(cf->stats_file, w->scratch.buf, w->scratch.len);
    if (ret < 0 && tk_log_limit_pass(&w->stats_limit, now, LOG_PERIOD, &held_back))
        tk_log_put(w->config.log, LOG_WARNING, "trapkafka: kafkaStatsFile '%s': %s; it needs room, and a folder "
                   "that the daemon's user may write in", cf->stats_file, strerror(-ret));
}

void tk_worker_tick(struct tk_worker *w, struct tk_time now)
{
    if (now.mono < w->next_tick)
        return;
    w->next_tick = now.mono + TICK;
    if (!w->started) {
        w->started = now.mono;
        w->next_health = now.mono + HEALTH_PERIOD;
    }
    if (now.mono >= w->next_health && w->sink) {
        w->next_health = now.mono + HEALTH_PERIOD;
        tk_worker_write_health(w, now, "minute");
    }
    if (w->bundle->settings->stats_file && now.mono >= w->next_stats) {
        w->next_stats = now.mono + w->bundle->settings->stats_seconds * TK_SECOND;
        tk_worker_write_stats(w, now.mono);
    }
}
