/* SPDX-License-Identifier: Apache-2.0 */
#include "delivery/undeliverable.h"

#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

static char folder[200], file[256], older[260];

static int setup(void **state)
{
    const char *tmp = getenv("TMPDIR");

    (void)state;
    (void)snprintf(folder, sizeof(folder), "%s/undeliverable.XXXXXX", tmp ? tmp : "/tmp");
    if (!mkdtemp(folder))
        return -1;
    (void)snprintf(file, sizeof(file), "%s/queue.undeliverable", folder);
    (void)snprintf(older, sizeof(older), "%s.1", file);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    (void)unlink(file);
    (void)unlink(older);
    return rmdir(folder);
}

static int append(const char *line, uint64_t max_bytes)
{
    return tk_undeliverable_append(file, max_bytes, line, strlen(line));
}

static void assert_file(const char *path, const char *expected)
{
    char text[4096];
    FILE *f = fopen(path, "r");
    size_t n;

    assert_non_null(f);
    n = fread(text, 1, sizeof(text) - 1, f);
    text[n] = '\0';
    (void)fclose(f);
    assert_string_equal(text, expected);
}

static void test_appends(void **state)
{
    struct stat st;

    (void)state;
    assert_int_equal(append("one\n", 100), 0);
    assert_int_equal(append("two\n", 100), 0);
    assert_file(file, "one\ntwo\n");
    assert_int_equal(stat(file, &st), 0);
    assert_int_equal(st.st_mode & 07777, 0600);
    assert_int_equal(unlink(file), 0); /* somebody took it away */
    assert_int_equal(append("three\n", 100), 0);
    assert_file(file, "three\n");
}

static void test_two_generations(void **state)
{
    (void)state;
    assert_int_equal(append("1234\n", 10), 0);
    assert_int_equal(append("5678\n", 10), 0);
    assert_int_equal(access(older, F_OK), -1);
    assert_int_equal(append("x\n", 10), 0);
    assert_file(older, "1234\n5678\n");
    assert_file(file, "x\n");
    assert_int_equal(append("longer than it may be\n", 10), 0);
    assert_file(older, "x\n");
    assert_file(file, "longer than it may be\n");
    assert_int_equal(append("y\n", 10), 0);
    assert_file(older, "longer than it may be\n");
    assert_file(file, "y\n");
}

static void test_refuses_what_is_no_file(void **state)
{
    (void)state;
    assert_int_equal(symlink("/dev/null", file), 0);
    assert_int_equal(append("x\n", 100), -ELOOP);
    assert_int_equal(unlink(file), 0);
    assert_int_equal(mkfifo(file, 0600), 0);
    assert_int_equal(append("x\n", 100), -ENXIO); /* nobody reads, and it does not wait for one */
    assert_int_equal(unlink(file), 0);
    assert_int_equal(mkdir(file, 0700), 0);
    assert_int_equal(append("x\n", 100), -EISDIR);
    assert_int_equal(rmdir(file), 0);
    assert_int_equal(symlink("/dev/zero", file), 0);
    assert_int_equal(unlink(file), 0);
    assert_int_equal(tk_undeliverable_append("/dev/zero", 100, "x\n", 2), -ENOTSUP);
    assert_int_equal(tk_undeliverable_append("/nowhere/x", 100, "x\n", 2), -ENOENT);
}

/* The disk is full in the middle of a line: the line is not there at all. */
static void test_whole_lines_only(void **state)
{
    struct rlimit before, limit;

    (void)state;
    (void)signal(SIGXFSZ, SIG_IGN);
    assert_int_equal(append("12345678\n", 100), 0);
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
    limit = (struct rlimit){.rlim_cur = 12, .rlim_max = before.rlim_max};
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
    assert_int_equal(append("abcdefgh\n", 100), -EFBIG);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
    assert_file(file, "12345678\n");
    assert_int_equal(append("ijk\n", 100), 0);
    assert_file(file, "12345678\nijk\n");
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        T(test_appends),
        T(test_two_generations),
        T(test_refuses_what_is_no_file),
        T(test_whole_lines_only),
    };
#undef T

    return cmocka_run_group_tests(tests, NULL, NULL);
}
