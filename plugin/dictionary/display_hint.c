/* SPDX-License-Identifier: Apache-2.0 */
#include "dictionary/display_hint.h"

#include <errno.h>

#include "base/json_writer.h"
#include "base/text.h"

#define MAX_NUMBER_OCTETS 8
#define MAX_DECIMALS      32

/* The text written so far. A separator or terminator at its end is not displayed (RFC 2579), so one that does not fit
 * matters only if something follows. */
struct out {
    char *dst;
    size_t len;
    size_t shown; /* where the separators at the end begin; len if there are none */
    size_t run;   /* where the text behind the last separator begins; the separators before it begin at run_shown */
    size_t run_shown;
    size_t room;  /* without the terminator */
    bool is_full; /* something did not fit; nothing more is written */
    bool is_mark_left_out;
};

/* One octet-format specification. */
struct spec {
    bool is_repeated;
    unsigned octets;
    char format;
    int separator;  /* -1: none */
    int terminator; /* -1: none */
};

static struct out out_init(char *dst, size_t dst_bytes)
{
    return (struct out){.dst = dst, .room = dst_bytes ? dst_bytes - 1 : 0, .is_full = dst_bytes == 0};
}

static void put(struct out *o, const void *text, size_t len)
{
    if (!len)
        return;
    if (o->is_full || o->is_mark_left_out || len > o->room - o->len) {
        o->is_full = true;
        return;
    }
    if (o->shown != o->len) {
        o->run = o->len;
        o->run_shown = o->shown;
    }
    memcpy(o->dst + o->len, text, len);
    o->len += len;
    o->shown = o->len;
}

static void put_char(struct out *o, int c)
{
    char byte = (char)c;

    put(o, &byte, 1);
}

/* A separator or terminator. */
static void put_mark(struct out *o, int c)
{
    if (o->len < o->room)
        o->dst[o->len++] = (char)c;
    else
        o->is_mark_left_out = true;
}

/* Write at least @p min_digits, so that 5 with two decimals is 005, to which the point is added. */
static void put_number(struct out *o, uint64_t v, unsigned base, unsigned min_digits)
{
    char digits[64];
    size_t n = sizeof(digits);

    do {
        digits[--n] = tk_hex_digits[v % base];
        v /= base;
    } while (v || sizeof(digits) - n < min_digits);
    put(o, digits + n, sizeof(digits) - n);
}

static int out_finish(struct out *o)
{
    if (o->is_full || o->shown > INT32_MAX)
        return -ENOSPC;
    o->dst[o->shown] = '\0';
    return (int)o->shown;
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* A separator or terminator is any character that can't begin the next specification: no digit and no '*'. */
static int read_separator(struct tk_dict_text *hint)
{
    if (!hint->len || is_digit(hint->text[0]) || hint->text[0] == '*')
        return -1;
    hint->len--;
    return (unsigned char)*hint->text++;
}

static bool read_spec(struct tk_dict_text *hint, struct spec *ret_spec)
{
    struct spec s = {.separator = -1, .terminator = -1};

    if (hint->len && hint->text[0] == '*') {
        s.is_repeated = true;
        hint->text++;
        hint->len--;
    }
    if (!hint->len || !is_digit(hint->text[0]))
        return false;
    for (; hint->len && is_digit(hint->text[0]); hint->text++, hint->len--) {
        s.octets = s.octets * 10 + (unsigned)(hint->text[0] - '0');
        if (s.octets > UINT16_MAX)
            return false;
    }
    if (!hint->len || !memchr("xdoat", hint->text[0], 5))
        return false;
    s.format = *hint->text++;
    hint->len--;
    s.separator = read_separator(hint);
    if (s.is_repeated && s.separator >= 0)
        s.terminator = read_separator(hint);
    *ret_spec = s;
    return true;
}

static bool put_piece(struct out *o, char format, const uint8_t *v, size_t n)
{
    uint64_t number = 0;

    switch (format) {
    case 'a':
    case 't': put(o, v, n); return true;
    case 'x':
        for (size_t i = 0; i < n; i++)
            put_number(o, v[i], 16, 2);
        return true;
    default:
        if (n > MAX_NUMBER_OCTETS)
            return false;
        for (size_t i = 0; i < n; i++)
            number = number << 8 | v[i];
        if (n)
            put_number(o, number, format == 'd' ? 10 : 8, 1);
        return true;
    }
}

/* Apply one specification, with its repeats, to the octets at @p *value. @returns false: the value does not suit it */
static bool apply(struct out *o, const struct spec *s, const uint8_t **value, const uint8_t *end)
{
    unsigned times = 1;

    if (s->is_repeated)
        times = *(*value)++;
    if (!s->octets && s->separator < 0)
        times = 0; /* it displays nothing */
    for (unsigned i = 0; i < times && !o->is_full; i++) {
        size_t left = (size_t)(end - *value), n = s->octets < left ? s->octets : left;

        if (!put_piece(o, s->format, *value, n))
            return false;
        *value += n;
        if (*value == end && s->octets)
            return true;
        if (o->is_mark_left_out && !s->octets)
            break;
        if (s->separator >= 0 && !(i + 1 == times && s->terminator >= 0))
            put_mark(o, s->separator);
    }
    if (s->terminator >= 0)
        put_mark(o, s->terminator);
    return true;
}

/* RFC 2579: "Trailing octets which do not form a valid UTF-8 encoded character are discarded." */
static void discard_half_character(struct out *o)
{
    size_t n = 0;

    while (n < 3 && n < o->shown && ((uint8_t)o->dst[o->shown - 1 - n] & 0xc0) == 0x80)
        n++;
    if (n == o->shown || (uint8_t)o->dst[o->shown - 1 - n] < 0xc0 ||
        tk_utf8_is_valid((const uint8_t *)o->dst + o->shown - 1 - n, n + 1))
        return;
    o->shown -= n + 1;
    if (o->shown == o->run)
        o->shown = o->run_shown;
}

int tk_textual_octets(char *dst, size_t dst_bytes, struct tk_dict_text hint, const uint8_t *value, size_t len)
{
    struct out o = out_init(dst, dst_bytes);
    const uint8_t *end = value + len;
    struct spec s = {0};

    if (!hint.len)
        return -EINVAL;
    while (value < end && !o.is_full) {
        if (hint.len && !read_spec(&hint, &s)) /* at the end of the hint, the last specification is repeated */
            return -EINVAL;
        if (!s.is_repeated && !s.octets && !hint.len)
            return -EINVAL; /* it consumes no octet: an endless loop */
        if (!apply(&o, &s, &value, end))
            return -EINVAL;
    }
    if (s.format == 't' && !o.is_full)
        discard_half_character(&o);
    if (!o.is_full && o.shown && !tk_utf8_is_valid((const uint8_t *)dst, o.shown))
        return -EINVAL;
    return out_finish(&o);
}

/* "d-N": N digits after the decimal point. */
static bool read_decimals(struct tk_dict_text hint, unsigned *ret_decimals)
{
    unsigned n = 0;

    if (hint.len > 1) {
        if (hint.len < 3 || hint.len > 4 || hint.text[1] != '-')
            return false;
        for (size_t i = 2; i < hint.len; i++) {
            if (!is_digit(hint.text[i]))
                return false;
            n = n * 10 + (unsigned)(hint.text[i] - '0');
        }
    }
    *ret_decimals = n;
    return n <= MAX_DECIMALS;
}

int tk_textual_integer(char *dst, size_t dst_bytes, struct tk_dict_text hint, int64_t value)
{
    struct out o = out_init(dst, dst_bytes);
    uint64_t magnitude = value < 0 ? 0 - (uint64_t)value : (uint64_t)value;
    unsigned decimals, base;

    if (!hint.len)
        return -EINVAL;
    base = hint.text[0] == 'd' ? 10 : hint.text[0] == 'x' ? 16 : hint.text[0] == 'o' ? 8 : 2;
    if (!memchr("dxob", hint.text[0], 4) || (base != 10 && hint.len > 1) || !read_decimals(hint, &decimals))
        return -EINVAL;
    if (value < 0)
        put_char(&o, '-');
    put_number(&o, magnitude, base, decimals + 1);
    if (decimals && !o.is_full) {
        put_char(&o, '.');
        if (!o.is_full) { /* the point was appended: move it before the decimals */
            memmove(dst + o.len - decimals, dst + o.len - decimals - 1, decimals);
            dst[o.len - decimals - 1] = '.';
        }
    }
    return out_finish(&o);
}

int tk_textual_bits(char *dst, size_t dst_bytes, const struct tk_dict *d, const struct tk_dict_object *o,
                    const uint8_t *value, size_t len)
{
    struct out out = out_init(dst, dst_bytes);

    for (size_t i = 0; i < len && !out.is_full; i++) {
        for (unsigned bit = 0; bit < 8; bit++) {
            uint64_t number = (uint64_t)i * 8 + bit;
            struct tk_dict_text label;

            if (!(value[i] & 0x80 >> bit))
                continue;
            label = tk_dict_label(d, o, (int64_t)number);
            if (out.len)
                put(&out, ", ", 2);
            if (label.text) {
                put(&out, label.text, label.len);
                put_char(&out, '(');
            }
            put_number(&out, number, 10, 1);
            if (label.text)
                put_char(&out, ')');
        }
    }
    return out_finish(&out);
}
