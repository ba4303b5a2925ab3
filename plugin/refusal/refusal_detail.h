/* SPDX-License-Identifier: Apache-2.0 */
/** @file refusal_detail.h
 *  @brief Say in one sentence why a packet was refused, with its user, engine ID, boots and times. */
#ifndef TK_REFUSAL_DETAIL_H
#define TK_REFUSAL_DETAIL_H

#include <stddef.h>

#include "refusal/refusal.h"

/** @brief Write the sentence; never empty. @returns @p dst @locality any @locks none */
const char *tk_refusal_detail(char *dst, size_t dst_bytes, const struct tk_refusal *r);

#endif /* TK_REFUSAL_DETAIL_H */
