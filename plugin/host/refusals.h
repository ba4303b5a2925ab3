/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file refusals.h
 * @brief What snmptrapd's thread does with refused packets: counters, lines in the log, records for the worker.
 *
 * Owner: snmptrapd's thread.
 */
#ifndef TK_REFUSALS_H
#define TK_REFUSALS_H

#include "host/host_internal.h"
#include "refusal/refusal.h"

/** @brief Begin, with the box that the worker reads; without memory refusals are counted only.
 *  @locality snmptrapd @locks none */
void tk_refusals_init(struct tk_host *h);
/** @locality snmptrapd @locks none */
void tk_refusals_done(struct tk_host *h);
/** @brief Count one refused packet and remember it for a record. @param arg  struct tk_host *
 *  @locality snmptrapd @locks none */
void tk_refusals_note(void *arg, const struct tk_refusal *refusal);
/** @brief Once a second: what is due goes to the worker, and now and then one to the log.
 *  @locality snmptrapd @locks none */
void tk_refusals_tick(struct tk_host *h, const struct tk_time *now);

#endif /* TK_REFUSALS_H */
