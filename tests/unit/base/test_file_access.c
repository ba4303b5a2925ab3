/* SPDX-License-Identifier: Apache-2.0 */
#include "base/file_access.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pwd.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#define NOBODY 65534

static char folder[256];
static uid_t user; /* an ordinary one: modes mean nothing to root */

static const char *path_of(const char *name)
{
    static char path[512];

    (void)snprintf(path, sizeof(path), "%s/%s", folder, name);
    return path;
}

static const char *why_not(const char *path)
{
    static char why[TK_FILE_ACCESS_BYTES];
    int fd = open(path, O_RDONLY);

    assert_int_equal(fd, -1);
    return tk_file_access_why(why, sizeof(why), path, errno);
}

static void assert_says(const char *text, const char *part)
{
    if (!strstr(text, part))
        fail_msg("'%s' does not say '%s'", text, part);
}

/* "user 'nobody'", or "user with ID 65534" */
static const char *name_of(uid_t uid)
{
    static char name[128];
    const struct passwd *entry = getpwuid(uid);

    if (entry)
        (void)snprintf(name, sizeof(name), "'%s'", entry->pw_name);
    else
        (void)snprintf(name, sizeof(name), "with ID %lu", (unsigned long)uid);
    return name;
}

static void make_file(const char *name, mode_t mode)
{
    int fd = open(path_of(name), O_CREAT | O_WRONLY, 0600);

    assert_true(fd >= 0);
    assert_int_equal(fchmod(fd, mode), 0);
    assert_int_equal(close(fd), 0);
}

static void test_missing(void **state)
{
    (void)state;
    assert_says(why_not(path_of("no.csv")), "No such file or directory: the file '");
    assert_says(why_not(path_of("no.csv")), "/no.csv' does not exist");
    assert_says(why_not(path_of("no/such/file.csv")), "No such file or directory: the folder '");
    assert_says(why_not(path_of("no/such/file.csv")), "/no' does not exist");
    assert_says(why_not("relative/no.csv"), "the folder 'relative' does not exist");
    assert_string_equal(why_not(""), "No such file or directory: the file '' does not exist");
}

static void test_no_folder(void **state)
{
    (void)state;
    make_file("plain", 0644);
    assert_says(why_not(path_of("plain/x.csv")), "Not a directory: '");
    assert_says(why_not(path_of("plain/x.csv")), "/plain' is no folder");
}

static void test_denied_folder(void **state)
{
    char part[1024];

    (void)state;
    assert_int_equal(mkdir(path_of("a"), 0755), 0);
    assert_int_equal(mkdir(path_of("a/secret"), 0755), 0);
    assert_int_equal(mkdir(path_of("a/secret/b"), 0755), 0);
    make_file("a/secret/b/x.csv", 0644);
    assert_int_equal(chmod(path_of("a/secret"), 0), 0);
    (void)snprintf(part, sizeof(part), "user %s may not enter the folder '%s'", name_of(user), path_of("a/secret"));
    assert_int_equal(seteuid(user), 0);
    assert_says(why_not(path_of("a/secret/b/x.csv")), "Permission denied: ");
    assert_says(why_not(path_of("a/secret/b/x.csv")), part);
    assert_says(why_not(path_of("a/secret/nothing")), part);
    assert_int_equal(seteuid(getuid()), 0);
    assert_int_equal(chmod(path_of("a/secret"), 0700), 0);
}

static void test_denied_file(void **state)
{
    char part[256];

    (void)state;
    make_file("x.csv", 0);
    (void)snprintf(part, sizeof(part), "Permission denied: user %s may not read it (owner ", name_of(user));
    assert_int_equal(seteuid(user), 0);
    assert_says(why_not(path_of("x.csv")), part);
    assert_says(why_not(path_of("x.csv")), "mode 0000)");
    assert_int_equal(seteuid(getuid()), 0);
}

/* The modes permit it, and the kernel refused it all the same. */
static void test_denied_by_others(void **state)
{
    char why[TK_FILE_ACCESS_BYTES];

    (void)state;
    make_file("open.csv", 0644);
    assert_says(tk_file_access_why(why, sizeof(why), path_of("open.csv"), EACCES), "AppArmor");
    assert_string_equal(tk_file_access_why(why, sizeof(why), path_of("open.csv"), EIO), strerror(EIO));
    assert_string_equal(tk_file_access_why(why, sizeof(why), path_of("no.csv"), EACCES), strerror(EACCES));
}

static void test_long_paths(void **state)
{
    static char path[3 * PATH_MAX];
    char why[TK_FILE_ACCESS_BYTES];

    (void)state;
    memset(path, '/', sizeof(path) - 1);
    for (size_t len = 1; len < sizeof(path); len += 1021) {
        path[len - 1] = 'x';
        memset(why, 'y', sizeof(why));
        (void)tk_file_access_why(why, sizeof(why), path + sizeof(path) - 1 - len, ENOENT);
        assert_non_null(memchr(why, '\0', sizeof(why)));
    }
    assert_string_equal(tk_file_access_why(why, sizeof(why), path, ENAMETOOLONG), strerror(ENAMETOOLONG));
}

static int make_folder(void **state)
{
    const char *tmp = getenv("TMPDIR");

    (void)state;
    user = geteuid() == 0 ? NOBODY : geteuid();
    (void)snprintf(folder, sizeof(folder), "%s/test_file_access.XXXXXX", tmp ? tmp : "/tmp");
    return mkdtemp(folder) ? chmod(folder, 0755) : -1;
}

static int remove_folder(void **state)
{
    static const char *const names[] =
        {"a/secret/b/x.csv", "a/secret/b", "a/secret", "a", "plain", "x.csv", "open.csv", ""};

    (void)state;
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        (void)remove(path_of(names[i]));
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_missing),          cmocka_unit_test(test_no_folder),
        cmocka_unit_test(test_denied_folder),    cmocka_unit_test(test_denied_file),
        cmocka_unit_test(test_denied_by_others), cmocka_unit_test(test_long_paths),
    };

    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
