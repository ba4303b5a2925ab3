/* SPDX-License-Identifier: Apache-2.0 */
/* Stage 1: read the flat trap into the event. The sender chose every byte of it, so all of it is checked. */
#include <arpa/inet.h>
#include <string.h>

#include "snmp/oid.h"
#include "snmp/opaque.h"
#include "stages/bundle.h"
#include "stages/stages_internal.h"

static const uint32_t trap_address_0[] = {1, 3, 6, 1, 6, 3, 18, 1, 3, 0}; /* SNMP-COMMUNITY-MIB, RFC 3584 */
static const uint32_t trap_community_0[] = {1, 3, 6, 1, 6, 3, 18, 1, 4, 0};
static const uint32_t trap_enterprise_0[] = {1, 3, 6, 1, 6, 3, 1, 1, 4, 3, 0}; /* SNMPv2-MIB */
static const uint32_t snmp_traps[] = {1, 3, 6, 1, 6, 3, 1, 1, 5};

#define IS(vb, oid) ((vb)->subids == sizeof(oid) / sizeof((oid)[0]) && memcmp((vb)->subid, (oid), sizeof(oid)) == 0)

static const uint32_t *keep_oid(struct tk_event *ev, const uint32_t *subid, size_t len)
{
    uint32_t *copy = tk_arena_alloc(ev->arena, len * sizeof(*copy));

    if (copy)
        memcpy(copy, subid, len * sizeof(*copy));
    return copy;
}

/* RFC 3584 section 3.1: a v1 trap is the notification 1.3.6.1.6.3.1.1.5.(generic + 1) or enterprise.0.specific. */
static enum tk_verdict read_trap_oid(struct tk_event *ev)
{
    const struct tk_trap_head *head = &ev->trap->head;
    uint8_t *ber;
    struct tk_oid oid;
    int ber_len;

    if (tk_oid_decode(&oid, ev->trap->oid, head->oid_len) < 0 || (oid.len == 0 && head->pdu != TK_PDU_TRAP_V1))
        return TK_DROP_MALFORMED;
    ev->trap_oid_ber = ev->trap->oid;
    ev->trap_oid_ber_len = head->oid_len;
    if (head->pdu == TK_PDU_TRAP_V1) {
        if (head->generic < 0 || head->generic > 6)
            return TK_DROP_MALFORMED;
        if (head->generic < 6) {
            memcpy(oid.subid, snmp_traps, sizeof(snmp_traps));
            oid.len = sizeof(snmp_traps) / sizeof(snmp_traps[0]);
            oid.subid[oid.len++] = (uint32_t)head->generic + 1;
        } else {
            if (oid.len < 2 || oid.len > TK_OID_MAX_SUBIDS - 2)
                return TK_DROP_MALFORMED;
            oid.subid[oid.len++] = 0;
            oid.subid[oid.len++] = (uint32_t)head->specific;
        }
        ber = tk_arena_alloc(ev->arena, TK_OID_MAX_BER);
        if (!ber)
            return TK_DROP_NO_MEMORY;
        ber_len = tk_oid_encode(ber, TK_OID_MAX_BER, oid.subid, oid.len);
        if (ber_len < 0)
            return TK_DROP_MALFORMED;
        ev->trap_oid_ber = ber;
        ev->trap_oid_ber_len = (size_t)ber_len;
    }
    ev->trap_oid_len = oid.len;
    ev->trap_oid = keep_oid(ev, oid.subid, oid.len);
    return ev->trap_oid ? TK_PASS : TK_DROP_NO_MEMORY;
}

static struct tk_text ipv4_text(char *dst, size_t dst_bytes, const uint8_t a[4])
{
    uint32_t parts[4] = {a[0], a[1], a[2], a[3]}; /* formatted as an OID: three times as fast as inet_ntop() */

    return (struct tk_text){dst, tk_oid_format(dst, dst_bytes, parts, 4)};
}

/* Can it be a device's address? Not 0.0.0.0 (RFC 3584 section 3.1 (3)), loopback, link-local, multicast, reserved. */
static bool names_a_host(const uint8_t a[4])
{
    return a[0] != 0 && a[0] != 127 && a[0] < 224 && !(a[0] == 169 && a[1] == 254);
}

static void note_agent(struct tk_event *ev, const uint8_t a[4])
{
    if (ev->agent.text || (a[0] | a[1] | a[2] | a[3]) == 0)
        return;
    memcpy(ev->agent_bytes, a, 4);
    ev->agent = ipv4_text(ev->names.agent, sizeof(ev->names.agent), a);
    ev->has_agent_host = names_a_host(a);
}

static void read_addresses(struct tk_event *ev)
{
    const struct tk_trap_head *head = &ev->trap->head;
    char *text = ev->names.address;

    if (head->family == 4)
        ev->address = ipv4_text(text, sizeof(ev->names.address), head->address);
    else if (head->family == 6 && inet_ntop(AF_INET6, head->address, text, sizeof(ev->names.address)))
        ev->address = (struct tk_text){text, strlen(text)};
    if (head->flags & TK_HAS_AGENT)
        note_agent(ev, head->agent);
}

/* A number that the agent wrapped in Opaque is a number to everybody from here on. */
static bool unwrap(struct tk_event *ev, struct tk_varbind *vb)
{
    uint8_t *room = tk_arena_alloc(ev->arena, TK_OPAQUE_ROOM);

    if (room)
        (void)tk_opaque_unwrap(vb, room);
    return room;
}

static enum tk_verdict read_varbinds(struct tk_event *ev, bool is_publishing_community)
{
    const uint8_t *at = ev->trap->varbinds;
    bool has_enterprise = false;
    size_t n = ev->trap->head.varbind_count;
    struct tk_event_varbind *vb = tk_arena_alloc(ev->arena, (n + 1) * sizeof(*vb));

    if (!vb)
        return TK_DROP_NO_MEMORY;
    memset(vb, 0, (n + 1) * sizeof(*vb));
    ev->varbinds = vb;
    for (; ev->varbind_count < n; ev->varbind_count++, vb++) {
        struct tk_oid oid;

        at = tk_trap_next(at, &vb->raw);
        if (tk_oid_decode(&oid, vb->raw.oid, vb->raw.oid_len) < 0)
            return TK_DROP_MALFORMED;
        vb->subids = oid.len;
        vb->subid = keep_oid(ev, oid.subid, oid.len);
        if (!vb->subid || (vb->raw.type == TK_OPAQUE && !unwrap(ev, &vb->raw)))
            return TK_DROP_NO_MEMORY;
        if (IS(vb, trap_address_0) && vb->raw.type == TK_IPADDRESS)
            note_agent(ev, vb->raw.value);
        else if (IS(vb, trap_community_0))
            vb->is_secret = !is_publishing_community;
        else if (IS(vb, trap_enterprise_0))
            has_enterprise = true;
    }
    /* The trap OID of a generic v1 trap does not contain its enterprise, so RFC 3584 section 3.1 (4) appends it as
     * snmpTrapEnterprise.0. */
    if (ev->trap->head.pdu == TK_PDU_TRAP_V1 && !has_enterprise) {
        vb->raw.type = TK_OID;
        vb->raw.value = ev->trap->oid;
        vb->raw.value_len = ev->trap->head.oid_len;
        vb->subid = trap_enterprise_0;
        vb->subids = sizeof(trap_enterprise_0) / sizeof(trap_enterprise_0[0]);
        ev->varbind_count++;
    }
    return TK_PASS;
}

enum tk_verdict tk_decode(struct tk_stage_state *st, const struct tk_bundle *b, struct tk_event *ev, tk_nsec now)
{
    enum tk_verdict verdict = read_trap_oid(ev);

    (void)st;
    (void)now;
    if (verdict != TK_PASS)
        return verdict;
    read_addresses(ev);
    return read_varbinds(ev, b->settings->is_publishing_community);
}
