/* SPDX-License-Identifier: Apache-2.0 */
/* Tables as spreadsheets export them. A random good table is written plainly, and once more with what carries no meaning put in
 * at random: byte order mark, CRLF, rows and columns of nothing, comments, blanks, quotes, commas at the end of rows. Both
 * must load as the same table. Then random cells are made wrong: each of them must be told, with its line. */
#include <arpa/inet.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "temp_file.h"

#include "inventory/circuits.h"
#include "inventory/inventory.h"

#define TABLES      400
#define MAX_ROWS    30
#define MAX_COLUMNS 6

/* A table, and how it is written. Cells that no row has are empty. */
struct sheet {
    unsigned rows, columns; /* the header is row 0 */
    char cell[MAX_ROWS + 1][MAX_COLUMNS][64];
    unsigned line[MAX_ROWS + 1]; /* where the row was written last */
    bool is_decorated, is_crlf;
    bool is_blank_before[MAX_COLUMNS + 1]; /* a column of nothing stands before this one */
};

static unsigned dice(unsigned sides)
{
    return (unsigned)random() % sides;
}

static void put(struct sheet *s, unsigned row, unsigned column, const char *text)
{
    (void)snprintf(s->cell[row][column], sizeof(s->cell[0][0]), "%s", text);
}

/* --- writing it ------------------------------------------------------------------------------------------------ */

static void write_newline(const struct sheet *s, FILE *f, unsigned *line)
{
    fputs(s->is_crlf ? "\r\n" : "\n", f);
    ++*line;
}

static void write_nothing(FILE *f)
{
    static const char *const nothings[] = {"", "", " ", "\"\"", " \"\" ", "\t"};

    fputs(nothings[dice(sizeof(nothings) / sizeof(nothings[0]))], f);
}

static void write_empty_rows(const struct sheet *s, FILE *f, unsigned *line)
{
    while (s->is_decorated && dice(3) == 0) {
        switch (dice(4)) {
        case 0: fputs("#,\"a comment", f); break;
        case 1: fputs("  ", f); break;
        case 2: break;
        default:
            for (unsigned n = dice(2 * MAX_COLUMNS); n; n--) {
                write_nothing(f);
                fputc(',', f);
            }
            write_nothing(f);
        }
        write_newline(s, f, line);
    }
}

static void write_cell(const struct sheet *s, FILE *f, const char *text)
{
    bool needs_quotes = strpbrk(text, ",\"\n") || *text == ' ' || *text == '#';

    if (!*text && s->is_decorated) {
        write_nothing(f);
        return;
    }
    if (s->is_decorated && dice(4) == 0)
        fputs("  ", f);
    if (needs_quotes || (s->is_decorated && dice(3) == 0)) {
        fputc('"', f);
        for (; *text; text++)
            fprintf(f, "%s%c", *text == '"' ? "\"" : "", *text);
        fputc('"', f);
    } else {
        fputs(text, f);
    }
    if (s->is_decorated && dice(4) == 0)
        fputs(" ", f);
}

static void write_row(struct sheet *s, FILE *f, unsigned row, unsigned *line)
{
    s->line[row] = *line;
    for (unsigned c = 0; c < s->columns; c++) {
        if (s->is_blank_before[c]) {
            write_nothing(f);
            fputc(',', f);
        }
        write_cell(s, f, s->cell[row][c]);
        for (const char *p = s->cell[row][c]; *p; p++)
            *line += *p == '\n';
        if (c + 1 < s->columns)
            fputc(',', f);
    }
    for (unsigned n = s->is_decorated ? dice(4) : 0; n; n--) {
        fputc(',', f);
        write_nothing(f);
    }
}

static void write_sheet(struct sheet *s, bool is_decorated)
{
    FILE *f = fopen(path, "w");
    unsigned line = 1;

    assert_non_null(f);
    s->is_decorated = is_decorated;
    s->is_crlf = is_decorated && dice(2);
    for (unsigned c = 0; c < s->columns; c++)
        s->is_blank_before[c] = is_decorated && dice(4) == 0;
    if (is_decorated && dice(2))
        fputs("\xef\xbb\xbf", f);
    for (unsigned row = 0; row <= s->rows; row++) {
        write_empty_rows(s, f, &line);
        write_row(s, f, row, &line);
        if (row < s->rows || dice(2))
            write_newline(s, f, &line);
    }
    assert_int_equal(fclose(f), 0);
}

/* --- what is in it --------------------------------------------------------------------------------------------- */

static const char *random_value(void)
{
    static const char *const values[] = {"",           "FRA3",   "R 12",           "say \"hi\", please",
                                         "two\nlines", " kept ", "M\xc3\xbcnchen", "#no comment",
                                         "0",          "a,b"};

    return values[dice(sizeof(values) / sizeof(values[0]))];
}

static void make_inventory(struct sheet *s)
{
    static const char *const header[MAX_COLUMNS] = {"site", "address", "prefix", "name", "rack", "engine_id"};
    char text[64];

    memset(s, 0, sizeof(*s));
    s->rows = 1 + dice(MAX_ROWS);
    s->columns = MAX_COLUMNS;
    for (unsigned c = 0; c < s->columns; c++)
        put(s, 0, c, header[c]);
    for (unsigned row = 1; row <= s->rows; row++) {
        put(s, row, 0, random_value());
        put(s, row, 4, random_value());
        (void)snprintf(text, sizeof(text), "192.0.2.%u", row);
        put(s, row, 1, dice(2) ? text : "");
        (void)snprintf(text, sizeof(text), "10.%u.0.0/16", row);
        put(s, row, 2, dice(2) ? text : "");
        (void)snprintf(text, sizeof(text), "0x80001f88%06x", row);
        put(s, row, 5, dice(2) ? text : "");
        (void)snprintf(text, sizeof(text), "device %u", row);
        put(s, row, 3, text);
    }
}

static void make_circuits(struct sheet *s)
{
    static const char *const header[MAX_COLUMNS] = {"customer", "device", "ifIndex", "ifName", "circuit_id", "note"};
    char text[64];

    memset(s, 0, sizeof(*s));
    s->rows = 1 + dice(MAX_ROWS);
    s->columns = MAX_COLUMNS;
    for (unsigned c = 0; c < s->columns; c++)
        put(s, 0, c, header[c]);
    for (unsigned row = 1; row <= s->rows; row++) {
        put(s, row, 0, random_value());
        put(s, row, 4, random_value());
        put(s, row, 5, random_value());
        (void)snprintf(text, sizeof(text), "pe%u", dice(3));
        put(s, row, 1, text);
        (void)snprintf(text, sizeof(text), "%u", row);
        put(s, row, 2, text);
        (void)snprintf(text, sizeof(text), "xe-0/0/%u", row);
        put(s, row, 3, dice(2) ? text : "");
    }
}

/* The members of a row as JSON, into @p text. */
static void write_members(const struct tk_topology *devices, uint32_t device, const struct tk_topology *circuits,
                          uint32_t circuit, char *text, size_t bytes)
{
    struct tk_topology_join join;
    struct tk_json j;

    tk_topology_join_init(&join, devices, circuits);
    tk_json_init(&j);
    tk_json_object_begin(&j);
    tk_topology_write(&join, device, circuit, &j);
    tk_json_object_end(&j);
    assert_true(!j.is_failed && j.len < bytes);
    memcpy(text, j.buf, j.len);
    text[j.len] = '\0';
    tk_json_done(&j);
}

static void fail_with(const struct tk_err_list *errs)
{
    char text[1024];

    fail_msg("%s", errs->kept ? tk_err_list_format(errs, 0, text, sizeof(text)) : "no error was told");
}

static struct tk_inventory *load_inventory(struct sheet *s, bool is_decorated)
{
    struct tk_err_list errs = {0}, warnings = {0};
    struct tk_inventory *inv;

    write_sheet(s, is_decorated);
    inv = tk_inventory_load(path, 1, &errs, &warnings);
    if (!inv)
        fail_with(&errs);
    assert_true(tk_err_list_is_empty(&errs) && tk_err_list_is_empty(&warnings));
    return inv;
}

static void test_same_inventory(void **state)
{
    static struct sheet s;

    (void)state;
    srandom(1);
    for (unsigned n = 0; n < TABLES; n++) {
        struct tk_inventory *plain, *other;
        char want[1024], is[1024];
        uint8_t address[4] = {192, 0, 2, 0}, net[4] = {10, 0, 7, 7}, engine[7] = {0x80, 0, 0x1f, 0x88};

        make_inventory(&s);
        plain = load_inventory(&s, false);
        other = load_inventory(&s, true);
        assert_int_equal(tk_inventory_count(plain), s.rows);
        assert_int_equal(tk_inventory_count(other), s.rows);
        for (uint32_t row = 0; row < s.rows; row++) {
            size_t len, other_len;
            const char *name = tk_inventory_name(plain, row, &len),
                       *other_name = tk_inventory_name(other, row, &other_len);

            assert_true(len == other_len && memcmp(name, other_name, len) == 0);
            write_members(tk_inventory_topology(plain), row, NULL, TK_ROW_NONE, want, sizeof(want));
            write_members(tk_inventory_topology(other), row, NULL, TK_ROW_NONE, is, sizeof(is));
            assert_string_equal(is, want);
            address[3] = net[1] = engine[6] = (uint8_t)(row + 1);
            assert_int_equal(tk_inventory_find_address(other, AF_INET, address),
                             tk_inventory_find_address(plain, AF_INET, address));
            assert_int_equal(tk_inventory_find_address(other, AF_INET, net),
                             tk_inventory_find_address(plain, AF_INET, net));
            assert_int_equal(tk_inventory_find_engine(other, engine, sizeof(engine)),
                             tk_inventory_find_engine(plain, engine, sizeof(engine)));
            assert_int_equal(tk_inventory_find_name(other, name, len), tk_inventory_find_name(plain, name, len));
        }
        tk_inventory_free(plain);
        tk_inventory_free(other);
    }
}

static void test_same_circuits(void **state)
{
    static struct sheet s;

    (void)state;
    srandom(2);
    for (unsigned n = 0; n < TABLES; n++) {
        struct tk_err_list errs = {0}, warnings = {0};
        struct tk_circuits *plain, *other;
        char want[1024], is[1024];

        make_circuits(&s);
        write_sheet(&s, false);
        plain = tk_circuits_load(path, 1, &errs, &warnings);
        write_sheet(&s, true);
        other = tk_circuits_load(path, 1, &errs, &warnings);
        if (!plain || !other)
            fail_with(&errs);
        assert_true(tk_err_list_is_empty(&warnings));
        assert_int_equal(tk_circuits_count(other), s.rows);
        for (uint32_t row = 0; row < s.rows; row++) {
            const char *device = s.cell[row + 1][1], *if_name = s.cell[row + 1][3];

            write_members(NULL, TK_ROW_NONE, tk_circuits_topology(plain), row, want, sizeof(want));
            write_members(NULL, TK_ROW_NONE, tk_circuits_topology(other), row, is, sizeof(is));
            assert_string_equal(is, want);
            assert_int_equal(tk_circuits_find_index(plain, device, strlen(device), row + 1), row);
            assert_int_equal(tk_circuits_find_index(other, device, strlen(device), row + 1), row);
            if (*if_name)
                assert_int_equal(tk_circuits_find_name(other, device, strlen(device), if_name, strlen(if_name)), row);
        }
        tk_circuits_free(plain);
        tk_circuits_free(other);
    }
}

/* --- what is wrong in it --------------------------------------------------------------------------------------- */

/* Make a cell of the row wrong, or leave it. @returns whether it did */
static bool spoil_device(struct sheet *s, unsigned row)
{
    switch (dice(6)) {
    case 0: put(s, row, 1, "192.0.2.300"); return true;
    case 1: put(s, row, 2, "10.0.0.1/8"); return true;
    case 2: put(s, row, 5, "0xno"); return true;
    case 3: put(s, row, 0, "M\xfcnchen"); return true;
    default: return false;
    }
}

static bool spoil_circuit(struct sheet *s, unsigned row)
{
    switch (dice(5)) {
    case 0: put(s, row, 2, "seven"); return true;
    case 1: put(s, row, 1, ""); return true;
    case 2: put(s, row, 0, "M\xfcnchen"); return true;
    default: return false;
    }
}

static void check_errors(const struct sheet *s, const bool *is_wrong, const struct tk_err_list *errs)
{
    unsigned told = 0;

    for (unsigned row = 1; row <= s->rows; row++) {
        if (!is_wrong[row])
            continue;
        if (told < TK_ERR_LIST_MAX) {
            assert_true(told < errs->kept);
            assert_int_equal(errs->err[told].line, s->line[row]);
            assert_string_equal(errs->err[told].file, path);
        }
        told++;
    }
    assert_int_equal(errs->kept, told < TK_ERR_LIST_MAX ? told : TK_ERR_LIST_MAX);
    assert_int_equal(errs->further, told - errs->kept);
}

static void test_all_errors_at_once(void **state)
{
    static struct sheet s;
    unsigned most = 0;

    (void)state;
    srandom(3);
    for (unsigned n = 0; n < 2 * TABLES; n++) {
        struct tk_err_list errs = {0};
        bool is_wrong[MAX_ROWS + 1] = {false}, is_any = false;
        bool is_loaded;

        (n % 2 ? make_inventory : make_circuits)(&s);
        for (unsigned row = 1; row <= s.rows; row++)
            is_any |= is_wrong[row] = n % 2 ? spoil_device(&s, row) : spoil_circuit(&s, row);
        write_sheet(&s, dice(2));
        if (n % 2) {
            struct tk_inventory *inv = tk_inventory_load(path, 1, &errs, NULL);

            is_loaded = inv != NULL;
            tk_inventory_free(inv);
        } else {
            struct tk_circuits *c = tk_circuits_load(path, 1, &errs, NULL);

            is_loaded = c != NULL;
            tk_circuits_free(c);
        }
        assert_int_equal(is_loaded, !is_any);
        check_errors(&s, is_wrong, &errs);
        most = errs.further > most ? errs.further : most;
    }
    assert_in_range(most, 3, MAX_ROWS); /* or the list never overflowed */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_same_inventory),
        cmocka_unit_test(test_same_circuits),
        cmocka_unit_test(test_all_errors_at_once),
    };

    return cmocka_run_group_tests(tests, make_file, remove_file);
}
