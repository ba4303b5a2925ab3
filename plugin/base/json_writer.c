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

/* The same, with room for the value. @returns where to write its @p most bytes; NULL once memory has run out */
static inline char *begin_with_room(struct tk_json *j, size_t most)
{
    char *p = reserve(j, most + 1);

    if (p && j->needs_comma)
        *p++ = ',';
    j->needs_comma = true;
    return p;
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
    char *p = begin_with_room(j, len);

    if (!p)
        return;
    if (len)
        memcpy(p, json, len);
    j->len = (size_t)(p - j->buf) + len;
}

void tk_json_repeat(struct tk_json *j, size_t at, size_t len)
{
    char *p = begin_with_room(j, len); /* it may move the buffer */

    if (!p)
        return;
    memcpy(p, j->buf + at, len);
    j->len = (size_t)(p - j->buf) + len;
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
    char *p = begin_with_room(j, 20);

    if (p)
        j->len = (size_t)(p - j->buf) + tk_format_u64(p, value);
}

void tk_json_i64(struct tk_json *j, int64_t value)
{
    char *p = begin_with_room(j, 21);

    if (p)
        j->len = (size_t)(p - j->buf) +
                 tk_format_signed(p, value < 0 ? 0 - (uint64_t)value : (uint64_t)value, value < 0);
}

void tk_json_double(struct tk_json *j, double value)
{
    char text[32];

    if (isfinite(value))
        tk_json_raw(j, text, tk_format_double(text, value));
    else
        tk_json_null(j);
}

static inline uint64_t word_needs_escape(uint64_t w)
{
    return tk_word_has_below(w, 0x20) | tk_word_has(w, '"') | tk_word_has(w, '\\') | tk_word_has(w, 0x7f);
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

__attribute__((noinline)) static char *put_escaped(char *p, const char *text, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        unsigned char c = (unsigned char)text[i];

        if (byte_needs_escape(c))
            p = put_escape(p, c);
        else
            *p++ = (char)c;
    }
    return p;
}

/* Copy text and look at it on the way, because most strings need no escape. The last word ends with the text, so it may
 * overlap the one before. @returns false: it needs escapes, and what was copied is of no use */
static inline bool copy_plain(char *p, const char *text, size_t len)
{
    uint64_t word, bad = 0;

    if (len < 4) {
        for (size_t i = 0; i < len; i++) {
            p[i] = text[i];
            bad |= byte_needs_escape((unsigned char)text[i]);
        }
    } else if (len < 8) {
        uint32_t first, last;

        memcpy(&first, text, 4);
        memcpy(&last, text + len - 4, 4);
        memcpy(p, &first, 4);
        memcpy(p + len - 4, &last, 4);
        bad = word_needs_escape((uint64_t)first << 32 | last);
    } else {
        for (size_t i = 0; i + 8 < len; i += 8) {
            word = tk_word(text + i);
            memcpy(p + i, &word, 8);
            bad |= word_needs_escape(word);
        }
        word = tk_word(text + len - 8);
        memcpy(p + len - 8, &word, 8);
        bad |= word_needs_escape(word);
    }
    return !bad;
}

void tk_json_string(struct tk_json *j, const char *text, size_t len)
{
    char *p = begin_with_room(j, len * 6 + 2);

    if (!p)
        return;
    *p++ = '"';
    p = copy_plain(p, text, len) ? p + len : put_escaped(p, text, len);
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
    char *p = begin_with_room(j, len * 2 + 2);

    if (!p)
        return;
    *p++ = '"';
    p += tk_format_hex(p, bytes, len);
    *p++ = '"';
    j->len = (size_t)(p - j->buf);
}

void tk_json_marked_hex(struct tk_json *j, const uint8_t *bytes, size_t len)
{
    char *p = begin_with_room(j, len * 2 + 4);

    if (!p)
        return;
    *p++ = '"';
    p += tk_format_marked_hex(p, bytes, len);
    *p++ = '"';
    j->len = (size_t)(p - j->buf);
}

void tk_json_oid(struct tk_json *j, const uint32_t *subid, size_t len)
{
    char *p = begin_with_room(j, len * 11 + 3);

    if (!p)
        return;
    *p++ = '"';
    p += tk_format_dotted(p, len * 11 + 1, subid, len);
    *p++ = '"';
    j->len = (size_t)(p - j->buf);
}
