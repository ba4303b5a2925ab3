/* SPDX-License-Identifier: Apache-2.0 */
/** @file ring_open.h
 *  @brief Open or create a ring in a file, and recover the records of an earlier life. */
#ifndef TK_RING_OPEN_H
#define TK_RING_OPEN_H

#include "base/err.h"
#include "queue/ring.h"

/**
 * @brief Open or create a ring in a file (format: ring_file.h) and recover the records of an earlier life. A thread
 *        that uses the ring must not block SIGBUS.
 * @param path   absolute; created with mode 0600, preallocated; locked until tk_ring_free()
 * @param bytes  capacity, at least TK_RING_MIN_BYTES, rounded up to whole pages. A file of another size is copied to
 *               this one if its records fit
 * @returns NULL with @p err set (path, reason, what to write instead); then the file is unchanged
 * @locality snmptrapd  @locks none
 */
struct tk_ring *tk_ring_open(const char *path, size_t bytes, struct tk_err *err);

/** @brief Could this process open a ring of @p bytes at @p path, or make it: folder, owner, mode, free space? Changes
 *         nothing, and does not look at what is in the file.
 *  @returns false with @p err set @locality any @locks none */
bool tk_ring_check(const char *path, uint64_t bytes, struct tk_err *err);

#endif /* TK_RING_OPEN_H */
