/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file remedy.h
 * @brief The remedy for a refused packet: what the operator must write or do, such as a line of snmptrapd.conf.
 *
 * The text has no secrets: AUTH_PASSWORD, PRIV_PASSWORD and COMMUNITY are placeholders. Bytes from the network are
 * escaped, so that the text is ASCII without control characters, for records and for the log.
 */
#ifndef TK_REMEDY_H
#define TK_REMEDY_H

#include <stddef.h>

#include "refusal/refusal.h"

/** @brief Write the remedy; never empty. @returns @p dst @locality any @locks none */
const char *tk_remedy(char *dst, size_t dst_bytes, const struct tk_refusal *r);
/** @brief Write the snmptrap or snmpinform command that sends a test notification with the same user and engine ID.
 *  @returns @p dst @locality any @locks none */
const char *tk_remedy_sender_command(char *dst, size_t dst_bytes, const struct tk_refusal *r);

#endif /* TK_REMEDY_H */
