/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file record_filter.h
 * @brief Which records an operator wants to see: by severity, device, name, site and type.
 *
 * Of one kind any pattern may match, and each kind that was given has to. Patterns are those of a shell (*, ?, [a-z]),
 * without regard to case.
 */
#ifndef TK_RECORD_FILTER_H
#define TK_RECORD_FILTER_H

#include <stdbool.h>

#include "base/err.h"
#include "watch/seen.h"

#define TK_FILTER_PATTERNS 16 /* of one kind */

enum tk_filter_kind { TK_BY_SEVERITY, TK_BY_DEVICE, TK_BY_NAME, TK_BY_SITE, TK_BY_TYPE, TK_FILTER_KINDS };

struct tk_record_filter {
    unsigned ranks; /* bits 1 << enum tk_rank; 0: any */
    const char *patterns[TK_FILTER_KINDS][TK_FILTER_PATTERNS];
    unsigned counts[TK_FILTER_KINDS];
};

/**
 * @brief Add what follows an option.
 * @param value  of TK_BY_SEVERITY: names with commas between them, each with a + behind it if higher ones are wanted too;
 *               else a pattern, which is borrowed
 * @retval 0 / -EINVAL with @p err set
 * @locality any  @locks none
 */
int tk_record_filter_add(struct tk_record_filter *f, enum tk_filter_kind kind, const char *value, struct tk_err *err);

/** @brief Is this one wanted? @locality any @locks none */
bool tk_record_filter_wants(const struct tk_record_filter *f, const struct tk_seen *seen);

#endif /* TK_RECORD_FILTER_H */
