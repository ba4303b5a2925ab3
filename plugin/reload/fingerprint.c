/* SPDX-License-Identifier: Apache-2.0 */
#include "reload/fingerprint.h"

#include <dirent.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#define COARSEST (2 * TK_SECOND) /* FAT counts in these steps, which is the coarsest in use */

void tk_fingerprint_begin(struct tk_fingerprint *f, tk_nsec now)
{
    *f = (struct tk_fingerprint){.now = now};
}

void tk_fingerprint_add(struct tk_fingerprint *f, const void *bytes, size_t len)
{
    uint8_t buf[256];
    struct tk_hasher hasher;

    tk_hasher_init(&hasher, buf, sizeof(buf), 0);
    tk_hasher_add(&hasher, &f->sum, sizeof(f->sum));
    tk_hasher_add(&hasher, bytes, len);
    f->sum = tk_hasher_end(&hasher);
}

static void add_entry(struct tk_fingerprint *f, int folder, const char *name)
{
    struct stat st;
    tk_nsec times[2];

    tk_fingerprint_add(f, name, strlen(name));
    if (fstatat(folder, name, &st, 0) < 0) {
        f->is_unsettled = true;
        return;
    }
    times[0] = tk_clock_nsec(st.st_mtim);
    times[1] = tk_clock_nsec(st.st_ctim);
    tk_fingerprint_add(f, &st.st_dev, sizeof(st.st_dev));
    tk_fingerprint_add(f, &st.st_ino, sizeof(st.st_ino));
    tk_fingerprint_add(f, &st.st_size, sizeof(st.st_size));
    tk_fingerprint_add(f, times, sizeof(times));
    if (times[1] > f->now - COARSEST)
        f->is_unsettled = true;
}

void tk_fingerprint_add_file(struct tk_fingerprint *f, const char *path)
{
    if (path)
        add_entry(f, AT_FDCWD, path);
    else
        tk_fingerprint_add(f, NULL, 0);
}

void tk_fingerprint_add_folder(struct tk_fingerprint *f, const char *path)
{
    DIR *folder;
    const struct dirent *entry;

    tk_fingerprint_add_file(f, path);
    if (!path)
        return;
    folder = opendir(path);
    if (!folder) {
        f->is_unsettled = true;
        return;
    }
    /* in the order of the folder, which only changes with the folder */
    while ((entry = readdir(folder)))
        if (entry->d_name[0] != '.')
            add_entry(f, dirfd(folder), entry->d_name);
    (void)closedir(folder);
}

bool tk_fingerprint_equal(const struct tk_fingerprint *a, const struct tk_fingerprint *b)
{
    return !a->is_unsettled && !b->is_unsettled && a->sum.high == b->sum.high && a->sum.low == b->sum.low;
}
