/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file csv.h
 * @brief Read a table: a CSV file (csv_records.h) with a header that names the columns, then rows of as many fields.
 *
 * Rows of nothing and columns of nothing, as spreadsheets export them, are skipped: a row of empty fields, and a column
 * without a name that is empty in every row.
 *
 * Owner:  one thread (the loader, or a command line tool); no locks.
 * Memory: one block of about 1 MiB, however large the file is.
 */
#ifndef TK_CSV_H
#define TK_CSV_H

#include <stddef.h>

#include "base/csv_records.h"
#include "base/err_list.h"

#define TK_CSV_MAX_COLUMNS 64 /* with a name */
#define TK_CSV_MAX_NAME    64 /* bytes of a column's name */

struct tk_csv; /* opaque: defined in csv.c */

/**
 * @brief Open @p path and read its header. Names are [A-Za-z_][A-Za-z0-9_-]{0,63} and differ from each other.
 * @param path  borrowed until tk_csv_free()
 * @returns the reader, or NULL with errors added to @p errs
 * @locality any  @locks none
 */
struct tk_csv *tk_csv_new(const char *path, struct tk_err_list *errs);

/** @brief Close the file and free the reader. NULL is a no-op. @locality any @locks none */
void tk_csv_free(struct tk_csv *csv);

/**
 * @brief Read the next row that is not empty.
 * @retval 1         its fields are valid until the next call
 * @retval 0         the end of the file, which did not change while it was read
 * @retval -EINVAL   the row is wrong, an error was added to @p errs; the next call reads the row after it
 * @retval -EBADMSG  the content is wrong, an error was added, and where the next row begins is not known
 * @retval -EIO      reading failed, an error was added
 * @retval -EAGAIN   the file changed while it was read, an error was added
 * @locality any  @locks none
 */
int tk_csv_next(struct tk_csv *csv, struct tk_err_list *errs);

/** @brief How many columns the header names: 1 .. TK_CSV_MAX_COLUMNS. @locality any @locks none */
unsigned tk_csv_column_count(const struct tk_csv *csv);
/** @brief The name of a column, terminated. @locality any @locks none */
const char *tk_csv_column(const struct tk_csv *csv, unsigned column);
/** @brief A field of the current row. @locality any @locks none */
struct tk_csv_field tk_csv_field(const struct tk_csv *csv, unsigned column);
/** @brief The line on which the current record begins, from 1; before the first row: the header's.
 *  @locality any @locks none */
unsigned tk_csv_line(const struct tk_csv *csv);
/** @brief The path that the reader was made with. @locality any @locks none */
const char *tk_csv_path(const struct tk_csv *csv);

/**
 * @brief Add an error about a field of the current row: "column 'NAME': 'VALUE' COMPLAINT".
 * @returns -EINVAL
 * @locality any  @locks none
 */
int tk_csv_complain(const struct tk_csv *csv, unsigned column, struct tk_err_list *errs, const char *complaint);

#endif /* TK_CSV_H */
