/* SPDX-License-Identifier: Apache-2.0 */
/* Stage 7: make the rule's texts for people. Repeats do not come so far. */
#include "rules/rules.h"
#include "stages/bundle.h"
#include "stages/stages_internal.h"

enum tk_verdict tk_describe(struct tk_stage_state *st, const struct tk_bundle *b, struct tk_event *ev, tk_nsec now)
{
    (void)st;
    (void)now;
    return tk_rules_describe(b->rules, ev) ? TK_PASS : TK_DROP_NO_MEMORY;
}
