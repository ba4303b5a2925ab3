/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file event_page.h
 * @brief Print a record as a person wants to read it. Its texts are foreign: they are escaped, and cut if they are long.
 */
#ifndef TK_EVENT_PAGE_H
#define TK_EVENT_PAGE_H

#include <stdbool.h>
#include <stdio.h>

#include "watch/seen.h"

#define TK_PAGE_COLUMNS  2000 /* of a line */
#define TK_PAGE_VARBINDS 300  /* of an event */

/** @brief The escape sequence that begins the colour of a severity, "" without colour. @locality any @locks none */
const char *tk_rank_colour(enum tk_rank rank, bool has_colour);

/** @brief Print a record in several lines, with an empty one behind. @locality any @locks none */
void tk_event_page(FILE *f, const struct tk_seen *seen, bool has_colour);

/** @brief Print a record in one line of at most @p columns: time, severity, device, what, and summary.
 *  @locality any @locks none */
void tk_event_line(FILE *f, const struct tk_seen *seen, unsigned columns, bool has_colour);

/** @brief Is the stream a terminal that may be written to in colour? Not if NO_COLOR is set, and not if TERM is dumb.
 *  @locality any @locks none */
bool tk_wants_colour(FILE *f);

#endif /* TK_EVENT_PAGE_H */
