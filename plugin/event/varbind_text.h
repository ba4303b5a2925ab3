/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file varbind_text.h
 * @brief The text of a varbind's octets, which for an InetAddress depends on its neighbours in the notification.
 *
 * Owner:  the worker; no state of its own.
 */
#ifndef TK_VARBIND_TEXT_H
#define TK_VARBIND_TEXT_H

#include "base/legible.h"
#include "dictionary/octets_text.h"
#include "event/event.h"

/** The InetAddressType of an InetAddress is looked for in so many varbinds before it, and as many behind it. */
#define TK_INET_NEIGHBOURS 32

/** @brief If the octets are text: do they need no other? So it is with unknown objects, with those without a hint, and with
 *         text that is too long for a hint. @locality worker @locks none */
static inline bool tk_varbind_is_own_text(const struct tk_event_varbind *vb)
{
    return !vb->object || (!vb->object->hint && !vb->object->is_inet_address) ||
           vb->raw.value_len > TK_TEXT_BYTES - TK_CUT_MARK_BYTES;
}

/**
 * @brief Format the octets of a varbind as tk_octets_text() does. The InetAddressType of an InetAddress is that of the same
 *        row: in its index, else among the neighbours.
 * @param vb   one of the event's varbinds, of type TK_OCTETS
 * @param dst  TK_TEXT_BYTES; not terminated
 * @returns the length, or -1: there is no text, write hex
 * @locality worker  @locks none
 */
int tk_varbind_octets_text(char *dst, const struct tk_dict *dict, const struct tk_event *ev,
                           const struct tk_event_varbind *vb);

#endif /* TK_VARBIND_TEXT_H */
