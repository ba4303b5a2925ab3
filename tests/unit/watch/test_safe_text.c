/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "watch/safe_text.h"

static const struct row {
    const char *text;
    unsigned columns; /* that may be used */
    const char *shown;
    unsigned used;
} rows[] = {
    {"", 5, "", 0},
    {"abc", 5, "abc", 3},
    {"abcde", 5, "abcde", 5},
    {"abcdef", 5, "abcd\u2026", 5},
    {"abcdef", 1, "\u2026", 1},
    {"abcdef", 0, "", 0},
    {"abcdef", TK_ALL_COLUMNS, "abcdef", 6},
    /* What a terminal would obey. */
    {"\033[2J", 20, "\\x1b[2J", 7},
    {"a\033[2J", 4, "a\u2026", 2},
    {"\r\n\t\b\x7f", 40, "\\x0d\\x0a\\x09\\x08\\x7f", 20},
    {"\xc2\x9b"
     "2J",
     20, "\\x9b2J", 6},
    {"\u202eabc", 20, "\\u{202e}abc", 11},
    {"\u2066\u200b\ufeff", 40, "\\u{2066}\\u{200b}\\u{feff}", 24},
    {"\U000e0041", 40, "\\u{e0041}", 9},
    {"\ue000", 40, "\\u{e000}", 8},
    {"\ufffe", 40, "\\u{fffe}", 8},
    /* What is no UTF-8. */
    {"\xff", 20, "\\xff", 4},
    {"\xc0\x80", 20, "\\xc0\\x80", 8},
    {"\xed\xa0\x80", 20, "\\xed\\xa0\\x80", 12},
    {"\xe2\x82", 20, "\\xe2\\x82", 8},
    {"\xf4\x90\x80\x80", 20, "\\xf4\\x90\\x80\\x80", 16},
    /* Width. */
    {"M\u00fcnchen", 7, "M\u00fcnchen", 7},
    {"\u6f22\u5b57", 4, "\u6f22\u5b57", 4},
    {"\u6f22\u5b57", 3, "\u6f22\u2026", 3},
    {"\u6f22\u5b57\u6f22", 4, "\u6f22\u2026", 3},
    {"e\u0301x", 2, "e\u0301x", 2},
    {"\u0301x", 20, "\\u{301}x", 8},
    {"e\u0301\u0301\u0301\u0301", 20, "e\u0301\u0301\u0301\\u{301}", 8},
};

static char *printed(const char *text, size_t len, unsigned columns, unsigned *ret)
{
    char *shown = NULL;
    size_t shown_len = 0;
    FILE *f = open_memstream(&shown, &shown_len);

    *ret = tk_safe_print(f, text, len, columns);
    assert_int_equal(fclose(f), 0);
    return shown;
}

static void test_rows(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        const struct row *r = &rows[i];
        unsigned used;
        char *shown = printed(r->text, strlen(r->text), r->columns, &used);

        if (strcmp(shown, r->shown) != 0 || used != r->used)
            fail_msg("row %zu: '%s' in %u columns, expected '%s' in %u", i, shown, used, r->shown, r->used);
        free(shown);
    }
}

/* Whatever the bytes are: nothing below a space, never more columns than permitted, and as many as were counted. */
static void test_any_bytes(void **state)
{
    unsigned seed = 7;
    char text[40];

    (void)state;
    for (int n = 0; n < 20000; n++) {
        unsigned columns = (unsigned)rand_r(&seed) % 30, used;
        size_t len = (unsigned)rand_r(&seed) % sizeof(text);
        char *shown;

        for (size_t i = 0; i < len; i++)
            text[i] = (char)(rand_r(&seed) >> 5);
        shown = printed(text, len, columns, &used);
        assert_true(used <= columns);
        assert_int_equal(tk_safe_columns(shown, strlen(shown), TK_ALL_COLUMNS), used);
        for (const char *c = shown; *c; c++)
            assert_true((unsigned char)*c >= ' ' && *c != 0x7f);
        free(shown);
    }
}

static void test_cells(void **state)
{
    char *shown = NULL;
    size_t len = 0;
    FILE *f = open_memstream(&shown, &len);

    (void)state;
    tk_safe_print_cell(f, "ab", 4, false);
    tk_safe_print_cell(f, "|", 1, false);
    tk_safe_print_cell(f, "ab", 4, true);
    tk_safe_print_cell(f, "\u6f22\u5b57\u6f22", 4, false);
    tk_safe_print_cell(f, "|", 1, false);
    assert_int_equal(fclose(f), 0);
    assert_string_equal(shown, "ab  |  ab\u6f22\u2026 |");
    free(shown);
}

static void test_json(void **state)
{
    static const char json[] = "{\"a\":\"M\u00fc \xc2\x9b"
                               "2J \u202e \U000e0041 \\u001b\"}";
    char *shown = NULL;
    size_t len = 0;
    FILE *f = open_memstream(&shown, &len);

    (void)state;
    tk_safe_print_json(f, json, strlen(json));
    assert_int_equal(fclose(f), 0);
    assert_string_equal(shown, "{\"a\":\"M\u00fc \\u009b2J \\u202e \\udb40\\udc41 \\u001b\"}");
    free(shown);
}

static int know_unicode(void **state)
{
    (void)state;
    tk_safe_text_init();
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rows),
        cmocka_unit_test(test_any_bytes),
        cmocka_unit_test(test_cells),
        cmocka_unit_test(test_json),
    };

    return cmocka_run_group_tests(tests, know_unicode, NULL);
}
