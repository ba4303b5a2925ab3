/* SPDX-License-Identifier: Apache-2.0 */
#include "dictionary/octets_text.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <stdio.h>

#include "base/legible.h"
#include "base/text.h"
#include "dictionary/date_and_time.h"
#include "dictionary/display_hint.h"

#define MAX_SIBLINGS_SEEN 256 /* objects between an address and its type; bounds the time for a flat group of scalars */

enum { IPV4_BYTES = 4, IPV6_BYTES = 16, ZONE_BYTES = 4 };

/* ---- addresses ---- */

/* The length that the addresses of a type have; 0: the type has none. */
static size_t address_bytes(int64_t type)
{
    switch (type) {
    case TK_INET_IPV4: return IPV4_BYTES;
    case TK_INET_IPV6: return IPV6_BYTES;
    case TK_INET_IPV4Z: return IPV4_BYTES + ZONE_BYTES;
    case TK_INET_IPV6Z: return IPV6_BYTES + ZONE_BYTES;
    default: return 0;
    }
}

static bool is_name(const uint8_t *bytes, size_t len)
{
    for (size_t i = 0; i < len; i++)
        if (!(bytes[i] < 0x80 && isalnum(bytes[i])) && bytes[i] != '.' && bytes[i] != '-' && bytes[i] != '_')
            return false;
    return true;
}

/* Four octets are read as an address even if they could be a name: there are few names of four characters. */
static bool is_address_by_length(const uint8_t *bytes, size_t len)
{
    return len == IPV4_BYTES ||
           ((len == IPV4_BYTES + ZONE_BYTES || len == IPV6_BYTES || len == IPV6_BYTES + ZONE_BYTES) &&
            !is_name(bytes, len));
}

int tk_inet_address(char *dst, size_t dst_bytes, int64_t type, const uint8_t *bytes, size_t len)
{
    bool is_v6 = len >= IPV6_BYTES;
    size_t own = is_v6 ? IPV6_BYTES : IPV4_BYTES;
    size_t wanted = address_bytes(type);
    int n;

    if (!wanted && type != TK_INET_NOT_GIVEN)
        return -1;
    if ((!wanted || len != wanted) && !is_address_by_length(bytes, len))
        return -1;
    if (!inet_ntop(is_v6 ? AF_INET6 : AF_INET, bytes, dst, (socklen_t)dst_bytes))
        return -1;
    n = (int)strlen(dst);
    if (len > own) {
        const uint8_t *zone = bytes + own;

        n += snprintf(dst + n, dst_bytes - (size_t)n, "%%%lu",
                      (unsigned long)zone[0] << 24 | (unsigned long)zone[1] << 16 | (unsigned long)zone[2] << 8 |
                          zone[3]);
    }
    return n;
}

const struct tk_dict_object *tk_inet_type_object(const struct tk_dict *d, const struct tk_dict_object *address)
{
    for (unsigned i = 0; i < MAX_SIBLINGS_SEEN && (address = tk_dict_sibling_before(d, address)); i++)
        if (tk_dict_is_inet_type(d, address))
            return address;
    return NULL;
}

/* ---- octets ---- */

/* "00:1b:2c", as the hint "1x:" says. @returns -1 if it does not fit */
static int put_colons(char *dst, const uint8_t *bytes, size_t len)
{
    size_t n = 0;

    if (len > TK_TEXT_BYTES / 3)
        return -1;
    for (size_t i = 0; i < len; i++) {
        dst[n] = tk_hex_digits[bytes[i] >> 4];
        dst[n + 1] = tk_hex_digits[bytes[i] & 15];
        dst[n + 2] = ':';
        n += 3;
    }
    return n ? (int)n - 1 : 0;
}

/* @returns the length of the text that the object's convention, labels or hint give; < 0: none */
static int read_octets(char *dst, const struct tk_dict *d, const struct tk_dict_object *o, int64_t type,
                       const uint8_t *bytes, size_t len)
{
    int n = -1;

    switch (tk_dict_reading(d, o)) {
    case TK_READ_COLONS: return put_colons(dst, bytes, len);
    case TK_READ_DATE_AND_TIME: return tk_date_and_time(dst, bytes, len);
    case TK_READ_INET_ADDRESS:
        n = tk_inet_address(dst, TK_TEXT_BYTES, type, bytes, len);
        if (n >= 0 || !tk_dict_hint(d, o).len)
            return n;
        break;
    case TK_READ_HINT: break;
    default: return -1; /* TK_READ_TEXT too: as text it is read anyway */
    }
    return tk_textual_octets(dst, TK_TEXT_BYTES, tk_dict_hint(d, o), bytes, len);
}

int tk_octets_text(char *dst, const struct tk_dict *d, const struct tk_dict_object *o, int64_t type,
                   const uint8_t *bytes, size_t len)
{
    int n = -1;

    if (o && tk_dict_reading(d, o) == TK_READ_BITS) {
        n = tk_textual_bits(dst, TK_TEXT_BYTES, d, o, bytes, len);
        return n < 0 ? -1 : n;
    }
    if (o && tk_dict_reading(d, o) != TK_READ_PLAIN)
        n = read_octets(dst, d, o, type, bytes, len);
    if (n > 0 && tk_is_text((const uint8_t *)dst, (size_t)n)) /* octets without a text are shown in hexadecimal */
        return n;
    return tk_legible(dst, TK_TEXT_BYTES, bytes, len);
}

/* ---- indexes ---- */

static int64_t type_before(const struct tk_dict *d, const struct tk_dict_value *values, size_t at)
{
    while (at--) {
        const struct tk_dict_object *o = values[at].index.object;

        if (o && values[at].len == 1 && tk_dict_is_inet_type(d, o))
            return values[at].subid[0];
    }
    return TK_INET_NOT_GIVEN;
}

void tk_index_octets(uint8_t *dst, const struct tk_dict_value *v)
{
    for (size_t i = 0; i < v->len; i++)
        dst[i] = (uint8_t)v->subid[i];
}

int tk_index_octets_text(char *dst, const struct tk_dict *d, const struct tk_dict_value *values, size_t at)
{
    const struct tk_dict_object *o = values[at].index.object;
    int64_t type = o && tk_dict_is_inet_address(d, o) ? type_before(d, values, at) : TK_INET_NOT_GIVEN;
    uint8_t bytes[TK_OID_MAX_SUBIDS] = {0};

    tk_index_octets(bytes, values + at);
    return tk_octets_text(dst, d, o, type, bytes, values[at].len);
}

static size_t octets_or_hex(char *dst, const struct tk_dict *d, const struct tk_dict_value *values, size_t at)
{
    int n = tk_index_octets_text(dst, d, values, at);
    uint8_t bytes[TK_OID_MAX_SUBIDS] = {0};

    if (n >= 0)
        return (size_t)n;
    tk_index_octets(bytes, values + at);
    return tk_format_marked_hex(dst, bytes, values[at].len);
}

size_t tk_index_text(char *dst, const struct tk_dict *d, const struct tk_dict_value *values, size_t at)
{
    const struct tk_dict_value *v = values + at;
    const struct tk_dict_object *o = v->index.object;
    int n;

    switch (v->index.syntax) {
    case TK_SYNTAX_OCTETS:
    case TK_SYNTAX_BITS:
    case TK_SYNTAX_OPAQUE: return octets_or_hex(dst, d, values, at);
    case TK_SYNTAX_INTEGER:
    case TK_SYNTAX_GAUGE32:
        n = o && tk_dict_reading(d, o) == TK_READ_NUMBER
                ? tk_textual_integer(dst, TK_TEXT_BYTES, tk_dict_hint(d, o), v->subid[0])
                : -1;
        if (n >= 0)
            return (size_t)n;
        break;
    default: break;
    }
    return tk_oid_format(dst, TK_TEXT_BYTES, v->subid, v->len);
}
