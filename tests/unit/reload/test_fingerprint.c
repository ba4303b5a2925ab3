/* SPDX-License-Identifier: Apache-2.0 */
/* A fingerprint changes when a file, a folder or a setting changes. Otherwise it stays the same. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "reload/fingerprint.h"

static char top[] = "test_fingerprint.XXXXXX", file[64], entry[80], folder[64];

static void write_text(const char *path, const char *text)
{
    FILE *f = fopen(path, "w");

    assert_non_null(f);
    (void)fputs(text, f);
    assert_int_equal(fclose(f), 0);
}

static int setup(void **state)
{
    (void)state;
    if (!mkdtemp(top))
        return -1;
    (void)snprintf(file, sizeof(file), "%s/file", top);
    (void)snprintf(folder, sizeof(folder), "%s/folder", top);
    (void)snprintf(entry, sizeof(entry), "%s/entry", folder);
    return mkdir(folder, 0700);
}

static int teardown(void **state)
{
    (void)state;
    (void)unlink(file);
    (void)unlink(entry);
    return rmdir(folder) + rmdir(top);
}

/* As an hour after the last change. */
static struct tk_fingerprint later(void)
{
    struct tk_fingerprint f;

    tk_fingerprint_begin(&f, tk_clock_now().wall + 3600 * TK_SECOND);
    tk_fingerprint_add_file(&f, file);
    tk_fingerprint_add_file(&f, NULL);
    tk_fingerprint_add_folder(&f, folder);
    return f;
}

static void in_place(void)
{
    write_text(file, "another size");
}

static void same_size(void)
{
    static const struct timespec times[2] = {{.tv_sec = 1}, {.tv_sec = 1}};
    int fd = open(file, O_WRONLY);

    assert_int_equal(pwrite(fd, "x", 1, 0), 1);
    assert_int_equal(futimens(fd, times), 0);
    (void)close(fd);
}

static void renamed_over(void)
{
    char beside[80];

    (void)snprintf(beside, sizeof(beside), "%s.new", file);
    write_text(beside, "another size");
    assert_int_equal(rename(beside, file), 0);
}

static void of_an_entry(void)
{
    write_text(entry, "longer than before");
}

static void new_entry(void)
{
    char other[100];

    (void)snprintf(other, sizeof(other), "%s2", entry);
    write_text(other, "");
}

static void gone_entry(void)
{
    char other[100];

    (void)snprintf(other, sizeof(other), "%s2", entry);
    assert_int_equal(unlink(other), 0);
}

static void each_change_is_seen(void **state)
{
    static void (*const changes[])(void) = {in_place, same_size, renamed_over, of_an_entry, new_entry, gone_entry};
    struct tk_fingerprint before, after;

    (void)state;
    write_text(file, "text");
    write_text(entry, "text");
    before = later();
    for (size_t i = 0; i < sizeof(changes) / sizeof(*changes); i++) {
        after = later();
        assert_true(tk_fingerprint_equal(&before, &after));
        changes[i]();
        after = later();
        assert_false(tk_fingerprint_equal(&before, &after));
        before = after;
    }
}

static void what_just_changed_is_like_nothing(void **state)
{
    struct stat st;
    struct tk_fingerprint f;
    tk_nsec changed;

    (void)state;
    write_text(file, "text");
    assert_int_equal(stat(file, &st), 0);
    changed = st.st_ctim.tv_sec * TK_SECOND + st.st_ctim.tv_nsec;
    for (int i = 0; i < 2; i++) {
        tk_fingerprint_begin(&f, changed + 2 * TK_SECOND + i - 1);
        tk_fingerprint_add_file(&f, file);
        assert_int_equal(tk_fingerprint_equal(&f, &f), i);
    }
}

static void what_is_missing_is_like_nothing(void **state)
{
    struct tk_fingerprint f;

    (void)state;
    tk_fingerprint_begin(&f, tk_clock_now().wall);
    tk_fingerprint_add_file(&f, "/no/such/file");
    assert_false(tk_fingerprint_equal(&f, &f));
    tk_fingerprint_begin(&f, tk_clock_now().wall);
    tk_fingerprint_add_folder(&f, "/no/such/folder");
    assert_false(tk_fingerprint_equal(&f, &f));
}

/* "a","bc" is not "ab","c", and no file is not an empty setting twice. */
static void pieces_are_told_apart(void **state)
{
    struct tk_fingerprint f[3];

    (void)state;
    for (int i = 0; i < 3; i++) {
        tk_fingerprint_begin(f + i, 0);
        tk_fingerprint_add(f + i, "abc", (size_t)i);
        tk_fingerprint_add(f + i, &"abc"[i], (size_t)(3 - i));
        for (int before = 0; before < i; before++)
            assert_false(tk_fingerprint_equal(f + before, f + i));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_change_is_seen),
        cmocka_unit_test(what_just_changed_is_like_nothing),
        cmocka_unit_test(what_is_missing_is_like_nothing),
        cmocka_unit_test(pieces_are_told_apart),
    };

    return cmocka_run_group_tests(tests, setup, teardown);
}
