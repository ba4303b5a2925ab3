/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file mib_copy.h
 * @brief The file that net-snmp's parser reads in place of a module's own: the module alone, cleaned and perhaps repaired.
 *
 * Owner: one thread.
 */
#ifndef TK_MIB_COPY_H
#define TK_MIB_COPY_H

#include "mibs/mib_repair.h"
#include "mibs/mib_set.h"

/**
 * @brief Write a module, as it stands in its file, into the variant's copy.
 * @returns 0 / -errno / -ENOENT: in this style the file has no such module
 * @locality any  @locks none
 */
int tk_mib_copy_module(const struct tk_mib_set *set, const struct tk_mib_variant *v, enum tk_mib_style style);

/**
 * @brief Take what the parser refused at a line out of the copy: see tk_mib_repair().
 * @returns 0 / -errno
 * @locality any  @locks none
 */
int tk_mib_copy_repair(const struct tk_mib_set *set, const struct tk_mib_variant *v, unsigned line,
                       enum tk_mib_repair *ret_done, char *ret_name, unsigned *ret_line);

#endif /* TK_MIB_COPY_H */
