/* SPDX-License-Identifier: Apache-2.0 */
#include "dictionary/dictionary_builder.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>

#include "dictionary/dictionary_internal.h"

#define MAX_STRING_BYTES (1u << 30)
#define MAX_LIST         4096 /* enumerations of one object */
#define MAX_UNITS        64   /* bytes; longer units are cut */

int tk_dict_set_grow(struct tk_dict_set *set, uint32_t (*hash_of)(const void *owner, uint32_t), const void *owner)
{
    uint32_t mask = set->mask ? set->mask * 2 + 1 : 1023, *slots;

    if (set->mask && set->count < set->mask / 2)
        return 0;
    slots = calloc((size_t)mask + 1, sizeof(*slots));
    if (!slots)
        return -ENOMEM;
    for (uint32_t i = 0; set->mask && i <= set->mask; i++) {
        uint32_t at;

        if (!set->slots[i])
            continue;
        for (at = hash_of(owner, set->slots[i]) & mask; slots[at]; at = (at + 1) & mask)
            ;
        slots[at] = set->slots[i];
    }
    free(set->slots);
    set->slots = slots;
    set->mask = mask;
    return 0;
}

/* ---- strings: each is a 16-bit length, the text and a NUL; its number is the offset of the length ---- */

struct tk_dict_text tk_dict_builder_string(const struct tk_dict_builder *b, uint32_t string)
{
    const char *at = (const char *)b->strings.items + string;
    uint16_t len;

    memcpy(&len, at, sizeof(len));
    return (struct tk_dict_text){at + sizeof(len), len};
}

static uint32_t string_hash(const void *b, uint32_t string)
{
    struct tk_dict_text t = tk_dict_builder_string(b, string);

    return tk_dict_hash(t.text, t.len);
}

static int string_append(struct tk_dict_builder *b, const char *text, uint16_t len, uint32_t *ret_string)
{
    uint32_t bytes = len + (uint32_t)sizeof(len) + 1;
    char *dst;

    if (b->strings.count > MAX_STRING_BYTES)
        return -E2BIG;
    dst = tk_vector_reserve(&b->strings, bytes, 1);
    if (!dst)
        return -ENOMEM;
    memcpy(dst, &len, sizeof(len));
    memcpy(dst + sizeof(len), text, len);
    dst[sizeof(len) + len] = '\0';
    *ret_string = b->strings.count;
    b->strings.count += bytes;
    return 0;
}

static int intern(struct tk_dict_builder *b, const char *text, size_t len, uint32_t *ret_string)
{
    struct tk_dict_set *set = &b->string_set;
    uint32_t at;
    int ret;

    if (!text || !len) {
        *ret_string = 0;
        return 0;
    }
    if (len > UINT16_MAX)
        return -EINVAL;
    if (tk_dict_set_grow(set, string_hash, b) < 0)
        return -ENOMEM;
    for (at = tk_dict_hash(text, len) & set->mask; set->slots[at]; at = (at + 1) & set->mask) {
        struct tk_dict_text t = tk_dict_builder_string(b, set->slots[at]);

        if (t.len == len && memcmp(t.text, text, len) == 0) {
            *ret_string = set->slots[at];
            return 0;
        }
    }
    ret = string_append(b, text, (uint16_t)len, ret_string);
    if (ret < 0)
        return ret;
    set->slots[at] = *ret_string;
    set->count++;
    return 0;
}

/* Names go into JSON and logs without escaping, so they are made printable ASCII, and cut at 256 bytes. */
static int intern_name(struct tk_dict_builder *b, const char *name, size_t len, uint32_t *ret_string)
{
    char clean[TK_DICT_MAX_NAME];

    if (!name)
        len = 0;
    if (len > sizeof(clean))
        len = sizeof(clean);
    for (size_t i = 0; i < len; i++)
        clean[i] = name[i] > ' ' && name[i] < 0x7f && name[i] != '"' && name[i] != '\\' ? name[i] : '?';
    return intern(b, clean, len, ret_string);
}

/* ---- modules ---- */

static uint32_t module_hash(const void *owner, uint32_t number)
{
    const struct tk_dict_builder *b = owner;

    return ((const uint32_t *)b->modules.items)[number] * 0x9e3779b1u >> 7;
}

static int intern_module(struct tk_dict_builder *b, const char *name, size_t len, uint16_t *ret_module)
{
    struct tk_dict_set *set = &b->module_set;
    uint32_t string, at, *module;
    int ret = intern_name(b, name, len, &string);

    *ret_module = 0;
    if (ret < 0 || !string)
        return ret;
    if (tk_dict_set_grow(set, module_hash, b) < 0)
        return -ENOMEM;
    for (at = (string * 0x9e3779b1u >> 7) & set->mask; set->slots[at]; at = (at + 1) & set->mask) {
        if (((const uint32_t *)b->modules.items)[set->slots[at]] == string) {
            *ret_module = (uint16_t)set->slots[at];
            return 0;
        }
    }
    if (b->modules.count > UINT16_MAX)
        return -E2BIG;
    module = tk_vector_push(&b->modules, 1, sizeof(*module));
    if (!module)
        return -ENOMEM;
    *module = string;
    set->slots[at] = b->modules.count - 1;
    set->count++;
    *ret_module = (uint16_t)(b->modules.count - 1);
    return 0;
}

/* Units are printable ASCII too, but may have spaces. */
static int intern_text(struct tk_dict_builder *b, const char *text, size_t len, uint32_t *ret_string)
{
    char clean[MAX_UNITS];

    if (!text)
        len = 0;
    if (len > sizeof(clean))
        len = sizeof(clean);
    for (size_t i = 0; i < len; i++)
        clean[i] = text[i] >= ' ' && text[i] < 0x7f ? text[i] : '?';
    return intern(b, clean, len, ret_string);
}

/* ---- enumerations: equal lists are kept once ---- */

static uint32_t enum_list_hash(const void *owner, uint32_t number)
{
    const struct tk_dict_builder *b = owner;
    const struct tk_dict_list *l = (const struct tk_dict_list *)b->enum_lists.items + number;

    const struct tk_dict_item *e = (const struct tk_dict_item *)b->enums.items + l->first;

    return tk_dict_hash(e, l->count * sizeof(*e));
}

static int compare_enums(const void *a, const void *b)
{
    int32_t va = ((const struct tk_dict_item *)a)->value, vb = ((const struct tk_dict_item *)b)->value;

    return va < vb ? -1 : va > vb;
}

static int intern_enums(struct tk_dict_builder *b, const struct tk_dict_fact *f, struct tk_dict_draft *o)
{
    struct tk_dict_set *set = &b->enum_set;
    struct tk_dict_list list = {.first = b->enums.count}, *known;
    struct tk_dict_item *e;
    size_t count = f->enum_count < MAX_LIST ? f->enum_count : MAX_LIST;
    uint32_t at;

    e = tk_vector_reserve(&b->enums, (uint32_t)count, sizeof(*e));
    if (!e || tk_dict_set_grow(set, enum_list_hash, b) < 0)
        return -ENOMEM;
    for (size_t i = 0; i < count; i++) {
        int ret = intern_name(b, f->enums[i].label, f->enums[i].label_len, &e[i].label);

        if (ret < 0)
            return ret;
        e[i].value = f->enums[i].value;
    }
    qsort(e, count, sizeof(*e), compare_enums);
    for (size_t i = 0; i < count; i++) /* of two labels for one value, keep one */
        if (!i || e[i].value != e[list.count - 1].value)
            e[list.count++] = e[i];
    for (at = tk_dict_hash(e, list.count * sizeof(*e)) & set->mask; set->slots[at]; at = (at + 1) & set->mask) {
        known = (struct tk_dict_list *)b->enum_lists.items + set->slots[at];
        if (known->count == list.count &&
            memcmp((struct tk_dict_item *)b->enums.items + known->first, e, list.count * sizeof(*e)) == 0) {
            o->enums = known->first;
            o->enum_count = (uint16_t)known->count;
            return 0;
        }
    }
    known = tk_vector_reserve(&b->enum_lists, 1, sizeof(*known));
    if (!known)
        return -ENOMEM;
    *known = list;
    set->slots[at] = b->enum_lists.count++;
    set->count++;
    b->enums.count += list.count;
    o->enums = list.first;
    o->enum_count = (uint16_t)list.count;
    return 0;
}

/* ---- nodes ---- */

static uint32_t arc_hash(uint32_t parent, uint32_t subid)
{
    uint64_t h = ((uint64_t)parent << 32 | subid) * 0x9e3779b97f4a7c15u;

    return (uint32_t)(h >> 32);
}

static uint32_t draft_hash(const void *owner, uint32_t number)
{
    const struct tk_dict_builder *b = owner;
    const struct tk_dict_draft *n = (const struct tk_dict_draft *)b->drafts.items + number;

    return arc_hash(n->parent, n->subid);
}

static int draft_child(struct tk_dict_builder *b, uint32_t parent, uint32_t subid, uint32_t *ret_number)
{
    struct tk_dict_set *set = &b->draft_set;
    struct tk_dict_draft *all, *n;
    uint32_t at;

    if (tk_dict_set_grow(set, draft_hash, b) < 0)
        return -ENOMEM;
    all = b->drafts.items;
    for (at = arc_hash(parent, subid) & set->mask; set->slots[at]; at = (at + 1) & set->mask) {
        n = all + set->slots[at];
        if (n->parent == parent && n->subid == subid) {
            *ret_number = set->slots[at];
            return 0;
        }
    }
    if (b->drafts.count >= TK_DICT_MAX_NODES)
        return -E2BIG;
    n = tk_vector_reserve(&b->drafts, 1, sizeof(*n));
    if (!n)
        return -ENOMEM;
    all = b->drafts.items;
    *n = (struct tk_dict_draft){.subid = subid, .parent = parent, .next_sibling = all[parent].first_child};
    all[parent].first_child = b->drafts.count;
    set->slots[at] = *ret_number = b->drafts.count++;
    set->count++;
    return 0;
}

static int add_refs(struct tk_dict_builder *b, struct tk_dict_draft *n, const struct tk_dict_fact_ref *ref,
                    size_t count, size_t max)
{
    struct tk_dict_draft_ref *r;

    n->ref_count = 0;
    if (count > max) /* too many to decode: instances are published as plain integers */
        return 0;
    r = tk_vector_reserve(&b->refs, (uint32_t)count, sizeof(*r));
    if (!r)
        return -ENOMEM;
    for (size_t i = 0; i < count; i++) {
        int ret = intern_name(b, ref[i].name, ref[i].name_len, &r[i].name);

        if (ret == 0)
            ret = intern_module(b, ref[i].module, ref[i].module_len, &r[i].module);
        if (ret < 0)
            return ret;
        r[i].is_implied = ref[i].is_implied;
    }
    n->refs = b->refs.count;
    n->ref_count = (uint16_t)count;
    b->refs.count += (uint32_t)count;
    return 0;
}

bool tk_dict_is_superseded(struct tk_dict_text module)
{
    return module.len > 3 && memcmp(module.text, "RFC", 3) == 0 &&
           isdigit((unsigned char)module.text[module.text[3] == '-' ? 4 : 3]);
}

static bool is_of_superseded(const struct tk_dict_builder *b, uint16_t module)
{
    return tk_dict_is_superseded(tk_dict_builder_string(b, ((const uint32_t *)b->modules.items)[module]));
}

static int merge_names(struct tk_dict_builder *b, struct tk_dict_draft *o, const struct tk_dict_fact *f)
{
    uint32_t name;
    uint16_t module;
    int ret = intern_name(b, f->name, f->name_len, &name);

    if (ret == 0)
        ret = intern_module(b, f->module, f->module_len, &module);
    if (ret < 0)
        return ret;
    if (o->module && module && is_of_superseded(b, module) && !is_of_superseded(b, o->module))
        return 0;
    if (module || o->name != name)
        o->module = module;
    o->name = name;
    return 0;
}

static int merge_value(struct tk_dict_builder *b, struct tk_dict_draft *o, const struct tk_dict_fact *f)
{
    uint32_t tc, hint, units;
    int ret = intern_name(b, f->tc, f->tc_len, &tc);

    if (ret == 0)
        ret = intern(b, f->hint, f->hint_len, &hint);
    if (ret == 0)
        ret = intern_text(b, f->units, f->units_len, &units);
    if (ret < 0)
        return ret;
    if (o->syntax != f->syntax) { /* the earlier facts describe another kind of value */
        o->tc = o->hint = o->units = o->enums = 0;
        o->enum_count = o->fixed_len = 0;
    }
    o->syntax = (uint8_t)f->syntax;
    if (tc)
        o->tc = tc;
    if (hint)
        o->hint = hint;
    if (units)
        o->units = units;
    if (f->fixed_len)
        o->fixed_len = f->fixed_len;
    return f->enum_count ? intern_enums(b, f, o) : 0;
}

static int merge_refs(struct tk_dict_builder *b, struct tk_dict_draft *n, const struct tk_dict_fact *f)
{
    if (f->is_notification)
        return f->object_count ? add_refs(b, n, f->objects, f->object_count, TK_DICT_MAX_OBJECTS) : 0;
    if (!f->augments && !f->index_count)
        return 0;
    n->is_row = true;
    n->is_augment = f->augments != NULL;
    return f->augments ? add_refs(b, n, f->augments, 1, 1)
                       : add_refs(b, n, f->indexes, f->index_count, TK_DICT_MAX_INDEXES);
}

int tk_dict_builder_add(struct tk_dict_builder *b, const struct tk_dict_fact *f)
{
    bool is_real = f->index_count || f->augments || f->is_notification || f->syntax != TK_SYNTAX_NONE;
    struct tk_dict_draft *n;
    uint32_t number = 0;
    int ret;

    if (f->len == 0 || f->len > TK_OID_MAX_SUBIDS)
        return -EINVAL;
    for (size_t i = 0; i < f->len; i++) {
        ret = draft_child(b, number, f->subid[i], &number);
        if (ret < 0)
            return ret;
    }
    n = (struct tk_dict_draft *)b->drafts.items + number;
    if (!is_real && n->name)
        return 0;
    ret = merge_names(b, n, f);
    if (ret < 0 || !is_real)
        return ret;
    if (n->is_notification != f->is_notification) { /* the earlier facts describe another kind of thing */
        n->is_row = false;
        n->ref_count = 0;
    }
    n->is_notification = f->is_notification;
    ret = merge_value(b, n, f);
    return ret < 0 ? ret : merge_refs(b, n, f);
}

struct tk_dict_builder *tk_dict_builder_new(void)
{
    struct tk_dict_builder *b = calloc(1, sizeof(*b));
    struct tk_dict_draft *root;
    uint32_t none;

    if (!b)
        return NULL;
    root = tk_vector_reserve(&b->drafts, 1, sizeof(*root));
    if (!root || !tk_vector_reserve(&b->enum_lists, 1, sizeof(struct tk_dict_list)) ||
        !tk_vector_push(&b->modules, 1, sizeof(uint32_t)) || string_append(b, "", 0, &none) < 0) {
        tk_dict_builder_free(b);
        return NULL;
    }
    memset(root, 0, sizeof(*root));
    b->drafts.count = 1;
    b->enum_lists.count = 1;
    return b;
}

void tk_dict_builder_free(struct tk_dict_builder *b)
{
    if (!b)
        return;
    free(b->drafts.items);
    free(b->refs.items);
    free(b->enums.items);
    free(b->enum_lists.items);
    free(b->modules.items);
    free(b->strings.items);
    free(b->draft_set.slots);
    free(b->enum_set.slots);
    free(b->module_set.slots);
    free(b->string_set.slots);
    free(b);
}

struct tk_dict *tk_dict_builder_finish(struct tk_dict_builder *b)
{
    return tk_dict_layout(b);
}
