/* SPDX-License-Identifier: Apache-2.0 */
#include "queue/ring_file_open.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <time.h>
#include <unistd.h>

#define OPEN_FLAGS (O_RDWR | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY)
#define TRIES      8

static unsigned long long mib(uint64_t bytes)
{
    return (bytes + ((uint64_t)1 << 20) - 1) >> 20;
}

static void say_open(const char *path, int error, struct tk_err *err)
{
    const unsigned uid = (unsigned)geteuid();
    struct stat st;

    if (error == EACCES && lstat(path, &st) == 0 && st.st_uid != uid)
        tk_err_set(err, path, 0, "belongs to uid %u, and snmptrapd runs as uid %u; chown it, or name another path",
                   (unsigned)st.st_uid, uid);
    else if (error == ENOENT || error == ENOTDIR)
        tk_err_set(err, path, 0, "the folder does not exist; create it, owned by uid %u, or name another path", uid);
    else if (error == EACCES || error == EPERM)
        tk_err_set(err, path, 0,
                   "uid %u, which snmptrapd runs as, may not write in the folder; chown the folder to %u, or name "
                   "another path",
                   uid, uid);
    else if (error == ELOOP)
        tk_err_set(err, path, 0, "is a symbolic link; name the file itself");
    else if (error == EISDIR || error == ENXIO)
        tk_err_set(err, path, 0, "is not a regular file; name another path");
    else
        tk_err_set(err, path, 0, "cannot be opened: %s; name another path", strerror(error));
}

static bool may_use(int fd, const char *path, struct tk_err *err)
{
    struct stat st;

    if (fstat(fd, &st) < 0)
        tk_err_set(err, path, 0, "its owner and mode cannot be read: %s; name another path", strerror(errno));
    else if (!S_ISREG(st.st_mode))
        tk_err_set(err, path, 0, "is not a regular file; name another path");
    else if (st.st_uid != geteuid())
        tk_err_set(err, path, 0, "belongs to uid %u, and snmptrapd runs as uid %u; chown it, or name another path",
                   (unsigned)st.st_uid, (unsigned)geteuid());
    else if (st.st_mode & 077)
        tk_err_set(err, path, 0, "others may use it (mode %03o), and traps may contain secrets; chmod 600 it",
                   (unsigned)st.st_mode & 0777);
    else
        return true;
    return false;
}

/* Does @p path still name the open file? Another process may have replaced it before we got the lock. */
static bool is_still(int fd, const char *path)
{
    struct stat ours, theirs;

    return fstat(fd, &ours) == 0 && lstat(path, &theirs) == 0 && ours.st_ino == theirs.st_ino &&
           ours.st_dev == theirs.st_dev;
}

static bool lock(int fd, const char *path, struct tk_err *err)
{
    const struct timespec instant = {.tv_nsec = 10 * TK_MSEC};

    for (int i = 0; i < TRIES; i++) { /* tk_peek_open() locks the file for an instant: try again */
        if (flock(fd, LOCK_EX | LOCK_NB) == 0)
            return true;
        if (errno != EWOULDBLOCK)
            break;
        if (i < TRIES - 1)
            (void)clock_nanosleep(CLOCK_MONOTONIC, 0, &instant, NULL);
    }
    if (errno == EWOULDBLOCK)
        tk_err_set(err, path, 0,
                   "in use by another process; each snmptrapd needs a queue of its own: name "
                   "another path");
    else
        tk_err_set(err, path, 0, "cannot be locked: %s; name a path on a local disk", strerror(errno));
    return false;
}

int tk_file_make(const char *path, struct tk_err *err)
{
    int fd = open(path, OPEN_FLAGS | O_CREAT | O_EXCL, 0600);

    if (fd < 0) {
        if (errno == EEXIST)
            tk_err_set(err, path, 0, "exists already; remove it");
        else
            say_open(path, errno, err);
        return -1;
    }
    (void)fchmod(fd, 0600); /* independent of the umask */
    if (lock(fd, path, err))
        return fd;
    (void)close(fd);
    return -1;
}

int tk_file_open(const char *path, bool *ret_is_made, struct tk_err *err)
{
    for (int i = 0; i < TRIES; i++) {
        int fd = open(path, OPEN_FLAGS);

        *ret_is_made = false;
        if (fd < 0 && errno == ENOENT && access(path, F_OK) < 0) {
            fd = open(path, OPEN_FLAGS | O_CREAT | O_EXCL, 0600);
            if (fd < 0 && errno == EEXIST)
                continue;
            *ret_is_made = fd >= 0;
            if (fd >= 0)
                (void)fchmod(fd, 0600); /* independent of the umask */
        }
        if (fd < 0) {
            say_open(path, errno, err);
            return -1;
        }
        if (may_use(fd, path, err) && lock(fd, path, err) && is_still(fd, path))
            return fd;
        (void)close(fd);
        if (err->is_set)
            return -1;
    }
    tk_err_set(err, path, 0, "another process keeps replacing the file; name another path");
    return -1;
}

static bool is_too_long(uint64_t bytes, const char *path, struct tk_err *err)
{
    struct rlimit limit;

    /* Checked first, because writing beyond the limit raises SIGXFSZ, which ends the process. */
    if (getrlimit(RLIMIT_FSIZE, &limit) == 0 && limit.rlim_cur != RLIM_INFINITY && bytes > limit.rlim_cur) {
        tk_err_set(err, path, 0,
                   "needs %llu MiB, and the process may write files of %llu MiB at most; raise the limit "
                   "(LimitFSIZE, ulimit -f), or write a smaller size",
                   mib(bytes), (unsigned long long)limit.rlim_cur >> 20);
        return true;
    }
    if (bytes > INT64_MAX) {
        tk_err_set(err, path, 0, "the size is too large; write a smaller one");
        return true;
    }
    return false;
}

/* @param have  bytes of disk blocks that the file has already */
static bool is_room(const struct statvfs *fs, uint64_t bytes, uint64_t have, const char *path, struct tk_err *err)
{
    uint64_t missing = bytes > have ? bytes - have : 0, available = (uint64_t)fs->f_bavail * fs->f_frsize;

    if (missing <= available)
        return true;
    tk_err_set(err, path, 0,
               "no space on the disk: %llu MiB are needed and %llu MiB are free; free some, or write a smaller size",
               mib(missing), (unsigned long long)available >> 20);
    return false;
}

bool tk_file_reserve(int fd, const char *path, uint64_t capacity, struct tk_err *err)
{
    const uint64_t bytes = capacity + TK_RING_HEADER_BYTES;
    struct stat st = {.st_size = 0};
    struct statvfs fs;
    int ret;

    if (is_too_long(bytes, path, err))
        return false;
    /* Checked first, so that posix_fallocate() does not fill the disk before it fails. */
    if (fstat(fd, &st) == 0 && fstatvfs(fd, &fs) == 0 && !is_room(&fs, bytes, (uint64_t)st.st_blocks * 512, path, err))
        return false;
    do
        ret = posix_fallocate(fd, 0, (off_t)bytes);
    while (ret == EINTR);
    if (!ret)
        return true;
    (void)!ftruncate(fd, st.st_size);
    tk_err_set(err, path, 0, "cannot reserve %llu MiB on the disk: %s; free some space, or write a smaller size",
               mib(bytes), strerror(ret));
    return false;
}

/* May a file be made in the folder of @p path? */
static bool check_folder(const char *path, struct statvfs *ret_fs, struct tk_err *err)
{
    const char *slash = strrchr(path, '/');
    char *folder = slash ? strndup(path, slash == path ? 1 : (size_t)(slash - path)) : strdup(".");
    bool ok = folder && statvfs(folder, ret_fs) == 0 && faccessat(AT_FDCWD, folder, W_OK | X_OK, AT_EACCESS) == 0;

    if (!ok)
        say_open(path, folder ? errno : ENOMEM, err);
    free(folder);
    return ok;
}

bool tk_file_check(const char *path, uint64_t capacity, struct tk_err *err)
{
    uint64_t bytes = capacity + TK_RING_HEADER_BYTES, have = 0;
    struct statvfs fs;
    struct stat st;
    int fd;

    if (!check_folder(path, &fs, err) || is_too_long(bytes, path, err))
        return false;
    fd = open(path, OPEN_FLAGS);
    if (fd < 0 && errno != ENOENT) {
        say_open(path, errno, err);
        return false;
    }
    if (fd >= 0) {
        bool ok = may_use(fd, path, err);

        /* A ring of another size is laid out in a file beside it. */
        if (ok && fstat(fd, &st) == 0 && (uint64_t)st.st_size == bytes)
            have = (uint64_t)st.st_blocks * 512;
        (void)close(fd);
        if (!ok)
            return false;
    }
    return is_room(&fs, bytes, have, path, err);
}

bool tk_file_begin(int fd, const char *path, struct tk_ring_header *header, struct tk_err *err)
{
    uint8_t bytes[TK_RING_HEADER_BYTES] = {0};

    tk_header_store(bytes, header);
    tk_header_store(bytes, header);
    if (pwrite(fd, bytes, sizeof(bytes), 0) == (ssize_t)sizeof(bytes))
        return true;
    tk_err_set(err, path, 0, "cannot be written: %s; free some space on the disk, or name another path",
               strerror(errno));
    return false;
}

bool tk_file_map(struct tk_ring_file *file, const char *path, uint64_t capacity, struct tk_err *err)
{
    file->bytes = capacity + TK_RING_HEADER_BYTES;
    file->base = mmap(NULL, file->bytes, PROT_READ | PROT_WRITE, MAP_SHARED, file->fd, 0);
    if (file->base == MAP_FAILED) {
        file->base = NULL;
        tk_err_set(err, path, 0,
                   "cannot map %llu MiB: %s; raise the limit of the address space (LimitAS, "
                   "ulimit -v), or write a smaller size",
                   mib(file->bytes), strerror(errno));
        return false;
    }
    file->guard = tk_mapping_guard_new(file->base, file->bytes, file->fd);
    if (!file->guard)
        tk_err_set(err, path, 0, "cannot be guarded against SIGBUS: too many queue files are open in this process");
    return file->guard != NULL;
}

void tk_file_close(struct tk_ring_file *file)
{
    tk_mapping_guard_free(file->guard);
    if (file->base)
        (void)munmap(file->base, file->bytes);
    if (file->fd >= 0)
        (void)close(file->fd);
    *file = (struct tk_ring_file){.fd = -1};
}

char *tk_file_new_name(const char *path)
{
    char *name;

    return asprintf(&name, "%s.new", path) < 0 ? NULL : name;
}

void tk_file_sync_folder(const char *path)
{
    const char *slash = strrchr(path, '/');
    char *folder = slash ? strndup(path, slash == path ? 1 : (size_t)(slash - path)) : strdup(".");
    int fd = folder ? open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;

    if (fd >= 0) {
        (void)fsync(fd);
        (void)close(fd);
    }
    free(folder);
}
