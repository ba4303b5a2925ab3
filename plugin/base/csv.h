/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file csv.h
 * @brief Read a CSV file (RFC 4180) record by record: a header that names the columns, then rows of as many fields.
 *
 * More than the RFC: lines may end with LF or CRLF. A UTF-8 byte order mark, blank lines and lines that begin with
 * '#' are skipped. Blanks around fields that are not quoted are removed. Anything else outside the RFC is an error,
 * which names the line and the column.
 *
 * Owner:  one thread (the loader, or a command line tool); no locks.
 * Memory: one block of about 1 MiB, however large the file is.
 * Input:  a regular file, by read(2): a mapping would raise SIGBUS if the file is truncated meanwhile.
 */
#ifndef TK_CSV_H
#define TK_CSV_H

#include <stddef.h>

#include "base/err.h"

#define TK_CSV_MAX_COLUMNS 64
#define TK_CSV_MAX_NAME    64   /* bytes of a column's name */
#define TK_CSV_MAX_FIELD   4096 /* bytes of a field, without its quotes */

struct tk_csv; /* opaque: defined in csv.c */

/** A field of the current record: UTF-8 without NUL, not terminated, at most TK_CSV_MAX_FIELD bytes. */
struct tk_csv_field {
    const char *text;
    size_t len;
};

/**
 * @brief Open @p path and read its header. Names are [A-Za-z_][A-Za-z0-9_-]{0,63} and differ from each other.
 * @param path  borrowed until tk_csv_free()
 * @returns the reader, or NULL with @p reterr set
 * @locality any  @locks none
 */
struct tk_csv *tk_csv_new(const char *path, struct tk_err *reterr);

/** @brief Close the file and free the reader. NULL is a no-op. @locality any @locks none */
void tk_csv_free(struct tk_csv *csv);

/**
 * @brief Read the next row.
 * @retval 1        its fields are valid until the next call
 * @retval 0        the end of the file, which did not change while it was read
 * @retval -EINVAL  the content is wrong; @p reterr is set
 * @retval -EIO     reading failed; @p reterr is set
 * @retval -EAGAIN  the file changed while it was read; @p reterr is set
 * @locality any  @locks none
 */
int tk_csv_next(struct tk_csv *csv, struct tk_err *reterr);

/** @brief How many columns the header names: 1 .. TK_CSV_MAX_COLUMNS. @locality any @locks none */
unsigned tk_csv_column_count(const struct tk_csv *csv);
/** @brief The name of a column, terminated. @locality any @locks none */
const char *tk_csv_column(const struct tk_csv *csv, unsigned column);
/** @brief A field of the current row. @locality any @locks none */
struct tk_csv_field tk_csv_field(const struct tk_csv *csv, unsigned column);
/** @brief The line on which the current record begins, from 1. @locality any @locks none */
unsigned tk_csv_line(const struct tk_csv *csv);
/** @brief The path that the reader was made with. @locality any @locks none */
const char *tk_csv_path(const struct tk_csv *csv);

/**
 * @brief Set the error text for a field of the current row: "column 'NAME': 'VALUE' COMPLAINT".
 * @returns -EINVAL
 * @locality any  @locks none
 */
int tk_csv_complain(const struct tk_csv *csv, unsigned column, struct tk_err *reterr, const char *complaint);

#endif /* TK_CSV_H */
