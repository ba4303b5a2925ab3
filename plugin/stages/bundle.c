/* SPDX-License-Identifier: Apache-2.0 */
#include "stages/bundle.h"

#include <stdlib.h>

#include "base/devel.h"

static struct tk_table *table_of(void *object, void (*free_object)(void *))
{
    struct tk_table *t = object ? malloc(sizeof(*t)) : NULL;

    if (!object)
        return NULL;
    if (!t) {
        free_object(object);
        return NULL;
    }
    atomic_init(&t->refs, 1);
    t->object = object;
    t->free_object = free_object;
    return t;
}

static void free_dict(void *dict)
{
    tk_dict_free(dict);
}

static void free_rules(void *rules)
{
    tk_rules_free(rules);
}

static void free_inventory(void *inventory)
{
    tk_inventory_free(inventory);
}

static void free_circuits(void *circuits)
{
    tk_circuits_free(circuits);
}

struct tk_table *tk_table_of_dict(struct tk_dict *dict)
{
    return table_of(dict, free_dict);
}

struct tk_table *tk_table_of_rules(struct tk_rules *rules)
{
    return table_of(rules, free_rules);
}

struct tk_table *tk_table_of_inventory(struct tk_inventory *inventory)
{
    return table_of(inventory, free_inventory);
}

struct tk_table *tk_table_of_circuits(struct tk_circuits *circuits)
{
    return table_of(circuits, free_circuits);
}

struct tk_table *tk_table_ref(struct tk_table *t)
{
    if (t)
        atomic_fetch_add_explicit(&t->refs, 1, memory_order_relaxed);
    return t;
}

void tk_table_unref(struct tk_table *t)
{
    unsigned refs = t ? atomic_fetch_sub_explicit(&t->refs, 1, memory_order_acq_rel) : 0;

    TK_ASSERT(!t || refs > 0);
    if (refs != 1)
        return;
    t->free_object(t->object);
    free(t);
}

struct tk_bundle *tk_bundle_new(struct tk_settings *settings, const struct tk_dict *dict, struct tk_table *rules,
                                struct tk_table *inventory, struct tk_table *circuits)
{
    struct tk_bundle *b = calloc(1, sizeof(*b));

    TK_ASSERT(settings && dict && rules);
    if (!b)
        return NULL;
    b->settings = tk_settings_ref(settings);
    b->dict = dict;
    b->rules_table = tk_table_ref(rules);
    b->inventory_table = tk_table_ref(inventory);
    b->circuits_table = tk_table_ref(circuits);
    b->rules = rules->object;
    b->inventory = inventory ? inventory->object : NULL;
    b->circuits = circuits ? circuits->object : NULL;
    tk_topology_join_init(&b->join, tk_inventory_topology(b->inventory), tk_circuits_topology(b->circuits));
    return b;
}

void tk_bundle_keep_dict(struct tk_bundle *b, struct tk_table *dict)
{
    TK_ASSERT(!b->dict_table && dict->object == b->dict);
    b->dict_table = tk_table_ref(dict);
}

void tk_bundle_free(struct tk_bundle *b)
{
    if (!b)
        return;
    tk_settings_unref(b->settings);
    tk_table_unref(b->rules_table);
    tk_table_unref(b->inventory_table);
    tk_table_unref(b->circuits_table);
    tk_table_unref(b->dict_table); /* last, because rules refer to it */
    free(b);
}
