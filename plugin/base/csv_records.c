/* SPDX-License-Identifier: Apache-2.0 */
#include "base/csv_records.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file_access.h"
#include "base/text.h"

static const char too_long[] = "the field is longer than 4096 bytes; shorten it";

/* The bytes that scan_field() looks at one by one; it skips all others. */
static const bool is_special[256] = {['\0'] = true, ['\n'] = true, ['"'] = true, [','] = true};

/* --- flaws ----------------------------------------------------------------------------------------------------- */

static int flaw(struct tk_csv_records *r, int error, unsigned line, const char *fmt, ...)
    __attribute__((format(printf, 4, 5)));

/* Of the file or record as a whole. @returns @p error */
static int flaw(struct tk_csv_records *r, int error, unsigned line, const char *fmt, ...)
{
    va_list ap;

    r->flaw.line = line;
    r->flaw.field = TK_CSV_NO_FIELD;
    va_start(ap, fmt);
    (void)vsnprintf(r->flaw.text, sizeof(r->flaw.text), fmt, ap);
    va_end(ap);
    return error;
}

/* Of the field that is being scanned. @returns @p error */
static int flaw_of_field(struct tk_csv_records *r, int error, unsigned line, const char *text)
{
    (void)flaw(r, error, line, "%s", text);
    r->flaw.field = r->field_count;
    return error;
}

/* The same where the record can be left: reading goes on behind the line at @p at. */
static int flaw_of_line(struct tk_csv_records *r, const char *at, unsigned at_line, unsigned line, const char *text)
{
    r->begin = (size_t)(at - r->window);
    r->line = at_line;
    r->is_skipping_line = true;
    return flaw_of_field(r, -EINVAL, line, text);
}

/* --- the window ------------------------------------------------------------------------------------------------ */

/* A file that is rewritten in place while we read it gives an incomplete table. It is refused, so that the loader
 * keeps the table of the last good reading. */
static int check_unchanged(struct tk_csv_records *r)
{
    struct stat st;

    if (fstat(r->fd, &st) == 0 && st.st_size == r->first_stat.st_size &&
        tk_clock_nsec(st.st_mtim) == tk_clock_nsec(r->first_stat.st_mtim))
        return 0;
    return flaw(r, -EAGAIN, 0,
                "the file changed while it was read; write a new file beside it and rename that into place");
}

/* Move the unparsed bytes to the front of the window and read more of the file behind them. */
static int fill(struct tk_csv_records *r)
{
    memmove(r->window, r->window + r->begin, r->end - r->begin);
    r->end -= r->begin;
    r->begin = 0;
    while (r->end < TK_CSV_WINDOW && !r->is_eof) {
        ssize_t n = read(r->fd, r->window + r->end, TK_CSV_WINDOW - r->end);

        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return flaw(r, -EIO, 0, "reading failed: %s", strerror(errno));
        r->end += (size_t)n;
        r->is_eof = n == 0;
    }
    return 0;
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r';
}

/* Skip comments, blank lines, and the rest of a flawed line. @returns 1 at a record, 0 at the end of the file, or an
 * error of fill() */
static int skip_to_record(struct tk_csv_records *r)
{
    bool in_comment = r->is_skipping_line, is_line_start = true; /* `begin` is where a line begins */

    r->is_skipping_line = false;
    for (;;) {
        int ret;

        for (size_t at = r->begin; at < r->end; at++) {
            char c = r->window[at];

            if (c == '\n') {
                r->line++;
                r->begin = at + 1;
                in_comment = false;
                is_line_start = true;
            } else if (in_comment || is_blank(c)) {
                continue;
            } else if (c == '#' && at == r->begin && is_line_start) {
                in_comment = true;
            } else {
                return 1;
            }
        }
        if (r->is_eof)
            return 0;
        /* A comment, or blanks that fill the window: discard them. */
        if (in_comment || r->end - r->begin == TK_CSV_WINDOW) {
            r->begin = r->end;
            is_line_start = false;
        }
        ret = fill(r);
        if (ret < 0)
            return ret;
    }
}

/* --- a record -------------------------------------------------------------------------------------------------- */

/* A field's greatest length while its quotes are still doubled. */
static ptrdiff_t max_raw(bool has_doubled)
{
    return has_doubled ? 2 * TK_CSV_MAX_FIELD : TK_CSV_MAX_FIELD;
}

static void keep_field(struct tk_csv_records *r, const char *text, size_t len, bool has_doubled)
{
    if (r->field_count < TK_CSV_MAX_FIELDS) {
        r->field[r->field_count] = (struct tk_csv_field){.text = text, .len = len};
        r->has_doubled[r->field_count] = has_doubled;
        if (r->fields_used <= r->field_count)
            r->fields_used = r->field_count + 1;
    } else {
        r->has_more |= len > 0;
    }
    r->is_empty &= len == 0;
    r->field_count++;
}

/* Scan one field at *cursor, up to the comma or newline behind it. @returns 1; 0: the window ended first; or an error */
static int scan_field(struct tk_csv_records *r, const char **cursor, unsigned *line)
{
    const char *p = *cursor, *end = r->window + r->end, *text, *stop;
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
            return flaw_of_field(r, -EBADMSG, *line, "contains a NUL byte; save the file as plain UTF-8 text");
        if (!is_quoted && *p == '"')
            return flaw_of_line(r, p, *line, *line,
                                "contains a quote, but is not quoted itself; write \"...\" around the whole field "
                                "and double each quote inside it");
        if (!is_quoted)
            break;
        *line += *p == '\n';
        if (p - text > max_raw(has_doubled))
            return flaw_of_field(r, -EBADMSG, first_line,
                                 "the quoted field that begins here is longer than 4096 bytes; shorten it, or add "
                                 "the missing closing '\"'");
        if (*p != '"')
            continue;
        if (p + 1 == end || p[1] != '"')
            break;
        has_doubled = true;
        p++;
    }
    if (p == end && !r->is_eof)
        return 0;
    if (p == end && is_quoted)
        return flaw_of_field(r, -EBADMSG, first_line, "the quote that begins here is not closed; add the closing '\"'");
    r->has_high |= all_bits >= 0x80;
    stop = p;
    if (is_quoted)
        for (p++; p < end && is_blank(*p);)
            p++;
    else
        while (stop > text && is_blank(stop[-1]))
            stop--;
    if (p == end && !r->is_eof)
        return 0;
    if (p < end && *p != ',' && *p != '\n')
        return flaw_of_line(r, p, *line, *line,
                            "has text after the closing quote; write a comma there, or double a quote that belongs to "
                            "the value");
    if (stop - text > max_raw(has_doubled))
        return flaw_of_line(r, p, *line, first_line, too_long);
    keep_field(r, text, (size_t)(stop - text), has_doubled);
    *cursor = p;
    return 1;
}

/* Scan the record at `begin`; returns as scan_field(). It changes no byte of the window: a record that the window
 * cuts off is scanned again after fill(). */
static int scan_record(struct tk_csv_records *r)
{
    const char *p = r->window + r->begin, *end = r->window + r->end;
    unsigned line = r->line;

    r->field_count = 0;
    r->is_empty = true;
    r->has_more = false;
    r->has_high = false;
    for (;;) {
        int ret = scan_field(r, &p, &line);

        if (ret <= 0)
            return ret;
        if (p == end || *p == '\n')
            break;
        p++; /* over the comma */
    }
    r->record_line = r->line;
    r->line = line + (p < end);
    r->begin = (size_t)(p - r->window) + (p < end);
    return 1;
}

/* Replace each doubled quote by one, in place. */
static void undouble(struct tk_csv_records *r, struct tk_csv_field *f)
{
    char *text = r->window + (f->text - r->window);
    size_t len = 0;

    for (size_t i = 0; i < f->len; i++) {
        text[len++] = text[i];
        i += text[i] == '"';
    }
    f->len = len;
}

static unsigned kept(unsigned field_count)
{
    return field_count < TK_CSV_MAX_FIELDS ? field_count : TK_CSV_MAX_FIELDS;
}

/* The record is complete: undouble quotes, check each field's length and encoding, and empty those that it has not. */
static int finish_fields(struct tk_csv_records *r)
{
    unsigned n = r->field_count;

    while (r->fields_used > n)
        r->field[--r->fields_used] = (struct tk_csv_field){.text = "", .len = 0};
    for (r->field_count = 0; r->field_count < kept(n); r->field_count++) {
        struct tk_csv_field *f = &r->field[r->field_count];

        if (r->has_doubled[r->field_count])
            undouble(r, f);
        if (f->len > TK_CSV_MAX_FIELD)
            return flaw_of_field(r, -EINVAL, r->record_line, too_long);
        if (r->has_high && !tk_utf8_is_valid((const uint8_t *)f->text, f->len))
            return flaw_of_field(r, -EINVAL, r->record_line, "not valid UTF-8; save the file as UTF-8");
    }
    r->field_count = n;
    return 1;
}

int tk_csv_records_next(struct tk_csv_records *r)
{
    int ret = skip_to_record(r);

    if (ret == 0)
        return check_unchanged(r);
    if (ret > 0)
        ret = scan_record(r);
    if (ret == 0) {
        ret = fill(r);
        if (ret == 0)
            ret = scan_record(r);
        if (ret == 0)
            return flaw(r, -EBADMSG, r->line,
                        "the record is longer than 1 MiB; remove blanks, or a quote that is not closed");
    }
    return ret == 1 ? finish_fields(r) : ret;
}

/* --- the file -------------------------------------------------------------------------------------------------- */

/* O_NONBLOCK and O_NOCTTY, so that a FIFO or a terminal at this path does not block the loader thread. */
static int open_regular(struct tk_csv_records *r)
{
    char why[TK_FILE_ACCESS_BYTES];

    r->fd = open(r->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    if (r->fd < 0 || fstat(r->fd, &r->first_stat) < 0)
        return flaw(r, -EIO, 0, "cannot be opened: %s; write the path of a file that snmptrapd's user can read",
                    tk_file_access_why(why, sizeof(why), r->path, errno));
    if (!S_ISREG(r->first_stat.st_mode))
        return flaw(r, -EINVAL, 0, "not a regular file; write the path of a CSV file");
    return 0;
}

static int skip_byte_order_mark(struct tk_csv_records *r)
{
    int ret = fill(r);

    if (ret < 0)
        return ret;
    if (r->end >= 3 && memcmp(r->window, "\xef\xbb\xbf", 3) == 0)
        r->begin = 3;
    if (r->end >= 2 && (memcmp(r->window, "\xff\xfe", 2) == 0 || memcmp(r->window, "\xfe\xff", 2) == 0))
        return flaw(r, -EINVAL, 1, "the file is UTF-16; save it as UTF-8");
    return 0;
}

int tk_csv_records_open(struct tk_csv_records *r, const char *path)
{
    int ret;

    memset(r, 0, offsetof(struct tk_csv_records, window));
    r->path = path;
    r->line = 1;
    ret = open_regular(r);
    return ret < 0 ? ret : skip_byte_order_mark(r);
}

void tk_csv_records_close(struct tk_csv_records *r)
{
    if (r->fd >= 0)
        (void)close(r->fd);
    r->fd = -1;
}
