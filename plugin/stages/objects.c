/* SPDX-License-Identifier: Apache-2.0 */
/* Part of stage 3: compare what came with the OBJECTS of the notification's definition. */
#include <string.h>

#include "stages/bundle.h"
#include "stages/stages_internal.h"

#define MAX_VARBINDS 1024 /* of a notification with more, nothing is said: comparing them takes too long */

/* What stands in a notification without being one of its OBJECTS: RFC 3416, 4.2.6, and RFC 3584, 3.1. */
static const uint32_t sys_uptime[] = {1, 3, 6, 1, 2, 1, 1, 3};
static const uint32_t trap_oid[] = {1, 3, 6, 1, 6, 3, 1, 1, 4, 1};
static const uint32_t trap_enterprise[] = {1, 3, 6, 1, 6, 3, 1, 1, 4, 3};
static const uint32_t community_mib[] = {1, 3, 6, 1, 6, 3, 18, 1};

#define BEGINS(subid, len, oid) ((len) >= sizeof(oid) / sizeof((oid)[0]) && memcmp((subid), (oid), sizeof(oid)) == 0)

struct comparison {
    const struct tk_dict *dict;
    struct tk_event *ev;
    unsigned count;
    unsigned next;                      /* behind the object that came last: as a rule they come in order */
    bool is_vague;                      /* no dictionary knows one of the objects */
    bool has_come[TK_DICT_MAX_OBJECTS]; /* each up to count */
    struct tk_dict_member object[TK_DICT_MAX_OBJECTS];
};

static bool is_of_the_protocol(const struct tk_event_varbind *vb)
{
    return BEGINS(vb->subid, vb->subids, sys_uptime) || BEGINS(vb->subid, vb->subids, trap_oid) ||
           BEGINS(vb->subid, vb->subids, trap_enterprise) || BEGINS(vb->subid, vb->subids, community_mib);
}

/* The notification's head has the first two varbinds, which a few definitions list as OBJECTS. */
static bool is_in_head(const struct comparison *c, const struct tk_dict_object *o)
{
    bool has_uptime = c->ev->trap->head.flags & TK_HAS_UPTIME;
    struct tk_oid oid;

    tk_dict_oid(c->dict, o, &oid);
    return BEGINS(oid.subid, oid.len, trap_oid) || (has_uptime && BEGINS(oid.subid, oid.len, sys_uptime));
}

static bool is_object(const struct comparison *c, unsigned i, const struct tk_dict_object *o)
{
    return c->object[i].object && tk_dict_is_same(c->dict, c->object[i].object, o);
}

/* A definition may list an object twice, for two rows. @returns whether it lists the object of a varbind */
static bool note(struct comparison *c, const struct tk_dict_object *o)
{
    unsigned at = c->count;

    if (c->next < c->count && !c->has_come[c->next] && is_object(c, c->next, o)) {
        at = c->next;
    } else {
        for (unsigned i = 0; i < c->count && (at == c->count || c->has_come[at]); i++)
            if (is_object(c, i, o))
                at = i;
    }
    if (at == c->count)
        return false;
    c->has_come[at] = true;
    c->next = at + 1;
    return true;
}

static void read_objects(struct comparison *c)
{
    c->next = 0;
    c->is_vague = false;
    for (unsigned i = 0; i < c->count; i++) {
        c->object[i] = tk_dict_notification_object(c->dict, c->ev->trap_object, i);
        c->has_come[i] = !c->object[i].object;
        if (!c->object[i].object)
            c->is_vague = true;
    }
}

static void note_varbinds(struct comparison *c)
{
    for (size_t i = 0; i < c->ev->varbind_count; i++) {
        struct tk_event_varbind *vb = c->ev->varbinds + i;

        if (vb->object ? !note(c, vb->object) : !c->is_vague)
            vb->is_unexpected = !is_of_the_protocol(vb);
    }
}

static bool list_missing(struct comparison *c)
{
    struct tk_dict_member *missing = NULL;

    for (unsigned i = 0; i < c->count; i++) {
        if (c->has_come[i] || is_in_head(c, c->object[i].object))
            continue;
        if (!missing)
            c->ev->missing = missing = tk_arena_alloc(c->ev->arena, (c->count - i) * sizeof(*missing));
        if (!missing)
            return false;
        missing[c->ev->missing_count++] = c->object[i];
    }
    return true;
}

bool tk_compare_objects(const struct tk_dict *dict, struct tk_event *ev)
{
    struct comparison c; /* not cleared, because that costs time */

    c.dict = dict;
    c.ev = ev;
    c.count = ev->trap_object ? tk_dict_notification_objects(dict, ev->trap_object) : 0;
    if (!c.count || ev->varbind_count > MAX_VARBINDS)
        return true;
    read_objects(&c);
    note_varbinds(&c);
    return list_missing(&c);
}
