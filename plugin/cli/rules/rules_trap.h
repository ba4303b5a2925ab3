/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file rules_trap.h
 * @brief Make the notification that a test of a rules file describes: names become OIDs, labels numbers.
 */
#ifndef TK_RULES_TRAP_H
#define TK_RULES_TRAP_H

#include <jansson.h>

#include "base/err.h"
#include "dictionary/dictionary.h"
#include "snmp/trap.h"

/**
 * @brief Write the flat trap.
 * @param trap   the member "trap" of the test: {"trap": NAME_OR_OID, "version", "source", "agent", "security_name",
 *               "uptime", "varbinds": [{"object", "value", "type"}, ...]}
 * @param names  the file's "names"; NULL: none
 * @param dst    TK_TRAP_MAX_BYTES
 * @returns its length; 0 with @p err set, without file and line
 * @locality any  @locks none
 */
size_t tk_rules_trap_write(const json_t *trap, const json_t *names, const struct tk_dict *d, uint8_t *dst,
                           struct tk_err *err);

#endif /* TK_RULES_TRAP_H */
