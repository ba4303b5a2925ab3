/* SPDX-License-Identifier: Apache-2.0 */
/** @file reasons.h
 *  @brief The reasons for which a packet is refused, and the hints that say more: reasons.def and hints.def as enums. */
#ifndef TK_REASONS_H
#define TK_REASONS_H

#include <stdbool.h>

#define TK_REASON(id, name, help) TK_REASON_##id,
enum tk_reason {
#include "refusal/reasons.def"
    TK_REASONS
};
#undef TK_REASON

/** What is known in addition to the reason; tk_refusal_detail() and tk_remedy() make text of it. */
#define TK_HINT(id, reasons) TK_HINT_##id,
enum tk_hint {
    TK_HINT_NONE,
#include "refusal/hints.def"
    TK_HINTS
};
#undef TK_HINT

/** @brief The reason's name, as in the record's "reason". @locality any @locks none */
const char *tk_reason_name(enum tk_reason reason);
/** @brief What the reason means: a sentence without a full stop. @locality any @locks none */
const char *tk_reason_help(enum tk_reason reason);
/** @brief May a refusal with this reason have this hint? @locality any @locks none */
bool tk_hint_fits(enum tk_hint hint, enum tk_reason reason);

#endif /* TK_REASONS_H */
