/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file import_pairs.h
 * @brief Do the keys of rules that clear fit those of rules that raise?
 */
#ifndef TK_IMPORT_PAIRS_H
#define TK_IMPORT_PAIRS_H

#include "import/import.h"

/**
 * @brief Tell each rule that clears a key that no rule raises: the same text, with references at the same places. Which
 *        objects they refer to does not matter, because raise and clear may carry one value in two objects.
 * @locality any  @locks none
 */
void tk_import_tell_unpaired(struct tk_import *im);

#endif /* TK_IMPORT_PAIRS_H */
