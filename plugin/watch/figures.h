/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file figures.h
 * @brief The counters of base/stats.def as a consumer reads them: out of kafkaStatsFile, or of a health record.
 *
 * Another version of the module may have written them, or a stranger. So what is missing is known to be missing, what
 * is not understood is told, and numbers are at most INT64_MAX.
 */
#ifndef TK_FIGURES_H
#define TK_FIGURES_H

#include <jansson.h>

#include "base/err.h"
#include "base/named_counts.h"
#include "base/stats.h"

#define TK_FIGURES_RULES 10         /* those that drop most */
#define TK_FIGURES_BYTES (1u << 20) /* of a file; the module writes 30 KiB */

struct tk_figures {
    struct tk_books books; /* without histograms */
    bool has[TK_STAT_COUNT];
    tk_nsec at;          /* wall clock: when they were written; 0: not known */
    unsigned count;      /* how many there are */
    unsigned unknown;    /* series of the module that base/stats.def does not have */
    unsigned wrong_line; /* the first line that is not understood, from 1; 0: none */
    unsigned rule_count;
    struct tk_named_count rules[TK_FIGURES_RULES]; /* notifications that rules drop, most first */
};

/** @brief Read Prometheus text. @p ret is overwritten; its `at` is 0. @locality any @locks none */
void tk_figures_read_text(struct tk_figures *ret, const char *text, size_t len);

/** @brief Read a file of Prometheus text; its time is that of the file.
 *  @retval 0 / -ENOENT, -EINVAL with @p err set: why not, and what to do
 *  @locality any @locks none */
int tk_figures_read_file(struct tk_figures *ret, const char *path, struct tk_err *err);

/** @brief Read "books" and "suppressed_by_rule" of a health record. @p ret is overwritten; its `at` is 0.
 *  @locality any @locks none */
void tk_figures_read_health(struct tk_figures *ret, const json_t *record);

/** @brief Are all members of the books there, and nothing that is not understood? Only then they can be checked.
 *  @locality any @locks none */
bool tk_figures_are_whole(const struct tk_figures *f);

/** @brief The first member that is missing. @returns TK_STAT_COUNT: none @locality any @locks none */
enum tk_stat tk_figures_missing(const struct tk_figures *f);

/** @brief Does a family begin with this row of base/stats.def? @locality any @locks none */
bool tk_figures_is_first(enum tk_stat stat);

/** @brief The sum of a family. @param first  its first row @returns false: none of its members is there
 *  @locality any @locks none */
bool tk_figures_sum(const struct tk_figures *f, enum tk_stat first, uint64_t *ret);

/** @brief How much a family grew in a second.
 *  @returns false: not known, because one of the two is not there, or the counters began anew between them
 *  @locality any @locks none */
bool tk_figures_rate(const struct tk_figures *before, const struct tk_figures *after, enum tk_stat first, double *ret);

#endif /* TK_FIGURES_H */
