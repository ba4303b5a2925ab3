/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file mib_types.h
 * @brief Textual conventions that a module uses without importing them: net-snmp's parser takes their objects for something
 *        without a type.
 *
 * Owner: any thread; no state.
 */
#ifndef TK_MIB_TYPES_H
#define TK_MIB_TYPES_H

#include "mibs/mib_text.h"

/**
 * @brief Write what has to stand before the ';' of the module's IMPORTS: "TruthValue FROM SNMPv2-TC".
 * @returns whether anything was written
 * @locality any  @locks none
 */
bool tk_mib_types_write_missing(const struct tk_mib_text *t, const struct tk_mib_module *m, FILE *out);

#endif /* TK_MIB_TYPES_H */
