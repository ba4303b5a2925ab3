/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file dict_build.h
 * @brief A dictionary of facts that a test has written down. To be included after cmocka.h.
 */
#ifndef TK_DICT_BUILD_H
#define TK_DICT_BUILD_H

#include <string.h>

#include "base/err.h"
#include "dictionary/dictionary_facts.h"

/** @returns the dictionary, the caller's to free; bad facts are a failure of the test */
static inline struct tk_dict *dict_build(const char *facts)
{
    struct tk_dict_builder *b = tk_dict_builder_new();
    struct tk_err err = {0};
    struct tk_dict *d;

    assert_non_null(b);
    if (tk_dict_facts_read(b, facts, strlen(facts), "test.facts", &err) < 0)
        fail_msg("line %u: %s", err.line, err.text);
    d = tk_dict_builder_finish(b);
    assert_non_null(d);
    tk_dict_builder_free(b);
    return d;
}

#endif /* TK_DICT_BUILD_H */
