/* SPDX-License-Identifier: Apache-2.0 */
#include "storm_ber.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

void storm_ber_init(struct storm_ber *b, uint8_t *buf, size_t cap)
{
    b->buf = buf;
    b->cap = cap;
    b->pos = cap;
    b->is_failed = false;
}

void storm_ber_raw(struct storm_ber *b, const void *bytes, size_t len)
{
    if (b->is_failed || len > b->pos) {
        b->is_failed = true;
        return;
    }
    b->pos -= len;
    if (len)
        memcpy(b->buf + b->pos, bytes, len);
}

static void put_byte(struct storm_ber *b, uint8_t byte)
{
    if (b->is_failed || b->pos == 0) {
        b->is_failed = true;
        return;
    }
    b->buf[--b->pos] = byte;
}

void storm_ber_wrap(struct storm_ber *b, uint8_t tag, size_t mark)
{
    size_t len = mark - b->pos;

    if (len < 0x80) {
        put_byte(b, (uint8_t)len);
    } else {
        unsigned bytes = 0;

        for (; len; len >>= 8, bytes++)
            put_byte(b, (uint8_t)(len & 0xff));
        put_byte(b, (uint8_t)(0x80 | bytes));
    }
    put_byte(b, tag);
}

void storm_ber_int(struct storm_ber *b, uint8_t tag, int64_t value)
{
    size_t mark = b->pos;
    uint8_t low;

    do {
        low = (uint8_t)(value & 0xff);
        put_byte(b, low);
        value >>= 8;
    } while (!(value == 0 && !(low & 0x80)) && !(value == -1 && (low & 0x80)));
    storm_ber_wrap(b, tag, mark);
}

void storm_ber_octets(struct storm_ber *b, uint8_t tag, const void *bytes, size_t len)
{
    size_t mark = b->pos;

    storm_ber_raw(b, bytes, len);
    storm_ber_wrap(b, tag, mark);
}

static void put_subid(struct storm_ber *b, uint64_t subid)
{
    put_byte(b, (uint8_t)(subid & 0x7f));
    while (subid >>= 7)
        put_byte(b, (uint8_t)(0x80 | (subid & 0x7f)));
}

void storm_ber_oid(struct storm_ber *b, const uint32_t *subid, size_t len)
{
    size_t mark = b->pos;

    for (size_t i = len; i > 2; i--)
        put_subid(b, subid[i - 1]);
    put_subid(b, (uint64_t)subid[0] * 40 + subid[1]);
    storm_ber_wrap(b, STORM_OID, mark);
}

int storm_oid_parse(struct storm_oid *oid, const char *text)
{
    oid->len = 0;
    if (*text == '.')
        text++;
    for (;;) {
        char *end;
        unsigned long value;

        if (!isdigit((unsigned char)*text) || oid->len == STORM_OID_MAX)
            return -1;
        value = strtoul(text, &end, 10);
        if (value > UINT32_MAX)
            return -1;
        oid->subid[oid->len++] = (uint32_t)value;
        if (!*end)
            break;
        if (*end != '.')
            return -1;
        text = end + 1;
    }
    return oid->len >= 2 && oid->subid[0] <= 2 && (oid->subid[0] == 2 || oid->subid[1] < 40) ? 0 : -1;
}

int storm_view_take(struct storm_view *v, uint8_t *tag, struct storm_view *content)
{
    size_t len, used = 2;

    if (v->len < 2)
        return -1;
    len = v->at[1];
    if (len & 0x80) {
        size_t bytes = len & 0x7f;

        if (bytes == 0 || bytes > 4 || v->len < 2 + bytes)
            return -1;
        len = 0;
        for (size_t i = 0; i < bytes; i++)
            len = len << 8 | v->at[2 + i];
        used += bytes;
    }
    if (len > v->len - used)
        return -1;
    *tag = v->at[0];
    content->at = v->at + used;
    content->len = len;
    v->at += used + len;
    v->len -= used + len;
    return 0;
}

int storm_view_expect(struct storm_view *v, uint8_t tag, struct storm_view *content)
{
    uint8_t found;

    return storm_view_take(v, &found, content) == 0 && found == tag ? 0 : -1;
}

int storm_view_int(struct storm_view *v, int32_t *value)
{
    struct storm_view content;
    int64_t number;

    if (storm_view_expect(v, STORM_INTEGER, &content) != 0 || content.len == 0 || content.len > 4)
        return -1;
    number = content.at[0] & 0x80 ? -1 : 0;
    for (size_t i = 0; i < content.len; i++)
        number = number * 256 + content.at[i];
    *value = (int32_t)number;
    return 0;
}
