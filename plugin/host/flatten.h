/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file flatten.h
 * @brief Write net-snmp's PDU as a flat trap (flat_pdu.h) directly into the ring.
 */
#ifndef TK_FLATTEN_H
#define TK_FLATTEN_H

#include "host/trapd_api.h"
#include "queue/ring.h"

/** A flat trap in room that the ring has reserved, not committed yet. If the ring is full: in a static buffer. */
struct tk_flat {
    uint8_t *bytes;
    size_t len;
    enum tk_transport transport;
};

/**
 * @brief Reserve room in the ring and write the flat trap there. tk_ring_commit() makes it a record.
 * @param ret_flat  valid until the next call
 * @returns -1 with @p ret_flat filled, or the loss to count (enum tk_ring_loss). TK_LOSS_QUEUE_FULL of an INFORM
 *          fills it too, in the static buffer, because the INFORM may be a retransmission.
 * @locality snmptrapd  @locks none
 */
int tk_flatten(struct tk_ring *ring, const netsnmp_pdu *pdu, const netsnmp_transport *transport,
               struct tk_flat *ret_flat);

#endif /* TK_FLATTEN_H */
