/* SPDX-License-Identifier: Apache-2.0 */
/* The lines of snmptrapd's configuration, in net-snmp's order. A row of the table is a few files and what is read of them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "config/conf_lines.h"

#define SEEN_BYTES 4096

/* @ in a text is the folder of the files. */
static const struct row {
    const char *name;
    struct {
        const char *path, *text;
    } files[4];
    const char *list; /* of files; NULL: the folders that follow */
    const char *folders;
    const char *seen; /* FILE:LINE TYPE TOKEN|REST; or FILE?ERRNO */
} rows[] = {
    {"lines, words and comments",
     {{"a", "one  two three \n\n  # no\n#no\n\t last\r\nend"}},
     "@a",
     NULL,
     "a:1 snmptrapd one|two three\na:5 snmptrapd last|\na:6 snmptrapd end|\n"},
    {"a type for one line, and for the rest of the file",
     {{"a", "[snmp] x 1\ny 2\n[snmp]\nz 3\n[snmptrapd] w 4\nv 5\n"}, {"b", "u 6\n"}},
     "@a,@b",
     NULL,
     "a:1 snmp x|1\na:2 snmptrapd y|2\na:4 snmp z|3\na:5 snmptrapd w|4\na:6 snmp v|5\nb:1 snmptrapd u|6\n"},
    {"an included file is read where its line stands, beside the file that names it",
     {{"a", "x 1\nincludeFile b\ny 2\n"}, {"b", "z 3\n"}},
     "@a",
     NULL,
     "a:1 snmptrapd x|1\nb:1 snmptrapd z|3\na:2 snmptrapd includeFile|b\na:3 snmptrapd y|2\n"},
    {"an absolute path, and one that is not there",
     {{"a", "INCLUDEFILE @b\nincludefile none\n"}, {"b", "z 3\n"}},
     "@a",
     NULL,
     "b:1 snmptrapd z|3\na:1 snmptrapd INCLUDEFILE|@b\nnone?2\na:2 snmptrapd includefile|none\n"},
    {"of a folder only NAME.conf",
     {{"d/x.conf", "x 1\n"}, {"d/.y.conf", "y 2\n"}, {"d/z", "z 3\n"}, {"a", "includeDir @d\nincludeDir @e\n"}},
     "@a",
     NULL,
     "d/x.conf:1 snmptrapd x|1\na:1 snmptrapd includeDir|@d\ne?2\na:2 snmptrapd includeDir|@e\n"},
    {"a file that includes itself",
     {{"a", "x 1\nincludeFile a\n"}},
     "@a",
     NULL,
     "a:1 snmptrapd x|1\na:1 snmptrapd x|1\na:1 snmptrapd x|1\na:1 snmptrapd x|1\na:1 snmptrapd x|1\n"
     "a:1 snmptrapd x|1\na:1 snmptrapd x|1\na:1 snmptrapd x|1\na?40\n"
     "a:2 snmptrapd includeFile|a\na:2 snmptrapd includeFile|a\na:2 snmptrapd includeFile|a\n"
     "a:2 snmptrapd includeFile|a\na:2 snmptrapd includeFile|a\na:2 snmptrapd includeFile|a\n"
     "a:2 snmptrapd includeFile|a\na:2 snmptrapd includeFile|a\n"},
    {"folders in their order, and two names in each; what is not there is no fault",
     {{"d/snmptrapd.conf", "x 1\n"}, {"d/snmptrapd.local.conf", "y 2\n"}, {"snmptrapd.conf", "z 3\n"}},
     NULL,
     "@d::@none:@",
     "d/snmptrapd.conf:1 snmptrapd x|1\nd/snmptrapd.local.conf:1 snmptrapd y|2\nsnmptrapd.conf:1 snmptrapd z|3\n"},
    {"a folder in place of a file", {{"d/x", ""}}, "@d,@none", NULL, "d?21\nnone?2\n"},
    {"no further line",
     {{"a", "x 1\nstop here\ny 2\n"}, {"b", "z 3\n"}},
     "@a,@b",
     NULL,
     "a:1 snmptrapd x|1\na:2 snmptrapd stop|here\n"},
};

static char top[] = "/tmp/test_conf_lines.XXXXXX";
static char seen[SEEN_BYTES];

/* Put the folder, with a slash, in the place of each @. */
static const char *expand(char *dst, const char *text)
{
    size_t len = 0;

    for (; *text; text++)
        if (*text == '@')
            len += (size_t)snprintf(dst + len, SEEN_BYTES - len, "%s/", top);
        else
            dst[len++] = *text;
    dst[len] = '\0';
    return dst;
}

static const char *below_top(const char *path)
{
    if (strncmp(path, top, strlen(top)) != 0)
        return path;
    path += strlen(top);
    return path + strspn(path, "/");
}

__attribute__((format(printf, 1, 2))) static void note(const char *fmt, ...)
{
    size_t len = strlen(seen);
    va_list ap;

    va_start(ap, fmt);
    (void)vsnprintf(seen + len, sizeof(seen) - len, fmt, ap);
    va_end(ap);
}

static void on_line(void *arg, const struct tk_conf_line *line)
{
    struct tk_conf_walk *walk = arg;

    note("%s:%u %s %s|%s\n", below_top(line->file), line->number, line->type, line->token, line->rest);
    walk->is_done = strcmp(line->token, "stop") == 0;
}

static void on_unread(void *arg, const char *path, const struct tk_conf_line *by, int error)
{
    (void)arg, (void)by;
    note("%s?%d\n", below_top(path), error);
}

static void check_row(const struct row *row)
{
    struct tk_conf_walk walk = {.on_line = on_line, .on_unread = on_unread, .arg = &walk};
    char text[SEEN_BYTES], path[PATH_MAX], folder[PATH_MAX];

    (void)snprintf(folder, sizeof(folder), "%s/d", top);
    (void)mkdir(folder, 0700);
    for (size_t i = 0; i < 4 && row->files[i].path; i++) {
        FILE *f;

        (void)snprintf(path, sizeof(path), "%s/%s", top, row->files[i].path);
        f = fopen(path, "w");
        assert_non_null(f);
        (void)fputs(expand(text, row->files[i].text), f);
        (void)fclose(f);
    }
    seen[0] = '\0';
    if (row->list)
        tk_conf_walk_files(&walk, expand(text, row->list));
    else
        tk_conf_walk_folders(&walk, expand(text, row->folders));
    if (strcmp(seen, expand(text, row->seen)) != 0)
        fail_msg("%s:\nread:\n%sexpected:\n%s", row->name, seen, text);
    for (size_t i = 0; i < 4 && row->files[i].path; i++) {
        (void)snprintf(path, sizeof(path), "%s/%s", top, row->files[i].path);
        (void)unlink(path);
    }
    assert_int_equal(rmdir(folder), 0);
}

static void lines_in_their_order(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        check_row(&rows[i]);
}

static void no_list(void **state)
{
    struct tk_conf_walk walk = {.on_line = on_line, .arg = &walk};

    (void)state;
    tk_conf_walk_files(&walk, NULL);
    tk_conf_walk_folders(&walk, NULL);
    tk_conf_walk_file(&walk, "/nonexistent"); /* nobody wants to know */
    assert_int_equal(walk.files, 0);
}

static int setup(void **state)
{
    (void)state;
    return mkdtemp(top) ? 0 : -1;
}

static int teardown(void **state)
{
    (void)state;
    return rmdir(top);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lines_in_their_order),
        cmocka_unit_test(no_list),
    };

    return cmocka_run_group_tests(tests, setup, teardown);
}
