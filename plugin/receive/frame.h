/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file frame.h
 * @brief Find the UDP datagram in one frame of a capture: link layer, IP, UDP. The bytes are not trusted.
 *
 * Link types: Ethernet, Linux cooked v1 and v2, raw IP, BSD loopback (null, loop). VLAN tags and IPv6 extension
 * headers are skipped. Nothing is copied or allocated.
 */
#ifndef TK_FRAME_H
#define TK_FRAME_H

#include <stddef.h>
#include <stdint.h>

#include "snmp/peer.h"

struct tk_datagram {
    struct tk_peer source, target;
    const uint8_t *payload; /* view into the frame */
    size_t len;
};

enum tk_frame {
    TK_FRAME_DATAGRAM,
    TK_FRAME_OTHER,    /* not IP, not UDP, or a malformed header */
    TK_FRAME_FRAGMENT, /* a fragment of an IP packet with UDP */
    TK_FRAME_CUT,      /* the capture has only a part of the datagram */
    TK_FRAME_LINK,     /* the link type is not supported */
};

/**
 * @brief Read one frame.
 * @param link  libpcap's DLT_ number
 * @param ret   filled for TK_FRAME_DATAGRAM
 * @locality any  @locks none
 */
enum tk_frame tk_frame_read(struct tk_datagram *ret, int link, const uint8_t *frame, size_t len);

#endif /* TK_FRAME_H */
