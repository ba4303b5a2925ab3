/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file mapping_guard.h
 * @brief Handle SIGBUS in the mapping of a file (a queue's, a dictionary's): when the file is truncated or its disk
 *        fails, the process continues with memory in place of the lost pages.
 *
 * There is one SIGBUS handler for the process, installed with the first guard. It passes a fault outside guarded
 * mappings to the handler that was there before. In a guarded mapping it maps anonymous memory over the pages that
 * are lost: from the file's end on if the file is shorter than the mapping, else 64 KiB around the address, and after
 * 256 such pieces the whole mapping. The thread continues and reads zeros there.
 *
 * Threads: any thread that touches a guarded mapping; it must not block SIGBUS (the kernel would kill the process).
 * Memory:  fixed; at most 64 guards. Pages that replace those of the file take the process's memory once written to.
 */
#ifndef TK_MAPPING_GUARD_H
#define TK_MAPPING_GUARD_H

#include <stddef.h>
#include <stdint.h>

struct tk_mapping_guard;

/**
 * @brief Guard @p bytes at @p base, a mapping of @p fd from offset 0.
 * @returns NULL when there are 64 guards already, or the handler cannot be installed
 * @locality any  @locks none
 */
struct tk_mapping_guard *tk_mapping_guard_new(void *base, size_t bytes, int fd);

/** @brief End the guard, before munmap() and close(). NULL is a no-op. @locality any @locks none */
void tk_mapping_guard_free(struct tk_mapping_guard *g);

/** @brief Replace the pages at @p address as the handler does, after a system call failed there.
 *  @locality any @locks none */
void tk_mapping_guard_mend(struct tk_mapping_guard *g, const void *address);

/** @brief Count a fault without replacing pages. @locality any @locks none */
void tk_mapping_guard_count(struct tk_mapping_guard *g);

/** @brief How many faults so far; 0 for NULL. @locality any @locks none */
uint64_t tk_mapping_guard_faults(const struct tk_mapping_guard *g);

#endif /* TK_MAPPING_GUARD_H */
