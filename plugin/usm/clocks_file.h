/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file clocks_file.h
 * @brief The file in which the engines whose clock has moved (clocks.h) outlive a restart of snmptrapd.
 *
 * Format, in this machine's byte order: the words "TKCLOCK1", the seed of the hashes, then for each engine 12 bytes
 * (its key and the second in which it was heard last), then their number and a CRC-32C over all before it. It has no
 * keys, no names and no engine IDs. It is written as PATH.new and renamed; the file before it stays as PATH.old,
 * which is read if PATH is damaged: a new file is not synced, so a power failure may leave it empty.
 *
 * Owner:  snmptrapd's thread.
 * Memory: 16 KiB for a buffer during a call or a pass.
 */
#ifndef TK_CLOCKS_FILE_H
#define TK_CLOCKS_FILE_H

#include "base/err.h"
#include "usm/clocks.h"

/**
 * @brief Read the file into @p t, which forgets what it had.
 * @param max  how many engines at most; the others in the file are left out
 * @retval 0        read, or there is no such file
 * @retval 1        @p err says why PATH was refused; PATH.old was read instead
 * @retval -EBADMSG / -errno  with @p err set; @p t is empty. The file is no regular file, others may write it, or it is
 *                  cut, damaged or of another version
 * @locality snmptrapd  @locks none
 */
int tk_clocks_file_read(struct tk_clocks *t, const char *path, uint32_t max, struct tk_err *err);

/** One writing of the file, in as many turns as the caller likes. */
struct tk_clocks_pass;

/** @brief Begin with PATH.new. @returns NULL with errno set @locality snmptrapd @locks none */
struct tk_clocks_pass *tk_clocks_pass_new(const char *path, uint64_t seed);
/** @brief Append an engine. An error is told at the end. @locality snmptrapd @locks none */
void tk_clocks_pass_add(struct tk_clocks_pass *p, uint64_t key, uint32_t heard);
/** @brief Rename the file into place, and free the pass. @param is_synced  wait until the disk has it
 *  @retval 0 / -errno: the old file stays @locality snmptrapd @locks none */
int tk_clocks_pass_end(struct tk_clocks_pass *p, bool is_synced);
/** @brief Remove PATH.new, and free the pass. NULL is a no-op. @locality snmptrapd @locks none */
void tk_clocks_pass_cancel(struct tk_clocks_pass *p);

#endif /* TK_CLOCKS_FILE_H */
