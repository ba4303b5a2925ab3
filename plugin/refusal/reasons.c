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

#define OF(reason) 1U << TK_REASON_##reason
static const unsigned reasons_of[TK_HINTS] = {
    [TK_HINT_NONE] = ~0U,
#define TK_HINT(id, reasons) [TK_HINT_##id] = reasons,
#include "refusal/hints.def"
#undef TK_HINT
};
#undef OF

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

bool tk_hint_fits(enum tk_hint hint, enum tk_reason reason)
{
    TK_ASSERT((unsigned)hint < TK_HINTS && (unsigned)reason < TK_REASONS);
    return reasons_of[hint] >> reason & 1;
}
