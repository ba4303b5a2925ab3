/* SPDX-License-Identifier: Apache-2.0 */
#include "base/text.h"

#include <string.h>

const char tk_hex_digits[16] = {'0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'a', 'b', 'c', 'd', 'e', 'f'};

/* The two digits of each byte, one after the other: a look-up a byte is half the cost of one a digit. */
static const char pairs[] = "000102030405060708090a0b0c0d0e0f"
                            "101112131415161718191a1b1c1d1e1f"
                            "202122232425262728292a2b2c2d2e2f"
                            "303132333435363738393a3b3c3d3e3f"
                            "404142434445464748494a4b4c4d4e4f"
                            "505152535455565758595a5b5c5d5e5f"
                            "606162636465666768696a6b6c6d6e6f"
                            "707172737475767778797a7b7c7d7e7f"
                            "808182838485868788898a8b8c8d8e8f"
                            "909192939495969798999a9b9c9d9e9f"
                            "a0a1a2a3a4a5a6a7a8a9aaabacadaeaf"
                            "b0b1b2b3b4b5b6b7b8b9babbbcbdbebf"
                            "c0c1c2c3c4c5c6c7c8c9cacbcccdcecf"
                            "d0d1d2d3d4d5d6d7d8d9dadbdcdddedf"
                            "e0e1e2e3e4e5e6e7e8e9eaebecedeeef"
                            "f0f1f2f3f4f5f6f7f8f9fafbfcfdfeff";

static inline char *put_hex(char *dst, uint8_t byte)
{
    memcpy(dst, pairs + 2 * byte, 2);
    return dst + 2;
}

size_t tk_format_hex(char *dst, const void *bytes, size_t len)
{
    const uint8_t *b = bytes;

    for (size_t i = 0; i < len; i++)
        dst = put_hex(dst, b[i]);
    return 2 * len;
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

        for (; v >= 10; v /= 10)
            digits[n++] = (char)('0' + v % 10);
        if (end - p < n + 3) /* a dot, the first digit, the end */
            break;
        if (i)
            *p++ = '.';
        *p++ = (char)('0' + v);
        while (n)
            *p++ = digits[--n];
    }
    *p = '\0';
    return (size_t)(p - dst);
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
