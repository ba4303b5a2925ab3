/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file inventory.h
 * @brief Find the device that sent a notification in the operator's file (directive kafkaInventory).
 *
 * A CSV file (base/csv.h) with one row for each device. The key columns are `address` (IPv4 or IPv6), `prefix`
 * (address/length, the longest match wins), `engine_id` (hex) and `name`: at least one of them in the header, and at
 * least one value in each row. `name` is also the device's name in events. Several rows may have the same name, such
 * as one row for each address of a device; only a row that has no other key is found by its name. All other columns
 * are topology.
 *
 * Owner:  the loader thread while it is loaded; immutable afterwards, read by the worker without locks.
 * Memory: see topology.h; 4 words for the keys of a row, and the slots of one rowmap for each kind of key.
 * Cost:   a look-up is one hash and about three reads; a look-up by prefix repeats that for each prefix length that
 *         the file uses (at most 33 for IPv4, 129 for IPv6).
 */
#ifndef TK_INVENTORY_H
#define TK_INVENTORY_H

#include "base/err_list.h"
#include "inventory/topology.h"

#define TK_INVENTORY_MAX_NAME 255 /* bytes, as in sysName.0 (a DisplayString of SIZE (0..255)) */

struct tk_inventory; /* opaque: defined in inventory.c */

/**
 * @brief Load @p path. Any error fails the whole load; reading goes on where it can, to find all errors at once.
 * @param seed  for the hashes; random, so that nobody can choose addresses that collide
 * @param warnings  what may surprise in a file that is good; errs and warnings may be NULL
 * @returns the table, or NULL with errors added to @p errs
 * @locality loader  @locks none
 */
struct tk_inventory *tk_inventory_load(const char *path, uint64_t seed, struct tk_err_list *errs,
                                       struct tk_err_list *warnings);

/** @brief Free the table. NULL is a no-op. @locality any @locks none */
void tk_inventory_free(struct tk_inventory *inv);

/**
 * @brief Find the row of an address: an exact match, else the longest prefix. IPv4-mapped IPv6 is IPv4.
 * @param family  AF_INET (4 bytes) or AF_INET6 (16 bytes); anything else finds nothing
 * @returns the row, or TK_ROW_NONE
 * @locality worker  @locks none
 */
uint32_t tk_inventory_find_address(const struct tk_inventory *inv, int family, const uint8_t *bytes);
/** @brief Find the row of an SNMP engine ID. @returns the row, or TK_ROW_NONE @locality worker @locks none */
uint32_t tk_inventory_find_engine(const struct tk_inventory *inv, const uint8_t *engine_id, size_t len);
/** @brief Find the row that has this name and no other key; case matters. @returns the row, or TK_ROW_NONE
 *  @locality worker @locks none */
uint32_t tk_inventory_find_name(const struct tk_inventory *inv, const char *name, size_t len);

/** @brief The name of the device of @p row, not terminated; NULL if it has none. @locality worker @locks none */
const char *tk_inventory_name(const struct tk_inventory *inv, uint32_t row, size_t *ret_len);

/** @brief The table's topology, for tk_topology_join_init(). NULL gives NULL. @locality any @locks none */
const struct tk_topology *tk_inventory_topology(const struct tk_inventory *inv);
/** @brief How many rows. @locality any @locks none */
uint32_t tk_inventory_count(const struct tk_inventory *inv);
/** @brief Memory held, bytes. @locality any @locks none */
size_t tk_inventory_bytes(const struct tk_inventory *inv);

#endif /* TK_INVENTORY_H */
