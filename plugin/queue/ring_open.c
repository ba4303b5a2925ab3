/* SPDX-License-Identifier: Apache-2.0 */
/* Open a ring in a file: recover its records, start an empty ring, or refuse the file. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/devel.h"
#include "queue/ring_layout.h"
#include "queue/ring_touch.h"
#include "queue/ring_open.h"

struct start {
    const char *path;
    uint64_t capacity; /* that is asked for */
    struct tk_err *err;
    struct tk_ring_file file;
    struct tk_ring_view view;
    struct tk_ring_header header;
    struct tk_recovery found;
    uint64_t length; /* of the file, as it was found */
    bool is_empty;
};

/* Start an empty ring: the file is empty, or nothing in it can be used. */
static bool begin_anew(struct start *s)
{
    struct tk_ring_header header = {.capacity = s->capacity, .tail_seq = 1, .head_seq = 1, .boot = tk_boot_number()};
    struct tk_ring_file mapping = s->file;

    mapping.fd = -1; /* keep the descriptor and its lock */
    tk_file_close(&mapping);
    s->file.base = NULL;
    s->file.guard = NULL;
    tk_ring_make_uuid(header.uuid);
    /* The header is written first: if the process dies from here on, the file is too short, but known to be ours. */
    if (!tk_file_begin(s->file.fd, s->path, &header, s->err))
        return false;
    TK_KILL_POINT("ring-create");
    if (!tk_file_reserve(s->file.fd, s->path, s->capacity, s->err))
        return false;
    (void)fsync(s->file.fd);
    tk_file_sync_folder(s->path);
    TK_KILL_POINT("ring-create");
    if (!tk_file_map(&s->file, s->path, s->capacity, s->err))
        return false;
    s->header = header;
    s->view = (struct tk_ring_view){.map = s->file.base + TK_RING_HEADER_BYTES, .capacity = s->capacity};
    memcpy(s->view.uuid, header.uuid, sizeof(header.uuid));
    s->found = (struct tk_recovery){.tail_seq = 1, .head_seq = 1};
    return true;
}

static bool map_as_it_is(struct start *s, uint64_t capacity)
{
    /* A truncated file gets its length back. The new bytes are zeros, which the worker counts as damaged records. */
    if (!tk_file_reserve(s->file.fd, s->path, capacity, s->err) || !tk_file_map(&s->file, s->path, capacity, s->err))
        return false;
    s->view.map = s->file.base + TK_RING_HEADER_BYTES;
    s->view.capacity = capacity;
    return true;
}

static bool refuse_foreign(const struct start *s)
{
    tk_err_set(s->err, s->path, 0,
               "is not a queue of trapkafka, and is left unchanged; name another path, or "
               "remove it");
    return false;
}

/* Neither header copy can be used: recover from the records alone. */
static bool salvage(struct start *s, enum tk_header_state state)
{
    const uint64_t page = tk_ring_round(1);
    const uint64_t bytes = s->length < TK_RING_HEADER_BYTES ? 0 : s->length - TK_RING_HEADER_BYTES;
    const uint64_t capacity = bytes / page * page;
    bool is_blank = true;

    if (capacity) {
        if (!map_as_it_is(s, capacity))
            return false;
        if (tk_ring_recover_blind(&s->view, &s->found, &is_blank)) {
            memcpy(s->header.uuid, s->view.uuid, sizeof(s->header.uuid));
            return true;
        }
    }
    if (state == TK_HEADER_DAMAGED || (state == TK_HEADER_BLANK && is_blank))
        return begin_anew(s);
    return refuse_foreign(s);
}

static bool read_file(struct start *s)
{
    uint8_t bytes[TK_RING_HEADER_BYTES] = {0};
    enum tk_header_state state;
    struct stat st;
    ssize_t n;

    if (fstat(s->file.fd, &st) < 0 || (n = pread(s->file.fd, bytes, sizeof(bytes), 0)) < 0) {
        tk_err_set(s->err, s->path, 0, "cannot be read: %s; name another path", strerror(errno));
        return false;
    }
    s->length = (uint64_t)st.st_size;
    s->is_empty = tk_header_is_stub(bytes, s->length);
    if (s->is_empty)
        return begin_anew(s);
    state = tk_header_load(bytes, &s->header);
    if (state == TK_HEADER_OTHER) {
        tk_err_set(s->err, s->path, 0,
                   "has format %u, and this trapkafka reads format %u; run the version that wrote it until the "
                   "queue is empty, or name another path",
                   s->header.format, TK_RING_FILE_FORMAT);
        return false;
    }
    if (state != TK_HEADER_INTACT && state != TK_HEADER_HALF)
        return salvage(s, state);
    memcpy(s->view.uuid, s->header.uuid, sizeof(s->view.uuid));
    if (!map_as_it_is(s, s->header.capacity))
        return false;
    tk_ring_recover(&s->view, &s->header, tk_boot_number(), &s->found);
    s->found.needs_name |= state == TK_HEADER_HALF && !s->header.is_clean; /* the other copy may have been newer */
    return true;
}

static void name_anew(struct tk_ring_view *view)
{
    uint8_t uuid[16];

    tk_ring_make_uuid(uuid);
    memcpy(view->uuid, uuid, 4); /* the rest stays: it marks the ring's records */
}

/* The checks are over: from here on the file is written. */
static void begin_life(struct tk_ring *q, struct start *s)
{
    const struct tk_recovery *found = &s->found;

    q->file = s->file;
    q->life = found->life > s->header.life ? found->life + 1 : s->header.life + 1;
    if (found->needs_name)
        name_anew(&s->view);
    q->view = s->view;
    q->room = s->view.capacity;
    q->tail = q->tail_seen = found->tail;
    q->head = q->touched = found->head;
    q->next_seq = q->first_seq = found->head_seq;
    q->read = (struct tk_cursor){.position = found->tail, .seq = found->tail_seq};
    q->recovered = found->head_seq - found->tail_seq;
    q->header = (struct tk_ring_header){
        .generation = s->header.generation,
        .capacity = q->view.capacity,
        .life = q->life,
        .boot = tk_boot_number(),
    };
    memcpy(q->header.uuid, q->view.uuid, sizeof(q->header.uuid));
    TK_KILL_POINT("ring-reopen");
    for (int copy = 0; copy < 2; copy++)
        tk_ring_store_header(q, found->tail, found->tail_seq);
    /* The header must be on the disk before the first record: after a loss of power an older header that says "clean"
     * would let sequence numbers be used twice. */
    if (msync(q->file.base, TK_RING_HEADER_BYTES, MS_SYNC) < 0)
        tk_mapping_guard_count(q->file.guard);
    while (tk_ring_touch(q))
        ;
}

static bool start(struct start *s, bool *ret_is_made)
{
    s->file.fd = tk_file_open(s->path, ret_is_made, s->err);
    if (s->file.fd < 0)
        return false;
    tk_ring_remove_leftover(s->path);
    TK_KILL_POINT("ring-create");
    return read_file(s) && (s->view.capacity == s->capacity ||
                            tk_ring_lay_out(&s->file, s->path, &s->view, &s->found, s->capacity, s->err));
}

struct tk_ring *tk_ring_open(const char *path, size_t bytes, struct tk_err *err)
{
    struct tk_err own = {.is_set = false};
    struct start s = {.path = path, .capacity = tk_ring_round(bytes), .err = err ? err : &own, .file = {.fd = -1}};
    struct tk_ring *q = tk_ring_alloc();
    bool is_made = false;

    if (q && (q->path = strdup(path)) && start(&s, &is_made)) {
        begin_life(q, &s);
        return q;
    }
    if (is_made)
        (void)unlink(path);
    else if (s.file.fd >= 0 && s.is_empty)
        (void)!ftruncate(s.file.fd, 0);
    tk_file_close(&s.file);
    tk_ring_abandon(q);
    tk_err_set(s.err, path, 0, "out of memory or descriptors");
    return NULL;
}

bool tk_ring_check(const char *path, uint64_t bytes, struct tk_err *err)
{
    return tk_file_check(path, tk_ring_round(bytes), err);
}
