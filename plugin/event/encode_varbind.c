/* SPDX-License-Identifier: Apache-2.0 */
/* Write one varbind: `value` is the value without loss, `number` a number that a double holds exactly, `text` is the
 * value for people. Each of them has one JSON type whatever was sent, so that typed consumers need one schema. */
#include <math.h>
#include <string.h>

#include "base/devel.h"
#include "base/text.h"
#include "snmp/oid.h"
#include "event/event_internal.h"
#include "event/varbind_text.h"

#define MAX_EXACT ((uint64_t)1 << 53) /* a double holds every integer up to this one */

static void encode_hex(struct tk_json *j, const uint8_t *bytes, size_t len)
{
    size_t at;

    tk_json_hex(j, bytes, len);
    at = j->len - (2 * len + 2);
    TK_JSON_NAME(j, "hex");
    tk_json_repeat(j, at, 2 * len + 2);
}

/* The functions below write `value` and what belongs to it: `number`, `hex`. @returns the length of `value` as it was
 * written, if `text` is the same; else 0 */

static size_t encode_octets(struct tk_json *j, const struct tk_dict *dict, const struct tk_event_varbind *vb)
{
    size_t at = j->len;
    bool is_bits = vb->object && tk_dict_reading(dict, vb->object) == TK_READ_BITS;
    bool is_text = !is_bits && tk_is_text(vb->raw.value, vb->raw.value_len);

    if (is_text)
        tk_json_string(j, (const char *)vb->raw.value, vb->raw.value_len);
    else
        encode_hex(j, vb->raw.value, vb->raw.value_len);
    return is_text && tk_varbind_is_own_text(dict, vb) && !tk_varbind_units(dict, vb).len ? j->len - at : 0;
}

static uint64_t magnitude(int64_t value)
{
    return value < 0 ? 0 - (uint64_t)value : (uint64_t)value;
}

static bool is_plain_number(const struct tk_dict *dict, const struct tk_event_varbind *vb)
{
    enum tk_dict_reading reading = vb->object ? tk_dict_reading(dict, vb->object) : TK_READ_PLAIN;

    return reading != TK_READ_LABELS && reading != TK_READ_NUMBER && !tk_varbind_units(dict, vb).len;
}

/* Write the digits as `value`, and as `number` if a double holds them. A record of a damaged queue file may have numbers
 * that no packet can have, so the 32-bit types are checked too. */
static size_t encode_number(struct tk_json *j, const struct tk_dict *dict, const struct tk_event_varbind *vb,
                            uint64_t size, bool is_negative)
{
    char digits[24];
    size_t n = tk_format_signed(digits + 1, size, is_negative);

    digits[0] = digits[n + 1] = '"';
    tk_json_raw(j, digits, n + 2);
    if (size <= MAX_EXACT) {
        TK_JSON_NAME(j, "number");
        tk_json_raw(j, digits + 1, n);
    }
    return is_plain_number(dict, vb) ? n + 2 : 0;
}

/* An infinity or NaN has no JSON number: its name is its value. */
static size_t encode_real(struct tk_json *j, double value)
{
    char digits[32];
    size_t len = tk_format_double(digits, value);

    tk_json_string(j, digits, len);
    if (isfinite(value)) {
        TK_JSON_NAME(j, "number");
        tk_json_raw(j, digits, len);
    }
    return 0;
}

static size_t encode_oid(struct tk_json *j, const uint8_t *ber, size_t ber_len)
{
    struct tk_oid oid;

    if (tk_oid_decode(&oid, ber, ber_len) < 0)
        encode_hex(j, ber, ber_len);
    else
        tk_json_oid(j, oid.subid, oid.len);
    return 0;
}

static size_t encode_address(struct tk_json *j, const uint8_t address[4])
{
    const uint32_t parts[4] = {address[0], address[1], address[2], address[3]};
    size_t at = j->len;

    tk_json_oid(j, parts, 4);
    return j->len - at;
}

static size_t encode_null(struct tk_json *j)
{
    tk_json_null(j);
    return 0;
}

static size_t encode_value(struct tk_json *j, const struct tk_dict *dict, const struct tk_event_varbind *vb)
{
    const struct tk_varbind *raw = &vb->raw;
    int64_t number;
    float f;
    double d;

    switch (raw->type) {
    case TK_INTEGER:
    case TK_GAUGE32:
    case TK_INTEGER64: number = tk_varbind_i64(raw); return encode_number(j, dict, vb, magnitude(number), number < 0);
    case TK_COUNTER32:
    case TK_COUNTER64:
    case TK_UNSIGNED64: return encode_number(j, dict, vb, tk_varbind_u64(raw), false);
    case TK_TIMETICKS: (void)encode_number(j, dict, vb, tk_varbind_u64(raw), false); return 0;
    case TK_OCTETS: return encode_octets(j, dict, vb);
    case TK_OID: return encode_oid(j, raw->value, raw->value_len);
    case TK_IPADDRESS: return encode_address(j, raw->value);
    case TK_FLOAT: memcpy(&f, raw->value, sizeof(f)); return encode_real(j, (double)f);
    case TK_DOUBLE: memcpy(&d, raw->value, sizeof(d)); return encode_real(j, d);
    case TK_NULL:
    case TK_NO_SUCH_OBJECT:
    case TK_NO_SUCH_INSTANCE:
    case TK_END_OF_MIB_VIEW: return encode_null(j);
    default: encode_hex(j, raw->value, raw->value_len); return 0; /* Opaque, and unknown tags */
    }
}

static void encode_words(struct tk_json *j, const struct tk_dict *dict, const struct tk_event *ev,
                         const struct tk_event_varbind *vb)
{
    char room[TK_VARBIND_TEXT_BYTES];
    struct tk_text words = tk_varbind_words(room, dict, ev, vb);

    if (words.text)
        tk_json_string(j, words.text, words.len);
    else
        tk_json_marked_hex(j, vb->raw.value, vb->raw.value_len);
}

static struct tk_part part_from(const struct tk_json *j, size_t at)
{
    return (struct tk_part){at, j->len - at};
}

static void encode_index_names(struct tk_json *j, const struct tk_dict_value *values, int count)
{
    TK_JSON_NAME(j, "index_names");
    tk_json_array_begin(j);
    for (int i = 0; i < count; i++)
        tk_json_string(j, values[i].index.name.text, values[i].index.name.len);
    tk_json_array_end(j);
}

/* The instance as strings, decoded by the row's indexes; its sub-identifiers if it does not fit them; nothing for a
 * scalar's 0. @returns how many values were decoded; <= 0: none */
static int encode_instance(struct tk_json *j, const struct tk_dict *dict, const struct tk_event_varbind *vb,
                           struct tk_dict_value *values)
{
    char text[TK_TEXT_BYTES];
    const uint32_t *suffix = vb->subid + vb->matched;
    size_t len = vb->subids - vb->matched;
    int n;

    if (!vb->object || len == 0 || (len == 1 && suffix[0] == 0 && tk_dict_kind(dict, vb->object) == TK_DICT_SCALAR))
        return 0;
    n = tk_dict_decode_instance(dict, vb->object, suffix, len, values);
    for (int i = 0; i < n; i++)
        tk_json_string(j, text, tk_index_text(text, dict, values, (size_t)i));
    for (size_t i = 0; n < 0 && i < len; i++)
        tk_json_oid(j, suffix + i, 1);
    return n;
}

/* Writes `index` and `index_names`. */
static void encode_new_row(struct tk_json *j, const struct tk_dict *dict, const struct tk_event_varbind *vb,
                           struct tk_written *w)
{
    struct tk_dict_value values[TK_DICT_MAX_INDEXES];
    int n;

    TK_ASSERT(vb->matched <= vb->subids);
    TK_JSON_NAME(j, "index");
    w->index.at = j->len;
    tk_json_array_begin(j);
    n = encode_instance(j, dict, vb, values);
    tk_json_array_end(j);
    w->index = part_from(j, w->index.at);
    w->row.at = w->index.at - (sizeof("\"index\":") - 1);
    if (n > 0)
        encode_index_names(j, values, n);
    w->row = part_from(j, w->row.at);
}

/* Most varbinds are columns of the same row as the one before. */
static bool is_same_row(const struct tk_dict *dict, const struct tk_event_varbind *vb,
                        const struct tk_event_varbind *before)
{
    return vb->object && before->object && vb->matched == before->matched && tk_varbind_is_same_instance(vb, before) &&
           tk_dict_parent(dict, vb->object) == tk_dict_parent(dict, before->object) &&
           tk_dict_kind(dict, vb->object) == tk_dict_kind(dict, before->object);
}

static void encode_row(struct tk_json *j, const struct tk_dict *dict, const struct tk_event_varbind *vb,
                       const struct tk_written *before, struct tk_written *w)
{
    if (before && is_same_row(dict, vb, vb - 1)) {
        tk_json_repeat(j, before->row.at, before->row.len);
        w->row = (struct tk_part){j->len - before->row.len, before->row.len};
        w->index = (struct tk_part){w->row.at + (before->index.at - before->row.at), before->index.len};
    } else {
        encode_new_row(j, dict, vb, w);
    }
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

/* @returns the text as it was written */
static struct tk_part encode_secret(struct tk_json *j)
{
    size_t at;

    tk_json_null(j);
    TK_JSON_NAME(j, "text");
    at = j->len;
    tk_json_raw(j, "\"\"", 2);
    TK_JSON_NAME(j, "redacted");
    tk_json_bool(j, true);
    return (struct tk_part){at, 2};
}

static void encode_units(struct tk_json *j, struct tk_dict_text units)
{
    TK_JSON_NAME(j, "units");
    tk_json_string(j, units.text, units.len);
}

/* @returns the text as it was written */
static struct tk_part encode_value_and_text(struct tk_json *j, const struct tk_dict *dict, const struct tk_event *ev,
                                            const struct tk_event_varbind *vb)
{
    size_t value = j->len, len, at;

    len = encode_value(j, dict, vb);
    TK_JSON_NAME(j, "text");
    at = j->len;
    if (len)
        tk_json_repeat(j, value, len);
    else
        encode_words(j, dict, ev, vb);
    return part_from(j, at);
}

void tk_encode_varbind(struct tk_json *j, const struct tk_dict *dict, const struct tk_event *ev,
                       const struct tk_event_varbind *vb, const struct tk_written *before,
                       struct tk_written *ret_written)
{
    struct tk_text type = tk_varbind_type_member(vb->raw.type);
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
    encode_row(j, dict, vb, before, &w);
    tk_json_name_piece(j, type.text, type.len);
    if (vb->is_secret)
        w.text = encode_secret(j);
    else
        w.text = encode_value_and_text(j, dict, ev, vb);
    if (tk_varbind_units(dict, vb).len)
        encode_units(j, tk_varbind_units(dict, vb));
    if (vb->is_unexpected) {
        TK_JSON_NAME(j, "unexpected");
        tk_json_bool(j, true);
    }
    tk_json_object_end(j);
    *ret_written = w;
}
