/* SPDX-License-Identifier: Apache-2.0 */
#include "usm/secparams.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>

#include "base/devel.h"
#include "refusal/refusal.h"

/* BER as net-snmp's asn1.c accepts it (5.8 to 5.9.5, where long has 64 bits): tags of one octet; lengths of up to 8
 * octets, not necessarily the shortest form; integers of up to 8 octets, of which net-snmp uses the lower 32 bits. */
#define TAG_INTEGER         0x02
#define TAG_OCTETS          0x04
#define TAG_SEQUENCE        0x30
#define MOST_LENGTH_OCTETS  8
#define MOST_INTEGER_OCTETS 8

/* Sizes of net-snmp's buffers. It refuses a message with a longer octet string. */
#define MOST_DIGEST 48
#define MOST_SALT   16

struct span {
    const uint8_t *at;
    size_t len;
};

/* Take the next element, which must have this tag, off the front of @p from. */
static bool take(struct span *from, uint8_t tag, struct span *ret_value)
{
    size_t head = 2, value = 0;

    if (from->len < head || from->at[0] != tag)
        return false;
    if (from->at[1] & 0x80) {
        size_t octets = from->at[1] & 0x7f;

        if (octets == 0 || octets > MOST_LENGTH_OCTETS || from->len - head < octets)
            return false;
        if (octets == MOST_LENGTH_OCTETS && from->at[head] & 0x80) /* net-snmp reads a negative long, and refuses */
            return false;
        for (size_t i = 0; i < octets; i++)
            value = value << 8 | from->at[head + i];
        head += octets;
    } else {
        value = from->at[1];
    }
    if (value > from->len - head)
        return false;
    *ret_value = (struct span){from->at + head, value};
    from->at += head + value;
    from->len -= head + value;
    return true;
}

static bool take_octets(struct span *from, size_t most, const uint8_t **ret_at, uint8_t *ret_len)
{
    struct span value;

    TK_ASSERT(most <= UINT8_MAX);
    if (!take(from, TAG_OCTETS, &value) || value.len > most)
        return false;
    *ret_at = value.at;
    *ret_len = (uint8_t)value.len;
    return true;
}

/* Read an INTEGER as net-snmp does, also one wider than 32 bits. @returns false if it is not 0..2^31-1 */
static bool take_number(struct span *from, uint32_t *ret)
{
    struct span value;
    uint64_t wide;
    uint32_t low;

    if (!take(from, TAG_INTEGER, &value) || value.len == 0 || value.len > MOST_INTEGER_OCTETS)
        return false;
    wide = value.at[0] & 0x80 ? UINT64_MAX : 0;
    for (size_t i = 0; i < value.len; i++)
        wide = wide << 8 | value.at[i];
    low = (uint32_t)wide;
    if (wide >> 63 && wide < (uint64_t)INT32_MIN) /* below -2^31 net-snmp negates the lower half */
        low = 0 - low;
    *ret = low;
    return low <= INT32_MAX;
}

int tk_secparams_read(struct tk_secparams *ret_params, const uint8_t *at, size_t len)
{
    struct span message = {at, len}, octets, fields;
    struct tk_secparams p = {0};

    if (!take(&message, TAG_OCTETS, &octets) || !take(&octets, TAG_SEQUENCE, &fields) ||
        !take_octets(&fields, TK_ENGINE_BYTES, &p.engine, &p.engine_len) || !take_number(&fields, &p.boots) ||
        !take_number(&fields, &p.time) || !take_octets(&fields, TK_USER_BYTES, &p.user, &p.user_len) ||
        !take_octets(&fields, MOST_DIGEST, &p.digest, &p.digest_len) ||
        !take_octets(&fields, MOST_SALT, &p.salt, &p.salt_len))
        return -EBADMSG;
    if (p.user_len && memchr(p.user, '\0', p.user_len)) /* net-snmp would look up the part before the NUL */
        return -EBADMSG;
    p.end = message.at;
    *ret_params = p;
    return 0;
}
