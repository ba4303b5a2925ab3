/* SPDX-License-Identifier: Apache-2.0 */
#include "usm/clocks_file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/hash.h"

#define MAGIC        "TKCLOCK1"
#define HEAD_BYTES   16u
#define ENGINE_BYTES 12u
#define TAIL_BYTES   8u
#define OLD          ".old"
#define BUFFER_BYTES (1365u * ENGINE_BYTES)

/* --- reading --------------------------------------------------------------------------------------------------- */

/** A file that is being read: its checksum so far. */
struct reading {
    int fd;
    uint32_t crc;
};

/* @returns 0, or -errno; -EBADMSG: the file ends before */
static int take(struct reading *r, void *bytes, size_t len, bool is_summed)
{
    for (size_t got = 0; got < len;) {
        ssize_t n = read(r->fd, (uint8_t *)bytes + got, len - got);

        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return n < 0 ? -errno : -EBADMSG;
        got += (size_t)n;
    }
    if (is_summed)
        r->crc = tk_crc32c(r->crc, bytes, len);
    return 0;
}

static int refuse(struct tk_err *err, const char *path, const char *reason)
{
    tk_err_set(err, path, 0, "%s", reason);
    return -EBADMSG;
}

/* @param ret_engines  how many the file's size leaves room for */
static int check_file(int fd, const char *path, uint64_t *ret_engines, struct tk_err *err)
{
    struct stat st;

    if (fstat(fd, &st) < 0)
        return refuse(err, path, strerror(errno));
    if (!S_ISREG(st.st_mode))
        return refuse(err, path, "it is not a regular file");
    if (st.st_mode & (S_IWGRP | S_IWOTH))
        return refuse(err, path, "other users may write it");
    if (st.st_size < (off_t)(HEAD_BYTES + TAIL_BYTES) ||
        (st.st_size - (off_t)(HEAD_BYTES + TAIL_BYTES)) % (off_t)ENGINE_BYTES)
        return refuse(err, path, "it is cut");
    *ret_engines = (uint64_t)(st.st_size - (off_t)(HEAD_BYTES + TAIL_BYTES)) / ENGINE_BYTES;
    return 0;
}

static int read_engines(struct reading *r, struct tk_clocks *t, uint64_t engines, uint32_t max)
{
    uint8_t buffer[BUFFER_BYTES];
    int ret = 0;

    while (ret == 0 && engines) {
        size_t count = engines < BUFFER_BYTES / ENGINE_BYTES ? (size_t)engines : BUFFER_BYTES / ENGINE_BYTES;

        ret = take(r, buffer, count * ENGINE_BYTES, true);
        for (size_t i = 0; ret == 0 && i < count; i++) {
            uint32_t heard;
            uint64_t key;

            memcpy(&key, buffer + i * ENGINE_BYTES, sizeof(key));
            memcpy(&heard, buffer + i * ENGINE_BYTES + sizeof(key), sizeof(heard));
            if (tk_clocks_count(t) < max && !tk_clocks_remember(t, key, heard))
                ret = -ENOMEM;
        }
        engines -= count;
    }
    return ret;
}

static int read_all(int fd, struct tk_clocks *t, const char *path, uint32_t max, struct tk_err *err)
{
    struct reading r = {.fd = fd};
    uint32_t tail[2], crc;
    uint64_t engines, seed;
    char magic[8];
    int ret = check_file(fd, path, &engines, err);

    if (ret < 0)
        return ret;
    if ((ret = take(&r, magic, sizeof(magic), true)) == 0 && memcmp(magic, MAGIC, sizeof(magic)) != 0)
        return refuse(err, path, "it was not written by this version of trapkafka");
    if (ret == 0 && (ret = take(&r, &seed, sizeof(seed), true)) == 0) {
        tk_clocks_begin(t, seed);
        ret = read_engines(&r, t, engines, max);
    }
    if (ret == 0 && (ret = take(&r, &tail[0], sizeof(tail[0]), true)) == 0) {
        crc = r.crc;
        ret = take(&r, &tail[1], sizeof(tail[1]), false);
        if (ret == 0 && (tail[0] != engines || tail[1] != crc))
            return refuse(err, path, "it is damaged: its checksum is wrong");
    }
    if (ret < 0)
        (void)refuse(err, path, ret == -EBADMSG ? "it is cut" : strerror(-ret));
    return ret;
}

static int read_one(struct tk_clocks *t, const char *path, uint32_t max, struct tk_err *err)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK), ret;

    tk_clocks_begin(t, tk_random_seed());
    if (fd < 0 && errno == ENOENT)
        return 0;
    if (fd < 0) {
        ret = -errno;
        tk_err_set(err, path, 0, "%s", errno == ELOOP ? "it is a symbolic link" : strerror(errno));
        return ret;
    }
    ret = read_all(fd, t, path, max, err);
    if (ret < 0)
        tk_clocks_begin(t, tk_random_seed());
    (void)close(fd);
    return ret;
}

int tk_clocks_file_read(struct tk_clocks *t, const char *path, uint32_t max, struct tk_err *err)
{
    struct tk_err ignored = {0};
    char old[PATH_MAX];
    int ret = read_one(t, path, max, err);

    if (ret != -EBADMSG || snprintf(old, sizeof(old), "%s" OLD, path) >= (int)sizeof(old) || access(old, F_OK) < 0)
        return ret;
    return read_one(t, old, max, &ignored) < 0 ? ret : 1;
}

/* --- writing --------------------------------------------------------------------------------------------------- */

struct tk_clocks_pass {
    char path[PATH_MAX], next[PATH_MAX], old[PATH_MAX];
    int fd, error; /* error: the first one */
    uint32_t crc, count;
    size_t len;
    uint8_t buffer[BUFFER_BYTES];
};

static void flush(struct tk_clocks_pass *p)
{
    for (size_t at = 0; !p->error && at < p->len;) {
        ssize_t n = write(p->fd, p->buffer + at, p->len - at);

        if (n < 0 && errno != EINTR)
            p->error = -errno;
        if (n > 0)
            at += (size_t)n;
    }
    p->len = 0;
}

static void append(struct tk_clocks_pass *p, const void *bytes, size_t len)
{
    if (p->len + len > sizeof(p->buffer))
        flush(p);
    memcpy(p->buffer + p->len, bytes, len);
    p->len += len;
    p->crc = tk_crc32c(p->crc, bytes, len);
}

struct tk_clocks_pass *tk_clocks_pass_new(const char *path, uint64_t seed)
{
    struct tk_clocks_pass *p = calloc(1, sizeof(*p));

    if (!p)
        return NULL;
    if (snprintf(p->path, sizeof(p->path), "%s", path) >= (int)sizeof(p->path) ||
        snprintf(p->next, sizeof(p->next), "%s.new", path) >= (int)sizeof(p->next) ||
        snprintf(p->old, sizeof(p->old), "%s" OLD, path) >= (int)sizeof(p->old)) {
        free(p);
        errno = ENAMETOOLONG;
        return NULL;
    }
    (void)unlink(p->next); /* whatever is there: opening a FIFO would block */
    p->fd = open(p->next, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (p->fd < 0) {
        free(p);
        return NULL;
    }
    append(p, MAGIC, sizeof(MAGIC) - 1);
    append(p, &seed, sizeof(seed));
    return p;
}

void tk_clocks_pass_add(struct tk_clocks_pass *p, uint64_t key, uint32_t heard)
{
    append(p, &key, sizeof(key));
    append(p, &heard, sizeof(heard));
    p->count++;
}

/* Where power fails before the disk has the new file, it is empty or cut. */
static void keep_old(const struct tk_clocks_pass *p)
{
    (void)unlink(p->old);
    (void)link(p->path, p->old); /* if there is none, or the file system has no links, there is no old one */
}

int tk_clocks_pass_end(struct tk_clocks_pass *p, bool is_synced)
{
    uint32_t crc;
    int ret;

    append(p, &p->count, sizeof(p->count));
    crc = p->crc;
    append(p, &crc, sizeof(crc));
    flush(p);
    if (!p->error && is_synced && fdatasync(p->fd) < 0)
        p->error = -errno;
    if (close(p->fd) < 0 && !p->error)
        p->error = -errno;
    p->fd = -1;
    if (!p->error)
        keep_old(p);
    if (!p->error && rename(p->next, p->path) < 0)
        p->error = -errno;
    ret = p->error;
    if (ret < 0)
        tk_clocks_pass_cancel(p);
    else
        free(p);
    return ret;
}

void tk_clocks_pass_cancel(struct tk_clocks_pass *p)
{
    if (!p)
        return;
    if (p->fd >= 0)
        (void)close(p->fd);
    (void)unlink(p->next);
    free(p);
}
