/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file varbind_text.h
 * @brief What a person reads of a varbind. For an InetAddress it depends on its neighbours in the notification.
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

/** What tk_varbind_text() needs at most: a text and its units. */
#define TK_VARBIND_TEXT_BYTES (TK_TEXT_BYTES + 256)

/** @brief The name of a type, "integer" ... "unknown". @param type  enum tk_value_type @locality any @locks none */
struct tk_text tk_varbind_type(uint8_t type);

/** @brief The same as members of JSON, up to the value: ,"type":"integer","value": @locality any @locks none */
struct tk_text tk_varbind_type_member(uint8_t type);

/** @brief Have two varbinds the same sub-identifiers behind the OIDs of their objects? @locality any @locks none */
static inline bool tk_varbind_is_same_instance(const struct tk_event_varbind *a, const struct tk_event_varbind *b)
{
    size_t len = a->subids - a->matched;

    return b->subids - b->matched == len &&
           memcmp(a->subid + a->matched, b->subid + b->matched, len * sizeof(*a->subid)) == 0;
}

/** @brief The units of the varbind's object, such as "degrees Celsius"; empty if none.
 *  @locality worker @locks none */
static inline struct tk_dict_text tk_varbind_units(const struct tk_dict *dict, const struct tk_event_varbind *vb)
{
    return vb->object ? tk_dict_units(dict, vb->object) : (struct tk_dict_text){"", 0};
}

/** @brief If the octets are text: do they need no other? So it is with unknown objects, with those whose convention and
 *         hint say no more than that they are text, and with text that is too long for a hint.
 *  @locality worker @locks none */
static inline bool tk_varbind_is_own_text(const struct tk_dict *dict, const struct tk_event_varbind *vb)
{
    enum tk_dict_reading reading = vb->object ? tk_dict_reading(dict, vb->object) : TK_READ_PLAIN;

    return reading == TK_READ_PLAIN || reading == TK_READ_TEXT || vb->raw.value_len > TK_TEXT_BYTES - TK_CUT_MARK_BYTES;
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

/**
 * @brief The value as a person reads it: a label, a number or octets by their DISPLAY-HINT, a time, a duration ("1d
 *        02:03:04.05"), an address, the name of an OID ("IF-MIB::ifIndex.7"); and the units where the MIB has them.
 * @param vb    one of the event's varbinds
 * @param room  TK_VARBIND_TEXT_BYTES, which the text may use
 * @returns UTF-8 in @p room, in the value or in the dictionary; absent: only hexadecimal can show it; empty: the value is
 *          secret
 * @locality worker  @locks none
 */
struct tk_text tk_varbind_words(char *room, const struct tk_dict *dict, const struct tk_event *ev,
                                const struct tk_event_varbind *vb);

/**
 * @brief The same, but what only hexadecimal can show is "0x" and hexadecimal, cut with TK_CUT_MARK where it is too long.
 * @locality worker  @locks none
 */
struct tk_text tk_varbind_text(char *room, const struct tk_dict *dict, const struct tk_event *ev,
                               const struct tk_event_varbind *vb);

#endif /* TK_VARBIND_TEXT_H */
