/* SPDX-License-Identifier: Apache-2.0 */
#include "import/import_sample.h"

#include <inttypes.h>
#include <string.h>

#include "import/import_object.h"

void tk_import_samples_done(struct tk_import_samples *s)
{
    for (unsigned i = 0; i < s->count; i++)
        json_decref(s->item[i].value);
    s->count = 0;
}

void tk_import_sample_add(struct tk_import_samples *s, const struct tk_dict_object *o, json_t *value)
{
    if (!value)
        return;
    if (s->count == TK_IMPORT_SAMPLES) {
        json_decref(value);
        return;
    }
    s->item[s->count].object = o;
    s->item[s->count++].value = value;
}

void tk_import_samples_join(struct tk_import_samples *s, const struct tk_import_samples *other)
{
    for (unsigned i = 0; i < other->count; i++)
        tk_import_sample_add(s, other->item[i].object, json_incref(other->item[i].value));
}

static const json_t *value_of(const struct tk_import_samples *s, const struct tk_dict_object *o)
{
    for (unsigned i = 0; i < s->count; i++)
        if (s->item[i].object == o)
            return s->item[i].value;
    return NULL;
}

/* ---- made-up values ---- */

static json_t *make_octets(const struct tk_dict *d, const struct tk_dict_object *o)
{
    char zeros[2 + 2 * 255 + 1] = "0x";
    unsigned len = tk_dict_fixed_len(d, o);

    switch (tk_dict_reading(d, o)) {
    case TK_READ_INET_ADDRESS: return json_string("0xc0000207");
    case TK_READ_DATE_AND_TIME: return json_string("0x07ea010100000000");
    case TK_READ_COLONS: return json_string("0x020000000001");
    default: break;
    }
    if (!len || len > 255)
        return json_string("text");
    memset(zeros + 2, '0', (size_t)2 * len);
    return json_string(zeros);
}

/* Numbers, also those of labels: the file need not be tested with the dictionary of this run. */
static json_t *make_number(const struct tk_dict *d, const struct tk_dict_object *o)
{
    return json_integer(tk_dict_enum_count(d, o) ? tk_dict_enum(d, o, 0).value : 1);
}

static json_t *make_value(const struct tk_dict *d, const struct tk_dict_object *o)
{
    switch (tk_dict_syntax(d, o)) {
    case TK_SYNTAX_INTEGER:
    case TK_SYNTAX_COUNTER32:
    case TK_SYNTAX_GAUGE32:
    case TK_SYNTAX_TIMETICKS:
    case TK_SYNTAX_COUNTER64: return make_number(d, o);
    case TK_SYNTAX_OID: return json_string("1.3.6.1.2.1.1");
    case TK_SYNTAX_IPADDRESS:
    case TK_SYNTAX_NETADDRESS: return json_string("192.0.2.7");
    case TK_SYNTAX_BITS: return json_string("0x80");
    case TK_SYNTAX_OCTETS: return make_octets(d, o);
    default: return NULL;
    }
}

void tk_import_sample_need(struct tk_import *im, struct tk_import_samples *s, const struct tk_dict_object *o)
{
    if (!value_of(s, o))
        tk_import_sample_add(s, o, make_value(im->dict, o));
}

/* ---- what they are ---- */

static bool is_plain_text(const char *text)
{
    bool is_spaced = !*text || text[0] == ' ' || strstr(text, "  ");

    for (const char *p = text; *p; p++)
        if (*p < ' ' || *p > '~')
            return false;
    return !is_spaced && strncmp(text, "0x", 2) != 0 && text[strlen(text) - 1] != ' ' &&
           strlen(text) < TK_IMPORT_SAMPLE_BYTES;
}

static const char *text_of(const json_t *value, char *dst)
{
    if (json_is_integer(value))
        (void)snprintf(dst, TK_IMPORT_SAMPLE_BYTES, "%" JSON_INTEGER_FORMAT, json_integer_value(value));
    else if (is_plain_text(json_string_value(value)))
        (void)snprintf(dst, TK_IMPORT_SAMPLE_BYTES, "%s", json_string_value(value));
    else
        return NULL;
    return dst;
}

const char *tk_import_sample_text(const struct tk_import *im, const struct tk_import_samples *s,
                                  const struct tk_dict_object *o, char *dst)
{
    enum tk_dict_syntax syntax = tk_dict_syntax(im->dict, o);
    enum tk_dict_reading reading = tk_dict_reading(im->dict, o);
    const json_t *value = value_of(s, o);
    struct tk_dict_text label;

    if (!value || tk_dict_units(im->dict, o).len || syntax == TK_SYNTAX_TIMETICKS || syntax == TK_SYNTAX_OID)
        return NULL;
    if (reading == TK_READ_LABELS) {
        label = tk_dict_label(im->dict, o, json_integer_value(value));
        /* The built-in dictionary is there whenever the tests run; another one may be missing. */
        if (!json_is_integer(value) || !label.text || !tk_import_is_standard(im, o))
            return NULL;
        (void)snprintf(dst, TK_IMPORT_SAMPLE_BYTES, "%.*s", (int)label.len, label.text);
        return dst;
    }
    return reading == TK_READ_PLAIN || reading == TK_READ_TEXT ? text_of(value, dst) : NULL;
}

const char *tk_import_sample_plain(const struct tk_import *im, const struct tk_import_samples *s,
                                   const struct tk_dict_object *o, char *dst)
{
    enum tk_dict_reading reading = tk_dict_reading(im->dict, o);
    const json_t *value = value_of(s, o);

    if (!value || (json_is_string(value) && reading != TK_READ_PLAIN && reading != TK_READ_TEXT))
        return NULL;
    if (reading == TK_READ_NUMBER)
        return NULL;
    return text_of(value, dst);
}

static const char *type_of(enum tk_dict_syntax syntax)
{
    switch (syntax) {
    case TK_SYNTAX_INTEGER: return "integer";
    case TK_SYNTAX_OID: return "oid";
    case TK_SYNTAX_IPADDRESS:
    case TK_SYNTAX_NETADDRESS: return "ipaddress";
    case TK_SYNTAX_COUNTER32: return "counter32";
    case TK_SYNTAX_GAUGE32: return "gauge32";
    case TK_SYNTAX_TIMETICKS: return "timeticks";
    case TK_SYNTAX_COUNTER64: return "counter64";
    default: return "octets";
    }
}

const char *tk_import_sample_index(const struct tk_import *im, const struct tk_dict_object *o)
{
    return tk_dict_kind(im->dict, o) == TK_DICT_COLUMN ? "1" : "0";
}

json_t *tk_import_samples_json(struct tk_import *im, const struct tk_import_samples *s)
{
    json_t *list = json_array();
    char ref[TK_OID_MAX_TEXT];

    for (unsigned i = 0; i < s->count; i++) {
        const struct tk_dict_object *o = s->item[i].object;
        json_t *varbind = json_object();

        (void)tk_import_ref(im, o, ref);
        tk_import_put(im, varbind, "object", json_sprintf("%s.%s", ref, tk_import_sample_index(im, o)));
        tk_import_put(im, varbind, "value", json_incref(s->item[i].value));
        tk_import_put(im, varbind, "type", json_string(type_of(tk_dict_syntax(im->dict, o))));
        tk_import_append(im, list, varbind);
    }
    im->is_out_of_memory |= !list;
    return list;
}
