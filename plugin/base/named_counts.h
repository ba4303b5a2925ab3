/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file named_counts.h
 * @brief Counters whose names are known at run time only, such as rules that drop notifications.
 *
 * Owner:  one thread. No locks.
 * Bound:  TK_NAMED_COUNTS names of less than TK_NAMED_COUNT_BYTES, kept until the end; what has a further or a longer name
 *         is counted in `others`. Embedded, 25 KiB.
 */
#ifndef TK_NAMED_COUNTS_H
#define TK_NAMED_COUNTS_H

#include <stddef.h>
#include <stdint.h>

#include "base/json_writer.h"

#define TK_NAMED_COUNTS      128
#define TK_NAMED_COUNT_BYTES 184
#define TK_NAMED_COUNT_SLOTS 256 /* a power of two, twice as many as names */

struct tk_named_count {
    uint64_t count;
    char name[TK_NAMED_COUNT_BYTES]; /* terminated */
};

/** Zeroed: nothing is counted. */
struct tk_named_counts {
    struct tk_named_count item[TK_NAMED_COUNTS]; /* in the order in which they came first */
    unsigned used;
    uint64_t others;
    uint8_t slot[TK_NAMED_COUNT_SLOTS]; /* the number of an item, from 1; 0: free */
};

/** @brief Count one of this name. @param name  of @p len bytes, not terminated @locality the owner @locks none */
void tk_named_counts_add(struct tk_named_counts *c, const char *name, size_t len);

/** @brief Write the @p most largest counts as a JSON list, largest first: [{"@p member": NAME, "count": N}, ...].
 *  @locality the owner @locks none */
void tk_named_counts_json(const struct tk_named_counts *c, const char *member, unsigned most, struct tk_json *j);

/** @brief Append all of them as Prometheus text, and those without a name of their own as "other"; nothing if there are
 *         none. @param family  the name behind "trapkafka_", a counter @param label  which holds the name
 *  @locality the owner @locks none */
void tk_named_counts_prometheus(const struct tk_named_counts *c, const char *family, const char *help,
                                const char *label, struct tk_json *text);

#endif /* TK_NAMED_COUNTS_H */
