/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file import_make.h
 * @brief One rule and its test, made of what a reader found out about one definition.
 */
#ifndef TK_IMPORT_MAKE_H
#define TK_IMPORT_MAKE_H

#include "import/import_case.h"
#include "import/import_text.h"

#define TK_IMPORT_SOURCE "192.0.2.1" /* the sender of a test whose rule names none */
#define TK_IMPORT_FIELD  512         /* bytes of a value of "set" */

/** What a rule says. Everything is borrowed for the call. */
struct tk_import_make {
    const char *name; /* wanted: it becomes unique */
    unsigned line, text_line;
    unsigned rank; /* tk_import_add() */
    const struct tk_import_trap *trap;
    const struct tk_import_case *c; /* NULL: no conditions on varbinds */
    json_t *sources, *devices;      /* NULL: none */
    const char *address;            /* of the test's sender; NULL: no test */
    bool is_dropped;                /* then the members below do not matter */
    const char *severity;           /* NULL: the state says it */
    const char *state;              /* NULL: none */
    const struct tk_import_text *key, *summary;
    json_t *fields; /* plain texts for "set", of at most TK_IMPORT_FIELD bytes; NULL: none */
};

/** @brief Add the rule, and its test where one can be made. A text that is too long for rules is told.
 *  @locality any @locks none */
void tk_import_make_rule(struct tk_import *im, const struct tk_import_make *m);

#endif /* TK_IMPORT_MAKE_H */
