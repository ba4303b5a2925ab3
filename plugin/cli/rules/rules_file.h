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

/** What was found so far. */
struct tk_rules_tally {
    unsigned files, tests;
    unsigned failed; /* tests whose event differs */
    unsigned errors; /* in rules and tests */
    size_t rules;
};

/**
 * @brief Compile the file; print each error to standard error. If there is none, run its tests, and print what differs to
 *        standard output.
 * @param path  NULL: the built-in rules
 * @param wants_tests  false: only compile
 * @locality any  @locks none
 */
void tk_rules_file_test(const char *path, struct tk_dict *dict, bool wants_tests, struct tk_rules_tally *tally);

#endif /* TK_RULES_FILE_H */
