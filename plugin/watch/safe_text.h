/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file safe_text.h
 * @brief Print text out of Kafka on a terminal: whoever can write to a topic must not be able to move the cursor.
 *
 * Control characters, and characters that change the order or the look of others (bidirectional marks, invisible ones),
 * are printed as \xNN and \u{NNNN}. Width is counted in columns of a terminal, by wcwidth().
 */
#ifndef TK_SAFE_TEXT_H
#define TK_SAFE_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

/** As many columns as the text needs. */
#define TK_ALL_COLUMNS ((unsigned)-1)

/** @brief Let wcwidth() know Unicode in this process, whatever the user's locale. Without such a locale each character
 *         counts as one column. @locality main, before threads @locks none */
void tk_safe_text_init(void);

/** @brief How many columns the text takes when it is printed, counted up to @p most. @locality any @locks none */
unsigned tk_safe_columns(const char *text, size_t len, unsigned most);

/**
 * @brief Print text in at most @p columns; what does not fit is left out, and U+2026 stands in its place.
 * @param text  of any bytes; those that are not UTF-8 are printed as \xNN
 * @returns the columns that were printed
 * @locality any  @locks none
 */
unsigned tk_safe_print(FILE *f, const char *text, size_t len, unsigned columns);

/** @brief The same, filled with spaces up to @p columns. @locality any @locks none */
void tk_safe_print_cell(FILE *f, const char *text, unsigned columns, bool is_right);

/**
 * @brief Print JSON on a terminal: characters that tk_safe_print() would escape as their JSON escape, so it is still the
 *        same document.
 * @locality any  @locks none
 */
void tk_safe_print_json(FILE *f, const char *json, size_t len);

#endif /* TK_SAFE_TEXT_H */
