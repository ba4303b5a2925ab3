/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file check_files.h
 * @brief Check what the module would write: the queue's file and the statistics file; and become snmptrapd's user for that.
 */
#ifndef TK_CHECK_FILES_H
#define TK_CHECK_FILES_H

#include "cli/check/check_config.h"

/**
 * @brief Take the rights of this user for the rest of the process, so that all files are opened as snmptrapd opens them.
 * @returns false with @p err set
 * @locality any  @locks none
 */
bool tk_check_become(const char *user, struct tk_err *err);

/** @brief Could this process use these files? Nothing is written. @locality any @locks none */
void tk_check_files(const struct tk_check_config *c, struct tk_check_findings *findings);

#endif /* TK_CHECK_FILES_H */
