/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file v3_pump.h
 * @brief Datagrams through net-snmp as snmptrapd has it: its parser, the USM with usm/ in front, its authorization.
 *
 * The transport is one of ours that hands out the datagram; what net-snmp answers (reports, by which senders of
 * INFORMs discover this receiver) goes to a socket, or nowhere. Notifications themselves are never answered.
 *
 * A capture is judged at its own time: see tk_pump_at(). The clock of this receiver at the time of the capture is not
 * known; it is learned from the authenticated INFORMs, which carry it, so only an INFORM older than another is found
 * late.
 *
 * One pump a process: net-snmp's state is global.
 */
#ifndef TK_V3_PUMP_H
#define TK_V3_PUMP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/clock.h"
#include "base/err.h"
#include "snmp/oid.h"
#include "refusal/refusal.h"
#include "cli/v3/v3_config.h"
#include "cli/v3/v3_frame.h"
#include "cli/v3/v3_message.h"

/** What became of one SNMPv3 message. */
struct tk_judged {
    bool is_notification; /* else: a probe, a report, a response; nothing to say */
    bool is_accepted;
    struct tk_refusal refusal; /* accepted: peer, user, level, engine, protocols count */
    struct tk_oid trap;        /* len 0: not known, as it could not be decoded */
};

/** @brief What usm/ is given: tk_v3_config_read() wants it. @locality any @locks none */
struct tk_usm_hooks tk_pump_hooks(void);

/**
 * @brief Open the session.
 * @param receiver  borrowed
 * @param sock      where answers go; -1: nowhere
 * @retval 0 / -ENOMEM with @p err set
 * @locality any  @locks none
 */
int tk_pump_open(const struct tk_v3_receiver *receiver, int sock, struct tk_err *err);
/** @locality any @locks none */
void tk_pump_close(void);

/** @brief From now on it is this moment, of a capture (wall clock); going back counts as standing still.
 *  @locality any @locks none */
void tk_pump_at(tk_nsec wall);

/** @brief Judge one message. @param m  the same, as read by tk_v3_message_read() @locality any @locks none */
void tk_pump(struct tk_judged *ret, const struct tk_datagram *d, const struct tk_v3_message *m);

#endif /* TK_V3_PUMP_H */
