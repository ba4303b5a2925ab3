/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file import_case.h
 * @brief Conditions that hold together: what becomes the "match" of one rule. A condition with "or" gives several cases.
 */
#ifndef TK_IMPORT_CASE_H
#define TK_IMPORT_CASE_H

#include "import/import_object.h"
#include "import/import_sample.h"

#define TK_IMPORT_CASES 16 /* rules of one definition */

/** One case: all of its conditions hold. */
struct tk_import_case {
    json_t *varbinds; /* conditions, as in a rule */
    struct tk_import_samples samples;
    bool has_no_sample; /* no value is known that meets a condition: there will be no test */
};

/** Cases of which one holds. All zeros: none. */
struct tk_import_cases {
    unsigned count;
    struct tk_import_case item[TK_IMPORT_CASES];
};

/** @brief Free; none are left. @locality any @locks none */
void tk_import_cases_done(struct tk_import_cases *cases);

/** @brief Add a case without conditions. @returns NULL: there are TK_IMPORT_CASES already @locality any @locks none */
struct tk_import_case *tk_import_cases_add(struct tk_import *im, struct tk_import_cases *cases);

/** @brief Add a case with one condition. @param condition  of "varbinds", without "object"; taken
 *  @param sample  a value that meets it; taken; NULL: none is known @returns false: there are too many cases
 *  @locality any @locks none */
bool tk_import_cases_add_one(struct tk_import *im, struct tk_import_cases *cases, const struct tk_dict_object *o,
                             json_t *condition, json_t *sample);

/** @brief "and": each case of @p cases together with each of @p other. @returns false: there would be too many
 *  @locality any @locks none */
bool tk_import_cases_and(struct tk_import *im, struct tk_import_cases *cases, const struct tk_import_cases *other);
/** @brief "or": the cases of @p other too. @returns false: there would be too many @locality any @locks none */
bool tk_import_cases_or(struct tk_import *im, struct tk_import_cases *cases, const struct tk_import_cases *other);

#endif /* TK_IMPORT_CASE_H */
