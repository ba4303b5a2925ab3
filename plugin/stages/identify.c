/* SPDX-License-Identifier: Apache-2.0 */
/* Stage 2: name the device that sent it: the inventory's name, else a v3 trap's context engine ID, else the agent's
 * address, else the peer's. */
#include <string.h>
#include <sys/socket.h>

#include "base/text.h"
#include "stages/bundle.h"
#include "stages/stages_internal.h"

static const uint32_t sys_name_0[] = {1, 3, 6, 1, 2, 1, 1, 5, 0}; /* SNMPv2-MIB */

static uint32_t find_by_sys_name(const struct tk_inventory *inv, const struct tk_event *ev)
{
    for (size_t i = 0; i < ev->varbind_count; i++) {
        const struct tk_event_varbind *vb = &ev->varbinds[i];

        if (vb->subids == sizeof(sys_name_0) / sizeof(sys_name_0[0]) && vb->raw.type == TK_OCTETS &&
            memcmp(vb->subid, sys_name_0, sizeof(sys_name_0)) == 0)
            return tk_inventory_find_name(inv, (const char *)vb->raw.value, vb->raw.value_len);
    }
    return TK_ROW_NONE;
}

/* The most reliable key first: the engine ID, the agent's address (a proxy may have forwarded the trap), the peer's
 * address, sysName.0. If an engine ID identifies the sender, varbinds (snmpTrapAddress.0, sysName.0) are not used:
 * a sender could name another device in them. */
static uint32_t find_row(const struct tk_inventory *inv, struct tk_event *ev)
{
    const struct tk_trap *trap = ev->trap;
    uint32_t row = TK_ROW_NONE;

    if (tk_event_has_engine(ev))
        row = tk_inventory_find_engine(inv, trap->context_engine_id, trap->head.context_engine_id_len);
    if (row == TK_ROW_NONE && ev->has_agent_host && !tk_event_has_engine(ev)) {
        row = tk_inventory_find_address(inv, AF_INET, ev->agent_bytes);
        ev->is_from_agent = row != TK_ROW_NONE;
    }
    if (row == TK_ROW_NONE && trap->head.family)
        row = tk_inventory_find_address(inv, trap->head.family == 4 ? AF_INET : AF_INET6, trap->head.address);
    return row == TK_ROW_NONE && !tk_event_has_engine(ev) ? find_by_sys_name(inv, ev) : row;
}

static struct tk_text hex_text(struct tk_event *ev, const uint8_t *bytes, size_t len)
{
    char *text = tk_arena_alloc(ev->arena, len * 2 + 1);

    if (!text)
        return (struct tk_text){NULL, 0};
    text[tk_format_hex(text, bytes, len)] = '\0';
    return (struct tk_text){text, 2 * len};
}

enum tk_verdict tk_identify(struct tk_stage_state *st, const struct tk_bundle *b, struct tk_event *ev, tk_nsec now)
{
    const struct tk_inventory *inv = b->inventory;

    (void)st;
    (void)now;
    ev->inventory_row = inv ? find_row(inv, ev) : TK_ROW_NONE;
    if (ev->inventory_row != TK_ROW_NONE)
        ev->device.text = tk_inventory_name(inv, ev->inventory_row, &ev->device.len);
    if (!ev->device.text && tk_event_has_engine(ev))
        ev->device = hex_text(ev, ev->trap->context_engine_id, ev->trap->head.context_engine_id_len);
    else if (!ev->device.text && ev->has_agent_host) {
        ev->device = ev->agent;
        ev->is_from_agent = true;
    } else if (!ev->device.text)
        ev->device = ev->address;
    if (!ev->device.text) /* a transport without addresses, such as a local socket */
        ev->device = (struct tk_text){"unknown", sizeof("unknown") - 1};
    return TK_PASS;
}
