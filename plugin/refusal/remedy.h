/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file remedy.h
 * @brief What to do about a refused packet: one sentence of what was seen, and the line to write, without any secret.
 *
 * Where a line needs a secret, a word in capitals stands for it: AUTH_PASSWORD, PRIV_PASSWORD, COMMUNITY.
 * The network's bytes are escaped: the result is ASCII without control characters, for records and logs alike.
 */
#ifndef TK_REMEDY_H
#define TK_REMEDY_H

#include <stddef.h>

#include "refusal/refusal.h"

/** @brief What to write or do. Never empty. @returns @p dst @locality any @locks none */
const char *tk_remedy(char *dst, size_t dst_bytes, const struct tk_refusal *r);
/** @brief The command by which a sender proves its credentials, with the engine ID given: snmptrap -v3 ...
 *  @returns @p dst @locality any @locks none */
const char *tk_remedy_sender_command(char *dst, size_t dst_bytes, const struct tk_refusal *r);

#endif /* TK_REMEDY_H */
