/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file bundle.h
 * @brief A bundle: the settings and tables (dictionary, rules, inventory, circuits) that the worker uses.
 *
 * The loader thread makes it; afterwards it is immutable. If a table's new file is bad, the new bundle shares the
 * table with the previous bundle, so tables have a reference count. reload/mailbox.h hands bundles to the worker.
 */
#ifndef TK_BUNDLE_H
#define TK_BUNDLE_H

#include <stdatomic.h>

#include "config/settings.h"
#include "inventory/circuits.h"
#include "dictionary/dictionary.h"
#include "inventory/inventory.h"
#include "rules/rules.h"
#include "inventory/topology.h"

/** A table that was loaded from a file, shared by the bundles that use it. */
struct tk_table {
    atomic_uint refs;
    void *object;
    void (*free_object)(void *object);
};

/** @brief Make a table with one reference; takes @p dict. @returns NULL if @p dict is NULL, or if out of memory: then
 *         @p dict is freed @locality loader @locks none */
struct tk_table *tk_table_of_dict(struct tk_dict *dict);
/** @brief The same. @locality loader @locks none */
struct tk_table *tk_table_of_rules(struct tk_rules *rules);
/** @brief The same. @locality loader @locks none */
struct tk_table *tk_table_of_inventory(struct tk_inventory *inventory);
/** @brief The same. @locality loader @locks none */
struct tk_table *tk_table_of_circuits(struct tk_circuits *circuits);
/** @brief Take one more reference; NULL gives NULL. @locality any @locks none */
struct tk_table *tk_table_ref(struct tk_table *t);
/** @brief Give back a reference; the last one frees the table. NULL is a no-op. @locality any @locks none */
void tk_table_unref(struct tk_table *t);

struct tk_bundle {
    struct tk_settings *settings;
    const struct tk_dict *dict;
    struct tk_table *dict_table; /* NULL: somebody else keeps the dictionary */
    struct tk_table *rules_table, *inventory_table, *circuits_table;
    /* the same tables by their types; inventory and circuits may be NULL */
    const struct tk_rules *rules;
    const struct tk_inventory *inventory;
    const struct tk_circuits *circuits;
    struct tk_topology_join join;
};

/**
 * @brief Make a bundle. It takes its own references to settings and tables.
 * @param dict  must outlive the bundle, unless tk_bundle_keep_dict() follows
 * @param rules  not NULL; inventory and circuits may be NULL
 * @returns NULL if out of memory
 * @locality loader  @locks none
 */
struct tk_bundle *tk_bundle_new(struct tk_settings *settings, const struct tk_dict *dict, struct tk_table *rules,
                                struct tk_table *inventory, struct tk_table *circuits);
/** @brief Take a reference to the table of the bundle's dictionary. @locality loader @locks none */
void tk_bundle_keep_dict(struct tk_bundle *b, struct tk_table *dict);
/** @brief Free the bundle and give back its references. NULL is a no-op. @locality any @locks none */
void tk_bundle_free(struct tk_bundle *b);

#endif /* TK_BUNDLE_H */
