/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file rules_trap.h
 * @brief Make a notification that a compiled rule is for, out of what the dictionary says about it.
 *
 * A value depends on its object and on the number of the row only, so that two notifications about one row agree in all
 * that both have, and those about two rows differ in all that can differ. Values that the rule tests are as it wants
 * them.
 */
#ifndef TK_RULES_TRAP_H
#define TK_RULES_TRAP_H

#include "event_fixture.h"
#include "rules/rules_internal.h"

struct rules_trap {
    const struct tk_rules *r;
    const struct tk_rule *rule;
    const struct tk_dict *dict;
    const struct tk_dict_object *notification; /* NULL: unknown */
    struct tk_oid oid;
    unsigned row;
    unsigned shift; /* other values of what the rule does not test: another rule may test it */
    const struct tk_rule_pattern *rivals, *rivals_end; /* of the rules that are tried before it */
    const struct tk_rule_choice *choices[2];           /* severity_from, state_from; NULL: none */
    uint32_t options[2];                               /* which of their values */
    struct event_fixture *f;                           /* the result */
    bool has_row;                                      /* a varbind has an index */
    bool is_beyond;                                    /* a test can't be met: by a regular expression */
    const char *not_carried; /* NULL, or an object of a test that the notification does not carry */
    char text[TK_OID_MAX_TEXT];
};

/** @brief Make the event; f->ev is resolved. The caller ends it with event_fixture_done(). */
void rules_trap_make(struct rules_trap *t);

#endif /* TK_RULES_TRAP_H */
