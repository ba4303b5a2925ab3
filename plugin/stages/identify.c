/* SPDX-License-Identifier: Apache-2.0 */
/* Stage 2: name the device that sent it: the inventory's name, else the engine ID of a v3 trap, else the agent's
 * address, else the peer's. */
#include <string.h>
#include <sys/socket.h>

#include "base/text.h"
#include "stages/bundle.h"
#include "stages/stages_internal.h"

static const uint32_t sys_name_0[] = {1, 3, 6, 1, 2, 1, 1, 5, 0}; /* SNMPv2-MIB */

/* The engine of a v3 notification that is its sender's. Some senders leave the context engine ID empty, or write the
 * receiver's there: then it is the security engine ID, by whose keys the message was authenticated. In an INFORM that
 * is the receiver's. */
static void find_engine(struct tk_event *ev)
{
    const struct tk_trap *trap = ev->trap;
    const struct tk_trap_head *head = &trap->head;

    if (head->version != TK_SNMP_V3)
        return;
    if (head->context_engine_id_len && !(head->flags & TK_CONTEXT_ENGINE_IS_OWN)) {
        ev->engine_id = trap->context_engine_id;
        ev->engine_id_len = head->context_engine_id_len;
    } else if (head->engine_id_len && head->pdu != TK_PDU_INFORM && !(head->flags & TK_SECURITY_ENGINE_IS_OWN)) {
        ev->engine_id = trap->engine_id;
        ev->engine_id_len = head->engine_id_len;
    }
}

static uint32_t find_by_sys_name(const struct tk_inventory *inv, const struct tk_event *ev)
{
    for (size_t i = 0; i < ev->varbind_count; i++) {
        const struct tk_event_varbind *vb = &ev->varbinds[i];

        if (vb->subids == sizeof(sys_name_0) / sizeof(sys_name_0[0]) && vb->raw.type == TK_OCTETS &&
            memcmp(vb->subid, sys_name_0, sizeof(sys_name_0)) == 0)
            return tk_inventory_find_name(inv, (const char *)vb->raw.value, tk_varbind_text_len(&vb->raw));
    }
    return TK_ROW_NONE;
}

/* The most reliable key first: the engine ID, the agent's address (a proxy may have forwarded the trap), the peer's
 * address, sysName.0. If an engine ID identifies the sender, varbinds (snmpTrapAddress.0, sysName.0) are not used:
 * a sender could name another device in them. */
static uint32_t find_row(const struct tk_inventory *inv, struct tk_event *ev)
{
    const struct tk_trap_head *head = &ev->trap->head;
    uint32_t row = TK_ROW_NONE;

    if (ev->engine_id) {
        row = tk_inventory_find_engine(inv, ev->engine_id, ev->engine_id_len);
        ev->device_from = TK_DEVICE_OF_ENGINE;
    } else if (ev->has_agent_host) {
        row = tk_inventory_find_address(inv, AF_INET, ev->agent_bytes);
        ev->device_from = TK_DEVICE_OF_AGENT;
        ev->is_from_agent = row != TK_ROW_NONE;
    }
    if (row != TK_ROW_NONE)
        return row;
    ev->device_from = TK_DEVICE_OF_PEER;
    if (head->family)
        row = tk_inventory_find_address(inv, head->family == 4 ? AF_INET : AF_INET6, head->address);
    if (row != TK_ROW_NONE || ev->engine_id)
        return row;
    ev->device_from = TK_DEVICE_OF_NAME;
    return find_by_sys_name(inv, ev);
}

/* The name of a device that the inventory does not name. */
static struct tk_text name_device(struct tk_event *ev)
{
    static const char unknown[] = "unknown"; /* a transport without addresses, such as a local socket */

    ev->device_from = ev->engine_id        ? TK_DEVICE_OF_ENGINE
                      : ev->has_agent_host ? TK_DEVICE_OF_AGENT
                      : ev->address.text   ? TK_DEVICE_OF_PEER
                                           : TK_DEVICE_UNKNOWN;
    if (ev->engine_id)
        return (struct tk_text){ev->names.engine, tk_format_hex(ev->names.engine, ev->engine_id, ev->engine_id_len)};
    ev->is_from_agent = ev->has_agent_host;
    if (ev->has_agent_host)
        return ev->agent;
    return ev->address.text ? ev->address : (struct tk_text){unknown, sizeof(unknown) - 1};
}

enum tk_verdict tk_identify(struct tk_stage_state *st, const struct tk_bundle *b, struct tk_event *ev, tk_nsec now)
{
    const struct tk_inventory *inv = b->inventory;

    (void)st;
    (void)now;
    find_engine(ev);
    ev->inventory_row = inv ? find_row(inv, ev) : TK_ROW_NONE;
    if (ev->inventory_row != TK_ROW_NONE)
        ev->device.text = tk_inventory_name(inv, ev->inventory_row, &ev->device.len);
    if (!ev->device.text)
        ev->device = name_device(ev);
    return TK_PASS;
}
