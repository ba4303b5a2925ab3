/* SPDX-License-Identifier: Apache-2.0 */
/** @file reporting_internal.h
 *  @brief The reporter's state and its parts, for the files of this room. Owner: the worker. */
#ifndef TK_REPORTING_INTERNAL_H
#define TK_REPORTING_INTERNAL_H

#include "base/json_writer.h"
#include "event/receiver.h"
#include "reporting/reporter.h"

#define TK_STATUS_BYTES 1024

/** status.c: the line that the service manager shows. */
struct tk_status {
    tk_nsec next;           /* when to send it again, if only numbers have changed */
    uint64_t counted;       /* published events, at counted_at: for the rate */
    tk_nsec counted_at;     /* CLOCK_MONOTONIC */
    tk_nsec trouble_at;     /* wall time of the last trouble; 0: none */
    enum tk_change trouble; /* which */
    char trouble_text[TK_CHANGE_TEXT];
    char state[TK_STATUS_BYTES]; /* the part before the numbers, as sent last */
    char sent[TK_STATUS_BYTES];  /* the whole line */
};

struct tk_reporter {
    struct tk_reporter_config config;
    struct tk_time now;          /* of this step */
    struct tk_receiver receiver; /* its queue is the name of the ring that is open */
    struct tk_json json;         /* the record, or the statistics, being written */
    tk_nsec started, next_tick;

    /* watch.c */
    char *queue_failure;
    struct tk_changes changes;
    uint64_t asked;         /* the number of the change that asked_sink has before it delivered anything; 0: none */
    uint64_t asked_sink;    /* its number */
    struct tk_time lost_at; /* when is_lost became true */
    char lost_text[TK_CHANGE_TEXT];
    bool is_lost;           /* the last change noted was BROKER_LOST, not BROKER_REGAINED */
    bool is_high;           /* the same for QUEUE_HIGH and QUEUE_NORMAL */
    uint64_t drops, faults; /* as of the last tick */
    tk_nsec last_drop;
    unsigned lost_dictionaries; /* as of the last tick */
    struct tk_log_limit damaged_limit, damaged_change, fault_limit, fault_change;

    tk_nsec next_health;
    tk_nsec next_change;  /* when to retry, after the sink did not take a change */
    tk_nsec next_refusal; /* when to retry, after the sink was full */

    /* stats_file.c */
    tk_nsec next_stats;
    struct tk_log_limit stats_limit;

    struct tk_status status;
};

/* reporter.c */
/** @brief Publish rp->json to the health topic. @param type  the CloudEvents type @param id, time  terminated
 *  @locality worker @locks none */
enum tk_publish tk_reporter_publish(struct tk_reporter *rp, struct tk_sink *sink, const char *type, const char *id,
                                    const char *time, tk_nsec wall);

/* watch.c */
/** @brief Note the changes of the start, at the first tick. @locality worker @locks none */
void tk_reporter_note_start(struct tk_reporter *rp);
/** @brief Poll the queue, the books and the dictionary for changes, once a second. @locality worker @locks none */
void tk_reporter_watch(struct tk_reporter *rp, const struct tk_report_way *way);

/* health.c */
/** @brief Publish a health record. @param change  the change that it reports; NULL: none
 *  @returns whether the sink took it @locality worker @locks none */
bool tk_reporter_write_health(struct tk_reporter *rp, const struct tk_report_way *way, const char *cause,
                              const struct tk_change_note *change);
/** @brief Publish the noted changes, oldest first, until the sink does not take one. Before the sink was heard of, only
 *         the oldest one, which stays in the list until then: what a sink takes is lost if it is replaced before it has
 *         reached a broker. @param is_last  the worker ends: publish all @locality worker @locks none */
void tk_reporter_write_changes(struct tk_reporter *rp, const struct tk_report_way *way, bool is_last);

/* refusal_report.c */
/** @brief Publish some reports of the box, until the sink does not take one; without a health topic, drop them.
 *  @locality worker @locks none */
void tk_reporter_write_refusals(struct tk_reporter *rp, const struct tk_report_way *way);

/* status.c */
/** @brief Remember the change for the line, if it is trouble. @locality worker @locks none */
void tk_reporter_note_trouble(struct tk_reporter *rp, enum tk_change change, const char *text);
/** @brief Send the line if it has changed; call it once a second. @locality worker @locks none */
void tk_reporter_tell_status(struct tk_reporter *rp, const struct tk_report_way *way);
/** @brief Send this text as the line. @locality worker @locks none */
void tk_reporter_tell_text(struct tk_reporter *rp, const char *text);

/* stats_file.c */
/** @brief Write a file beside @p path and rename it into place. @retval 0 / -errno @locality worker @locks none */
int tk_stats_file_write(const char *path, const char *bytes, size_t len);

#endif /* TK_REPORTING_INTERNAL_H */
