/* SPDX-License-Identifier: Apache-2.0 */
/** @file usm_peer.h
 *  @brief Read the sender's address from what net-snmp's transport stored with a PDU. */
#ifndef TK_USM_PEER_H
#define TK_USM_PEER_H

#include <stdbool.h>

#include "snmp/peer.h"

/** @brief Fill @p ret_peer from pdu->transport_data. @param is_stream  the transport is a connection (tcp)
 *  @locality snmptrapd @locks none */
void tk_peer_read(struct tk_peer *ret_peer, const void *transport_data, int len, bool is_stream);

#endif /* TK_USM_PEER_H */
