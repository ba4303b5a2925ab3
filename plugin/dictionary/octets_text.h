/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file octets_text.h
 * @brief The text of octets for people: of a value or an index, in events, summaries, rules and alarm keys alike.
 *
 * Owner:  any thread; no state, no locks, no allocation.
 * Time:   linear in the length of the value, which the network chose, and bounded by TK_TEXT_BYTES of output.
 */
#ifndef TK_OCTETS_TEXT_H
#define TK_OCTETS_TEXT_H

#include <stddef.h>
#include <stdint.h>

#include "dictionary/dictionary.h"
#include "dictionary/instance.h"

#define TK_TEXT_BYTES 2048 /* a buffer for any text of this file; longer text is cut, and ends with TK_CUT_MARK */

/** InetAddressType, RFC 4001. Other values are read like TK_INET_UNKNOWN. */
enum tk_inet_type {
    TK_INET_UNKNOWN = 0, /* "not in one of the formats defined below" */
    TK_INET_IPV4 = 1,
    TK_INET_IPV6 = 2,
    TK_INET_IPV4Z = 3, /* an address, and a zone of four octets */
    TK_INET_IPV6Z = 4,
    TK_INET_DNS = 16,
};

#define TK_INET_NOT_GIVEN INT64_MIN /* no InetAddressType was sent */

/**
 * @brief Format an InetAddress: "192.0.2.1", "2001:db8::1", "fe80::1%3" (RFC 5952, RFC 4007).
 *
 * If the type was not given, or is that of an address of another length, the length decides: 4, 16, 8 and 20 octets are
 * IPv4, IPv6, and these with a zone. But 8, 16 or 20 octets that are letters, digits, '.', '-' and '_' only are a name.
 * @param type  enum tk_inet_type, any other number that a sender chose, or TK_INET_NOT_GIVEN
 * @param dst   at least 64 bytes; terminated
 * @returns the length, or -1: it is no address (a name, TK_INET_UNKNOWN, a wrong length): read it as any octets
 * @locality any  @locks none
 */
int tk_inet_address(char *dst, size_t dst_bytes, int64_t type, const uint8_t *bytes, size_t len);

/**
 * @brief Format octets: as an address if their textual convention is InetAddress, as a time if it is DateAndTime, by the
 *        labels of BITS, by the DISPLAY-HINT, else as tk_legible() reads them.
 * @param o     the object, or NULL: unknown
 * @param type  the InetAddressType that belongs to the value, or TK_INET_NOT_GIVEN; for InetAddresses only
 * @param dst   TK_TEXT_BYTES; not terminated
 * @returns the length, or -1: there is no text, write hex
 * @locality any  @locks none
 */
int tk_octets_text(char *dst, const struct tk_dict *d, const struct tk_dict_object *o, int64_t type,
                   const uint8_t *bytes, size_t len);

/** @brief The octets of an index: at most TK_OID_MAX_SUBIDS, v->len of them. @locality any @locks none */
void tk_index_octets(uint8_t *dst, const struct tk_dict_value *v);

/**
 * @brief Format the octets of an index as tk_octets_text() does. An InetAddress has the nearest InetAddressType before it.
 * @param values  of the whole instance, as tk_dict_decode_instance() returned them
 * @param at      which one; its syntax is that of octets, BITS or Opaque
 * @param dst     TK_TEXT_BYTES; not terminated
 * @returns the length, or -1: there is no text, write hex
 * @locality any  @locks none
 */
int tk_index_octets_text(char *dst, const struct tk_dict *d, const struct tk_dict_value *values, size_t at);

/**
 * @brief Format one index of an instance: numbers in decimal or by their DISPLAY-HINT, OIDs and IpAddresses dotted, octets
 *        as tk_index_octets_text() does, or "0x" and hex.
 * @param values, at, dst  as for tk_index_octets_text(), but of any syntax
 * @returns the length
 * @locality any  @locks none
 */
size_t tk_index_text(char *dst, const struct tk_dict *d, const struct tk_dict_value *values, size_t at);

/**
 * @brief The object with the InetAddressType of an InetAddress: the nearest such column, or scalar, before it in its row
 *        or group (RFC 4001: "MUST be registered immediately before").
 * @returns the object, or NULL
 * @locality any  @locks none
 */
const struct tk_dict_object *tk_inet_type_object(const struct tk_dict *d, const struct tk_dict_object *address);

#endif /* TK_OCTETS_TEXT_H */
