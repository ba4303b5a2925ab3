/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file import_object.h
 * @brief Notifications and objects for rules that are made: found by OID, name or position, and named for the rules.
 *
 * Rules name them MODULE::name. What the built-in dictionary lacks is defined in the "names" of the file, so that the
 * rules do not depend on the dictionary of this run.
 */
#ifndef TK_IMPORT_OBJECT_H
#define TK_IMPORT_OBJECT_H

#include "import/import.h"

/** For which notification a rule is. */
struct tk_import_trap {
    struct tk_oid oid;
    bool is_subtree;                     /* the OID and everything below it */
    const struct tk_dict_object *object; /* the notification; NULL: no dictionary knows it */
    char ref[TK_OID_MAX_TEXT + 2];       /* what the rule has as "trap" */
    char test[TK_OID_MAX_TEXT + 4];      /* what a test has: one notification, also of a subtree */
};

/**
 * @brief Find the notification with an OID.
 * @param name  what to call it if no dictionary knows it; NULL: nothing
 * @locality any  @locks none
 */
void tk_import_trap_of_oid(struct tk_import *im, const struct tk_oid *oid, bool is_subtree, const char *name,
                           struct tk_import_trap *ret_trap);

/**
 * @brief The same for text: ".1.3.6.1.4.1.9.0.1", ".1.3.6.1.4.1.9.*", "linkDown", "IF-MIB::linkDown".
 * @returns false: neither an OID nor the name of one notification; that is told
 * @locality any  @locks none
 */
bool tk_import_trap_of_text(struct tk_import *im, unsigned line, const char *text, const char *name,
                            struct tk_import_trap *ret_trap);

/** @brief Object @p n of the notification, from 1. @returns NULL: not known @locality any @locks none */
const struct tk_dict_object *tk_import_nth(const struct tk_import *im, const struct tk_import_trap *trap, unsigned n);
/** @brief How many objects the notification is known to have. @locality any @locks none */
unsigned tk_import_object_count(const struct tk_import *im, const struct tk_import_trap *trap);

/**
 * @brief How a rule names an object: MODULE::name, or its OID if the name means several things.
 * @param dst  TK_OID_MAX_TEXT bytes
 * @returns @p dst
 * @locality any  @locks none
 */
const char *tk_import_ref(struct tk_import *im, const struct tk_dict_object *o, char *dst);

/** @brief Does the built-in dictionary have the object? Then rules may use the labels of its values.
 *  @locality any @locks none */
bool tk_import_is_standard(const struct tk_import *im, const struct tk_dict_object *o);

#endif /* TK_IMPORT_OBJECT_H */
