/* SPDX-License-Identifier: Apache-2.0 */
/* Convert net-snmp's PDU to a flat trap in the ring. No allocation, no lock, no system call. */
#include "host/flatten.h"

#include <errno.h>
#include <string.h>

#include "base/devel.h"
#include "snmp/oid.h"
#include "host/host_internal.h"
#include "usm/trap_oid.h"
#include "usm/usm.h"
#include "usm/usm_peer.h"

/** The two leading varbinds of a v2 notification. Their values go into the flat trap's head. */
struct leading {
    const netsnmp_variable_list *uptime, *trap_oid;
};

static struct leading find_leading(const netsnmp_pdu *pdu)
{
    struct leading lead = {NULL, NULL};
    int position = 0;

    if (pdu->command == SNMP_MSG_TRAP) /* v1: the PDU's header has both */
        return lead;
    for (const netsnmp_variable_list *vb = pdu->variables; vb && !lead.trap_oid; vb = vb->next_variable, position++) {
        if (position < 2 && !lead.uptime && vb->type == ASN_TIMETICKS && tk_trap_oid_is_uptime(vb))
            lead.uptime = vb;
        else if (vb->type == ASN_OBJECT_ID && tk_trap_oid_is(vb))
            lead.trap_oid = vb;
    }
    return lead;
}

/* Convert net-snmp's sub-identifiers, which are longs. @returns how many, or -EINVAL: too many or too large */
static int narrow_oid(uint32_t dst[TK_OID_MAX_SUBIDS], const oid *src, size_t len)
{
    if (len > TK_OID_MAX_SUBIDS)
        return -EINVAL;
    for (size_t i = 0; i < len; i++) {
        if (src[i] > UINT32_MAX)
            return -EINVAL;
        dst[i] = (uint32_t)src[i];
    }
    return (int)len;
}

static int oid_to_ber(uint8_t dst[TK_OID_MAX_BER], const oid *src, size_t len)
{
    uint32_t subid[TK_OID_MAX_SUBIDS];
    int n = narrow_oid(subid, src, len);

    return n < 0 ? n : tk_oid_encode(dst, TK_OID_MAX_BER, subid, (size_t)n);
}

static void note_peer(struct tk_trap_head *head, const netsnmp_pdu *pdu, const netsnmp_transport *transport)
{
    struct tk_peer peer;

    tk_peer_read(&peer, pdu->transport_data, pdu->transport_data_length,
                 transport && (transport->flags & NETSNMP_TRANSPORT_FLAG_STREAM));
    head->transport = peer.transport;
    head->family = peer.family;
    head->port = peer.port;
    memcpy(head->address, peer.address, sizeof(head->address));
}

static bool is_own_engine(const u_char *engine_id, size_t len)
{
    return len && len == tk_host.engine_id_len && memcmp(engine_id, tk_host.engine_id, len) == 0;
}

static uint16_t cut(size_t len)
{
    return len > UINT16_MAX ? UINT16_MAX : (uint16_t)len;
}

static void fill_security(struct tk_trap_head *head, struct tk_trap_parts *parts, const netsnmp_pdu *pdu)
{
    if (pdu->version != SNMP_VERSION_3) {
        head->version = pdu->version == SNMP_VERSION_1 ? TK_SNMP_V1 : TK_SNMP_V2C;
        head->security_level = TK_NO_AUTH_NO_PRIV;
        head->security_name_len = cut(pdu->community_len);
        parts->security_name = pdu->community;
        return;
    }
    head->version = TK_SNMP_V3;
    head->security_level = pdu->securityLevel >= 1 && pdu->securityLevel <= 3 ? (uint8_t)pdu->securityLevel
                                                                              : TK_NO_AUTH_NO_PRIV;
    head->security_name_len = cut(pdu->securityNameLen);
    head->context_name_len = cut(pdu->contextNameLen);
    head->engine_id_len = pdu->securityEngineIDLen > UINT8_MAX ? UINT8_MAX : (uint8_t)pdu->securityEngineIDLen;
    head->context_engine_id_len = pdu->contextEngineIDLen > UINT8_MAX ? UINT8_MAX : (uint8_t)pdu->contextEngineIDLen;
    parts->security_name = pdu->securityName;
    parts->context_name = pdu->contextName;
    parts->engine_id = pdu->securityEngineID;
    parts->context_engine_id = pdu->contextEngineID;
    if (tk_usm_is_clock_checked(pdu))
        head->flags |= TK_CLOCK_CHECKED;
    if (is_own_engine(pdu->contextEngineID, pdu->contextEngineIDLen))
        head->flags |= TK_CONTEXT_ENGINE_IS_OWN;
    if (is_own_engine(pdu->securityEngineID, pdu->securityEngineIDLen))
        head->flags |= TK_SECURITY_ENGINE_IS_OWN;
}

bool tk_flatten_knows_generic(long generic)
{
    return generic >= SNMP_TRAP_COLDSTART && generic <= SNMP_TRAP_ENTERPRISESPECIFIC;
}

/* @returns 0, or -EINVAL: no valid notification */
static int fill_head(struct tk_trap_head *head, struct tk_trap_parts *parts, uint8_t ber[TK_OID_MAX_BER],
                     const netsnmp_pdu *pdu, const struct leading *lead)
{
    int ber_len;

    fill_security(head, parts, pdu);
    head->format = TK_TRAP_FORMAT;
    head->pdu = pdu->command == SNMP_MSG_TRAP     ? TK_PDU_TRAP_V1
                : pdu->command == SNMP_MSG_INFORM ? TK_PDU_INFORM
                                                  : TK_PDU_TRAP;
    head->request_id = (int32_t)pdu->reqid;
    if (pdu->command == SNMP_MSG_TRAP) {
        if (!tk_flatten_knows_generic(pdu->trap_type))
            return -EINVAL;
        head->generic = (int32_t)pdu->trap_type;
        head->specific = (int32_t)pdu->specific_type;
        head->uptime = (uint32_t)pdu->time;
        head->flags |= TK_HAS_UPTIME | TK_HAS_AGENT;
        memcpy(head->agent, pdu->agent_addr, sizeof(head->agent));
        ber_len = oid_to_ber(ber, pdu->enterprise, pdu->enterprise_length);
    } else {
        if (!lead->trap_oid)
            return -EINVAL;
        if (lead->uptime) {
            head->uptime = (uint32_t)*lead->uptime->val.integer;
            head->flags |= TK_HAS_UPTIME;
        }
        ber_len = oid_to_ber(ber, lead->trap_oid->val.objid, lead->trap_oid->val_len / sizeof(oid));
    }
    if (ber_len < 0)
        return ber_len;
    head->oid_len = (uint16_t)ber_len;
    parts->oid = ber;
    return 0;
}

/* Write one varbind. @returns as tk_trap_varbind() */
static int copy_varbind(struct tk_trap_writer *w, const netsnmp_variable_list *vb)
{
    uint32_t name[TK_OID_MAX_SUBIDS];
    uint8_t ber[TK_OID_MAX_BER];
    int names = narrow_oid(name, vb->name, vb->name_length), ber_len;
    uint8_t type = vb->type;
    uint64_t number;

    if (names < 0)
        return names;
    switch (vb->type) {
    case ASN_INTEGER:
    case ASN_COUNTER:
    case ASN_GAUGE:
    case ASN_TIMETICKS:
    case ASN_UINTEGER:
        number = vb->type == ASN_INTEGER ? (uint64_t)(int64_t)*vb->val.integer : (uint32_t)*vb->val.integer;
        if (vb->type == ASN_UINTEGER) /* UInteger32 of the first SNMPv2 (RFC 1442) is a Gauge32 with another tag */
            type = TK_GAUGE32;
        return tk_trap_varbind(w, type, name, (size_t)names, &number, sizeof(number));
    case ASN_COUNTER64:
    case ASN_OPAQUE_COUNTER64:
    case ASN_OPAQUE_U64:
    case ASN_OPAQUE_I64:
        number = (uint64_t)vb->val.counter64->high << 32 | (uint32_t)vb->val.counter64->low;
        if (vb->type == ASN_OPAQUE_COUNTER64)
            type = TK_UNSIGNED64;
        return tk_trap_varbind(w, type, name, (size_t)names, &number, sizeof(number));
    case ASN_OPAQUE_FLOAT: return tk_trap_varbind(w, TK_FLOAT, name, (size_t)names, vb->val.floatVal, sizeof(float));
    case ASN_OPAQUE_DOUBLE:
        return tk_trap_varbind(w, TK_DOUBLE, name, (size_t)names, vb->val.doubleVal, sizeof(double));
    case ASN_OBJECT_ID:
        ber_len = oid_to_ber(ber, vb->val.objid, vb->val_len / sizeof(oid));
        return ber_len < 0 ? ber_len : tk_trap_varbind(w, TK_OID, name, (size_t)names, ber, (size_t)ber_len);
    case ASN_NULL:
    case SNMP_NOSUCHOBJECT:
    case SNMP_NOSUCHINSTANCE:
    case SNMP_ENDOFMIBVIEW: return tk_trap_varbind(w, type, name, (size_t)names, NULL, 0);
    case ASN_IPADDRESS:
        if (vb->val_len != 4)
            return -EINVAL;
        /* fall through */
    default: return tk_trap_varbind(w, type, name, (size_t)names, vb->val.string, vb->val_len);
    }
}

/* @returns an upper bound of the varbind's size in the flat trap */
static size_t most_bytes(const netsnmp_variable_list *vb)
{
    size_t value = vb->type == ASN_OBJECT_ID ? vb->val_len / sizeof(oid) * 5 : vb->val_len;

    return sizeof(struct tk_varbind_head) + vb->name_length * 5 + (value < 8 ? 8 : value);
}

/* The flat trap of an INFORM for which the ring has no room: it is needed to tell whether it is a retransmission. */
static uint8_t spare[TK_TRAP_MAX_BYTES];

int tk_flatten(struct tk_ring *ring, const netsnmp_pdu *pdu, const netsnmp_transport *transport,
               struct tk_flat *ret_flat)
{
    struct leading lead = find_leading(pdu);
    struct tk_trap_head head = {0};
    struct tk_trap_parts parts = {0};
    struct tk_trap_writer w;
    uint8_t ber[TK_OID_MAX_BER], *room;
    size_t need, varbinds = 0;
    bool is_full;

    if (fill_head(&head, &parts, ber, pdu, &lead) < 0)
        return TK_LOSS_MALFORMED;
    note_peer(&head, pdu, transport);
    need = tk_trap_head_bytes(&head);
    for (const netsnmp_variable_list *vb = pdu->variables; vb; vb = vb->next_variable) {
        if (vb == lead.uptime || vb == lead.trap_oid)
            continue;
        need += most_bytes(vb);
        varbinds++;
    }
    if (need > TK_TRAP_MAX_BYTES || varbinds > UINT16_MAX)
        return TK_LOSS_TOO_LARGE;
    head.varbind_count = (uint16_t)varbinds;
    room = tk_ring_reserve(ring, need);
    if (!room && pdu->command != SNMP_MSG_INFORM)
        return TK_LOSS_QUEUE_FULL;
    is_full = !room;
    if (is_full)
        room = spare;
    if (tk_trap_begin(&w, room, need, &head, &parts) < 0)
        return TK_LOSS_MALFORMED;
    for (const netsnmp_variable_list *vb = pdu->variables; vb; vb = vb->next_variable) {
        int ret = vb == lead.uptime || vb == lead.trap_oid ? 0 : copy_varbind(&w, vb);

        TK_ASSERT(ret != -ENOSPC); /* most_bytes() is an upper bound */
        if (ret < 0)
            return TK_LOSS_MALFORMED;
    }
    *ret_flat = (struct tk_flat){.bytes = room, .len = tk_trap_end(&w), .transport = head.transport};
    return is_full ? TK_LOSS_QUEUE_FULL : -1;
}
