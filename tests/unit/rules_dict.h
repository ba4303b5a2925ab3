/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file rules_dict.h
 * @brief The dictionary of rules_fixture.h for all tests of a program, and the functions for cmocka_run_group_tests().
 */
#ifndef TK_RULES_DICT_H
#define TK_RULES_DICT_H

#include "rules_fixture.h"

static struct tk_dict *dict;

static inline int make_dict(void **state)
{
    (void)state;
    dict = rules_fixture_dict();
    return 0;
}

static inline int free_dict(void **state)
{
    (void)state;
    tk_dict_free(dict);
    return 0;
}

#endif /* TK_RULES_DICT_H */
