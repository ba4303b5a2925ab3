/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file mib_snapshot.h
 * @brief Copy what net-snmp's parser has read from MIB files into a dictionary builder.
 *
 * Owner:  snmptrapd's thread, because net-snmp's tree has no locks, and unload_all_mibs() frees it. No pointer into
 *         the tree is kept.
 * Memory: the builder's, and a fixed amount for the walk, which is a loop and no deeper than the longest OID.
 * Missing MIB files are no error: without any the tree has three roots. A node whose own module is missing has no
 * name and is left out, its children are not.
 */
#ifndef TK_MIB_SNAPSHOT_H
#define TK_MIB_SNAPSHOT_H

struct tk_dict_builder;
struct tk_dict_fact;
struct tree;

/** Take one node of net-snmp's tree; all is borrowed for the call. @returns 0; -EINVAL: it is left out; else the walk
 *  ends */
typedef int tk_mib_visit(void *arg, const struct tree *t, const struct tk_dict_fact *fact);

/**
 * @brief Read every node of net-snmp's loaded tree (get_tree_head()), each of those that share an OID.
 * @returns how many @p call took, or its error, or -ENOMEM
 * @locality snmptrapd  @locks none
 */
int tk_mib_walk(tk_mib_visit *call, void *arg);

/**
 * @brief Add every object of net-snmp's loaded tree (get_tree_head()).
 * @returns how many were added, or -ENOMEM / -E2BIG as from tk_dict_builder_add()
 * @locality snmptrapd  @locks none
 */
int tk_mib_snapshot(struct tk_dict_builder *b);

#endif /* TK_MIB_SNAPSHOT_H */
