/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file annotated_summary.h
 * @brief --#SUMMARY with its --#ARGUMENTS.
 */
#ifndef TK_ANNOTATED_SUMMARY_H
#define TK_ANNOTATED_SUMMARY_H

#include "import/import_text.h"

/**
 * @brief Read a text with %s, %d and so on, as of printf, each for the next argument. What can't be carried over is told,
 *        and left out.
 * @param arguments  numbers of the notification's objects, from 0, with anything but digits between them
 * @locality any  @locks none
 */
void tk_annotated_summary(struct tk_import *im, unsigned line, const char *text, const char *arguments,
                          const struct tk_import_trap *trap, struct tk_import_text *t);

#endif /* TK_ANNOTATED_SUMMARY_H */
