/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file rules_load.h
 * @brief Load the files of rules, in the order in which they are tried: the operator's, the built-in one, the shipped
 * ones.
 *
 * Owner:  the loader thread, or the command.
 * Memory: files are read one at a time; each is freed before the next one.
 */
#ifndef TK_RULES_LOAD_H
#define TK_RULES_LOAD_H

#include "base/err_list.h"
#include "config/settings.h"
#include "dictionary/dictionary.h"
#include "rules/rules.h"

#define TK_RULES_IETF_FILE      "ietf.json"
#define TK_RULES_DERIVED_FOLDER "derived"                /* in the folder of the shipped files */
#define TK_RULES_STANDARD_FILE  "severity-standard.json" /* the source of the built-in rules */

/** The files to load. All zeros: only the built-in rules. */
struct tk_rules_files {
    const char *operators; /* NULL: none */
    const char *shipped;   /* the folder of the shipped files; NULL: none */
    enum tk_vendor_rules vendors;
    const struct tk_dict *names; /* resolves the names of the shipped files; NULL: these are not loaded, an error */
};

/** What became of the files of rules. */
struct tk_rules_report {
    struct tk_err_list errors;   /* of the operator's file, in its order; each has file, line, value, reason, remedy */
    struct tk_err_list standard; /* of the built-in rules: a loaded MIB contradicts them */
    struct tk_err_list shipped;  /* of the shipped files */
    size_t rule_count;           /* of the operator's file, as far as they can be told apart; 0 if it can't be read */
    size_t in_force;             /* of these */
};

/**
 * @brief Compile what is sound of the operator's rules, if any, the built-in ones, and the shipped ones.
 *
 * A rule with an error is left out. So is each rule that can make an alarm or an event disappear (state "clear",
 * severity "cleared", "clears", "drop"), if the operator's file has any error: what is left of a file that its author
 * did not mean must not do that. A fault of JSON's syntax is an error of the rule that has it; an open quote or
 * bracket also costs what follows it. If the file can't be read or has no list of rules, only the other rules are
 * there. A shipped file that is missing or has errors costs its own faulty rules only.
 * @param files   NULL: only the built-in rules
 * @param dict    resolves names; must outlive the rules, and must be the dictionary that resolved the events
 * @param report  is set in every case
 * @returns NULL only if out of memory; @p report says so
 * @locality loader  @locks none
 */
struct tk_rules *tk_rules_load_sound(const struct tk_rules_files *files, const struct tk_dict *dict,
                                     struct tk_rules_report *report);

/** @brief As tk_rules_load_sound(), for who wants to be told each error of each file, not only the first ten.
 *  @locality any @locks none */
struct tk_rules *tk_rules_load_told(const struct tk_rules_files *files, const struct tk_dict *dict, tk_err_fn *tell,
                                    void *tell_arg);

/**
 * @brief Compile one file in the place that it has among all: an operator's file before the built-in rules, a shipped one
 *        after them. No other file is read. What its path says decides: rules/ietf.json, rules/VENDOR.json,
 *        rules/derived/VENDOR.json are shipped ones, and severity-standard.json takes the place of the built-in rules.
 * @param path    NULL: the built-in rules only
 * @param errors  of the file, and of the built-in rules
 * @returns NULL if the file can't be read or is no JSON, or if out of memory; @p errors says so
 * @locality any  @locks none
 */
struct tk_rules *tk_rules_load_alone(const char *path, const struct tk_dict *dict, struct tk_err_list *errors);

/** @brief The contents of the built-in file. @returns text of @p ret_len bytes, static @locality any @locks none */
const char *tk_rules_standard_text(size_t *ret_len);

/** @brief Read a whole file of rules, within the bound that it has. @returns its contents, caller's to free, not
 *         terminated; NULL with @p err set @locality any @locks none */
char *tk_rules_load_text(const char *path, size_t *ret_len, struct tk_err *err);

/** @brief The line where item @p number of the root's @p member begins, of JSON text. @returns 0: there is none
 *  @locality any @locks none */
unsigned tk_rules_line_of(const char *json, size_t len, const char *member, size_t number);

/** @brief Compile what is sound of operator's rules in memory, without the built-in ones. @param name  the file's name,
 *  for errors @locality any @locks none */
struct tk_rules *tk_rules_parse_sound(const char *json, size_t len, const char *name, const struct tk_dict *dict,
                                      struct tk_rules_report *report);

/** @brief As tk_rules_load_sound(), but all or nothing of the operator's file.
 *  @returns NULL with @p err set to the first error @locality loader @locks none */
struct tk_rules *tk_rules_load(const struct tk_rules_files *files, const struct tk_dict *dict, struct tk_err *err);

/** @brief As tk_rules_parse_sound(), but all or nothing. @locality any @locks none */
struct tk_rules *tk_rules_parse(const char *json, size_t len, const char *name, const struct tk_dict *dict,
                                struct tk_err *err);

#endif /* TK_RULES_LOAD_H */
