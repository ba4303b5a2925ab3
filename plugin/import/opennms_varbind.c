/* SPDX-License-Identifier: Apache-2.0 */
#include "import/opennms_varbind.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "import/import_regex.h"

#define MAX_VALUES 64

/** An element that is being read. */
struct varbind {
    struct tk_import *im;
    unsigned line;
    const struct tk_import_trap *trap;
    const struct tk_dict_object *object;
    unsigned count;
    char *value[MAX_VALUES];
    struct tk_import_cases *cases;
};

static bool refuse(const struct varbind *v, const char *value, const char *why)
{
    tk_import_tell(v->im, v->line, value, "%s; the event is left out, write its rule by hand", why);
    return false;
}

static bool add(const struct varbind *v, json_t *condition, json_t *sample)
{
    return tk_import_cases_add_one(v->im, v->cases, v->object, condition, sample) ||
           refuse(v, NULL, "there are too many conditions");
}

static bool is_pattern(const char *value)
{
    size_t len = strlen(value);

    return *value == '~' || (len && value[len - 1] == '%');
}

static bool has_pattern(const struct varbind *v)
{
    for (unsigned i = 0; i < v->count; i++)
        if (is_pattern(v->value[i]))
            return true;
    return false;
}

/* ---- patterns ---- */

/* As an expression that is tried on the whole value, as OpenNMS does. @returns false: it is too long */
static bool regex_of(const char *value, char *dst, size_t bytes)
{
    size_t n, len = strlen(value);

    if (*value == '~')
        return snprintf(dst, bytes, "\\A(?:%s)\\z", value + 1) < (int)bytes;
    n = (size_t)snprintf(dst, bytes, "\\A");
    len -= is_pattern(value);
    for (size_t i = 0; i < len && n + 4 < bytes; i++) {
        if (!isalnum((unsigned char)value[i]) && (unsigned char)value[i] < 0x80)
            dst[n++] = '\\';
        dst[n++] = value[i];
    }
    dst[n] = '\0';
    if (n + 4 >= bytes)
        return false;
    (void)snprintf(dst + n, bytes - n, "%s", is_pattern(value) ? "" : "\\z");
    return true;
}

static json_t *sample_of(struct tk_import_regex *x, const char *value)
{
    char sample[TK_IMPORT_SAMPLE_BYTES];

    if (*value == '~')
        return tk_import_regex_sample(x, value + 1, sample, sizeof(sample)) ? json_string(sample) : NULL;
    (void)snprintf(sample, sizeof(sample), "%.*s%s", (int)(strlen(value) - is_pattern(value)), value,
                   is_pattern(value) ? "x" : "");
    return tk_import_regex_matches(x, sample, strlen(sample)) ? json_string(sample) : NULL;
}

static bool add_regexes(const struct varbind *v)
{
    char regex[TK_IMPORT_REGEX_BYTES + 1], why[128];
    json_t *list = json_array(), *sample = NULL;
    bool is_ok = true;

    for (unsigned i = 0; i < v->count && is_ok; i++) {
        struct tk_import_regex *x = NULL;

        if (regex_of(v->value[i], regex, sizeof(regex)))
            x = tk_import_regex_new(regex, why, sizeof(why));
        else
            (void)snprintf(why, sizeof(why), "the expression is too long");
        if (!x) {
            is_ok = refuse(v, v->value[i], why);
            break;
        }
        tk_import_append(v->im, list, json_string(regex));
        if (!sample)
            sample = sample_of(x, v->value[i]);
        tk_import_regex_free(x);
    }
    if (is_ok)
        return add(v, json_pack("{so}", "regex", list), sample);
    json_decref(list);
    json_decref(sample);
    return false;
}

/* A pattern on numbers that have labels means these numbers. */
static bool matches_number(const struct varbind *v, int64_t number, bool *ret_bad)
{
    char regex[TK_IMPORT_REGEX_BYTES + 1], why[128], text[24];
    bool is_found = false;

    (void)snprintf(text, sizeof(text), "%" PRId64, number);
    for (unsigned i = 0; i < v->count && !is_found && !*ret_bad; i++) {
        struct tk_import_regex *x = regex_of(v->value[i], regex, sizeof(regex))
                                        ? tk_import_regex_new(regex, why, sizeof(why))
                                        : NULL;

        *ret_bad = !x;
        is_found = x && tk_import_regex_matches(x, text, strlen(text));
        tk_import_regex_free(x);
    }
    return is_found;
}

static bool add_labelled(const struct varbind *v)
{
    json_t *list = json_array();
    bool is_bad = false;

    for (unsigned i = 0; i < tk_dict_enum_count(v->im->dict, v->object); i++) {
        int64_t number = tk_dict_enum(v->im->dict, v->object, i).value;

        if (matches_number(v, number, &is_bad))
            tk_import_append(v->im, list, json_integer(number));
    }
    if (!is_bad && json_array_size(list)) {
        json_t *sample = json_incref(json_array_get(list, 0));

        return add(v, json_pack("{so}", "in", list), sample);
    }
    json_decref(list);
    return refuse(v, v->value[0], is_bad ? "it is no expression" : "none of the object's numbers matches");
}

static bool add_patterns(const struct varbind *v)
{
    enum tk_dict_reading reading = tk_dict_reading(v->im->dict, v->object);

    if (reading == TK_READ_LABELS)
        return add_labelled(v);
    if ((reading != TK_READ_PLAIN && reading != TK_READ_TEXT) || tk_dict_units(v->im->dict, v->object).len)
        return refuse(v, v->value[0], "rules compare the event's text of this object, which is another one");
    return add_regexes(v);
}

/* ---- exact values ---- */

static json_t *exact(const struct varbind *v, const char *value)
{
    char *end;
    long long n;
    uint8_t octets[4];

    switch (tk_dict_syntax(v->im->dict, v->object)) {
    case TK_SYNTAX_INTEGER:
    case TK_SYNTAX_COUNTER32:
    case TK_SYNTAX_GAUGE32:
    case TK_SYNTAX_TIMETICKS:
    case TK_SYNTAX_COUNTER64:
        errno = 0;
        n = strtoll(value, &end, 10);
        return end == value || *end || errno ? NULL : json_integer(n);
    case TK_SYNTAX_OID: return *value == '.' ? json_string(value + 1) : NULL;
    case TK_SYNTAX_IPADDRESS:
    case TK_SYNTAX_NETADDRESS: return inet_pton(AF_INET, value, octets) == 1 ? json_string(value) : NULL;
    case TK_SYNTAX_OCTETS:
        return tk_dict_reading(v->im->dict, v->object) == TK_READ_PLAIN ||
                       tk_dict_reading(v->im->dict, v->object) == TK_READ_TEXT
                   ? json_string(value)
                   : NULL;
    default: return NULL;
    }
}

static bool add_exact(const struct varbind *v)
{
    json_t *list = json_array(), *first;
    bool is_ok;

    for (unsigned i = 0; i < v->count; i++) {
        json_t *value = exact(v, v->value[i]);

        if (!value) {
            json_decref(list);
            return refuse(v, v->value[i], "rules can't compare a value of this object with that");
        }
        tk_import_append(v->im, list, value);
    }
    first = json_array_get(list, 0);
    is_ok = add(v, v->count == 1 ? json_pack("{sO}", "equals", first) : json_pack("{sO}", "in", list),
                json_incref(first));
    json_decref(list);
    return is_ok;
}

/* ---- which object ---- */

static bool find_by_number(struct varbind *v, const char *text)
{
    unsigned long n = strtoul(text, NULL, 10);

    v->object = tk_import_nth(v->im, v->trap, n > TK_DICT_MAX_OBJECTS ? 0 : (unsigned)n);
    if (v->object)
        return true;
    return refuse(v, text,
                  v->trap->object ? "the definition of the notification has no such object"
                                  : "no dictionary knows the notification's objects; name its MIB's dictionary with "
                                    "--dictionary");
}

static bool find_by_oid(struct varbind *v, const char *text)
{
    struct tk_oid oid;
    size_t matched = 0;

    if (strlen(text) < TK_OID_MAX_TEXT && tk_oid_parse(&oid, text) == 0)
        v->object = tk_dict_resolve(v->im->dict, oid.subid, oid.len, &matched);
    if (v->object && (matched == oid.len || (tk_dict_kind(v->im->dict, v->object) == TK_DICT_SCALAR &&
                                             matched + 1 == oid.len && oid.subid[matched] == 0)))
        return true;
    return refuse(v, text,
                  v->object ? "rules can't compare one instance of an object"
                            : "no dictionary knows this object; name its MIB's dictionary with --dictionary");
}

static bool find_object(struct varbind *v, const xmlNode *element)
{
    const xmlNode *number = tk_xml_child(element, "vbnumber"), *oid = tk_xml_child(element, "vboid");
    char *text = tk_xml_text(v->im, number ? number : oid);
    bool is_ok = false;

    if (text && (number || oid))
        is_ok = number ? find_by_number(v, text) : find_by_oid(v, text);
    else if (text)
        is_ok = refuse(v, NULL, "the varbind has neither vbnumber nor vboid");
    free(text);
    return is_ok;
}

static bool read_values(struct varbind *v, const xmlNode *element)
{
    const xmlNode *value = tk_xml_child(element, "vbvalue");

    for (; value; value = tk_xml_next(value, "vbvalue")) {
        if (v->count == MAX_VALUES)
            return refuse(v, NULL, "the varbind has over 64 values");
        v->value[v->count] = tk_xml_text(v->im, value);
        if (!v->value[v->count])
            return false;
        v->count++;
    }
    return v->count || refuse(v, NULL, "the varbind has no vbvalue");
}

static bool read_one(struct tk_import *im, const xmlNode *element, const struct tk_import_trap *trap,
                     struct tk_import_cases *cases)
{
    struct varbind v = {.im = im, .line = tk_xml_line(element), .trap = trap, .cases = cases};
    bool is_ok = find_object(&v, element) && read_values(&v, element);

    if (is_ok)
        is_ok = has_pattern(&v) ? add_patterns(&v) : add_exact(&v);
    for (unsigned i = 0; i < v.count; i++)
        free(v.value[i]);
    return is_ok;
}

bool tk_opennms_varbinds(struct tk_import *im, const xmlNode *mask, const struct tk_import_trap *trap,
                         struct tk_import_cases *ret)
{
    const xmlNode *element = tk_xml_child(mask, "varbind");
    bool is_ok = tk_import_cases_add(im, ret) != NULL;

    for (; element && is_ok; element = tk_xml_next(element, "varbind")) {
        struct tk_import_cases one = {0};

        is_ok = read_one(im, element, trap, &one) && tk_import_cases_and(im, ret, &one);
        tk_import_cases_done(&one);
    }
    if (!is_ok)
        tk_import_cases_done(ret);
    return is_ok;
}
