/* SPDX-License-Identifier: Apache-2.0 */
/* Writes kafkaStatsFile. The file is renamed into place, so that a reader never sees half of it. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "reporting/reporting_internal.h"

int tk_stats_file_write(const char *path, const char *bytes, size_t len)
{
    char next[4096];
    int fd, ret = 0;

    if (snprintf(next, sizeof(next), "%s.new", path) >= (int)sizeof(next))
        return -ENAMETOOLONG;
    (void)unlink(next); /* remove whatever another user put there: opening a FIFO would block the worker */
    fd = open(next, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0644);
    if (fd < 0)
        return -errno;
    while (ret == 0 && len) {
        ssize_t n = write(fd, bytes, len);

        if (n < 0 && errno != EINTR)
            ret = -errno;
        if (n > 0) {
            bytes += n;
            len -= (size_t)n;
        }
    }
    if (close(fd) < 0 && ret == 0)
        ret = -errno;
    if (ret == 0 && rename(next, path) < 0)
        ret = -errno;
    if (ret < 0)
        (void)unlink(next);
    return ret;
}
