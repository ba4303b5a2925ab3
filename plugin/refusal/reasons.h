/* SPDX-License-Identifier: Apache-2.0 */
/** @file reasons.h
 *  @brief The reasons for which a packet is refused: refusal/reasons.def as an enum. */
#ifndef TK_REASONS_H
#define TK_REASONS_H

#define TK_REASON(id, name, help) TK_REASON_##id,
enum tk_reason {
#include "refusal/reasons.def"
    TK_REASONS
};
#undef TK_REASON

/** @brief The reason's name, as in the record's "reason". @locality any @locks none */
const char *tk_reason_name(enum tk_reason reason);
/** @brief What the reason means: a sentence without a full stop. @locality any @locks none */
const char *tk_reason_help(enum tk_reason reason);

#endif /* TK_REASONS_H */
