/* SPDX-License-Identifier: Apache-2.0 */
/** @file reporting_internal.h
 *  @brief The reporter's state, for the files of this room. Owner: the worker. */
#ifndef TK_REPORTING_INTERNAL_H
#define TK_REPORTING_INTERNAL_H

#include "base/json_writer.h"
#include "event/receiver.h"
#include "reporting/reporter.h"

#define TK_CHANGE_PERIOD (60 * TK_SECOND) /* of changes that repeat */

struct tk_reporter {
    struct tk_reporter_config config;
    struct tk_time now;          /* of this step */
    struct tk_receiver receiver; /* its queue is the ring's name in this life */
    struct tk_json json;         /* the record, or the statistics, being written */
    tk_nsec started, next_tick;

    /* watch.c */
    char *queue_failure;
    struct tk_changes changes;
    bool is_lost; /* as last told */
    bool is_high;
    uint64_t drops, faults; /* as of the last tick */
    tk_nsec last_drop;
    struct tk_log_limit damaged_limit, damaged_change, fault_limit, fault_change;

    tk_nsec next_health;
    tk_nsec next_change;  /* not before: the sink did not take one */
    tk_nsec next_refusal; /* not before: the sink was full */

    /* stats_file.c */
    tk_nsec next_stats;
    struct tk_log_limit stats_limit;
};

/* reporter.c */
/** @brief Publish rp->json to the health topic. @param type  CloudEvents' @param id, time  terminated
 *  @locality worker @locks none */
enum tk_publish tk_reporter_publish(struct tk_reporter *rp, struct tk_sink *sink, const char *type, const char *id,
                                    const char *time, tk_nsec wall);

/* watch.c */
/** @brief The first tick: what is to be told of the start. @locality worker @locks none */
void tk_reporter_note_start(struct tk_reporter *rp);
/** @brief Once a second: look at the queue and the books for changes. @locality worker @locks none */
void tk_reporter_watch(struct tk_reporter *rp);

/* health.c */
/** @brief Publish the health record of @p cause, or of a change (not NULL), whose cause is its name.
 *  @returns whether the sink took it @locality worker @locks none */
bool tk_reporter_write_health(struct tk_reporter *rp, const struct tk_report_way *way, const char *cause,
                              const struct tk_change_note *change);
/** @brief Publish what changed, oldest first, as far as the sink takes it. @locality worker @locks none */
void tk_reporter_write_changes(struct tk_reporter *rp, const struct tk_report_way *way);

/* refusal_report.c */
/** @brief Publish some of the reports about refused packets that wait in the box, as far as the sink takes them; without a
 *         health topic they are thrown away. @locality worker @locks none */
void tk_reporter_write_refusals(struct tk_reporter *rp, const struct tk_report_way *way);

/* stats_file.c */
/** @brief Write a file beside @p path and rename it into place. @retval 0 / -errno @locality worker @locks none */
int tk_stats_file_write(const char *path, const char *bytes, size_t len);

#endif /* TK_REPORTING_INTERNAL_H */
