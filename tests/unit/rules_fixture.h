/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file rules_fixture.h
 * @brief A small dictionary for the tests of rules: interfaces, BGP, and a vendor.
 */
#ifndef TK_RULES_FIXTURE_H
#define TK_RULES_FIXTURE_H

#include "dictionary/dictionary.h"

#define LINK_DOWN "1.3.6.1.6.3.1.1.5.3"
#define LINK_UP   "1.3.6.1.6.3.1.1.5.4"
#define IF_ENTRY  "1.3.6.1.2.1.2.2.1."
#define ACME      "1.3.6.1.4.1.99999."

/** The facts of which it is made. */
extern const char rules_fixture_facts[];

/** @returns the dictionary; the caller frees it */
struct tk_dict *rules_fixture_dict(void);

#endif /* TK_RULES_FIXTURE_H */
