/* SPDX-License-Identifier: Apache-2.0 */
/* Stage 3: find the names of the OIDs: of the rules file, for notifications, and of the dictionary. An event with an
 * unknown OID is published with the number. */
#include "dictionary/notification.h"
#include "rules/rules.h"
#include "stages/bundle.h"
#include "stages/stages_internal.h"

static struct tk_text text_of(struct tk_dict_text t)
{
    return (struct tk_text){t.len ? t.text : NULL, t.len};
}

static bool resolve_trap(const struct tk_bundle *b, struct tk_event *ev)
{
    struct tk_oid known;
    uint32_t *copy;

    ev->trap_object = tk_dict_find_notification(b->dict, ev->trap_oid, ev->trap_oid_len, &known);
    if (ev->trap_object) {
        ev->trap_name = text_of(tk_dict_name(b->dict, ev->trap_object));
        ev->trap_mib = text_of(tk_dict_module(b->dict, ev->trap_object));
    }
    ev->notification = ev->trap_oid;
    ev->notification_len = known.len;
    if (known.len != ev->trap_oid_len || memcmp(known.subid, ev->trap_oid, known.len * sizeof(*copy)) != 0) {
        ev->notification = copy = tk_arena_alloc(ev->arena, known.len * sizeof(*copy));
        if (!copy)
            return false;
        memcpy(copy, known.subid, known.len * sizeof(*copy));
    }
    (void)tk_rules_name(b->rules, ev, &ev->trap_name, &ev->trap_mib); /* they are preferred */
    return true;
}

/* Most varbinds are columns of the same row as the one before, or scalars of the same group: the way down to their
 * parent is the same. @returns false: this one is not */
static bool resolve_beside(const struct tk_dict *dict, const struct tk_event_varbind *before,
                           struct tk_event_varbind *vb)
{
    const struct tk_dict_object *o = before->object;
    size_t depth = before->matched;

    if (!o || vb->subids < depth || memcmp(before->subid, vb->subid, (depth - 1) * sizeof(*vb->subid)) != 0)
        return false;
    o = tk_dict_find_sibling(dict, o, vb->subid, depth);
    if (!o || (tk_dict_kind(dict, o) != TK_DICT_SCALAR && tk_dict_kind(dict, o) != TK_DICT_COLUMN))
        return false;
    vb->object = o;
    vb->matched = depth;
    return true;
}

enum tk_verdict tk_resolve(struct tk_stage_state *st, const struct tk_bundle *b, struct tk_event *ev, tk_nsec now)
{
    const struct tk_dict *dict = b->dict;

    (void)st;
    (void)now;
    if (!resolve_trap(b, ev))
        return TK_DROP_NO_MEMORY;
    for (size_t i = 0; i < ev->varbind_count; i++) {
        struct tk_event_varbind *vb = &ev->varbinds[i];

        if (i && resolve_beside(dict, vb - 1, vb))
            continue;
        vb->object = tk_dict_resolve(dict, vb->subid, vb->subids, &vb->matched);
    }
    return tk_compare_objects(dict, ev) ? TK_PASS : TK_DROP_NO_MEMORY;
}
