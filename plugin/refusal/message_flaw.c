/* SPDX-License-Identifier: Apache-2.0 */
/* BER as net-snmp's asn1.c reads it (5.8 to 5.9.5, where long has 64 bits): tags of one octet; lengths of up to 8 octets,
 * not necessarily the shortest form; integers of up to 8 octets. Read from the bottom up. */
#include "refusal/message_flaw.h"

#include <string.h>

#include "snmp/trap.h"

#define TAG_INTEGER          0x02
#define TAG_OCTETS           0x04
#define TAG_SEQUENCE         0x30
#define TAG_FIRST_PDU        0xa0 /* GetRequest */
#define TAG_LAST_PDU         0xa8 /* Report */
#define MOST_LENGTH_OCTETS   8
#define MOST_INTEGER_OCTETS  8
#define MOST_COMMUNITY       256 /* octets, net-snmp's COMMUNITY_MAX_LEN */
#define MOST_DIGEST          48
#define MOST_SALT            16
#define LEAST_MAX_SIZE       484 /* of msgMaxSize, RFC 3412 section 6 */
#define FLAG_AUTH            1
#define FLAG_PRIV            2
#define USM                  3
#define IS_STRING(tag)       ((tag) == TAG_OCTETS || (tag) == 0x40 || (tag) == 0x44 || (tag) == 0x45)
#define IS_OF_MANY_OCTETS(t) (((t)&0x1f) == 0x1f)

/** Where the parser stands in the message. */
struct reader {
    const uint8_t *head;
    size_t known;
    size_t at, end; /* of what is left of the element that is being read */
    bool is_blind;  /* the octets that were to be read are not known */
};

struct element {
    uint8_t tag;
    size_t at, len; /* its content */
};

/* --- elements -------------------------------------------------------------------------------------------------- */

static bool is_known(struct reader *r, size_t at)
{
    if (at < r->known)
        return true;
    r->is_blind = true;
    return false;
}

/* Read tag and length of the next element. @returns false: it is malformed, longer than what is left, or not known */
static bool look(struct reader *r, struct element *ret)
{
    size_t left = r->end - r->at, octets = 0;
    uint64_t len;

    if (left < 2 || !is_known(r, r->at + 1))
        return false;
    len = r->head[r->at + 1];
    if (len & 0x80) {
        octets = len & 0x7f;
        if (octets == 0 || octets > MOST_LENGTH_OCTETS || left - 2 < octets || !is_known(r, r->at + 1 + octets))
            return false;
        len = 0;
        for (size_t i = 0; i < octets; i++)
            len = len << 8 | r->head[r->at + 2 + i];
    }
    if (len > left - 2 - octets)
        return false;
    *ret = (struct element){.tag = r->head[r->at], .at = r->at + 2 + octets, .len = (size_t)len};
    return !IS_OF_MANY_OCTETS(ret->tag);
}

/* Take the next element as a whole. */
static bool take(struct reader *r, uint8_t tag, struct element *ret)
{
    if (!look(r, ret) || (tag == TAG_OCTETS ? !IS_STRING(ret->tag) : ret->tag != tag))
        return false;
    r->at = ret->at + ret->len;
    return true;
}

/* Take the head of a SEQUENCE; what it contains is next. */
static bool enter(struct reader *r, bool is_bounding)
{
    struct element sequence;

    if (!look(r, &sequence) || sequence.tag != TAG_SEQUENCE)
        return false;
    r->at = sequence.at;
    if (is_bounding)
        r->end = sequence.at + sequence.len;
    return true;
}

/* Take an INTEGER. net-snmp cuts it to 32 bits, and below -2^31 negates the lower half. */
static bool take_number(struct reader *r, int64_t *ret)
{
    struct element e;
    uint64_t wide;

    if (!take(r, TAG_INTEGER, &e) || e.len == 0 || e.len > MOST_INTEGER_OCTETS || !is_known(r, e.at + e.len - 1))
        return false;
    wide = r->head[e.at] & 0x80 ? UINT64_MAX : 0;
    for (size_t i = 0; i < e.len; i++)
        wide = wide << 8 | r->head[e.at + i];
    *ret = (int64_t)wide;
    if (*ret > INT32_MAX)
        *ret &= UINT32_MAX;
    else if (*ret < INT32_MIN)
        *ret = -(*ret & (int64_t)UINT32_MAX);
    return true;
}

static bool take_number_in(struct reader *r, int64_t least, int64_t most)
{
    int64_t n;

    return take_number(r, &n) && n >= least && n <= most;
}

static bool take_octets(struct reader *r, size_t most)
{
    struct element e;

    return take(r, TAG_OCTETS, &e) && e.len <= most;
}

/* usm/ refuses a name with a NUL, because net-snmp would look up the part before it. */
static bool take_user(struct reader *r)
{
    struct element e;

    return take(r, TAG_OCTETS, &e) && e.len <= TK_USER_BYTES &&
           (e.len == 0 || (is_known(r, e.at + e.len - 1) && !memchr(r->head + e.at, '\0', e.len)));
}

/* What can't be read is a flaw, unless it is only not known. */
static enum tk_hint flaw(const struct reader *r, enum tk_hint hint)
{
    return r->is_blind ? TK_HINT_NONE : hint;
}

static enum tk_hint flaw_of(struct tk_refusal *r, enum tk_hint hint, int64_t seen, int32_t most)
{
    r->seen = (int32_t)(seen < INT32_MAX ? seen : INT32_MAX);
    r->most = most;
    return hint;
}

/* --- PDU ------------------------------------------------------------------------------------------------------- */

static enum tk_hint look_at_pdu(struct reader *in, struct tk_refusal *r)
{
    struct element pdu;

    if (!look(in, &pdu))
        return flaw(in, TK_HINT_BAD_PDU);
    if (pdu.tag < TAG_FIRST_PDU || pdu.tag > TAG_LAST_PDU)
        return flaw_of(r, TK_HINT_PDU_TYPE, pdu.tag, 0);
    return TK_HINT_NONE;
}

/* --- v1 and v2c ------------------------------------------------------------------------------------------------ */

static enum tk_hint look_at_community(struct reader *in, struct tk_refusal *r)
{
    struct element community;

    if (!take(in, TAG_OCTETS, &community))
        return flaw(in, TK_HINT_NO_COMMUNITY);
    if (community.len > MOST_COMMUNITY)
        return flaw_of(r, TK_HINT_LONG_COMMUNITY, (int64_t)community.len, MOST_COMMUNITY);
    return look_at_pdu(in, r);
}

/* --- v3 -------------------------------------------------------------------------------------------------------- */

static enum tk_hint look_at_scoped_pdu(struct reader *in, struct tk_refusal *r)
{
    struct element engine;

    if (!enter(in, false) || !take(in, TAG_OCTETS, &engine))
        return flaw(in, TK_HINT_BAD_PDU);
    if (engine.len > TK_ENGINE_BYTES)
        return flaw_of(r, TK_HINT_LONG_CONTEXT_ENGINE, (int64_t)engine.len, TK_ENGINE_BYTES);
    if (!take_octets(in, 256))
        return flaw(in, TK_HINT_BAD_PDU);
    return look_at_pdu(in, r);
}

static enum tk_hint look_at_security(struct reader *in, struct tk_refusal *r, bool is_encrypted)
{
    struct reader usm = *in;
    struct element octets, engine;
    int64_t boots, time;

    if (!take(in, TAG_OCTETS, &octets))
        return flaw(in, TK_HINT_BAD_SECURITY);
    usm.at = octets.at;
    usm.end = octets.at + octets.len;
    if (!enter(&usm, true) || !take(&usm, TAG_OCTETS, &engine))
        return flaw(&usm, TK_HINT_BAD_SECURITY);
    if (engine.len > TK_ENGINE_BYTES)
        return flaw_of(r, TK_HINT_LONG_ENGINE, (int64_t)engine.len, TK_ENGINE_BYTES);
    if (!take_number(&usm, &boots) || !take_number(&usm, &time) || !take_user(&usm) ||
        !take_octets(&usm, MOST_DIGEST) || !take_octets(&usm, MOST_SALT))
        return flaw(&usm, TK_HINT_BAD_SECURITY);
    return is_encrypted ? TK_HINT_NONE : look_at_scoped_pdu(in, r);
}

static enum tk_hint look_at_header(struct reader *in, struct tk_refusal *r)
{
    struct element flags;
    int64_t model;
    uint8_t bits;

    if (!enter(in, false) || !take_number_in(in, 0, INT32_MAX) || !take_number_in(in, LEAST_MAX_SIZE, INT32_MAX) ||
        !take(in, TAG_OCTETS, &flags) || flags.len != 1 || !is_known(in, flags.at) || !take_number(in, &model) ||
        model < 1 || model > INT32_MAX)
        return flaw(in, TK_HINT_BAD_HEADER);
    if (model != USM)
        return flaw_of(r, TK_HINT_SECURITY_MODEL, model, 0);
    bits = in->head[flags.at];
    if (bits & FLAG_PRIV && !(bits & FLAG_AUTH))
        return TK_HINT_PRIV_WITHOUT_AUTH;
    return look_at_security(in, r, bits & FLAG_PRIV);
}

/* --- the message ----------------------------------------------------------------------------------------------- */

/* Why is the outermost SEQUENCE not there as a whole? */
static enum tk_hint look_at_outside(const struct reader *in, size_t len, struct tk_refusal *r)
{
    uint8_t first = in->known >= 1 ? in->head[0] : 0, length = in->known >= 2 ? in->head[1] : 0;

    if (len == 0)
        return TK_HINT_EMPTY;
    if (first != TAG_SEQUENCE)
        return flaw_of(r, TK_HINT_NO_MESSAGE, first, 0);
    if (length == 0x80 || (length & 0x80 && (length & 0x7f) > MOST_LENGTH_OCTETS))
        return TK_HINT_BAD_LENGTH;
    if ((length & 0x7f) == MOST_LENGTH_OCTETS && length & 0x80 && in->known > 2 && in->head[2] & 0x80)
        return TK_HINT_BAD_LENGTH; /* net-snmp reads a negative number */
    return flaw_of(r, TK_HINT_CUT, (int64_t)len, 0);
}

enum tk_hint tk_message_flaw(struct tk_refusal *r, const uint8_t *head, size_t known, size_t len)
{
    struct reader in = {.head = head, .known = known < len ? known : len, .end = len};
    int64_t version;

    r->version = 0;
    if (!enter(&in, true))
        return flaw(&in, look_at_outside(&in, len, r));
    if (!take_number(&in, &version))
        return flaw(&in, TK_HINT_NO_VERSION);
    switch (version) {
    case 0:
    case 1: r->version = version == 0 ? TK_SNMP_V1 : TK_SNMP_V2C; return look_at_community(&in, r);
    case 3: r->version = TK_SNMP_V3; return look_at_header(&in, r);
    default: return flaw_of(r, TK_HINT_BAD_VERSION, version, 0);
    }
}
