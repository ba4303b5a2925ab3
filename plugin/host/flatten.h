/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file flatten.h
 * @brief From net-snmp's PDU to the flat trap (snmp/trap.h), in the ring itself.
 */
#ifndef TK_FLATTEN_H
#define TK_FLATTEN_H

#include "host/trapd_api.h"
#include "queue/ring.h"

/** A flat trap in the room that the ring reserved: not published yet. Or in a buffer, where the ring is full. */
struct tk_flat {
    uint8_t *bytes;
    size_t len;
    enum tk_transport transport;
};

/**
 * @brief Reserve room and write the flat trap there; tk_ring_commit() publishes it, or it is abandoned.
 * @returns -1 with @p ret_flat filled, or the loss to count (enum tk_ring_loss). TK_LOSS_QUEUE_FULL of an INFORM
 *          fills it too, from a buffer: it may be known already. Valid until the next call.
 * @locality snmptrapd  @locks none
 */
int tk_flatten(struct tk_ring *ring, const netsnmp_pdu *pdu, const netsnmp_transport *transport,
               struct tk_flat *ret_flat);

#endif /* TK_FLATTEN_H */
