/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file annotated.h
 * @brief Rules out of MIB files whose TRAP-TYPEs and NOTIFICATION-TYPEs have annotations in comments: --#SEVERITY,
 *        --#SUMMARY and so on, as files for Novell's and other management systems have them.
 *
 * Only annotations are taken, never descriptions. Notifications and their objects are found in the dictionary, so the
 * file has to be compiled before. A notification without annotations is skipped: nothing is said of it.
 */
#ifndef TK_ANNOTATED_H
#define TK_ANNOTATED_H

#include "import/import.h"

/**
 * @brief Read the text of one file, and add its rules and tests.
 * @param text  of tk_import_read() or tk_import_take_text()
 * @locality any  @locks none
 */
void tk_annotated_read(struct tk_import *im, const char *text);

#endif /* TK_ANNOTATED_H */
