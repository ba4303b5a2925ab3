/* SPDX-License-Identifier: Apache-2.0 */
/* Stage 4: set severity, alarm state and alarm key by the rules. A rule may drop the event: this comes before dedup and
 * the states of alarms, so a dropped event leaves no trace there. */
#include "stages/bundle.h"
#include "rules/rules.h"
#include "stages/stages_internal.h"

enum tk_verdict tk_severity(struct tk_stage_state *st, const struct tk_bundle *b, struct tk_event *ev, tk_nsec now)
{
    static const char no_rule[] = "default";

    (void)st;
    (void)now;
    if (!tk_rules_match(b->rules, ev)) {
        ev->rule = TK_RULE_NONE;
        ev->severity = TK_SEV_UNSET; /* published as "indeterminate", and counted */
        ev->alarm_state = TK_ALARM_NONE;
        ev->severity_rule = (struct tk_text){no_rule, sizeof(no_rule) - 1};
        ev->alarm_key = (struct tk_text){NULL, 0};
    }
    if (ev->is_dropped)
        return TK_DROP_BY_RULE;
    return ev->alarm_state != TK_ALARM_NONE && !ev->alarm_key.text ? TK_DROP_NO_MEMORY : TK_PASS;
}
