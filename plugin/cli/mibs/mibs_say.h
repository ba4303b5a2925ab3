/* SPDX-License-Identifier: Apache-2.0 */
/** @file mibs_say.h
 *  @brief What the subcommands `trapkafka mibs ...` have in common: sums and errors. */
#ifndef TK_MIBS_SAY_H
#define TK_MIBS_SAY_H

#include "mibs/mib_report.h"

struct tk_err;
struct tk_words;

/** @brief Print an error of the sources or of the output. @returns the exit status @locality any @locks none */
int tk_mibs_complain(const struct tk_words *words, const struct tk_err *err);

/** @brief Print how much was read, and whether something is missing. @returns the exit status
 *  @locality any @locks none */
int tk_mibs_say_counts(const struct tk_mib_counts *counts, FILE *out);

#endif /* TK_MIBS_SAY_H */
