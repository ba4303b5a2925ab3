/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file arrivals.h
 * @brief Count each message that reaches the trap port, under exactly one name.
 *
 * An arrival begins when a transport receives a message, and ends in one of these ways:
 *
 *   claimed   somebody counted it: the trap handler, or who refused it (refusals.c)
 *   other     snmptrapd's callback returned, and nobody has: it is no notification
 *   settled   it did not get to that callback, as is seen when the next message arrives, or at the next tick: net-snmp
 *             could not read it, took it for a probe or an answer, or was not allowed to look at it
 *
 * So the sum of the counters is the number of messages, whatever net-snmp does with them. Why net-snmp could not read a
 * message is found afterwards (refusal/message_flaw.h).
 *
 * Owner: snmptrapd's thread.
 */
#ifndef TK_ARRIVALS_H
#define TK_ARRIVALS_H

#include "host/host_internal.h"

/** An arrival while snmptrapd's callback has it. Callbacks may be nested. */
struct tk_arrival_turn {
    bool is_claimed;
    struct tk_arrival_turn *outer;
};

/** @brief Hook the transport's f_recv. A second call does no harm. For a listening tcp transport this covers the
 *         connections that it accepts from now on. @locality snmptrapd @locks none */
void tk_arrivals_watch(netsnmp_transport *transport);
/** @brief The newest message has come to snmptrapd's callback. @locality snmptrapd @locks none */
void tk_arrivals_enter(struct tk_arrival_turn *turn);
/** @brief The callback has returned. @locality snmptrapd @locks none */
void tk_arrivals_leave(struct tk_host *h, struct tk_arrival_turn *turn);
/** @brief The message that is being handled is being counted by the caller. @locality snmptrapd @locks none */
void tk_arrivals_claim(void);
/** @brief Count the newest message, if nobody has; net-snmp must have finished with it.
 *  @locality snmptrapd @locks none */
void tk_arrivals_settle(struct tk_host *h);
/** @brief Settle, and count the messages of connections that are not complete. Call when the sockets are closed.
 *  @locality snmptrapd @locks none */
void tk_arrivals_end(struct tk_host *h);

#endif /* TK_ARRIVALS_H */
