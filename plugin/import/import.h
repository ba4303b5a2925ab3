/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file import.h
 * @brief Rules made out of the files of another program: what is collected, and what is told about what is left out.
 *
 * A reader (snmptt.h and its neighbours) adds rules, each with a test that is made of the same definition, and tells
 * every thing that it can't carry over, with file and line. Whoever runs it prints the result as one file of rules.
 *
 * Owner:  one thread.
 * Memory: the rules, as JSON. A file that is read has at most TK_IMPORT_MAX_BYTES; there are at most
 *         TK_IMPORT_MAX_RULES rules, the bound of a file of rules.
 */
#ifndef TK_IMPORT_H
#define TK_IMPORT_H

#include <jansson.h>
#include <stdbool.h>
#include <stdio.h>

#include "base/err.h"
#include "base/vector.h"
#include "dictionary/dictionary.h"

#define TK_IMPORT_MAX_BYTES ((size_t)64 * 1024 * 1024)
#define TK_IMPORT_MAX_RULES 100000
#define TK_IMPORT_NAME      129 /* bytes of a rule's name, with its end */

/** A rule that was made. */
struct tk_import_rule {
    json_t *rule;     /* NULL: it was taken out again */
    json_t *test;     /* NULL: none could be made */
    const char *file; /* from which it is; belongs to the import */
    unsigned line;
    unsigned rank;  /* rules of a lower rank are tried first */
    unsigned order; /* among those of one rank */
};

struct tk_import {
    const struct tk_dict *dict;     /* resolves names and positions of varbinds */
    const struct tk_dict *standard; /* the built-in one: names that it has are not defined again */
    FILE *notes;                    /* where is told what is not carried over; NULL: nowhere */
    const char *file;               /* that is being read */
    struct tk_vector files;         /* char *: those that were read */
    struct tk_vector rules;         /* struct tk_import_rule */
    json_t *names;                  /* of the file of rules */
    json_t *severities;             /* of the option: name in small letters, severity */
    json_t *taken;                  /* names of rules */
    unsigned found;                 /* definitions of notifications */
    unsigned left_out;              /* of these, those that gave no rule */
    unsigned note_count;
    bool is_out_of_memory;
};

/** @brief Begin. The dictionaries and @p notes stay the caller's. @returns false: out of memory
 *  @locality any @locks none */
bool tk_import_init(struct tk_import *im, const struct tk_dict *dict, const struct tk_dict *standard, FILE *notes);

/** @brief Free what was made. @locality any @locks none */
void tk_import_done(struct tk_import *im);

/**
 * @brief Read a whole file; later notes and rules are of it. Text that is not UTF-8 is read as ISO 8859-1.
 * @returns its text, terminated, caller's to free; NULL with @p err set
 * @locality any  @locks none
 */
char *tk_import_read(struct tk_import *im, const char *path, size_t *ret_len, struct tk_err *err);

/** @brief The same for text in memory. @returns a copy in UTF-8, terminated, caller's to free; NULL: out of memory
 *  @locality any @locks none */
char *tk_import_take_text(struct tk_import *im, const char *name, const char *text, size_t len, size_t *ret_len);

/**
 * @brief Tell that something is not carried over: "FILE:LINE: 'VALUE': ...", with reason and what to write instead.
 * @param value  may be NULL; bytes that a terminal should not get are escaped
 * @locality any  @locks none
 */
void tk_import_tell(struct tk_import *im, unsigned line, const char *value, const char *fmt, ...)
    __attribute__((format(printf, 4, 5)));

/** @brief Take "NAME=SEVERITY" of the option. @returns false: no severity of ours is named @locality any @locks none */
bool tk_import_map_severity(struct tk_import *im, const char *text);

/** @brief Our severity for a name of theirs. One that nothing maps is told, and is "indeterminate".
 *  @locality any @locks none */
const char *tk_import_severity(struct tk_import *im, unsigned line, const char *name);

/** @brief Make a name for a rule that no other rule has. @param dst  TK_IMPORT_NAME bytes
 *  @returns @p dst @locality any @locks none */
const char *tk_import_rule_name(struct tk_import *im, const char *wanted, char *dst);

/** @brief Set a member; @p value is taken. NULL for it means out of memory, and is noted. @locality any @locks none */
void tk_import_put(struct tk_import *im, json_t *object, const char *member, json_t *value);
/** @brief Append to a list, as tk_import_put() does. @locality any @locks none */
void tk_import_append(struct tk_import *im, json_t *array, json_t *value);

/** @brief Begin a rule: {"name", "comment": file and line, "match": {"trap"}}. @locality any @locks none */
json_t *tk_import_new_rule(struct tk_import *im, const char *name, unsigned line, const char *trap);

/** @brief Add a rule, and its test, which may be NULL. Both are taken. @locality any @locks none */
void tk_import_add(struct tk_import *im, json_t *rule, json_t *test, unsigned line, unsigned rank);

/** @brief Put the rules into the order in which they are tried. @locality any @locks none */
void tk_import_sort(struct tk_import *im);

/**
 * @brief Write the file of rules, one rule and one test a line.
 * @param ret_first  the line of the first rule; the rules that are still there follow, one a line
 * @returns its text, caller's to free; NULL: out of memory
 * @locality any  @locks none
 */
char *tk_import_print(struct tk_import *im, size_t *ret_len, unsigned *ret_first);

#endif /* TK_IMPORT_H */
