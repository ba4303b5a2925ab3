/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file message_flaw.h
 * @brief Why net-snmp can't read a message. net-snmp itself only says that it can't.
 */
#ifndef TK_MESSAGE_FLAW_H
#define TK_MESSAGE_FLAW_H

#include <stddef.h>

#include "refusal/refusal.h"

/** Octets of a message that are enough for all but the varbinds: with the longest community, or all of USM's fields. */
#define TK_MESSAGE_HEAD 384

/**
 * @brief Look for what net-snmp's parser refuses, in the order in which it reads: BER's outermost length, version,
 *        community or SNMPv3 header, security parameters, type of the PDU. The varbinds are not looked at.
 * @param r         gets `version`, and what the hint is about in `seen` and `most`; other members stay
 * @param head      the first @p known octets of the message, borrowed
 * @param known     at most @p len
 * @param len       octets of the whole message
 * @returns the flaw; TK_HINT_NONE: none in the octets that are known
 * @locality any  @locks none
 */
enum tk_hint tk_message_flaw(struct tk_refusal *r, const uint8_t *head, size_t known, size_t len);

#endif /* TK_MESSAGE_FLAW_H */
