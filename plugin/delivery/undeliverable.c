/* SPDX-License-Identifier: Apache-2.0 */
#include "delivery/undeliverable.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

/* @returns the descriptor, with the file's size; or -errno. A FIFO in its place must not stop the worker. */
static int open_file(const char *path, off_t *ret_size)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, 0600);
    struct stat st;
    int ret = 0;

    if (fd < 0)
        return -errno;
    if (fstat(fd, &st) < 0)
        ret = -errno;
    else if (!S_ISREG(st.st_mode))
        ret = -ENOTSUP;
    if (ret < 0) {
        (void)close(fd);
        return ret;
    }
    *ret_size = st.st_size;
    return fd;
}

static int rotate(const char *path)
{
    char older[PATH_MAX];

    if (snprintf(older, sizeof(older), "%s.1", path) >= (int)sizeof(older))
        return -ENAMETOOLONG;
    return rename(path, older) < 0 ? -errno : 0;
}

static int write_all(int fd, const char *bytes, size_t len)
{
    while (len) {
        ssize_t n = write(fd, bytes, len);

        if (n < 0 && errno != EINTR)
            return -errno;
        if (n > 0) {
            bytes += n;
            len -= (size_t)n;
        }
    }
    return 0;
}

int tk_undeliverable_append(const char *path, uint64_t max_bytes, const char *line, size_t len)
{
    off_t size;
    int fd = open_file(path, &size), ret;

    if (fd >= 0 && size > 0 && (uint64_t)size + len > max_bytes) {
        (void)close(fd);
        ret = rotate(path);
        fd = ret < 0 ? ret : open_file(path, &size);
    }
    if (fd < 0)
        return fd;
    ret = write_all(fd, line, len);
    if (ret < 0 && ftruncate(fd, size) < 0) /* half a line would spoil the next one */
        ret = -EIO;
    if (close(fd) < 0 && ret == 0)
        ret = -errno;
    return ret;
}
