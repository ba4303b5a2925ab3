/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file mib_report.h
 * @brief Say what of the sources could not be read, and which of several definitions counts.
 *
 * Owner: one thread.
 */
#ifndef TK_MIB_REPORT_H
#define TK_MIB_REPORT_H

#include "mibs/mib_findings.h"

struct tk_mib_counts {
    uint32_t files, modules, objects, notifications;
    uint32_t found[TK_MIB_FOUND_COUNT_];
    uint32_t trouble; /* the sum of those up to the mark */
};

enum tk_mib_report_form {
    TK_MIB_REPORT_COUNT,  /* only count */
    TK_MIB_REPORT_PEOPLE, /* what is wrong, and what to do */
    TK_MIB_REPORT_ALL,    /* everything, a line each, its parts separated by tabs; each notification by name */
};

/**
 * @brief Write the report, sorted by kind, file and line.
 * @returns 0 / -ENOMEM / -EIO
 * @locality any  @locks none
 */
int tk_mib_report(const struct tk_mib_sources *s, enum tk_mib_report_form form, FILE *out,
                  struct tk_mib_counts *ret_counts);

#endif /* TK_MIB_REPORT_H */
