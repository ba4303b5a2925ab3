/* SPDX-License-Identifier: Apache-2.0 */
/* Write net-snmp's PDU as a flat trap into the ring. No allocation, no lock, no system call. */
#include "host/flatten.h"

#include <errno.h>

#include "host/flat_pdu.h"
#include "host/host_internal.h"
#include "usm/usm.h"
#include "usm/usm_peer.h"

/* The flat trap of an INFORM for which the ring has no room: it is needed to tell whether it is a retransmission. */
static uint8_t spare[TK_TRAP_MAX_BYTES];

int tk_flatten(struct tk_ring *ring, const netsnmp_pdu *pdu, const netsnmp_transport *transport,
               struct tk_flat *ret_flat)
{
    struct tk_pdu_reception reception = {
        .own_engine = tk_host.engine_id,
        .own_engine_len = tk_host.engine_id_len,
        .is_clock_checked = tk_usm_is_clock_checked(pdu),
    };
    struct tk_flat_pdu flat;
    uint8_t *room;
    bool is_full;
    int need, len;

    tk_peer_read(&reception.peer, pdu->transport_data, pdu->transport_data_length,
                 transport && (transport->flags & NETSNMP_TRANSPORT_FLAG_STREAM));
    need = tk_flat_pdu_measure(&flat, pdu, &reception);
    if (need < 0)
        return need == -E2BIG ? TK_LOSS_TOO_LARGE : TK_LOSS_MALFORMED;
    room = tk_ring_reserve(ring, (size_t)need);
    if (!room && pdu->command != SNMP_MSG_INFORM)
        return TK_LOSS_QUEUE_FULL;
    is_full = !room;
    if (is_full)
        room = spare;
    len = tk_flat_pdu_write(&flat, room, (size_t)need);
    if (len < 0)
        return TK_LOSS_MALFORMED;
    *ret_flat = (struct tk_flat){.bytes = room, .len = (size_t)len, .transport = flat.head.transport};
    return is_full ? TK_LOSS_QUEUE_FULL : -1;
}
