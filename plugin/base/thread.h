/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file thread.h
 * @brief Start the module's threads with signals blocked, and join them with a timeout.
 */
#ifndef TK_THREAD_H
#define TK_THREAD_H

#include <pthread.h>
#include <stdbool.h>

#include "base/clock.h"

/**
 * @brief Start a thread that blocks all signals, so that snmptrapd's thread gets them, except those of its own faults
 *        (SIGBUS, SIGSEGV, SIGFPE, SIGILL): if blocked, they would kill the process even where a handler can repair
 *        the fault (mapping_guard.h).
 * @param name  15 characters at most
 * @retval 0 / -errno
 * @locality any  @locks none
 */
int tk_thread_start(pthread_t *ret_thread, const char *name, void *(*run)(void *arg), void *arg);

/** @brief Wait for the thread to end. @returns false when it still runs after @p timeout: free nothing that it uses
 *  @locality any @locks none */
bool tk_thread_join(pthread_t thread, tk_nsec timeout);

#endif /* TK_THREAD_H */
