/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file status_page.h
 * @brief Print the state of a snmptrapd with the module as a page that fits a terminal. Texts out of Kafka and of files
 *        are escaped, and cut where they do not fit.
 */
#ifndef TK_STATUS_PAGE_H
#define TK_STATUS_PAGE_H

#include <stdio.h>

#include "watch/status_facts.h"

/**
 * @brief Print what is wrong, Kafka, the queue, the funnel from the port to Kafka, changes of state, refusals, senders,
 *        and the sources; each line of at most @p columns.
 * @param st  judged
 * @locality any  @locks none
 */
void tk_status_page(FILE *f, const struct tk_status *st, unsigned columns, bool has_colour);

#endif /* TK_STATUS_PAGE_H */
