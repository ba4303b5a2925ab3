/* SPDX-License-Identifier: Apache-2.0 */
#include "receive/message.h"

#include <string.h>

#include "snmp/trap.h"

#define INTEGER  0x02
#define OCTETS   0x04
#define SEQUENCE 0x30

/** The bytes that are left to read. */
struct view {
    const uint8_t *at;
    size_t left;
};

/* Read one BER element, and move @p v behind it. @returns false: it is incomplete */
static bool take(struct view *v, uint8_t *ret_tag, struct view *ret_contents)
{
    size_t head = 2, len;

    if (v->left < 2)
        return false;
    len = v->at[1];
    if (len >= 0x80) {
        size_t octets = len & 0x7f;

        if (octets < 1 || octets > 4 || v->left < 2 + octets)
            return false;
        len = 0;
        for (size_t i = 0; i < octets; i++)
            len = len << 8 | v->at[2 + i];
        head += octets;
    }
    if (len > v->left - head)
        return false;
    *ret_tag = v->at[0];
    *ret_contents = (struct view){v->at + head, len};
    v->at += head + len;
    v->left -= head + len;
    return true;
}

static bool take_tag(struct view *v, uint8_t tag, struct view *ret_contents)
{
    uint8_t found = 0;

    return take(v, &found, ret_contents) && found == tag;
}

static bool take_integer(struct view *v, int64_t *ret)
{
    struct view contents;

    if (!take_tag(v, INTEGER, &contents) || contents.left < 1 || contents.left > 5)
        return false;
    *ret = contents.at[0] & 0x80 ? -1 : 0;
    for (size_t i = 0; i < contents.left; i++)
        *ret = (int64_t)((uint64_t)*ret << 8 | contents.at[i]);
    return true;
}

static uint8_t peek_tag(const struct view *v)
{
    return v->left ? v->at[0] : 0;
}

/* msgGlobalData: RFC 3412 section 6 */
static bool read_header(struct tk_snmp_message *m, struct view *v)
{
    struct view header, flags;
    int64_t id, size, model;

    if (!take_tag(v, SEQUENCE, &header) || !take_integer(&header, &id) || !take_integer(&header, &size) ||
        !take_tag(&header, OCTETS, &flags) || flags.left != 1 || !take_integer(&header, &model))
        return false;
    m->asks_for_answer = flags.at[0] & 4;
    m->security_level = flags.at[0] & 2 ? TK_AUTH_PRIV : flags.at[0] & 1 ? TK_AUTH_NO_PRIV : TK_NO_AUTH_NO_PRIV;
    return model == 3; /* the USM */
}

static void read_v3(struct tk_snmp_message *m, struct view v)
{
    struct view params, scoped, skipped;

    m->has_header = read_header(m, &v);
    if (!m->has_header)
        return;
    m->has_params = tk_secparams_read(&m->params, v.at, v.left) == 0;
    if (m->security_level != TK_AUTH_PRIV && take_tag(&v, OCTETS, &params) && take_tag(&v, SEQUENCE, &scoped) &&
        take_tag(&scoped, OCTETS, &skipped) && take_tag(&scoped, OCTETS, &skipped))
        m->pdu = peek_tag(&scoped);
}

bool tk_snmp_message_read(struct tk_snmp_message *ret, const uint8_t *bytes, size_t len)
{
    struct view v = {bytes, len}, message, community;
    int64_t version;

    memset(ret, 0, sizeof(*ret));
    if (!take_tag(&v, SEQUENCE, &message) || !take_integer(&message, &version))
        return false;
    if (version == 0 || version == 1) {
        ret->version = version == 0 ? TK_SNMP_V1 : TK_SNMP_V2C;
        if (take_tag(&message, OCTETS, &community))
            ret->pdu = peek_tag(&message);
    } else if (version == 3) {
        ret->version = TK_SNMP_V3;
        read_v3(ret, message);
    }
    return ret->version != 0;
}

bool tk_snmp_message_is_probe(const struct tk_snmp_message *m)
{
    return m->has_params && m->asks_for_answer &&
           (!m->params.engine_len || (m->security_level != TK_NO_AUTH_NO_PRIV && !m->params.boots && !m->params.time));
}
