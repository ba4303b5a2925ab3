/* SPDX-License-Identifier: Apache-2.0 */
#include "dictionary/dictionary_object.h"

#include "base/devel.h"
#include "dictionary/dictionary_internal.h"

#define MAX_HOPS 4 /* from a row to the row that it augments, in another layer */

/* An object's layer, and its place in the stack; NULL: it is of another dictionary, which is an error of ours. */
static inline const struct tk_dict_layer *layer_of(const struct tk_dict *d, const struct tk_dict_object *o,
                                                   unsigned *ret_at)
{
    const struct tk_dict_layer *l = tk_dict_layer_of(d, o, ret_at);

    TK_ASSERT(l);
    return l;
}

/* The type of an object; number 0, which has no syntax, for one without a value. */
static inline const struct tk_dict_type *type_of(const struct tk_dict *d, const struct tk_dict_object *o,
                                                 const struct tk_dict_layer **ret_layer)
{
    static const struct tk_dict_type none;
    unsigned at;
    const struct tk_dict_layer *l = *ret_layer = layer_of(d, o, &at);
    uint8_t kind = TK_DICT_LOAD(o->kind);
    uint32_t number = TK_DICT_LOAD(o->detail);

    if (!l || (kind != TK_DICT_SCALAR && kind != TK_DICT_COLUMN) || number >= l->count[TK_DICT_TYPES])
        return &none;
    return l->types + number;
}

unsigned tk_dict_layers(const struct tk_dict *d)
{
    return d->layer_count;
}

unsigned tk_dict_layer(const struct tk_dict *d, const struct tk_dict_object *o)
{
    unsigned at = 0;

    (void)tk_dict_layer_of(d, o, &at);
    return at;
}

enum tk_dict_kind tk_dict_kind(const struct tk_dict *d, const struct tk_dict_object *o)
{
    uint8_t kind = TK_DICT_LOAD(o->kind);

    (void)d;
    return kind <= TK_DICT_COLUMN ? (enum tk_dict_kind)kind : TK_DICT_NODE;
}

enum tk_dict_syntax tk_dict_syntax(const struct tk_dict *d, const struct tk_dict_object *o)
{
    const struct tk_dict_layer *l;
    uint8_t syntax = TK_DICT_LOAD(type_of(d, o, &l)->syntax);

    return syntax < TK_SYNTAX_COUNT_ ? (enum tk_dict_syntax)syntax : TK_SYNTAX_NONE;
}

enum tk_dict_reading tk_dict_reading(const struct tk_dict *d, const struct tk_dict_object *o)
{
    const struct tk_dict_layer *l;
    uint8_t reading = TK_DICT_LOAD(type_of(d, o, &l)->reading);

    return reading < TK_READ_COUNT_ ? (enum tk_dict_reading)reading : TK_READ_PLAIN;
}

uint16_t tk_dict_fixed_len(const struct tk_dict *d, const struct tk_dict_object *o)
{
    const struct tk_dict_layer *l;

    return TK_DICT_LOAD(type_of(d, o, &l)->fixed_len);
}

static bool has_flag(const struct tk_dict *d, const struct tk_dict_object *o, uint8_t flag)
{
    const struct tk_dict_layer *l;

    return (TK_DICT_LOAD(type_of(d, o, &l)->flags) & flag) != 0;
}

bool tk_dict_is_ifindex(const struct tk_dict *d, const struct tk_dict_object *o)
{
    return has_flag(d, o, TK_DICT_IS_IFINDEX);
}

bool tk_dict_is_inet_address(const struct tk_dict *d, const struct tk_dict_object *o)
{
    return has_flag(d, o, TK_DICT_IS_INET_ADDRESS);
}

bool tk_dict_is_inet_type(const struct tk_dict *d, const struct tk_dict_object *o)
{
    return has_flag(d, o, TK_DICT_IS_INET_TYPE);
}

/* ---- texts ---- */

static const struct tk_dict_text no_text = {"", 0};

/* A name; no builder writes longer ones, so callers need not expect them. */
static struct tk_dict_text name_text(const struct tk_dict_layer *l, uint32_t string)
{
    struct tk_dict_text t = tk_dict_string(l, string);

    return t.len <= TK_DICT_MAX_NAME ? t : no_text;
}

struct tk_dict_text tk_dict_name(const struct tk_dict *d, const struct tk_dict_object *o)
{
    unsigned at;
    const struct tk_dict_layer *l = layer_of(d, o, &at);

    return l ? name_text(l, TK_DICT_LOAD(o->name)) : no_text;
}

static struct tk_dict_text module_text(const struct tk_dict_layer *l, uint16_t module)
{
    return module < l->count[TK_DICT_MODULES] ? name_text(l, TK_DICT_LOAD(l->modules[module])) : no_text;
}

struct tk_dict_text tk_dict_module(const struct tk_dict *d, const struct tk_dict_object *o)
{
    unsigned at;
    const struct tk_dict_layer *l = layer_of(d, o, &at);

    return l ? module_text(l, TK_DICT_LOAD(o->module)) : no_text;
}

uint32_t tk_dict_module_number(const struct tk_dict *d, const struct tk_dict_object *o)
{
    unsigned at;
    const struct tk_dict_layer *l = layer_of(d, o, &at);
    uint16_t module = TK_DICT_LOAD(o->module);

    return l && module < l->count[TK_DICT_MODULES] ? d->stack[at].module_numbers[module] : 0;
}

struct tk_dict_text tk_dict_tc(const struct tk_dict *d, const struct tk_dict_object *o)
{
    const struct tk_dict_layer *l;
    const struct tk_dict_type *t = type_of(d, o, &l);

    return l ? name_text(l, TK_DICT_LOAD(t->tc)) : no_text;
}

struct tk_dict_text tk_dict_hint(const struct tk_dict *d, const struct tk_dict_object *o)
{
    const struct tk_dict_layer *l;
    const struct tk_dict_type *t = type_of(d, o, &l);

    return l ? tk_dict_string(l, TK_DICT_LOAD(t->hint)) : no_text;
}

struct tk_dict_text tk_dict_units(const struct tk_dict *d, const struct tk_dict_object *o)
{
    const struct tk_dict_layer *l;
    const struct tk_dict_type *t = type_of(d, o, &l);

    return l ? name_text(l, TK_DICT_LOAD(t->units)) : no_text;
}

/* ---- enumerations ---- */

/* The enumerations of an object, as a range that can be used. */
static const struct tk_dict_item *enums_of(const struct tk_dict *d, const struct tk_dict_object *o,
                                           const struct tk_dict_layer **ret_layer, unsigned *ret_count)
{
    const struct tk_dict_type *t = type_of(d, o, ret_layer);
    uint32_t first = TK_DICT_LOAD(t->enums), all = *ret_layer ? (*ret_layer)->count[TK_DICT_ENUMS] : 0;
    uint16_t count = TK_DICT_LOAD(t->enum_count);

    *ret_count = first <= all && count <= all - first ? count : 0;
    return *ret_count ? (*ret_layer)->enums + first : NULL;
}

unsigned tk_dict_enum_count(const struct tk_dict *d, const struct tk_dict_object *o)
{
    const struct tk_dict_layer *l;
    unsigned count;

    (void)enums_of(d, o, &l, &count);
    return count;
}

struct tk_dict_enum tk_dict_enum(const struct tk_dict *d, const struct tk_dict_object *o, unsigned i)
{
    const struct tk_dict_layer *l;
    unsigned count;
    const struct tk_dict_item *e = enums_of(d, o, &l, &count);

    if (i >= count) /* the file has changed since the caller asked for the number */
        return (struct tk_dict_enum){0, no_text};
    return (struct tk_dict_enum){TK_DICT_LOAD(e[i].value), name_text(l, TK_DICT_LOAD(e[i].label))};
}

struct tk_dict_text tk_dict_label(const struct tk_dict *d, const struct tk_dict_object *o, int64_t value)
{
    const struct tk_dict_layer *l;
    unsigned count;
    const struct tk_dict_item *e = enums_of(d, o, &l, &count);
    uint32_t low = 0, high = count;

    while (low < high) {
        uint32_t mid = low + (high - low) / 2;

        if (TK_DICT_LOAD(e[mid].value) < value)
            low = mid + 1;
        else
            high = mid;
    }
    if (low < count && TK_DICT_LOAD(e[low].value) == value)
        return name_text(l, TK_DICT_LOAD(e[low].label));
    return (struct tk_dict_text){NULL, 0};
}

/* ---- lists: indexes, and objects of notifications ---- */

/* The references of a list, as a range that can be used. */
static const struct tk_dict_ref *list_of(const struct tk_dict_layer *l, uint32_t number, unsigned max,
                                         unsigned *ret_count)
{
    uint32_t first, count, all = l->count[TK_DICT_REFS];

    *ret_count = 0;
    if (!number || number >= l->count[TK_DICT_LISTS])
        return NULL;
    first = TK_DICT_LOAD(l->lists[number].first);
    count = TK_DICT_LOAD(l->lists[number].count);
    if (!count || count > max || first > all || count > all - first)
        return NULL;
    *ret_count = count;
    return l->refs_of_lists + first;
}

/* The object that a reference means: this layer's; else the first layer's that has it in the module that was named, if one
 * was. NULL: no layer has it. */
static const struct tk_dict_object *object_of(const struct tk_dict *d, const struct tk_dict_layer *l,
                                              const struct tk_dict_ref *ref)
{
    uint32_t node = TK_DICT_LOAD(ref->node);
    struct tk_dict_text name, module;

    if (node && node < l->node_count)
        return l->objects + node;
    name = name_text(l, TK_DICT_LOAD(ref->name));
    module = module_text(l, TK_DICT_LOAD(ref->module));
    if (!module.len)
        module.text = NULL;
    return name.len ? tk_dict_find_member(d, module, name) : NULL;
}

/* The same; but if the module does not have it, any object of the name, because modules are renamed and split. */
static struct tk_dict_member member_of(const struct tk_dict *d, const struct tk_dict_layer *l,
                                       const struct tk_dict_ref *ref)
{
    struct tk_dict_member m = {.name = name_text(l, TK_DICT_LOAD(ref->name)),
                               .module = module_text(l, TK_DICT_LOAD(ref->module)),
                               .object = object_of(d, l, ref)};

    if (!m.object && m.name.len && m.module.len)
        m.object = tk_dict_find_member(d, (struct tk_dict_text){NULL, 0}, m.name);
    if (m.object)
        m.module = tk_dict_module(d, m.object);
    return m;
}

/* The indexes of a row, of the row that a column is in, or of the row that the row augments. */
static const struct tk_dict_ref *indexes_of(const struct tk_dict *d, const struct tk_dict_object *o,
                                            const struct tk_dict_layer **ret_layer, unsigned *ret_count)
{
    for (int hops = 0; o && hops < MAX_HOPS; hops++) {
        unsigned at;
        const struct tk_dict_layer *l = *ret_layer = layer_of(d, o, &at);
        const struct tk_dict_ref *ref;

        if (l && TK_DICT_LOAD(o->kind) == TK_DICT_COLUMN) {
            uint32_t parent = TK_DICT_LOAD(o->parent);

            o = parent < l->node_count ? l->objects + parent : o;
        }
        if (!l || TK_DICT_LOAD(o->kind) != TK_DICT_ENTRY)
            break;
        ref = list_of(l, TK_DICT_LOAD(o->detail), TK_DICT_MAX_INDEXES, ret_count);
        if (!ref || !(TK_DICT_LOAD(ref->flags) & TK_DICT_IS_AUGMENTS))
            return ref;
        o = member_of(d, l, ref).object;
    }
    *ret_count = 0;
    return NULL;
}

unsigned tk_dict_index_count(const struct tk_dict *d, const struct tk_dict_object *o)
{
    const struct tk_dict_layer *l;
    unsigned count;

    (void)indexes_of(d, o, &l, &count);
    return count;
}

static struct tk_dict_index read_index(const struct tk_dict *d, const struct tk_dict_layer *l,
                                       const struct tk_dict_ref *ref)
{
    struct tk_dict_member m = member_of(d, l, ref);
    struct tk_dict_index ix = {.name = m.name,
                               .module = m.module,
                               .object = m.object,
                               .is_implied = TK_DICT_LOAD(ref->flags) & TK_DICT_IS_IMPLIED};

    if (!m.object)
        return ix;
    ix.syntax = tk_dict_syntax(d, m.object);
    ix.fixed_len = tk_dict_fixed_len(d, m.object);
    ix.is_ifindex = tk_dict_is_ifindex(d, m.object);
    return ix;
}

struct tk_dict_index tk_dict_index(const struct tk_dict *d, const struct tk_dict_object *o, unsigned i)
{
    const struct tk_dict_layer *l;
    unsigned count;
    const struct tk_dict_ref *ref = indexes_of(d, o, &l, &count);

    return i < count ? read_index(d, l, ref + i) : (struct tk_dict_index){.name = no_text, .module = no_text};
}

unsigned tk_dict_indexes(const struct tk_dict *d, const struct tk_dict_object *o, struct tk_dict_index *ret_indexes)
{
    const struct tk_dict_layer *l;
    unsigned count;
    const struct tk_dict_ref *ref = indexes_of(d, o, &l, &count);

    for (unsigned i = 0; i < count; i++)
        ret_indexes[i] = read_index(d, l, ref + i);
    return count;
}

struct tk_dict_text tk_dict_augments(const struct tk_dict *d, const struct tk_dict_object *o,
                                     struct tk_dict_text *ret_module)
{
    unsigned at, count = 0;
    const struct tk_dict_layer *l = layer_of(d, o, &at);
    const struct tk_dict_ref *ref = NULL;

    if (l && TK_DICT_LOAD(o->kind) == TK_DICT_ENTRY)
        ref = list_of(l, TK_DICT_LOAD(o->detail), 1, &count);
    if (!count || !(TK_DICT_LOAD(ref->flags) & TK_DICT_IS_AUGMENTS))
        return *ret_module = no_text;
    *ret_module = module_text(l, TK_DICT_LOAD(ref->module));
    return name_text(l, TK_DICT_LOAD(ref->name));
}

/* The OBJECTS of a notification, as a range that can be used. */
static const struct tk_dict_ref *objects_of(const struct tk_dict *d, const struct tk_dict_object *o,
                                            const struct tk_dict_layer **ret_layer, unsigned *ret_count)
{
    unsigned at;
    const struct tk_dict_layer *l = *ret_layer = layer_of(d, o, &at);

    *ret_count = 0;
    if (!l || TK_DICT_LOAD(o->kind) != TK_DICT_NOTIFICATION)
        return NULL;
    return list_of(l, TK_DICT_LOAD(o->detail), TK_DICT_MAX_OBJECTS, ret_count);
}

uint32_t tk_dict_unresolved(const struct tk_dict *d)
{
    uint32_t count = 0;

    for (unsigned i = 0; i < d->layer_count; i++) {
        const struct tk_dict_layer *l = d->stack[i].layer;

        for (uint32_t r = 0; r < l->count[TK_DICT_REFS]; r++)
            count += !member_of(d, l, l->refs_of_lists + r).object;
    }
    return count;
}

unsigned tk_dict_notification_objects(const struct tk_dict *d, const struct tk_dict_object *o)
{
    const struct tk_dict_layer *l;
    unsigned count;

    (void)objects_of(d, o, &l, &count);
    return count;
}

struct tk_dict_member tk_dict_notification_object(const struct tk_dict *d, const struct tk_dict_object *o, unsigned i)
{
    const struct tk_dict_layer *l;
    unsigned count;
    const struct tk_dict_ref *ref = objects_of(d, o, &l, &count);

    return i < count ? member_of(d, l, ref + i) : (struct tk_dict_member){.name = no_text, .module = no_text};
}

unsigned tk_dict_notification_find(const struct tk_dict *d, const struct tk_dict_object *o,
                                   const struct tk_dict_object **ret_objects)
{
    const struct tk_dict_layer *l;
    unsigned count;
    const struct tk_dict_ref *ref = objects_of(d, o, &l, &count);

    for (unsigned i = 0; i < count; i++)
        ret_objects[i] = object_of(d, l, ref + i);
    return count;
}
