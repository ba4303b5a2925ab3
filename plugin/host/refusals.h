/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file refusals.h
 * @brief Count refused packets, log some of them, and hand reports to the worker, which publishes them.
 *
 * Owner: snmptrapd's thread.
 */
#ifndef TK_REFUSALS_H
#define TK_REFUSALS_H

#include "host/host_internal.h"
#include "refusal/refusal.h"

/** @brief Make the box that the worker reads. If out of memory, refusals are only counted.
 *  @locality snmptrapd @locks none */
void tk_refusals_init(struct tk_host *h);
/** @brief Free table and box. @locality snmptrapd @locks none */
void tk_refusals_done(struct tk_host *h);
/** @brief Add one message to the table: it is told of with its sender, and counted elsewhere.
 *  @locality snmptrapd @locks none */
void tk_refusals_tell(struct tk_host *h, const struct tk_refusal *refusal);
/** @brief Count one refused message and tell of it. @locality snmptrapd @locks none */
void tk_refusals_count(struct tk_host *h, const struct tk_refusal *refusal);
/** @brief The same for the message that is being handled, which is claimed (arrivals.h). @param arg  struct tk_host *
 *  @locality snmptrapd @locks none */
void tk_refusals_note(void *arg, const struct tk_refusal *refusal);
/** @brief Call once a second: hands reports that are due to the worker, and logs them within
 *         refusal/refusal_limit.h.
 *  @locality snmptrapd @locks none */
void tk_refusals_tick(struct tk_host *h, const struct tk_time *now);

#endif /* TK_REFUSALS_H */
