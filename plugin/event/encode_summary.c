/* SPDX-License-Identifier: Apache-2.0 */
/* Writes `summary`: "linkDown: ifIndex.7=7, ifAdminStatus=up". It is copied from what tk_encode_varbind()
 * has written, which is escaped already, so no value is formatted twice. */
#include <string.h>

#include "base/legible.h"
#include "event/event_internal.h"
#include "snmp/oid.h"

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

/* White space is one space, and none at the beginning of a value. */
static void put_space(struct line *l)
{
    if (l->text[l->len - 1] != ' ' && l->text[l->len - 1] != '=')
        put(l, " ", 1);
}

/* Take back the space at the end of a value. */
static void trim(struct line *l)
{
    if (!l->is_cut && l->text[l->len - 1] == ' ') {
        l->len--;
        l->chars--;
    }
}

/* Append ASCII characters that are written as they are: at once, unless the line's end is near. */
static void put_run(struct line *l, const char *text, size_t len)
{
    if (l->chars + len < TK_SUMMARY_CHARS) {
        memcpy(l->text + l->len, text, len);
        l->len += len;
        l->chars += (unsigned)len;
        return;
    }
    for (size_t i = 0; i < len; i++)
        put(l, text + i, 1);
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

/* How many characters at the beginning need no look at what they are: printable ASCII but space and backslash. */
static size_t plain_run(const char *json, size_t len)
{
    size_t n = 0;

    while (n < len && (uint8_t)json[n] > ' ' && (uint8_t)json[n] < 0x80 && json[n] != '\\')
        n++;
    return n;
}

/* Copy the contents of a JSON string that the writer wrote; escaped control characters become a space. */
static void put_string(struct line *l, const char *json, size_t len, size_t most)
{
    size_t left = most;

    for (size_t i = 0, n; i < len && !l->is_cut; i += n) {
        const char *c = json + i;

        if (!left) {
            put(l, TK_CUT_MARK, TK_CUT_MARK_BYTES);
            return;
        }
        n = plain_run(c, len - i < left ? len - i : left);
        if (n) {
            put_run(l, c, n);
            left -= n;
            continue;
        }
        left--;
        n = *c == '\\' ? (c[1] == 'u' ? 6 : 2) : utf8_bytes((uint8_t)*c);
        if (*c == ' ' || (*c == '\\' && c[1] != '"' && c[1] != '\\') || ((uint8_t)*c >= 0x80 && is_control(c)))
            put_space(l);
        else
            put(l, c, n);
    }
}

/* The strings of ["7","192.0.2.1"], a dot before each. */
static void put_index(struct line *l, const char *json, size_t len)
{
    for (size_t i = 1; i + 1 < len && !l->is_cut;) { /* at the quote that begins a string */
        size_t end = i + 1;

        while (json[end] != '"')
            end += json[end] == '\\' ? 2 : 1;
        put(l, ".", 1);
        put_string(l, json + i + 1, end - i - 1, VALUE_CHARS);
        i = end + 2; /* the quote and a comma */
    }
}

static inline bool is_of_name(char c)
{
    return c >= '#' && c <= 'z' && c != '\\';
}

/* A name of a MIB has letters, digits and hyphens. Anything else, which an operator may have written, becomes '?'. */
static void put_label(struct line *l, struct tk_dict_text name)
{
    bool is_plain = true;

    for (size_t i = 0; i < name.len; i++)
        is_plain &= is_of_name(name.text[i]);
    if (is_plain) {
        put_run(l, name.text, name.len);
        return;
    }
    for (size_t i = 0; i < name.len; i++)
        put(l, is_of_name(name.text[i]) ? name.text + i : "?", 1);
}

static void put_name(struct line *l, const struct tk_dict *dict, const struct tk_dict_object *o, const uint32_t *subid,
                     size_t len)
{
    char text[TK_OID_MAX_TEXT];

    if (o)
        put_label(l, tk_dict_name(dict, o));
    else
        put_run(l, text, tk_oid_format(text, sizeof(text), subid, len));
}

/* What RFC 3584 adds when a notification is converted says nothing to a person; a community string is secret. */
static bool is_left_out(const struct tk_event_varbind *vb)
{
    static const uint32_t community_mib[] = {1, 3, 6, 1, 6, 3, 18, 1}, enterprise[] = {1, 3, 6, 1, 6, 3, 1, 1, 4, 3};

    return vb->is_secret || (vb->subids > 8 && memcmp(vb->subid, community_mib, sizeof(community_mib)) == 0) ||
           (vb->subids > 10 && memcmp(vb->subid, enterprise, sizeof(enterprise)) == 0);
}

void tk_encode_summary(struct tk_json *j, const struct tk_dict *dict, const struct tk_event *ev,
                       const struct tk_written *written)
{
    const struct tk_written *shown = NULL; /* whose index was written last: rows are named once */
    struct line l;                         /* not cleared, because that costs time */
    const char *separator = ": ";

    if (j->is_failed)
        return;
    l.text[0] = '"';
    l.len = 1;
    l.chars = 0;
    l.is_cut = false;
    put_name(&l, dict, ev->trap_object, ev->trap_oid, ev->trap_oid_len);
    for (size_t i = 0; i < ev->varbind_count && i < TK_SUMMARY_VARBINDS && !l.is_cut; i++) {
        const struct tk_event_varbind *vb = ev->varbinds + i;
        const struct tk_written *w = written + i;

        if (is_left_out(vb))
            continue;
        put_run(&l, separator, 2);
        separator = ", ";
        put_name(&l, dict, vb->object, vb->subid, vb->subids);
        if (!shown || w->index_len != shown->index_len ||
            memcmp(j->buf + w->index, j->buf + shown->index, w->index_len) != 0) {
            put_index(&l, j->buf + w->index, w->index_len);
            shown = w->index_len > 2 ? w : shown;
        }
        put(&l, "=", 1);
        put_string(&l, j->buf + w->text + 1, w->text_len - 2,
                   memcmp(j->buf + w->text + 1, "0x", 2) == 0 ? HEX_CHARS : VALUE_CHARS);
        trim(&l);
    }
    if (ev->varbind_count > TK_SUMMARY_VARBINDS)
        put(&l, TK_CUT_MARK, TK_CUT_MARK_BYTES);
    l.text[l.len] = '"';
    TK_JSON_NAME(j, "summary");
    tk_json_raw(j, l.text, l.len + 1);
}
