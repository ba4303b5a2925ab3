/* SPDX-License-Identifier: Apache-2.0 */
#include "snmp/framing.h"

#include <string.h>

#include "base/devel.h"

#define SEQUENCE           0x30
#define MOST_LENGTH_OCTETS 8 /* that net-snmp reads */
#define MOST_OCTETS        ((uint64_t)INT32_MAX)

enum head { HEAD_WHOLE, HEAD_SHORT, HEAD_WRONG, HEAD_TOO_LARGE };

/* Read the head of a message. net-snmp looks at a tag when it has two octets. */
static enum head read_head(const uint8_t *at, size_t n, size_t *ret_head_len, size_t *ret_total)
{
    uint64_t content = 0;
    size_t octets;

    if (n < 2)
        return HEAD_SHORT;
    if (at[0] != SEQUENCE)
        return HEAD_WRONG;
    octets = at[1] & 0x80 ? at[1] & 0x7fU : 0;
    if (octets > MOST_LENGTH_OCTETS || at[1] == 0x80) /* the indefinite form is no SNMP */
        return HEAD_WRONG;
    if (n < 2 + octets)
        return HEAD_SHORT;
    for (size_t i = 0; i < octets; i++)
        content = content << 8 | at[2 + i];
    if (!octets)
        content = at[1];
    *ret_head_len = 2 + octets;
    if (content > MOST_OCTETS - *ret_head_len)
        return HEAD_WRONG;
    *ret_total = *ret_head_len + (size_t)content;
    return *ret_total > TK_FRAMING_MOST ? HEAD_TOO_LARGE : HEAD_WHOLE;
}

size_t tk_framing_room(struct tk_framing *f, const uint8_t *waiting, size_t n)
{
    size_t head_len = 0;

    if (f->total)
        return f->total > TK_FRAMING_MOST ? 0 : f->total - f->have;
    TK_ASSERT(n && f->have < TK_FRAMING_HEAD);
    if (n > TK_FRAMING_HEAD - f->have)
        n = TK_FRAMING_HEAD - f->have;
    memcpy(f->head + f->have, waiting, n);
    switch (read_head(f->head, f->have + n, &head_len, &f->total)) {
    case HEAD_WHOLE: return f->total - f->have;
    case HEAD_SHORT: return n;
    default: return 0;
    }
}

bool tk_framing_take(struct tk_framing *f, size_t n)
{
    TK_ASSERT(n && (!f->total || n <= f->total - f->have));
    f->have += n;
    if (f->have != f->total)
        return false;
    *f = (struct tk_framing){0};
    return true;
}

/* @returns the octets of the message that seems to begin here; 0: none does */
static size_t recognize(const uint8_t *at, size_t n)
{
    size_t head_len = 0, total = 0;
    enum head head = read_head(at, n, &head_len, &total);

    if ((head != HEAD_WHOLE && head != HEAD_TOO_LARGE) || n < head_len + 3 || total < head_len + 3)
        return 0;
    at += head_len;
    return at[0] == 2 && at[1] == 1 && (at[2] == 0 || at[2] == 1 || at[2] == 3) ? total : 0;
}

size_t tk_framing_search(struct tk_framing_search *s, const uint8_t *octets, size_t n, bool is_end)
{
    size_t i = 0;

    while (i < n) {
        size_t left = n - i;

        if (s->skip) {
            size_t step = s->skip < left ? s->skip : left;

            s->skip -= step;
            i += step;
        } else if (left < TK_FRAMING_SEARCH && !is_end) {
            break;
        } else {
            s->skip = recognize(octets + i, left);
            s->count += s->skip > 0;
            i += !s->skip;
        }
    }
    return i;
}
