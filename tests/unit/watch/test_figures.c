/* SPDX-License-Identifier: Apache-2.0 */
/* Counters read back: each row of base/stats.def, by what the module itself writes; and bytes that it does not
 * write. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "watch/figures.h"

static const struct tk_build build = {.version = "1.2 {\"x\"} 3", .librdkafka = "2.0"};

/* Each counter has a value of its own. */
static struct tk_books make_books(void)
{
    struct tk_books b = {0};

    for (int i = 0; i < TK_STAT_COUNT; i++)
        b.value[i] = 1000 + (uint64_t)i;
    b.value[0] = INT64_MAX;
    b.histogram[0].bucket[3] = 7;
    return b;
}

static struct tk_json written(const struct tk_books *b)
{
    static struct tk_named_counts rules;
    struct tk_json j;

    memset(&rules, 0, sizeof(rules));
    for (int i = 0; i < 30; i++) {
        char name[32];

        (void)snprintf(name, sizeof(name), "operator:r\" } %d", i);
        for (int n = 0; n <= i; n++)
            tk_named_counts_add(&rules, name, strlen(name));
    }
    tk_json_init(&j);
    tk_books_prometheus(b, &build, &j);
    tk_named_counts_prometheus(&rules, "suppressed_by_rule", "help", "rule", &j);
    assert_false(j.is_failed);
    return j;
}

static void check_rules(const struct tk_figures *f)
{
    assert_int_equal(f->rule_count, TK_FIGURES_RULES);
    for (unsigned i = 0; i < f->rule_count; i++) {
        char name[32];

        (void)snprintf(name, sizeof(name), "operator:r\" } %u", 29 - i);
        assert_string_equal(f->rules[i].name, name);
        assert_int_equal(f->rules[i].count, 30 - i);
    }
}

static void test_each_row_of_the_file(void **state)
{
    struct tk_books b = make_books();
    struct tk_json j = written(&b);
    struct tk_figures f;

    (void)state;
    tk_figures_read_text(&f, j.buf, j.len);
    for (int i = 0; i < TK_STAT_COUNT; i++) {
        bool is_info = tk_stat_table[i].kind == TK_STAT_INFO;

        assert_int_equal(f.has[i], !is_info);
        assert_int_equal(f.books.value[i], is_info ? 0 : b.value[i]);
    }
    check_rules(&f);
    assert_true(tk_figures_are_whole(&f));
    assert_int_equal(f.at, 0);
    tk_json_done(&j);
}

static void test_each_row_of_a_record(void **state)
{
    struct tk_books b = make_books();
    struct tk_figures f;
    struct tk_json j;
    json_t *record;

    (void)state;
    tk_json_init(&j);
    tk_json_object_begin(&j);
    TK_JSON_NAME(&j, "books");
    tk_json_object_begin(&j);
    tk_books_json(&b, &j);
    tk_json_object_end(&j);
    TK_JSON_NAME(&j, "suppressed_by_rule");
    tk_json_raw(&j, "[{\"rule\":\"a\",\"count\":2},{\"rule\":7,\"count\":2},3,{\"rule\":\"b\",\"count\":9}]", 70);
    tk_json_object_end(&j);
    record = json_loadb(j.buf, j.len, 0, NULL);
    assert_non_null(record);
    tk_figures_read_health(&f, record);
    for (int i = 0; i < TK_STAT_COUNT; i++)
        assert_int_equal(f.books.value[i], tk_stat_table[i].kind == TK_STAT_INFO ? 0 : b.value[i]);
    assert_true(tk_figures_are_whole(&f));
    assert_int_equal(f.rule_count, 2);
    assert_string_equal(f.rules[0].name, "b");
    (void)json_object_set_new(json_object_get(record, "books"), "of_tomorrow", json_integer(1));
    tk_figures_read_health(&f, record);
    assert_int_equal(f.unknown, 1);
    assert_false(tk_figures_are_whole(&f));
    json_decref(record);
    tk_json_done(&j);
}

/* Without one row, that one is missing and no other. */
static void test_a_row_that_is_missing(void **state)
{
    struct tk_books b = make_books();
    struct tk_json j = written(&b);

    (void)state;
    for (int i = 0; i < TK_STAT_COUNT; i++) {
        char series[TK_STAT_SERIES_BYTES + 2] = "\n", *copy = strndup(j.buf, j.len), *at;
        struct tk_figures f;

        if (tk_stat_table[i].kind == TK_STAT_INFO) {
            free(copy);
            continue;
        }
        (void)tk_stat_series(series + 1, (enum tk_stat)i);
        (void)strcat(series, " ");
        at = strstr(copy, series);
        assert_non_null(at);
        at[1] = '#';
        tk_figures_read_text(&f, copy, j.len);
        assert_int_equal(tk_figures_missing(&f), i);
        assert_false(tk_figures_are_whole(&f));
        free(copy);
    }
    tk_json_done(&j);
}

/* A file that is cut anywhere is never taken for whole. */
static void test_cut(void **state)
{
    struct tk_books b = make_books();
    struct tk_json j = written(&b);
    struct tk_figures f;
    const char *last = strstr(j.buf, "trapkafka_last_acknowledged_timestamp_seconds 1");

    (void)state;
    assert_non_null(last);
    for (size_t len = 0; len <= (size_t)(last - j.buf) + 50; len += 1 + len / 300) {
        char *copy = malloc(len + 1);

        memcpy(copy, j.buf, len);
        tk_figures_read_text(&f, copy, len);
        assert_false(tk_figures_are_whole(&f));
        free(copy);
    }
    tk_json_done(&j);
}

static const struct {
    const char *text;
    unsigned wrong_line, unknown, count;
} hostile[] = {
    {"", 0, 0, 0},
    {"\n\n# x\n", 0, 0, 0},
    {"trapkafka_received_total 5\n", 0, 0, 1},
    {"trapkafka_received_total 5", 1, 0, 0},
    {"trapkafka_received_total 5\ntrapkafka_received_total 6\n", 2, 0, 1},
    {"\ntrapkafka_received_total -5\n", 2, 0, 0},
    {"trapkafka_received_total +5\n", 1, 0, 0},
    {"trapkafka_received_total 5.0\n", 1, 0, 0},
    {"trapkafka_received_total NaN\n", 1, 0, 0},
    {"trapkafka_received_total \n", 1, 0, 0},
    {"trapkafka_received_total\n", 1, 0, 0},
    {"trapkafka_received_total 9223372036854775807\n", 0, 0, 1},
    {"trapkafka_received_total 9223372036854775808\n", 1, 0, 0},
    {"trapkafka_received_total 99999999999999999999999\n", 1, 0, 0},
    {"trapkafka_received_total 5\r\n", 1, 0, 0},
    {"trapkafka_received 5\n", 0, 1, 0},
    {"trapkafka_suppressed_total{reason=\"of_tomorrow\"} 5\n", 0, 1, 0},
    {"trapkafka_suppressed_total{reason=\"duplicate\"} 5\n", 0, 0, 1},
    {"trapkafka_suppressed_total{reason=\"duplicate\"} 5 1700000000\n", 0, 1, 0},
    {"trapkafka_suppressed_by_rule_total{rule=\"\"} 5\n", 0, 0, 0},
    {"trapkafka_suppressed_by_rule_total{rule=\" 5\n", 0, 1, 0},
    {"trapkafka_suppressed_by_rule_total{rule=\"} 5\n", 0, 1, 0},
    {"trapkafka_ 5\n", 0, 1, 0},
    {"node_load1 0.5\n", 1, 0, 0},
    {" 5\n", 1, 0, 0},
    {"\033[2J\n", 1, 0, 0},
};

static void test_hostile_text(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(hostile) / sizeof(hostile[0]); i++) {
        size_t len = strlen(hostile[i].text);
        char *copy = malloc(len ? len : 1); /* its end is the sanitizer's */
        struct tk_figures f;

        memcpy(copy, hostile[i].text, len);
        tk_figures_read_text(&f, copy, len);
        if (f.wrong_line != hostile[i].wrong_line || f.unknown != hostile[i].unknown || f.count != hostile[i].count)
            fail_msg("row %zu: line %u, unknown %u, count %u", i, f.wrong_line, f.unknown, f.count);
        free(copy);
    }
}

static void test_random_bytes(void **state)
{
    struct tk_books b = make_books();
    struct tk_json j = written(&b);
    struct tk_figures f;

    (void)state;
    srand(7);
    for (int i = 0; i < 300; i++) {
        for (int n = 0; n < 20; n++)
            j.buf[(size_t)rand() % j.len] = (char)rand();
        tk_figures_read_text(&f, j.buf, j.len);
        assert_true(f.rule_count <= TK_FIGURES_RULES && f.count <= TK_STAT_COUNT);
    }
    tk_json_done(&j);
}

static void test_rates(void **state)
{
    struct tk_figures a = {.at = 10 * TK_SECOND}, b = {.at = 14 * TK_SECOND};
    uint64_t sum;
    double rate;

    (void)state;
    assert_false(tk_figures_rate(&a, &b, TK_RECEIVED, &rate));
    a.has[TK_RECEIVED] = b.has[TK_RECEIVED] = true;
    a.books.value[TK_RECEIVED] = 100;
    b.books.value[TK_RECEIVED] = 110;
    assert_true(tk_figures_rate(&a, &b, TK_RECEIVED, &rate));
    assert_float_equal(rate, 2.5, 1e-9);
    assert_false(tk_figures_rate(&b, &a, TK_RECEIVED, &rate));
    assert_false(tk_figures_rate(&a, &a, TK_RECEIVED, &rate));
    b.books.value[TK_RECEIVED] = 99; /* they began anew */
    assert_false(tk_figures_rate(&a, &b, TK_RECEIVED, &rate));
    a.has[TK_PENDING] = b.has[TK_PENDING] = true;
    assert_false(tk_figures_rate(&a, &b, TK_PENDING, &rate)); /* a gauge */
    b.has[TK_SUPPRESSED_RULE] = true;
    b.books.value[TK_SUPPRESSED_RULE] = b.books.value[TK_SUPPRESSED_DUPLICATE] = INT64_MAX;
    assert_true(tk_figures_sum(&b, TK_SUPPRESSED_DUPLICATE, &sum));
    assert_int_equal(sum, INT64_MAX);
}

static void expect_refused(const char *path, int status, const char *said)
{
    struct tk_err err = {0};
    struct tk_figures f;

    assert_int_equal(tk_figures_read_file(&f, path, &err), status);
    assert_string_equal(err.file, path);
    if (!strstr(err.text, said))
        fail_msg("%s: %s", path, err.text);
}

static void test_files(void **state)
{
    char folder[] = "/tmp/tk-figures-XXXXXX", path[64], fifo[64];
    struct tk_err err = {0};
    struct tk_figures f;
    FILE *file;

    (void)state;
    assert_non_null(mkdtemp(folder));
    (void)snprintf(path, sizeof(path), "%s/stats", folder);
    (void)snprintf(fifo, sizeof(fifo), "%s/fifo", folder);
    expect_refused(path, -ENOENT, "is snmptrapd running");
    expect_refused(folder, -EINVAL, "no regular file");
    assert_int_equal(mkfifo(fifo, 0600), 0);
    expect_refused(fifo, -EINVAL, "no regular file");
    file = fopen(path, "w");
    assert_non_null(file);
    (void)fputs("node_load1 0.5\n", file);
    (void)fclose(file);
    expect_refused(path, -EINVAL, "no counters of trapkafka");
    file = fopen(path, "w");
    (void)fputs("trapkafka_received_total 5\n", file);
    (void)fclose(file);
    assert_int_equal(tk_figures_read_file(&f, path, &err), 0);
    assert_true(f.at > 0 && f.books.value[TK_RECEIVED] == 5);
    assert_int_equal(truncate(path, TK_FIGURES_BYTES + 1), 0);
    expect_refused(path, -EINVAL, "more than");
    (void)unlink(path);
    (void)unlink(fifo);
    (void)rmdir(folder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_each_row_of_the_file),
        cmocka_unit_test(test_each_row_of_a_record),
        cmocka_unit_test(test_a_row_that_is_missing),
        cmocka_unit_test(test_cut),
        cmocka_unit_test(test_hostile_text),
        cmocka_unit_test(test_random_bytes),
        cmocka_unit_test(test_rates),
        cmocka_unit_test(test_files),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
