/* SPDX-License-Identifier: Apache-2.0 */
#include "snmp/opaque.h"

#include <string.h>

enum { HEAD = 3, ESCAPE = 0x9f, COUNTER64 = 0x76, FLOAT = 0x78, DOUBLE = 0x79, INTEGER64 = 0x7a, UNSIGNED64 = 0x7b };

static uint64_t big_endian(const uint8_t *bytes, size_t len, uint64_t above)
{
    for (size_t i = 0; i < len; i++)
        above = above << 8 | bytes[i];
    return above;
}

static void put(struct tk_varbind *vb, uint8_t *room, uint8_t type, const void *value, size_t len)
{
    memcpy(room, value, len);
    vb->type = type;
    vb->value = room;
    vb->value_len = len;
}

/* BER integers: signed, the shortest form; an unsigned one may have a zero in front of eight octets. */
static bool unwrap_integer(struct tk_varbind *vb, uint8_t *room, uint8_t tag, const uint8_t *content, size_t len)
{
    bool is_signed = tag == INTEGER64;
    uint8_t type = tag == COUNTER64 ? TK_COUNTER64 : is_signed ? TK_INTEGER64 : TK_UNSIGNED64;
    uint64_t number;

    if (len == 9 && !is_signed && content[0] == 0) {
        content++;
        len--;
    }
    if (len < 1 || len > 8)
        return false;
    number = big_endian(content, len, is_signed && content[0] & 0x80 ? UINT64_MAX : 0);
    put(vb, room, type, &number, sizeof(number));
    return true;
}

bool tk_opaque_unwrap(struct tk_varbind *vb, uint8_t *room)
{
    const uint8_t *v = vb->value, *content = v + HEAD;
    size_t len = vb->value_len;
    uint64_t bits;
    uint32_t bits32;

    if (len < HEAD || v[0] != ESCAPE || v[2] != len - HEAD)
        return false;
    len -= HEAD;
    switch (v[1]) {
    case FLOAT:
        bits32 = (uint32_t)big_endian(content, len, 0);
        if (len != sizeof(bits32))
            return false;
        put(vb, room, TK_FLOAT, &bits32, sizeof(bits32));
        return true;
    case DOUBLE:
        bits = big_endian(content, len, 0);
        if (len != sizeof(bits))
            return false;
        put(vb, room, TK_DOUBLE, &bits, sizeof(bits));
        return true;
    case COUNTER64:
    case INTEGER64:
    case UNSIGNED64: return unwrap_integer(vb, room, v[1], content, len);
    default: return false;
    }
}
