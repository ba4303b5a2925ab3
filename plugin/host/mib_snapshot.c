/* SPDX-License-Identifier: Apache-2.0 */
#include <net-snmp/net-snmp-config.h>

#include <net-snmp/net-snmp-includes.h>

#include "host/mib_snapshot.h"

#include <errno.h>

#include "base/vector.h"
#include "dictionary/dictionary_builder.h"

#define MAX_ENUMS   4096
#define MAX_MODULES 16 /* looked at for one node */

/* What the walk needs; it is allocated, because it is too large for the stack. */
struct visit {
    struct tk_vector modules; /* const struct module *, by modid, because find_module() searches a list */
    struct tk_dict_fact_enum enums[MAX_ENUMS];
    struct tk_dict_fact_ref indexes[TK_DICT_MAX_INDEXES + 1]; /* + 1: so the builder sees when there are too many */
    struct tk_dict_fact_ref objects[TK_DICT_MAX_OBJECTS + 1]; /* the same */
    struct tk_dict_fact_ref augments;
    tk_mib_visit *call;
    void *arg;
};

static enum tk_dict_syntax syntax_of(int type)
{
    switch (type) {
    case TYPE_OBJID: return TK_SYNTAX_OID;
    case TYPE_OCTETSTR:
    case TYPE_NSAPADDRESS: return TK_SYNTAX_OCTETS;
    case TYPE_INTEGER:
    case TYPE_INTEGER32: return TK_SYNTAX_INTEGER;
    case TYPE_NETADDR: return TK_SYNTAX_NETADDRESS;
    case TYPE_IPADDR: return TK_SYNTAX_IPADDRESS;
    case TYPE_COUNTER: return TK_SYNTAX_COUNTER32;
    case TYPE_GAUGE:
    case TYPE_UINTEGER:
    case TYPE_UNSIGNED32: return TK_SYNTAX_GAUGE32;
    case TYPE_TIMETICKS: return TK_SYNTAX_TIMETICKS;
    case TYPE_OPAQUE: return TK_SYNTAX_OPAQUE;
    case TYPE_COUNTER64: return TK_SYNTAX_COUNTER64;
    case TYPE_BITSTRING: return TK_SYNTAX_BITS;
    default: return TK_SYNTAX_NONE;
    }
}

/* net-snmp names an arc "anonymous#12" if no module names it, and the 0 under an SMIv1 enterprise "acme#". */
static bool has_name(const struct tree *t)
{
    return t->label && t->label[0] && !strchr(t->label, '#');
}

/* SMIv1's TRAP-TYPE has no type in the tree. net-snmp puts it below an arc 0 of its own making, which it names after the
 * enterprise, "acme#". If a module has a name for that arc too, two nodes have the same number, and either may have the
 * children; other leaves than TRAP-TYPEs can stand there only then. */
static bool is_trap_type(const struct tree *t)
{
    const struct tree *arc = t->parent;

    if (t->type != TYPE_OTHER || t->child_list || !arc || arc->subid != 0 || !arc->parent)
        return false;
    for (arc = arc->parent->child_list; arc; arc = arc->next_peer)
        if (arc->subid == 0 && arc->label && arc->label[0] && arc->label[strlen(arc->label) - 1] == '#')
            return true;
    return false;
}

/* RFC 3584, 2.1.2: the generic traps, which vendors define again. The built-in dictionary has their names and OIDs. */
static bool is_generic_trap(const uint32_t *subid, size_t len)
{
    static const uint32_t snmp_0[] = {1, 3, 6, 1, 2, 1, 11, 0};
    const size_t n = sizeof(snmp_0) / sizeof(snmp_0[0]);

    return len == n + 1 && memcmp(subid, snmp_0, sizeof(snmp_0)) == 0 && subid[n] < 6;
}

/* Module numbers begin at 0 and have no gaps. net-snmp has no function that returns how many there are, and
 * find_module() searches a list. */
static int count_modules(void)
{
    int low = 0, high = 1;

    while (find_module(high))
        high *= 2;
    while (low < high) {
        int mid = low + (high - low) / 2;

        if (find_module(mid))
            low = mid + 1;
        else
            high = mid;
    }
    return low;
}

static bool read_modules(struct visit *v)
{
    int count = count_modules();
    const struct module **all = count ? tk_vector_push(&v->modules, (size_t)count, sizeof(*all)) : NULL;

    if (!all)
        return count == 0;
    for (const struct module *m = find_module(count - 1); m; m = m->next) /* the newest is the first of the list */
        if (m->modid >= 0 && m->modid < count)
            all[m->modid] = m;
    for (int i = 0; i < count; i++)
        if (!all[i])
            all[i] = find_module(i);
    return true;
}

static const struct module *module_by_id(const struct visit *v, int modid)
{
    return modid >= 0 && modid < (int)v->modules.count ? ((const struct module **)v->modules.items)[modid] : NULL;
}

static const char *module_name_of(const struct visit *v, int modid)
{
    const struct module *m = module_by_id(v, modid);

    return m ? m->name : NULL;
}

/* A node may belong to several modules. Prefer one that is not an old RFCxxxx-MIB (RFC1213-MIB). */
static const char *module_of(const struct visit *v, const struct tree *t)
{
    const char *best = module_name_of(v, t->modid);

    for (int i = 0; i < t->number_modules && i < MAX_MODULES; i++) {
        const char *name = module_name_of(v, t->module_list[i]);

        if (name && (!best || (strncmp(best, "RFC", 3) == 0 && strncmp(name, "RFC", 3) != 0)))
            best = name;
    }
    return best;
}

/* @returns the module from which the node's module imports @p label; NULL: it defines the label itself, or unknown */
static const char *imported_from(const struct visit *v, const struct tree *t, const char *label)
{
    const struct module *m = module_by_id(v, t->modid);

    for (int i = 0; m && m->imports && i < m->no_imports; i++)
        if (m->imports[i].label && strcmp(m->imports[i].label, label) == 0)
            return module_name_of(v, m->imports[i].modid);
    return NULL;
}

static struct tk_dict_fact_ref ref_of(const struct visit *v, const struct tree *t, const char *label, bool is_implied)
{
    const char *module = imported_from(v, t, label);

    return (struct tk_dict_fact_ref){
        .name = label,
        .name_len = strlen(label),
        .module = module,
        .module_len = module ? strlen(module) : 0,
        .is_implied = is_implied,
    };
}

static void read_row(const struct tree *t, struct visit *v, struct tk_dict_fact *f)
{
    f->indexes = v->indexes;
    for (const struct index_list *i = t->indexes; i && f->index_count <= TK_DICT_MAX_INDEXES; i = i->next)
        if (i->ilabel)
            v->indexes[f->index_count++] = ref_of(v, t, i->ilabel, i->isimplied != 0);
    if (t->augments) {
        v->augments = ref_of(v, t, t->augments, false);
        f->augments = &v->augments;
    }
}

static void read_objects(const struct tree *t, struct visit *v, struct tk_dict_fact *f)
{
    f->objects = v->objects;
    for (const struct varbind_list *i = t->varbinds; i && f->object_count <= TK_DICT_MAX_OBJECTS; i = i->next)
        if (i->vblabel)
            v->objects[f->object_count++] = ref_of(v, t, i->vblabel, false);
}

static void read_value(const struct tree *t, struct visit *v, struct tk_dict_fact *f)
{
    const struct range_list *r = t->ranges;

    f->tc = t->tc_index >= 0 ? get_tc_descriptor(t->tc_index) : NULL;
    f->tc_len = f->tc ? strlen(f->tc) : 0;
    f->hint = t->hint;
    f->hint_len = f->hint ? strlen(f->hint) : 0;
    f->units = t->units;
    f->units_len = f->units ? strlen(f->units) : 0;
    if (f->syntax == TK_SYNTAX_OCTETS && r && !r->next && r->low == r->high && r->low > 0 && r->low <= UINT16_MAX)
        f->fixed_len = (uint16_t)r->low;
    f->enums = v->enums;
    for (const struct enum_list *e = t->enums; e && f->enum_count < MAX_ENUMS; e = e->next)
        if (e->label)
            v->enums[f->enum_count++] = (struct tk_dict_fact_enum){e->value, e->label, strlen(e->label)};
}

static int add_node(const struct tree *t, const uint32_t *subid, size_t len, struct visit *v)
{
    const char *module = module_of(v, t);
    bool is_trap = is_trap_type(t);
    struct tk_dict_fact f = {
        .subid = subid,
        .len = len,
        .name = t->label,
        .name_len = strlen(t->label),
        .module = module,
        .module_len = module ? strlen(module) : 0,
        .is_notification = t->type == TYPE_NOTIFTYPE || t->type == TYPE_TRAPTYPE || is_trap,
        .syntax = syntax_of(t->type),
    };

    if (is_trap && is_generic_trap(subid, len))
        return -EINVAL;
    if (f.syntax != TK_SYNTAX_NONE)
        read_value(t, v, &f);
    if (f.is_notification)
        read_objects(t, v, &f);
    else
        read_row(t, v, &f);
    return v->call(v->arg, t, &f);
}

static int walk(struct visit *v)
{
    const struct tree *at[TK_OID_MAX_SUBIDS];
    uint32_t subid[TK_OID_MAX_SUBIDS];
    size_t depth = 0;
    int added = 0;

    at[0] = get_tree_head();
    while (at[depth] || depth) {
        const struct tree *t = at[depth];

        if (!t) { /* no more siblings: go on with the parent's */
            depth--;
            at[depth] = at[depth]->next_peer;
            continue;
        }
        subid[depth] = (uint32_t)t->subid;
        if (has_name(t) && t->type != TYPE_OBJGROUP && t->type != TYPE_NOTIFGROUP) { /* groups are never sent */
            int ret = add_node(t, subid, depth + 1, v);

            if (ret < 0 && ret != -EINVAL) /* -EINVAL: left out, it does not fit into a packet or has a name */
                return ret;
            added += ret == 0;
        }
        if (t->child_list && depth + 1 < TK_OID_MAX_SUBIDS)
            at[++depth] = t->child_list;
        else
            at[depth] = t->next_peer;
    }
    return added;
}

int tk_mib_walk(tk_mib_visit *call, void *arg)
{
    struct visit *v = calloc(1, sizeof(*v));
    int ret = -ENOMEM;

    if (v && read_modules(v)) {
        v->call = call;
        v->arg = arg;
        ret = walk(v);
    }
    if (v)
        tk_vector_done(&v->modules);
    free(v);
    return ret;
}

static int add_fact(void *arg, const struct tree *t, const struct tk_dict_fact *f)
{
    (void)t;
    return tk_dict_builder_add(arg, f);
}

int tk_mib_snapshot(struct tk_dict_builder *b)
{
    return tk_mib_walk(add_fact, b);
}
