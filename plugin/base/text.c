/* SPDX-License-Identifier: Apache-2.0 */
#include "base/text.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char tk_hex_digits[16] = {'0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'a', 'b', 'c', 'd', 'e', 'f'};

static inline char *put_hex(char *dst, uint8_t byte)
{
    *dst++ = tk_hex_digits[byte >> 4];
    *dst++ = tk_hex_digits[byte & 15];
    return dst;
}

size_t tk_format_hex(char *dst, const void *bytes, size_t len)
{
    const uint8_t *b = bytes;

    for (size_t i = 0; i < len; i++)
        dst = put_hex(dst, b[i]);
    return 2 * len;
}

size_t tk_format_marked_hex(char *dst, const void *bytes, size_t len)
{
    memcpy(dst, "0x", 2);
    return 2 + tk_format_hex(dst + 2, bytes, len);
}

const char *tk_hex_text(char *dst, size_t dst_bytes, const void *bytes, size_t len)
{
    size_t most = (dst_bytes - 1) / 2;

    dst[tk_format_hex(dst, bytes, len < most ? len : most)] = '\0';
    return dst;
}

size_t tk_format_dotted(char *dst, size_t dst_bytes, const uint32_t *numbers, size_t count)
{
    char *p = dst, *end = dst + dst_bytes;

    if (dst_bytes == 0)
        return 0;
    for (size_t i = 0; i < count; i++) {
        uint32_t v = numbers[i];
        char digits[10];
        int n = 0;

        if (v < 10) { /* most are */
            if (end - p < 2)
                break;
            *p++ = (char)('0' + v);
            *p++ = '.';
            continue;
        }
        for (; v; v /= 10)
            digits[n++] = (char)('0' + v % 10);
        if (end - p < n + 1)
            break;
        while (n)
            *p++ = digits[--n];
        *p++ = '.';
    }
    p -= p > dst; /* the end takes the place of the last dot */
    *p = '\0';
    return (size_t)(p - dst);
}

size_t tk_format_double(char dst[32], double value)
{
    if (isnan(value))
        return (size_t)snprintf(dst, 32, "nan");
    for (int digits = 6; digits <= 17; digits++) {
        (void)snprintf(dst, 32, "%.*g", digits, value);
        if (digits == 17 || strtod(dst, NULL) == value)
            break;
    }
    for (char *p = dst; *p; p++) /* snmptrapd's locale may have a comma as decimal point */
        if (*p == ',')
            *p = '.';
    return strlen(dst);
}

static const char *escape(char *dst, size_t dst_bytes, const uint8_t *src, size_t len, uint8_t highest)
{
    size_t out = 0;

    if (dst_bytes < 8) {
        if (dst_bytes)
            dst[0] = '\0';
        return dst;
    }
    for (size_t i = 0; i < len; i++) {
        bool is_plain = src[i] >= 0x20 && src[i] <= highest && src[i] != 0x7f && src[i] != '\\' && src[i] != '\'';

        if (out + (is_plain ? 1 : 4) + 4 > dst_bytes) {
            memcpy(dst + out, "...", 4);
            return dst;
        }
        if (is_plain) {
            dst[out++] = (char)src[i];
        } else {
            memcpy(dst + out, "\\x", 2);
            (void)put_hex(dst + out + 2, src[i]);
            out += 4;
        }
    }
    dst[out] = '\0';
    return dst;
}

const char *tk_escape(char *dst, size_t dst_bytes, const void *src, size_t len)
{
    return escape(dst, dst_bytes, src, len, 0xff);
}

const char *tk_escape_ascii(char *dst, size_t dst_bytes, const void *src, size_t len)
{
    return escape(dst, dst_bytes, src, len, 0x7e);
}

/* RFC 3629 section 4: shortest forms only, no surrogates, nothing past U+10FFFF. */
bool tk_utf8_is_valid(const uint8_t *bytes, size_t len)
{
    const uint8_t *p = bytes, *end = bytes + len;

    for (uint64_t w; end - p >= 8; p += 8) {
        w = tk_word(p);
        if (tk_word_has_high(w) | tk_word_has(w, 0))
            break;
    }
    while (p < end) {
        uint8_t c = *p;
        uint8_t low = 0x80, high = 0xbf;
        int more;

        if (c == 0)
            return false;
        if (c < 0x80) {
            p++;
            continue;
        }
        if (c >= 0xc2 && c <= 0xdf)
            more = 1;
        else if (c >= 0xe0 && c <= 0xef)
            more = 2;
        else if (c >= 0xf0 && c <= 0xf4)
            more = 3;
        else
            return false;
        if (c == 0xe0)
            low = 0xa0;
        else if (c == 0xed)
            high = 0x9f;
        else if (c == 0xf0)
            low = 0x90;
        else if (c == 0xf4)
            high = 0x8f;
        if (end - p <= more || p[1] < low || p[1] > high)
            return false;
        for (int i = 2; i <= more; i++)
            if ((p[i] & 0xc0) != 0x80)
                return false;
        p += more + 1;
    }
    return true;
}
