/* SPDX-License-Identifier: Apache-2.0 */
#include "base/err.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

/* Files and values come from operators and, by way of traps, from strangers: no control byte reaches a log. */
static void blank_controls(char *text)
{
    for (; *text; text++)
        if ((unsigned char)*text < 0x20 || *text == 0x7f)
            *text = '?';
}

void tk_err_set(struct tk_err *err, const char *file, unsigned line, const char *fmt, ...)
{
    va_list ap;

    if (!err || err->is_set)
        return;
    err->is_set = true;
    err->line = line;
    (void)snprintf(err->file, sizeof(err->file), "%s", file ? file : "");
    va_start(ap, fmt);
    (void)vsnprintf(err->text, sizeof(err->text), fmt, ap);
    va_end(ap);
    blank_controls(err->file);
    blank_controls(err->text);
}

void tk_err_clear(struct tk_err *err)
{
    if (err)
        memset(err, 0, sizeof(*err));
}

const char *tk_err_format(const struct tk_err *err, char *dst, size_t dst_bytes)
{
    if (err->file[0] && err->line)
        (void)snprintf(dst, dst_bytes, "%s: line %u: %s", err->file, err->line, err->text);
    else if (err->file[0])
        (void)snprintf(dst, dst_bytes, "%s: %s", err->file, err->text);
    else
        (void)snprintf(dst, dst_bytes, "%s", err->text);
    return dst;
}

const char *tk_escape(char *dst, size_t dst_bytes, const void *src, size_t len)
{
    static const char hex[] = "0123456789abcdef";
    const uint8_t *s = src;
    size_t out = 0;

    if (dst_bytes < 8) {
        if (dst_bytes)
            dst[0] = '\0';
        return dst;
    }
    for (size_t i = 0; i < len; i++) {
        bool plain = s[i] >= 0x20 && s[i] != 0x7f && s[i] != '\\' && s[i] != '\'';

        if (out + (plain ? 1 : 4) + 4 > dst_bytes) {
            memcpy(dst + out, "...", 4);
            return dst;
        }
        if (plain) {
            dst[out++] = (char)s[i];
        } else {
            dst[out++] = '\\';
            dst[out++] = 'x';
            dst[out++] = hex[s[i] >> 4];
            dst[out++] = hex[s[i] & 15];
        }
    }
    dst[out] = '\0';
    return dst;
}
