/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file rules_dictionary.h
 * @brief The dictionary against which `trapkafka rules test` compiles rules.
 */
#ifndef TK_RULES_DICTIONARY_H
#define TK_RULES_DICTIONARY_H

#include "base/err.h"
#include "dictionary/dictionary.h"

/**
 * @brief Put together the given dictionaries and the built-in one.
 * @param paths  of compiled dictionaries, of files of facts (.facts), or of folders of such files. None: the installed
 *               dictionary of vendors, if there is one
 * @returns NULL with @p err set
 * @locality any  @locks none
 */
struct tk_dict *tk_rules_dictionary(const char *const *paths, size_t count, struct tk_err *err);

#endif /* TK_RULES_DICTIONARY_H */
