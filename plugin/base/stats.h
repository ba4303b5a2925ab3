/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file stats.h
 * @brief The counters: one table (stats.def), one array, one writer per member.
 *
 * The books: received + recovered = published + suppressed + dropped + pending, at any boundary between two records;
 * and derived = derived_published + derived_dropped + derived_pending.
 * Threads: a member is written by one thread only and may be read by any; no locks. Histograms belong to the worker.
 */
#ifndef TK_STATS_H
#define TK_STATS_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/clock.h"
#include "base/devel.h"
#include "base/json_writer.h"

#define TK_STAT(id, kind, family, label, help) TK_##id,
enum tk_stat {
#include "base/stats.def"
    TK_STAT_COUNT
};

#define TK_HISTOGRAM(id, family, help) TK_##id,
enum tk_histogram_id {
#include "base/stats.def"
    TK_HISTOGRAM_COUNT
};

enum tk_stat_kind { TK_STAT_BOOKED, TK_STAT_DERIVED, TK_STAT_LOSS, TK_STAT_COUNTER, TK_STAT_GAUGE, TK_STAT_INFO };

struct tk_stat_info {
    enum tk_stat_kind kind;
    const char *family, *label, *help;
};
extern const struct tk_stat_info tk_stat_table[TK_STAT_COUNT];

struct tk_histogram_info {
    const char *family, *help;
};
extern const struct tk_histogram_info tk_histogram_table[TK_HISTOGRAM_COUNT];

#define TK_BUCKETS 15 /* with an upper bound; one more has the rest */

struct tk_histogram {
    uint64_t bucket[TK_BUCKETS + 1]; /* how many took at most the bucket's bound, and longer than the one before */
    uint64_t sum_us;                 /* of all times, in microseconds */
};

struct tk_stats {
    _Atomic uint64_t value[TK_STAT_COUNT];
    struct tk_histogram histogram[TK_HISTOGRAM_COUNT]; /* the worker's */
};

/** A copy of all counters, taken at one boundary between two records. */
struct tk_books {
    uint64_t value[TK_STAT_COUNT];
    struct tk_histogram histogram[TK_HISTOGRAM_COUNT];
};

/** What the row of kind INFO says. */
struct tk_build {
    const char *version, *librdkafka;
};

/** @brief Add @p n; not atomic, as each counter has one writer. @locality the counter's writer @locks none */
static inline void tk_stats_add(struct tk_stats *s, enum tk_stat stat, uint64_t n)
{
    uint64_t v;

    TK_ASSERT((unsigned)stat < TK_STAT_COUNT);
    v = atomic_load_explicit(&s->value[stat], memory_order_relaxed);
    atomic_store_explicit(&s->value[stat], v + n, memory_order_relaxed);
}

/** @brief Set a gauge. @locality the counter's writer @locks none */
static inline void tk_stats_set(struct tk_stats *s, enum tk_stat stat, uint64_t value)
{
    atomic_store_explicit(&s->value[stat], value, memory_order_relaxed);
}

/** @brief Read a counter. @locality any @locks none */
static inline uint64_t tk_stats_get(const struct tk_stats *s, enum tk_stat stat)
{
    return atomic_load_explicit(&s->value[stat], memory_order_relaxed);
}

/** @brief Note that something took this long; less than 0, as after a step of the clock, counts as 0.
 *  @locality worker @locks none */
void tk_stats_observe(struct tk_stats *s, enum tk_histogram_id id, tk_nsec took);

/** @returns how many times were observed @locality worker @locks none */
uint64_t tk_histogram_count(const struct tk_histogram *h);

#define TK_STAT_SERIES_BYTES 96

/** @brief Does it only grow? Gauges do not. @locality any @locks none */
bool tk_stat_is_counter(enum tk_stat stat);
/** @brief The name in Prometheus text, with its label: trapkafka_suppressed_total{reason="duplicate"}.
 *  @returns @p dst @locality any @locks none */
const char *tk_stat_series(char dst[TK_STAT_SERIES_BYTES], enum tk_stat stat);
/** @brief What the family counts: of one with labels, not what its first member counts. @locality any @locks none */
const char *tk_family_help(enum tk_stat stat);

/** @brief Check that the two sides of the books are equal. @locality any @locks none */
bool tk_books_balance(const struct tk_books *b);
/** @brief Write the members of the "books" object; the braces are the caller's. @locality any @locks none */
void tk_books_json(const struct tk_books *b, struct tk_json *j);
/** @brief Append Prometheus text exposition (format 0.0.4). @locality any @locks none */
void tk_books_prometheus(const struct tk_books *b, const struct tk_build *build, struct tk_json *text);

#endif /* TK_STATS_H */
