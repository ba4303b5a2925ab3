/* SPDX-License-Identifier: Apache-2.0 */
#include "base/named_counts.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void add(struct tk_named_counts *c, const char *name, unsigned times)
{
    while (times--)
        tk_named_counts_add(c, name, strlen(name));
}

static void check_json(const struct tk_named_counts *c, unsigned most, const char *expected)
{
    struct tk_json j;

    tk_json_init(&j);
    tk_named_counts_json(c, "rule", most, &j);
    assert_int_equal(j.len, strlen(expected));
    assert_memory_equal(j.buf, expected, j.len);
    tk_json_done(&j);
}

static void test_largest_first(void **state)
{
    struct tk_named_counts c = {0};

    (void)state;
    check_json(&c, 3, "[]");
    add(&c, "operator:b", 2);
    add(&c, "operator:bb", 3);
    add(&c, "operator:a", 2);
    add(&c, "operator:c", 1);
    add(&c, "operator:b", 1);
    check_json(&c, 3,
               "[{\"rule\":\"operator:b\",\"count\":3},{\"rule\":\"operator:bb\",\"count\":3},"
               "{\"rule\":\"operator:a\",\"count\":2}]");
    check_json(&c, 0, "[]");
}

static void test_prometheus(void **state)
{
    struct tk_named_counts c = {0};
    struct tk_json text;

    (void)state;
    tk_json_init(&text);
    tk_named_counts_prometheus(&c, "dropped", "What was dropped", "rule", &text);
    assert_int_equal(text.len, 0);
    add(&c, "operator:b", 2);
    c.others = 7;
    tk_named_counts_prometheus(&c, "dropped", "What was dropped", "rule", &text);
    text.needs_comma = false;
    tk_json_raw(&text, "", 1);
    assert_string_equal(text.buf, "# HELP trapkafka_dropped_total What was dropped.\n"
                                  "# TYPE trapkafka_dropped_total counter\n"
                                  "trapkafka_dropped_total{rule=\"operator:b\"} 2\n"
                                  "trapkafka_dropped_total{rule=\"other\"} 7\n");
    tk_json_done(&text);
}

/* Random names against plain counting: each is counted under its own, until there are too many. */
static void test_bound(void **state)
{
    static unsigned expected[2 * TK_NAMED_COUNTS];
    struct tk_named_counts c = {0};
    char name[TK_NAMED_COUNT_BYTES + 1];
    uint64_t others = 0;
    unsigned used = 0;

    (void)state;
    srandom(1);
    for (unsigned i = 0; i < 20000; i++) {
        unsigned n = (unsigned)random() % (2 * TK_NAMED_COUNTS);

        (void)snprintf(name, sizeof(name), "operator:%u", n);
        add(&c, name, 1);
        if (!expected[n] && used == TK_NAMED_COUNTS) {
            others++;
            continue;
        }
        used += !expected[n];
        expected[n]++;
    }
    assert_int_equal(used, TK_NAMED_COUNTS);
    assert_int_equal(c.used, TK_NAMED_COUNTS);
    assert_int_equal(c.others, others);
    for (unsigned i = 0; i < c.used; i++)
        assert_int_equal(c.item[i].count, expected[atoi(c.item[i].name + strlen("operator:"))]);

    memset(name, 'x', sizeof(name)); /* too long by one byte */
    tk_named_counts_add(&c, name, TK_NAMED_COUNT_BYTES);
    assert_int_equal(c.others, others + 1);
}

static void test_longest_name(void **state)
{
    struct tk_named_counts c = {0};
    char name[TK_NAMED_COUNT_BYTES] = "";

    (void)state;
    memset(name, 'x', sizeof(name) - 1);
    add(&c, name, 2);
    assert_int_equal(c.used, 1);
    assert_int_equal(c.item[0].count, 2);
    assert_string_equal(c.item[0].name, name);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_largest_first),
        cmocka_unit_test(test_prometheus),
        cmocka_unit_test(test_bound),
        cmocka_unit_test(test_longest_name),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
