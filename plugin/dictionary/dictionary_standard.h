/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file dictionary_standard.h
 * @brief The built-in dictionary: the facts of mibs/standard.facts, which are compiled into the module.
 *
 * Owner: any thread; no locks.
 */
#ifndef TK_DICTIONARY_STANDARD_H
#define TK_DICTIONARY_STANDARD_H

#include "dictionary/dictionary_builder.h"

/**
 * @brief Add the built-in facts. Facts that are added afterwards win over them.
 * @retval 0 / -EINVAL (@p err says which line and why) / -E2BIG / -ENOMEM
 * @locality any  @locks none
 */
int tk_dict_standard_add(struct tk_dict_builder *b, struct tk_err *err);

/**
 * @brief Build a dictionary of the built-in facts alone.
 * @returns the dictionary, caller's to free; NULL with @p err set
 * @locality any  @locks none
 */
struct tk_dict *tk_dict_standard_new(struct tk_err *err);

#endif /* TK_DICTIONARY_STANDARD_H */
