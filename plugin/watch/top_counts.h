/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file top_counts.h
 * @brief Who came most often, of any number of names, in bounded memory.
 *
 * At the bound the least frequent name goes, and what it counted is in `others`: a name that makes up more than
 * 1/TK_TOP_COUNTS of all is never missing for long.
 */
#ifndef TK_TOP_COUNTS_H
#define TK_TOP_COUNTS_H

#include <stdint.h>

#define TK_TOP_COUNTS 100

struct tk_top_count {
    uint64_t count;
    char name[120], detail[120]; /* terminated, cut; both together are the key */
};

/** Zeroed: nothing is counted. */
struct tk_top_counts {
    struct tk_top_count item[TK_TOP_COUNTS];
    unsigned used;
    uint64_t others;
};

/** @brief Count @p n more of this name and detail. @returns its place, valid until the next call
 *  @locality any @locks none */
const struct tk_top_count *tk_top_counts_add(struct tk_top_counts *c, const char *name, const char *detail, uint64_t n);

/** @brief Sort: most first, of equal ones by name. @locality any @locks none */
void tk_top_counts_sort(struct tk_top_counts *c);

#endif /* TK_TOP_COUNTS_H */
