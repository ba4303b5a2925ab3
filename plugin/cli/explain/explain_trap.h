/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file explain_trap.h
 * @brief The notification that is to be explained: as a flat trap, with what is known of its reception.
 *
 * The three ways in are explain_arguments.c (a command line of snmptrap), and explain_packet.c (hexadecimal, a capture).
 */
#ifndef TK_EXPLAIN_TRAP_H
#define TK_EXPLAIN_TRAP_H

#include "base/clock.h"
#include "base/err.h"
#include "cli/receive/pump.h"
#include "host/flat_pdu.h"

struct tk_explain_trap {
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
bool tk_explain_trap_flatten(struct tk_explain_trap *t, const netsnmp_pdu *pdu, bool is_clock_checked,
                             struct tk_err *err);

#endif /* TK_EXPLAIN_TRAP_H */
