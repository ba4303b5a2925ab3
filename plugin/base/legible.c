/* SPDX-License-Identifier: Apache-2.0 */
#include "base/legible.h"

#include <string.h>

#include "base/text.h"

#define MIN_LETTERS_ONLY 16 /* octets; fewer, all of them above 0x7f, are more often a binary value than a word */

/* U+0080 to U+009F are control characters in Latin-1; Windows has these there. 0: none. */
static const uint16_t windows_1252[32] = {
    0x20ac, 0,      0x201a, 0x0192, 0x201e, 0x2026, 0x2020, 0x2021, 0x02c6, 0x2030, 0x0160,
    0x2039, 0x0152, 0,      0x017d, 0,      0,      0x2018, 0x2019, 0x201c, 0x201d, 0x2022,
    0x2013, 0x2014, 0x02dc, 0x2122, 0x0161, 0x203a, 0x0153, 0,      0x017e, 0x0178,
};

static bool is_control(uint8_t c)
{
    return (c < 0x20 && c != '\t' && c != '\n' && c != '\r') || c == 0x7f;
}

/* How many octets at the beginning are seen at once to be printable ASCII. */
static size_t plain_words(const uint8_t *bytes, size_t len)
{
    size_t n = 0;

    for (; n + 8 <= len; n += 8) {
        uint64_t w = tk_word(bytes + n);

        if (tk_word_has_high(w) | tk_word_has_below(w, ' ') | tk_word_has(w, 0x7f))
            break;
    }
    return n;
}

static bool has_controls(const uint8_t *bytes, size_t len)
{
    for (size_t i = plain_words(bytes, len); i < len; i++)
        if (is_control(bytes[i]))
            return true;
    return false;
}

bool tk_is_text(const uint8_t *bytes, size_t len)
{
    size_t plain = plain_words(bytes, len);

    return !has_controls(bytes + plain, len - plain) && tk_utf8_is_valid(bytes + plain, len - plain);
}

static bool is_continuation(uint8_t c)
{
    return (c & 0xc0) == 0x80;
}

/* How many octets at the end are the beginning of one UTF-8 character. */
static size_t incomplete_tail(const uint8_t *bytes, size_t len)
{
    size_t n = 1;

    while (n < 3 && n < len && is_continuation(bytes[len - n]))
        n++;
    for (int fill = 0x80; n <= len && fill <= 0xbf; fill += 0x3f) {
        uint8_t whole[4];
        uint8_t lead = bytes[len - n];
        size_t need = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;

        memset(whole, fill, sizeof(whole));
        memcpy(whole, bytes + len - n, n);
        if (lead >= 0xc2 && n < need && tk_utf8_is_valid(whole, need))
            return n;
    }
    return 0;
}

/* The length of the whole characters of UTF-8 that was cut; 0: it is none. One octet behind nothing but ASCII is a letter
 * of Latin-1 ("Caf\xe9"), not half a character. */
static size_t cut_utf8(const uint8_t *bytes, size_t len)
{
    size_t tail = len ? incomplete_tail(bytes, len) : 0;

    if (!tail || !tk_utf8_is_valid(bytes, len - tail))
        return 0;
    for (size_t i = 0; i < len - tail; i++)
        if (bytes[i] >= 0x80)
            return len - tail;
    return tail > 1 ? len - tail : 0;
}

/* U+2028 and the like have no place here: the result is at most U+2122. 0: no character. */
static uint16_t read_windows(uint8_t c)
{
    return c >= 0x80 && c < 0xa0 ? windows_1252[c - 0x80] : c;
}

static bool looks_like_words(const uint8_t *bytes, size_t len)
{
    size_t letters = 0, symbols = 0;

    for (size_t i = 0; i < len; i++) {
        if (bytes[i] >= 0xc0 && bytes[i] != 0xd7 && bytes[i] != 0xf7)
            letters++;
        else if (bytes[i] >= 0x80)
            symbols++;
        if (!read_windows(bytes[i]))
            return false;
    }
    return len - letters - symbols >= letters + 3 * symbols || (!symbols && len >= MIN_LETTERS_ONLY);
}

static size_t put_utf8(char *dst, uint16_t c)
{
    if (c < 0x80) {
        dst[0] = (char)c;
        return 1;
    }
    if (c < 0x800) {
        dst[0] = (char)(0xc0 | c >> 6);
        dst[1] = (char)(0x80 | (c & 0x3f));
        return 2;
    }
    dst[0] = (char)(0xe0 | c >> 12);
    dst[1] = (char)(0x80 | (c >> 6 & 0x3f));
    dst[2] = (char)(0x80 | (c & 0x3f));
    return 3;
}

static size_t put_mark(char *dst, size_t at)
{
    memcpy(dst + at, TK_CUT_MARK, TK_CUT_MARK_BYTES);
    return at + TK_CUT_MARK_BYTES;
}

static int put_windows(char *dst, size_t dst_bytes, const uint8_t *bytes, size_t len)
{
    size_t n = 0;

    for (size_t i = 0; i < len; i++) {
        if (dst_bytes - n < 3 + TK_CUT_MARK_BYTES)
            return (int)put_mark(dst, n);
        n += put_utf8(dst + n, read_windows(bytes[i]));
    }
    return (int)n;
}

/* Copy UTF-8; what does not fit ends between two characters. */
static int put_whole(char *dst, size_t dst_bytes, const uint8_t *bytes, size_t len, bool was_cut)
{
    if (len + TK_CUT_MARK_BYTES > dst_bytes) {
        len = dst_bytes - TK_CUT_MARK_BYTES;
        while (len && is_continuation(bytes[len]))
            len--;
        was_cut = true;
    }
    memcpy(dst, bytes, len);
    return (int)(was_cut ? put_mark(dst, len) : len);
}

int tk_legible(char *dst, size_t dst_bytes, const uint8_t *bytes, size_t len)
{
    size_t whole;

    if (!len)
        return 0;
    while (len && bytes[len - 1] == 0)
        len--;
    if (!len || has_controls(bytes, len))
        return -1;
    if (tk_utf8_is_valid(bytes, len))
        return put_whole(dst, dst_bytes, bytes, len, false);
    whole = cut_utf8(bytes, len);
    if (whole)
        return put_whole(dst, dst_bytes, bytes, whole, true);
    return looks_like_words(bytes, len) ? put_windows(dst, dst_bytes, bytes, len) : -1;
}
