/* SPDX-License-Identifier: Apache-2.0 */
#include "base/json_writer.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"

#define FIRST_CAP 4096

void tk_json_init(struct tk_json *j)
{
    memset(j, 0, sizeof(*j));
}

void tk_json_done(struct tk_json *j)
{
    free(j->buf);
    tk_json_init(j);
}

void tk_json_clear(struct tk_json *j)
{
    j->len = 0;
    j->is_failed = false;
    j->needs_comma = false;
}

bool tk_json_grow(struct tk_json *j, size_t more)
{
    size_t cap = j->cap ? j->cap : FIRST_CAP;
    char *buf;

    if (j->is_failed)
        return false;
    while (cap - j->len < more)
        cap *= 2;
    buf = realloc(j->buf, cap);
    if (!buf) {
        j->is_failed = true;
        return false;
    }
    j->buf = buf;
    j->cap = cap;
    return true;
}

/* @returns where @p more bytes can be written; NULL once memory has run out */
static inline char *reserve(struct tk_json *j, size_t more)
{
    if ((j->cap - j->len < more || j->is_failed) && !tk_json_grow(j, more))
        return NULL;
    return j->buf + j->len;
}

static void append(struct tk_json *j, const char *text, size_t len)
{
    char *p = reserve(j, len);

    if (p && len) {
        memcpy(p, text, len);
        j->len += len;
    }
}

static inline void put_char(struct tk_json *j, char c)
{
    char *p = reserve(j, 1);

    if (p) {
        *p = c;
        j->len++;
    }
}

/* Write the comma between a value and the one before it. */
static inline void begin_value(struct tk_json *j)
{
    if (j->needs_comma)
        put_char(j, ',');
    j->needs_comma = true;
}

static void open_with(struct tk_json *j, char brace)
{
    begin_value(j);
    put_char(j, brace);
    j->needs_comma = false;
}

static void close_with(struct tk_json *j, char brace)
{
    put_char(j, brace);
    j->needs_comma = true;
}

void tk_json_object_begin(struct tk_json *j)
{
    open_with(j, '{');
}
void tk_json_object_end(struct tk_json *j)
{
    close_with(j, '}');
}
void tk_json_array_begin(struct tk_json *j)
{
    open_with(j, '[');
}
void tk_json_array_end(struct tk_json *j)
{
    close_with(j, ']');
}

void tk_json_name(struct tk_json *j, const char *name, size_t len)
{
    char *p = reserve(j, len + 4);

    if (!p)
        return;
    if (j->needs_comma)
        *p++ = ',';
    *p++ = '"';
    memcpy(p, name, len);
    p += len;
    *p++ = '"';
    *p++ = ':';
    j->len = (size_t)(p - j->buf);
    j->needs_comma = false;
}

void tk_json_raw(struct tk_json *j, const char *json, size_t len)
{
    begin_value(j);
    append(j, json, len);
}

void tk_json_null(struct tk_json *j)
{
    tk_json_raw(j, "null", 4);
}

void tk_json_bool(struct tk_json *j, bool value)
{
    tk_json_raw(j, value ? "true" : "false", value ? 4 : 5);
}

void tk_json_u64(struct tk_json *j, uint64_t value)
{
    char *p;

    begin_value(j);
    p = reserve(j, 20);
    if (p)
        j->len += tk_format_u64(p, value);
}

void tk_json_i64(struct tk_json *j, int64_t value)
{
    char *p;

    begin_value(j);
    p = reserve(j, 21);
    if (p)
        j->len += tk_format_signed(p, value < 0 ? 0 - (uint64_t)value : (uint64_t)value, value < 0);
}

void tk_json_double(struct tk_json *j, double value)
{
    char text[32];

    if (isfinite(value))
        tk_json_raw(j, text, tk_format_double(text, value));
    else
        tk_json_null(j);
}

#define EACH_BYTE(b) (0x0101010101010101u * (b))

/* @returns not 0 exactly when a byte of @p w is zero */
static inline uint64_t any_zero(uint64_t w)
{
    return (w - EACH_BYTE(1)) & ~w & EACH_BYTE(0x80);
}

/* Test eight bytes at once: most strings need no escape, and testing byte by byte would cost more than the copy. */
static inline bool word_needs_escape(uint64_t w)
{
    uint64_t control = (w - EACH_BYTE(0x20)) & ~w & EACH_BYTE(0x80);

    return control | any_zero(w ^ EACH_BYTE('"')) | any_zero(w ^ EACH_BYTE('\\')) | any_zero(w ^ EACH_BYTE(0x7f));
}

static inline bool byte_needs_escape(unsigned char c)
{
    /* clang-format off */
    static const bool special[256] = {
        1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1,
        ['"'] = 1, ['\\'] = 1, [0x7f] = 1,
    };
    /* clang-format on */

    return special[c];
}

static char *put_escape(char *p, unsigned char c)
{
    *p++ = '\\';
    switch (c) {
    case '"':
    case '\\': *p++ = (char)c; break;
    case '\n': *p++ = 'n'; break;
    case '\r': *p++ = 'r'; break;
    case '\t': *p++ = 't'; break;
    default:
        memcpy(p, "u00", 3);
        p[3] = tk_hex_digits[c >> 4];
        p[4] = tk_hex_digits[c & 15];
        p += 5;
    }
    return p;
}

static inline char *put_byte(char *p, unsigned char c)
{
    if (byte_needs_escape(c))
        return put_escape(p, c);
    *p++ = (char)c;
    return p;
}

/* Tests eight bytes at a time. The last word ends with the text, so it may overlap the one before. */
static bool needs_escape(const char *text, size_t len)
{
    uint64_t word;

    if (len < 8) {
        for (size_t i = 0; i < len; i++)
            if (byte_needs_escape((unsigned char)text[i]))
                return true;
        return false;
    }
    for (size_t i = 0; i + 8 < len; i += 8) {
        memcpy(&word, text + i, 8);
        if (word_needs_escape(word))
            return true;
    }
    memcpy(&word, text + len - 8, 8);
    return word_needs_escape(word);
}

void tk_json_string(struct tk_json *j, const char *text, size_t len)
{
    char *p;

    begin_value(j);
    p = reserve(j, len * 6 + 2);
    if (!p)
        return;
    *p++ = '"';
    if (needs_escape(text, len)) {
        for (size_t i = 0; i < len; i++)
            p = put_byte(p, (unsigned char)text[i]);
    } else if (len) {
        memcpy(p, text, len);
        p += len;
    }
    *p++ = '"';
    j->len = (size_t)(p - j->buf);
}

void tk_json_cstring(struct tk_json *j, const char *text)
{
    if (text)
        tk_json_string(j, text, strlen(text));
    else
        tk_json_null(j);
}

void tk_json_hex(struct tk_json *j, const uint8_t *bytes, size_t len)
{
    char *p;

    begin_value(j);
    p = reserve(j, len * 2 + 2);
    if (!p)
        return;
    *p++ = '"';
    p += tk_format_hex(p, bytes, len);
    *p++ = '"';
    j->len = (size_t)(p - j->buf);
}

void tk_json_marked_hex(struct tk_json *j, const uint8_t *bytes, size_t len)
{
    char *p;

    begin_value(j);
    p = reserve(j, len * 2 + 4);
    if (!p)
        return;
    *p++ = '"';
    p += tk_format_marked_hex(p, bytes, len);
    *p++ = '"';
    j->len = (size_t)(p - j->buf);
}

void tk_json_oid(struct tk_json *j, const uint32_t *subid, size_t len)
{
    char *p;

    begin_value(j);
    p = reserve(j, len * 11 + 3);
    if (!p)
        return;
    *p++ = '"';
    p += tk_format_dotted(p, len * 11 + 1, subid, len);
    *p++ = '"';
    j->len = (size_t)(p - j->buf);
}
