/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file csv_records.h
 * @brief Read the records of a CSV file (RFC 4180), for csv.c: fields by their position, without a header.
 *
 * More than the RFC: lines may end with LF or CRLF. A UTF-8 byte order mark, blank lines and lines that begin with '#' are
 * skipped. Blanks around fields that are not quoted are removed. Anything else outside the RFC is a flaw.
 *
 * Owner:  one thread; no locks.
 * Memory: struct tk_csv_records, about 1 MiB, however large the file is.
 * Input:  a regular file, by read(2): a mapping would raise SIGBUS if the file is truncated meanwhile.
 */
#ifndef TK_CSV_RECORDS_H
#define TK_CSV_RECORDS_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/stat.h>

#define TK_CSV_MAX_FIELDS 1024       /* of a record; spreadsheets export empty columns too */
#define TK_CSV_MAX_FIELD  4096       /* bytes of a field, without its quotes */
#define TK_CSV_WINDOW     (1u << 20) /* the longest record */
#define TK_CSV_NO_FIELD   (~0u)

/** A field of the current record: UTF-8 without NUL, not terminated, at most TK_CSV_MAX_FIELD bytes. */
struct tk_csv_field {
    const char *text;
    size_t len;
};

/** What is wrong, as text that follows the name of the field; without a field, of the file or record. */
struct tk_csv_flaw {
    unsigned line;  /* 1-based; 0: of the whole file */
    unsigned field; /* from 0, or TK_CSV_NO_FIELD */
    char text[512];
};

struct tk_csv_records {
    /* of the current record */
    unsigned record_line;
    unsigned field_count;                         /* may exceed TK_CSV_MAX_FIELDS */
    bool has_more;                                /* one of those beyond is not empty */
    struct tk_csv_field field[TK_CSV_MAX_FIELDS]; /* those behind the last one of the record are empty */
    bool is_empty;                                /* each of its fields is */
    struct tk_csv_flaw flaw;                      /* of the last call that failed */

    /* private */
    const char *path;
    int fd;
    struct stat first_stat;
    bool is_eof;                         /* the whole rest of the file is in the window */
    bool is_skipping_line;               /* the rest of the line belongs to a flawed record */
    bool has_high;                       /* the record has bytes above 0x7f, to be checked as UTF-8 */
    unsigned fields_used;                /* of `field`, since they were emptied */
    size_t begin, end;                   /* the part of the window that is not parsed yet */
    unsigned line;                       /* the line at `begin` */
    bool has_doubled[TK_CSV_MAX_FIELDS]; /* quotes in it are still doubled */
    char window[TK_CSV_WINDOW];
};

/**
 * @brief Open @p path.
 * @param path  borrowed until tk_csv_records_close()
 * @retval 0 / -EIO / -EINVAL (not a regular file, or UTF-16), with r->flaw
 * @locality any  @locks none
 */
int tk_csv_records_open(struct tk_csv_records *r, const char *path);

/** @brief Close the file. Also after a tk_csv_records_open() that failed. @locality any @locks none */
void tk_csv_records_close(struct tk_csv_records *r);

/**
 * @brief Read the next record.
 * @retval 1         its fields are valid until the next call
 * @retval 0         the end of the file, which did not change while it was read
 * @retval -EINVAL   the record is wrong; the next call reads the one after it
 * @retval -EBADMSG  the content is wrong, and where the next record begins is not known
 * @retval -EIO      reading failed
 * @retval -EAGAIN   the file changed while it was read
 * @locality any  @locks none
 */
int tk_csv_records_next(struct tk_csv_records *r);

#endif /* TK_CSV_RECORDS_H */
