/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/replay/replay_event.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "event/varbind_text.h"
#include "snmp/oid.h"

#define UNKNOWN_TYPE 0x45 /* a tag of no type of today's SNMP */

static const uint32_t snmp_traps[] = {1, 3, 6, 1, 6, 3, 1, 1, 5};
static const char trap_enterprise_0[] = "1.3.6.1.6.3.1.1.4.3.0";

/** The notification while it is made. */
struct draft {
    struct tk_trap_head head;
    struct tk_trap_parts parts;
    uint8_t ber[TK_OID_MAX_BER], engine[UINT8_MAX], context_engine[UINT8_MAX];
    uint8_t *value; /* of a varbind: room for TK_TRAP_MAX_BYTES */
    size_t varbinds;
};

/* --- members ------------------------------------------------------------------------------------------------------ */

static const char *text_at(const json_t *object, const char *name)
{
    return json_string_value(json_object_get(object, name));
}

/* @returns how many octets the digits are; 0 also if they are none, or too many */
static size_t read_hex(uint8_t *dst, size_t room, const char *digits)
{
    size_t n = digits ? strlen(digits) / 2 : 0;

    if (!digits || n > room || strspn(digits, "0123456789abcdef") != 2 * n)
        return 0;
    for (size_t i = 0; i < n; i++) {
        char pair[3] = {digits[2 * i], digits[2 * i + 1], '\0'};

        dst[i] = (uint8_t)strtoul(pair, NULL, 16);
    }
    return n;
}

static bool read_oid(struct tk_oid *oid, const char *text)
{
    return text && tk_oid_parse(oid, text) == 0;
}

static bool is_oid(const struct tk_oid *a, const uint32_t *subid, size_t len)
{
    return a->len == len && memcmp(a->subid, subid, len * sizeof(*subid)) == 0;
}

/* "2026-11-22T05:45:26.123456Z"; a file may have any text. */
static bool read_time(struct tk_time *ret, const char *text)
{
    struct tm tm = {0};
    const char *end = text ? strptime(text, "%Y-%m-%dT%H:%M:%S", &tm) : NULL;
    time_t seconds = end ? timegm(&tm) : -1;
    tk_nsec wall, unit = TK_SECOND / 10;

    if (seconds < 0 || seconds >= INT64_MAX / TK_SECOND)
        return false;
    wall = (tk_nsec)seconds * TK_SECOND;
    for (end += *end == '.'; *end >= '0' && *end <= '9'; end++, unit /= 10)
        wall += (*end - '0') * unit;
    *ret = (struct tk_time){.wall = wall, .mono = wall, .boot = wall};
    return true;
}

/* --- the head ----------------------------------------------------------------------------------------------------- */

static bool read_source(struct tk_peer *peer, const json_t *source)
{
    const char *transport = text_at(source, "transport"), *address = text_at(source, "address");

    *peer = (struct tk_peer){.transport = TK_OTHER_TRANSPORT};
    for (uint8_t i = TK_UDP; i < TK_OTHER_TRANSPORT; i++)
        if (transport && strcmp(transport, tk_transport_name(i)) == 0)
            peer->transport = i;
    peer->port = (uint16_t)json_integer_value(json_object_get(source, "port"));
    if (!address)
        return json_is_object(source);
    if (inet_pton(AF_INET, address, peer->address) == 1)
        peer->family = 4;
    else if (inet_pton(AF_INET6, address, peer->address) == 1)
        peer->family = 6;
    return peer->family != 0;
}

/* An INFORM has the receiver's engine ID, as the daemon knew it that published the event. */
static uint8_t own_flag(const struct draft *d, const struct tk_receive_config *r, const uint8_t *engine, size_t len,
                        uint8_t flag)
{
    bool is_known = len && len == r->engine_len && memcmp(engine, r->engine, len) == 0;
    bool is_informs = len && d->head.pdu == TK_PDU_INFORM && len == d->head.engine_id_len &&
                      memcmp(engine, d->engine, len) == 0;

    return is_known || is_informs ? flag : 0;
}

static bool read_security(struct draft *d, const json_t *snmp, const struct tk_receive_config *receiver)
{
    const char *version = text_at(snmp, "version"), *level = text_at(snmp, "security_level");
    const char *name = text_at(snmp, "security_name"), *context = text_at(snmp, "context_name");
    struct tk_trap_head *head = &d->head;

    for (uint8_t i = TK_SNMP_V1; i <= TK_SNMP_V3; i++)
        if (version && strcmp(version, tk_version_name(i)) == 0)
            head->version = i;
    for (uint8_t i = TK_NO_AUTH_NO_PRIV; i <= TK_AUTH_PRIV; i++)
        if (level && strcmp(level, tk_level_name(i)) == 0)
            head->security_level = i;
    d->parts = (struct tk_trap_parts){name ? name : "", context ? context : "", d->engine, d->context_engine, d->ber};
    head->security_name_len = (uint16_t)strlen(d->parts.security_name);
    head->context_name_len = (uint16_t)strlen(d->parts.context_name);
    head->engine_id_len = (uint8_t)read_hex(d->engine, sizeof(d->engine), text_at(snmp, "engine_id"));
    head->context_engine_id_len = (uint8_t)read_hex(d->context_engine, sizeof(d->context_engine),
                                                    text_at(snmp, "context_engine_id"));
    head->flags |= own_flag(d, receiver, d->engine, head->engine_id_len, TK_SECURITY_ENGINE_IS_OWN);
    head->flags |= own_flag(d, receiver, d->context_engine, head->context_engine_id_len, TK_CONTEXT_ENGINE_IS_OWN);
    if (json_is_true(json_object_get(snmp, "clock_checked")))
        head->flags |= TK_CLOCK_CHECKED;
    return head->version && head->security_level;
}

/* RFC 3584, section 3.2: what a v1 trap has in place of the OID. The enterprise of a generic trap is the last varbind. */
static bool read_v1(struct draft *d, struct tk_oid *oid, const json_t *event, const json_t *varbinds)
{
    const char *agent = text_at(json_object_get(event, "source"), "agent_address");
    const json_t *last = json_array_get(varbinds, json_array_size(varbinds) - 1);
    const char *name = text_at(last, "oid");
    struct tk_oid enterprise;
    uint32_t number;

    d->head.flags |= TK_HAS_AGENT;
    if (agent && inet_pton(AF_INET, agent, d->head.agent) != 1)
        return false;
    if (!name || strcmp(name, trap_enterprise_0) != 0 || !read_oid(&enterprise, text_at(last, "value")) || oid->len < 2)
        return false;
    number = oid->subid[oid->len - 1];
    if (oid->len == 10 && memcmp(oid->subid, snmp_traps, sizeof(snmp_traps)) == 0 && number >= 1 && number <= 6 &&
        !is_oid(&enterprise, snmp_traps, 9)) {
        d->head.generic = (int32_t)number - 1;
        *oid = enterprise;
    } else {
        d->head.generic = 6;
        d->head.specific = (int32_t)number;
        oid->len -= oid->subid[oid->len - 2] == 0 && oid->len > 2 ? 2 : 1;
    }
    if (is_oid(oid, enterprise.subid, enterprise.len))
        d->varbinds--; /* the stages append it again */
    return true;
}

static bool read_head(struct draft *d, struct tk_incoming *t, const json_t *event, const json_t *varbinds)
{
    const json_t *snmp = json_object_get(event, "snmp"), *uptime = json_object_get(snmp, "uptime");
    const json_t *request_id = json_object_get(snmp, "request_id");
    const char *pdu = text_at(snmp, "pdu");
    struct tk_oid oid;
    int len;

    d->head.format = TK_TRAP_FORMAT;
    d->head.pdu = !json_is_integer(request_id)        ? TK_PDU_TRAP_V1
                  : pdu && strcmp(pdu, "inform") == 0 ? TK_PDU_INFORM
                                                      : TK_PDU_TRAP;
    d->head.request_id = (int32_t)json_integer_value(request_id);
    d->head.uptime = (uint32_t)json_integer_value(uptime);
    d->head.flags = json_is_integer(uptime) ? TK_HAS_UPTIME : 0;
    if (!read_time(&t->received, text_at(event, "received")) ||
        !read_source(&t->source, json_object_get(event, "source")) || !read_security(d, snmp, t->receiver) ||
        !read_oid(&oid, text_at(json_object_get(event, "trap"), "oid")) ||
        (d->head.pdu == TK_PDU_TRAP_V1 && !read_v1(d, &oid, event, varbinds)))
        return false;
    d->head.transport = t->source.transport;
    d->head.family = t->source.family;
    d->head.port = t->source.port;
    memcpy(d->head.address, t->source.address, sizeof(d->head.address));
    len = tk_oid_encode(d->ber, sizeof(d->ber), oid.subid, oid.len);
    d->head.oid_len = len < 0 ? 0 : (uint16_t)len;
    return len >= 0;
}

/* --- varbinds ----------------------------------------------------------------------------------------------------- */

static uint8_t type_of(const char *name)
{
    static const uint8_t types[] = {TK_INTEGER,        TK_OCTETS,     TK_NULL,           TK_OID,
                                    TK_IPADDRESS,      TK_COUNTER32,  TK_GAUGE32,        TK_TIMETICKS,
                                    TK_OPAQUE,         TK_COUNTER64,  TK_FLOAT,          TK_DOUBLE,
                                    TK_INTEGER64,      TK_UNSIGNED64, TK_NO_SUCH_OBJECT, TK_NO_SUCH_INSTANCE,
                                    TK_END_OF_MIB_VIEW};

    for (size_t i = 0; i < sizeof(types); i++) {
        struct tk_text its = tk_varbind_type(types[i]);

        if (strlen(name) == its.len && memcmp(name, its.text, its.len) == 0)
            return types[i];
    }
    return UNKNOWN_TYPE;
}

static size_t put(struct draft *d, const void *bytes, size_t len)
{
    memcpy(d->value, bytes, len);
    return len;
}

static size_t put_oid(struct draft *d, const char *text)
{
    struct tk_oid oid;
    int len = read_oid(&oid, text) ? tk_oid_encode(d->value, TK_OID_MAX_BER, oid.subid, oid.len) : 0;

    return len < 0 ? 0 : (size_t)len;
}

/* @returns the length of the value, in d->value */
static size_t put_value(struct draft *d, uint8_t type, const json_t *varbind)
{
    const json_t *value = json_object_get(varbind, "value");
    const char *text = json_is_string(value) ? json_string_value(value) : "", *hex = text_at(varbind, "hex");
    uint64_t number = *text == '-' ? (uint64_t)strtoll(text, NULL, 10) : strtoull(text, NULL, 10);
    float small = strtof(text, NULL);
    double large = strtod(text, NULL);
    uint8_t address[4] = {0};

    switch (type) {
    case TK_NULL:
    case TK_NO_SUCH_OBJECT:
    case TK_NO_SUCH_INSTANCE:
    case TK_END_OF_MIB_VIEW: return 0;
    case TK_OID: return put_oid(d, text);
    case TK_IPADDRESS: (void)inet_pton(AF_INET, text, address); return put(d, address, sizeof(address));
    case TK_FLOAT: return put(d, &small, sizeof(small));
    case TK_DOUBLE: return put(d, &large, sizeof(large));
    case TK_OCTETS:
        if (!hex)
            return put(d, text, json_string_length(value));
        return read_hex(d->value, TK_TRAP_MAX_BYTES, hex);
    case TK_OPAQUE:
    case UNKNOWN_TYPE: return read_hex(d->value, TK_TRAP_MAX_BYTES, hex ? hex : text);
    default: return put(d, &number, sizeof(number));
    }
}

static bool write_varbinds(struct draft *d, struct tk_trap_writer *w, const json_t *varbinds)
{
    for (size_t i = 0; i < d->varbinds; i++) {
        const json_t *varbind = json_array_get(varbinds, i);
        const char *name = text_at(varbind, "type");
        struct tk_oid oid;
        uint8_t type;

        if (!name || !read_oid(&oid, text_at(varbind, "oid")) ||
            json_string_length(json_object_get(varbind, "value")) > TK_TRAP_MAX_BYTES)
            return false;
        type = type_of(name);
        if (tk_trap_varbind(w, type, oid.subid, oid.len, d->value, put_value(d, type, varbind)) < 0)
            return false;
    }
    return true;
}

bool tk_incoming_of_event(struct tk_incoming *t, const json_t *event)
{
    static uint8_t value[TK_TRAP_MAX_BYTES];
    const json_t *varbinds = json_object_get(event, "varbinds");
    const char *type = text_at(event, "type");
    struct draft d = {.value = value, .varbinds = json_array_size(varbinds)};
    struct tk_trap_writer w;

    t->packet_len = t->flat_len = 0;
    t->is_judged = false;
    t->judged.is_accepted = true; /* or it would be no event */
    if (!type || strcmp(type, "trap") != 0 || !json_is_array(varbinds) || d.varbinds > UINT16_MAX ||
        !read_head(&d, t, event, varbinds))
        return false;
    d.head.varbind_count = (uint16_t)d.varbinds;
    if (tk_trap_begin(&w, t->flat, sizeof(t->flat), &d.head, &d.parts) < 0 || !write_varbinds(&d, &w, varbinds))
        return false;
    t->flat_len = tk_trap_end(&w);
    return true;
}
