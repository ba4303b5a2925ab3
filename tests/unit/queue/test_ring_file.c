/* SPDX-License-Identifier: Apache-2.0 */
/* The ring in a file: opening, refusing, other sizes, two processes, faults of the mapping, and its cost. */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "queue/queue_internal.h"
#include "queue/ring_peek.h"
#include "base/hash.h"
#include "queue/ring_open.h"
#include "queue/ring_touch.h"

#define SIZE   TK_RING_MIN_BYTES
#define NOBODY 65534

static char folder[64], path[80], other[80];
static struct tk_err err;

static int setup(void **state)
{
    const char *base = getenv("TMPDIR");

    (void)state;
    (void)snprintf(folder, sizeof(folder), "%s/tk-ring-XXXXXX", base && *base ? base : "/tmp");
    if (!mkdtemp(folder))
        return -1;
    (void)snprintf(path, sizeof(path), "%s/queue", folder);
    (void)snprintf(other, sizeof(other), "%s/queue.new", folder);
    tk_err_clear(&err);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    (void)chmod(folder, 0700);
    (void)unlink(path);
    (void)unlink(other);
    return rmdir(folder);
}

static struct tk_ring *open_ring(size_t bytes)
{
    struct tk_ring *q = tk_ring_open(path, bytes, &err);

    if (!q)
        print_error("%s\n", err.text);
    assert_non_null(q);
    return q;
}

static void refused(size_t bytes, const char *what)
{
    tk_err_clear(&err);
    assert_null(tk_ring_open(path, bytes, &err));
    assert_true(err.is_set);
    assert_string_equal(err.file, path);
    if (!strstr(err.text, what))
        print_error("said: %s\n", err.text);
    assert_non_null(strstr(err.text, what));
    tk_err_clear(&err);
}

static void put(struct tk_ring *q, size_t len)
{
    struct tk_time now = {.wall = 7, .mono = 8, .boot = 9};
    uint8_t *dst = tk_ring_reserve(q, len);

    assert_non_null(dst);
    memset(dst, (int)(tk_ring_next_seq(q) & 0xff), len);
    (void)tk_ring_commit(q, len, &now);
}

static void take(struct tk_ring *q, uint64_t seq, size_t len)
{
    struct tk_record rec;

    assert_int_equal(tk_ring_read(q, &rec), 1);
    assert_int_equal(rec.seq, seq);
    assert_int_equal(rec.body_len, len);
    assert_true(rec.received.wall == 7 && rec.received.mono == 8 && rec.received.boot == 9);
    for (size_t i = 0; i < len; i++)
        assert_int_equal(rec.body[i], seq & 0xff);
}

static void write_file(const void *bytes, size_t len)
{
    int fd = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

    assert_true(fd >= 0);
    assert_int_equal(write(fd, bytes, len), len);
    (void)close(fd);
}

static size_t read_file(uint8_t **ret_bytes)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    struct stat st;

    assert_true(fd >= 0 && fstat(fd, &st) == 0);
    *ret_bytes = malloc((size_t)st.st_size);
    assert_int_equal(read(fd, *ret_bytes, (size_t)st.st_size), st.st_size);
    (void)close(fd);
    return (size_t)st.st_size;
}

/* --- life ------------------------------------------------------------------------------------------------------ */

static void test_create_and_reopen(void **state)
{
    struct tk_ring *q = open_ring(SIZE + 1);
    struct tk_record rec;
    uint8_t uuid[16];
    struct stat st;

    (void)state;
    memcpy(uuid, tk_ring_uuid(q), sizeof(uuid));
    assert_string_equal(tk_ring_path(q), path);
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(st.st_mode & 07777, 0600);
    assert_int_equal(st.st_size, tk_ring_capacity(q) + TK_RING_HEADER_BYTES);
    assert_true((uint64_t)st.st_blocks * 512 >= tk_ring_capacity(q)); /* preallocated */
    assert_true(tk_ring_capacity(q) > SIZE && tk_ring_first_seq(q) == 1 && tk_ring_recovered(q) == 0);
    for (int i = 0; i < 3; i++)
        put(q, 100);
    take(q, 1, 100);
    tk_ring_release(q, q->read.position);
    tk_ring_free(q);

    q = open_ring(SIZE + 1);
    assert_memory_equal(tk_ring_uuid(q), uuid, 16);
    assert_true(tk_ring_first_seq(q) == 4 && tk_ring_recovered(q) == 2 && tk_ring_next_seq(q) == 4);
    take(q, 2, 100);
    put(q, 50);
    tk_ring_abandon(q); /* killed */

    q = open_ring(SIZE + 1);
    assert_true(tk_ring_first_seq(q) == 5 && tk_ring_recovered(q) == 3);
    assert_memory_equal(tk_ring_uuid(q), uuid, 16);
    take(q, 2, 100);
    take(q, 3, 100);
    take(q, 4, 50);
    assert_int_equal(tk_ring_read(q, &rec), 0);
    tk_ring_free(q);
}

/* After a loss of power Kafka may have records that the disk has not: their event IDs must not be used again. */
static void test_a_new_name_after_a_loss_of_power(void **state)
{
    struct tk_ring *q = open_ring(SIZE);
    struct tk_record rec;
    uint8_t uuid[16];

    (void)state;
    memcpy(uuid, tk_ring_uuid(q), sizeof(uuid));
    put(q, 10);
    q->header.boot ^= 2;
    tk_ring_store_header(q, 0, 1);
    tk_ring_abandon(q);
    q = open_ring(SIZE);
    assert_memory_not_equal(tk_ring_uuid(q), uuid, 4);
    assert_memory_equal(tk_ring_uuid(q) + 4, uuid + 4, 12);
    put(q, 11);
    assert_int_equal(tk_ring_read(q, &rec), 1);
    assert_memory_equal(rec.queue, uuid, 4);
    assert_int_equal(tk_ring_read(q, &rec), 1);
    assert_memory_equal(rec.queue, tk_ring_uuid(q), 4);
    q->header.boot ^= 2;
    memcpy(uuid, tk_ring_uuid(q), sizeof(uuid));
    tk_ring_free(q); /* an orderly stop before the machine stops: Kafka has no record that the disk has not */
    q = open_ring(SIZE);
    assert_memory_equal(tk_ring_uuid(q), uuid, 16);
    assert_int_equal(tk_ring_recovered(q), 2);
    tk_ring_free(q);
}

/* The header on the disk may be laps behind, because an empty ring starts again at its beginning. */
static void test_a_header_that_is_laps_behind(void **state)
{
    struct tk_ring *q = open_ring(SIZE);
    uint8_t header[TK_RING_HEADER_BYTES];
    struct tk_ring_header h;
    struct tk_record rec;
    uint64_t seq;

    (void)state;
    memcpy(header, q->file.base, sizeof(header));
    for (int i = 0; i < 5000; i++) {
        put(q, 200);
        assert_int_equal(tk_ring_read(q, &rec), 1);
        tk_ring_release(q, rec.end);
    }
    assert_true(q->head > 3 * SIZE);
    put(q, 201);
    seq = tk_ring_next_seq(q);
    assert_true(tk_header_load(header, &h) == TK_HEADER_INTACT);
    h.boot ^= 2;
    tk_header_store(header, &h);
    tk_header_store(header, &h);
    memcpy(q->file.base, header, sizeof(header));
    tk_ring_abandon(q);
    q = open_ring(SIZE);
    assert_int_equal(tk_ring_first_seq(q), seq);
    while (tk_ring_read(q, &rec) == 1 && rec.body_len == 200)
        ;
    assert_true(rec.body_len == 201 && rec.seq == seq - 1);
    tk_ring_free(q);
}

/* --- refused --------------------------------------------------------------------------------------------------- */

static void test_refused(void **state)
{
    static const char foreign[] = "this is somebody's file, which must not be written over";
    struct tk_ring_header h;
    struct tk_ring *q;
    uint8_t *bytes;
    size_t len;

    (void)state;
    write_file(foreign, sizeof(foreign));
    refused(SIZE, "not a queue of trapkafka");
    len = read_file(&bytes);
    assert_true(len == sizeof(foreign) && memcmp(bytes, foreign, len) == 0);
    free(bytes);
    assert_int_equal(chmod(path, 0640), 0);
    refused(SIZE, "chmod 600");
    assert_int_equal(unlink(path), 0);

    assert_int_equal(symlink("elsewhere", path), 0);
    refused(SIZE, "a symbolic link");
    assert_int_equal(unlink(path), 0);
    assert_int_equal(mkfifo(path, 0600), 0);
    refused(SIZE, "not a regular file");
    assert_int_equal(unlink(path), 0);
    assert_int_equal(mkdir(path, 0700), 0);
    refused(SIZE, "not a regular file");
    assert_int_equal(rmdir(path), 0);
    refused((size_t)1 << 55, "no space");
    assert_true(access(path, F_OK) < 0);

    q = open_ring(SIZE);
    h = q->header;
    tk_ring_free(q);
    len = read_file(&bytes);
    for (int i = 0; i < 2; i++) { /* a header of a later version, with a correct checksum */
        size_t at = (size_t)i * TK_RING_HEADER_STEP;

        memcpy(&h, bytes + at, sizeof(h));
        h.format = 9;
        h.crc = tk_crc32c(tk_crc32c(0, &h, 12), (const uint8_t *)&h + 16, sizeof(h) - 16);
        memcpy(bytes + at, &h, sizeof(h));
    }
    write_file(bytes, len);
    free(bytes);
    refused(SIZE, "has format 9");
}

static void test_missing_folder(void **state)
{
    (void)state;
    (void)strcat(path, "/deeper");
    refused(SIZE, "the folder does not exist");
    path[strlen(path) - 7] = '\0';
}

static void in_child(void (*what)(void))
{
    pid_t pid = fork();
    int status = -1;

    assert_true(pid >= 0);
    if (pid == 0) {
        what();
        _exit(0);
    }
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_int_equal(status, 0);
}

static void expect_refusal(const char *what)
{
    struct tk_err child_err = {.is_set = false};

    if (tk_ring_open(path, SIZE, &child_err) || !strstr(child_err.text, what)) {
        print_error("said: %s\n", child_err.text);
        _exit(1);
    }
}

static void become_nobody(void)
{
    if (geteuid() == 0 && setresuid(NOBODY, NOBODY, NOBODY) < 0)
        _exit(2);
}

static void child_without_folder(void)
{
    become_nobody();
    expect_refusal("may not write in the folder");
}

static void child_without_ownership(void)
{
    become_nobody();
    expect_refusal(geteuid() == NOBODY ? "uid" : "");
}

static void child_with_small_limit(void)
{
    const struct rlimit limit = {.rlim_cur = SIZE, .rlim_max = SIZE};

    (void)setrlimit(RLIMIT_FSIZE, &limit);
    expect_refusal("LimitFSIZE");
    if (access(path, F_OK) == 0)
        _exit(3);
}

static void child_beside_us(void)
{
    expect_refusal("in use by another process");
}

static void test_refused_by_the_machine(void **state)
{
    struct tk_ring *q;

    (void)state;
    assert_int_equal(chmod(folder, 0555), 0);
    in_child(child_without_folder);
    assert_int_equal(chmod(folder, 0755), 0);
    in_child(child_with_small_limit);
    q = open_ring(SIZE);
    in_child(child_beside_us);
    refused(SIZE, "in use by another process");
    tk_ring_free(q);
    if (geteuid() == 0) {
        assert_int_equal(chown(path, 1, (gid_t)-1), 0);
        refused(SIZE, "belongs to uid 1");
    }
    if (geteuid() == 0)
        in_child(child_without_ownership);
}

/* --- sizes ----------------------------------------------------------------------------------------------------- */

static void test_other_sizes(void **state)
{
    struct tk_ring *q = open_ring(SIZE);
    uint8_t uuid[16];

    (void)state;
    memcpy(uuid, tk_ring_uuid(q), sizeof(uuid));
    for (int i = 0; i < 10; i++)
        put(q, 100000);
    q->view.map[5 * tk_record_bytes(100000) + 500] ^= 1; /* the sixth */
    tk_ring_free(q);
    refused(SIZE / 2, "write a size of at least 880K");
    write_file("", 0);
    assert_int_equal(rename(path, other), 0);
    q = open_ring(SIZE); /* anew */
    tk_ring_free(q);
    assert_true(access(other, F_OK) < 0); /* a leftover is removed */
    assert_int_equal(unlink(path), 0);

    q = open_ring(SIZE);
    for (int i = 0; i < 10; i++)
        put(q, 100000);
    q->view.map[5 * tk_record_bytes(100000) + 500] ^= 1;
    tk_ring_abandon(q);
    for (int i = 0; i < 3; i++) {
        struct tk_record rec;

        q = open_ring(i == 0 ? 3 * SIZE : i == 1 ? 880 * 1024 : SIZE);
        assert_int_equal(tk_ring_recovered(q), 10);
        assert_int_equal(tk_ring_first_seq(q), 11);
        for (uint64_t seq = 1; seq <= 10; seq++) {
            if (seq != 6) {
                take(q, seq, 100000);
                continue;
            }
            assert_int_equal(tk_ring_read(q, &rec), -EBADMSG);
            assert_int_equal(rec.lost, 1);
        }
        assert_int_equal(tk_ring_read(q, &rec), 0);
        tk_ring_free(q);
        assert_true(access(other, F_OK) < 0);
    }
    write_file("", 0);
    q = open_ring(SIZE); /* an empty file is taken */
    tk_ring_free(q);
}

/* --- killed ---------------------------------------------------------------------------------------------------- */

#ifdef TK_DEVEL
/* A life that reaches every kill point: 5 records, 2 of them finished, then another size. */
static void live(void)
{
    struct tk_ring *q = tk_ring_open(path, SIZE, NULL);
    struct tk_record rec;

    for (int i = 0; q && i < 5; i++)
        put(q, 100);
    for (int i = 0; q && i < 2; i++) {
        (void)tk_ring_read(q, &rec);
        tk_ring_release(q, rec.end);
    }
    tk_ring_abandon(q);
    (void)tk_ring_open(path, 2 * SIZE, NULL);
}

static void test_killed_at_every_point(void **state)
{
    static const struct {
        const char *at;
        uint64_t first, next;
    } point[] = {
        {"ring-create", 1, 1},        {"ring-create:2", 1, 1},     {"ring-create:3", 1, 1}, {"ring-reopen", 1, 1},
        {"ring-body", 1, 2},          {"ring-body:5", 1, 6},       {"ring-head", 1, 2},     {"ring-head:5", 1, 6},
        {"ring-tail-before:2", 2, 6}, {"ring-tail-after:2", 3, 6}, {"ring-grow", 3, 6},     {"ring-reopen:2", 3, 6},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(point) / sizeof(point[0]); i++) {
        struct tk_record rec;
        struct tk_ring *q;
        pid_t pid = fork();
        int status = 0;

        if (pid == 0) {
            (void)setenv("TRAPKAFKA_KILL_AT", point[i].at, 1);
            live();
            _exit(0);
        }
        assert_int_equal(waitpid(pid, &status, 0), pid);
        assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
        q = open_ring(SIZE);
        assert_int_equal(tk_ring_first_seq(q), point[i].next);
        assert_int_equal(point[i].next - tk_ring_recovered(q), point[i].first);
        for (uint64_t n = tk_ring_recovered(q); n; n--)
            take(q, point[i].next - n, 100);
        assert_int_equal(tk_ring_read(q, &rec), 0);
        tk_ring_free(q);
        assert_true(access(other, F_OK) < 0);
        assert_int_equal(unlink(path), 0);
    }
}
#endif

/* --- faults ---------------------------------------------------------------------------------------------------- */

static void test_file_is_cut_under_us(void **state)
{
    struct tk_ring *q = open_ring(SIZE);
    struct tk_record rec;
    uint64_t good = 0, lost = 0;
    int ret;

    (void)state;
    for (int i = 0; i < 100; i++)
        put(q, 5000);
    assert_int_equal(truncate(path, TK_RING_HEADER_BYTES + 250000), 0);
    put(q, 5000);
    while ((ret = tk_ring_read(q, &rec)) != 0) {
        good += ret == 1;
        lost += rec.lost;
    }
    assert_int_equal(good + lost, 101);
    assert_true(good >= 48 && lost > 45);
    assert_true(tk_ring_faults(q) >= 1);
    tk_ring_release(q, q->read.position);
    for (int i = 0; i < 20; i++)
        put(q, 70);
    for (uint64_t seq = 102; seq < 122; seq++)
        take(q, seq, 70);
    assert_int_equal(truncate(path, 0), 0);
    tk_ring_release(q, q->read.position);
    put(q, 71);
    while (tk_ring_touch(q))
        ;
    take(q, 122, 71);
    tk_ring_free(q);
    q = open_ring(SIZE);
    tk_ring_free(q);
}

/* After a fault the ring is limited: the rest of a large file would take as much memory. */
static void test_faulty_file_takes_no_more_than_memory_can_bear(void **state)
{
    struct tk_ring *q = open_ring((size_t)96 << 20);

    (void)state;
    assert_int_equal(truncate(path, TK_RING_HEADER_BYTES), 0);
    put(q, 70);
    tk_ring_note(q);
    while (tk_ring_reserve(q, TK_TRAP_MAX_BYTES))
        put(q, TK_TRAP_MAX_BYTES);
    assert_in_range(tk_ring_used(q), TK_RING_FAULTY_ROOM - 2 * TK_TRAP_MAX_BYTES, TK_RING_FAULTY_ROOM);
    tk_ring_free(q);
}

/* A fault elsewhere is passed to the earlier handler; here there is none. @returns how the child ended */
static int end_of_child(bool is_sent)
{
    pid_t pid = fork();
    int status = 0;

    if (pid == 0) {
        (void)signal(SIGBUS, SIG_DFL); /* cmocka has one */
        if (!tk_ring_open(path, SIZE, &err))
            _exit(1);
        if (is_sent) {
            (void)raise(SIGBUS);
        } else {
            int fd = open(other, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
            volatile uint8_t *map = mmap(NULL, 4096, PROT_READ, MAP_SHARED, fd, 0);

            _exit(*map);
        }
        _exit(0);
    }
    assert_int_equal(waitpid(pid, &status, 0), pid);
    return status;
}

static void test_fault_of_somebody_else(void **state)
{
    (void)state;
    for (int i = 0; i < 2; i++) {
        int status = end_of_child(i == 0);

        assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGBUS);
    }
}

/* --- cost ------------------------------------------------------------------------------------------------------ */

static void test_few_page_faults(void **state)
{
    struct tk_ring *q = open_ring(16 * SIZE);
    long before, faults = 0;
    struct tk_record rec;
    struct rusage use;

    (void)state;
    for (int batch = 0; batch < 1000; batch++) {
        (void)getrusage(RUSAGE_THREAD, &use);
        before = use.ru_minflt;
        for (int i = 0; i < 100; i++)
            put(q, 300);
        (void)getrusage(RUSAGE_THREAD, &use);
        faults += use.ru_minflt - before;
        for (int i = 0; i < 100; i++)
            assert_int_equal(tk_ring_read(q, &rec), 1);
        if (batch % 3 == 0)
            tk_ring_release(q, q->read.position);
        while (tk_ring_touch(q))
            ;
    }
    print_message("%ld page faults in 100,000 records\n", faults);
    assert_true(faults < 500);
    tk_ring_free(q);
}

/* --- looking from outside -------------------------------------------------------------------------------------- */

static void peek(uint64_t first, uint64_t next, bool is_in_use, unsigned damaged)
{
    static uint8_t body[TK_TRAP_MAX_BYTES];
    struct tk_peek *p = tk_peek_open(path, &err);
    const struct tk_peek_facts *facts;
    struct tk_record rec;
    int ret;

    assert_non_null(p);
    facts = tk_peek_facts(p);
    assert_true(facts->format == 1 && facts->capacity == SIZE && facts->is_in_use == is_in_use);
    assert_true(facts->tail_seq == first && facts->head_seq == next);
    while ((ret = tk_peek_next(p, body, sizeof(body), &rec)) != 0) {
        assert_int_equal(rec.seq, first);
        if (ret == 1) {
            assert_ptr_equal(rec.body, body);
            assert_int_equal(body[rec.body_len - 1], first & 0xff);
            first++;
            continue;
        }
        assert_int_equal(ret, -EBADMSG);
        assert_int_equal(rec.lost, 1);
        first++;
        damaged--;
    }
    assert_int_equal(first, next);
    assert_int_equal(damaged, 0);
    tk_peek_free(p);
}

static void test_peek(void **state)
{
    struct tk_ring *q = open_ring(SIZE);
    struct tk_record rec;
    struct tk_peek *p;
    uint8_t body[300];

    (void)state;
    assert_null(tk_peek_open(folder, &err));
    assert_true(err.is_set);
    tk_err_clear(&err);
    peek(1, 1, true, 0);
    for (int i = 0; i < 20; i++)
        put(q, 300);
    peek(1, 21, true, 0);
    q->view.map[3 * tk_record_bytes(300) + 100] ^= 1; /* the fourth */
    tk_ring_note(q);
    peek(1, 21, true, 1);
    assert_int_equal(tk_ring_read(q, &rec), 1);
    tk_ring_release(q, rec.end);
    p = tk_peek_open(path, &err);
    assert_int_equal(tk_peek_next(p, body, sizeof(body), &rec), 1);
    assert_int_equal(rec.seq, 2);
    for (int i = 0; i < 10; i++)
        (void)tk_ring_read(q, &rec);
    tk_ring_release(q, q->read.position);
    q->view.map[2 * tk_record_bytes(300)] ^= 1; /* to the reader it looks overwritten */
    assert_int_equal(tk_peek_next(p, body, sizeof(body), &rec), 1);
    assert_int_equal(rec.seq, q->read.seq);
    tk_peek_free(p);
    tk_ring_free(q);
    peek(12, 21, false, 0);
    p = tk_peek_open(path, &err);
    assert_int_equal(truncate(path, 100), 0);
    while (tk_peek_next(p, body, sizeof(body), &rec) != 0)
        ;
    tk_peek_free(p);
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        T(test_create_and_reopen),
        T(test_a_new_name_after_a_loss_of_power),
        T(test_a_header_that_is_laps_behind),
        T(test_refused),
        T(test_missing_folder),
        T(test_refused_by_the_machine),
        T(test_other_sizes),
#ifdef TK_DEVEL
        T(test_killed_at_every_point),
#endif
        T(test_file_is_cut_under_us),
        T(test_faulty_file_takes_no_more_than_memory_can_bear),
        T(test_fault_of_somebody_else),
        T(test_few_page_faults),
        T(test_peek),
    };
#undef T

    return cmocka_run_group_tests(tests, NULL, NULL);
}
