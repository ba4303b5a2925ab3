/* SPDX-License-Identifier: Apache-2.0 */
#include "event/event.h"

const char *tk_alarm_transition_name(enum tk_alarm_transition transition)
{
    static const char *const names[] = {NULL, "raised", "repeated", "cleared", "unmatched"};

    _Static_assert(sizeof(names) / sizeof(names[0]) == TK_ALARM_TRANSITIONS, "each transition needs a name");
    return (unsigned)transition < TK_ALARM_TRANSITIONS ? names[transition] : NULL;
}

const char *tk_severity_name(enum tk_severity severity)
{
    static const char *const names[] = {"indeterminate", "critical",      "major",  "minor",
                                        "warning",       "indeterminate", "cleared"};

    _Static_assert(sizeof(names) / sizeof(names[0]) == TK_SEV_COUNT_, "each severity needs a name");
    return (unsigned)severity < TK_SEV_COUNT_ ? names[severity] : names[0];
}
