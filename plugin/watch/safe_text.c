/* SPDX-License-Identifier: Apache-2.0 */
#include "watch/safe_text.h"

#include <locale.h>
#include <stdint.h>
#include <string.h>
#include <wchar.h>

#include "base/legible.h"

#define MOST_MARKS 3 /* combining marks on one character; more would run over the lines above and below */

/* One character as it is printed. */
struct glyph {
    char text[16];
    size_t len;
    unsigned columns;
    bool is_mark; /* takes no column of its own */
};

static bool knows_unicode;

void tk_safe_text_init(void)
{
    static const char *const names[] = {"C.UTF-8", "C.utf8", "en_US.UTF-8", ""};

    for (size_t i = 0; !knows_unicode && i < sizeof(names) / sizeof(names[0]); i++)
        knows_unicode = setlocale(LC_CTYPE, names[i]) && wcwidth(L'\u6f22') == 2;
}

/* @returns the bytes of the character at @p at, at most @p len; 0: this is not UTF-8 */
static size_t decode(const char *at, size_t len, uint32_t *ret)
{
    static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
    uint8_t first = (uint8_t)at[0];
    size_t n = first < 0x80 ? 1 : first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
    uint32_t c = n == 1 ? first : first & (0xffu >> (n + 1));

    if (n > len || (first >= 0x80 && first < 0xc2) || first > 0xf4)
        return 0;
    for (size_t i = 1; i < n; i++) {
        if (((uint8_t)at[i] & 0xc0) != 0x80)
            return 0;
        c = c << 6 | ((uint8_t)at[i] & 0x3f);
    }
    if (c < least[n] || c > 0x10ffff || (c >= 0xd800 && c <= 0xdfff))
        return 0;
    *ret = c;
    return n;
}

static bool is_unsafe(uint32_t c)
{
    static const struct {
        uint32_t first, last;
    } ranges[] = {
        {0x00, 0x1f},     {0x7f, 0x9f},     {0xad, 0xad},     {0x61c, 0x61c},      {0x180e, 0x180e},   {0x200b, 0x200f},
        {0x2028, 0x202e}, {0x2060, 0x206f}, {0xfeff, 0xfeff}, {0xfff9, 0xfffb},    {0xe0000, 0xe0fff}, {0xe000, 0xf8ff},
        {0x3164, 0x3164}, {0x115f, 0x1160}, {0xffa0, 0xffa0}, {0xf0000, 0x10ffff},
    };

    for (size_t i = 0; i < sizeof(ranges) / sizeof(ranges[0]); i++)
        if (c >= ranges[i].first && c <= ranges[i].last)
            return true;
    return (c & 0xfffe) == 0xfffe;
}

/* @returns the bytes of the text that the glyph stands for */
static size_t next_glyph(const char *at, size_t len, unsigned marks, struct glyph *g)
{
    uint32_t c = 0;
    size_t n = decode(at, len, &c);
    int width = 1;

    g->is_mark = false;
    if (!n) {
        g->columns = (unsigned)snprintf(g->text, sizeof(g->text), "\\x%02x", (unsigned)(uint8_t)at[0]);
        g->len = g->columns;
        return 1;
    }
    if (knows_unicode && c >= 0x80)
        width = wcwidth((wchar_t)c);
    if (is_unsafe(c) || width < 0 || (width == 0 && marks >= MOST_MARKS)) {
        g->columns = (unsigned)snprintf(g->text, sizeof(g->text), c < 0x100 ? "\\x%02x" : "\\u{%x}", c);
        g->len = g->columns;
        return n;
    }
    memcpy(g->text, at, n);
    g->len = n;
    g->columns = (unsigned)width;
    g->is_mark = width == 0;
    return n;
}

unsigned tk_safe_columns(const char *text, size_t len, unsigned most)
{
    unsigned columns = 0, marks = MOST_MARKS; /* a mark with no character before it is escaped */
    struct glyph g;

    for (size_t i = 0; i < len && columns < most; columns += g.columns) {
        i += next_glyph(text + i, len - i, marks, &g);
        marks = g.is_mark ? marks + 1 : 0;
    }
    return columns < most ? columns : most;
}

unsigned tk_safe_print(FILE *f, const char *text, size_t len, unsigned columns)
{
    bool is_cut = columns != TK_ALL_COLUMNS && tk_safe_columns(text, len, columns + 1) > columns;
    unsigned room = is_cut ? columns - (columns > 0) : columns, used = 0, marks = MOST_MARKS;

    for (size_t i = 0; i < len;) {
        struct glyph g;

        i += next_glyph(text + i, len - i, marks, &g);
        marks = g.is_mark ? marks + 1 : 0;
        if (g.columns > room - used)
            break;
        (void)fwrite(g.text, 1, g.len, f);
        used += g.columns;
    }
    if (!is_cut || columns == 0)
        return used;
    (void)fputs(TK_CUT_MARK, f);
    return used + 1;
}

void tk_safe_print_cell(FILE *f, const char *text, unsigned columns, bool is_right)
{
    size_t len = strlen(text);
    unsigned used = is_right ? tk_safe_columns(text, len, columns) : 0;

    if (is_right)
        (void)fprintf(f, "%*s", (int)(columns - used), "");
    used = tk_safe_print(f, text, len, columns);
    if (!is_right)
        (void)fprintf(f, "%*s", (int)(columns - used), "");
}

void tk_safe_print_json(FILE *f, const char *json, size_t len)
{
    for (size_t i = 0; i < len;) {
        uint32_t c = 0;
        size_t n = decode(json + i, len - i, &c);

        if (n > 1 && is_unsafe(c)) {
            if (c >= 0x10000)
                (void)fprintf(f, "\\u%04x\\u%04x", 0xd800 + ((c - 0x10000) >> 10), 0xdc00 + ((c - 0x10000) & 0x3ff));
            else
                (void)fprintf(f, "\\u%04x", c);
        } else {
            n = n ? n : 1;
            (void)fwrite(json + i, 1, n, f);
        }
        i += n;
    }
}
