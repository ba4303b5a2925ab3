/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file reporter.h
 * @brief Everything that the module tells about itself: health records, changes of state and reports about refused
 *        packets to the health topic, and the statistics file.
 *
 * None of it is in the queue: it neither takes a trap's room nor holds up the tail. What the sink does not take now
 * waits in a list of its own (changes.h, refusal/refusal_box.h), and each of those lists has a bound.
 *
 * Owner:  the worker. No locks.
 * Memory: about 18 KiB, and a buffer for one record.
 * Files:  reporter.c when what is told; watch.c changes that it looks for; changes.c the list of changes; health.c
 *         the health record; refusal_report.c reports about refused packets; stats_file.c kafkaStatsFile.
 */
#ifndef TK_REPORTER_H
#define TK_REPORTER_H

#include "base/clock.h"
#include "base/log.h"
#include "base/stats.h"
#include "config/settings.h"
#include "queue/ring.h"
#include "refusal/refusal_box.h"
#include "reporting/changes.h"
#include "sink/sink.h"

#define TK_LOG_PERIOD (10 * TK_SECOND) /* of lines in the log that repeat */

struct tk_reporter;

struct tk_reporter_config {
    struct tk_ring *ring;
    struct tk_log *log;
    struct tk_refusal_box *refusals; /* refused packets to report; NULL: none */
    const char *queue_failure;       /* why the queue is not the file that was asked for; NULL: it is. Copied */
    struct tk_books (*read_books)(void *arg); /* all counters, between two records */
    void *arg;
};

/** What a report goes through, as it is now. */
struct tk_report_way {
    const struct tk_settings *settings;
    struct tk_sink *sink; /* NULL: not open */
    bool is_replacing;    /* it is drained, to be replaced */
    bool is_lost;         /* no broker can be reached, by this sink's word */
};

/** @returns NULL when out of memory @locality any @locks none */
struct tk_reporter *tk_reporter_new(const struct tk_reporter_config *config);
/** @brief NULL is a no-op. @locality any @locks none */
void tk_reporter_free(struct tk_reporter *rp);

/** @brief A step of the worker begins at @p now; before anything is noted in it. @locality worker @locks none */
void tk_reporter_begin_step(struct tk_reporter *rp, struct tk_time now);

/** @brief A state changed now; the text says more. @locality worker @locks none */
void tk_reporter_note(struct tk_reporter *rp, enum tk_change change, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
/** @brief The sink says whether brokers can be reached. @locality worker @locks none */
void tk_reporter_note_reach(struct tk_reporter *rp, enum tk_reach reach);
/** @brief The brokers acknowledged something, and the sink does not say that they are lost: a new sink begins as reached
 *         without saying so, and then only a delivery shows the end of a loss. @locality worker @locks none */
void tk_reporter_note_delivery(struct tk_reporter *rp);
/** @brief @p lost records of the queue are damaged. @locality worker @locks none */
void tk_reporter_note_damage(struct tk_reporter *rp, uint64_t position, uint64_t lost);

/** @brief Tell whatever is due: at the end of each step. @locality worker @locks none */
void tk_reporter_tick(struct tk_reporter *rp, const struct tk_report_way *way);
/** @brief The last reports, the record of the stop among them, before the sink is closed.
 *  @locality worker @locks none */
void tk_reporter_finish(struct tk_reporter *rp, const struct tk_report_way *way);
/** @brief Write the statistics file, if the settings name one. @locality worker @locks none */
void tk_reporter_write_stats(struct tk_reporter *rp, const struct tk_settings *settings);

#endif /* TK_REPORTER_H */
