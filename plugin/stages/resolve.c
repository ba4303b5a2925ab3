/* SPDX-License-Identifier: Apache-2.0 */
/* Stage 3: find the names of the OIDs. An event with an unknown OID is published with the number. */
#include "stages/bundle.h"
#include "stages/stages_internal.h"

enum tk_verdict tk_resolve(struct tk_stage_state *st, const struct tk_bundle *b, struct tk_event *ev, tk_nsec now)
{
    const struct tk_dict *dict = b->dict;
    size_t matched;

    (void)st;
    (void)now;
    ev->trap_object = tk_dict_find(dict, ev->trap_oid, ev->trap_oid_len, &matched);
    if (matched != ev->trap_oid_len)
        ev->trap_object = NULL;
    for (size_t i = 0; i < ev->varbind_count; i++) {
        struct tk_event_varbind *vb = &ev->varbinds[i];

        vb->object = tk_dict_resolve(dict, vb->subid, vb->subids, &vb->matched);
    }
    return TK_PASS;
}
