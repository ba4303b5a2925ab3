/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file mib_repair.h
 * @brief Take out of a module what net-snmp's parser refuses, because the parser gives up the rest of the module with it.
 *
 * A definition is first reduced to its name, its number and, if it is a notification, its objects. If the parser refuses
 * that too, it is blanked. Owner: one thread.
 */
#ifndef TK_MIB_REPAIR_H
#define TK_MIB_REPAIR_H

#include "mibs/mib_text.h"

enum tk_mib_repair {
    TK_MIB_REPAIR_NONE, /* there is no definition at this line or before it */
    TK_MIB_REPAIR_REDUCED,
    TK_MIB_REPAIR_BLANKED,
};

/**
 * @brief Repair the definition in which a line lies.
 * @param line      where the parser gave up; UINT_MAX: at the end
 * @param ret_name  the definition's name
 * @param ret_line  the line where it begins
 * @locality any  @locks none
 */
enum tk_mib_repair tk_mib_repair(struct tk_mib_text *t, const struct tk_mib_module *m, unsigned line,
                                 char ret_name[TK_MIB_MAX_NAME], unsigned *ret_line);

#endif /* TK_MIB_REPAIR_H */
