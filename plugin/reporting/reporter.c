/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <syslog.h>

#include "base/devel.h"
#include "reporting/reporting_internal.h"
#include "sink/kafka.h"

#define TICK             TK_SECOND
#define HEALTH_PERIOD    (60 * TK_SECOND)

#define STATS_LOG_PERIOD (60 * TK_SECOND)

struct tk_reporter *tk_reporter_new(const struct tk_reporter_config *config)
{
    struct tk_reporter *rp = calloc(1, sizeof(*rp));

    if (!rp)
        return NULL;
    rp->config = *config;
    rp->config.queue_failure = NULL; /* the caller's string is only borrowed; rp->queue_failure is the copy */
    tk_json_init(&rp->json);
    tk_receiver_set_host(&rp->receiver);
    tk_receiver_set_queue(&rp->receiver, tk_ring_uuid(config->ring));
    if (config->queue_failure && !(rp->queue_failure = strdup(config->queue_failure))) {
        tk_reporter_free(rp);
        return NULL;
    }
    return rp;
}

void tk_reporter_free(struct tk_reporter *rp)
{
    if (!rp)
        return;
    tk_json_done(&rp->json);
    free(rp->queue_failure);
    free(rp);
}

void tk_reporter_begin_step(struct tk_reporter *rp, struct tk_time now)
{
    rp->now = now;
}

/* --- state changes ---------------------------------------------------------------------------------------------- */

void tk_reporter_note(struct tk_reporter *rp, enum tk_change change, const char *fmt, ...)
{
    const struct tk_change_note *note;
    va_list ap;

    va_start(ap, fmt);
    note = tk_changes_note(&rp->changes, change, &rp->now, fmt, ap);
    va_end(ap);
    tk_reporter_note_trouble(rp, change, note->text);
}

static void regain(struct tk_reporter *rp)
{
    rp->is_lost = false;
    tk_reporter_note(rp, TK_CHANGE_BROKER_REGAINED, "%llu bytes wait in the queue",
                     (unsigned long long)tk_ring_used(rp->config.ring));
}

void tk_reporter_note_reach(struct tk_reporter *rp, enum tk_reach reach, const char *why)
{
    if (reach == TK_LOST && !rp->is_lost) {
        rp->is_lost = true;
        rp->lost_at = rp->now;
        (void)snprintf(rp->lost_text, sizeof(rp->lost_text), "%s", why ? why : "events wait in the queue");
        tk_reporter_note(rp, TK_CHANGE_BROKER_LOST, "%s", rp->lost_text);
    } else if (reach == TK_REACHED && rp->is_lost) {
        regain(rp);
    }
}

void tk_reporter_note_delivery(struct tk_reporter *rp)
{
    if (rp->is_lost)
        regain(rp);
}

void tk_reporter_note_damage(struct tk_reporter *rp, uint64_t position, uint64_t lost)
{
    uint64_t held_back;

    if (tk_log_limit_pass(&rp->damaged_change, rp->now.mono, TK_CHANGE_PERIOD, &held_back))
        tk_reporter_note(rp, TK_CHANGE_DAMAGED,
                         "at position %llu, records lost: %llu (%llu more damaged places since the last such record)",
                         (unsigned long long)position, (unsigned long long)lost, (unsigned long long)held_back);
    if (tk_log_limit_pass(&rp->damaged_limit, rp->now.mono, TK_LOG_PERIOD, &held_back))
        tk_log_put(rp->config.log, LOG_ERR,
                   "trapkafka: the queue is damaged at position %llu, records lost: %llu; continuing with the next "
                   "intact record; check the machine's %s (%llu more damaged places since the last message)",
                   (unsigned long long)position, (unsigned long long)lost,
                   tk_ring_path(rp->config.ring) ? "disk" : "memory", (unsigned long long)held_back);
}

/* --- reports ----------------------------------------------------------------------------------------------------- */

enum tk_publish tk_reporter_publish(struct tk_reporter *rp, struct tk_sink *sink, const char *type, const char *id,
                                    const char *time, tk_nsec wall)
{
    const struct tk_message msg = {
        .topic = TK_TOPIC_HEALTH,
        .key = rp->receiver.host,
        .key_len = strlen(rp->receiver.host),
        .payload = rp->json.buf,
        .payload_len = rp->json.len,
        .ticket = TK_NO_TICKET,
        .wall = wall,
        .ce_id = id,
        .ce_type = type,
        .ce_source = rp->receiver.source,
        .ce_time = time,
    };

    return sink->ops->publish(sink, &msg);
}

static void tick(struct tk_reporter *rp, const struct tk_report_way *way)
{
    tk_nsec now = rp->now.mono;

    rp->next_tick = now + TICK;
    if (!rp->started) {
        rp->started = now;
        rp->next_health = now + HEALTH_PERIOD;
        tk_reporter_note_start(rp);
    }
    tk_reporter_watch(rp, way);
    tk_ring_note(rp->config.ring);
    tk_reporter_tell_status(rp, way);
    if (now >= rp->next_health && way->sink && !way->is_lost) { /* in an outage, wait for its end */
        rp->next_health = now + HEALTH_PERIOD;
        (void)tk_reporter_write_health(rp, way, "minute", NULL); /* no retry: the next record has newer books */
    }
    if (way->settings->stats_file && now >= rp->next_stats) {
        rp->next_stats = now + way->settings->stats_seconds * TK_SECOND;
        tk_reporter_write_stats(rp, way->settings);
    }
}

void tk_reporter_tick(struct tk_reporter *rp, const struct tk_report_way *way)
{
    TK_ON_THREAD(WORKER);
    if (rp->now.mono >= rp->next_tick)
        tick(rp, way);
    tk_reporter_write_changes(rp, way, false);
    tk_reporter_write_refusals(rp, way);
}

void tk_reporter_finish(struct tk_reporter *rp, const struct tk_report_way *way)
{
    TK_ON_THREAD(WORKER);
    tk_reporter_write_changes(rp, way, true);
    tk_reporter_write_refusals(rp, way);
    (void)tk_reporter_write_health(rp, way, "stop", NULL);
}

void tk_reporter_tell_stopped(struct tk_reporter *rp, uint64_t left)
{
    char text[80];

    (void)snprintf(text, sizeof(text), "stopped; %llu notifications wait in the queue", (unsigned long long)left);
    tk_reporter_tell_text(rp, text);
}

void tk_reporter_write_stats(struct tk_reporter *rp, const struct tk_settings *settings)
{
    const struct tk_build build = {.version = PACKAGE_VERSION, .librdkafka = tk_kafka_library_version()};
    const char *path = settings->stats_file;
    struct tk_books books;
    uint64_t held_back;
    int ret;

    if (!path)
        return;
    books = rp->config.read_books(rp->config.arg);
    tk_json_clear(&rp->json);
    tk_books_prometheus(&books, &build, &rp->json);
    tk_named_counts_prometheus(rp->config.suppressed_by_rule, "suppressed_by_rule",
                               "Notifications that a severity rule drops, by rule", "rule", &rp->json);
    if (rp->json.is_failed)
        return;
    ret = tk_stats_file_write(path, rp->json.buf, rp->json.len);
    if (ret < 0 && tk_log_limit_pass(&rp->stats_limit, rp->now.mono, STATS_LOG_PERIOD, &held_back))
        tk_log_put(rp->config.log, LOG_WARNING,
                   "trapkafka: kafkaStatsFile '%s' can't be written: %s; trying again; the disk needs room, and "
                   "snmptrapd's user needs permission to write into the folder",
                   path, strerror(-ret));
}
