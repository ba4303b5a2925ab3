/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file log.h
 * @brief Lines for snmptrapd's log from threads that may not call snmp_log(): handed over and written by its own
 *        thread.
 *
 * Threads: any may put; snmptrapd's takes. One mutex, never on the way of a trap.
 * Memory:  TK_LOG_LINES lines; what does not fit is counted and said later.
 */
#ifndef TK_LOG_H
#define TK_LOG_H

#include <stdbool.h>
#include <stdint.h>

#include "base/clock.h"

#define TK_LOG_LINES      128
#define TK_LOG_LINE_BYTES 1024

struct tk_log;

/** @returns NULL when out of memory or descriptors @locality any @locks none */
struct tk_log *tk_log_new(void);
/** NULL is a no-op. @locality any @locks none */
void tk_log_free(struct tk_log *log);

/** @brief Hand over one line (no newline); @p priority as in syslog(3). Control bytes become '?'.
 *  @locality any @locks takes the log's own */
void tk_log_put(struct tk_log *log, int priority, const char *fmt, ...) __attribute__((format(printf, 3, 4)));

/**
 * @brief Take the oldest line.
 * @param ret_line  TK_LOG_LINE_BYTES
 * @returns false when there is none
 * @locality snmptrapd  @locks takes the log's own
 */
bool tk_log_take(struct tk_log *log, int *ret_priority, char *ret_line);

/** @brief Readable while there are lines. @locality any @locks none */
int tk_log_eventfd(const struct tk_log *log);

/** @brief Lines that did not fit. @locality any @locks none */
uint64_t tk_log_lost(const struct tk_log *log);

/** One cause, at most one line per @p period; says how many were held back. Owned by one thread. */
struct tk_log_limit {
    tk_nsec last;
    uint64_t held_back;
    bool was_used;
};

/** @returns true when the line may go out, with the number of those held back since the last one
 *  @locality the limit's owner @locks none */
bool tk_log_limit_pass(struct tk_log_limit *limit, tk_nsec now, tk_nsec period, uint64_t *ret_held_back);

#endif /* TK_LOG_H */
