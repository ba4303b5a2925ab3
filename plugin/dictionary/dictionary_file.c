/* SPDX-License-Identifier: Apache-2.0 */
#include "dictionary/dictionary_file.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/devel.h"
#include "base/err.h"
#include "base/file_access.h"
#include "base/hash.h"
#include "dictionary/dictionary_internal.h"

#define BYTE_ORDER_MARK 0x01020304u
#define MAX_BYTES       ((uint64_t)1 << 31)
#define BUILD_AGAIN     "build it again with 'trapkafka mibs build -o FILE DIR'"

static const char magic[8] = {'t', 'k', '-', 'd', 'i', 'c', 't', '\n'};

_Static_assert(sizeof(struct tk_dict_file_header) == 128, "the format is fixed");
_Static_assert(TK_DICT_FILE_COUNTS == TK_DICT_PARTS_, "the header counts every part");

/* ---- reading ---- */

static uint64_t checksum_of(const struct tk_dict_file_header *h, const void *image, size_t len)
{
    struct tk_dict_file_header blank = *h;

    blank.checksum = 0;
    return tk_hash64(image, len, tk_hash64(&blank, sizeof(blank), 0));
}

static bool is_power_of_two(uint32_t n)
{
    return n && (n & (n - 1)) == 0;
}

/* Are the counts such that every part has what the code expects without asking? */
static bool are_counts_sound(const uint32_t count[TK_DICT_PARTS_])
{
    return count[TK_DICT_OBJECTS] >= 1 && count[TK_DICT_OBJECTS] <= TK_DICT_MAX_NODES &&
           count[TK_DICT_NODES] == count[TK_DICT_OBJECTS] + 1 && count[TK_DICT_TYPES] >= 1 &&
           count[TK_DICT_LISTS] >= 1 && count[TK_DICT_MODULES] >= 1 && count[TK_DICT_MODULES] <= UINT16_MAX + 1u &&
           count[TK_DICT_BUCKETS] >= 2 && is_power_of_two(count[TK_DICT_BUCKETS] - 1) &&
           count[TK_DICT_NAMES] < count[TK_DICT_OBJECTS] && count[TK_DICT_STRINGS] >= 3;
}

/* @returns false with the error set. The header is the caller's copy, because the file may change. */
static bool check_header(const struct tk_dict_file_header *h, uint64_t file_bytes, const char *name, struct tk_err *err)
{
    if (memcmp(h->magic, magic, sizeof(magic)) != 0) {
        tk_err_set(
            err, name, 0,
            "this is no compiled dictionary; compile MIB files or facts with 'trapkafka mibs build -o FILE DIR', "
            "and name that FILE");
    } else if (h->byte_order != BYTE_ORDER_MARK) {
        tk_err_set(err, name, 0,
                   "the dictionary was built on a machine with another byte order; " BUILD_AGAIN " on this machine");
    } else if (h->format != TK_DICT_FILE_FORMAT) {
        tk_err_set(err, name, 0,
                   "the dictionary has format %" PRIu32 ", and this version reads format %u; " BUILD_AGAIN
                   " of this version",
                   h->format, TK_DICT_FILE_FORMAT);
    } else if (h->bytes != file_bytes) {
        tk_err_set(err, name, 0,
                   "the file has %" PRIu64 " bytes, and its header says %" PRIu64
                   ": it was cut, or copied incompletely; copy it again, or " BUILD_AGAIN,
                   file_bytes, h->bytes);
    } else if (!are_counts_sound(h->count) || h->bytes > MAX_BYTES ||
               h->bytes != sizeof(*h) + tk_dict_image_bytes(h->count)) {
        tk_err_set(err, name, 0, "the header of the dictionary is damaged; " BUILD_AGAIN);
    } else {
        return true;
    }
    return false;
}

static bool check_image(const struct tk_dict_file_header *h, const void *image, const char *name, struct tk_err *err)
{
    if (checksum_of(h, image, (size_t)h->bytes - sizeof(*h)) == h->checksum)
        return true;
    tk_err_set(err, name, 0,
               "the checksum of the dictionary is wrong: the file is damaged; copy it again, or " BUILD_AGAIN);
    return false;
}

struct tk_dict *tk_dict_file_of_memory(const void *bytes, size_t len, const char *name, struct tk_err *reterr)
{
    struct tk_dict_file_header h;
    const char *image = (const char *)bytes + sizeof(h);
    struct tk_dict *d;

    memset(&h, 0, sizeof(h));
    memcpy(&h, bytes, len < sizeof(h) ? len : sizeof(h));
    if (!check_header(&h, len, name, reterr) || !check_image(&h, image, name, reterr))
        return NULL;
    d = tk_dict_of_layer(tk_dict_layer_new(image, h.count, NULL));
    if (!d)
        tk_err_set(reterr, name, 0, "out of memory for the dictionary; give the process more memory");
    return d;
}

/* ---- the mapping ---- */

struct tk_dict_mapping {
    char *path;
    int fd;
    void *at; /* MAP_FAILED: not mapped */
    size_t bytes;
    struct tk_mapping_guard *guard;
    struct tk_dict_file_header header;
    tk_nsec modified; /* when the contents were last known to be good; the loader's */
    atomic_bool is_overwritten;
};

void tk_dict_mapping_free(struct tk_dict_mapping *m)
{
    if (!m)
        return;
    tk_mapping_guard_free(m->guard);
    if (m->at != MAP_FAILED)
        (void)munmap(m->at, m->bytes);
    if (m->fd >= 0)
        (void)close(m->fd);
    free(m->path);
    free(m);
}

bool tk_dict_mapping_is_lost(const struct tk_dict_mapping *m)
{
    return tk_mapping_guard_faults(m->guard) || atomic_load_explicit(&m->is_overwritten, memory_order_relaxed);
}

static bool open_file(struct tk_dict_mapping *m, const char *path, struct stat *st, struct tk_err *err)
{
    char why[TK_FILE_ACCESS_BYTES];

    m->fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY); /* a FIFO must not block */
    if (m->fd < 0) {
        tk_err_set(err, path, 0, "%s; correct its path or rights, or build it with 'trapkafka mibs build -o FILE DIR'",
                   tk_file_access_why(why, sizeof(why), path, errno));
        return false;
    }
    if (fstat(m->fd, st) < 0 || !S_ISREG(st->st_mode)) {
        tk_err_set(err, path, 0, "this is no regular file; name a file that 'trapkafka mibs build' has written");
        return false;
    }
    return true;
}

static bool read_header(struct tk_dict_mapping *m, const struct stat *st, struct tk_err *err)
{
    memset(&m->header, 0, sizeof(m->header));
    if (pread(m->fd, &m->header, sizeof(m->header), 0) < 0) {
        tk_err_set(err, m->path, 0, "can't be read: %s; repair its disk, or copy the file again", strerror(errno));
        return false;
    }
    return check_header(&m->header, (uint64_t)st->st_size, m->path, err);
}

static bool map_file(struct tk_dict_mapping *m, const struct stat *st, struct tk_err *err)
{
    m->bytes = (size_t)m->header.bytes;
    m->modified = tk_clock_nsec(st->st_mtim);
    m->at = mmap(NULL, m->bytes, PROT_READ, MAP_SHARED | MAP_POPULATE, m->fd, 0); /* all is read at once below */
    if (m->at != MAP_FAILED)
        m->guard = tk_mapping_guard_new(m->at, m->bytes, m->fd);
    if (m->guard)
        return true;
    tk_err_set(err, m->path, 0, "can't be mapped: %s; give the process more address space, or name fewer dictionaries",
               m->at == MAP_FAILED ? strerror(errno) : "too many files are mapped");
    return false;
}

struct tk_dict *tk_dict_file_open(const char *path, struct tk_err *reterr)
{
    struct tk_dict_mapping *m = calloc(1, sizeof(*m));
    struct tk_dict *d = NULL;
    struct stat st;

    if (m) {
        m->fd = -1;
        m->at = MAP_FAILED;
        m->path = strdup(path);
    }
    if (!m || !m->path) {
        tk_err_set(reterr, path, 0, "out of memory for the dictionary; give the process more memory");
        tk_dict_mapping_free(m);
        return NULL;
    }
    if (!open_file(m, path, &st, reterr) || !read_header(m, &st, reterr) || !map_file(m, &st, reterr) ||
        !check_image(&m->header, (const char *)m->at + sizeof(m->header), path, reterr)) {
        tk_dict_mapping_free(m);
        return NULL;
    }
    d = tk_dict_of_layer(tk_dict_layer_new((const char *)m->at + sizeof(m->header), m->header.count, m));
    if (!d)
        tk_err_set(reterr, path, 0, "out of memory for the dictionary; give the process more memory");
    return d;
}

/* The checksum is read again only when the time of the last change is another one. */
static void verify(struct tk_dict_mapping *m)
{
    struct stat st;

    if (fstat(m->fd, &st) < 0 || tk_clock_nsec(st.st_mtim) == m->modified)
        return;
    m->modified = tk_clock_nsec(st.st_mtim);
    if ((uint64_t)st.st_size < m->bytes || memcmp(m->at, &m->header, sizeof(m->header)) != 0 ||
        !check_image(&m->header, (const char *)m->at + sizeof(m->header), m->path, NULL))
        atomic_store_explicit(&m->is_overwritten, true, memory_order_relaxed);
}

void tk_dict_file_verify(const struct tk_dict *d)
{
    for (unsigned i = 0; i < d->layer_count; i++)
        if (d->stack[i].layer->mapping && !tk_dict_mapping_is_lost(d->stack[i].layer->mapping))
            verify(d->stack[i].layer->mapping);
}

const char *tk_dict_file_lost(const struct tk_dict *d, unsigned which)
{
    for (unsigned i = 0; i < d->layer_count; i++)
        if (tk_dict_layer_is_lost(d->stack[i].layer) && which-- == 0)
            return d->stack[i].layer->mapping->path;
    return NULL;
}

/* ---- writing ---- */

static int write_all(int fd, const void *bytes, size_t len)
{
    const char *at = bytes;

    while (len) {
        ssize_t n = write(fd, at, len);

        if (n < 0 && errno != EINTR)
            return -errno;
        at += n > 0 ? n : 0;
        len -= n > 0 ? (size_t)n : 0;
    }
    return 0;
}

/* So that a loss of power can't take the new name back. */
static void sync_folder(const char *path)
{
    const char *slash = strrchr(path, '/');
    char *folder = slash ? strndup(path, (size_t)(slash - path) + 1) : strdup(".");
    int fd = folder ? open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;

    if (fd >= 0) {
        (void)fsync(fd); /* the file has its contents; a file system that can't do this does it later */
        (void)close(fd);
    }
    free(folder);
}

static int write_beside(const char *path, char *next, const struct tk_dict_file_header *h,
                        const struct tk_dict_layer *layer)
{
    int fd = mkstemp(next), ret;

    if (fd < 0)
        return -errno;
    ret = write_all(fd, h, sizeof(*h));
    if (ret == 0)
        ret = write_all(fd, layer->image, layer->bytes);
    if (ret == 0 && (fchmod(fd, 0644) < 0 || fsync(fd) < 0))
        ret = -errno;
    if (close(fd) < 0 && ret == 0)
        ret = -errno;
    if (ret == 0 && rename(next, path) < 0)
        ret = -errno;
    if (ret < 0)
        (void)unlink(next);
    else
        sync_folder(path);
    return ret;
}

int tk_dict_file_write(const char *path, const struct tk_dict *d, struct tk_err *reterr)
{
    struct tk_dict_file_header h;
    const struct tk_dict_layer *layer = d->stack[0].layer;
    char *next = NULL;
    int ret = -ENOMEM;

    TK_ASSERT(d->layer_count == 1);
    memset(&h, 0, sizeof(h));
    memcpy(h.magic, magic, sizeof(magic));
    h.byte_order = BYTE_ORDER_MARK;
    h.format = TK_DICT_FILE_FORMAT;
    h.bytes = sizeof(h) + layer->bytes;
    memcpy(h.count, layer->count, sizeof(h.count));
    h.checksum = checksum_of(&h, layer->image, layer->bytes);
    if (h.bytes > MAX_BYTES)
        ret = -EFBIG;
    else if (asprintf(&next, "%s.XXXXXX", path) >= 0)
        ret = write_beside(path, next, &h, layer);
    if (ret < 0)
        tk_err_set(reterr, path, 0,
                   "can't be written: %s; name a file in a folder that exists, that you may write to, and "
                   "that has room for %" PRIu64 " bytes",
                   strerror(-ret), h.bytes);
    free(next);
    return ret;
}
