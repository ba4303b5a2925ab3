/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file ring_file_open.h
 * @brief Open a queue's file: check owner and mode, reserve room on the disk, and map it. A file that cannot be used
 *        is refused and left unchanged.
 */
#ifndef TK_RING_FILE_OPEN_H
#define TK_RING_FILE_OPEN_H

#include "queue/queue_internal.h"

/**
 * @brief Open @p path, or create it, and lock it. It must be a regular file of our user, without rights for others.
 * @param ret_is_made  set if the file was created
 * @returns the descriptor; -1 with @p err set
 * @locality snmptrapd  @locks none
 */
int tk_file_open(const char *path, bool *ret_is_made, struct tk_err *err);

/** @brief Create @p path, which must not exist, and lock it. @returns the descriptor; -1 with @p err set
 *  @locality snmptrapd @locks none */
int tk_file_make(const char *path, struct tk_err *err);

/**
 * @brief Allocate disk blocks for a whole ring of @p capacity bytes, so that no later write fails on a full disk.
 * @returns false with @p err set; then the file's length has not changed
 * @locality snmptrapd  @locks none
 */
bool tk_file_reserve(int fd, const char *path, uint64_t capacity, struct tk_err *err);

/** @brief Could this process open a ring of @p capacity bytes at @p path, or make it? Changes nothing and takes no lock.
 *  @returns false with @p err set @locality any @locks none */
bool tk_file_check(const char *path, uint64_t capacity, struct tk_err *err);

/** @brief Write both header copies of an empty ring. @returns false with @p err set
 *  @locality snmptrapd @locks none */
bool tk_file_begin(int fd, const char *path, struct tk_ring_header *header, struct tk_err *err);

/** @brief Map file->fd and guard the mapping (mapping_guard.h). @returns false with @p err set
 *  @locality snmptrapd @locks none */
bool tk_file_map(struct tk_ring_file *file, const char *path, uint64_t capacity, struct tk_err *err);

/** @brief Unmap the file, if it is mapped, and close it. @locality any @locks none */
void tk_file_close(struct tk_ring_file *file);

/** @brief The name of the file that is to replace @p path: PATH.new. The caller frees it; NULL when out of memory.
 *  @locality any @locks none */
char *tk_file_new_name(const char *path);

/** @brief fsync() the folder of @p path; errors are ignored. @locality any @locks none */
void tk_file_sync_folder(const char *path);

#endif /* TK_RING_FILE_OPEN_H */
