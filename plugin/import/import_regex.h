/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file import_regex.h
 * @brief Regular expressions of imported conditions: tried here on labels, and on text for tests.
 */
#ifndef TK_IMPORT_REGEX_H
#define TK_IMPORT_REGEX_H

#include <stdbool.h>
#include <stddef.h>

struct tk_import_regex;

#define TK_IMPORT_REGEX_BYTES 1024 /* of an expression in a rule */

/**
 * @brief Compile as rules do.
 * @param why  what is wrong; @p why_bytes
 * @returns NULL: it is no expression of PCRE2, or it is too long
 * @locality any  @locks none
 */
struct tk_import_regex *tk_import_regex_new(const char *pattern, char *why, size_t why_bytes);
/** @brief Free. NULL is a no-op. @locality any @locks none */
void tk_import_regex_free(struct tk_import_regex *x);

/** @brief Does it match anywhere in the text? One that takes too many steps does not. @locality any @locks none */
bool tk_import_regex_matches(struct tk_import_regex *x, const char *text, size_t len);

/**
 * @brief Guess a short text that matches: the expression with its first alternatives, each repeated part once.
 * @param pattern  of the same expression
 * @returns false: the guess does not match
 * @locality any  @locks none
 */
bool tk_import_regex_sample(struct tk_import_regex *x, const char *pattern, char *dst, size_t dst_bytes);

#endif /* TK_IMPORT_REGEX_H */
