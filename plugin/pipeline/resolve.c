/* SPDX-License-Identifier: Apache-2.0 */
/* Stage 3: what are the OIDs called? One that no dictionary knows keeps its number and is published all the same. */
#include "pipeline/bundle.h"
#include "pipeline/stage.h"

/* A name counts when it names the whole OID, or when what follows it is an instance of that object. */
static const struct tk_dict_object *find(const struct tk_dict *dict, const uint32_t *subid, size_t len,
                                         size_t *ret_matched)
{
    const struct tk_dict_object *o = tk_dict_find(dict, subid, len, ret_matched);

    if (!o || *ret_matched == len || o->kind == TK_DICT_SCALAR || o->kind == TK_DICT_COLUMN)
        return o;
    return NULL;
}

enum tk_verdict tk_resolve(struct tk_stage_state *st, struct tk_event *ev, tk_nsec now)
{
    const struct tk_dict *dict = ev->bundle->dict;
    size_t matched;

    (void)st;
    (void)now;
    ev->trap_object = tk_dict_find(dict, ev->trap_oid, ev->trap_oid_len, &matched);
    if (matched != ev->trap_oid_len)
        ev->trap_object = NULL;
    for (size_t i = 0; i < ev->varbind_count; i++) {
        struct tk_event_varbind *vb = &ev->varbinds[i];

        vb->object = find(dict, vb->subid, vb->subids, &vb->matched);
    }
    return TK_PASS;
}
