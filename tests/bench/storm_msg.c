/* SPDX-License-Identifier: Apache-2.0 */
#include "storm_msg.h"

#include <stdio.h>
#include <string.h>

#define COUNT(array)    (sizeof(array) / sizeof((array)[0]))
#define FLAG_REPORTABLE 4
#define USM_MODEL       3
#define SIZE_ACCEPTED   65507

static const uint32_t oid_uptime[] = {1, 3, 6, 1, 2, 1, 1, 3, 0};
static const uint32_t oid_trap[] = {1, 3, 6, 1, 6, 3, 1, 1, 4, 1, 0};
static const uint32_t oid_standard_traps[] = {1, 3, 6, 1, 6, 3, 1, 1, 5};
/* 32473 is the enterprise number reserved for examples (RFC 5612). */
static const uint32_t oid_sequence[] = {1, 3, 6, 1, 4, 1, 32473, 1, 1, 0};
static const uint32_t oid_filler[] = {1, 3, 6, 1, 4, 1, 32473, 1, 2};

static const struct {
    uint32_t column[11];
    size_t len;
} columns[] = {
    {{1, 3, 6, 1, 2, 1, 2, 2, 1, 1}, 10},      /* ifIndex */
    {{1, 3, 6, 1, 2, 1, 2, 2, 1, 7}, 10},      /* ifAdminStatus */
    {{1, 3, 6, 1, 2, 1, 2, 2, 1, 8}, 10},      /* ifOperStatus */
    {{1, 3, 6, 1, 2, 1, 2, 2, 1, 2}, 10},      /* ifDescr */
    {{1, 3, 6, 1, 2, 1, 31, 1, 1, 1, 18}, 11}, /* ifAlias */
};

struct moment { /* what differs from message to message */
    uint64_t n; /* the message's number, from 0: engines and sources are used in turn by it */
    uint64_t sequence;
    int32_t request_id;
    uint32_t interface;
    uint32_t uptime_cs;
    uint32_t engine_time;
};

size_t storm_msg_size_max(const struct storm_shape *shape)
{
    return 512 + strlen(shape->community) + 6 * shape->trap.len + 72 * (size_t)shape->varbinds;
}

static void put_name(struct storm_ber *b, const uint32_t *prefix, size_t len, uint32_t last)
{
    uint32_t subid[16];

    memcpy(subid, prefix, len * sizeof(*subid));
    subid[len] = last;
    storm_ber_oid(b, subid, len + 1);
}

static void put_column(struct storm_ber *b, unsigned which, const struct moment *m)
{
    size_t mark = b->pos;
    char text[64];
    int len;

    if (which >= COUNT(columns)) {
        len = snprintf(text, sizeof(text), "filler %06u abcdefghijklmnopqr", which);
        storm_ber_octets(b, STORM_OCTETS, text, (size_t)len);
        put_name(b, oid_filler, COUNT(oid_filler), which);
        storm_ber_wrap(b, STORM_SEQUENCE, mark);
        return;
    }
    switch (which) {
    case 0: storm_ber_int(b, STORM_INTEGER, m->interface); break;
    case 1: /* ifAdminStatus: up(1) */ storm_ber_int(b, STORM_INTEGER, 1); break;
    case 2: /* ifOperStatus: down(2) */ storm_ber_int(b, STORM_INTEGER, 2); break;
    case 3:
        len = snprintf(text, sizeof(text), "GigabitEthernet0/0/%u", m->interface);
        storm_ber_octets(b, STORM_OCTETS, text, (size_t)len);
        break;
    default:
        len = snprintf(text, sizeof(text), "to pe2.fra ge-0/0/%u", m->interface);
        storm_ber_octets(b, STORM_OCTETS, text, (size_t)len);
        break;
    }
    put_name(b, columns[which].column, columns[which].len, m->interface);
    storm_ber_wrap(b, STORM_SEQUENCE, mark);
}

static void put_varbinds(const struct storm_shape *shape, const struct moment *m, struct storm_ber *b)
{
    size_t list = b->pos, mark;

    if (shape->varbinds) {
        storm_ber_int(b, STORM_GAUGE, (int64_t)(m->sequence & UINT32_MAX));
        storm_ber_oid(b, oid_sequence, COUNT(oid_sequence));
        storm_ber_wrap(b, STORM_SEQUENCE, list);
    }
    for (unsigned i = shape->varbinds; i > 1; i--)
        put_column(b, i - 2, m);
    if (shape->version != STORM_V1) {
        mark = b->pos;
        storm_ber_oid(b, shape->trap.subid, shape->trap.len);
        storm_ber_oid(b, oid_trap, COUNT(oid_trap));
        storm_ber_wrap(b, STORM_SEQUENCE, mark);
        mark = b->pos;
        storm_ber_int(b, STORM_TIMETICKS, m->uptime_cs);
        storm_ber_oid(b, oid_uptime, COUNT(oid_uptime));
        storm_ber_wrap(b, STORM_SEQUENCE, mark);
    }
    storm_ber_wrap(b, STORM_SEQUENCE, list);
}

/* RFC 3584, 3.2: a standard trap's generic-trap is its last number less one; others are ENTERPRISE[.0].SPECIFIC. */
static void put_v1_head(const struct storm_shape *shape, const struct moment *m, struct storm_ber *b)
{
    const struct storm_oid *trap = &shape->trap;
    size_t len = trap->len - 1;
    uint32_t last = trap->subid[len];
    bool is_standard = len == COUNT(oid_standard_traps) && last >= 1 && last <= 6 &&
                       memcmp(trap->subid, oid_standard_traps, sizeof(oid_standard_traps)) == 0;
    uint32_t host = 0x7f000001u + (uint32_t)(m->n % shape->sources);
    uint8_t agent[4] = {(uint8_t)(host >> 24), (uint8_t)(host >> 16), (uint8_t)(host >> 8), (uint8_t)host};

    storm_ber_int(b, STORM_TIMETICKS, m->uptime_cs);
    storm_ber_int(b, STORM_INTEGER, is_standard ? 0 : last);
    storm_ber_int(b, STORM_INTEGER, is_standard ? last - 1 : 6);
    storm_ber_octets(b, STORM_IPADDRESS, agent, sizeof(agent));
    if (!is_standard && len > 2 && trap->subid[len - 1] == 0)
        len--;
    storm_ber_oid(b, trap->subid, len);
}

static void put_pdu(const struct storm_shape *shape, const struct moment *m, struct storm_ber *b)
{
    size_t mark = b->pos;

    put_varbinds(shape, m, b);
    if (shape->version == STORM_V1) {
        put_v1_head(shape, m, b);
        storm_ber_wrap(b, STORM_TRAP1, mark);
        return;
    }
    storm_ber_int(b, STORM_INTEGER, 0);
    storm_ber_int(b, STORM_INTEGER, 0);
    storm_ber_int(b, STORM_INTEGER, m->request_id);
    storm_ber_wrap(b, shape->is_inform ? STORM_INFORM : STORM_TRAP2, mark);
}

static void put_v3_head(struct storm_ber *b, size_t mark, int32_t id, uint8_t flags)
{
    size_t global = b->pos;

    storm_ber_int(b, STORM_INTEGER, USM_MODEL);
    storm_ber_octets(b, STORM_OCTETS, &flags, 1);
    storm_ber_int(b, STORM_INTEGER, SIZE_ACCEPTED);
    storm_ber_int(b, STORM_INTEGER, id);
    storm_ber_wrap(b, STORM_SEQUENCE, global);
    storm_ber_int(b, STORM_INTEGER, STORM_V3);
    storm_ber_wrap(b, STORM_SEQUENCE, mark);
}

/* splitmix64: pseudo-random numbers that are the same in each run. */
static uint64_t mix(uint64_t value)
{
    value += 0x9e3779b97f4a7c15u;
    value = (value ^ (value >> 30)) * 0xbf58476d1ce4e5b9u;
    value = (value ^ (value >> 27)) * 0x94d049bb133111ebu;
    return value ^ (value >> 31);
}

struct speaker { /* the sender that a v3 message names */
    struct storm_engine engine;
    char name[STORM_USER_MAX + 1];
    uint64_t noise; /* if not 0, it is used as the digest */
};

static void choose_speaker(const struct storm_shape *shape, const struct moment *m, struct speaker *who)
{
    static const uint8_t invented[] = {0x80, 0x00, 0x7e, 0xd9, 0x05}; /* enterprise 32473, format 5 (octets) */

    who->engine = shape->engines[m->n % shape->engines_len];
    memcpy(who->name, shape->user.name, sizeof(who->name));
    who->noise = shape->forge == STORM_GENUINE ? 0 : mix(mix(shape->seed) ^ (shape->first + m->n)) | 1;
    if (shape->forge == STORM_FORGE_ENGINES) {
        memcpy(who->engine.id, invented, sizeof(invented));
        memcpy(who->engine.id + sizeof(invented), &who->noise, sizeof(who->noise));
        who->engine.id_len = sizeof(invented) + sizeof(who->noise);
    } else if (shape->forge == STORM_FORGE_USERS) {
        (void)snprintf(who->name, sizeof(who->name), "u%016llx", (unsigned long long)who->noise);
    }
}

/* Write the digest of the bytes from b's position to @p end, or the forged digest. @returns 0 or -1 */
static int sign(const struct storm_shape *shape, const struct speaker *who, const struct storm_ber *b, size_t end,
                uint8_t *mac)
{
    if (shape->user.level < STORM_AUTH)
        return 0;
    if (!who->noise)
        return storm_engine_sign(&who->engine, &shape->user, b->buf + b->pos, end - b->pos, mac);
    for (size_t i = 0; i < shape->user.mac_len; i++)
        mac[i] = (uint8_t)mix(who->noise + i);
    return 0;
}

static size_t encode_v3(const struct storm_shape *shape, const struct moment *m, struct storm_ber *b)
{
    static const uint8_t zero[STORM_MAC_MAX];
    const struct storm_user *user = &shape->user;
    bool has_auth = user->level >= STORM_AUTH, has_priv = user->level == STORM_AUTHPRIV;
    size_t end = b->pos, mark;
    uint8_t salt[8], flags, *mac;
    struct speaker who;
    const struct storm_engine *engine = &who.engine;

    choose_speaker(shape, m, &who);

    put_pdu(shape, m, b);
    storm_ber_octets(b, STORM_OCTETS, "", 0);
    storm_ber_octets(b, STORM_OCTETS, engine->id, engine->id_len);
    storm_ber_wrap(b, STORM_SEQUENCE, end);
    for (unsigned i = 0; i < 8; i++)
        salt[i] = (uint8_t)(m->n >> (56 - 8 * i));
    if (has_priv) {
        if (b->is_failed ||
            storm_engine_encrypt(engine, user, b->buf + b->pos, end - b->pos, shape->boots, m->engine_time, salt) != 0)
            return 0;
        storm_ber_wrap(b, STORM_OCTETS, end);
    }
    mark = b->pos;
    storm_ber_octets(b, STORM_OCTETS, salt, has_priv ? sizeof(salt) : 0);
    {
        size_t mac_mark = b->pos;

        storm_ber_raw(b, zero, user->mac_len);
        mac = b->buf + b->pos;
        storm_ber_wrap(b, STORM_OCTETS, mac_mark);
    }
    storm_ber_octets(b, STORM_OCTETS, who.name, strlen(who.name));
    storm_ber_int(b, STORM_INTEGER, m->engine_time);
    storm_ber_int(b, STORM_INTEGER, shape->boots);
    storm_ber_octets(b, STORM_OCTETS, engine->id, engine->id_len);
    storm_ber_wrap(b, STORM_SEQUENCE, mark);
    storm_ber_wrap(b, STORM_OCTETS, mark);
    flags = (uint8_t)((has_auth ? 1 : 0) | (has_priv ? 2 : 0) | (shape->is_inform ? FLAG_REPORTABLE : 0));
    put_v3_head(b, end, m->request_id, flags);
    return b->is_failed || sign(shape, &who, b, end, mac) != 0 ? 0 : end - b->pos;
}

size_t storm_msg_encode(const struct storm_shape *shape, uint64_t sequence, uint8_t *buf, size_t cap)
{
    uint64_t n = sequence - shape->first;
    double after = shape->rate > 0 ? (double)n / shape->rate : 0;
    struct moment m = {
        .n = n,
        .sequence = sequence,
        .request_id = (int32_t)(sequence & 0x7fffffff),
        .interface = 1 + (uint32_t)(n % shape->interfaces),
        .uptime_cs = shape->uptime_cs + (uint32_t)(after * 100),
        .engine_time = shape->engine_time + (uint32_t)after,
    };
    struct storm_ber b;

    if (!shape->is_distinct) {
        m.sequence = shape->first;
        m.interface = 1;
        m.uptime_cs = shape->uptime_cs;
    }
    storm_ber_init(&b, buf, cap);
    if (shape->version == STORM_V3)
        return encode_v3(shape, &m, &b);
    put_pdu(shape, &m, &b);
    storm_ber_octets(&b, STORM_OCTETS, shape->community, strlen(shape->community));
    storm_ber_int(&b, STORM_INTEGER, shape->version);
    storm_ber_wrap(&b, STORM_SEQUENCE, cap);
    return b.is_failed ? 0 : cap - b.pos;
}

size_t storm_msg_probe(uint8_t *buf, size_t cap)
{
    struct storm_ber b;
    size_t mark;

    storm_ber_init(&b, buf, cap);
    storm_ber_wrap(&b, STORM_SEQUENCE, b.pos);
    storm_ber_int(&b, STORM_INTEGER, 0);
    storm_ber_int(&b, STORM_INTEGER, 0);
    storm_ber_int(&b, STORM_INTEGER, 1);
    storm_ber_wrap(&b, STORM_GET, cap);
    storm_ber_octets(&b, STORM_OCTETS, "", 0);
    storm_ber_octets(&b, STORM_OCTETS, "", 0);
    storm_ber_wrap(&b, STORM_SEQUENCE, cap);
    mark = b.pos;
    for (unsigned i = 0; i < 3; i++) /* skip user, digest and salt */
        storm_ber_octets(&b, STORM_OCTETS, "", 0);
    storm_ber_int(&b, STORM_INTEGER, 0);
    storm_ber_int(&b, STORM_INTEGER, 0);
    storm_ber_octets(&b, STORM_OCTETS, "", 0);
    storm_ber_wrap(&b, STORM_SEQUENCE, mark);
    storm_ber_wrap(&b, STORM_OCTETS, mark);
    put_v3_head(&b, cap, 1, FLAG_REPORTABLE);
    return b.is_failed ? 0 : cap - b.pos;
}

/* Read a v3 message: its ID and flags, its security parameters, and the rest. */
static int open_v3(const uint8_t *bytes, size_t len, int32_t *id, uint8_t *flags, struct storm_view *params,
                   struct storm_view *rest)
{
    struct storm_view all = {bytes, len}, global, flag_octet;
    int32_t number;

    if (storm_view_expect(&all, STORM_SEQUENCE, rest) != 0 || storm_view_int(rest, &number) != 0 ||
        number != STORM_V3 || storm_view_expect(rest, STORM_SEQUENCE, &global) != 0 ||
        storm_view_int(&global, id) != 0 || storm_view_int(&global, &number) != 0 ||
        storm_view_expect(&global, STORM_OCTETS, &flag_octet) != 0 || flag_octet.len != 1 ||
        storm_view_expect(rest, STORM_OCTETS, params) != 0)
        return -1;
    *flags = flag_octet.at[0];
    return 0;
}

int storm_msg_read_engine(const uint8_t *bytes, size_t len, uint8_t id[STORM_ENGINE_ID_MAX], size_t *id_len,
                          uint32_t *boots, uint32_t *engine_time)
{
    struct storm_view params, rest, usm, engine;
    int32_t msg_id, number[2];
    uint8_t flags;

    if (open_v3(bytes, len, &msg_id, &flags, &params, &rest) != 0 ||
        storm_view_expect(&params, STORM_SEQUENCE, &usm) != 0 || storm_view_expect(&usm, STORM_OCTETS, &engine) != 0 ||
        engine.len == 0 || engine.len > STORM_ENGINE_ID_MAX || storm_view_int(&usm, &number[0]) != 0 ||
        storm_view_int(&usm, &number[1]) != 0)
        return -1;
    memcpy(id, engine.at, engine.len);
    *id_len = engine.len;
    *boots = (uint32_t)number[0];
    *engine_time = (uint32_t)number[1];
    return 0;
}

int storm_msg_read_answer(const struct storm_shape *shape, const uint8_t *bytes, size_t len, int32_t *id)
{
    struct storm_view all = {bytes, len}, rest, content, pdu;
    uint8_t flags, level = (uint8_t)shape->user.level;
    int32_t number;

    if (shape->version == STORM_V3) {
        if (open_v3(bytes, len, id, &flags, &content, &rest) != 0)
            return -1;
        if ((flags & 3) != (level == STORM_AUTHPRIV ? 3 : level))
            return -1;
        if (level == STORM_AUTHPRIV)
            return 0;
        return storm_view_expect(&rest, STORM_SEQUENCE, &pdu) == 0 &&
                       storm_view_expect(&pdu, STORM_OCTETS, &content) == 0 &&
                       storm_view_expect(&pdu, STORM_OCTETS, &content) == 0 &&
                       storm_view_expect(&pdu, STORM_RESPONSE, &content) == 0
                   ? 0
                   : -1;
    }
    return storm_view_expect(&all, STORM_SEQUENCE, &rest) == 0 && storm_view_int(&rest, &number) == 0 &&
                   number == (int32_t)shape->version && storm_view_expect(&rest, STORM_OCTETS, &content) == 0 &&
                   storm_view_expect(&rest, STORM_RESPONSE, &pdu) == 0
               ? storm_view_int(&pdu, id)
               : -1;
}
