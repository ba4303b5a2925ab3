/* SPDX-License-Identifier: Apache-2.0 */
#include "event/varbind_text.h"

#include <math.h>
#include <stdio.h>

#include "dictionary/display_hint.h"
#include "snmp/oid.h"

#define MAX_NUMBER    32          /* characters of a number that is sent as text */
#define TIMES         "\xc3\x97 " /* U+00D7, MULTIPLICATION SIGN */

#define TEXT(literal) ((struct tk_text){literal, sizeof(literal) - 1})

#define MEMBER_BEFORE ",\"type\":\""
#define MEMBER_BEHIND "\",\"value\":"
#define MEMBER(name)  TEXT(MEMBER_BEFORE name MEMBER_BEHIND)

struct tk_text tk_varbind_type_member(uint8_t type)
{
    switch (type) {
    case TK_INTEGER: return MEMBER("integer");
    case TK_OCTETS: return MEMBER("octets");
    case TK_NULL: return MEMBER("null");
    case TK_OID: return MEMBER("oid");
    case TK_IPADDRESS: return MEMBER("ipaddress");
    case TK_COUNTER32: return MEMBER("counter32");
    case TK_GAUGE32: return MEMBER("gauge32");
    case TK_TIMETICKS: return MEMBER("timeticks");
    case TK_OPAQUE: return MEMBER("opaque");
    case TK_COUNTER64: return MEMBER("counter64");
    case TK_FLOAT: return MEMBER("float");
    case TK_DOUBLE: return MEMBER("double");
    case TK_INTEGER64: return MEMBER("integer64");
    case TK_UNSIGNED64: return MEMBER("unsigned64");
    case TK_NO_SUCH_OBJECT: return MEMBER("noSuchObject");
    case TK_NO_SUCH_INSTANCE: return MEMBER("noSuchInstance");
    case TK_END_OF_MIB_VIEW: return MEMBER("endOfMibView");
    default: return MEMBER("unknown");
    }
}

struct tk_text tk_varbind_type(uint8_t type)
{
    struct tk_text member = tk_varbind_type_member(type);

    return (struct tk_text){member.text + sizeof(MEMBER_BEFORE) - 1,
                            member.len - (sizeof(MEMBER_BEFORE MEMBER_BEHIND) - 1)};
}

/* ---- octets ---- */

/* Does the instance of @p vb have the type as an index? A row that has no InetAddressType of its own may have one in its
 * index: if @p type is NULL, the only one there. */
static bool type_in_index(const struct tk_dict *dict, const struct tk_dict_object *type,
                          const struct tk_event_varbind *vb, int64_t *ret_type)
{
    struct tk_dict_value values[TK_DICT_MAX_INDEXES];
    int count = tk_dict_decode_instance(dict, vb->object, vb->subid + vb->matched, vb->subids - vb->matched, values);
    bool is_found = false;

    for (int i = 0; i < count; i++) {
        const struct tk_dict_object *o = values[i].index.object;

        if (values[i].len != 1 || (type ? !tk_dict_is_same(dict, o, type) : !tk_dict_is_inet_type(dict, o)))
            continue;
        if (is_found && !type)
            return false;
        *ret_type = values[i].subid[0];
        is_found = true;
    }
    return is_found;
}

static int64_t inet_type(const struct tk_dict *dict, const struct tk_event *ev, const struct tk_event_varbind *vb)
{
    const struct tk_dict_object *type = tk_inet_type_object(dict, vb->object);
    size_t own = (size_t)(vb - ev->varbinds);
    size_t from = own > TK_INET_NEIGHBOURS ? own - TK_INET_NEIGHBOURS : 0;
    size_t left = ev->varbind_count - own;
    size_t to = left > TK_INET_NEIGHBOURS ? own + TK_INET_NEIGHBOURS + 1 : ev->varbind_count;
    int64_t found;

    if (type_in_index(dict, type, vb, &found))
        return found;
    if (!type)
        return TK_INET_NOT_GIVEN;
    for (size_t i = from; i < to; i++) {
        const struct tk_event_varbind *other = ev->varbinds + i;

        if (tk_dict_is_same(dict, other->object, type) && other->raw.type == TK_INTEGER &&
            tk_varbind_is_same_instance(other, vb))
            return tk_varbind_i64(&other->raw);
    }
    return TK_INET_NOT_GIVEN;
}

int tk_varbind_octets_text(char *dst, const struct tk_dict *dict, const struct tk_event *ev,
                           const struct tk_event_varbind *vb)
{
    bool is_address = vb->object && tk_dict_reading(dict, vb->object) == TK_READ_INET_ADDRESS;

    return tk_octets_text(dst, dict, vb->object, is_address ? inet_type(dict, ev, vb) : TK_INET_NOT_GIVEN,
                          vb->raw.value, vb->raw.value_len);
}

/* Is it a number as people write it: "-21.5"? Then the units of its object belong to it. */
static bool is_number(const char *text, size_t len)
{
    size_t digits = 0, points = 0, at = len && (text[0] == '-' || text[0] == '+');

    for (; at < len; at++) {
        if (text[at] >= '0' && text[at] <= '9')
            digits++;
        else if (text[at] != '.' || points++)
            return false;
    }
    return digits;
}

/* ---- numbers ---- */

/* Write the units behind a number of @p len bytes in @p room. "0.1 V" are written as a factor: "2300 \u00d7 0.1 V". */
static size_t add_units(char *room, size_t len, struct tk_dict_text units)
{
    size_t most = TK_VARBIND_TEXT_BYTES - len - 1 - sizeof(TIMES);
    bool is_factor = units.len && units.text[0] >= '0' && units.text[0] <= '9';

    if (!units.len || units.len > most)
        return len;
    room[len++] = ' ';
    if (is_factor) {
        memcpy(room + len, TIMES, sizeof(TIMES) - 1);
        len += sizeof(TIMES) - 1;
    }
    memcpy(room + len, units.text, units.len);
    return len + units.len;
}

static struct tk_text with_units(char *room, size_t len, const struct tk_dict *dict, const struct tk_event_varbind *vb)
{
    return (struct tk_text){room, add_units(room, len, tk_varbind_units(dict, vb))};
}

static size_t put_signed(char *dst, int64_t value)
{
    return tk_format_signed(dst, value < 0 ? 0 - (uint64_t)value : (uint64_t)value, value < 0);
}

/* @returns the length of what the hint makes of it, or of its digits */
static size_t put_integer(char *room, const struct tk_dict *dict, const struct tk_dict_object *o, int64_t value)
{
    enum tk_dict_reading reading = o ? tk_dict_reading(dict, o) : TK_READ_PLAIN;
    int n = -1;

    if (reading == TK_READ_NUMBER || (reading == TK_READ_LABELS && tk_dict_hint(dict, o).len))
        n = tk_textual_integer(room, TK_TEXT_BYTES, tk_dict_hint(dict, o), value);
    return n >= 0 ? (size_t)n : put_signed(room, value);
}

static struct tk_text integer_words(char *room, const struct tk_dict *dict, const struct tk_event_varbind *vb)
{
    int64_t value = tk_varbind_i64(&vb->raw);

    if (vb->object && tk_dict_reading(dict, vb->object) == TK_READ_LABELS) {
        struct tk_dict_text label = tk_dict_label(dict, vb->object, value);

        if (label.text)
            return (struct tk_text){label.text, label.len};
    }
    return with_units(room, put_integer(room, dict, vb->object, value), dict, vb);
}

static size_t put_two(char *dst, char before, uint64_t value)
{
    dst[0] = before;
    dst[1] = (char)('0' + value / 10);
    dst[2] = (char)('0' + value % 10);
    return 3;
}

/* Hundredths of a second as "1d 02:03:04.05". Units in addition would only repeat that they are hundredths. */
static struct tk_text duration(char *room, uint64_t ticks)
{
    uint64_t seconds = ticks / 100;
    size_t len = tk_format_u64(room, seconds / 86400);

    room[len++] = 'd';
    len += put_two(room + len, ' ', seconds / 3600 % 24);
    len += put_two(room + len, ':', seconds / 60 % 60);
    len += put_two(room + len, ':', seconds % 60);
    len += put_two(room + len, '.', ticks % 100);
    return (struct tk_text){room, len};
}

static struct tk_text real_words(char *room, double value, const struct tk_dict *dict,
                                 const struct tk_event_varbind *vb)
{
    size_t len = isfinite(value) ? (size_t)snprintf(room, 32, "%g", value) : tk_format_double(room, value);

    return with_units(room, len, dict, vb);
}

/* ---- names and addresses ---- */

/* "IF-MIB::ifIndex.7"; an OID that no dictionary knows keeps its number. */
static struct tk_text oid_words(char *room, const struct tk_dict *dict, const struct tk_varbind *raw)
{
    struct tk_oid oid;
    size_t matched = 0, n = 0;
    const struct tk_dict_object *o;

    if (tk_oid_decode(&oid, raw->value, raw->value_len) < 0)
        return (struct tk_text){NULL, 0};
    o = tk_dict_resolve(dict, oid.subid, oid.len, &matched);
    if (o) {
        struct tk_dict_text module = tk_dict_module(dict, o), name = tk_dict_name(dict, o);

        if (module.len && module.len + name.len < TK_TEXT_BYTES - TK_OID_MAX_TEXT - 3) {
            memcpy(room, module.text, module.len);
            memcpy(room + module.len, "::", 2);
            n = module.len + 2;
        }
        if (name.len < TK_TEXT_BYTES - TK_OID_MAX_TEXT - n - 1) {
            memcpy(room + n, name.text, name.len);
            n += name.len;
        }
        if (matched < oid.len)
            room[n++] = '.';
    } else {
        matched = 0;
    }
    n += tk_oid_format(room + n, TK_TEXT_BYTES - n, oid.subid + matched, oid.len - matched);
    return (struct tk_text){room, n};
}

static struct tk_text address_words(char *room, const uint8_t address[4])
{
    const uint32_t parts[4] = {address[0], address[1], address[2], address[3]};

    return (struct tk_text){room, tk_format_dotted(room, TK_TEXT_BYTES, parts, 4)};
}

static struct tk_text octets_words(char *room, const struct tk_dict *dict, const struct tk_event *ev,
                                   const struct tk_event_varbind *vb)
{
    bool is_bits = vb->object && tk_dict_reading(dict, vb->object) == TK_READ_BITS;
    struct tk_text text = {(const char *)vb->raw.value, vb->raw.value_len};
    int n;

    if (is_bits || !tk_varbind_is_own_text(dict, vb) || !tk_is_text(vb->raw.value, vb->raw.value_len)) {
        n = tk_varbind_octets_text(room, dict, ev, vb);
        if (n < 0)
            return (struct tk_text){NULL, 0};
        text = (struct tk_text){room, (size_t)n};
    }
    if (is_bits || text.len > MAX_NUMBER || !tk_varbind_units(dict, vb).len || !is_number(text.text, text.len))
        return text;
    memmove(room, text.text, text.len);
    return with_units(room, text.len, dict, vb);
}

struct tk_text tk_varbind_words(char *room, const struct tk_dict *dict, const struct tk_event *ev,
                                const struct tk_event_varbind *vb)
{
    const struct tk_varbind *raw = &vb->raw;
    float f;
    double d;

    if (vb->is_secret)
        return TEXT("");
    switch (raw->type) {
    case TK_INTEGER:
    case TK_GAUGE32: return integer_words(room, dict, vb); /* Unsigned32 may have a hint too */
    case TK_COUNTER32:
    case TK_COUNTER64:
    case TK_UNSIGNED64: return with_units(room, tk_format_u64(room, tk_varbind_u64(raw)), dict, vb);
    case TK_INTEGER64: return with_units(room, put_signed(room, tk_varbind_i64(raw)), dict, vb);
    case TK_TIMETICKS: return duration(room, tk_varbind_u64(raw));
    case TK_OCTETS: return octets_words(room, dict, ev, vb);
    case TK_OID: return oid_words(room, dict, raw);
    case TK_IPADDRESS: return address_words(room, raw->value);
    case TK_FLOAT: memcpy(&f, raw->value, sizeof(f)); return real_words(room, (double)f, dict, vb);
    case TK_DOUBLE: memcpy(&d, raw->value, sizeof(d)); return real_words(room, d, dict, vb);
    case TK_NULL:
    case TK_NO_SUCH_OBJECT:
    case TK_NO_SUCH_INSTANCE:
    case TK_END_OF_MIB_VIEW: return tk_varbind_type(raw->type);
    default: return (struct tk_text){NULL, 0}; /* Opaque, and unknown tags */
    }
}

struct tk_text tk_varbind_text(char *room, const struct tk_dict *dict, const struct tk_event *ev,
                               const struct tk_event_varbind *vb)
{
    const size_t most = (TK_VARBIND_TEXT_BYTES - 2 - TK_CUT_MARK_BYTES) / 2; /* octets */
    struct tk_text words = tk_varbind_words(room, dict, ev, vb);
    size_t len;

    if (words.text)
        return words;
    len = tk_format_marked_hex(room, vb->raw.value, vb->raw.value_len < most ? vb->raw.value_len : most);
    if (vb->raw.value_len > most) {
        memcpy(room + len, TK_CUT_MARK, TK_CUT_MARK_BYTES);
        len += TK_CUT_MARK_BYTES;
    }
    return (struct tk_text){room, len};
}
