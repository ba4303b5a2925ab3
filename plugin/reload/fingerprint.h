/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file fingerprint.h
 * @brief Whether files are what they were when they were read: by path, inode, size and times, without reading them.
 *
 * A file that changed less than two seconds before it was looked at may change again without another time of change,
 * because the clocks of file systems are coarse: its fingerprint is like no other.
 *
 * Owner: any thread; no locks, no memory.
 */
#ifndef TK_FINGERPRINT_H
#define TK_FINGERPRINT_H

#include <stdbool.h>

#include "base/clock.h"
#include "base/hash.h"

struct tk_fingerprint {
    struct tk_hash128 sum;
    tk_nsec now; /* wall */
    bool is_unsettled;
};

/** @brief Begin a fingerprint, without files. @param now  wall time @locality any @locks none */
void tk_fingerprint_begin(struct tk_fingerprint *f, tk_nsec now);
/** @brief Add some bytes that the files don't show: a setting. @locality any @locks none */
void tk_fingerprint_add(struct tk_fingerprint *f, const void *bytes, size_t len);
/** @brief Add the file or the folder at @p path (NULL: none), as it is now; of a folder only what changes if an entry
 *         is added, removed or renamed. What can't be looked at is unsettled. @locality any @locks none */
void tk_fingerprint_add_file(struct tk_fingerprint *f, const char *path);
/** @brief Add a folder and the files in it, but not those of its folders; NULL and a folder that can't be read as in
 *         tk_fingerprint_add_file(). @locality any @locks none */
void tk_fingerprint_add_folder(struct tk_fingerprint *f, const char *path);
/** @brief Are the files the same? False if any may have changed unseen. @locality any @locks none */
bool tk_fingerprint_equal(const struct tk_fingerprint *a, const struct tk_fingerprint *b);

#endif /* TK_FINGERPRINT_H */
