/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file devel.h
 * @brief Asserts, and what tests of faults need inside the module; nothing of it exists but in --enable-devel builds.
 *
 * TK_ASSERT(CONDITION) is for errors of ours, never for what the network, an operator or a broker may do. A release
 * build does not evaluate it: the module lives in somebody else's daemon and must not end it.
 *
 * TK_ON_THREAD(ROLE) asserts that a function runs on the thread that its @locality names. A thread says its role by
 * TK_THREAD_IS(ROLE); one that has said none, as in unit tests, may call everything.
 *
 * TRAPKAFKA_KILL_AT=NAME[:N]   the process kills itself (SIGKILL) when TK_KILL_POINT("NAME") is reached the Nth time
 * TRAPKAFKA_THROTTLE=PERCENT   the worker uses that much of a core at most
 * TRAPKAFKA_DELIVERY_LOG=FILE  a line for each delivery report that says "delivered": the event's ID
 */
#ifndef TK_DEVEL_H
#define TK_DEVEL_H

#include <stdbool.h>

/** The threads that an @locality can name. */
enum tk_role { TK_ROLE_NONE, TK_ROLE_SNMPTRAPD, TK_ROLE_WORKER, TK_ROLE_LOADER, TK_ROLE_SYNC };

#ifdef TK_DEVEL
/** @brief Say what does not hold, and abort. @locality any @locks none */
void tk_assert_failed(const char *file, int line, const char *condition) __attribute__((noreturn));
#define TK_ASSERT(condition) ((condition) ? (void)0 : tk_assert_failed(__FILE__, __LINE__, #condition))
/** @brief The calling thread has this role from now on. @locality any @locks none */
void tk_role_set(enum tk_role role);
/** @brief Does the calling thread have this role, or none? @locality any @locks none */
bool tk_role_may(enum tk_role role);
#define TK_THREAD_IS(role) tk_role_set(TK_ROLE_##role)
#define TK_ON_THREAD(role) TK_ASSERT(tk_role_may(TK_ROLE_##role))
/** @brief Die here if the environment says so. @locality any @locks none */
void tk_kill_point(const char *name);
/** @brief Sleep long enough that the calling thread stays below its share. @locality worker @locks none */
void tk_throttle(void);
/** @brief Is it asked for? @locality any @locks none */
bool tk_delivery_is_logged(void);
/** @brief Note a delivery. @locality worker @locks none */
void tk_delivery_log(const char *event_id);
#define TK_KILL_POINT(name)     tk_kill_point(name)
#define TK_THROTTLE()           tk_throttle()
#define TK_DELIVERY_IS_LOGGED() tk_delivery_is_logged()
#define TK_DELIVERY_LOG(id)     tk_delivery_log(id)
#else
#define TK_ASSERT(condition)    ((void)sizeof(condition)) /* not evaluated */
#define TK_THREAD_IS(role)      ((void)TK_ROLE_##role)
#define TK_ON_THREAD(role)      ((void)TK_ROLE_##role)
#define TK_KILL_POINT(name)     ((void)0)
#define TK_THROTTLE()           ((void)0)
#define TK_DELIVERY_IS_LOGGED() false
#define TK_DELIVERY_LOG(id)     ((void)(id))
#endif

#endif /* TK_DEVEL_H */
