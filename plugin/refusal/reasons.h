/* SPDX-License-Identifier: Apache-2.0 */
/** @file reasons.h
 *  @brief Why a packet was refused: refusal/reasons.def as an enum. */
#ifndef TK_REASONS_H
#define TK_REASONS_H

#define TK_REASON(id, name, help) TK_REASON_##id,
enum tk_reason {
#include "refusal/reasons.def"
    TK_REASONS
};
#undef TK_REASON

/** @returns the record's "reason" @locality any @locks none */
const char *tk_reason_name(enum tk_reason reason);
/** @returns a sentence without a full stop @locality any @locks none */
const char *tk_reason_help(enum tk_reason reason);

#endif /* TK_REASONS_H */
