/* SPDX-License-Identifier: Apache-2.0 */
/* The file of a small ring, damaged at every byte in turn and truncated to every length. Only damaged records may be
 * lost, each is counted, the rest comes in order, and the file is never refused. By default only every so many bytes
 * are tried; with TK_FAULTS in the environment, all. */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "queue/queue_internal.h"
#include "queue/ring_open.h"

#define RECORDS 20u
#define NOTED   12u             /* records that the header counts in the file that a kill leaves */
#define KEPT    ((size_t)16384) /* the part of the file that is not zero */

static char path[96];
static uint8_t pristine[KEPT];
static uint64_t begin[RECORDS + 1]; /* offsets in the file */

static size_t body_len(uint64_t seq)
{
    return 60 + (size_t)(seq * 37 % 200);
}

static int setup(void **state)
{
    const bool is_killed = *(const bool *)*state;
    struct tk_err err = {.is_set = false};
    const char *folder = getenv("TMPDIR");
    struct tk_time now = {.wall = 1};
    struct tk_ring *q;

    (void)snprintf(path, sizeof(path), "%s/tk-damage-%d",
                   access("/dev/shm", W_OK) == 0 ? "/dev/shm"
                   : folder && *folder           ? folder
                                                 : "/tmp",
                   (int)getpid());
    (void)unlink(path);
    q = tk_ring_open(path, TK_RING_MIN_BYTES, &err);
    if (!q)
        return -1;
    for (uint64_t seq = 1; seq <= RECORDS; seq++) {
        uint8_t *dst = tk_ring_reserve(q, body_len(seq));

        begin[seq - 1] = q->head + TK_RING_HEADER_BYTES;
        memset(dst, (int)seq, body_len(seq));
        (void)tk_ring_commit(q, body_len(seq), &now);
        if (seq == NOTED)
            tk_ring_note(q), tk_ring_store_header(q, 0, 1);
    }
    begin[RECORDS] = q->head + TK_RING_HEADER_BYTES;
    memcpy(pristine, q->file.base, KEPT);
    if (is_killed) {
        tk_ring_abandon(q);
        return 0;
    }
    tk_ring_free(q);
    int fd = open(path, O_RDONLY | O_CLOEXEC);

    if (fd < 0 || pread(fd, pristine, KEPT, 0) != (ssize_t)KEPT)
        return -1;
    return close(fd);
}

static int teardown(void **state)
{
    (void)state;
    return unlink(path);
}

static void restore(void)
{
    int fd = open(path, O_RDWR | O_CLOEXEC);

    assert_true(fd >= 0 && pwrite(fd, pristine, KEPT, 0) == (ssize_t)KEPT);
    (void)close(fd);
}

/* Open and read all. @returns which records came, as bits */
static uint32_t come(uint64_t *ret_lost, uint64_t *ret_recovered)
{
    struct tk_err err = {.is_set = false};
    struct tk_ring *q = tk_ring_open(path, TK_RING_MIN_BYTES, &err);
    struct tk_record rec;
    uint64_t last = 0;
    uint32_t got = 0;
    int ret;

    if (!q)
        print_error("%s\n", err.text);
    assert_non_null(q);
    *ret_lost = 0;
    *ret_recovered = tk_ring_recovered(q);
    while ((ret = tk_ring_read(q, &rec)) != 0) {
        if (ret < 0) {
            *ret_lost += rec.lost;
            continue;
        }
        assert_true(rec.seq > last && rec.seq <= RECORDS && rec.body_len == body_len(rec.seq));
        assert_true(rec.body[0] == rec.seq && rec.body[rec.body_len - 1] == rec.seq);
        last = rec.seq;
        got |= 1u << (rec.seq - 1);
    }
    tk_ring_abandon(q);
    assert_int_equal(*ret_recovered, *ret_lost + (uint64_t)__builtin_popcount(got));
    return got;
}

static void test_every_byte(void **state)
{
    const bool is_killed = *(const bool *)*state;
    const uint32_t all = (1u << RECORDS) - 1;
    uint8_t bits[] = {0x01, 0x80, 0x12, 0xff}; /* 0x12 turns a record's magic into a filler's */
    unsigned turns = getenv("TK_FAULTS") ? sizeof(bits) : 1;

    for (size_t at = 0; at < begin[RECORDS]; at++) {
        bool is_padding = at < TK_RING_HEADER_BYTES && at % TK_RING_HEADER_STEP >= sizeof(struct tk_ring_header);

        if (is_padding && at % TK_RING_HEADER_STEP > 200 && !getenv("TK_FAULTS"))
            continue;
        for (unsigned i = 0; i < turns; i++) {
            uint64_t lost, recovered;
            uint32_t got, hit = 0;

            for (unsigned r = 0; r < RECORDS; r++)
                if (at >= begin[r] && at < begin[r] + sizeof(struct tk_record_head) + body_len(r + 1))
                    hit = 1u << r;
            pristine[at] ^= bits[(at + i) % sizeof(bits)];
            restore();
            pristine[at] ^= bits[(at + i) % sizeof(bits)];
            got = come(&lost, &recovered);
            assert_int_equal(got, all & ~hit);
            /* If the header does not count the last record, its loss cannot be noticed. */
            assert_int_equal(lost, hit && !(is_killed && hit == 1u << (RECORDS - 1)));
        }
    }
}

static bool is_near_a_boundary(size_t length)
{
    for (size_t i = 0; i <= RECORDS; i++)
        if (length + 8 >= begin[i] && length <= begin[i] + 8)
            return true;
    return length < 300 || (length > 4000 && length < 4300) || (length > 8100 && length < 8300);
}

static void test_every_length(void **state)
{
    const bool is_killed = *(const bool *)*state;

    for (size_t length = 0; length <= begin[RECORDS] + 100; length++) {
        uint64_t lost, recovered;
        uint32_t got;

        if (!is_near_a_boundary(length) && length % 61 && !getenv("TK_FAULTS"))
            continue;
        restore();
        assert_int_equal(truncate(path, (off_t)length), 0);
        got = come(&lost, &recovered);
        for (unsigned r = 0; r < RECORDS; r++) {
            bool is_whole = length >= begin[r] + sizeof(struct tk_record_head) + body_len(r + 1);

            assert_int_equal(got >> r & 1, is_whole);
        }
        if (length >= sizeof(struct tk_ring_header))
            assert_true(is_killed ? recovered >= NOTED : recovered == RECORDS);
        else if (length < offsetof(struct tk_ring_header, life)) /* the rest is zeros in the whole file, too */
            assert_int_equal(recovered, 0);
    }
}

/* Neither header copy can be read: the records alone are recovered. */
static void test_both_headers(void **state)
{
    uint64_t lost, recovered;

    (void)state;
    pristine[40] ^= 1;
    pristine[TK_RING_HEADER_STEP + 40] ^= 1;
    restore();
    assert_int_equal(come(&lost, &recovered), (1u << RECORDS) - 1);
    memset(pristine, 0xee, TK_RING_HEADER_BYTES);
    restore();
    assert_int_equal(come(&lost, &recovered), (1u << RECORDS) - 1);
    memset(pristine, 0, KEPT);
    restore();
    assert_int_equal(come(&lost, &recovered), 0);
}

int main(void)
{
    bool is_clean_file = false, is_killed = true;
#define T(name, how) cmocka_unit_test_prestate_setup_teardown(name, setup, teardown, &how)
    const struct CMUnitTest tests[] = {
        T(test_every_byte, is_clean_file), T(test_every_byte, is_killed),   T(test_every_length, is_clean_file),
        T(test_every_length, is_killed),   T(test_both_headers, is_killed),
    };
#undef T

    return cmocka_run_group_tests(tests, NULL, NULL);
}
