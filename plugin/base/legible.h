/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file legible.h
 * @brief Read octets that are text, or nearly text as many devices send it, for people.
 *
 * Owner:  any thread; no state, no locks, no allocation, no locale.
 * Time:   linear in the length of the octets, which the network chose.
 */
#ifndef TK_LEGIBLE_H
#define TK_LEGIBLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** What stands at the end of a text that was cut: U+2026, HORIZONTAL ELLIPSIS. */
#define TK_CUT_MARK       "\xe2\x80\xa6"
#define TK_CUT_MARK_BYTES 3

/** @brief Is it text as it stands: UTF-8 without control characters other than tab and line ends?
 *  @locality any @locks none */
bool tk_is_text(const uint8_t *bytes, size_t len);

/**
 * @brief Read octets as text, and write it as UTF-8:
 *        - NULs at the end are left out;
 *        - UTF-8 whose last character is incomplete, because the sender cut it, ends with TK_CUT_MARK;
 *        - other octets above 0x7f are read as Windows-1252, of which Latin-1's printable characters are a part, if the
 *          octets look like words: at least as many ASCII characters as letters above 0x7f and three times the symbols
 *          above 0x7f, or only such letters, 16 or more;
 *        - what does not fit into @p dst_bytes is left out, and TK_CUT_MARK stands in its place.
 * @param dst_bytes  at least 8; the text is not terminated
 * @returns the length; -1: this is no text (control characters, NUL inside, or it does not look like words)
 * @locality any  @locks none
 */
int tk_legible(char *dst, size_t dst_bytes, const uint8_t *bytes, size_t len);

#endif /* TK_LEGIBLE_H */
