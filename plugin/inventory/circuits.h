/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file circuits.h
 * @brief Find the circuit of an interface in the operator's file (directive kafkaCircuits).
 *
 * A CSV file (base/csv.h) with one row for each interface. Exactly one column names the device as events name it:
 * `device`, `name`, `address` or `engine_id`; addresses and engine IDs are checked and converted to the form that
 * events use (2001:db8::7; 80001f88... without 0x). `ifIndex` (1 .. 2147483647) or `ifName`, or both, name the
 * interface. All other columns are topology.
 *
 * Owner:  the loader thread while it is loaded; immutable afterwards, read by the worker without locks.
 * Memory: see topology.h; 3 words for the keys of a row, and the slots of two rowmaps.
 * Cost:   a look-up is two hashes and about three reads.
 */
#ifndef TK_CIRCUITS_H
#define TK_CIRCUITS_H

#include "base/err_list.h"
#include "inventory/topology.h"

struct tk_circuits; /* opaque: defined in circuits.c */

/**
 * @brief Load @p path. Any error fails the whole load; reading goes on where it can, to find all errors at once.
 * @param seed  for the hashes; random, so that nobody can choose device names that collide
 * @param warnings  what may surprise in a file that is good; errs and warnings may be NULL
 * @returns the table, or NULL with errors added to @p errs
 * @locality loader  @locks none
 */
struct tk_circuits *tk_circuits_load(const char *path, uint64_t seed, struct tk_err_list *errs,
                                     struct tk_err_list *warnings);

/** @brief Free the table. NULL is a no-op. @locality any @locks none */
void tk_circuits_free(struct tk_circuits *c);

/**
 * @brief Find the row of an interface by its ifIndex.
 * @param device  the device as in the event: the inventory's name, the engine ID or the source address
 * @returns the row, or TK_ROW_NONE
 * @locality worker  @locks none
 */
uint32_t tk_circuits_find_index(const struct tk_circuits *c, const char *device, size_t device_len, uint32_t if_index);
/** @brief Find the row of an interface by its ifName; case matters. @returns the row, or TK_ROW_NONE
 *  @locality worker @locks none */
uint32_t tk_circuits_find_name(const struct tk_circuits *c, const char *device, size_t device_len, const char *if_name,
                               size_t if_name_len);

/** @brief The table's topology, for tk_topology_join_init(). NULL gives NULL. @locality any @locks none */
const struct tk_topology *tk_circuits_topology(const struct tk_circuits *c);
/** @brief How many rows. @locality any @locks none */
uint32_t tk_circuits_count(const struct tk_circuits *c);
/** @brief Memory held, bytes. @locality any @locks none */
size_t tk_circuits_bytes(const struct tk_circuits *c);

#endif /* TK_CIRCUITS_H */
