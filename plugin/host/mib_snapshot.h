/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file mib_snapshot.h
 * @brief Copies what net-snmp's parser learned from MIB files into a dictionary builder.
 *
 * Owner:  snmptrapd's thread: net-snmp's tree has no locks and is torn down by unload_all_mibs(). Nothing of the tree
 *         is kept.
 * Memory: the builder's, plus a fixed stack; the walk is a loop and no deeper than an OID may be long.
 * Works with whatever is there: without any MIB file the tree holds three roots, and arcs whose own module is missing
 * come without a name (their children still count).
 */
#ifndef TK_MIB_SNAPSHOT_H
#define TK_MIB_SNAPSHOT_H

struct tk_dict_builder;

/**
 * @brief Add every object of net-snmp's loaded tree (get_tree_head()).
 * @returns how many were added, or -ENOMEM / -E2BIG as from tk_dict_builder_add()
 * @locality snmptrapd  @locks none
 */
int tk_mib_snapshot(struct tk_dict_builder *b);

#endif /* TK_MIB_SNAPSHOT_H */
