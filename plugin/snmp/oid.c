/* SPDX-License-Identifier: Apache-2.0 */
#include "snmp/oid.h"

#include <errno.h>

int tk_oid_decode(struct tk_oid *ret_oid, const uint8_t *ber, size_t ber_len)
{
    const uint8_t *end = ber + ber_len;
    size_t n = 0;

    while (ber < end) {
        uint64_t v = 0;
        uint8_t b;

        if (*ber < 0x80 && n && n < TK_OID_MAX_SUBIDS) { /* most are */
            ret_oid->subid[n++] = *ber++;
            continue;
        }
        do {
            if (ber == end)
                return -EINVAL;
            b = *ber++;
            v = v << 7 | (b & 0x7f);
            if (v > (uint64_t)UINT32_MAX + 80)
                return -EINVAL;
        } while (b & 0x80);
        if (n == 0) { /* X.690 8.19.4: the first two share one sub-identifier */
            uint32_t first = v < 40 ? 0 : v < 80 ? 1 : 2;

            ret_oid->subid[n++] = first;
            v -= first * 40;
        }
        if (n == TK_OID_MAX_SUBIDS || v > UINT32_MAX)
            return -EINVAL;
        ret_oid->subid[n++] = (uint32_t)v;
    }
    ret_oid->len = n;
    return 0;
}

int tk_oid_encode(uint8_t *dst, size_t dst_bytes, const uint32_t *subid, size_t len)
{
    uint8_t *p = dst, *end = dst + dst_bytes;

    if (len > TK_OID_MAX_SUBIDS)
        return -EINVAL;
    if (len == 0)
        return 0;
    if (subid[0] > 2 || (len > 1 && subid[0] < 2 && subid[1] >= 40))
        return -EINVAL;
    for (size_t i = len > 1 ? 1 : 0; i < len; i++) {
        uint64_t v = subid[i];
        int more;

        if (i <= 1)
            v = subid[0] * 40u + (len > 1 ? v : 0);
        more = v >> 28 ? 4 : v >> 21 ? 3 : v >> 14 ? 2 : v >> 7 ? 1 : 0;
        if (end - p < more + 1)
            return -ENOSPC;
        for (; more; more--)
            *p++ = (uint8_t)(0x80 | (v >> (7 * more)));
        *p++ = (uint8_t)(v & 0x7f);
    }
    return (int)(p - dst);
}

int tk_oid_parse(struct tk_oid *ret_oid, const char *text)
{
    size_t n = 0;

    if (*text == '.')
        text++;
    for (;;) {
        uint64_t v = 0;
        const char *start = text;

        while (*text >= '0' && *text <= '9') {
            v = v * 10 + (uint64_t)(*text++ - '0');
            if (v > UINT32_MAX)
                return -EINVAL;
        }
        if (text == start || n == TK_OID_MAX_SUBIDS)
            return -EINVAL;
        ret_oid->subid[n++] = (uint32_t)v;
        if (*text == '\0')
            break;
        if (*text++ != '.')
            return -EINVAL;
    }
    ret_oid->len = n;
    return 0;
}
