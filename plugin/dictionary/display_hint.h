/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file textual.h
 * @brief Values as people read them: DISPLAY-HINT (RFC 2579, 3.1) and the names of BITS.
 *
 * Owner:  any thread; no state, no locks, no allocation.
 * Time:   bounded by the room in the caller's buffer and by the value's length, whatever the hint or the value say.
 *
 * All functions write at most @p dst_bytes including the terminator, and return the length of the text. On failure
 * the buffer's contents are unspecified, and the caller shows the value as if there were no hint:
 * @retval -EINVAL  the hint is not one, does not suit the value, or the text would not be valid UTF-8
 * @retval -ENOSPC  the text does not fit
 */
#ifndef TK_TEXTUAL_H
#define TK_TEXTUAL_H

#include <stddef.h>
#include <stdint.h>

#include "dictionary/dictionary.h"

/**
 * @brief Octets by hints such as "1x:", "255a", "2d-1d-1d,1d:1d:1d.1d,1a1d:1d".
 *
 * Hexadecimal digits are padded, two for an octet ("00:1b:2c"); decimals and octals are not, and take at most 8
 * octets.
 * @locality any  @locks none
 */
int tk_textual_octets(char *dst, size_t dst_bytes, struct tk_dict_text hint, const uint8_t *value, size_t len);

/**
 * @brief Integers by hints such as "d", "d-2" (1234 reads 12.34), "x", "o", "b".
 * @locality any  @locks none
 */
int tk_textual_integer(char *dst, size_t dst_bytes, struct tk_dict_text hint, int64_t value);

/**
 * @brief The bits that are set, such as "up(0), down(1)"; a bit without a name is its number.
 * @param o  an object with syntax BITS
 * @locality any  @locks none
 */
int tk_textual_bits(char *dst, size_t dst_bytes, const struct tk_dict *d, const struct tk_dict_object *o,
                    const uint8_t *value, size_t len);

#endif /* TK_TEXTUAL_H */
