/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file bundle.h
 * @brief All that the worker reads besides the trap: settings, dictionary, rules, inventory, circuits.
 *
 * Made by the loader thread, immutable from then on. A bundle that keeps a table of the one before (its file is bad now)
 * shares it: tables are counted references. Bundles travel through a tk_mailbox.
 */
#ifndef TK_BUNDLE_H
#define TK_BUNDLE_H

#include <stdatomic.h>

#include "base/settings.h"
#include "pipeline/circuits.h"
#include "pipeline/dictionary.h"
#include "pipeline/inventory.h"
#include "pipeline/rules.h"
#include "pipeline/topology.h"

/** Something loaded from a file, shared by the bundles that use it. */
struct tk_table {
    atomic_uint refs;
    void       *object;
    void      (*free_object)(void *object);
};

/** @brief One reference; takes @p object. @returns NULL (and frees @p object) when out of memory
 *  @locality loader @locks none */
struct tk_table *tk_table_new(void *object, void (*free_object)(void *));
/** @brief One more holder; NULL gives NULL. @locality any @locks none */
struct tk_table *tk_table_ref(struct tk_table *t);
/** @brief Give back; the last one frees. NULL is a no-op. @locality any @locks none */
void tk_table_unref(struct tk_table *t);

struct tk_bundle {
    struct tk_settings        *settings;
    const struct tk_dict      *dict;
    struct tk_table           *rules_table, *inventory_table, *circuits_table;
    /* the same, as what they are; inventory and circuits may be NULL */
    const struct tk_rules     *rules;
    const struct tk_inventory *inventory;
    const struct tk_circuits  *circuits;
    struct tk_topology_join    join;
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

/** One slot: whoever takes a bundle out owns it, and the sender frees one that was never taken. */
struct tk_mailbox {
    _Atomic(struct tk_bundle *) slot;
};

/** @brief Send; frees what was still in the slot. @locality loader @locks none */
void tk_mailbox_send(struct tk_mailbox *m, struct tk_bundle *b);
/** @returns the newest bundle, now the caller's, or NULL @locality worker @locks none */
struct tk_bundle *tk_mailbox_take(struct tk_mailbox *m);

#endif /* TK_BUNDLE_H */
