/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file rejects.h
 * @brief What snmptrapd's thread does with refused packets: counters, lines in the log, records for the worker.
 *
 * Owner: snmptrapd's thread.
 */
#ifndef TK_HOST_REJECTS_H
#define TK_HOST_REJECTS_H

#include "host/host.h"
#include "base/refusal.h"

/** @brief Begin, with the box that the worker reads; without memory refusals are counted only.
 *  @locality snmptrapd @locks none */
void tk_rejects_init(struct tk_host *h);
/** @locality snmptrapd @locks none */
void tk_rejects_done(struct tk_host *h);
/** @brief Count one refused packet and remember it for a record. @param arg  struct tk_host *
 *  @locality snmptrapd @locks none */
void tk_rejects_note(void *arg, const struct tk_refusal *refusal);
/** @brief Once a second: what is due goes to the worker, and now and then one to the log.
 *  @locality snmptrapd @locks none */
void tk_rejects_tick(struct tk_host *h, const struct tk_time *now);

/* authorize.c */
/** @brief Count a notification that can't be one, and note the refusal. @param transport  by which it came, or NULL
 *  @locality snmptrapd @locks none */
void tk_rejects_note_malformed(const netsnmp_pdu *pdu, const netsnmp_transport *transport);
/** @brief Stand in front of snmptrapd's authorization, ask it, and see its verdict; what is accepted does not change.
 *         Where it can't be asked, nothing is done, and the log says what that costs. Once. @retval 0 / -ENOMEM
 *  @locality snmptrapd @locks none */
int tk_authorize_register(void);

/* undecodable.c */
/** @brief Learn from whom the packets of this session come, to name the peer of those that net-snmp can't decode.
 *         Again is harmless; of a listening tcp transport, the connections that it accepts from now on are meant.
 *  @locality snmptrapd @locks none */
void tk_undecodable_watch(netsnmp_transport *transport);
/** @brief Was the packet received last one that could not be decoded? Tell and count it then. Also once a second, by
 *         tk_losses_read().
 *  @locality snmptrapd @locks none */
void tk_undecodable_look(struct tk_host *h);

#endif /* TK_HOST_REJECTS_H */
