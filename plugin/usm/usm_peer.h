/* SPDX-License-Identifier: Apache-2.0 */
/** @file usm_peer.h
 *  @brief Who sent a PDU. */
#ifndef TK_USM_PEER_H
#define TK_USM_PEER_H

#include <stdbool.h>

#include "snmp/peer.h"

/** @brief The peer of a PDU, as net-snmp's transport wrote it. @param is_stream  of the transport
 *  @locality snmptrapd @locks none */
void tk_peer_read(struct tk_peer *ret_peer, const void *transport_data, int len, bool is_stream);

#endif /* TK_USM_PEER_H */
