/* SPDX-License-Identifier: Apache-2.0 */
#include "dictionary/dictionary_facts.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>

#include "base/err.h"
#include "base/text.h"

#define MAX_ENUMS 4096

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
    struct tk_dict_fact_index indexes[TK_DICT_MAX_INDEXES];
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
    if (span_is(s, "notification")) {
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

static int read_indexes(struct reading *r, struct span s, struct tk_dict_fact *f)
{
    f->indexes = r->indexes;
    while (s.len) {
        struct span item = cut(&s, ','), name = item;
        struct tk_dict_fact_index ix = {.is_implied = name.len && name.at[0] == '!'};
        const char *colons;

        name.at += ix.is_implied;
        name.len -= ix.is_implied;
        colons = name.len ? memmem(name.at, name.len, "::", 2) : NULL;
        if (colons) {
            ix.module = name.at;
            ix.module_len = (size_t)(colons - name.at);
            name.at += ix.module_len + 2;
            name.len -= ix.module_len + 2;
        }
        if (!name.len)
            return complain(r, item, "is not an index; write NAME or MODULE::NAME");
        if (f->index_count == TK_DICT_MAX_INDEXES)
            return complain(r, item, "is over the limit of 16 indexes; leave the indexes out");
        ix.name = name.at;
        ix.name_len = name.len;
        r->indexes[f->index_count++] = ix;
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
    case 'i': return read_indexes(r, value, f);
    default: return complain(r, word, "is not an attribute; write t=, z=, e=, i= or h=, separated by one space");
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

static void write_index(FILE *out, const struct tk_dict *d, const struct tk_dict_object *o,
                        const struct tk_dict_index *ix)
{
    const struct tk_dict_object *object = tk_dict_index_object(d, ix);

    if (ix->is_implied)
        (void)putc('!', out);
    if (object && object->module && object->module != o->module)
        (void)fprintf(out, "%s::", tk_dict_module(d, object).text);
    (void)fputs(tk_dict_text(d, ix->name).text, out);
}

bool tk_dict_facts_write(FILE *out, const struct tk_dict *d, const struct tk_dict_object *o)
{
    char text[TK_OID_MAX_TEXT];
    struct tk_oid oid;

    tk_dict_oid(d, o, &oid);
    (void)tk_oid_format(text, sizeof(text), oid.subid, oid.len);
    (void)fprintf(out, "%s %s %s %s", text, tk_dict_name(d, o).text, o->module ? tk_dict_module(d, o).text : "-",
                  o->kind == TK_DICT_NOTIFICATION ? "notification" : types[o->syntax]);
    if (o->tc)
        (void)fprintf(out, " t=%s", tk_dict_tc(d, o).text);
    if (o->fixed_len)
        (void)fprintf(out, " z=%u", o->fixed_len);
    for (unsigned i = 0; i < o->enum_count; i++)
        (void)fprintf(out, "%s%s:%" PRId32, i ? "," : " e=", tk_dict_text(d, tk_dict_enums(d, o)[i].label).text,
                      tk_dict_enums(d, o)[i].value);
    for (unsigned i = 0; o->kind == TK_DICT_ENTRY && i < o->index_count; i++) {
        (void)fputs(i ? "," : " i=", out);
        write_index(out, d, o, tk_dict_indexes(d, o) + i);
    }
    if (o->hint)
        (void)fprintf(out, " h=%s", tk_dict_hint(d, o).text);
    (void)putc('\n', out);
    return !ferror(out);
}
