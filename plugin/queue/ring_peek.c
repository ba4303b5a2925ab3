/* SPDX-License-Identifier: Apache-2.0 */
#include "queue/ring_peek.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mapping_guard.h"
#include "queue/ring_recover.h"

struct tk_peek {
    int fd;
    uint8_t *base;
    size_t bytes;
    struct tk_mapping_guard *guard;
    struct tk_ring_view view;
    struct tk_peek_facts facts;
    struct tk_cursor at;
};

/* The mapping is read-only for us, but its content changes while the daemon writes. */
static bool map_file(struct tk_peek *p, const char *path, uint64_t capacity, struct tk_err *err)
{
    p->bytes = capacity + TK_RING_HEADER_BYTES;
    p->base = mmap(NULL, p->bytes, PROT_READ, MAP_SHARED, p->fd, 0);
    if (p->base == MAP_FAILED) {
        p->base = NULL;
        tk_err_set(err, path, 0, "cannot be mapped: %s", strerror(errno));
        return false;
    }
    p->guard = tk_mapping_guard_new(p->base, p->bytes,
                                    p->fd); /* if NULL, a truncated file would only end this command */
    p->view = (struct tk_ring_view){.map = p->base + TK_RING_HEADER_BYTES, .capacity = capacity};
    return true;
}

static void take_facts(struct tk_peek *p, const struct tk_ring_header *h, const struct tk_recovery *found)
{
    p->facts = (struct tk_peek_facts){
        .format = h->format,
        .life = h->life,
        .capacity = p->view.capacity,
        .tail = found->tail,
        .tail_seq = found->tail_seq,
        .head = found->head,
        .head_seq = found->head_seq,
        .is_in_use = p->facts.is_in_use,
        .is_clean = h->is_clean,
    };
    memcpy(p->facts.uuid, p->view.uuid, sizeof(p->facts.uuid));
    p->at = (struct tk_cursor){.position = found->tail, .seq = found->tail_seq};
}

/* Find the head of a ring in use: follow its records from the head in the header. No search beyond a damaged place as
 * in recovery is needed, because the end of a ring in use is not damaged. */
static void follow_live(const struct tk_peek *p, const struct tk_ring_header *h, struct tk_recovery *ret_found)
{
    struct tk_cursor c = {.position = h->head, .seq = h->head_seq, .life = h->life};
    struct tk_record rec;

    while (c.position - h->tail < p->view.capacity && tk_cursor_take(&p->view, &c, h->tail + p->view.capacity, &rec))
        ;
    *ret_found = (struct tk_recovery){
        .tail = h->tail,
        .tail_seq = h->tail_seq,
        .head = c.position,
        .head_seq = c.seq,
    };
}

static bool look(struct tk_peek *p, const char *path, struct tk_err *err)
{
    uint8_t bytes[TK_RING_HEADER_BYTES] = {0};
    struct tk_ring_header h = {.format = 0};
    struct tk_recovery found;
    struct stat st;
    enum tk_header_state state;
    bool is_blank;

    if (fstat(p->fd, &st) < 0 || !S_ISREG(st.st_mode) || pread(p->fd, bytes, sizeof(bytes), 0) < 0) {
        tk_err_set(err, path, 0, "is not a regular file that can be read; name the file of kafkaQueue");
        return false;
    }
    state = tk_header_load(bytes, &h);
    if (state == TK_HEADER_OTHER) {
        tk_err_set(err, path, 0, "has format %u, and this trapkafka reads format %u; use the version that wrote it",
                   h.format, TK_RING_FILE_FORMAT);
        return false;
    }
    if (state == TK_HEADER_INTACT || state == TK_HEADER_HALF) {
        if ((uint64_t)st.st_size - TK_RING_HEADER_BYTES <
            h.capacity) { /* does not underflow: a header was read, so its bytes exist */
            tk_err_set(err, path, 0,
                       "was truncated: it has %lld bytes, and its header says that %llu follow it; the next "
                       "start of snmptrapd restores the length",
                       (long long)st.st_size, (unsigned long long)h.capacity);
            return false;
        }
        if (!map_file(p, path, h.capacity, err))
            return false;
        memcpy(p->view.uuid, h.uuid, sizeof(p->view.uuid));
        if (p->facts.is_in_use)
            follow_live(p, &h, &found);
        else
            tk_ring_recover(&p->view, &h, tk_boot_number(), &found);
    } else {
        if (st.st_size <= (off_t)TK_RING_HEADER_BYTES ||
            !map_file(p, path, ((uint64_t)st.st_size - TK_RING_HEADER_BYTES) / 4096 * 4096, err) || !p->view.capacity ||
            !tk_ring_recover_blind(&p->view, &found, &is_blank)) {
            tk_err_set(err, path, 0,
                       "is not a queue of trapkafka, or it has no sound record; name the file of kafkaQueue");
            return false;
        }
        h.life = found.life;
    }
    take_facts(p, &h, &found);
    return true;
}

struct tk_peek *tk_peek_open(const char *path, struct tk_err *err)
{
    struct tk_peek *p = calloc(1, sizeof(*p));

    if (!p) {
        tk_err_set(err, path, 0, "out of memory");
        return NULL;
    }
    p->fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    if (p->fd < 0) {
        tk_err_set(err, path, 0, "cannot be opened: %s", strerror(errno));
        tk_peek_free(p);
        return NULL;
    }
    p->facts.is_in_use = flock(p->fd, LOCK_SH | LOCK_NB) < 0 && errno == EWOULDBLOCK;
    (void)flock(p->fd, LOCK_UN);
    if (look(p, path, err))
        return p;
    tk_peek_free(p);
    return NULL;
}

void tk_peek_free(struct tk_peek *p)
{
    if (!p)
        return;
    tk_mapping_guard_free(p->guard);
    if (p->base)
        (void)munmap(p->base, p->bytes);
    if (p->fd >= 0)
        (void)close(p->fd);
    free(p);
}

const struct tk_peek_facts *tk_peek_facts(const struct tk_peek *p)
{
    return &p->facts;
}

/* The daemon may have finished, and overwritten, the record that we were to read next: continue at its tail.
 * @returns whether the cursor moved */
static bool follow_tail(struct tk_peek *p)
{
    uint8_t bytes[TK_RING_HEADER_BYTES];
    struct tk_ring_header h;

    if (!p->facts.is_in_use || pread(p->fd, bytes, sizeof(bytes), 0) != (ssize_t)sizeof(bytes) ||
        tk_header_load(bytes, &h) > TK_HEADER_HALF || h.tail <= p->at.position)
        return false;
    p->at = (struct tk_cursor){.position = h.tail, .seq = h.tail_seq};
    return true;
}

/* Copy the record, then check the copy. @returns false if the daemon overwrote the record meanwhile */
static bool copy_record(const struct tk_peek *p, struct tk_record *rec, uint8_t *buf)
{
    uint64_t begin = rec->end - tk_record_bytes(rec->body_len);
    struct tk_record_head head;

    memcpy(&head, p->view.map + begin % p->view.capacity, sizeof(head));
    memcpy(buf, rec->body, rec->body_len);
    rec->body = buf;
    return head.magic == TK_RING_RECORD && head.position == begin && head.seq == rec->seq &&
           head.body_len == rec->body_len && head.crc == tk_record_crc(&head, buf);
}

int tk_peek_next(struct tk_peek *p, uint8_t *buf, size_t buf_bytes, struct tk_record *ret_rec)
{
    for (;;) {
        struct tk_cursor before = p->at;

        if (p->at.position >= p->facts.head)
            return 0;
        if (tk_cursor_take(&p->view, &p->at, p->facts.head, ret_rec)) {
            if (ret_rec->body_len > buf_bytes)
                return -ENOBUFS;
            if (copy_record(p, ret_rec, buf))
                return 1;
            p->at = before;
        }
        if (!follow_tail(p))
            break;
    }
    tk_cursor_pass(&p->view, &p->at, p->facts.head, p->facts.head_seq, ret_rec);
    return -EBADMSG;
}
