/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file alarm_table.h
 * @brief Print standing alarms as a table that fits a terminal: severity, since, count, device, site, circuit, key,
 *        summary. Its texts are foreign: they are escaped, and cut where they do not fit.
 */
#ifndef TK_ALARM_TABLE_H
#define TK_ALARM_TABLE_H

#include <stdio.h>

#include "watch/standing.h"

/**
 * @brief Print a head and @p count rows, each in one line of at most @p columns. Columns without any value are left out;
 *        so are, where the terminal is narrow, circuit, site, key and count, in this order.
 * @locality any  @locks none
 */
void tk_alarm_table(FILE *f, const struct tk_standing_row *const *rows, size_t count, unsigned columns,
                    bool has_colour);

/** @brief Print how many alarms stand of each severity: "3 alarms: 1 critical, 2 major". @locality any @locks none */
void tk_alarm_totals(FILE *f, const struct tk_standing *s);

#endif /* TK_ALARM_TABLE_H */
