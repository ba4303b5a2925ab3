/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file text.h
 * @brief Format numbers, bytes and foreign text for people and for JSON. No locale, no allocation, no state.
 */
#ifndef TK_TEXT_H
#define TK_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/** Lower-case hexadecimal digits. */
extern const char tk_hex_digits[16];

/** @brief Two lower-case digits for each byte, not terminated. @returns how many, 2 * @p len
 *  @locality any @locks none */
size_t tk_format_hex(char *dst, const void *bytes, size_t len);
/** @brief The same, terminated; what does not fit into @p dst_bytes (at least 1) is left out.
 *  @returns @p dst @locality any @locks none */
const char *tk_hex_text(char *dst, size_t dst_bytes, const void *bytes, size_t len);

/** @brief "0x" and two digits for each byte, not terminated: hex that stands where plain text could stand too.
 *  @returns how many, 2 + 2 * @p len @locality any @locks none */
size_t tk_format_marked_hex(char *dst, const void *bytes, size_t len);

/** @brief Decimal digits of @p value, not terminated. @returns how many, at most 20 @locality any @locks none */
static inline size_t tk_format_u64(char dst[20], uint64_t value)
{
    char digits[20];
    size_t n = 0, len;

    do
        digits[n++] = (char)('0' + value % 10);
    while ((value /= 10));
    for (len = n; n;)
        *dst++ = digits[--n];
    return len;
}

/** @brief The same, with a minus in front if @p is_negative. @returns how many, at most 21
 *  @locality any @locks none */
static inline size_t tk_format_signed(char dst[21], uint64_t magnitude, bool is_negative)
{
    dst[0] = '-';
    return tk_format_u64(dst + is_negative, magnitude) + is_negative;
}

/** @brief The shortest of 6 to 17 digits that read back as the same double; "nan", "inf" or "-inf" if it is not finite.
 *         The decimal point is '.' in every locale. Not terminated. @returns how many, at most 31
 *  @locality any @locks none */
size_t tk_format_double(char dst[32], double value);

/**
 * @brief Numbers with dots between them, as OIDs and IPv4 addresses are written; always terminated. Numbers that do
 *        not fit are left out.
 * @returns the length written
 * @locality any  @locks none
 */
size_t tk_format_dotted(char *dst, size_t dst_bytes, const uint32_t *numbers, size_t count);

/**
 * @brief Copy @p len bytes of foreign text into @p dst for a log line or an error: control bytes, quotes and
 *        backslashes as \\xNN; always terminated, cut with "..." where @p dst is too small.
 * @returns @p dst
 * @locality any  @locks none
 */
const char *tk_escape(char *dst, size_t dst_bytes, const void *src, size_t len);
/** @brief The same, and every byte above 0x7e too: the result is ASCII. @returns @p dst @locality any @locks none */
const char *tk_escape_ascii(char *dst, size_t dst_bytes, const void *src, size_t len);

/** @brief Is this well-formed UTF-8 (RFC 3629) without NUL? @locality any @locks none */
bool tk_utf8_is_valid(const uint8_t *bytes, size_t len);

/* Eight bytes at once: nearly all text is ASCII that needs no care, and looking at byte for byte would cost more than to
 * copy it. @locality any @locks none */

/** A word whose eight bytes are all @p b. */
#define TK_EACH_BYTE(b) (0x0101010101010101u * (uint64_t)(b))

/** @brief The eight bytes at @p at, in any alignment. @locality any @locks none */
static inline uint64_t tk_word(const void *at)
{
    uint64_t w;

    memcpy(&w, at, sizeof(w));
    return w;
}

/** @brief Is one of the bytes less than @p b, which is at most 0x80? @returns not 0 if so
 *  @locality any @locks none */
static inline uint64_t tk_word_has_below(uint64_t w, uint8_t b)
{
    return (w - TK_EACH_BYTE(b)) & ~w & TK_EACH_BYTE(0x80);
}

/** @brief Is one of the bytes @p b? @returns not 0 if so
 *  @locality any @locks none */
static inline uint64_t tk_word_has(uint64_t w, uint8_t b)
{
    return tk_word_has_below(w ^ TK_EACH_BYTE(b), 1);
}

/** @brief Is one of the bytes not ASCII? @returns not 0 if so
 *  @locality any @locks none */
static inline uint64_t tk_word_has_high(uint64_t w)
{
    return w & TK_EACH_BYTE(0x80);
}

#endif /* TK_TEXT_H */
