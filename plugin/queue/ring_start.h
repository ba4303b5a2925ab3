/* SPDX-License-Identifier: Apache-2.0 */
/** @file ring_start.h
 *  @brief A ring in a file: opened or created, and an earlier life recovered. */
#ifndef TK_RING_START_H
#define TK_RING_START_H

#include "base/err.h"
#include "queue/ring.h"

/**
 * @brief Open or create a ring in a file (ring_file.h says what is in it) and recover what an earlier life left.
 * Whoever touches the ring from then on must not block SIGBUS.
 * @param path   absolute; created with mode 0600, preallocated; locked until tk_ring_free()
 * @param bytes  capacity, at least TK_RING_MIN_BYTES, rounded up to whole pages; a file of another size is laid out
 * anew
 *               when its content fits
 * @returns NULL with @p err set (path, reason, what to write instead): the file is left as it was
 * @locality snmptrapd  @locks none
 */
struct tk_ring *tk_ring_open(const char *path, size_t bytes, struct tk_err *err);

#endif /* TK_RING_START_H */
