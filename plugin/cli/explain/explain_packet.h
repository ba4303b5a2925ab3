/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file explain_packet.h
 * @brief Read a notification from the bytes of a message, through net-snmp as in snmptrapd: parser, users and keys of the
 *        configuration, access lines (receive/pump.h).
 *
 * The pump must be open.
 */
#ifndef TK_EXPLAIN_PACKET_H
#define TK_EXPLAIN_PACKET_H

#include "receive/incoming.h"

/** @brief Read the message that stands in a text, as hexadecimal digits with white space, colons or 0x between them.
 *  @param digits  "-": standard input @returns false with @p err set @locality any @locks none */
bool tk_explain_packet_of_hex(struct tk_incoming *t, const char *digits, struct tk_err *err);

/**
 * @brief Read notification number @p number of a capture.
 * @param path    a file of tcpdump -w; "-": standard input
 * @param number  from 1; of the notifications of any version, refused ones included
 * @param before  is called for each one before it that can be decoded, in order
 * @returns false with @p err set
 * @locality any  @locks none
 */
bool tk_explain_packet_of_capture(struct tk_incoming *t, const char *path, uint32_t number,
                                  void (*before)(void *arg, const struct tk_incoming *t), void *arg,
                                  struct tk_err *err);

#endif /* TK_EXPLAIN_PACKET_H */
