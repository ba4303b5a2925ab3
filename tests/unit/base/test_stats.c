/* SPDX-License-Identifier: Apache-2.0 */
#include "base/stats.h"

#include <regex.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <jansson.h>

static struct tk_books some_books(void)
{
    struct tk_books b = {0};

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
    struct tk_books b = {0};

    (void)state;
    assert_true(tk_books_balance(&b));
    for (size_t i = 0; i < sizeof(out) / sizeof(out[0]); i++) {
        b.value[in[i % 2]]++;
        assert_false(tk_books_balance(&b));
        b.value[out[i]]++;
        assert_true(tk_books_balance(&b));
    }
    for (int i = 0; i < TK_STAT_COUNT; i++) /* exactly the booked counters and `pending` count */
        if (tk_stat_table[i].kind != TK_STAT_BOOKED && tk_stat_table[i].kind != TK_STAT_DERIVED && i != TK_PENDING &&
            i != TK_DERIVED_PENDING)
            b.value[i] = 1000;
    assert_true(tk_books_balance(&b));
}

/* The same of the book of derived messages. */
static void test_derived_balance(void **state)
{
    struct tk_books b = {0};
    unsigned ways = 0;

    (void)state;
    for (int i = 0; i < TK_STAT_COUNT; i++) {
        if ((tk_stat_table[i].kind != TK_STAT_DERIVED && i != TK_DERIVED_PENDING) || i == TK_DERIVED)
            continue;
        b.value[TK_DERIVED]++;
        assert_false(tk_books_balance(&b));
        b.value[i]++;
        assert_true(tk_books_balance(&b));
        ways++;
    }
    assert_int_equal(ways, 7); /* published, pending, and five reasons why one is dropped */
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

        if (info->kind == TK_STAT_INFO) { /* it has no number */
            assert_null(value);
            continue;
        }
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
    const struct tk_build build = {.version = "1.2.3", .librdkafka = "2.0"};
    struct tk_books b = some_books();
    char *line, *rest, family[64] = "";
    unsigned samples = 0;
    struct tk_json text;
    regex_t help, type, sample;

    (void)state;
    compile(&help, "^# HELP trapkafka_[a-z_]+ [A-Z][^\n]*[^.]\\.$");
    compile(&type, "^# TYPE trapkafka_([a-z_]+_total counter|[a-z_]+ gauge|[a-z_]+ histogram)$");
    compile(&sample, "^trapkafka_[a-z_]+(\\{(reason|le|version)=\"[^\"]+\"(,librdkafka=\"2\\.0\")?\\})? [0-9.]+$");
    tk_json_init(&text);
    tk_books_prometheus(&b, &build, &text);
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
            assert_non_null(memchr("{ _", line[strlen(family)], 3));
            samples++;
        }
    }
    assert_int_equal(samples, TK_STAT_COUNT + TK_HISTOGRAM_COUNT * (TK_BUCKETS + 3));
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
    } t[] = {{"suppressed", "Notifications "},
             {"dropped", "Notifications "},
             {"rejected", "Packets "},
             {"derived_dropped", "Messages about alarms "},
             {"alarm_events", "Events "}};
    struct tk_books b = some_books();
    struct tk_json text;
    const struct tk_build build = {.version = "1", .librdkafka = "2"};
    size_t with_labels = 0;

    (void)state;
    tk_json_init(&text);
    tk_books_prometheus(&b, &build, &text);
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

/* --- histograms -------------------------------------------------------------------------------------------------- */

static struct tk_stats observed;

/* The number behind @p name in the text that is made of `observed`. */
static double sample_of(const char *name)
{
    const struct tk_build build = {.version = "1", .librdkafka = "2"};
    struct tk_books b = {0};
    struct tk_json text;
    const char *at;
    double value;

    memcpy(b.histogram, observed.histogram, sizeof(b.histogram));
    tk_json_init(&text);
    tk_books_prometheus(&b, &build, &text);
    tk_json_raw(&text, "", 1); /* terminated */
    at = strstr(text.buf, name);
    assert_non_null(at);
    value = strtod(at + strlen(name), NULL);
    tk_json_done(&text);
    return value;
}

static double bucket_of(const char *le)
{
    char name[100];

    (void)snprintf(name, sizeof(name), "trapkafka_delivery_latency_seconds_bucket{le=\"%s\"} ", le);
    return sample_of(name);
}

/* Each bound, as its own text says it: a time of exactly that counts, one nanosecond more does not. */
static void test_bounds(void **state)
{
    static const char *const all[] = {"0.005", "0.01", "0.02", "0.05", "0.1", "0.2", "0.5", "1",
                                      "2",     "5",    "10",   "30",   "60",  "600", "3600"};

    (void)state;
    assert_int_equal(sizeof(all) / sizeof(all[0]), TK_BUCKETS);
    for (size_t i = 0; i < TK_BUCKETS; i++) {
        tk_nsec bound = (tk_nsec)(strtod(all[i], NULL) * 1000 + 0.5) * TK_MSEC;

        memset(&observed, 0, sizeof(observed));
        tk_stats_observe(&observed, TK_LATENCY, bound);
        tk_stats_observe(&observed, TK_LATENCY, bound + 1);
        assert_int_equal(bucket_of(all[i]), 1);
        if (i)
            assert_int_equal(bucket_of(all[i - 1]), 0);
        assert_int_equal(bucket_of("+Inf"), 2);
    }
}

/* Random times against a plain count: each bucket has all up to its bound, and the last one all. */
static void test_random_times(void **state)
{
    static const char *const some[] = {"0.005", "0.1", "1", "30", "3600", "+Inf"};
    unsigned long expected[6] = {0};
    double sum = 0;

    (void)state;
    memset(&observed, 0, sizeof(observed));
    srandom(1);
    for (unsigned n = 0; n < 10000; n++) {
        double took = (double)(random() % 1000000) / 1e6;

        for (long power = random() % 6; power > 0; power--)
            took *= 10;
        tk_stats_observe(&observed, TK_LATENCY, (tk_nsec)(took * 1e9));
        sum += took;
        for (size_t i = 0; i < 6; i++)
            expected[i] += i == 5 || took <= strtod(some[i], NULL);
    }
    for (size_t i = 0; i < 6; i++)
        assert_int_equal(bucket_of(some[i]), expected[i]);
    assert_int_equal(sample_of("trapkafka_delivery_latency_seconds_count "), 10000);
    assert_true(sum - sample_of("trapkafka_delivery_latency_seconds_sum ") < 0.02); /* each cut to microseconds */
    assert_true(sample_of("trapkafka_delivery_latency_seconds_sum ") - sum < 0.02);
}

/* A clock that was set back: no time is negative. */
static void test_negative_time(void **state)
{
    (void)state;
    memset(&observed, 0, sizeof(observed));
    tk_stats_observe(&observed, TK_LATENCY, -TK_SECOND);
    assert_int_equal(bucket_of("0.005"), 1);
    assert_true(sample_of("trapkafka_delivery_latency_seconds_sum ") == 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_balance), cmocka_unit_test(test_derived_balance), cmocka_unit_test(test_add_set_get),
        cmocka_unit_test(test_json),    cmocka_unit_test(test_prometheus),      cmocka_unit_test(test_help_of_families),
        cmocka_unit_test(test_bounds),  cmocka_unit_test(test_random_times),    cmocka_unit_test(test_negative_time),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
