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
    unsigned next;   /* behind the object that came last: as a rule they come in order */
    bool is_unclear; /* a varbind came that no dictionary knows */
    bool has_come[TK_DICT_MAX_OBJECTS];
    /* NULL: no dictionary has it in the module that the definition names. Modules are renamed and split, so any object of
     * the name stands for it, and it may be a varbind that no dictionary knows. */
    const struct tk_dict_object *object[TK_DICT_MAX_OBJECTS];
};

static bool is_of_the_protocol(const struct tk_event_varbind *vb)
{
    const uint32_t *subid = vb->subid;
    size_t len = vb->subids;

    if (len < 8 || (subid[4] != 2 && subid[4] != 6))
        return false;
    return BEGINS(subid, len, sys_uptime) || BEGINS(subid, len, trap_oid) || BEGINS(subid, len, trap_enterprise) ||
           BEGINS(subid, len, community_mib);
}

static bool is_same_text(struct tk_dict_text a, struct tk_dict_text b)
{
    return a.len == b.len && memcmp(a.text, b.text, a.len) == 0;
}

static bool is_named(const struct comparison *c, unsigned i, struct tk_dict_text name)
{
    return is_same_text(tk_dict_notification_object(c->dict, c->ev->trap_object, i).name, name);
}

static bool is_object(const struct comparison *c, unsigned i, const struct tk_dict_object *o)
{
    return c->object[i] ? tk_dict_is_same(c->dict, c->object[i], o) : is_named(c, i, tk_dict_name(c->dict, o));
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

static void note_varbinds(struct comparison *c)
{
    for (size_t i = 0; i < c->ev->varbind_count; i++) {
        struct tk_event_varbind *vb = c->ev->varbinds + i;

        if (vb->object ? note(c, vb->object) : is_of_the_protocol(vb))
            continue;
        if (!vb->object)
            c->is_unclear = true;
        else
            vb->is_unexpected = !is_of_the_protocol(vb);
    }
}

/* A varbind that no dictionary knows is none of the OBJECTS if dictionaries know all of those that did not come. */
static void mark_unknown(struct comparison *c)
{
    for (unsigned i = 0; i < c->count; i++)
        if (!c->object[i] && !c->has_come[i])
            return;
    for (size_t i = 0; i < c->ev->varbind_count; i++) {
        struct tk_event_varbind *vb = c->ev->varbinds + i;

        if (!vb->object)
            vb->is_unexpected = !is_of_the_protocol(vb);
    }
    c->is_unclear = false;
}

/* The notification's head has the first two varbinds, which a few definitions list as OBJECTS. */
static bool is_in_head(const struct comparison *c, unsigned i)
{
    static const struct tk_dict_text uptime = {"sysUpTime", 9}, oid = {"snmpTrapOID", 11};

    return is_named(c, i, oid) || (c->ev->trap->head.flags & TK_HAS_UPTIME && is_named(c, i, uptime));
}

static bool list_missing(struct comparison *c)
{
    struct tk_dict_member *missing = NULL;

    for (unsigned i = 0; i < c->count; i++) {
        if (c->has_come[i] || (!c->object[i] && c->is_unclear) || is_in_head(c, i))
            continue;
        if (!missing)
            c->ev->missing = missing = tk_arena_alloc(c->ev->arena, (c->count - i) * sizeof(*missing));
        if (!missing)
            return false;
        missing[c->ev->missing_count++] = tk_dict_notification_object(c->dict, c->ev->trap_object, i);
    }
    return true;
}

bool tk_compare_objects(const struct tk_dict *dict, struct tk_event *ev)
{
    struct comparison c; /* not cleared, because that costs time */

    c.dict = dict;
    c.ev = ev;
    c.next = 0;
    c.is_unclear = false;
    c.count = ev->trap_object ? tk_dict_notification_find(dict, ev->trap_object, c.object) : 0;
    if (!c.count || ev->varbind_count > MAX_VARBINDS)
        return true;
    memset(c.has_come, 0, c.count * sizeof(c.has_come[0]));
    note_varbinds(&c);
    if (c.is_unclear)
        mark_unknown(&c);
    return list_missing(&c);
}
