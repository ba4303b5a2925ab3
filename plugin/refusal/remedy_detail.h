/* SPDX-License-Identifier: Apache-2.0 */
/** @file remedy_detail.h
 *  @brief Say in one sentence why a packet was refused, with its user, engine ID, boots and times. */
#ifndef TK_REMEDY_DETAIL_H
#define TK_REMEDY_DETAIL_H

#include <stddef.h>

#include "refusal/refusal.h"

/** @brief Write the sentence; never empty. @returns @p dst @locality any @locks none */
const char *tk_remedy_detail(char *dst, size_t dst_bytes, const struct tk_refusal *r);

#endif /* TK_REMEDY_DETAIL_H */
