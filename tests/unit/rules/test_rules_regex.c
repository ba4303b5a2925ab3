/* SPDX-License-Identifier: Apache-2.0 */
/* "regex": what matches, and that an expression which explodes ends, is counted, and costs nothing but its own match. */
#include "rules/rules_load.h"

#include <dlfcn.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "event_fixture.h"
#include "rules/rules_internal.h"
#include "rules_dict.h"

static struct event_fixture f;

/* ---- PCRE2, with a count of the steps that it may take: the limit holds for each position of a text ---- */

static struct {
    uint32_t limit;
    uint64_t steps, matches;
    size_t longest;
} allowed;

int pcre2_set_match_limit(pcre2_match_context *context, uint32_t limit)
{
    int (*real)(pcre2_match_context *, uint32_t);

    *(void **)&real = dlsym(RTLD_NEXT, "pcre2_set_match_limit_8");
    assert_non_null(real);
    allowed.limit = limit;
    return real(context, limit);
}

int pcre2_match(const pcre2_code *code, PCRE2_SPTR text, PCRE2_SIZE len, PCRE2_SIZE start, uint32_t options,
                pcre2_match_data *found, pcre2_match_context *context)
{
    int (*real)(const pcre2_code *, PCRE2_SPTR, PCRE2_SIZE, PCRE2_SIZE, uint32_t, pcre2_match_data *,
                pcre2_match_context *);

    *(void **)&real = dlsym(RTLD_NEXT, "pcre2_match_8");
    assert_non_null(real);
    allowed.matches++;
    allowed.steps += allowed.limit * (uint64_t)(len + 1);
    allowed.longest = len > allowed.longest ? len : allowed.longest;
    return real(code, text, len, start, options, found, context);
}

/* ---- tests ---- */

static struct tk_rules *parse(const char *regex)
{
    char json[1024];
    struct tk_err err = {0};
    struct tk_rules *r;

    (void)snprintf(json, sizeof(json),
                   "{\"rules\":[{\"name\":\"r\",\"severity\":\"major\",\"match\":{\"trap\":\"*\",\"varbinds\":"
                   "[{\"object\":\"1.3\",\"regex\":%s}]}}]}",
                   regex);
    r = tk_rules_parse(json, strlen(json), "rules.json", dict, &err);
    if (!r)
        fail_msg("%s: %s", regex, err.text);
    return r;
}

static void test_matching(void **state)
{
    static const struct {
        const char *regex, *text;
        bool is_match;
    } t[] = {
        {"\"fan\"", "the fan failed", true},
        {"\"^fan\"", "the fan failed", false},
        {"\"^xe-\\\\d+/0/1$\"", "xe-12/0/1", true},
        {"\"^xe-\\\\d+/0/1$\"", "xe-/0/1", false},
        {"[\"one\",\"two\"]", "two", true},
        {"\"(?i)FAN\"", "Fan", true},
        {"\"FAN\"", "Fan", false},
        {"\"^.$\"", "\xc3\xa4", true}, /* one character of two bytes */
        {"\"\\\\x{e4}\"", "\xc3\xa4", true},
        {"\"b\"",
         "\xff\xfe"
         "b",
         true}, /* not UTF-8: what is valid of it still matches */
        {"\"^$\"", "", true},
        {"\"a{2,3}(?=b)\"", "aab", true},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
        struct tk_rules *r = parse(t[i].regex);

        event_fixture_init(&f, LINK_DOWN);
        event_fixture_text(&f, "1.3.1", t[i].text);
        event_fixture_finish(&f, dict);
        if (tk_rules_match(r, &f.ev, NULL) != t[i].is_match)
            fail_msg("%s and '%s'", t[i].regex, t[i].text);
        assert_int_equal(f.ev.regex_given_up, 0);
        event_fixture_done(&f);
        tk_rules_free(r);
    }
}

/* As "matches" does: numbers and OIDs by their plain text, octets also by the text that the event has. */
static void test_other_types(void **state)
{
    static const uint8_t address[] = {192, 0, 2, 5};
    struct tk_rules *r = parse("\"^(-3|1\\\\.3\\\\.9|192\\\\.0\\\\.2\\\\.5)$\"");

    (void)state;
    for (int i = 0; i < 5; i++) {
        event_fixture_init(&f, LINK_DOWN);
        if (i == 0)
            event_fixture_integer(&f, "1.3.1", -3);
        else if (i == 1)
            event_fixture_oid(&f, "1.3.1", "1.3.9");
        else if (i == 2)
            event_fixture_address(&f, "1.3.1", "192.0.2.5");
        else if (i == 3)
            event_fixture_varbind(&f, TK_OCTETS, ACME "1.3.0", address, sizeof(address)); /* an InetAddress */
        else
            event_fixture_integer(&f, "1.3.1", 3);
        event_fixture_finish(&f, dict);
        assert_int_equal(tk_rules_match(r, &f.ev, NULL), i < 4);
        event_fixture_done(&f);
    }
    tk_rules_free(r);
}

/* Nested repetitions: the number of steps doubles with each character. */
static void test_an_expression_that_explodes(void **state)
{
    static const char *const regexes[] = {"\"^(a+)+$\"", "\"^(a|a)*$\"", "\"^(a|aa)+$\"", "\"(.*a){20}[bc]\""};
    char text[1001];

    (void)state;
    memset(text, 'a', sizeof(text));
    text[1000] = '\0';
    for (size_t i = 0; i < sizeof(regexes) / sizeof(regexes[0]); i++) {
        struct tk_rules *r = parse(regexes[i]);

        text[999] = '!';
        event_fixture_init(&f, LINK_DOWN);
        event_fixture_text(&f, "1.3.1", text);
        event_fixture_finish(&f, dict);
        assert_int_equal(tk_rules_match(r, &f.ev, NULL), 0);
        assert_int_equal(f.ev.regex_given_up, 1);
        assert_int_equal(f.ev.rule, TK_RULE_NONE);
        assert_memory_equal(f.ev.regex_rule.text, "operator:r", f.ev.regex_rule.len);
        event_fixture_done(&f);
        tk_rules_free(r);
    }
}

static void make_values(unsigned n, size_t len, const char *word)
{
    static char text[4097];

    for (size_t i = 0; i < len; i++)
        text[i] = word[i % strlen(word)];
    text[len] = '\0';
    event_fixture_init(&f, LINK_DOWN);
    for (unsigned i = 0; i < n; i++)
        event_fixture_text(&f, "1.3.1", text);
    event_fixture_finish(&f, dict);
    memset(&allowed, 0, sizeof(allowed));
}

/* A packet that is full of long values: PCRE2 gets one budget for all of them, which begins anew with each event. */
static void test_a_notification_has_a_budget(void **state)
{
    static const char *const regexes[] = {"\"(?:a|aa){1,12}[xy]\"", "\"(.*a){20}[bc]\"", "\"(?:a*b|a)+?[xy]\"",
                                          "\".*.*.*.*[xy]\"", "[\"(a+)+[xy]\",\"(a|a)*[xy]\"]"};

    (void)state;
    for (size_t i = 0; i < sizeof(regexes) / sizeof(regexes[0]); i++) {
        struct tk_rules *r = parse(regexes[i]);
        uint64_t first = 0;

        make_values(15, 4096, "a");
        for (int again = 0; again < 2; again++) {
            f.ev.regex_given_up = 0;
            memset(&allowed, 0, sizeof(allowed));
            assert_int_equal(tk_rules_match(r, &f.ev, NULL), 0);
            assert_int_equal(f.ev.regex_given_up, 15 * (regexes[i][0] == '[' ? 2 : 1));
            assert_true(allowed.matches > 0 && allowed.steps <= TK_RULES_MAX_STEPS);
            assert_int_equal(allowed.steps, f.ev.regex_steps);
            assert_int_equal(allowed.longest, 1024);
            if (again)
                assert_int_equal(allowed.steps, first);
            first = allowed.steps;
        }
        event_fixture_done(&f);
        tk_rules_free(r);
    }
}

/* Expressions that explode leave something for the next value. */
static void test_after_explosions(void **state)
{
    struct tk_rules *r = parse("[\"(?:a|aa){1,12}[xy]\",\"(?:\\\\w+ )+(?:up|down)$\"]");
    char text[101];

    (void)state;
    memset(text, 'a', sizeof(text));
    text[100] = '\0';
    event_fixture_init(&f, LINK_DOWN);
    for (int i = 0; i < 12; i++)
        event_fixture_text(&f, "1.3.1", text);
    event_fixture_text(&f, "1.3.2", "the interface xe-0/0/1 went down");
    event_fixture_finish(&f, dict);
    assert_int_equal(tk_rules_match(r, &f.ev, NULL), 1);
    assert_int_equal(f.ev.regex_given_up, 12);
    event_fixture_done(&f);
    tk_rules_free(r);
}

/* Each expression of a few repetitions, on each value. */
static void test_ordinary_expressions(void **state)
{
    char regexes[1000] = "[";
    struct tk_rules *r;

    (void)state;
    for (int i = 0; i < 10; i++)
        (void)snprintf(regexes + strlen(regexes), sizeof(regexes) - strlen(regexes), "%s\"(?:\\\\w+ )+(down|up)%d\"",
                       i ? "," : "", i);
    strcat(regexes, "]");
    r = parse(regexes);
    make_values(20, 100, "port down or up ");
    assert_int_equal(tk_rules_match(r, &f.ev, NULL), 0);
    assert_int_equal(f.ev.regex_given_up, 0);
    event_fixture_done(&f);
    tk_rules_free(r);
}

/* The text of octets is looked at only if it differs from them. */
static void test_a_text_that_is_the_octets(void **state)
{
    struct tk_rules *r = parse("\"x[0-9]\"");
    static const uint8_t address[] = {192, 0, 2, 5};

    (void)state;
    make_values(1, 10, "x");
    assert_int_equal(tk_rules_match(r, &f.ev, NULL), 0);
    assert_int_equal(allowed.matches, 1);
    event_fixture_done(&f);

    event_fixture_init(&f, LINK_DOWN);
    event_fixture_varbind(&f, TK_OCTETS, ACME "1.3.0", address, sizeof(address)); /* an InetAddress */
    event_fixture_finish(&f, dict);
    memset(&allowed, 0, sizeof(allowed));
    assert_int_equal(tk_rules_match(r, &f.ev, NULL), 0);
    assert_int_equal(allowed.matches, 2);
    event_fixture_done(&f);
    tk_rules_free(r);
}

/* Only the first 1024 octets are looked at. */
static void test_long_values(void **state)
{
    static char text[60001];
    struct tk_rules *r = parse("\"b$\"");

    (void)state;
    memset(text, 'a', 60000);
    for (int at = 1022; at <= 1024; at++) {
        text[at] = 'b';
        event_fixture_init(&f, LINK_DOWN);
        event_fixture_text(&f, "1.3.1", text);
        event_fixture_finish(&f, dict);
        assert_int_equal(tk_rules_match(r, &f.ev, NULL), at == 1023);
        event_fixture_done(&f);
        text[at] = 'a';
    }
    tk_rules_free(r);
}

/* Rules with errors leave no expression behind, and the numbers of the others stay right. */
static void test_after_a_fault(void **state)
{
    static const char json[] =
        "{\"rules\":[{\"name\":\"bad\",\"severity\":\"x\",\"match\":{\"trap\":\"*\",\"varbinds\":"
        "[{\"object\":\"1.3\",\"regex\":[\"a\",\"b\"]}]}},\n"
        "{\"name\":\"good\",\"severity\":\"minor\",\"match\":{\"trap\":\"*\",\"varbinds\":"
        "[{\"object\":\"1.3\",\"regex\":[\"c\",\"d\"]}]}}]}";
    struct tk_rules_report report;
    struct tk_rules *r = tk_rules_parse_sound(json, strlen(json), "rules.json", dict, &report);

    (void)state;
    assert_non_null(r);
    for (const char *text = "abcd"; *text; text++) {
        char one[2] = {*text, '\0'};

        event_fixture_init(&f, LINK_DOWN);
        event_fixture_text(&f, "1.3.1", one);
        event_fixture_finish(&f, dict);
        assert_int_equal(tk_rules_match(r, &f.ev, NULL), *text >= 'c');
        event_fixture_done(&f);
    }
    tk_rules_free(r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_matching),
        cmocka_unit_test(test_other_types),
        cmocka_unit_test(test_an_expression_that_explodes),
        cmocka_unit_test(test_a_notification_has_a_budget),
        cmocka_unit_test(test_after_explosions),
        cmocka_unit_test(test_ordinary_expressions),
        cmocka_unit_test(test_a_text_that_is_the_octets),
        cmocka_unit_test(test_long_values),
        cmocka_unit_test(test_after_a_fault),
    };

    return cmocka_run_group_tests(tests, make_dict, free_dict);
}
