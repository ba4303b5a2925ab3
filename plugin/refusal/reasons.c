/* SPDX-License-Identifier: Apache-2.0 */
#include "refusal/reasons.h"

#include "base/devel.h"

static const struct {
    const char *name, *help;
} reasons[TK_REASONS] = {
#define TK_REASON(id, name, help) {name, help},
#include "refusal/reasons.def"
#undef TK_REASON
};

const char *tk_reason_name(enum tk_reason reason)
{
    TK_ASSERT((unsigned)reason < TK_REASONS);
    return reasons[reason].name;
}

const char *tk_reason_help(enum tk_reason reason)
{
    TK_ASSERT((unsigned)reason < TK_REASONS);
    return reasons[reason].help;
}
