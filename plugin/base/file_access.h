/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file file_access.h
 * @brief Say why a file that an operator named can't be opened: which part of its path, and for which user.
 */
#ifndef TK_FILE_ACCESS_H
#define TK_FILE_ACCESS_H

#include <stddef.h>

/**
 * @brief Write why open() of @p path failed with @p error; the caller adds what to do. Looks at each folder of the path
 *        with the rights of this process.
 *
 * "Permission denied: user 'Debian-snmp' may not enter the folder '/root'"
 * "No such file or directory: the folder '/etc/smnp' does not exist"
 *
 * @param dst    always terminated; TK_FILE_ACCESS_BYTES hold every answer with a path of ordinary length
 * @param error  an errno
 * @returns @p dst
 * @locality any, but not on the way of a trap: it reads folders and the list of users  @locks none
 */
const char *tk_file_access_why(char *dst, size_t dst_bytes, const char *path, int error);

#define TK_FILE_ACCESS_BYTES 400

#endif /* TK_FILE_ACCESS_H */
