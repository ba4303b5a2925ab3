/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file check_tables.h
 * @brief Check the files that directives name: dictionaries, rules and their tests, inventory, circuits.
 */
#ifndef TK_CHECK_TABLES_H
#define TK_CHECK_TABLES_H

#include "cli/check/check_config.h"
#include "rules/rules.h"

/** What was loaded. */
struct tk_check_tables {
    struct tk_dict *dict;
    struct tk_rules *rules; /* NULL: out of memory */
};

/** @brief Load each file as the module would, and say every error. @locality any @locks none */
void tk_check_tables_load(struct tk_check_tables *t, const struct tk_check_config *c,
                          struct tk_check_findings *findings);
/** @brief Free what was loaded. @locality any @locks none */
void tk_check_tables_done(struct tk_check_tables *t);

#endif /* TK_CHECK_TABLES_H */
