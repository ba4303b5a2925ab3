/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file keep.h
 * @brief Remember across restarts which SNMPv3 engines have a clock that moves: connects clocks_keeper.h with net-snmp's
 *        users and log. For snmptrapd only; `trapkafka v3 check` remembers nothing.
 *
 * Owner: snmptrapd's thread.
 */
#ifndef TK_KEEP_H
#define TK_KEEP_H

#include "base/clock.h"

/**
 * @brief Remember across restarts which engines' clocks have moved (guard.h), in this file. Reads the file and logs an
 *        error if it is damaged; later calls do nothing, nor do calls while kafkaEngines is off.
 * @param max  the bound of kafkaEngines
 * @locality snmptrapd  @locks none
 */
void tk_keep_clocks(const char *path, unsigned max, const struct tk_time *now);
/** @brief Write a part of the file, if it is due. Once a second, after privileges were dropped.
 *  @locality snmptrapd @locks none */
void tk_keep_turn(const struct tk_time *now);
/** @brief Write the file; before tk_usm_done(). @locality snmptrapd @locks none */
void tk_keep_finish(const struct tk_time *now);

#endif /* TK_KEEP_H */
