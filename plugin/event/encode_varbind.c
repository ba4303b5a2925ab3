/* SPDX-License-Identifier: Apache-2.0 */
/* Write one varbind: `value` is the value without loss, `number` a number that a double holds exactly, `text` is the
 * value for people. Each of them has one JSON type whatever was sent, so that typed consumers need one schema. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/devel.h"
#include "base/legible.h"
#include "base/text.h"
#include "snmp/oid.h"
#include "event/event_internal.h"
#include "event/varbind_text.h"
#include "dictionary/display_hint.h"

#define MAX_EXACT ((uint64_t)1 << 53) /* a double holds every integer up to this one */

static struct tk_text type_name(uint8_t type)
{
#define NAME(literal) \
    (struct tk_text) \
    { \
        literal, sizeof(literal) - 1 \
    }
    switch (type) {
    case TK_INTEGER: return NAME("integer");
    case TK_OCTETS: return NAME("octets");
    case TK_NULL: return NAME("null");
    case TK_OID: return NAME("oid");
    case TK_IPADDRESS: return NAME("ipaddress");
    case TK_COUNTER32: return NAME("counter32");
    case TK_GAUGE32: return NAME("gauge32");
    case TK_TIMETICKS: return NAME("timeticks");
    case TK_OPAQUE: return NAME("opaque");
    case TK_COUNTER64: return NAME("counter64");
    case TK_FLOAT: return NAME("float");
    case TK_DOUBLE: return NAME("double");
    case TK_INTEGER64: return NAME("integer64");
    case TK_UNSIGNED64: return NAME("unsigned64");
    case TK_NO_SUCH_OBJECT: return NAME("noSuchObject");
    case TK_NO_SUCH_INSTANCE: return NAME("noSuchInstance");
    case TK_END_OF_MIB_VIEW: return NAME("endOfMibView");
    default: return NAME("unknown");
    }
#undef NAME
}

/* The functions below write `value`, what belongs to it, and `text`, and return where the text begins in the buffer. */

static size_t name_text(struct tk_json *j)
{
    TK_JSON_NAME(j, "text");
    return j->len;
}

static void encode_hex(struct tk_json *j, const uint8_t *bytes, size_t len)
{
    tk_json_hex(j, bytes, len);
    TK_JSON_NAME(j, "hex");
    tk_json_hex(j, bytes, len);
}

static size_t encode_octets(struct tk_json *j, const struct tk_dict *dict, const struct tk_event *ev,
                            const struct tk_event_varbind *vb)
{
    const struct tk_dict_object *o = vb->object;
    const char *value = (const char *)vb->raw.value;
    size_t len = vb->raw.value_len;
    bool is_text = tk_is_text(vb->raw.value, len) && !(o && o->syntax == TK_SYNTAX_BITS);
    char text[TK_TEXT_BYTES];
    size_t at;
    int n;

    if (is_text)
        tk_json_string(j, value, len);
    else
        encode_hex(j, vb->raw.value, len);
    at = name_text(j);
    if (is_text && tk_varbind_is_own_text(vb)) {
        tk_json_string(j, value, len);
        return at;
    }
    n = tk_varbind_octets_text(text, dict, ev, vb);
    if (n >= 0)
        tk_json_string(j, text, (size_t)n);
    else
        tk_json_marked_hex(j, vb->raw.value, len);
    return at;
}

static uint64_t magnitude(int64_t value)
{
    return value < 0 ? 0 - (uint64_t)value : (uint64_t)value;
}

/**
 * Write the digits as `value`, and as `number` if a double holds them. A record of a damaged
 * queue file may have numbers that no packet can have, so the 32-bit types are checked too.
 * @param digits  room for the digits in quotes; afterwards they stand at digits + 1
 * @returns how many digits
 */
static inline size_t encode_digits(struct tk_json *j, char digits[24], uint64_t size, bool is_negative)
{
    size_t n = tk_format_signed(digits + 1, size, is_negative);

    digits[0] = digits[n + 1] = '"';
    tk_json_raw(j, digits, n + 2);
    if (size <= MAX_EXACT) {
        TK_JSON_NAME(j, "number");
        tk_json_raw(j, digits + 1, n);
    }
    return n;
}

static size_t encode_integer(struct tk_json *j, const struct tk_dict *dict, const struct tk_event_varbind *vb)
{
    int64_t value = tk_varbind_i64(&vb->raw);
    struct tk_dict_text label = {NULL, 0};
    char digits[24], text[64];
    size_t count = encode_digits(j, digits, magnitude(value), value < 0), at = name_text(j);
    int n = -1;

    if (vb->object) {
        label = tk_dict_label(dict, vb->object, value);
        if (!label.text && vb->object->hint)
            n = tk_textual_integer(text, sizeof(text), tk_dict_hint(dict, vb->object), value);
    }
    if (label.text)
        tk_json_string(j, label.text, label.len);
    else if (n >= 0)
        tk_json_string(j, text, (size_t)n);
    else
        tk_json_raw(j, digits, count + 2);
    return at;
}

static size_t encode_number(struct tk_json *j, uint64_t size, bool is_negative)
{
    char digits[24];
    size_t n = encode_digits(j, digits, size, is_negative), at = name_text(j);

    tk_json_raw(j, digits, n + 2);
    return at;
}

/* TimeTicks are hundredths of a second; their text is an uptime: "12d 3:04:05.06". */
static size_t encode_ticks(struct tk_json *j, uint64_t ticks)
{
    unsigned long long seconds = ticks / 100;
    char digits[24], text[48];
    int n = snprintf(text, sizeof(text), "%llud %llu:%02llu:%02llu.%02llu", seconds / 86400, seconds / 3600 % 24,
                     seconds / 60 % 60, seconds % 60, (unsigned long long)ticks % 100);
    size_t at;

    (void)encode_digits(j, digits, ticks, false);
    at = name_text(j);
    tk_json_string(j, text, (size_t)n);
    return at;
}

/* An infinity or NaN has no JSON number: its name is its value. */
static size_t encode_real(struct tk_json *j, double value)
{
    char digits[32], text[32];
    size_t len = tk_format_double(digits, value), at;

    tk_json_string(j, digits, len);
    if (isfinite(value)) {
        TK_JSON_NAME(j, "number");
        tk_json_raw(j, digits, len);
        len = (size_t)snprintf(text, sizeof(text), "%g", value);
    }
    at = name_text(j);
    tk_json_string(j, isfinite(value) ? text : digits, len);
    return at;
}

static size_t encode_opaque(struct tk_json *j, const uint8_t *bytes, size_t len)
{
    size_t at;

    encode_hex(j, bytes, len);
    at = name_text(j);
    tk_json_marked_hex(j, bytes, len);
    return at;
}

static size_t encode_oid(struct tk_json *j, const struct tk_dict *dict, const uint8_t *ber, size_t ber_len)
{
    const struct tk_dict_object *o;
    char text[256 + TK_OID_MAX_TEXT];
    struct tk_oid oid;
    size_t matched, n = 0, at;

    if (tk_oid_decode(&oid, ber, ber_len) < 0)
        return encode_opaque(j, ber, ber_len);
    tk_json_oid(j, oid.subid, oid.len);
    at = name_text(j);
    o = tk_dict_resolve(dict, oid.subid, oid.len, &matched);
    if (o) {
        struct tk_dict_text name = tk_dict_name(dict, o);

        n = name.len < 255 ? name.len : 255;
        memcpy(text, name.text, n);
        if (matched < oid.len)
            text[n++] = '.';
    } else {
        matched = 0;
    }
    n += tk_oid_format(text + n, sizeof(text) - n, oid.subid + matched, oid.len - matched);
    tk_json_string(j, text, n);
    return at;
}

static size_t encode_address(struct tk_json *j, const uint8_t address[4])
{
    uint32_t parts[4];
    size_t at;

    for (int i = 0; i < 4; i++)
        parts[i] = address[i];
    tk_json_oid(j, parts, 4);
    at = name_text(j);
    tk_json_oid(j, parts, 4);
    return at;
}

/* A type without a value: its name is its text. */
static size_t encode_null(struct tk_json *j, uint8_t type)
{
    struct tk_text name = type_name(type);
    size_t at;

    tk_json_null(j);
    at = name_text(j);
    tk_json_string(j, name.text, name.len);
    return at;
}

static size_t encode_value(struct tk_json *j, const struct tk_dict *dict, const struct tk_event *ev,
                           const struct tk_event_varbind *vb)
{
    const struct tk_varbind *raw = &vb->raw;
    float f;
    double d;

    switch (raw->type) {
    case TK_INTEGER:
    case TK_GAUGE32: return encode_integer(j, dict, vb); /* Unsigned32 may have a hint too */
    case TK_COUNTER32:
    case TK_COUNTER64:
    case TK_UNSIGNED64: return encode_number(j, tk_varbind_u64(raw), false);
    case TK_INTEGER64: return encode_number(j, magnitude(tk_varbind_i64(raw)), tk_varbind_i64(raw) < 0);
    case TK_TIMETICKS: return encode_ticks(j, tk_varbind_u64(raw));
    case TK_OCTETS: return encode_octets(j, dict, ev, vb);
    case TK_OID: return encode_oid(j, dict, raw->value, raw->value_len);
    case TK_IPADDRESS: return encode_address(j, raw->value);
    case TK_FLOAT: memcpy(&f, raw->value, sizeof(f)); return encode_real(j, (double)f);
    case TK_DOUBLE: memcpy(&d, raw->value, sizeof(d)); return encode_real(j, d);
    case TK_NULL:
    case TK_NO_SUCH_OBJECT:
    case TK_NO_SUCH_INSTANCE:
    case TK_END_OF_MIB_VIEW: return encode_null(j, raw->type);
    default: return encode_opaque(j, raw->value, raw->value_len); /* and unknown tags */
    }
}

/* Writes the instance as strings, decoded by the row's indexes: its sub-identifiers if it does not fit them, nothing for
 * a scalar's 0. */
static void encode_index(struct tk_json *j, const struct tk_dict *dict, const struct tk_event_varbind *vb)
{
    struct tk_dict_value values[TK_DICT_MAX_INDEXES];
    char text[TK_TEXT_BYTES];
    const uint32_t *suffix = vb->subid + vb->matched;
    size_t len = vb->subids - vb->matched;
    int n;

    TK_ASSERT(vb->matched <= vb->subids);
    tk_json_array_begin(j);
    if (!vb->object || len == 0 || (vb->object->kind == TK_DICT_SCALAR && len == 1 && suffix[0] == 0)) {
        tk_json_array_end(j);
        return;
    }
    n = tk_dict_decode_instance(dict, vb->object, suffix, len, values);
    for (int i = 0; i < n; i++)
        tk_json_string(j, text, tk_index_text(text, dict, values, (size_t)i));
    for (size_t i = 0; n < 0 && i < len; i++)
        tk_json_oid(j, suffix + i, 1);
    tk_json_array_end(j);
}

static struct tk_part part_from(const struct tk_json *j, size_t at)
{
    return (struct tk_part){at, j->len - at};
}

/* Writes `name` and `mib`. @returns the name as it was written */
static struct tk_part encode_name(struct tk_json *j, const struct tk_dict *dict, const struct tk_dict_object *o)
{
    struct tk_dict_text name = tk_dict_name(dict, o), module = tk_dict_module(dict, o);
    size_t at;
    struct tk_part part;

    TK_JSON_NAME(j, "name");
    at = j->len;
    tk_json_string(j, name.text, name.len);
    part = part_from(j, at);
    TK_JSON_NAME(j, "mib");
    if (module.len)
        tk_json_string(j, module.text, module.len);
    else
        tk_json_null(j);
    return part;
}

void tk_encode_varbind(struct tk_json *j, const struct tk_dict *dict, const struct tk_event *ev,
                       const struct tk_event_varbind *vb, struct tk_written *ret_written)
{
    struct tk_text type = type_name(vb->raw.type);
    struct tk_written w;
    size_t at;

    tk_json_object_begin(j);
    TK_JSON_NAME(j, "oid");
    at = j->len;
    tk_json_oid(j, vb->subid, vb->subids);
    w.name = part_from(j, at);
    if (vb->object) {
        w.name = encode_name(j, dict, vb->object);
    } else {
        TK_JSON_NAME(j, "name");
        tk_json_null(j);
        TK_JSON_NAME(j, "mib");
        tk_json_null(j);
    }
    TK_JSON_NAME(j, "index");
    at = j->len;
    encode_index(j, dict, vb);
    w.index = part_from(j, at);
    TK_JSON_NAME(j, "type");
    tk_json_string(j, type.text, type.len);
    TK_JSON_NAME(j, "value");
    if (vb->is_secret) {
        tk_json_null(j);
        at = name_text(j);
        tk_json_raw(j, "\"\"", 2);
        w.text = part_from(j, at);
        TK_JSON_NAME(j, "redacted");
        tk_json_bool(j, true);
    } else {
        at = encode_value(j, dict, ev, vb);
        w.text = part_from(j, at);
    }
    tk_json_object_end(j);
    *ret_written = w;
}
