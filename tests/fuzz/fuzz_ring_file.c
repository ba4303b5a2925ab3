/* SPDX-License-Identifier: Apache-2.0 */
/* Opens a queue file after parts of it were overwritten or truncated. Opening must end, with a ring that
 * works or with an error and the file unchanged. Records that are read are inside the mapping and in order. Each lost
 * record is counted. A new record can be written and read. Afterwards the file can be opened without damage.
 *
 * Input: a byte (1: the file of a killed process; 2: opened with another size; 4: truncated), then patches: a
 * place (two bytes), a length, as many bytes. A place >= 0xfff0: write a header with these members and a checksum. */
#include "fuzz.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "queue/queue_internal.h"
#include "queue/ring_open.h"

#define RECORDS 20u
#define NOTED   12u             /* records that the killed process's header has */
#define KEPT    ((size_t)16384) /* bytes of the file that are not all zero */
#define HEADER  0xfff0u

static char path[64];
static uint8_t images[2][KEPT];
static size_t file_bytes;
static bool has_false_header; /* a header with false members and a valid checksum was written */

static void fill(struct tk_ring *q)
{
    struct tk_time now = {.wall = 1};

    for (unsigned i = 1; i <= RECORDS; i++) {
        size_t len = 20 + i * 37 % 200;
        uint8_t *dst = tk_ring_reserve(q, len);

        FUZZ_CHECK(dst);
        memset(dst, (int)i, len);
        (void)tk_ring_commit(q, len, &now);
        if (i == NOTED)
            tk_ring_note(q), tk_ring_store_header(q, 0, 1);
    }
}

static void make_image(bool is_killed)
{
    struct tk_err err = {0};
    struct tk_ring *q;
    int fd;

    (void)unlink(path);
    q = tk_ring_open(path, TK_RING_MIN_BYTES, &err);
    FUZZ_CHECK(q);
    fill(q);
    if (is_killed)
        tk_ring_abandon(q);
    else
        tk_ring_free(q);
    fd = open(path, O_RDONLY | O_CLOEXEC);
    FUZZ_CHECK(fd >= 0 && pread(fd, images[is_killed], KEPT, 0) == (ssize_t)KEPT);
    file_bytes = (size_t)lseek(fd, 0, SEEK_END);
    (void)close(fd);
}

static void remove_file(void)
{
    (void)unlink(path);
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    const char *folder = getenv("TMPDIR");

    (void)argc, (void)argv;
    (void)snprintf(path, sizeof(path), "%.30s/tk-fuzz-ring-%d",
                   access("/dev/shm", W_OK) == 0 ? "/dev/shm"
                   : folder && *folder           ? folder
                                                 : "/tmp",
                   (int)getpid());
    make_image(false);
    make_image(true);
    (void)atexit(remove_file);
    return 0;
}

/* --- damage ---------------------------------------------------------------------------------------------------- */

/* Write false members with a valid checksum: this can't be detected, and may cost records, but nothing else. */
static void write_header(uint8_t *image, struct fuzz_bytes *in)
{
    struct tk_ring_header h;

    if (tk_header_load(image, &h) != TK_HEADER_INTACT)
        return;
    h.generation += fuzz_u8(in);
    h.capacity += fuzz_u32(in) & 0x80000000 ? 4096 : 0;
    h.tail += fuzz_u16(in);
    h.tail_seq += fuzz_u16(in);
    h.head += fuzz_u32(in);
    h.head_seq += fuzz_u16(in);
    h.life += fuzz_u8(in);
    h.is_clean ^= fuzz_u8(in) & 1;
    tk_header_store(image, &h);
    has_false_header = true;
}

static void damage(uint8_t *image, struct fuzz_bytes *in)
{
    while (in->left > 3) {
        uint32_t place = fuzz_u16(in);
        uint8_t len = fuzz_u8(in);

        if (place >= HEADER)
            write_header(image, in);
        else
            for (size_t at = place % KEPT; len && in->left && at < KEPT; len--, at++)
                image[at] = fuzz_u8(in);
    }
}

static size_t put_file(const uint8_t *image, size_t len)
{
    size_t kept = len < KEPT ? len : KEPT;
    int fd;

    (void)unlink(path);
    fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    FUZZ_CHECK(fd >= 0 && pwrite(fd, image, kept, 0) == (ssize_t)kept && ftruncate(fd, (off_t)len) == 0);
    (void)close(fd);
    return kept;
}

static void check_unchanged(const uint8_t *image, size_t kept, size_t len)
{
    static uint8_t now[KEPT];
    int fd = open(path, O_RDONLY | O_CLOEXEC);

    FUZZ_CHECK(fd >= 0 && (size_t)lseek(fd, 0, SEEK_END) == len);
    FUZZ_CHECK(pread(fd, now, kept, 0) == (ssize_t)kept && memcmp(now, image, kept) == 0);
    (void)close(fd);
}

/* --- checks ---------------------------------------------------------------------------------------------------- */

/* Read to the end. @returns how many records were read or counted as lost */
static uint64_t read_all(struct tk_ring *q, struct tk_record *last)
{
    const uint8_t *map = q->view.map;
    uint64_t sum = 0, seq = 0, position = 0;
    unsigned turns = 0;
    int ret;

    while ((ret = tk_ring_read(q, last)) != 0) {
        FUZZ_CHECK(turns++ < TK_RING_MIN_BYTES && last->end > last->position && last->position >= position);
        position = last->end;
        sum += ret == 1 ? 1 : last->lost;
        if (ret != 1)
            continue;
        FUZZ_CHECK(last->seq > seq && last->body_len <= TK_TRAP_MAX_BYTES && last->body >= map);
        FUZZ_CHECK(last->body + last->body_len <= map + tk_ring_capacity(q));
        seq = last->seq;
    }
    return sum;
}

static void use(struct tk_ring *q)
{
    uint64_t recovered = tk_ring_recovered(q), seq;
    struct tk_time now = {.wall = 2};
    struct tk_record rec;
    uint8_t *dst;

    FUZZ_CHECK(tk_ring_used(q) <= tk_ring_capacity(q));
    FUZZ_CHECK(read_all(q, &rec) == recovered || has_false_header);
    FUZZ_CHECK(!tk_ring_has_more(q));
    tk_ring_release(q, q->read.position);
    dst = tk_ring_reserve(q, 100);
    FUZZ_CHECK(dst);
    memset(dst, 0x77, 100);
    seq = tk_ring_commit(q, 100, &now);
    if (read_all(q, &rec) != 1 || rec.seq != seq || rec.body_len != 100 || rec.body[99] != 0x77)
        FUZZ_CHECK(has_false_header);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static uint8_t image[KEPT];
    struct fuzz_bytes in = {data, size};
    uint8_t how = fuzz_u8(&in);
    size_t bytes = TK_RING_MIN_BYTES * (how & 2 ? 2 : 1);
    size_t len = how & 4 ? fuzz_u32(&in) % (file_bytes + 1) : file_bytes, kept;
    struct tk_err err = {0};
    struct tk_record rec;
    struct tk_ring *q;

    memcpy(image, images[how & 1], KEPT);
    has_false_header = false;
    damage(image, &in);
    kept = put_file(image, len);
    q = tk_ring_open(path, bytes, &err);
    if (!q) {
        fuzz_check_error(&err);
        check_unchanged(image, kept, len);
        return 0;
    }
    use(q);
    tk_ring_free(q); /* an orderly close keeps the record that was not released */
    q = tk_ring_open(path, bytes, &err);
    FUZZ_CHECK(q);
    if (tk_ring_recovered(q) != 1 || read_all(q, &rec) != 1 || rec.body_len != 100)
        FUZZ_CHECK(has_false_header);
    tk_ring_free(q);
    return 0;
}
