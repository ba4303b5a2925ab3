/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file shipped_dict.h
 * @brief The dictionary that is shipped: the standard facts, and below them those of all vendors.
 */
#ifndef TK_SHIPPED_DICT_H
#define TK_SHIPPED_DICT_H

#include "dictionary/dictionary.h"

/** @brief Make it of the sources. @param top  their top folder
 *  @returns the dictionary, caller's to free; NULL, and standard error says why */
struct tk_dict *shipped_dict(const char *top);

#endif /* TK_SHIPPED_DICT_H */
