/* SPDX-License-Identifier: Apache-2.0 */
#include "base/csv.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/devel.h"
#include "base/text.h"

#define NO_COLUMN UINT8_MAX

struct column {
    unsigned field; /* of the record */
    char name[TK_CSV_MAX_NAME + 1];
};

struct tk_csv {
    unsigned header_line, header_fields;
    unsigned column_count; /* 0 until the header has been read */
    struct column column[TK_CSV_MAX_COLUMNS];
    uint8_t column_of[TK_CSV_MAX_FIELDS]; /* of each field, or NO_COLUMN */
    struct tk_csv_records records;
};

unsigned tk_csv_column_count(const struct tk_csv *csv)
{
    return csv->column_count;
}
const char *tk_csv_column(const struct tk_csv *csv, unsigned column)
{
    TK_ASSERT(column < csv->column_count);
    return csv->column[column].name;
}
struct tk_csv_field tk_csv_field(const struct tk_csv *csv, unsigned column)
{
    TK_ASSERT(column < csv->column_count);
    return csv->records.field[csv->column[column].field];
}
unsigned tk_csv_line(const struct tk_csv *csv)
{
    return csv->records.record_line;
}
const char *tk_csv_path(const struct tk_csv *csv)
{
    return csv->records.path;
}

int tk_csv_complain(const struct tk_csv *csv, unsigned column, struct tk_err_list *errs, const char *complaint)
{
    struct tk_csv_field f = tk_csv_field(csv, column);
    char value[96];

    tk_escape(value, sizeof(value), f.text, f.len);
    tk_err_list_add(errs, tk_csv_path(csv), tk_csv_line(csv), "column '%s': '%s' %s", csv->column[column].name, value,
                    complaint);
    return -EINVAL;
}

/* Add the flaw that the records have. @returns @p error */
static int add_flaw(const struct tk_csv *csv, struct tk_err_list *errs, int error)
{
    const struct tk_csv_flaw *flaw = &csv->records.flaw;
    unsigned column = flaw->field < TK_CSV_MAX_FIELDS ? csv->column_of[flaw->field] : NO_COLUMN;

    if (flaw->field == TK_CSV_NO_FIELD)
        tk_err_list_add(errs, tk_csv_path(csv), flaw->line, "%s", flaw->text);
    else if (column != NO_COLUMN)
        tk_err_list_add(errs, tk_csv_path(csv), flaw->line, "column '%s': %s", csv->column[column].name, flaw->text);
    else
        tk_err_list_add(errs, tk_csv_path(csv), flaw->line, "field %u: %s", flaw->field + 1, flaw->text);
    return error;
}

/* Read the next record that is not empty. @returns as tk_csv_next() */
static int read_record(struct tk_csv *csv, struct tk_err_list *errs)
{
    int ret;

    do
        ret = tk_csv_records_next(&csv->records);
    while (ret == 1 && csv->records.is_empty);
    return ret < 0 ? add_flaw(csv, errs, ret) : ret;
}

/* --- the header ------------------------------------------------------------------------------------------------ */

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

/* The field @p i of the header has text. @returns 0 / -EINVAL */
static int add_column(struct tk_csv *csv, unsigned i, struct tk_err_list *errs)
{
    const struct tk_csv_field *f = &csv->records.field[i];
    struct column *c = &csv->column[csv->column_count];
    char value[96];

    if (!name_is_valid(f)) {
        tk_escape(value, sizeof(value), f->text, f->len);
        tk_err_list_add(errs, tk_csv_path(csv), csv->header_line,
                        "header, field %u: '%s' is not a column name; write a letter or _, then up to 63 letters, "
                        "digits, _ or -, and separate the names by commas",
                        i + 1, value);
        return -EINVAL;
    }
    c->field = i;
    memcpy(c->name, f->text, f->len);
    c->name[f->len] = '\0';
    for (const struct column *k = csv->column; k < c; k++) {
        if (strcmp(k->name, c->name) == 0) {
            tk_err_list_add(errs, tk_csv_path(csv), csv->header_line,
                            "header: fields %u and %u are both '%s'; rename one", k->field + 1, i + 1, c->name);
            return -EINVAL;
        }
    }
    csv->column_of[i] = (uint8_t)csv->column_count++;
    return 0;
}

static int read_header(struct tk_csv *csv, struct tk_err_list *errs)
{
    const struct tk_csv_records *r = &csv->records;
    unsigned named = 0;
    int ret = read_record(csv, errs);

    if (ret == 0)
        tk_err_list_add(errs, tk_csv_path(csv), 0,
                        "the file has no header; name the columns in the first line, such as: address,name,site");
    if (ret <= 0)
        return -EINVAL;
    csv->header_line = r->record_line;
    csv->header_fields = r->field_count;
    for (unsigned i = 0; i < TK_CSV_MAX_FIELDS; i++)
        named += r->field[i].len > 0;
    if (named > TK_CSV_MAX_COLUMNS || r->has_more) {
        tk_err_list_add(errs, tk_csv_path(csv), csv->header_line,
                        "the header has %u columns, and %u is the most; remove some",
                        r->has_more ? r->field_count : named, TK_CSV_MAX_COLUMNS);
        return -EINVAL;
    }
    for (unsigned i = 0; i < TK_CSV_MAX_FIELDS; i++)
        if (r->field[i].len && add_column(csv, i, errs) < 0)
            ret = -EINVAL;
    return ret;
}

/* --- rows ------------------------------------------------------------------------------------------------------ */

/* A value in a column without a name: nobody would see it. @returns -EINVAL */
static int complain_nameless(const struct tk_csv *csv, unsigned i, struct tk_err_list *errs)
{
    const struct tk_csv_field *f = &csv->records.field[i];
    char value[96];

    tk_escape(value, sizeof(value), f->text, f->len);
    tk_err_list_add(errs, tk_csv_path(csv), tk_csv_line(csv),
                    "field %u: '%s' is in a column without a name; name the column in the header (line %u), or remove "
                    "the value",
                    i + 1, value, csv->header_line);
    return -EINVAL;
}

/* The row has as many fields as the header; empty ones behind the last named column may be missing, or be too many.
 * @returns 1 / -EINVAL */
static int check_fields(const struct tk_csv *csv, struct tk_err_list *errs)
{
    const struct tk_csv_records *r = &csv->records;
    unsigned used = r->field_count < TK_CSV_MAX_FIELDS ? r->field_count : TK_CSV_MAX_FIELDS;

    while (used && !r->field[used - 1].len)
        used--;
    if (used > csv->header_fields || r->has_more || r->field_count <= csv->column[csv->column_count - 1].field) {
        tk_err_list_add(errs, tk_csv_path(csv), tk_csv_line(csv),
                        "%u fields, but the header names %u columns; write empty fields as ',,' and quote a value that "
                        "contains a comma",
                        r->field_count, csv->column_count);
        return -EINVAL;
    }
    for (unsigned i = 0; i < used; i++)
        if (r->field[i].len && csv->column_of[i] == NO_COLUMN)
            return complain_nameless(csv, i, errs);
    return 1;
}

int tk_csv_next(struct tk_csv *csv, struct tk_err_list *errs)
{
    int ret = read_record(csv, errs);

    return ret == 1 ? check_fields(csv, errs) : ret;
}

/* --- life ------------------------------------------------------------------------------------------------------ */

struct tk_csv *tk_csv_new(const char *path, struct tk_err_list *errs)
{
    struct tk_csv *csv = malloc(sizeof(*csv));
    int ret;

    if (!csv) {
        tk_err_list_add(errs, path, 0, "out of memory while opening the file");
        return NULL;
    }
    memset(csv, 0, offsetof(struct tk_csv, records));
    memset(csv->column_of, NO_COLUMN, sizeof(csv->column_of));
    ret = tk_csv_records_open(&csv->records, path);
    if (ret < 0)
        (void)add_flaw(csv, errs, ret);
    if (ret < 0 || read_header(csv, errs) < 0) {
        tk_csv_free(csv);
        return NULL;
    }
    return csv;
}

void tk_csv_free(struct tk_csv *csv)
{
    if (csv)
        tk_csv_records_close(&csv->records);
    free(csv);
}
