/* SPDX-License-Identifier: Apache-2.0 */
/* Stage 4: set severity, alarm state and alarm key by the rules. A rule may drop the event: this comes before dedup and
 * the states of alarms, so a dropped event leaves no trace there. */
#include "stages/bundle.h"
#include "rules/rules.h"
#include "stages/stages_internal.h"

enum tk_verdict tk_severity(struct tk_stage_state *st, const struct tk_bundle *b, struct tk_event *ev, tk_nsec now)
{
    static const char no_rule[] = "default";
    int ret = tk_rules_match(b->rules, ev, st->trace);

    (void)now;
    if (ret == 0) {
        ev->severity = TK_SEV_UNSET; /* published as "indeterminate", and counted */
        ev->severity_rule = (struct tk_text){no_rule, sizeof(no_rule) - 1};
    }
    if (ret < 0)
        return TK_DROP_NO_MEMORY;
    return ev->is_dropped ? TK_DROP_BY_RULE : TK_PASS;
}
