/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file rules_file.h
 * @brief Compile one file of rules, and run its tests: each is a notification, and members that its event must have.
 *
 * The rules of the file and the built-in ones are in force, no others, so what a test says does not depend on other files.
 */
#ifndef TK_RULES_FILE_H
#define TK_RULES_FILE_H

#include <stdbool.h>

#include "dictionary/dictionary.h"

/** Is told what is wrong: an error in rules or tests, or (@p is_difference) a test whose event differs. @p line is 0 if the
 *  file as a whole is meant. */
typedef void tk_rules_say_fn(void *arg, bool is_difference, const char *file, unsigned line, const char *text);

/** What was found so far. */
struct tk_rules_tally {
    tk_rules_say_fn *say;
    void *say_arg;
    unsigned files, tests;
    unsigned failed; /* tests whose event differs */
    unsigned errors; /* in rules and tests */
    size_t rules;
};

/**
 * @brief Compile the file, and say each error. If there is none, run its tests, and say what differs.
 * @param path  NULL: the built-in rules
 * @param is_operators  the file is the operator's, wherever it is; else its path says what it is (tk_rules_load_alone())
 * @param wants_tests  false: only compile
 * @locality any  @locks none
 */
void tk_rules_file_test(const char *path, bool is_operators, struct tk_dict *dict, bool wants_tests,
                        struct tk_rules_tally *tally);

#endif /* TK_RULES_FILE_H */
