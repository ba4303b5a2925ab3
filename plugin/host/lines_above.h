/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file lines_above.h
 * @brief Find the module's directives above the dlmod line, which net-snmp did not know yet at a start.
 *
 * net-snmp ignores such a line; at most it logs a warning. Therefore the module searches the files that net-snmp has
 * just read, in the same order, up to the dlmod line. At SIGHUP the directives are known wherever they stand, so this
 * is for the first reading only.
 *
 * Not searched: files named by includeSearch, and snmp.conf.
 *
 * Owner: snmptrapd's thread.
 */
#ifndef TK_LINES_ABOVE_H
#define TK_LINES_ABOVE_H

#include "config/settings.h"

/**
 * @brief Log each such line with its file and number. One that protects, or names where events go, makes @p cf fail closed
 *        (see tk_settings_distrust()). Reads files, so call it at a start only.
 * @locality snmptrapd  @locks none
 */
void tk_lines_above_find(struct tk_settings *cf);

#endif /* TK_LINES_ABOVE_H */
