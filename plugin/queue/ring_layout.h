/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file ring_layout.h
 * @brief Another size for a queue's file: its content goes, in order, into PATH.new, which then takes its place.
 *
 * Records keep sequence number, name, life and times; place and checksum are new. Where records were lost, 8 bytes
 * stay empty, so that the reader finds the gap. A death at any instruction leaves the old file or the new one.
 */
#ifndef TK_RING_LAYOUT_H
#define TK_RING_LAYOUT_H

#include "queue/ring_open.h"
#include "queue/ring_recover.h"

/**
 * @brief Replace the file.
 * @param file   the old one, mapped and locked; the new one afterwards
 * @param view   of the old one; of the new one, @p capacity bytes, afterwards
 * @param found  what is in it; the places are the new ones afterwards
 * @returns false with @p err set: nothing has changed
 * @locality snmptrapd, before the worker starts  @locks none
 */
bool tk_ring_lay_out(struct tk_ring_file *file, const char *path, struct tk_ring_view *view, struct tk_recovery *found,
                     uint64_t capacity, struct tk_err *err);

/** @brief Remove the PATH.new that a death left, if it is one of ours. @p path is locked.
 *  @locality snmptrapd @locks none */
void tk_ring_remove_leftover(const char *path);

#endif /* TK_RING_LAYOUT_H */
