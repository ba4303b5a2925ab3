/* SPDX-License-Identifier: Apache-2.0 */
#include "dictionary/dictionary_facts.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>

#include "base/err.h"
#include "base/text.h"

#define MAX_ENUMS 4096
#define MAX_UNITS 256

/* In the order of enum tk_dict_syntax. */
static const char *const types[] = {"-",         "integer", "octets",    "oid",       "ipaddress", "netaddress",
                                    "counter32", "gauge32", "timeticks", "counter64", "bits",      "opaque"};

_Static_assert(sizeof(types) / sizeof(types[0]) == TK_SYNTAX_COUNT_, "each syntax needs a name");

/* A part of the text, not terminated. */
struct span {
    const char *at;
    size_t len;
};

struct reading {
    struct tk_dict_builder *b;
    const char *file;
    unsigned line;
    struct tk_err *err;
    struct tk_dict_fact_enum enums[MAX_ENUMS];
    struct tk_dict_fact_ref refs[TK_DICT_MAX_OBJECTS];
    struct tk_dict_fact_ref augments;
    char units[MAX_UNITS];
};

/* Take the text before @p sep off the front of @p s, and drop @p sep. */
static struct span cut(struct span *s, char sep)
{
    const char *end = s->len ? memchr(s->at, sep, s->len) : NULL;
    struct span head = {s->at, end ? (size_t)(end - s->at) : s->len};
    size_t gone = head.len + (end != NULL);

    s->at += gone;
    s->len -= gone;
    return head;
}

static bool span_is(struct span s, const char *text)
{
    return s.len == strlen(text) && memcmp(s.at, text, s.len) == 0;
}

static bool read_number(struct span s, int64_t low, int64_t high, int64_t *ret_value)
{
    bool is_negative = s.len && s.at[0] == '-';
    int64_t v = 0;

    if (s.len <= is_negative || s.len > 11)
        return false;
    for (size_t i = is_negative; i < s.len; i++) {
        if (s.at[i] < '0' || s.at[i] > '9')
            return false;
        v = v * 10 + (s.at[i] - '0');
    }
    if (is_negative)
        v = -v;
    *ret_value = v;
    return v >= low && v <= high;
}

static int complain(struct reading *r, struct span value, const char *reason)
{
    char text[128];

    tk_err_set(r->err, r->file, r->line, "'%s' %s", tk_escape(text, sizeof(text), value.at, value.len), reason);
    return -EINVAL;
}

static int read_oid(struct reading *r, struct span s, struct tk_oid *ret_oid)
{
    struct span all = s;
    bool is_good = s.len && s.at[s.len - 1] != '.';

    ret_oid->len = 0;
    while (is_good && s.len) {
        int64_t v = 0;

        is_good = ret_oid->len < TK_OID_MAX_SUBIDS && read_number(cut(&s, '.'), 0, UINT32_MAX, &v);
        if (is_good)
            ret_oid->subid[ret_oid->len++] = (uint32_t)v;
    }
    if (!is_good)
        return complain(r, all, "is not an OID; write it like 1.3.6.1.2.1.1.3");
    return 0;
}

static int read_type(struct reading *r, struct span s, struct tk_dict_fact *f)
{
    if (span_is(s, "notification") || span_is(s, "trap")) {
        f->is_notification = true;
        return 0;
    }
    for (int i = 0; i < TK_SYNTAX_COUNT_; i++) {
        if (span_is(s, types[i])) {
            f->syntax = (enum tk_dict_syntax)i;
            return 0;
        }
    }
    return complain(r, s,
                    "is not a type; write -, notification, integer, octets, oid, ipaddress, netaddress, "
                    "counter32, gauge32, timeticks, counter64, bits or opaque");
}

static int read_enums(struct reading *r, struct span s, struct tk_dict_fact *f)
{
    f->enums = r->enums;
    while (s.len) {
        struct span item = cut(&s, ','), rest = item, label = cut(&rest, ':');
        int64_t v;

        if (!label.len || !read_number(rest, INT32_MIN, INT32_MAX, &v))
            return complain(r, item, "is not an enumeration; write LABEL:NUMBER");
        if (f->enum_count == MAX_ENUMS)
            return complain(r, item, "is over the limit of 4096 enumerations; leave some out");
        r->enums[f->enum_count++] = (struct tk_dict_fact_enum){(int32_t)v, label.at, label.len};
    }
    return 0;
}

/* NAME or MODULE::NAME, with a '!' in front of an IMPLIED index. */
static bool read_ref(struct span item, bool can_be_implied, struct tk_dict_fact_ref *ret)
{
    struct span name = item;
    const char *colons;

    *ret = (struct tk_dict_fact_ref){.is_implied = can_be_implied && name.len && name.at[0] == '!'};
    name.at += ret->is_implied;
    name.len -= ret->is_implied;
    colons = name.len ? memmem(name.at, name.len, "::", 2) : NULL;
    if (colons) {
        ret->module = name.at;
        ret->module_len = (size_t)(colons - name.at);
        name.at += ret->module_len + 2;
        name.len -= ret->module_len + 2;
    }
    ret->name = name.at;
    ret->name_len = name.len;
    return name.len > 0;
}

static int read_indexes(struct reading *r, struct span s, struct tk_dict_fact *f)
{
    f->indexes = r->refs;
    while (s.len) {
        struct span item = cut(&s, ',');

        if (f->index_count == TK_DICT_MAX_INDEXES)
            return complain(r, item, "is over the limit of 16 indexes; leave the indexes out");
        if (!read_ref(item, true, r->refs + f->index_count++))
            return complain(r, item, "is not an index; write NAME or MODULE::NAME");
    }
    return 0;
}

static int read_objects(struct reading *r, struct span s, struct tk_dict_fact *f)
{
    f->objects = r->refs;
    while (s.len) {
        struct span item = cut(&s, ',');

        if (f->object_count == TK_DICT_MAX_OBJECTS)
            return complain(r, item, "is over the limit of 255 objects; leave some out");
        if (!read_ref(item, false, r->refs + f->object_count++))
            return complain(r, item, "is not an object; write NAME or MODULE::NAME");
    }
    return 0;
}

static int hex_value(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c |= 0x20;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Units are written with %XX for spaces and for what is not printable, so that a line splits on spaces. */
static int read_units(struct reading *r, struct span s, struct tk_dict_fact *f)
{
    struct span all = s;

    f->units = r->units;
    while (s.len) {
        unsigned byte = (unsigned char)*s.at;
        size_t used = 1;

        if (byte == '%') {
            const int high = s.len > 2 ? hex_value(s.at[1]) : -1, low = s.len > 2 ? hex_value(s.at[2]) : -1;

            if (high < 0 || low < 0)
                return complain(r, all, "has a '%' without two hexadecimal digits; write %25 for '%', %20 for a space");
            byte = (unsigned)(high << 4 | low);
            used = 3;
        }
        if (f->units_len == sizeof(r->units))
            return complain(r, all, "is over the limit of 256 bytes; write shorter units");
        r->units[f->units_len++] = (char)byte;
        s.at += used;
        s.len -= used;
    }
    return 0;
}

static int read_attribute(struct reading *r, struct span *rest, struct tk_dict_fact *f)
{
    char key = rest->len > 2 && rest->at[1] == '=' ? rest->at[0] : '\0';
    struct span word, value;
    int64_t size;

    if (key == 'h') { /* a hint may contain spaces, so it is the rest of the line */
        f->hint = rest->at + 2;
        f->hint_len = rest->len - 2;
        rest->len = 0;
        return 0;
    }
    word = value = cut(rest, ' ');
    value.at += key ? 2 : 0;
    value.len -= key ? 2 : 0;
    switch (key) {
    case 't':
        f->tc = value.at;
        f->tc_len = value.len;
        return 0;
    case 'z':
        if (!read_number(value, 1, UINT16_MAX, &size))
            return complain(r, word, "is not a size; write z=NUMBER, 1 to 65535");
        f->fixed_len = (uint16_t)size;
        return 0;
    case 'e': return read_enums(r, value, f);
    case 'u': return read_units(r, value, f);
    case 'i':
        if (f->is_notification)
            return complain(r, word, "stands on a notification, which has no indexes; write o= for its objects");
        return read_indexes(r, value, f);
    case 'a':
        if (f->is_notification || !read_ref(value, false, &r->augments))
            return complain(r, word, "is not the row that a row augments; write a=NAME or a=MODULE::NAME");
        f->augments = &r->augments;
        return 0;
    case 'o':
        if (!f->is_notification)
            return complain(r, word, "stands on what is no notification; leave it out");
        return read_objects(r, value, f);
    default:
        return complain(r, word, "is not an attribute; write t=, z=, e=, u=, i=, a=, o= or h=, separated by one space");
    }
}

static int read_line(struct reading *r, struct span rest)
{
    struct tk_dict_fact f = {0};
    struct tk_oid oid;
    struct span all = rest, number, name, module, type;
    int ret;

    if (memchr(rest.at, '\0', rest.len))
        return complain(r, rest, "contains a NUL byte; write text");
    number = cut(&rest, ' ');
    name = cut(&rest, ' ');
    module = cut(&rest, ' ');
    type = cut(&rest, ' ');
    if (!name.len || !module.len || !type.len)
        return complain(r, all, "has fewer than four words; write OID NAME MODULE TYPE");
    ret = read_oid(r, number, &oid);
    if (ret == 0)
        ret = read_type(r, type, &f);
    while (ret == 0 && rest.len)
        ret = read_attribute(r, &rest, &f);
    if (ret < 0)
        return ret;
    f.subid = oid.subid;
    f.len = oid.len;
    f.name = name.at;
    f.name_len = name.len;
    if (!span_is(module, "-")) {
        f.module = module.at;
        f.module_len = module.len;
    }
    ret = tk_dict_builder_add(r->b, &f);
    if (ret == -EINVAL)
        return complain(r, number, "is not an OID of 1 to 128 numbers, or a text in this line is over 65535 bytes");
    if (ret < 0)
        tk_err_set(r->err, r->file, r->line, "%s",
                   ret == -E2BIG ? "too many objects; load fewer MIBs" : "out of memory");
    return ret;
}

int tk_dict_facts_read(struct tk_dict_builder *b, const char *text, size_t len, const char *file, struct tk_err *reterr)
{
    struct reading *r = malloc(sizeof(*r)); /* about 100 KiB: too large for the stack of a thread that is not ours */
    struct span rest = {text, len};
    int ret = 0;

    if (!r) {
        tk_err_set(reterr, file, 0, "out of memory");
        return -ENOMEM;
    }
    r->b = b;
    r->file = file;
    r->err = reterr;
    for (r->line = 1; ret == 0 && rest.len; r->line++) {
        struct span line = cut(&rest, '\n');

        if (line.len && line.at[0] != '#')
            ret = read_line(r, line);
    }
    free(r);
    return ret;
}

static void write_text(FILE *out, const char *before, struct tk_dict_text t)
{
    (void)fprintf(out, "%s%.*s", before, (int)t.len, t.text);
}

static void write_units(FILE *out, struct tk_dict_text t)
{
    (void)fputs(" u=", out);
    for (size_t i = 0; i < t.len; i++) {
        unsigned char c = (unsigned char)t.text[i];

        (void)fprintf(out, c > ' ' && c < 0x7f && c != '%' ? "%c" : "%%%02x", c);
    }
}

/* MODULE:: is left out if it is the object's own. */
static void write_ref(FILE *out, struct tk_dict_text own, struct tk_dict_text module, struct tk_dict_text name)
{
    if (module.len && (module.len != own.len || memcmp(module.text, own.text, own.len) != 0)) {
        write_text(out, "", module);
        (void)fputs("::", out);
    }
    write_text(out, "", name);
}

static void write_enums(FILE *out, const struct tk_dict *d, const struct tk_dict_object *o)
{
    unsigned count = tk_dict_enum_count(d, o);

    for (unsigned i = 0; i < count; i++) {
        struct tk_dict_enum e = tk_dict_enum(d, o, i);

        write_text(out, i ? "," : " e=", e.label);
        (void)fprintf(out, ":%" PRId32, e.value);
    }
}

static void write_indexes(FILE *out, const struct tk_dict *d, const struct tk_dict_object *o)
{
    struct tk_dict_text own = tk_dict_module(d, o), module, row = tk_dict_augments(d, o, &module);
    struct tk_dict_index indexes[TK_DICT_MAX_INDEXES];
    unsigned count = tk_dict_indexes(d, o, indexes);

    for (unsigned i = 0; i < count; i++) {
        (void)fprintf(out, "%s%s", i ? "," : " i=", indexes[i].is_implied ? "!" : "");
        write_ref(out, own, indexes[i].module, indexes[i].name);
    }
    if (!count && row.len) {
        (void)fputs(" a=", out);
        write_ref(out, own, module, row);
    }
}

static void write_objects(FILE *out, const struct tk_dict *d, const struct tk_dict_object *o)
{
    struct tk_dict_text own = tk_dict_module(d, o);
    unsigned count = tk_dict_notification_objects(d, o);

    for (unsigned i = 0; i < count; i++) {
        struct tk_dict_member m = tk_dict_notification_object(d, o, i);

        (void)fputs(i ? "," : " o=", out);
        write_ref(out, own, m.module, m.name);
    }
}

bool tk_dict_facts_write(FILE *out, const struct tk_dict *d, const struct tk_dict_object *o)
{
    struct tk_dict_text module = tk_dict_module(d, o), tc = tk_dict_tc(d, o), hint = tk_dict_hint(d, o);
    const enum tk_dict_kind kind = tk_dict_kind(d, o);
    char text[TK_OID_MAX_TEXT];
    struct tk_oid oid;

    tk_dict_oid(d, o, &oid);
    (void)tk_oid_format(text, sizeof(text), oid.subid, oid.len);
    write_text(out, text, (struct tk_dict_text){"", 0});
    write_text(out, " ", tk_dict_name(d, o));
    write_text(out, " ", module.len ? module : (struct tk_dict_text){"-", 1});
    (void)fprintf(out, " %s", kind == TK_DICT_NOTIFICATION ? "notification" : types[tk_dict_syntax(d, o)]);
    if (tc.len)
        write_text(out, " t=", tc);
    if (tk_dict_fixed_len(d, o))
        (void)fprintf(out, " z=%u", tk_dict_fixed_len(d, o));
    write_enums(out, d, o);
    if (tk_dict_units(d, o).len)
        write_units(out, tk_dict_units(d, o));
    if (kind == TK_DICT_ENTRY)
        write_indexes(out, d, o);
    write_objects(out, d, o);
    if (hint.len)
        write_text(out, " h=", hint);
    (void)putc('\n', out);
    return !ferror(out);
}
