/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file explain_rule.h
 * @brief Find a rule as its author wrote it, and say in the author's words why it decided or on what it failed.
 *
 * What decided is in struct tk_rules_trace, out of the matcher. Here it is only looked up in the file.
 */
#ifndef TK_EXPLAIN_RULE_H
#define TK_EXPLAIN_RULE_H

#include <jansson.h>

#include "cli/offline.h"
#include "rules/rules_trace.h"
#include "snmp/trap.h"

/**
 * @brief The rule that decided: {"name", "tier", "file", "line", "asked_by", "failed", "later", "severity_from",
 *        "state_from", "key", "clears", "near": [{"name", "file", "line", "condition", "wanted", "seen"}]}.
 * @param trap   that became the last event of @p o
 * @param t      of that event
 * @returns the object, caller's to free; NULL: out of memory
 * @locality any  @locks none
 */
json_t *tk_explain_rule(const struct tk_offline *o, const struct tk_trap *trap, const struct tk_rules_trace *t);

#endif /* TK_EXPLAIN_RULE_H */
