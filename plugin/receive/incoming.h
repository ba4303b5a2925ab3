/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file incoming.h
 * @brief A notification that a command runs through the stages: as a flat trap, with what is known of its reception.
 *
 * It comes from a message, through the pump, or from a PDU that a command made.
 */
#ifndef TK_INCOMING_H
#define TK_INCOMING_H

#include "base/clock.h"
#include "base/err.h"
#include "receive/pump.h"
#include "host/flat_pdu.h"

struct tk_incoming {
    const struct tk_receive_config *receiver; /* whose engine ID is its own */
    struct tk_peer source;
    struct tk_time received;

    size_t packet_len; /* bytes of the message; 0: it is none */
    bool is_judged;    /* access was checked, as in snmptrapd */
    struct tk_judged judged;

    size_t flat_len; /* 0: it could not be decoded: `judged` says why */
    uint8_t flat[TK_TRAP_MAX_BYTES];
};

/** @brief Write the flat trap of a PDU. @param is_clock_checked  as in struct tk_pdu_reception
 *  @returns false with @p err set: it can be no event @locality any @locks none */
bool tk_incoming_flatten(struct tk_incoming *t, const netsnmp_pdu *pdu, bool is_clock_checked, struct tk_err *err);

/** @brief May the datagram be a notification? Polling is told by its port: an encrypted trap looks like a response, and an
 *  encrypted INFORM like a request. @locality any @locks none */
bool tk_incoming_is_candidate(const struct tk_datagram *d);

/**
 * @brief Read a message through net-snmp, as snmptrapd does. The pump must be open.
 * @returns false: it is no notification, or, with @p err set, one that can be no event
 * @locality any  @locks none
 */
bool tk_incoming_read(struct tk_incoming *t, const struct tk_datagram *d, struct tk_err *err);

#endif /* TK_INCOMING_H */
