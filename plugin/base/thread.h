/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file thread.h
 * @brief Threads of ours inside a program that has its own ideas of signals, and an end that is waited for within
 *        bounds.
 */
#ifndef TK_THREAD_H
#define TK_THREAD_H

#include <pthread.h>
#include <stdbool.h>

#include "base/clock.h"

/**
 * @brief Start a thread that leaves all signals to the others, but those of its own faults: SIGBUS, SIGSEGV, SIGFPE
 *        and SIGILL kill at once where they are blocked, and SIGBUS may be mended (queue/ring_fault.h).
 * @param name  15 characters at most
 * @retval 0 / -errno
 * @locality any  @locks none
 */
int tk_thread_start(pthread_t *ret_thread, const char *name, void *(*run)(void *arg), void *arg);

/** @brief Wait for its end. @returns false when it did not come within @p timeout: nothing that it may touch may be freed
 *  @locality any @locks none */
bool tk_thread_join(pthread_t thread, tk_nsec timeout);

#endif /* TK_THREAD_H */
