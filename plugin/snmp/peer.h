/* SPDX-License-Identifier: Apache-2.0 */
/** @file peer.h
 *  @brief The address and transport that a packet came from. */
#ifndef TK_PEER_H
#define TK_PEER_H

#include <stddef.h>
#include <stdint.h>

enum tk_transport { TK_UDP = 1, TK_UDP6, TK_TCP, TK_TCP6, TK_OTHER_TRANSPORT };

struct tk_peer {
    uint8_t transport;   /* enum tk_transport */
    uint8_t family;      /* of address: 4, 6, or 0: unknown */
    uint16_t port;       /* host order */
    uint8_t address[16]; /* network order; an IPv4 address takes the first four */
};

/** @brief "192.0.2.7", "2001:db8::7", or "an unknown address". @returns @p dst @locality any @locks none */
const char *tk_peer_name(char *dst, size_t dst_bytes, const struct tk_peer *peer);

#endif /* TK_PEER_H */
