/* SPDX-License-Identifier: Apache-2.0 */
/* Stage 9: find the circuit, by the device and the interface that the varbinds name. */
#include <string.h>

#include "stages/bundle.h"
#include "stages/stages_internal.h"

static const uint32_t if_name[] = {1, 3, 6, 1, 2, 1, 31, 1, 1, 1, 1}; /* IF-MIB */
static const uint32_t if_descr[] = {1, 3, 6, 1, 2, 1, 2, 2, 1, 2};

#define IS_UNDER(vb, oid) \
    ((vb)->subids >= sizeof(oid) / sizeof((oid)[0]) && memcmp((vb)->subid, (oid), sizeof(oid)) == 0)

/* Look for ifIndex as a value ("ifIndex.7 = 7", or any InterfaceIndex), else as an index ("ifOperStatus.7"). */
static bool find_if_index(const struct tk_event *ev, const struct tk_dict *dict, uint32_t *ret_if_index)
{
    bool is_found = false;

    for (size_t i = 0; i < ev->varbind_count; i++) {
        const struct tk_event_varbind *vb = &ev->varbinds[i];

        if (!vb->object)
            continue;
        if (tk_dict_is_ifindex(dict, vb->object) && vb->raw.type == TK_INTEGER && tk_varbind_i64(&vb->raw) > 0) {
            *ret_if_index = (uint32_t)tk_varbind_i64(&vb->raw);
            return true;
        }
        if (!is_found && vb->subids > vb->matched && tk_dict_index(dict, vb->object, 0).is_ifindex) {
            *ret_if_index = vb->subid[vb->matched];
            is_found = true;
        }
    }
    return is_found;
}

enum tk_verdict tk_enrich(struct tk_stage_state *st, const struct tk_bundle *b, struct tk_event *ev, tk_nsec now)
{
    const struct tk_circuits *c = b->circuits;
    uint32_t if_index = 0;

    (void)st;
    (void)now;
    ev->circuit_row = TK_ROW_NONE;
    if (!c)
        return TK_PASS;
    if (find_if_index(ev, b->dict, &if_index))
        ev->circuit_row = tk_circuits_find_index(c, ev->device.text, ev->device.len, if_index);
    for (size_t i = 0; i < ev->varbind_count && ev->circuit_row == TK_ROW_NONE; i++) {
        const struct tk_event_varbind *vb = &ev->varbinds[i];

        if (vb->raw.type == TK_OCTETS && (IS_UNDER(vb, if_name) || IS_UNDER(vb, if_descr)))
            ev->circuit_row = tk_circuits_find_name(c, ev->device.text, ev->device.len, (const char *)vb->raw.value,
                                                    tk_varbind_text_len(&vb->raw));
    }
    return TK_PASS;
}
