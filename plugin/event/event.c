/* SPDX-License-Identifier: Apache-2.0 */
#include "event/event.h"

#include <string.h>

struct tk_text tk_event_text(struct tk_event *ev, const char *text, size_t len)
{
    char *copy = tk_arena_alloc(ev->arena, len + 1);

    if (!copy)
        return (struct tk_text){NULL, 0};
    memcpy(copy, text, len);
    copy[len] = '\0';
    return (struct tk_text){copy, len};
}

bool tk_event_has_engine(const struct tk_event *ev)
{
    const struct tk_trap_head *head = &ev->trap->head;

    return head->version == TK_SNMP_V3 && head->context_engine_id_len > 0 && !(head->flags & TK_ENGINE_IS_OWN);
}

const char *tk_severity_name(enum tk_severity severity)
{
    static const char *const names[] = {"indeterminate", "critical",      "major",  "minor",
                                        "warning",       "indeterminate", "cleared"};

    _Static_assert(sizeof(names) / sizeof(names[0]) == TK_SEV_COUNT_, "each severity needs a name");
    return (unsigned)severity < TK_SEV_COUNT_ ? names[severity] : names[0];
}
