/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file ring_fault.h
 * @brief A mapping of a file that was cut, or whose disk fails, must not kill the daemon.
 *
 * One SIGBUS handler for the process, installed with the first guard; a fault elsewhere goes to whoever handled
 * SIGBUS before. For a guarded mapping anonymous memory is put in the place of what is gone: from the end of the
 * file on if it is shorter than the mapping, else 64 KiB around the address, and everything after 256 such pieces.
 * The thread goes on; what it reads there is zeros.
 *
 * Threads: any thread that touches a guarded mapping; it must not block SIGBUS (the kernel would kill the process).
 * Memory:  fixed; at most 8 guards. What replaces pages of the file is memory of the process, as far as it is
 * written to.
 */
#ifndef TK_RING_FAULT_H
#define TK_RING_FAULT_H

#include <stddef.h>
#include <stdint.h>

struct tk_guard;

/**
 * @brief Guard @p bytes at @p base, which @p fd is mapped to from its beginning on.
 * @returns NULL when there are 8 guards, or the handler cannot be installed
 * @locality any  @locks none
 */
struct tk_guard *tk_guard_new(void *base, size_t bytes, int fd);

/** @brief Before the mapping and the descriptor go. NULL is a no-op. @locality any @locks none */
void tk_guard_free(struct tk_guard *g);

/** @brief What the handler does, for a system call that could not use @p address. @locality any @locks none */
void tk_guard_mend(struct tk_guard *g, const void *address);

/** @brief Count a fault that needs no mending. @locality any @locks none */
void tk_guard_count(struct tk_guard *g);

/** @returns faults so far; 0 for NULL @locality any @locks none */
uint64_t tk_guard_faults(const struct tk_guard *g);

#endif /* TK_RING_FAULT_H */
