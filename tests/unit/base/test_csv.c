/* SPDX-License-Identifier: Apache-2.0 */
#include "base/csv.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "temp_file.h"

static void write_file(const char *text, size_t len)
{
    FILE *f = fopen(path, "w");

    assert_non_null(f);
    assert_int_equal(fwrite(text, 1, len, f), len);
    assert_int_equal(fclose(f), 0);
}

static struct tk_csv *open_text(const char *text)
{
    struct tk_err_list errs = {0};
    struct tk_csv *csv;

    write_file(text, strlen(text));
    csv = tk_csv_new(path, &errs);
    if (!csv)
        fail_msg("line %u: %s", errs.err[0].line, errs.err[0].text);
    return csv;
}

static void check_field(const struct tk_csv *csv, unsigned column, const char *want)
{
    struct tk_csv_field f = tk_csv_field(csv, column);

    if (f.len != strlen(want) || memcmp(f.text, want, f.len) != 0)
        fail_msg("field %u: '%.*s' instead of '%s'", column, (int)f.len, f.text, want);
}

static void check_row(struct tk_csv *csv, unsigned line, const char *first, const char *second)
{
    struct tk_err_list errs = {0};

    assert_int_equal(tk_csv_next(csv, &errs), 1);
    assert_int_equal(tk_csv_line(csv), line);
    check_field(csv, 0, first);
    check_field(csv, 1, second);
}

static void check_end(struct tk_csv *csv)
{
    struct tk_err_list errs = {0};

    assert_int_equal(tk_csv_next(csv, &errs), 0);
    assert_true(tk_err_list_is_empty(&errs));
    tk_csv_free(csv);
}

/* Read to the first error, and compare its line and text. */
static void check_error(const char *text, size_t len, unsigned line, const char *says)
{
    struct tk_err_list errs = {0};
    struct tk_csv *csv;
    int r = -1;

    write_file(text, len);
    csv = tk_csv_new(path, &errs);
    while (csv && (r = tk_csv_next(csv, &errs)) > 0)
        ;
    tk_csv_free(csv);
    assert_true(r < 0);
    assert_false(tk_err_list_is_empty(&errs));
    assert_string_equal(errs.err[0].file, path);
    if (errs.err[0].line != line || !strstr(errs.err[0].text, says))
        fail_msg("line %u: %s, instead of line %u: %s", errs.err[0].line, errs.err[0].text, line, says);
}

static void test_plain(void **state)
{
    struct tk_csv *csv = open_text("a,b\n1,2\n3,\n,4\n");

    (void)state;
    assert_int_equal(tk_csv_column_count(csv), 2);
    assert_string_equal(tk_csv_column(csv, 1), "b");
    assert_string_equal(tk_csv_path(csv), path);
    check_row(csv, 2, "1", "2");
    check_row(csv, 3, "3", "");
    check_row(csv, 4, "", "4");
    check_end(csv);
}

static void test_no_last_newline(void **state)
{
    struct tk_csv *csv = open_text("a,b\n1,2\n3,");

    (void)state;
    check_row(csv, 2, "1", "2");
    check_row(csv, 3, "3", "");
    check_end(csv);
    csv = open_text("a,b\n1,\"2\"");
    check_row(csv, 2, "1", "2");
    check_end(csv);
}

static void test_byte_order_mark_and_crlf(void **state)
{
    struct tk_csv *csv = open_text("\xef\xbb\xbf"
                                   "a,b\r\n1,\"2\"\r\n\r\n3,4\r\n");

    (void)state;
    assert_string_equal(tk_csv_column(csv, 0), "a");
    check_row(csv, 2, "1", "2");
    check_row(csv, 4, "3", "4");
    check_end(csv);
}

static void test_comments_and_blank_lines(void **state)
{
    struct tk_csv *csv = open_text("# \"no, quotes\n\n  \t\n# more\na,b\n#1,2\n\n1,#2\n \"#3\",4\n #5,6\n# end");

    (void)state;
    check_row(csv, 8, "1", "#2");
    check_row(csv, 9, "#3", "4");
    check_row(csv, 10, "#5", "6"); /* only '#' as the first byte of a line begins a comment */
    check_end(csv);
}

static void test_quotes(void **state)
{
    struct tk_csv *csv = open_text(
        "a,b\n\"x,y\",\"say \"\"hi\"\"\"\n\"two\nlines\" , \" kept \"\n\"\",\"\"\"\"\n  in  ner  ,z\n");

    (void)state;
    check_row(csv, 2, "x,y", "say \"hi\"");
    check_row(csv, 3, "two\nlines", " kept ");
    check_row(csv, 5, "", "\"");
    check_row(csv, 6, "in  ner", "z");
    check_end(csv);
}

static void test_utf8(void **state)
{
    struct tk_csv *csv = open_text("a,b\nM\xc3\xbcnchen,\"\xe6\x9d\xb1\xe4\xba\xac\"\n");

    (void)state;
    check_row(csv, 2, "M\xc3\xbcnchen", "\xe6\x9d\xb1\xe4\xba\xac");
    check_end(csv);
}

/* Records and comments that cross the end of the window, and a window that holds one comment only. */
static void test_larger_than_the_window(void **state)
{
    FILE *f = fopen(path, "w");
    struct tk_err_list errs = {0};
    struct tk_csv *csv;
    unsigned rows = 0;

    (void)state;
    assert_non_null(f);
    fputs("a,b\n#", f);
    for (int i = 0; i < 3 << 20; i++)
        fputc('x', f);
    fputs("\n", f);
    for (int i = 0; i < 70001; i++)
        fprintf(f, "%s%d,\"value\n\"\"%d\"\"\"\n", i % 3 ? "" : "#comment\n\n", i, i);
    assert_int_equal(fclose(f), 0);
    csv = tk_csv_new(path, &errs);
    assert_non_null(csv);
    while (tk_csv_next(csv, &errs) == 1) {
        char want[32];

        (void)snprintf(want, sizeof(want), "%u", rows);
        check_field(csv, 0, want);
        (void)snprintf(want, sizeof(want), "value\n\"%u\"", rows);
        check_field(csv, 1, want);
        assert_int_equal(tk_csv_line(csv), 3 + 2 * rows + 2 * (rows / 3 + 1));
        rows++;
    }
    assert_true(tk_err_list_is_empty(&errs));
    assert_int_equal(rows, 70001);
    tk_csv_free(csv);
}

static void test_longest_record(void **state)
{
    static char text[2 << 20];
    struct tk_err_list errs = {0};
    struct tk_csv *csv;
    size_t n = 0;

    (void)state;
    for (int i = 0; i < TK_CSV_MAX_COLUMNS; i++)
        n += (size_t)sprintf(text + n, "%sc%d", i ? "," : "", i);
    for (int i = 0; i < TK_CSV_MAX_COLUMNS; i++) {
        text[n++] = i ? ',' : '\n';
        text[n++] = '"';
        memset(text + n, '"', 2 * TK_CSV_MAX_FIELD);
        n += 2 * TK_CSV_MAX_FIELD;
        text[n++] = '"';
    }
    write_file(text, n);
    csv = tk_csv_new(path, &errs);
    assert_non_null(csv);
    assert_int_equal(tk_csv_next(csv, &errs), 1);
    for (unsigned i = 0; i < TK_CSV_MAX_COLUMNS; i++)
        assert_int_equal(tk_csv_field(csv, i).len, TK_CSV_MAX_FIELD);
    check_end(csv);
}

#define ERROR(text, line, says) check_error(text, sizeof(text) - 1, line, says)

static void test_bad_header(void **state)
{
    char wide[TK_CSV_MAX_COLUMNS * 8 + 64];
    size_t n = 0;

    (void)state;
    ERROR("", 0, "no header");
    ERROR("# only a comment\n\n", 0, "no header");
    ERROR("a,b c\n", 1, "field 2: 'b c' is not a column name");
    ERROR("192.0.2.1,pe1\n", 1, "field 1: '192.0.2.1' is not a column name");
    ERROR("a;b\n", 1, "separate the names by commas");
    ERROR(",,\n\n", 0, "no header");
    ERROR("a,b c,-d\n", 1, "field 2: 'b c' is not a column name");
    ERROR("\na,-b\n", 2, "'-b'");
    ERROR("a,b23456789012345678901234567890123456789012345678901234567890123_64\n", 1, "is not a column name");
    ERROR("a,b,a\n", 1, "fields 1 and 3 are both 'a'");
    ERROR("a,\"b\n", 1, "field 2: the quote that begins here");
    ERROR("\xff\xfe"
          "a\0,\0",
          1, "UTF-16");
    for (unsigned i = 0; i <= TK_CSV_MAX_COLUMNS; i++)
        n += (size_t)snprintf(wide + n, sizeof(wide) - n, "%sc%u", i ? "," : "", i);
    check_error(wide, n, 1, "has 65 columns, and 64 is the most");
}

/* As spreadsheets export them. */
static void test_rows_of_nothing(void **state)
{
    struct tk_csv *csv = open_text(",,\n\"\",\na,b\n,\n1,2\n , \t\n\"\",\n,,,,\n3,\n,,\n");

    (void)state;
    check_row(csv, 5, "1", "2");
    check_row(csv, 9, "3", "");
    check_end(csv);
}

static void test_columns_of_nothing(void **state)
{
    struct tk_csv *csv = open_text(",a,,b,,\n,1,,2,,\n,3,,4\n,5,\"\", , ,,,,\n,,,8\n");

    (void)state;
    assert_int_equal(tk_csv_column_count(csv), 2);
    assert_string_equal(tk_csv_column(csv, 0), "a");
    check_row(csv, 2, "1", "2");
    check_row(csv, 3, "3", "4");
    check_row(csv, 4, "5", "");
    check_row(csv, 5, "", "8");
    check_end(csv);
}

/* Empty columns without end, but what stands there is seen. */
static void test_many_columns_of_nothing(void **state)
{
    char text[2 * TK_CSV_MAX_FIELDS + 64];
    struct tk_csv *csv;
    int n = snprintf(text, sizeof(text), "a,b");

    (void)state;
    memset(text + n, ',', TK_CSV_MAX_FIELDS + 10);
    (void)snprintf(text + n + TK_CSV_MAX_FIELDS + 10, 32, "\n1,2\n");
    csv = open_text(text);
    check_row(csv, 2, "1", "2");
    check_end(csv);
    n = snprintf(text, sizeof(text), "a,b\n1,2");
    memset(text + n, ',', TK_CSV_MAX_FIELDS + 10);
    text[n + TK_CSV_MAX_FIELDS + 10] = 'x';
    check_error(text, (size_t)n + TK_CSV_MAX_FIELDS + 11, 2, "1036 fields, but the header names 2 columns");
    n = snprintf(text, sizeof(text), "a,b");
    memset(text + n, ',', TK_CSV_MAX_FIELDS + 10);
    text[n + TK_CSV_MAX_FIELDS + 10] = 'x';
    check_error(text, (size_t)n + TK_CSV_MAX_FIELDS + 11, 1, "the header has 1036 columns, and 64 is the most");
}

/* The rows after a wrong one are read, if it is known where they begin. */
static void test_goes_on_after_a_wrong_row(void **state)
{
    struct tk_csv *csv = open_text("a,b\n1\n2,2\n3,x\"y,\n4,4\n\"5\"x,\"\n6,6\n7,M\xfcnchen\n8,8\n9,,9\n,\n\"a,\n");
    static const struct {
        int ret;
        unsigned line;
    } t[] = {{-EINVAL, 2}, {1, 3},       {-EINVAL, 4}, {1, 5},        {-EINVAL, 6},
             {1, 7},       {-EINVAL, 8}, {1, 9},       {-EINVAL, 10}, {-EBADMSG, 12}};
    struct tk_err_list errs = {0};

    (void)state;
    for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
        char want[8];

        tk_err_list_clear(&errs);
        assert_int_equal(tk_csv_next(csv, &errs), t[i].ret);
        if (t[i].ret == 1) {
            (void)snprintf(want, sizeof(want), "%u", t[i].line - 1);
            check_field(csv, 0, want);
            check_field(csv, 1, want);
            assert_int_equal(tk_csv_line(csv), t[i].line);
        } else {
            assert_int_equal(errs.kept, 1);
            assert_int_equal(errs.err[0].line, t[i].line);
        }
    }
    tk_csv_free(csv);
}

static void test_bad_rows(void **state)
{
    (void)state;
    ERROR("a,,b\n1,2,3\n", 2, "field 2: '2' is in a column without a name; name the column in the header (line 1)");
    ERROR("a,b,\n1,2,3\n", 2, "field 3: '3' is in a column without a name");
    ERROR("a,,b\n1,\n", 2, "2 fields, but the header names 2 columns");
    ERROR("a,b\n1,2\n3\n", 3, "1 fields, but the header names 2 columns");
    ERROR("a,b\n1,2,3\n", 2, "3 fields, but the header names 2 columns");
    ERROR("a,b\n1,\"2\n\n3\n", 2, "column 'b': the quote that begins here is not closed");
    ERROR("a,b\n1,\"", 2, "column 'b': the quote that begins here is not closed");
    ERROR("a,b\n\"1\"x,2\n", 2, "column 'a': has text after the closing quote");
    ERROR("a,b\n\n1,19\" rack\n", 3, "column 'b': contains a quote, but is not quoted itself");
    ERROR("a,b\n1,x\0y\n", 2, "column 'b': contains a NUL byte");
    ERROR("a,b\n\"l1\nl2\0\",2\n", 3, "column 'a': contains a NUL byte");
    ERROR("a,b\n1,M\xfcnchen\n", 2, "column 'b': not valid UTF-8");
    ERROR("a,b\n\"\xc0\x80\",2\n", 2, "column 'a': not valid UTF-8");
}

static void test_over_long_fields(void **state)
{
    static char text[3 << 20];
    size_t n = (size_t)sprintf(text, "a,b\n1,");

    (void)state;
    memset(text + n, 'x', sizeof(text) - n);
    check_error(text, n + TK_CSV_MAX_FIELD + 1, 2, "column 'b': the field is longer than 4096 bytes");
    check_error(text, sizeof(text), 2, "the record is longer than 1 MiB");
    text[n] = '"';
    text[n + 1 + TK_CSV_MAX_FIELD + 1] = '"';
    check_error(text, n + TK_CSV_MAX_FIELD + 3, 2,
                "column 'b': the quoted field that begins here is longer than 4096 bytes");
    memset(text + n, '\n', sizeof(text) - n); /* a quote that is not closed, far from the end */
    text[n] = '"';
    check_error(text, sizeof(text), 2, "add the missing");
    memset(text + n, 'x', sizeof(text) - n); /* one byte too long after undoubling */
    memcpy(text + n, "\"\"\"", 3);
    text[n + TK_CSV_MAX_FIELD + 3] = '"';
    check_error(text, n + TK_CSV_MAX_FIELD + 4, 2, "longer than 4096 bytes");
}

static void test_not_a_file(void **state)
{
    struct tk_err_list errs = {0};

    (void)state;
    assert_null(tk_csv_new("no/such/file.csv", &errs));
    assert_string_equal(errs.err[0].file, "no/such/file.csv");
    assert_non_null(strstr(errs.err[0].text, "No such file"));
    tk_err_list_clear(&errs);
    assert_null(tk_csv_new(".", &errs));
    assert_non_null(strstr(errs.err[0].text, "not a regular file"));
    tk_err_list_clear(&errs);
    assert_null(tk_csv_new("/dev/null", &errs));
    assert_false(tk_err_list_is_empty(&errs));
    assert_null(tk_csv_new("no/such/file.csv", NULL));
    tk_csv_free(NULL);
}

static void test_fifo_does_not_block(void **state)
{
    struct tk_err_list errs = {0};

    (void)state;
    assert_int_equal(remove(path), 0);
    assert_int_equal(mkfifo(path, 0600), 0);
    assert_null(tk_csv_new(path, &errs));
    assert_non_null(strstr(errs.err[0].text, "not a regular file"));
    assert_int_equal(remove(path), 0);
}

static void test_changed_while_read(void **state)
{
    struct tk_csv *csv = open_text("a,b\n1,2\n");
    struct tk_err_list errs = {0};

    (void)state;
    assert_int_equal(truncate(path, 5), 0);
    assert_int_equal(tk_csv_next(csv, &errs), 1);
    assert_int_equal(tk_csv_next(csv, &errs), -EAGAIN);
    assert_non_null(strstr(errs.err[0].text, "changed while it was read"));
    tk_csv_free(csv);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_plain),
        cmocka_unit_test(test_no_last_newline),
        cmocka_unit_test(test_byte_order_mark_and_crlf),
        cmocka_unit_test(test_comments_and_blank_lines),
        cmocka_unit_test(test_quotes),
        cmocka_unit_test(test_utf8),
        cmocka_unit_test(test_larger_than_the_window),
        cmocka_unit_test(test_longest_record),
        cmocka_unit_test(test_bad_header),
        cmocka_unit_test(test_rows_of_nothing),
        cmocka_unit_test(test_columns_of_nothing),
        cmocka_unit_test(test_many_columns_of_nothing),
        cmocka_unit_test(test_goes_on_after_a_wrong_row),
        cmocka_unit_test(test_bad_rows),
        cmocka_unit_test(test_over_long_fields),
        cmocka_unit_test(test_not_a_file),
        cmocka_unit_test(test_fifo_does_not_block),
        cmocka_unit_test(test_changed_while_read),
    };

    return cmocka_run_group_tests(tests, make_file, remove_file);
}
