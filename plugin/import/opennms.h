/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file opennms.h
 * @brief Rules out of files in the format of OpenNMS's eventconf: the element events and what is in it.
 *
 * An event with a mask for notifications becomes a rule for each of them: mask (conditions), severity, logmsg (summary),
 * uei, label and parameters (fields), alarm-data (state and key). The first event that matches counts in OpenNMS too, so
 * the order stays. An event whose mask rules can't say is left out, because a rule without it would match too much; an
 * alarm whose key they can't say is left out of its rule, because another key would end other alarms.
 */
#ifndef TK_OPENNMS_H
#define TK_OPENNMS_H

#include "import/import.h"

/**
 * @brief Read the text of one file, and add its rules and tests.
 * @param text  of tk_import_read() or tk_import_take_text()
 * @returns false with @p err set: it is no such file
 * @locality any  @locks none
 */
bool tk_opennms_read(struct tk_import *im, const char *text, struct tk_err *err);

#endif /* TK_OPENNMS_H */
