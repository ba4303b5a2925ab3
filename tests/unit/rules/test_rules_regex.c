/* SPDX-License-Identifier: Apache-2.0 */
/* "regex": what matches, and that an expression which explodes ends, is counted, and costs nothing but its own match. */
#include "rules/rules_load.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "event_fixture.h"
#include "rules_dict.h"

static struct event_fixture f;

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
        if (tk_rules_match(r, &f.ev) != t[i].is_match)
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
        assert_int_equal(tk_rules_match(r, &f.ev), i < 4);
        event_fixture_done(&f);
    }
    tk_rules_free(r);
}

/* Nested repetitions: the number of steps doubles with each character. */
static void test_an_expression_that_explodes(void **state)
{
    static const char *const regexes[] = {"\"^(a+)+$\"", "\"^(a|a)*$\"", "\"^(a|aa)+$\"", "\"(.*a){20}[bc]\""};
    char text[4001];

    (void)state;
    memset(text, 'a', sizeof(text));
    text[4000] = '\0';
    for (size_t i = 0; i < sizeof(regexes) / sizeof(regexes[0]); i++) {
        struct tk_rules *r = parse(regexes[i]);

        text[3999] = '!';
        event_fixture_init(&f, LINK_DOWN);
        event_fixture_text(&f, "1.3.1", text);
        event_fixture_finish(&f, dict);
        assert_int_equal(tk_rules_match(r, &f.ev), 0);
        assert_int_equal(f.ev.regex_given_up, 1);
        assert_int_equal(f.ev.rule, TK_RULE_NONE);
        assert_memory_equal(f.ev.regex_rule.text, "operator:r", f.ev.regex_rule.len);
        event_fixture_done(&f);
        tk_rules_free(r);
    }
}

/* Only the first 4096 octets are looked at. */
static void test_long_values(void **state)
{
    static char text[60001];
    struct tk_rules *r = parse("\"b$\"");

    (void)state;
    memset(text, 'a', 60000);
    for (int at = 4094; at <= 4096; at++) {
        text[at] = 'b';
        event_fixture_init(&f, LINK_DOWN);
        event_fixture_text(&f, "1.3.1", text);
        event_fixture_finish(&f, dict);
        assert_int_equal(tk_rules_match(r, &f.ev), at == 4095);
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
        assert_int_equal(tk_rules_match(r, &f.ev), *text >= 'c');
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
        cmocka_unit_test(test_long_values),
        cmocka_unit_test(test_after_a_fault),
    };

    return cmocka_run_group_tests(tests, make_dict, free_dict);
}
