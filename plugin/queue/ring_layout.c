/* SPDX-License-Identifier: Apache-2.0 */
#include "queue/ring_layout.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/devel.h"

#define HOLE 8

static void copy_record(const struct tk_ring_view *from, const struct tk_record *rec, const struct tk_ring_view *to,
                        uint64_t position)
{
    uint64_t begin = rec->end - tk_record_bytes(rec->body_len);
    struct tk_record_head head;

    TK_ASSERT(position % 8 == 0 && position + tk_record_bytes(rec->body_len) <= to->capacity);
    memcpy(&head, from->map + begin % from->capacity, sizeof(head));
    head.position = position;
    head.crc = tk_record_crc(&head, rec->body);
    memcpy(to->map + position, &head, sizeof(head));
    memcpy(to->map + position + sizeof(head), rec->body, rec->body_len);
}

/* Copy the sound records of @p from to the beginning of @p to; NULL: only count.
 * @returns the bytes that they need; records beyond the capacity of @p to were not copied */
static uint64_t copy(const struct tk_ring_view *from, const struct tk_recovery *found, const struct tk_ring_view *to)
{
    struct tk_cursor c = {.position = found->tail, .seq = found->tail_seq};
    uint64_t at = 0, seq = found->tail_seq;
    struct tk_record rec;
    int ret;

    while ((ret = tk_cursor_next(from, &c, found->head, found->head_seq, &rec)) != 0) {
        if (ret < 0)
            continue;
        at += rec.seq == seq ? 0 : HOLE;
        if (to && at + tk_record_bytes(rec.body_len) <= to->capacity)
            copy_record(from, &rec, to, at);
        at += tk_record_bytes(rec.body_len);
        seq = rec.seq + 1;
    }
    return at + (seq == found->head_seq ? 0 : HOLE);
}

static bool does_fit(const struct tk_ring_view *view, const struct tk_recovery *found, uint64_t capacity,
                     const char *path, struct tk_err *err)
{
    uint64_t needed;

    if (found->head - found->tail <= capacity) /* a copy is never larger */
        return true;
    needed = copy(view, found, NULL);
    if (needed <= capacity)
        return true;
    tk_err_set(err, path, 0,
               "holds %llu traps, which do not fit into the size in kafkaQueue; write a size of at "
               "least %lluK until they have been published",
               (unsigned long long)(found->head_seq - found->tail_seq),
               (unsigned long long)(tk_ring_round(needed) >> 10));
    return false;
}

/* @returns false with @p err set; @p made is closed by the caller */
static bool fill(struct tk_ring_file *made, const char *name, const struct tk_ring_view *old, struct tk_recovery *found,
                 struct tk_ring_view *view, struct tk_err *err)
{
    struct tk_ring_header header = {
        .capacity = view->capacity,
        .tail_seq = found->tail_seq,
        .head_seq = found->tail_seq,
        .life = found->life,
        .boot = tk_boot_number(),
    };

    memcpy(header.uuid, view->uuid, sizeof(header.uuid));
    if (!tk_file_begin(made->fd, name, &header, err) || !tk_file_reserve(made->fd, name, view->capacity, err) ||
        !tk_file_map(made, name, view->capacity, err))
        return false;
    view->map = made->base + TK_RING_HEADER_BYTES;
    header.head = found->head = copy(old, found, view);
    header.head_seq = found->head_seq;
    found->tail = 0;
    tk_header_store(made->base, &header);
    tk_header_store(made->base, &header);
    if (fsync(made->fd) == 0 && tk_mapping_guard_faults(made->guard) == 0)
        return true;
    tk_err_set(err, name, 0, "cannot be written: %s; check the disk, or name another path", strerror(EIO));
    return false;
}

bool tk_ring_lay_out(struct tk_ring_file *file, const char *path, struct tk_ring_view *view, struct tk_recovery *found,
                     uint64_t capacity, struct tk_err *err)
{
    struct tk_ring_file made = {.fd = -1};
    struct tk_ring_view to = *view;
    struct tk_recovery moved = *found;
    char *name;

    if (!does_fit(view, found, capacity, path, err))
        return false;
    name = tk_file_new_name(path);
    made.fd = name ? tk_file_make(name, err) : -1;
    if (made.fd < 0) {
        free(name);
        tk_err_set(err, path, 0, "out of memory");
        return false;
    }
    to.capacity = capacity;
    if (fill(&made, name, view, &moved, &to, err)) {
        TK_KILL_POINT("ring-grow");
        if (rename(name, path) == 0) {
            tk_file_sync_folder(path);
            tk_file_close(file);
            *file = made;
            *view = to;
            *found = moved;
            free(name);
            return true;
        }
        tk_err_set(err, path, 0, "cannot be replaced by %s: %s; write the size that the file has", name,
                   strerror(errno));
    }
    (void)unlink(name);
    tk_file_close(&made);
    free(name);
    return false;
}

void tk_ring_remove_leftover(const char *path)
{
    uint8_t bytes[TK_RING_HEADER_BYTES] = {0};
    struct tk_ring_header header;
    char *name = tk_file_new_name(path);
    int fd = name ? open(name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK) : -1;
    struct stat st;

    if (fd >= 0 && fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && st.st_uid == geteuid() &&
        (st.st_size == 0 ||
         (pread(fd, bytes, sizeof(bytes), 0) >= 0 && tk_header_load(bytes, &header) <= TK_HEADER_DAMAGED)))
        (void)unlink(name);
    if (fd >= 0)
        (void)close(fd);
    free(name);
}
