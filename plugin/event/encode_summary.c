/* SPDX-License-Identifier: Apache-2.0 */
/* Writes lines for people: those of rules, and the summary "linkDown: ifIndex.7=7, ifAdminStatus=up" where the rule has
 * none, or it came out empty. Values are copied from what tk_encode_varbind() has written, which is escaped already, so
 * none is formatted twice. */
#include <string.h>

#include "base/legible.h"
#include "base/text.h"
#include "event/event_internal.h"

#define VALUE_CHARS 255 /* of one varbind */
#define HEX_CHARS   34  /* of one varbind whose text is 0x and hex */

/* The line, as a JSON string: a character takes four bytes at most, as UTF-8 or escaped (\" and \\). */
struct line {
    char text[1 + TK_SUMMARY_CHARS * 4 + 1];
    size_t len;
    size_t len_before_last; /* when one more character was the last one */
    unsigned chars;
    bool is_cut;
};

static void line_begin(struct line *l)
{
    l->text[0] = '"';
    l->len = 1;
    l->chars = 0;
    l->is_cut = false;
}

static bool is_empty(const struct line *l)
{
    return l->len == 1;
}

static void line_end(struct line *l, struct tk_json *j)
{
    l->text[l->len] = '"';
    tk_json_raw(j, l->text, l->len + 1);
}

/* Append one character; in place of one that does not fit, and of the last one, TK_CUT_MARK. */
static void put(struct line *l, const char *bytes, size_t len)
{
    if (l->is_cut)
        return;
    if (l->chars == TK_SUMMARY_CHARS) {
        memcpy(l->text + l->len_before_last, TK_CUT_MARK, TK_CUT_MARK_BYTES);
        l->len = l->len_before_last + TK_CUT_MARK_BYTES;
        l->is_cut = true;
        return;
    }
    if (++l->chars == TK_SUMMARY_CHARS)
        l->len_before_last = l->len;
    memcpy(l->text + l->len, bytes, len);
    l->len += len;
}

static inline void put_ascii(struct line *l, char c)
{
    if (l->chars + 1 < TK_SUMMARY_CHARS) {
        l->text[l->len++] = c;
        l->chars++;
    } else {
        put(l, &c, 1);
    }
}

/* White space is one space, and none at the beginning of a value, which stands at @p begin. */
static void put_space(struct line *l, size_t begin)
{
    if (l->len > begin && l->text[l->len - 1] != ' ')
        put_ascii(l, ' ');
}

/* Take back the space at the end of a value. */
static void trim(struct line *l)
{
    if (!l->is_cut && l->text[l->len - 1] == ' ') {
        l->len--;
        l->chars--;
    }
}

static size_t utf8_bytes(uint8_t lead)
{
    return lead < 0x80 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
}

/* Control characters above ASCII (U+0080 to U+009F), and those that end a line (U+2028, U+2029) or turn its direction
 * (U+202A to U+202E, U+2066 to U+2069). */
static bool is_control(const char *c)
{
    const uint8_t *b = (const uint8_t *)c;

    return (b[0] == 0xc2 && b[1] < 0xa0) || (b[0] == 0xe2 && b[1] == 0x80 && b[2] >= 0xa8 && b[2] <= 0xae) ||
           (b[0] == 0xe2 && b[1] == 0x81 && b[2] >= 0xa6 && b[2] <= 0xa9);
}

/* Printable ASCII but space and backslash. A quote is one too: in JSON it has a backslash before it. */
static inline bool is_plain(signed char c)
{
    return c > ' ' && c != '\\';
}

/* Copy the characters at the beginning that need no look at what they are, unless the line's end is near.
 * @returns how many */
static size_t put_plain(struct line *l, const char *json, size_t most)
{
    size_t room = l->chars < TK_SUMMARY_CHARS ? TK_SUMMARY_CHARS - 1 - l->chars : 0, n = 0;
    char *to = l->text + l->len;

    most = most < room ? most : room;
    for (; n < most && is_plain((signed char)json[n]); n++)
        to[n] = json[n];
    l->len += n;
    l->chars += (unsigned)n;
    return n;
}

/* Copy the contents of a JSON string that the writer wrote; escaped control characters become a space. */
static void put_string(struct line *l, const char *json, struct tk_part string, size_t most)
{
    const char *c = json + string.at + 1, *end = c + string.len - 2;
    size_t left = most, begin = l->len;

    for (size_t n; c < end && !l->is_cut; c += n) {
        if (!left) {
            put(l, TK_CUT_MARK, TK_CUT_MARK_BYTES);
            return;
        }
        n = put_plain(l, c, (size_t)(end - c) < left ? (size_t)(end - c) : left);
        if (n) {
            left -= n;
            continue;
        }
        left--;
        n = *c == '\\' ? (c[1] == 'u' ? 6 : 2) : utf8_bytes((uint8_t)*c);
        if (*c == ' ' || (*c == '\\' && c[1] != '"' && c[1] != '\\') || ((uint8_t)*c >= 0x80 && is_control(c)))
            put_space(l, begin);
        else
            put(l, c, n);
    }
}

/* The strings of ["7","192.0.2.1"], a dot before each. */
static void put_index(struct line *l, const char *json, struct tk_part list)
{
    for (size_t at = list.at + 1; at + 1 < list.at + list.len && !l->is_cut;) { /* the quote that begins a string */
        size_t end = at + 1;

        while (json[end] != '"')
            end += json[end] == '\\' ? 2 : 1;
        put_ascii(l, '.');
        put_string(l, json, (struct tk_part){at, end + 1 - at}, VALUE_CHARS);
        at = end + 2; /* behind the quote and a comma */
    }
}

/* What RFC 3584 adds when a notification is converted says nothing to a person; a community string is secret. */
static bool is_left_out(const struct tk_event_varbind *vb)
{
    static const uint32_t community_mib[] = {1, 3, 6, 1, 6, 3, 18, 1}, enterprise[] = {1, 3, 6, 1, 6, 3, 1, 1, 4, 3};

    return vb->is_secret || (vb->subids > 8 && memcmp(vb->subid, community_mib, sizeof(community_mib)) == 0) ||
           (vb->subids > 10 && memcmp(vb->subid, enterprise, sizeof(enterprise)) == 0);
}

static bool is_same(const char *json, struct tk_part a, struct tk_part b)
{
    return a.len == b.len && memcmp(json + a.at, json + b.at, a.len) == 0;
}

/* ---- lines of rules ---- */

/* Copy the characters at the beginning that need no look at what they are, unless the line's end is near.
 * @returns how many */
static size_t put_plain_text(struct line *l, struct tk_text t)
{
    size_t n = 0;

    while (n < t.len && is_plain((signed char)t.text[n]) && t.text[n] != '"' && t.text[n] != 0x7f)
        n++;
    return put_plain(l, t.text, n);
}

/* One character of a text that is not JSON yet. @returns how many bytes it has */
static size_t put_character(struct line *l, struct tk_text t)
{
    const char escaped[2] = {'\\', *t.text};
    size_t n = utf8_bytes((uint8_t)*t.text);

    if ((uint8_t)*t.text <= ' ' || *t.text == 0x7f) {
        put_space(l, 1);
        return 1;
    }
    if ((uint8_t)*t.text < 0x80) {
        put(l, escaped + (*t.text != '"' && *t.text != '\\'), *t.text != '"' && *t.text != '\\' ? 1 : 2);
        return 1;
    }
    if (n > t.len || !tk_utf8_is_valid((const uint8_t *)t.text, n)) {
        put(l, "\xef\xbf\xbd", 3); /* U+FFFD */
        return 1;
    }
    if (is_control(t.text))
        put_space(l, 1);
    else
        put(l, t.text, n);
    return n;
}

static void put_text(struct line *l, struct tk_text t)
{
    while (t.len && !l->is_cut) {
        size_t n = put_plain_text(l, t);

        if (!n)
            n = put_character(l, t);
        t.text += n;
        t.len -= n;
    }
}

static void put_pieces(struct line *l, const char *json, struct tk_pieces pieces, const struct tk_written *written)
{
    for (size_t i = 0; i < pieces.count && !l->is_cut; i++)
        if (pieces.piece[i].text.text)
            put_text(l, pieces.piece[i].text);
        else
            put_string(l, json, written[pieces.piece[i].varbind].text, TK_SUMMARY_CHARS);
    trim(l);
}

void tk_encode_pieces(struct tk_json *j, struct tk_pieces pieces, const struct tk_written *written)
{
    struct line l; /* not cleared, because that costs time */

    if (j->is_failed)
        return;
    line_begin(&l);
    put_pieces(&l, j->buf, pieces, written);
    line_end(&l, j);
}

/* ---- the summary ---- */

/* "linkDown: ifIndex.7=7, ifAdminStatus=up" */
static void put_varbinds(struct line *l, const char *json, const struct tk_event *ev, struct tk_part trap,
                         const struct tk_written *written)
{
    struct tk_part shown = {0, 0}; /* the index that was written last: rows are named once */
    char separator = ':';

    put_string(l, json, trap, TK_SUMMARY_CHARS);
    for (size_t i = 0; i < ev->varbind_count && i < TK_SUMMARY_VARBINDS && !l->is_cut; i++) {
        const struct tk_written *w = written + i;

        if (is_left_out(ev->varbinds + i))
            continue;
        put_ascii(l, separator);
        put_ascii(l, ' ');
        separator = ',';
        put_string(l, json, w->name, TK_SUMMARY_CHARS);
        if (!is_same(json, w->index, shown)) {
            put_index(l, json, w->index);
            shown = w->index.len > 2 ? w->index : shown;
        }
        put_ascii(l, '=');
        put_string(l, json, w->text, memcmp(json + w->text.at + 1, "0x", 2) == 0 ? HEX_CHARS : VALUE_CHARS);
        trim(l);
    }
    if (ev->varbind_count > TK_SUMMARY_VARBINDS)
        put(l, TK_CUT_MARK, TK_CUT_MARK_BYTES);
}

void tk_encode_summary(struct tk_json *j, const struct tk_event *ev, struct tk_part trap,
                       const struct tk_written *written)
{
    struct line l; /* not cleared, because that costs time */

    if (j->is_failed)
        return;
    line_begin(&l);
    if (ev->rule_summary.piece)
        put_pieces(&l, j->buf, ev->rule_summary, written);
    if (is_empty(&l)) /* the rule has none, or nothing but objects that came empty */
        put_varbinds(&l, j->buf, ev, trap, written);
    TK_JSON_NAME(j, "summary");
    line_end(&l, j);
}
