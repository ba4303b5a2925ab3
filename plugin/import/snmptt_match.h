/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file snmptt_match.h
 * @brief MATCH lines of an EVENT of SNMPTT: conditions on varbinds.
 */
#ifndef TK_SNMPTT_MATCH_H
#define TK_SNMPTT_MATCH_H

#include "import/import_case.h"

/**
 * @brief Read one MATCH line, what follows the word: "$2: !(regex)i", "$1: 5-10", "$3: 192.0.2.0/24".
 * @param cases  empty; get the cases of which one has to hold
 * @returns false: rules can't say it; that is told, and @p cases is empty
 * @locality any  @locks none
 */
bool tk_snmptt_match(struct tk_import *im, unsigned line, const char *text, const struct tk_import_trap *trap,
                     struct tk_import_cases *cases);

#endif /* TK_SNMPTT_MATCH_H */
