/* SPDX-License-Identifier: Apache-2.0 */
#include "host/flat_pdu.h"

#include <errno.h>
#include <string.h>

#include "base/devel.h"
#include "snmp/oid.h"
#include "usm/trap_oid.h"

static void find_leading(struct tk_flat_pdu *f)
{
    const netsnmp_pdu *pdu = f->pdu;
    int position = 0;

    if (pdu->command == SNMP_MSG_TRAP) /* v1: the PDU's header has both */
        return;
    for (const netsnmp_variable_list *vb = pdu->variables; vb && !f->trap_oid; vb = vb->next_variable, position++) {
        if (position < 2 && !f->uptime && vb->type == ASN_TIMETICKS && tk_trap_oid_is_uptime(vb))
            f->uptime = vb;
        else if (vb->type == ASN_OBJECT_ID && tk_trap_oid_is(vb))
            f->trap_oid = vb;
    }
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

static void note_peer(struct tk_trap_head *head, const struct tk_peer *peer)
{
    head->transport = peer->transport;
    head->family = peer->family;
    head->port = peer->port;
    memcpy(head->address, peer->address, sizeof(head->address));
}

static bool is_own(const struct tk_pdu_reception *r, const u_char *engine_id, size_t len)
{
    return len && len == r->own_engine_len && memcmp(engine_id, r->own_engine, len) == 0;
}

static uint16_t cut(size_t len)
{
    return len > UINT16_MAX ? UINT16_MAX : (uint16_t)len;
}

static void fill_security(struct tk_flat_pdu *f, const struct tk_pdu_reception *reception)
{
    struct tk_trap_head *head = &f->head;
    struct tk_trap_parts *parts = &f->parts;
    const netsnmp_pdu *pdu = f->pdu;

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
    if (reception->is_clock_checked)
        head->flags |= TK_CLOCK_CHECKED;
    if (is_own(reception, pdu->contextEngineID, pdu->contextEngineIDLen))
        head->flags |= TK_CONTEXT_ENGINE_IS_OWN;
    if (is_own(reception, pdu->securityEngineID, pdu->securityEngineIDLen))
        head->flags |= TK_SECURITY_ENGINE_IS_OWN;
}

bool tk_flat_pdu_knows_generic(long generic)
{
    return generic >= SNMP_TRAP_COLDSTART && generic <= SNMP_TRAP_ENTERPRISESPECIFIC;
}

/* @returns 0, or -EINVAL: no valid notification */
static int fill_head(struct tk_flat_pdu *f)
{
    struct tk_trap_head *head = &f->head;
    const netsnmp_pdu *pdu = f->pdu;
    int ber_len;

    head->format = TK_TRAP_FORMAT;
    head->pdu = pdu->command == SNMP_MSG_TRAP     ? TK_PDU_TRAP_V1
                : pdu->command == SNMP_MSG_INFORM ? TK_PDU_INFORM
                                                  : TK_PDU_TRAP;
    head->request_id = (int32_t)pdu->reqid;
    if (pdu->command == SNMP_MSG_TRAP) {
        if (!tk_flat_pdu_knows_generic(pdu->trap_type))
            return -EINVAL;
        head->generic = (int32_t)pdu->trap_type;
        head->specific = (int32_t)pdu->specific_type;
        head->uptime = (uint32_t)pdu->time;
        head->flags |= TK_HAS_UPTIME | TK_HAS_AGENT;
        memcpy(head->agent, pdu->agent_addr, sizeof(head->agent));
        ber_len = oid_to_ber(f->ber, pdu->enterprise, pdu->enterprise_length);
    } else {
        if (!f->trap_oid)
            return -EINVAL;
        if (f->uptime) {
            head->uptime = (uint32_t)*f->uptime->val.integer;
            head->flags |= TK_HAS_UPTIME;
        }
        ber_len = oid_to_ber(f->ber, f->trap_oid->val.objid, f->trap_oid->val_len / sizeof(oid));
    }
    if (ber_len < 0)
        return ber_len;
    head->oid_len = (uint16_t)ber_len;
    f->parts.oid = f->ber;
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

int tk_flat_pdu_measure(struct tk_flat_pdu *ret, const netsnmp_pdu *pdu, const struct tk_pdu_reception *reception)
{
    size_t need, varbinds = 0;

    *ret = (struct tk_flat_pdu){.pdu = pdu};
    find_leading(ret);
    fill_security(ret, reception);
    if (fill_head(ret) < 0)
        return -EINVAL;
    note_peer(&ret->head, &reception->peer);
    need = tk_trap_head_bytes(&ret->head);
    for (const netsnmp_variable_list *vb = pdu->variables; vb; vb = vb->next_variable) {
        if (vb == ret->uptime || vb == ret->trap_oid)
            continue;
        need += most_bytes(vb);
        varbinds++;
    }
    if (need > TK_TRAP_MAX_BYTES || varbinds > UINT16_MAX)
        return -E2BIG;
    ret->head.varbind_count = (uint16_t)varbinds;
    return (int)need;
}

int tk_flat_pdu_write(const struct tk_flat_pdu *f, uint8_t *dst, size_t bytes)
{
    struct tk_trap_writer w;

    if (tk_trap_begin(&w, dst, bytes, &f->head, &f->parts) < 0)
        return -EINVAL;
    for (const netsnmp_variable_list *vb = f->pdu->variables; vb; vb = vb->next_variable) {
        int ret = vb == f->uptime || vb == f->trap_oid ? 0 : copy_varbind(&w, vb);

        TK_ASSERT(ret != -ENOSPC); /* most_bytes() is an upper bound */
        if (ret < 0)
            return -EINVAL;
    }
    return (int)tk_trap_end(&w);
}
