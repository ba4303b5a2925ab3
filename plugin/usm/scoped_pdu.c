/* SPDX-License-Identifier: Apache-2.0 */
#include "usm/scoped_pdu.h"

#define TAG_SEQUENCE 0x30
#define TAG_OCTETS   0x04
#define TAG_TRAP1    0xa4
#define TAG_INFORM   0xa6

/** What is left to read. */
struct span {
    const uint8_t *at;
    size_t len;
};

/* Read length octets. @returns how many there are, 0: malformed */
static size_t ber_length(const uint8_t *at, size_t left, size_t *ret_len)
{
    size_t octets;

    if (left < 1)
        return 0;
    if (at[0] < 0x80) {
        *ret_len = at[0];
        return 1;
    }
    octets = at[0] & 0x7f;
    if (octets < 1 || octets > 4 || left < 1 + octets)
        return 0;
    *ret_len = 0;
    for (size_t i = 1; i <= octets; i++)
        *ret_len = *ret_len << 8 | at[i];
    return 1 + octets;
}

/* Take one value with this tag from the front. @returns false: it is not there, or longer than what is left */
static bool take(struct span *from, uint8_t tag, struct span *ret_value)
{
    size_t octets, len;

    if (from->len < 2 || from->at[0] != tag || !(octets = ber_length(from->at + 1, from->len - 1, &len)) ||
        len > from->len - 1 - octets)
        return false;
    *ret_value = (struct span){from->at + 1 + octets, len};
    from->len -= 1 + octets + len;
    from->at += 1 + octets + len;
    return true;
}

/* @param ret_rest  what follows the context engine ID */
static bool take_engine(const uint8_t *at, size_t len, struct span *ret_rest)
{
    struct span whole = {at, len}, engine;

    return take(&whole, TAG_SEQUENCE, ret_rest) && take(ret_rest, TAG_OCTETS, &engine);
}

bool tk_scoped_pdu_is_one(const uint8_t *at, size_t len)
{
    struct span rest;

    return take_engine(at, len, &rest);
}

uint8_t tk_scoped_pdu_tag(const uint8_t *at, size_t len)
{
    struct span rest, name;

    return take_engine(at, len, &rest) && take(&rest, TAG_OCTETS, &name) && rest.len ? rest.at[0] : 0;
}

bool tk_scoped_pdu_is_notification(const uint8_t *at, size_t len)
{
    uint8_t tag = tk_scoped_pdu_tag(at, len);

    return tag == TK_PDU_TAG_TRAP2 || tag == TAG_INFORM || tag == TAG_TRAP1;
}
