/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file display_hint.h
 * @brief Format a value for people, by its DISPLAY-HINT (RFC 2579, 3.1) or the names of its BITS.
 *
 * Owner:  any thread; no state, no locks, no allocation.
 * Time:   bounded by the size of the caller's buffer and by the value's length, for any hint and any value.
 *
 * All functions write at most @p dst_bytes including the terminator, and return the length of the text. On failure
 * the buffer's contents are unspecified, and the caller formats the value as if there were no hint:
 * @retval -EINVAL  the hint is invalid or does not suit the value, or the text would not be valid UTF-8
 * @retval -ENOSPC  the text does not fit
 */
#ifndef TK_DISPLAY_HINT_H
#define TK_DISPLAY_HINT_H

#include <stddef.h>
#include <stdint.h>

#include "dictionary/dictionary.h"

/**
 * @brief Format octets by hints such as "1x:", "255a", "2d-1d-1d,1d:1d:1d.1d,1a1d:1d".
 *
 * A hexadecimal octet has two digits ("00:1b:2c"). A decimal or octal number is not padded, and has at most 8 octets.
 * @locality any  @locks none
 */
int tk_textual_octets(char *dst, size_t dst_bytes, struct tk_dict_text hint, const uint8_t *value, size_t len);

/**
 * @brief Format an integer by hints such as "d", "d-2" (1234 becomes 12.34), "x", "o", "b".
 * @locality any  @locks none
 */
int tk_textual_integer(char *dst, size_t dst_bytes, struct tk_dict_text hint, int64_t value);

/**
 * @brief List the bits that are set, such as "up(0), down(1)"; a bit without a name is shown as its number.
 * @param o  an object with syntax BITS
 * @locality any  @locks none
 */
int tk_textual_bits(char *dst, size_t dst_bytes, const struct tk_dict *d, const struct tk_dict_object *o,
                    const uint8_t *value, size_t len);

#endif /* TK_DISPLAY_HINT_H */
