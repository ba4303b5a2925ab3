/* SPDX-License-Identifier: Apache-2.0 */
#include "base/csv.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/devel.h"
#include "base/text.h"

#define WINDOW_BYTES (1u << 20) /* holds a record of TK_CSV_MAX_COLUMNS quoted fields of the greatest length */

static const char too_long[] = "the field is longer than 4096 bytes; shorten it";

/* The bytes that scan_field() looks at one by one; it skips all others. */
static const bool is_special[256] = {['\0'] = true, ['\n'] = true, ['"'] = true, [','] = true};

struct tk_csv {
    const char *path;
    int fd;
    struct stat first_stat;
    bool is_eof;       /* the whole rest of the file is in the window */
    bool has_high;     /* the record has bytes above 0x7f, to be checked as UTF-8 */
    size_t begin, end; /* the part of the window that is not parsed yet */
    unsigned line;     /* the line at `begin` */
    unsigned record_line;
    unsigned column_count; /* 0 until the header has been read */
    unsigned field_count;  /* of the record; may exceed what `field` keeps */
    struct tk_csv_field field[TK_CSV_MAX_COLUMNS];
    bool has_doubled[TK_CSV_MAX_COLUMNS]; /* quotes in it are still doubled */
    char column[TK_CSV_MAX_COLUMNS][TK_CSV_MAX_NAME + 1];
    char window[WINDOW_BYTES];
};

unsigned tk_csv_column_count(const struct tk_csv *csv)
{
    return csv->column_count;
}
const char *tk_csv_column(const struct tk_csv *csv, unsigned column)
{
    TK_ASSERT(column < csv->column_count);
    return csv->column[column];
}
struct tk_csv_field tk_csv_field(const struct tk_csv *csv, unsigned column)
{
    TK_ASSERT(column < csv->column_count);
    return csv->field[column];
}
unsigned tk_csv_line(const struct tk_csv *csv)
{
    return csv->record_line;
}
const char *tk_csv_path(const struct tk_csv *csv)
{
    return csv->path;
}

int tk_csv_complain(const struct tk_csv *csv, unsigned column, struct tk_err *reterr, const char *complaint)
{
    char value[96];

    TK_ASSERT(column < csv->column_count);
    tk_escape(value, sizeof(value), csv->field[column].text, csv->field[column].len);
    tk_err_set(reterr, csv->path, csv->record_line, "column '%s': '%s' %s", csv->column[column], value, complaint);
    return -EINVAL;
}

/* The same for the field that is being scanned, without its value. */
static int complain(const struct tk_csv *csv, unsigned line, struct tk_err *reterr, const char *complaint)
{
    if (csv->field_count < csv->column_count)
        tk_err_set(reterr, csv->path, line, "column '%s': %s", csv->column[csv->field_count], complaint);
    else
        tk_err_set(reterr, csv->path, line, "field %u: %s", csv->field_count + 1, complaint);
    return -EINVAL;
}

/* A file that is rewritten in place while we read it gives an incomplete table. It is refused, so that the loader
 * keeps the table of the last good reading. */
static int check_unchanged(const struct tk_csv *csv, struct tk_err *reterr)
{
    struct stat st;

    if (fstat(csv->fd, &st) == 0 && st.st_size == csv->first_stat.st_size &&
        st.st_mtim.tv_sec == csv->first_stat.st_mtim.tv_sec && st.st_mtim.tv_nsec == csv->first_stat.st_mtim.tv_nsec)
        return 0;
    tk_err_set(reterr, csv->path, 0,
               "the file changed while it was read; write a new file beside it and rename that into place");
    return -EAGAIN;
}

/* Move the unparsed bytes to the front of the window and read more of the file behind them. */
static int fill(struct tk_csv *csv, struct tk_err *reterr)
{
    memmove(csv->window, csv->window + csv->begin, csv->end - csv->begin);
    csv->end -= csv->begin;
    csv->begin = 0;
    while (csv->end < WINDOW_BYTES && !csv->is_eof) {
        ssize_t n = read(csv->fd, csv->window + csv->end, WINDOW_BYTES - csv->end);

        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0) {
            tk_err_set(reterr, csv->path, 0, "reading failed: %s", strerror(errno));
            return -EIO;
        }
        csv->end += (size_t)n;
        csv->is_eof = n == 0;
    }
    return 0;
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r';
}

/* A field's greatest length while its quotes are still doubled. */
static ptrdiff_t max_raw(bool has_doubled)
{
    return has_doubled ? 2 * TK_CSV_MAX_FIELD : TK_CSV_MAX_FIELD;
}

/* Scan one field at *cursor, up to the comma or newline behind it. @returns 1; 0: the window ended first; -EINVAL */
static int scan_field(struct tk_csv *csv, const char **cursor, unsigned *line, struct tk_err *reterr)
{
    const char *p = *cursor, *end = csv->window + csv->end, *text, *stop;
    bool is_quoted, has_doubled = false;
    uint8_t all_bits = 0;
    unsigned first_line = *line;

    while (p < end && is_blank(*p))
        p++;
    is_quoted = p < end && *p == '"';
    text = is_quoted ? ++p : p;
    for (; p < end; p++) {
        all_bits |= (uint8_t)*p;
        if (!is_special[(uint8_t)*p])
            continue;
        if (*p == '\0')
            return complain(csv, *line, reterr, "contains a NUL byte; save the file as plain UTF-8 text");
        if (!is_quoted && *p == '"')
            return complain(csv, *line, reterr,
                            "contains a quote, but is not quoted itself; write \"...\" around the "
                            "whole field and double each quote inside it");
        if (!is_quoted)
            break;
        *line += *p == '\n';
        if (p - text > max_raw(has_doubled))
            return complain(csv, first_line, reterr,
                            "the quoted field that begins here is longer than 4096 bytes; shorten it, or add "
                            "the missing closing '\"'");
        if (*p != '"')
            continue;
        if (p + 1 == end || p[1] != '"')
            break;
        has_doubled = true;
        p++;
    }
    if (p == end && !csv->is_eof)
        return 0;
    if (p == end && is_quoted)
        return complain(csv, first_line, reterr, "the quote that begins here is not closed; add the closing '\"'");
    csv->has_high |= all_bits >= 0x80;
    stop = p;
    if (is_quoted)
        for (p++; p < end && is_blank(*p);)
            p++;
    else
        while (stop > text && is_blank(stop[-1]))
            stop--;
    if (p == end && !csv->is_eof)
        return 0;
    if (p < end && *p != ',' && *p != '\n')
        return complain(csv, *line, reterr,
                        "has text after the closing quote; write a comma there, or double a quote that "
                        "belongs to the value");
    if (stop - text > max_raw(has_doubled))
        return complain(csv, first_line, reterr, too_long);
    if (csv->field_count < TK_CSV_MAX_COLUMNS) {
        csv->field[csv->field_count] = (struct tk_csv_field){.text = text, .len = (size_t)(stop - text)};
        csv->has_doubled[csv->field_count] = has_doubled;
    }
    csv->field_count++;
    *cursor = p;
    return 1;
}

/* Scan the record at `begin`; returns as scan_field(). It changes no byte of the window: a record that the window
 * cuts off is scanned again after fill(). */
static int scan_record(struct tk_csv *csv, struct tk_err *reterr)
{
    const char *p = csv->window + csv->begin, *end = csv->window + csv->end;
    unsigned line = csv->line;

    csv->field_count = 0;
    csv->has_high = false;
    for (;;) {
        int r = scan_field(csv, &p, &line, reterr);

        if (r <= 0)
            return r;
        if (p == end || *p == '\n')
            break;
        p++; /* over the comma */
    }
    csv->record_line = csv->line;
    csv->line = line + (p < end);
    csv->begin = (size_t)(p - csv->window) + (p < end);
    return 1;
}

/* Skip comments and blank lines. @returns 1 at a record, 0 at the end of the file, or an error of fill() */
static int skip_to_record(struct tk_csv *csv, struct tk_err *reterr)
{
    bool in_comment = false, is_line_start = true; /* `begin` is where a line begins */

    for (;;) {
        int r;

        for (size_t at = csv->begin; at < csv->end; at++) {
            char c = csv->window[at];

            if (c == '\n') {
                csv->line++;
                csv->begin = at + 1;
                in_comment = false;
                is_line_start = true;
            } else if (in_comment || is_blank(c)) {
                continue;
            } else if (c == '#' && at == csv->begin && is_line_start) {
                in_comment = true;
            } else {
                return 1;
            }
        }
        if (csv->is_eof)
            return 0;
        /* A comment, or blanks that fill the window: discard them. */
        if (in_comment || csv->end - csv->begin == WINDOW_BYTES) {
            csv->begin = csv->end;
            is_line_start = false;
        }
        r = fill(csv, reterr);
        if (r < 0)
            return r;
    }
}

/* Replace each doubled quote by one, in place. */
static void undouble(struct tk_csv *csv, struct tk_csv_field *f)
{
    char *text = csv->window + (f->text - csv->window);
    size_t len = 0;

    for (size_t i = 0; i < f->len; i++) {
        text[len++] = text[i];
        i += text[i] == '"';
    }
    f->len = len;
}

/* The record is complete: undouble quotes, and check each field's length and encoding. */
static int finish_fields(struct tk_csv *csv, struct tk_err *reterr)
{
    unsigned n = csv->field_count;

    for (csv->field_count = 0; csv->field_count < n && csv->field_count < TK_CSV_MAX_COLUMNS; csv->field_count++) {
        struct tk_csv_field *f = &csv->field[csv->field_count];

        if (csv->has_doubled[csv->field_count])
            undouble(csv, f);
        if (f->len > TK_CSV_MAX_FIELD)
            return complain(csv, csv->record_line, reterr, too_long);
        if (csv->has_high && !tk_utf8_is_valid((const uint8_t *)f->text, f->len))
            return complain(csv, csv->record_line, reterr, "not valid UTF-8; save the file as UTF-8");
    }
    csv->field_count = n;
    return 0;
}

/* Read the next record, whatever its number of fields. @returns 1; 0 at the end of the file; a negative error */
static int read_record(struct tk_csv *csv, struct tk_err *reterr)
{
    int r = skip_to_record(csv, reterr);

    if (r == 0)
        return check_unchanged(csv, reterr);
    if (r > 0)
        r = scan_record(csv, reterr);
    if (r == 0) {
        r = fill(csv, reterr);
        if (r == 0)
            r = scan_record(csv, reterr);
        if (r == 0) {
            tk_err_set(reterr, csv->path, csv->line,
                       "the record is longer than 1 MiB; remove blanks, or a quote that is not closed");
            return -EINVAL;
        }
    }
    if (r == 1 && finish_fields(csv, reterr) < 0)
        r = -EINVAL;
    return r;
}

static bool name_is_valid(const struct tk_csv_field *f)
{
    for (size_t i = 0; i < f->len; i++) {
        char c = f->text[i];
        bool is_letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';

        if (!is_letter && (i == 0 || !((c >= '0' && c <= '9') || c == '-')))
            return false;
    }
    return f->len > 0 && f->len <= TK_CSV_MAX_NAME;
}

static int read_header(struct tk_csv *csv, struct tk_err *reterr)
{
    char value[96];
    int r = read_record(csv, reterr);

    if (r == 0)
        tk_err_set(reterr, csv->path, 0,
                   "the file has no header; name the columns in the first line, such as: address,name,site");
    if (r <= 0)
        return -EINVAL;
    if (csv->field_count > TK_CSV_MAX_COLUMNS) {
        tk_err_set(reterr, csv->path, csv->record_line, "the header has %u columns, and %u is the most; remove some",
                   csv->field_count, TK_CSV_MAX_COLUMNS);
        return -EINVAL;
    }
    for (unsigned i = 0; i < csv->field_count; i++) {
        const struct tk_csv_field *f = &csv->field[i];

        if (!name_is_valid(f)) {
            tk_escape(value, sizeof(value), f->text, f->len);
            tk_err_set(reterr, csv->path, csv->record_line,
                       "header, field %u: '%s' is not a column name; write a letter or _, then up to 63 letters, "
                       "digits, _ or -, and separate the names by commas",
                       i + 1, value);
            return -EINVAL;
        }
        memcpy(csv->column[i], f->text, f->len);
        for (unsigned k = 0; k < i; k++) {
            if (strcmp(csv->column[k], csv->column[i]) == 0) {
                tk_err_set(reterr, csv->path, csv->record_line, "header: fields %u and %u are both '%s'; rename one",
                           k + 1, i + 1, csv->column[i]);
                return -EINVAL;
            }
        }
    }
    csv->column_count = csv->field_count;
    return 0;
}

/* O_NONBLOCK and O_NOCTTY, so that a FIFO or a terminal at this path does not block the loader thread. */
static int open_regular(struct tk_csv *csv, struct tk_err *reterr)
{
    csv->fd = open(csv->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    if (csv->fd < 0 || fstat(csv->fd, &csv->first_stat) < 0) {
        tk_err_set(reterr, csv->path, 0,
                   "cannot be opened: %s; write the path of a file that snmptrapd's user can read", strerror(errno));
        return -EIO;
    }
    if (!S_ISREG(csv->first_stat.st_mode)) {
        tk_err_set(reterr, csv->path, 0, "not a regular file; write the path of a CSV file");
        return -EINVAL;
    }
    return 0;
}

static int skip_byte_order_mark(struct tk_csv *csv, struct tk_err *reterr)
{
    int r = fill(csv, reterr);

    if (r < 0)
        return r;
    if (csv->end >= 3 && memcmp(csv->window, "\xef\xbb\xbf", 3) == 0)
        csv->begin = 3;
    if (csv->end >= 2 && (memcmp(csv->window, "\xff\xfe", 2) == 0 || memcmp(csv->window, "\xfe\xff", 2) == 0)) {
        tk_err_set(reterr, csv->path, 1, "the file is UTF-16; save it as UTF-8");
        return -EINVAL;
    }
    return 0;
}

struct tk_csv *tk_csv_new(const char *path, struct tk_err *reterr)
{
    struct tk_csv *csv = malloc(sizeof(*csv));

    if (!csv) {
        tk_err_set(reterr, path, 0, "out of memory while opening the file");
        return NULL;
    }
    memset(csv, 0, offsetof(struct tk_csv, window));
    csv->path = path;
    csv->line = 1;
    if (open_regular(csv, reterr) < 0 || skip_byte_order_mark(csv, reterr) < 0 || read_header(csv, reterr) < 0) {
        tk_csv_free(csv);
        return NULL;
    }
    return csv;
}

void tk_csv_free(struct tk_csv *csv)
{
    if (csv && csv->fd >= 0)
        (void)close(csv->fd);
    free(csv);
}

int tk_csv_next(struct tk_csv *csv, struct tk_err *reterr)
{
    int r = read_record(csv, reterr);

    if (r == 1 && csv->field_count != csv->column_count) {
        tk_err_set(reterr, csv->path, csv->record_line,
                   "%u fields, but the header names %u columns; write empty fields as ',,' and quote a value "
                   "that contains a comma",
                   csv->field_count, csv->column_count);
        return -EINVAL;
    }
    return r;
}
