/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file import_check.h
 * @brief Try imported rules before they are written: compile them, and run their tests.
 */
#ifndef TK_IMPORT_CHECK_H
#define TK_IMPORT_CHECK_H

#include "import/import.h"

/**
 * @brief Take out each rule that does not compile, or that can never match because another one comes before; both are
 *        told. Take out each test that another rule decides. Say in one line how many shipped rules they hide.
 * @param dict  of the import; must be given for it may be changed by counting references only
 * @returns false with @p err set
 * @locality any  @locks none
 */
bool tk_import_check(struct tk_import *im, struct tk_dict *dict, struct tk_err *err);

#endif /* TK_IMPORT_CHECK_H */
