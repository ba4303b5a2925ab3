/* SPDX-License-Identifier: Apache-2.0 */
#include "base/err.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

/* Paths and values come from operators and from the network: control bytes must not reach a log. */
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
