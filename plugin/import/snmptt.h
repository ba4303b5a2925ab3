/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file snmptt.h
 * @brief Rules out of files in the format of snmptt.conf.
 *
 * An EVENT becomes a rule: OID, severity, category (fields.category), and FORMAT (summary). MATCH and NODES become
 * conditions, and may make several rules. IGNORE drops, LOGONLY is indeterminate. As SNMPTT tries wildcards after exact
 * OIDs, so do the rules; of one OID, those with conditions come first, because SNMPTT processes all EVENTs that match and
 * a rule is the first one that does.
 * An EVENT whose conditions rules can't say is left out, because a rule without them would match too much.
 */
#ifndef TK_SNMPTT_H
#define TK_SNMPTT_H

#include "import/import.h"

/**
 * @brief Read the text of one file, and add its rules and tests.
 * @param text  of tk_import_read() or tk_import_take_text(); it is changed
 * @locality any  @locks none
 */
void tk_snmptt_read(struct tk_import *im, char *text);

#endif /* TK_SNMPTT_H */
