/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file reporter.h
 * @brief Report on the module itself: health records, state changes and reports about refused packets to the health
 *        topic, the statistics file, and the line that the service manager shows.
 *
 * None of these is in the queue, so they neither take a trap's room nor block the tail. What the sink does not take
 * waits in a bounded list (changes.h, refusal/refusal_box.h).
 *
 * Owner:  the worker. No locks.
 * Memory: about 22 KiB, and a buffer for one record.
 * Files:  reporter.c: when each report is due. watch.c: state changes that are found by polling. changes.c: the list
 *         of state changes. health.c: the health record. refusal_report.c: reports about refused packets.
 *         stats_file.c: kafkaStatsFile. status.c: the line of `systemctl status`.
 */
#ifndef TK_REPORTER_H
#define TK_REPORTER_H

#include "base/clock.h"
#include "base/log.h"
#include "base/named_counts.h"
#include "base/stats.h"
#include "config/settings.h"
#include "queue/ring.h"
#include "refusal/refusal_box.h"
#include "reporting/changes.h"
#include "sink/sink.h"

#define TK_CHANGE_PERIOD (60 * TK_SECOND) /* a repeated change is noted at most once in this time */

struct tk_dict;
struct tk_notify;
struct tk_reporter;

struct tk_reporter_config {
    struct tk_ring *ring;
    struct tk_log *log;
    struct tk_refusal_box *refusals; /* reports about refused packets; NULL: none */
    const struct tk_notify *notify;  /* the service manager; NULL: none */
    const char *queue_failure;       /* why the configured queue file is not used; NULL: it is. Copied */
    const struct tk_named_counts *suppressed_by_rule; /* the names of rules, and how often each dropped an event */
    struct tk_books (*read_books)(void *arg);         /* reads all counters, between two records */
    void *arg;
};

/** The settings and the sink that reports use now. */
struct tk_report_way {
    const struct tk_settings *settings;
    const struct tk_dict *dict;
    struct tk_sink *sink;   /* NULL: not open */
    uint64_t sink_number;   /* counts sinks, from 1 */
    bool is_replacing;      /* the sink is being drained, because another one will replace it */
    bool is_lost;           /* the sink says that no broker can be reached */
    const char *why_closed; /* why there is no sink; NULL: it was not tried yet */
};

/** @brief Make a reporter. @returns NULL if out of memory @locality any @locks none */
struct tk_reporter *tk_reporter_new(const struct tk_reporter_config *config);
/** @brief Free the reporter. NULL is a no-op. @locality any @locks none */
void tk_reporter_free(struct tk_reporter *rp);

/** @brief Begin a step of the worker at time @p now; call it before the step notes anything.
 *  @locality worker @locks none */
void tk_reporter_begin_step(struct tk_reporter *rp, struct tk_time now);

/** @brief Note that a state changed now; the text is the record's "detail". @locality worker @locks none */
void tk_reporter_note(struct tk_reporter *rp, enum tk_change change, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
/** @brief Note whether the sink can reach brokers. @param why  why not; NULL if it can @locality worker @locks none */
void tk_reporter_note_reach(struct tk_reporter *rp, enum tk_reach reach, const char *why);
/** @brief Note that a broker acknowledged an event. This also ends an outage, because a new sink does not report that
 *         it reached the brokers. Not to be called while the sink says that they are lost.
 *  @locality worker @locks none */
void tk_reporter_note_delivery(struct tk_reporter *rp);
/** @brief Note that @p lost records at @p position of the queue are damaged. @locality worker @locks none */
void tk_reporter_note_damage(struct tk_reporter *rp, uint64_t position, uint64_t lost);

/** @brief Write the reports that are due, at the end of each step. @locality worker @locks none */
void tk_reporter_tick(struct tk_reporter *rp, const struct tk_report_way *way);
/** @brief Write the last reports and the health record of the stop, before the sink is closed.
 *  @locality worker @locks none */
void tk_reporter_finish(struct tk_reporter *rp, const struct tk_report_way *way);
/** @brief Tell the service manager that the worker has ended. @param left  records that wait in the queue
 *  @locality worker @locks none */
void tk_reporter_tell_stopped(struct tk_reporter *rp, uint64_t left);
/** @brief Write the statistics file, if the settings name one. @locality worker @locks none */
void tk_reporter_write_stats(struct tk_reporter *rp, const struct tk_settings *settings);

#endif /* TK_REPORTER_H */
