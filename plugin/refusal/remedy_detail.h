/* SPDX-License-Identifier: Apache-2.0 */
/** @file remedy_detail.h
 *  @brief What was seen of a refused packet, in one sentence. */
#ifndef TK_REMEDY_DETAIL_H
#define TK_REMEDY_DETAIL_H

#include <stddef.h>

#include "refusal/refusal.h"

/** @brief What was seen, beyond the reason's own help. Never empty. @returns @p dst @locality any @locks none */
const char *tk_remedy_detail(char *dst, size_t dst_bytes, const struct tk_refusal *r);

#endif /* TK_REMEDY_DETAIL_H */
