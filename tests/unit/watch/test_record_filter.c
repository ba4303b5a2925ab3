/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "watch/record_filter.h"

static const char event[] =
    "{\"type\":\"trap\",\"severity\":\"major\",\"source\":{\"device\":\"pe1.fra\",\"address\":\"192.0.2.7\"},"
    "\"trap\":{\"name\":\"linkDown\",\"mib\":\"IF-MIB\",\"oid\":\"1.3.6.1.6.3.1.1.5.3\"},"
    "\"alarm\":{\"type\":\"link\",\"key\":\"pe1.fra/link/7\"},\"topology\":{\"site\":\"FRA3\"}}";
static const char rejected[] = "{\"type\":\"rejected\",\"source\":{\"address\":\"192.0.2.9\"}}";
static const char odd[] =
    "{\"type\":7,\"severity\":[\"major\"],\"source\":\"x\",\"trap\":null,\"alarm\":{\"type\":{}}}";

struct option {
    enum tk_filter_kind kind;
    const char *value;
};

static const struct row {
    struct option options[4];
    unsigned count;
    bool event, rejected, odd; /* wanted */
} rows[] = {
    {{{0, NULL}}, 0, true, true, true},
    {{{TK_BY_SEVERITY, "major"}}, 1, true, false, false},
    {{{TK_BY_SEVERITY, "minor+"}}, 1, true, false, false},
    {{{TK_BY_SEVERITY, "major+"}}, 1, true, false, false},
    {{{TK_BY_SEVERITY, "critical"}}, 1, false, false, false},
    {{{TK_BY_SEVERITY, "critical+"}}, 1, false, false, false},
    {{{TK_BY_SEVERITY, "minor"}}, 1, false, false, false},
    {{{TK_BY_SEVERITY, "cleared,major"}}, 1, true, false, false},
    {{{TK_BY_SEVERITY, "minor"}, {TK_BY_SEVERITY, "major"}}, 2, true, false, false},
    {{{TK_BY_SEVERITY, "cleared+"}}, 1, true, false, false},
    {{{TK_BY_DEVICE, "pe1.fra"}}, 1, true, false, false},
    {{{TK_BY_DEVICE, "PE*.fra"}}, 1, true, false, false},
    {{{TK_BY_DEVICE, "pe?.fra"}}, 1, true, false, false},
    {{{TK_BY_DEVICE, "pe1"}}, 1, false, false, false},
    {{{TK_BY_DEVICE, "192.0.2.*"}}, 1, false, true, false},
    {{{TK_BY_DEVICE, "x"}, {TK_BY_DEVICE, "pe[12].*"}}, 2, true, false, false},
    {{{TK_BY_DEVICE, "*"}}, 1, true, true, false},
    {{{TK_BY_NAME, "linkDown"}}, 1, true, false, false},
    {{{TK_BY_NAME, "link*"}}, 1, true, false, false},
    {{{TK_BY_NAME, "IF-MIB::*"}}, 1, true, false, false},
    {{{TK_BY_NAME, "1.3.6.1.6.3.1.1.5.*"}}, 1, true, false, false},
    {{{TK_BY_NAME, "linkUp"}}, 1, false, false, false},
    {{{TK_BY_SITE, "FRA*"}}, 1, true, false, false},
    {{{TK_BY_SITE, "BER*"}}, 1, false, false, false},
    {{{TK_BY_TYPE, "link"}}, 1, true, false, false},
    {{{TK_BY_TYPE, "trap"}}, 1, true, false, false},
    {{{TK_BY_TYPE, "rejected"}}, 1, false, true, false},
    {{{TK_BY_TYPE, "bgp"}}, 1, false, false, false},
    {{{TK_BY_DEVICE, "pe*"}, {TK_BY_SITE, "FRA*"}, {TK_BY_TYPE, "link"}}, 3, true, false, false},
    {{{TK_BY_DEVICE, "pe*"}, {TK_BY_SITE, "BER*"}}, 2, false, false, false},
};

static bool wants(const struct tk_record_filter *f, const char *json)
{
    struct tk_seen seen;
    bool is_wanted;

    assert_true(tk_seen_read(&seen, json, strlen(json)));
    is_wanted = tk_record_filter_wants(f, &seen);
    tk_seen_done(&seen);
    return is_wanted;
}

static void test_rows(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        const struct row *r = &rows[i];
        struct tk_record_filter f = {0};

        for (unsigned o = 0; o < r->count; o++)
            assert_int_equal(tk_record_filter_add(&f, r->options[o].kind, r->options[o].value, NULL), 0);
        if (wants(&f, event) != r->event || wants(&f, rejected) != r->rejected || wants(&f, odd) != r->odd)
            fail_msg("row %zu", i);
    }
}

static void test_wrong_severities(void **state)
{
    static const char *const wrong[] = {"", ",", "major,", "huge", "+", "major++", "MAJOR", "criticalcriticalcritical"};

    (void)state;
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        struct tk_record_filter f = {0};
        struct tk_err err = {0};

        if (tk_record_filter_add(&f, TK_BY_SEVERITY, wrong[i], &err) == 0 || !strstr(err.text, "write critical, major"))
            fail_msg("'%s': %s", wrong[i], err.text);
        assert_int_equal(f.ranks, 0);
    }
}

static void test_number_of_patterns(void **state)
{
    struct tk_record_filter f = {0};
    struct tk_err err = {0};

    (void)state;
    for (int i = 0; i < TK_FILTER_PATTERNS; i++)
        assert_int_equal(tk_record_filter_add(&f, TK_BY_DEVICE, "x", NULL), 0);
    assert_true(tk_record_filter_add(&f, TK_BY_DEVICE, "pe*", &err) < 0);
    assert_non_null(strstr(err.text, "wider pattern"));
    assert_false(wants(&f, event));
}

/* Of a long text the beginning counts, whatever is in it. */
static void test_long_texts(void **state)
{
    struct tk_record_filter f = {0};
    char json[4096] = "{\"source\":{\"device\":\"x";

    (void)state;
    for (int i = 0; i < 700; i++)
        strcat(json, "\u00fc");
    strcat(json, "y\"}}");
    assert_int_equal(tk_record_filter_add(&f, TK_BY_DEVICE, "x*", NULL), 0);
    assert_true(wants(&f, json));
    f = (struct tk_record_filter){0};
    assert_int_equal(tk_record_filter_add(&f, TK_BY_DEVICE, "x*y", NULL), 0);
    assert_false(wants(&f, json));
}

static void test_what_is_no_record(void **state)
{
    static const char *const wrong[] = {"", "[]", "7", "null", "{", "{}x", "\"trap\""};
    struct tk_seen seen;

    (void)state;
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
        assert_false(tk_seen_read(&seen, wrong[i], strlen(wrong[i])));
    assert_false(tk_seen_read(&seen, event, TK_SEEN_MAX_BYTES + 1));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rows),
        cmocka_unit_test(test_wrong_severities),
        cmocka_unit_test(test_number_of_patterns),
        cmocka_unit_test(test_long_texts),
        cmocka_unit_test(test_what_is_no_record),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
