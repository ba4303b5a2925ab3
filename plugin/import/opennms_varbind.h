/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file opennms_varbind.h
 * @brief Conditions on varbinds in the mask of an event of OpenNMS.
 */
#ifndef TK_OPENNMS_VARBIND_H
#define TK_OPENNMS_VARBIND_H

#include "import/import_case.h"
#include "import/import_xml.h"

/**
 * @brief Read all elements varbind of a mask, by position (vbnumber) or OID (vboid). All have to hold, each with one of
 *        its values: exact, with % at the end, or an expression behind ~.
 * @param ret  one case; freed if false is returned
 * @returns false: rules can't say one of them; that is told
 * @locality any  @locks none
 */
bool tk_opennms_varbinds(struct tk_import *im, const xmlNode *mask, const struct tk_import_trap *trap,
                         struct tk_import_cases *ret);

#endif /* TK_OPENNMS_VARBIND_H */
