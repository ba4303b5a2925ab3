/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file rules_trace.h
 * @brief Why a rule decided, and on what the rules that came close failed: noted by the matcher while it decides.
 *
 * The matcher takes NULL for no trace; then it costs a comparison for each rule that fails. Of the trace's texts, the
 * command that prints it makes words: rules are noted by their numbers (tk_rules_label()), conditions by their places in
 * the rule.
 *
 * Owner:  the thread that matches.
 * Memory: the nearest TK_RULES_MISSES misses; the others are counted.
 */
#ifndef TK_RULES_TRACE_H
#define TK_RULES_TRACE_H

#include "rules/rules.h"

#define TK_RULES_MISSES 10

/** The conditions of a rule, in the order in which they are asked. */
enum tk_rule_condition {
    TK_CONDITION_TRAP,
    TK_CONDITION_DEVICE,
    TK_CONDITION_SOURCE,
    TK_CONDITION_SECURITY_NAME,
    TK_CONDITION_VARBIND,
};

/** By which kind of pattern in "trap" a rule was asked. */
enum tk_rule_found_by {
    TK_FOUND_BY_NAME,    /* one notification */
    TK_FOUND_BY_SUBTREE, /* "1.3.6.1.4.1.9.*", "*" */
    TK_FOUND_BY_MODULE,  /* "IF-MIB::*" */
};

/** A rule that did not match. */
struct tk_rules_miss {
    uint32_t rule;
    enum tk_rule_condition failed;  /* the first condition that does not hold */
    enum tk_rule_found_by found_by; /* not with TK_CONDITION_TRAP */
    uint32_t test;                  /* TK_CONDITION_VARBIND: the element of "varbinds", from 0 */
    size_t varbind; /* TK_CONDITION_VARBIND: the event's first varbind of that object; else, and if there
                                    * is none: SIZE_MAX */
    uint32_t near;  /* higher: nearer to a match */
};

/** How "severity_from" or "state_from" chose. */
struct tk_rules_chosen {
    size_t varbind; /* whose value decided; SIZE_MAX: there is none, or the rule has no such member */
    int result;     /* of enum tk_severity or enum tk_alarm_state; -1: none */
};

struct tk_rules_trace {
    struct tk_rules_miss miss[TK_RULES_MISSES]; /* the nearest first; equally near ones in the order of the rules */
    size_t miss_count;
    uint32_t failed; /* rules that were asked, and did not match */
    uint32_t later;  /* rules for this notification that come after the one that decided: they were not asked */
    uint32_t asked;  /* the last of those that failed */
    enum tk_rule_found_by found_by;                   /* of the rule that decided */
    struct tk_rules_chosen severity_from, state_from; /* of the rule that decided */
};

/**
 * @brief Note the operator's rules whose "trap" is near to the notification, but does not match it: the first seven
 *        sub-identifiers are the same (1.3.6.1.4.1.9: of one enterprise). Of a whole file nothing else is near. It asks
 *        every pattern, so it takes milliseconds.
 * @param ev  after tk_rules_match() with this trace
 * @locality any  @locks none
 */
void tk_rules_trace_near(struct tk_rules_trace *t, const struct tk_rules *r, const struct tk_event *ev);

/** @brief How many references ("{device}", "{OBJECT}") a rule's "key" has. @locality any @locks none */
size_t tk_rules_trace_key_values(const struct tk_rules *r, uint32_t rule);
/** @brief What reference number @p n, from 0, of the rule's "key" stands for in this event.
 *  @returns absent: out of memory, or no such reference @locality any @locks none */
struct tk_text tk_rules_trace_key_value(const struct tk_rules *r, uint32_t rule, size_t n, const struct tk_event *ev);

#endif /* TK_RULES_TRACE_H */
