/* SPDX-License-Identifier: Apache-2.0 */
#include "base/stats.h"

#include <regex.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>
#include <jansson.h>

static struct tk_books some_books(void)
{
    struct tk_books b;

    for (int i = 0; i < TK_STAT_COUNT; i++)
        b.value[i] = (uint64_t)i + 1;
    return b;
}

/* A change of any one booked counter unbalances the books. */
static void test_balance(void **state)
{
    static const enum tk_stat in[] = {TK_RECEIVED, TK_RECOVERED};
    static const enum tk_stat out[] = {
        TK_PUBLISHED,         TK_SUPPRESSED_DUPLICATE, TK_DROPPED_QUEUE_FULL, TK_DROPPED_UNDELIVERABLE,
        TK_DROPPED_TOO_LARGE, TK_DROPPED_MALFORMED,    TK_DROPPED_DAMAGED,    TK_PENDING,
    };
    struct tk_books b = {{0}};

    (void)state;
    assert_true(tk_books_balance(&b));
    for (size_t i = 0; i < sizeof(out) / sizeof(out[0]); i++) {
        b.value[in[i % 2]]++;
        assert_false(tk_books_balance(&b));
        b.value[out[i]]++;
        assert_true(tk_books_balance(&b));
    }
    for (int i = 0; i < TK_STAT_COUNT; i++) /* exactly the booked counters and `pending` count */
        if (tk_stat_table[i].kind != TK_STAT_BOOKED && i != TK_PENDING)
            b.value[i] = 1000;
    assert_true(tk_books_balance(&b));
}

static void test_add_set_get(void **state)
{
    struct tk_stats s = {0};

    (void)state;
    tk_stats_add(&s, TK_PUBLISHED, 2);
    tk_stats_add(&s, TK_PUBLISHED, 3);
    tk_stats_set(&s, TK_QUEUE_BYTES, 7);
    assert_int_equal(tk_stats_get(&s, TK_PUBLISHED), 5);
    assert_int_equal(tk_stats_get(&s, TK_QUEUE_BYTES), 7);
}

static void test_json(void **state)
{
    struct tk_books b = some_books();
    struct tk_json j;
    json_t *json;

    (void)state;
    tk_json_init(&j);
    tk_json_object_begin(&j);
    tk_books_json(&b, &j);
    tk_json_object_end(&j);
    json = json_loadb(j.buf, j.len, JSON_REJECT_DUPLICATES, NULL);
    assert_non_null(json);
    for (int i = 0; i < TK_STAT_COUNT; i++) {
        const struct tk_stat_info *info = &tk_stat_table[i];
        json_t *value = json_object_get(json, info->family);

        if (info->label[0])
            value = json_object_get(value, info->label);
        assert_true(json_is_integer(value));
        assert_int_equal(json_integer_value(value), i + 1);
    }
    json_decref(json);
    tk_json_done(&j);
}

static void compile(regex_t *re, const char *pattern)
{
    assert_int_equal(regcomp(re, pattern, REG_EXTENDED | REG_NOSUB), 0);
}

/* Text format 0.0.4: HELP and TYPE once before a family's samples, names in order, counters end in _total. */
static void test_prometheus(void **state)
{
    struct tk_books b = some_books();
    char *line, *rest, family[64] = "";
    unsigned samples = 0;
    struct tk_json text;
    regex_t help, type, sample;

    (void)state;
    compile(&help, "^# HELP trapkafka_[a-z_]+ [A-Z][^\n]*[^.]\\.$");
    compile(&type, "^# TYPE trapkafka_([a-z_]+_total counter|[a-z_]+ gauge)$");
    compile(&sample, "^trapkafka_[a-z_]+(\\{reason=\"[a-z_]+\"\\})? [0-9]+$");
    tk_json_init(&text);
    tk_books_prometheus(&b, &text);
    assert_false(text.is_failed);
    assert_int_equal(text.buf[text.len - 1], '\n');
    text.buf[text.len - 1] = '\0';
    for (rest = text.buf; (line = strsep(&rest, "\n"));) {
        if (strncmp(line, "# HELP ", 7) == 0) {
            char previous[64];

            assert_int_equal(regexec(&help, line, 0, NULL, 0), 0);
            memcpy(previous, family, sizeof(previous));
            assert_int_equal(sscanf(line, "# HELP %63s", family), 1);
            assert_string_not_equal(previous, family);
            line = strsep(&rest, "\n");
            assert_int_equal(regexec(&type, line, 0, NULL, 0), 0);
            assert_int_equal(strncmp(line + 7, family, strlen(family)), 0);
        } else {
            assert_int_equal(regexec(&sample, line, 0, NULL, 0), 0);
            assert_int_equal(strncmp(line, family, strlen(family)), 0);
            assert_non_null(memchr("{ ", line[strlen(family)], 2));
            samples++;
        }
    }
    assert_int_equal(samples, TK_STAT_COUNT);
    regfree(&help);
    regfree(&type);
    regfree(&sample);
    tk_json_done(&text);
}

/* A family with labels has a help of its own, which names what is counted: packets that were refused are no notifications. */
static void test_help_of_families(void **state)
{
    static const struct {
        const char *family, *what;
    } t[] = {{"suppressed", "Notifications "}, {"dropped", "Notifications "}, {"rejected", "Packets "}};
    struct tk_books b = some_books();
    struct tk_json text;
    size_t with_labels = 0;

    (void)state;
    tk_json_init(&text);
    tk_books_prometheus(&b, &text);
    text.buf[text.len - 1] = '\0';
    for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
        char line[96];

        (void)snprintf(line, sizeof(line), "# HELP trapkafka_%s_total %s", t[i].family, t[i].what);
        assert_non_null(strstr(text.buf, line));
    }
    for (int i = 1; i < TK_STAT_COUNT; i++)
        with_labels += tk_stat_table[i].label[0] && strcmp(tk_stat_table[i].family, tk_stat_table[i - 1].family) != 0;
    assert_int_equal(with_labels, sizeof(t) / sizeof(t[0])); /* a new family needs its line above */
    tk_json_done(&text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_balance),    cmocka_unit_test(test_add_set_get),      cmocka_unit_test(test_json),
        cmocka_unit_test(test_prometheus), cmocka_unit_test(test_help_of_families),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
