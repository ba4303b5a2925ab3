/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file pump.h
 * @brief Pass datagrams through net-snmp as in snmptrapd: parser, USM with the hook of usm/, authorization.
 *
 * The transport is ours and returns the datagram. What net-snmp sends (reports, with which senders of INFORMs
 * discover this receiver) goes to a socket, or is dropped. A notification itself is never answered.
 *
 * A capture is judged with the clock of its time, see tk_pump_at(). This receiver's engine time at that moment is not
 * known. It is learned from authenticated INFORMs, which contain it; so an INFORM counts as late only if a newer one
 * came before it.
 *
 * One pump in the process, because net-snmp's state is global.
 */
#ifndef TK_PUMP_H
#define TK_PUMP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/clock.h"
#include "base/err.h"
#include "snmp/oid.h"
#include "refusal/refusal.h"
#include "receive/receive_config.h"
#include "receive/frame.h"
#include "receive/message.h"

/** The result for one message. */
struct tk_judged {
    bool is_notification; /* false: discovery, a report or a response, which is not judged */
    bool is_accepted;
    struct tk_refusal refusal; /* if accepted: peer, user, level, engine and protocols only */
    struct tk_oid trap;        /* len 0: the message could not be decoded */
};

/** @returns the hooks for usm/, which tk_receive_config_read() needs @locality any @locks none */
struct tk_usm_hooks tk_pump_hooks(void);

/**
 * @brief Open the session.
 * @param receiver  borrowed
 * @param sock      where replies are sent; -1: nowhere
 * @retval 0 / -ENOMEM with @p err set
 * @locality any  @locks none
 */
int tk_pump_open(const struct tk_receive_config *receiver, int sock, struct tk_err *err);
/** @brief Close the session. @locality any @locks none */
void tk_pump_close(void);

struct snmp_pdu;
/** Take a notification that net-snmp could decode, accepted or not; the PDU (net-snmp's netsnmp_pdu) is borrowed. */
typedef void tk_pump_taker(void *arg, const struct snmp_pdu *pdu);
/** @brief From now on pass on each notification, within tk_pump(). @param take  NULL: no more @locality any @locks none */
void tk_pump_taken_by(tk_pump_taker *take, void *arg);

/** @brief Set the time of the capture (wall clock). An earlier time than before is ignored.
 *  @locality any @locks none */
void tk_pump_at(tk_nsec wall);

/** @brief Judge one message. @param m  what tk_snmp_message_read() has read from it @locality any @locks none */
void tk_pump(struct tk_judged *ret, const struct tk_datagram *d, const struct tk_snmp_message *m);

#endif /* TK_PUMP_H */
