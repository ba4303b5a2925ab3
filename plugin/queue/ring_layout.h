/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file ring_layout.h
 * @brief Change the size of a queue's file: copy its records, in order, to PATH.new, and rename that to PATH.
 *
 * Records keep sequence number, queue name, life and times; position and checksum are new. Where records were lost,
 * 8 bytes of zeros stay, so that the reader finds the gap. If the process dies at any instruction, PATH is the old
 * file or the complete new one.
 */
#ifndef TK_RING_LAYOUT_H
#define TK_RING_LAYOUT_H

#include "queue/ring_file_open.h"
#include "queue/ring_recover.h"

/**
 * @brief Replace the file.
 * @param file   in: the old file, mapped and locked; out: the new one
 * @param view   in: of the old file; out: of the new one, with @p capacity bytes
 * @param found  in: what recovery found in the old file; out: the same with the new positions
 * @returns false with @p err set; then nothing has changed
 * @locality snmptrapd, before the worker starts  @locks none
 */
bool tk_ring_lay_out(struct tk_ring_file *file, const char *path, struct tk_ring_view *view, struct tk_recovery *found,
                     uint64_t capacity, struct tk_err *err);

/** @brief Remove a PATH.new that a process left when it died, if we wrote it. @p path is locked.
 *  @locality snmptrapd @locks none */
void tk_ring_remove_leftover(const char *path);

#endif /* TK_RING_LAYOUT_H */
