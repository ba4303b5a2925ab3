/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file bundle.h
 * @brief All that the worker reads besides the trap: settings, dictionary, rules, inventory, circuits.
 *
 * Made by the loader thread, immutable from then on. A bundle that keeps a table of the one before (its file is bad
 * now) shares it: tables are counted references. Bundles travel to the worker through reload/mailbox.h.
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

/** Something loaded from a file, shared by the bundles that use it. */
struct tk_table {
    atomic_uint refs;
    void *object;
    void (*free_object)(void *object);
};

/** @brief One reference; takes @p object. @returns NULL (and frees @p object) when out of memory
 *  @locality loader @locks none */
struct tk_table *tk_table_new(void *object, void (*free_object)(void *));
/** @brief One more holder; NULL gives NULL. @locality any @locks none */
struct tk_table *tk_table_ref(struct tk_table *t);
/** @brief Give back; the last one frees. NULL is a no-op. @locality any @locks none */
void tk_table_unref(struct tk_table *t);

struct tk_bundle {
    struct tk_settings *settings;
    const struct tk_dict *dict;
    struct tk_table *rules_table, *inventory_table, *circuits_table;
    /* the same, as what they are; inventory and circuits may be NULL */
    const struct tk_rules *rules;
    const struct tk_inventory *inventory;
    const struct tk_circuits *circuits;
    struct tk_topology_join join;
};

/**
 * @brief Put a bundle together; takes references of its own.
 * @param dict  outlives the bundle
 * @returns NULL when out of memory
 * @locality loader  @locks none
 */
struct tk_bundle *tk_bundle_new(struct tk_settings *settings, const struct tk_dict *dict, struct tk_table *rules,
                                struct tk_table *inventory, struct tk_table *circuits);
/** @brief NULL is a no-op. @locality any @locks none */
void tk_bundle_free(struct tk_bundle *b);

#endif /* TK_BUNDLE_H */
