/* SPDX-License-Identifier: Apache-2.0 */
/** @file mib_child.h
 *  @brief What the process does that reads one module with net-snmp's parser. */
#ifndef TK_MIB_CHILD_H
#define TK_MIB_CHILD_H

#include "mibs/mib_set.h"

/** The last definition of each copy begins with this, and the variant's number follows. If it is in net-snmp's tree, the
 *  parser came to the end of the module. */
#define TK_MIB_LAST_NAME  "trapkafkaEnd"
#define TK_MIB_LAST_BYTES 128

/** @brief Write the last definition of a copy. @locality any @locks none */
void tk_mib_child_last(char dst[TK_MIB_LAST_BYTES], const struct tk_mib_set *set, const struct tk_mib_variant *v);

/** @brief Start net-snmp's parser, without a MIB. @param empty  a folder that does not exist @locality any @locks none */
void tk_mib_child_prepare(const char *empty);

/** @brief Is this a module that most others import? @locality any @locks none */
bool tk_mib_child_is_common(const struct tk_mib_set *set, const struct tk_mib_variant *v);

/** @brief Load the modules that most others import, once for all processes. They have to be sound by now.
 *  @locality any @locks none */
void tk_mib_child_preload(const struct tk_mib_set *set);

/**
 * @brief Read one module, and write its facts. Call it in a process that was forked for it.
 * @returns 0: it was read to its end; 1: it was not; 2: out of memory, or writing failed
 * @locality any  @locks none
 */
int tk_mib_child_read(const struct tk_mib_set *set, const struct tk_mib_variant *v, FILE *out);

#endif /* TK_MIB_CHILD_H */
