/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file devel.h
 * @brief What tests of faults need inside the module; nothing of it exists but in --enable-devel builds.
 *
 * TRAPKAFKA_KILL_AT=NAME[:N]   the process kills itself (SIGKILL) when TK_KILL_POINT("NAME") is reached the Nth time
 * TRAPKAFKA_THROTTLE=PERCENT   the worker uses that much of a core at most
 * TRAPKAFKA_DELIVERY_LOG=FILE  a line for each delivery report that says "delivered": the event's ID
 */
#ifndef TK_DEVEL_H
#define TK_DEVEL_H

#ifdef TK_DEVEL
/** @brief Die here if the environment says so. @locality any @locks none */
void tk_kill_point(const char *name);
/** @brief Sleep long enough that the calling thread stays below its share. @locality worker @locks none */
void tk_throttle(void);
/** @brief Note a delivery. @locality worker @locks none */
void tk_delivery_log(const char *event_id);
#define TK_KILL_POINT(name) tk_kill_point(name)
#define TK_THROTTLE()       tk_throttle()
#else
#define TK_KILL_POINT(name) ((void)0)
#define TK_THROTTLE()       ((void)0)
#endif

#endif /* TK_DEVEL_H */
