/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file replay_diff.h
 * @brief How the events of one notification differ between two configurations, member by member.
 */
#ifndef TK_REPLAY_DIFF_H
#define TK_REPLAY_DIFF_H

#include <jansson.h>
#include <stdbool.h>

#include "stages/render.h"

/** What the stages made of a notification. */
struct tk_outcome {
    enum tk_verdict verdict;
    const char *event; /* TK_PASS: its JSON, not terminated */
    size_t len;
};

/** @brief What became of it: "published", "duplicate", "rule", ... @locality any @locks none */
const char *tk_outcome_name(enum tk_verdict verdict);

/** @brief Are they the same, but for the key of dedup, whose hash has a seed of its own? @locality any @locks none */
bool tk_outcome_is_same(const struct tk_outcome *a, const struct tk_outcome *b);

/**
 * @brief The members that differ: [{"member": "alarm.key", "before": VALUE, "after": VALUE}, ...]. A member that is not
 *        there is null. Lists of one length are compared item by item: "varbinds[0].text".
 * @returns the list, the caller's to free; NULL: out of memory
 * @locality any  @locks none
 */
json_t *tk_outcome_differences(const struct tk_outcome *before, const struct tk_outcome *after);

#endif /* TK_REPLAY_DIFF_H */
