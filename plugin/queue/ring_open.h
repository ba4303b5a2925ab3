/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file ring_open.h
 * @brief Opening a queue's file: who may have it, room on the disk, and the mapping. What cannot be used is refused,
 *        and left as it is.
 */
#ifndef TK_RING_OPEN_H
#define TK_RING_OPEN_H

#include "queue/queue_internal.h"

/**
 * @brief Open @p path, made if it is missing, and lock it: a regular file of ours that is open to nobody else.
 * @param ret_is_made  it was missing
 * @returns the descriptor; -1 with @p err set
 * @locality snmptrapd  @locks none
 */
int tk_file_open(const char *path, bool *ret_is_made, struct tk_err *err);

/** @brief Open @p path, which must not exist, and lock it. @returns the descriptor; -1 with @p err set
 *  @locality snmptrapd @locks none */
int tk_file_make(const char *path, struct tk_err *err);

/**
 * @brief Room on the disk for all of a ring of @p capacity bytes, so that no later write can fail for want of it.
 * @returns false with @p err set; the file has the length that it had
 * @locality snmptrapd  @locks none
 */
bool tk_file_reserve(int fd, const char *path, uint64_t capacity, struct tk_err *err);

/** @brief Write both header copies of a ring that is empty. @returns false with @p err set
 *  @locality snmptrapd @locks none */
bool tk_file_begin(int fd, const char *path, struct tk_ring_header *header, struct tk_err *err);

/** @brief Map file->fd, and guard the mapping. @returns false with @p err set @locality snmptrapd @locks none */
bool tk_file_map(struct tk_ring_file *file, const char *path, uint64_t capacity, struct tk_err *err);

/** @brief Unmap and close; what was not mapped is closed only. @locality any @locks none */
void tk_file_close(struct tk_ring_file *file);

/** @brief The name of a file next to @p path, to be written before it takes its place; the caller's to free.
 *  @locality any @locks none */
char *tk_file_new_name(const char *path);

/** @brief Write the folder of @p path through to the disk, as far as that can be done. @locality any @locks none */
void tk_file_sync_folder(const char *path);

#endif /* TK_RING_OPEN_H */
