/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file devel.h
 * @brief Assertions, and what tests of faults need inside the module; nothing of it exists but in --enable-devel builds.
 *
 * TRAPKAFKA_KILL_AT=NAME[:N]   the process kills itself (SIGKILL) when TK_KILL_POINT("NAME") is reached the Nth time
 * TRAPKAFKA_THROTTLE=PERCENT   the worker uses that much of a core at most
 * TRAPKAFKA_DELIVERY_LOG=FILE  a line for each delivery report that says "delivered": the event's ID
 *
 * TK_ASSERT(CONDITION) is for what only a programming error can break: if it does not hold, one line to stderr names file,
 * line and condition, and the process aborts. Other builds do not evaluate it.
 */
#ifndef TK_DEVEL_H
#define TK_DEVEL_H

#include <stdbool.h>

#ifdef TK_DEVEL
/** @brief Die here if the environment says so. @locality any @locks none */
void tk_kill_point(const char *name);
/** @brief Sleep long enough that the calling thread stays below its share. @locality worker @locks none */
void tk_throttle(void);
/** @brief Is it asked for? @locality any @locks none */
bool tk_delivery_is_logged(void);
/** @brief Note a delivery. @locality worker @locks none */
void tk_delivery_log(const char *event_id);
/** @brief Say which condition does not hold, and abort(). @locality any @locks none */
_Noreturn void tk_assert_failed(const char *file, int line, const char *condition);
#define TK_ASSERT(condition)    ((condition) ? (void)0 : tk_assert_failed(__FILE__, __LINE__, #condition))
#define TK_KILL_POINT(name)     tk_kill_point(name)
#define TK_THROTTLE()           tk_throttle()
#define TK_DELIVERY_IS_LOGGED() tk_delivery_is_logged()
#define TK_DELIVERY_LOG(id)     tk_delivery_log(id)
#else
#define TK_ASSERT(condition)    ((void)sizeof(!(condition))) /* not evaluated */
#define TK_KILL_POINT(name)     ((void)0)
#define TK_THROTTLE()           ((void)0)
#define TK_DELIVERY_IS_LOGGED() false
#define TK_DELIVERY_LOG(id)     ((void)(id))
#endif

#endif /* TK_DEVEL_H */
