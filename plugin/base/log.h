/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file log.h
 * @brief Queue log lines of threads that must not call snmp_log(); snmptrapd's thread writes them to its log.
 *
 * Threads: any thread puts lines; only snmptrapd's takes them. One mutex, which the trap handler never takes.
 * Memory:  TK_LOG_LINES lines; a line that does not fit is dropped and counted (log_lines_lost).
 */
#ifndef TK_LOG_H
#define TK_LOG_H

#include <stdbool.h>
#include <stdint.h>

#include "base/clock.h"

#define TK_LOG_LINES      128
#define TK_LOG_LINE_BYTES 1024
#define TK_LOG_PERIOD     (10 * TK_SECOND) /* of lines whose cause repeats */

struct tk_log;

/** @brief Create an empty queue. @returns NULL when out of memory or descriptors @locality any @locks none */
struct tk_log *tk_log_new(void);
/** @brief Free the queue and the lines in it. NULL is a no-op. @locality any @locks none */
void tk_log_free(struct tk_log *log);

/** @brief Queue one line (no newline); @p priority as in syslog(3). Control bytes become '?'.
 *  @locality any @locks takes the log's own */
void tk_log_put(struct tk_log *log, int priority, const char *fmt, ...) __attribute__((format(printf, 3, 4)));

/**
 * @brief Take the oldest line.
 * @param ret_line  TK_LOG_LINE_BYTES
 * @returns false when there is none
 * @locality snmptrapd  @locks takes the log's own
 */
bool tk_log_take(struct tk_log *log, int *ret_priority, char *ret_line);

/** @brief The descriptor that is readable while there are lines. @locality any @locks none */
int tk_log_eventfd(const struct tk_log *log);

/** @brief How many lines were dropped because the queue was full. @locality any @locks none */
uint64_t tk_log_lost(const struct tk_log *log);

/** Rate limit for the lines of one cause: counts the lines held back since the last one. Owned by one thread. */
struct tk_log_limit {
    tk_nsec last;
    uint64_t held_back;
    bool was_used;
};

/** @brief Ask whether a line may be logged: at most one in @p period.
 *  @returns true, with the number of lines held back since the last one, or false: counted as held back
 *  @locality the limit's owner @locks none */
bool tk_log_limit_pass(struct tk_log_limit *limit, tk_nsec now, tk_nsec period, uint64_t *ret_held_back);

#endif /* TK_LOG_H */
