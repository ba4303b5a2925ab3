/* SPDX-License-Identifier: Apache-2.0 */
/* Files with errors: all errors are told, what is sound is in force, and nothing that clears alarms. Random faults are
 * put into sound files, and each rule is asked afterwards. */
#include "rules/rules_load.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "dictionary/dictionary_facts.h"
#include "event_fixture.h"
#include "rules_dict.h"
#include "rules_fixture.h"

#define RULES     24
#define HISTORIES 400

static struct event_fixture f;

static unsigned below(unsigned n)
{
    static uint64_t x = 0x2545f4914f6cdd1du; /* xorshift64: the same numbers in each run */

    x ^= x << 13;
    x ^= x >> 7;
    x ^= x << 17;
    return (unsigned)(x % n);
}

/* What a rule says; the last six make an alarm, or an event, disappear. */
static const char *const effects[] = {
    "\"severity\":\"major\"",
    "\"severity\":\"minor\",\"state\":\"none\"",
    "\"severity\":\"major\",\"state\":\"raise\",\"key\":\"{device}/x/{trap}\"",
    "\"severity\":\"minor\",\"type\":\"fan\",\"summary\":\"{ifDescr}\",\"set\":{\"a\":\"{ifIndex}\"},\"topic\":\"t\"",
    "\"key\":\"k\",\"severity_from\":{\"object\":\"ifOperStatus\",\"map\":{\"down\":\"major\"}}",
    "\"state\":\"clear\",\"key\":\"{device}/x/{trap}\"",
    "\"severity\":\"cleared\"",
    "\"severity\":\"minor\",\"clears\":[\"a\",\"{ifIndex}\"]",
    "\"drop\":true",
    "\"severity_from\":{\"object\":\"ifOperStatus\",\"map\":{\"down\":\"major\",\"up\":\"cleared\"}}",
    "\"severity\":\"major\",\"key\":\"k\",\"state_from\":{\"object\":\"ifOperStatus\",\"map\":{\"up\":\"clear\"}}",
};
#define FIRST_CLEARING 5

/* Faults of a rule: more members for it, or for its "match", and how many errors they are. */
static const struct {
    const char *members, *match;
    unsigned errors;
} faults[] = {
    {"", "", 0},
    {"\"sevrity\":1,", "", 1},
    {"\"a\":1,\"b\":2,", "", 2},
    {"", ",\"varbind\":[]", 1},
    {"", ",\"device\":3", 1},
    {"", ",\"device\":[3,\"a\",4]", 2},
    {"", ",\"varbinds\":7", 1},
    {"", ",\"varbinds\":[{\"object\":\"ifDescr\",\"equals\":7}]", 1},
    {"", ",\"varbinds\":[{\"object\":\"noSuch\",\"present\":true},{\"object\":\"ifIndex\",\"in\":[]}]", 2},
    {"\"c\":3,", ",\"device\":\"\",\"varbinds\":[{\"object\":\"ifIndex\"}]", 3},
    {"", ",\"varbinds\":[{\"object\":\"badName\",\"present\":true}]", 1},
    {"", ",\"source\":[\"192.0.2.0/8\",\"10.0.0.0/8\",\"x\"]", 2},
    {"", ",\"security_name\":[1,\"a\",\"\"]", 2},
    {"", ",\"varbinds\":[{\"object\":\"ifDescr\",\"regex\":[\"a\",\"b\",\"(\"]}]", 1},
};
#define FAULTS (sizeof(faults) / sizeof(faults[0]))

struct draft {
    unsigned effect, fault;
};

/* Rule i is for the notification ACME 0.(100 + i), in line 2 + i. */
static void write_file(char *json, size_t json_bytes, const struct draft *d, bool has_bad_name, bool has_bad_member)
{
    size_t used = (size_t)snprintf(json, json_bytes, "{%s\"names\":{%s\"fine\":\"1.3.6.1\"},\"rules\":[\n",
                                   has_bad_member ? "\"rulez\":1," : "", has_bad_name ? "\"badName\":\"1.x\"," : "");

    for (unsigned i = 0; i < RULES; i++)
        used += (size_t)snprintf(json + used, json_bytes - used,
                                 "{\"name\":\"r%u\",%s%s,\"match\":{\"trap\":\"" ACME "0.%u\"%s}}%s\n", i,
                                 faults[d[i].fault].members, effects[d[i].effect], 100 + i, faults[d[i].fault].match,
                                 i + 1 < RULES ? "," : "]}");
    assert_true(used < json_bytes);
}

static bool is_in_force(const struct tk_rules *r, unsigned i)
{
    char oid[64], label[32];
    bool matched;

    (void)snprintf(oid, sizeof(oid), ACME "0.%u", 100 + i);
    (void)snprintf(label, sizeof(label), "operator:r%u", i);
    event_fixture_init(&f, oid);
    event_fixture_finish(&f, dict);
    matched = tk_rules_match(r, &f.ev, NULL);
    if (matched &&
        (f.ev.severity_rule.len != strlen(label) || memcmp(f.ev.severity_rule.text, label, strlen(label)) != 0))
        fail_msg("%s matched %.*s", oid, (int)f.ev.severity_rule.len, f.ev.severity_rule.text);
    event_fixture_done(&f);
    return matched;
}

/* The errors of rules come in the order of the file, each with its line. */
static void check_lines(const struct tk_rules_report *report, const struct draft *d, unsigned errors_before)
{
    unsigned at = errors_before;

    for (unsigned i = 0; i < RULES; i++)
        for (unsigned k = 0; k < faults[d[i].fault].errors; k++, at++) {
            char rule[32];

            if (at >= TK_ERR_LIST_MAX)
                return;
            (void)snprintf(rule, sizeof(rule), "rule 'r%u': ", i);
            assert_int_equal(report->errors.err[at].line, 2 + i);
            assert_ptr_equal(strstr(report->errors.err[at].text, rule), report->errors.err[at].text);
            assert_string_equal(report->errors.err[at].file, "rules.json");
        }
}

static void play(const struct draft *d, bool has_bad_name, bool has_bad_member)
{
    static char json[16384];
    struct tk_rules_report report;
    unsigned errors = (unsigned)has_bad_name + has_bad_member, before = errors, in_force = 0;
    struct tk_rules *r;

    write_file(json, sizeof(json), d, has_bad_name, has_bad_member);
    r = tk_rules_parse_sound(json, strlen(json), "rules.json", dict, &report);
    assert_non_null(r);
    for (unsigned i = 0; i < RULES; i++)
        errors += faults[d[i].fault].errors;
    assert_int_equal(report.errors.kept + report.errors.further, errors);
    assert_int_equal(report.errors.kept, errors < TK_ERR_LIST_MAX ? errors : TK_ERR_LIST_MAX);
    check_lines(&report, d, before);
    for (unsigned i = 0; i < RULES; i++) {
        bool expected = !d[i].fault && (!errors || d[i].effect < FIRST_CLEARING);

        if (is_in_force(r, i) != expected)
            fail_msg("rule %u is %sin force in\n%s", i, expected ? "not " : "", json);
        in_force += expected;
    }
    assert_int_equal(report.rule_count, RULES);
    assert_int_equal(report.in_force, in_force);
    assert_int_equal(tk_rules_count(r), in_force);
    tk_rules_free(r);
}

static void test_random_faults(void **state)
{
    (void)state;
    for (unsigned h = 0; h < HISTORIES; h++) {
        unsigned one_in = 1 + below(RULES);
        struct draft d[RULES];

        for (unsigned i = 0; i < RULES; i++)
            d[i] = (struct draft){below(sizeof(effects) / sizeof(effects[0])), below(one_in) ? 0 : below(FAULTS)};
        if (h % 8 == 0) /* a sound file */
            for (unsigned i = 0; i < RULES; i++)
                d[i].fault = 0;
        play(d, h % 4 == 1, h % 16 == 2);
    }
}

/* A fault leaves nothing behind that a later rule could meet: the rules after it have conditions and keys. */
static void test_rules_after_a_fault(void **state)
{
    static const char json[] =
        "{\"rules\":[\n"
        "{\"name\":\"bad\",\"severity\":\"major\",\"state\":\"raise\",\"key\":\"{device}/bad/{ifIndex}/{noSuch}\",\"match\":"
        "{\"trap\":[\"linkUp\",\"IF-MIB::linkDown\"],\"device\":[\"a\",\"b\"],\"varbinds\":[{\"object\":\"ifIndex\",\"in\":[1,2]}]}},\n"
        "{\"name\":\"good\",\"severity\":\"minor\",\"state\":\"raise\",\"key\":\"{device}/good/{ifIndex}\",\"match\":"
        "{\"trap\":\"IF-MIB::linkDown\",\"device\":\"pe*\",\"varbinds\":[{\"object\":\"ifIndex\",\"in\":[7]}]}}]}";
    struct tk_rules_report report;
    struct tk_rules *r = tk_rules_parse_sound(json, strlen(json), "rules.json", dict, &report);

    (void)state;
    assert_non_null(r);
    assert_int_equal(report.errors.kept, 1);
    event_fixture_init(&f, LINK_DOWN);
    event_fixture_integer(&f, IF_ENTRY "1.7", 7);
    event_fixture_finish(&f, dict);
    assert_true(tk_rules_match(r, &f.ev, NULL));
    assert_memory_equal(f.ev.severity_rule.text, "operator:good", f.ev.severity_rule.len);
    assert_int_equal(f.ev.alarm_key.len, strlen("pe1.fra/good/7"));
    assert_memory_equal(f.ev.alarm_key.text, "pe1.fra/good/7", f.ev.alarm_key.len);
    event_fixture_done(&f);
    tk_rules_free(r);
}

static void test_no_json(void **state)
{
    static const char *const texts[] = {"", "{", "[]", "{\"rules\":7}", "\xff"};

    (void)state;
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        struct tk_rules_report report;
        struct tk_rules *r = tk_rules_parse_sound(texts[i], strlen(texts[i]), "rules.json", dict, &report);

        assert_non_null(r);
        assert_int_equal(tk_rules_count(r), 0);
        assert_int_equal(report.rule_count, 0);
        assert_int_equal(report.errors.kept, 1);
        tk_rules_free(r);
    }
}

/* Faults of JSON's syntax, by what they are put in place of in the text of rule i; none leaves a bracket or quote open. */
static const char *const syntax_faults[][2] = {
    {"\",\"severity\"", "\" \"severity\""}, /* no comma between two members */
    {"\"severity\"", "severity"},
    {"\"major\"", "major"},
    {"\"name\":", "\"name\""},
    {"}},", "},},"},
    {"}},", "},\n}},"}, /* a comma before the end, and a bracket too many */
};

/* One rule for each notification; some get a fault, and some lack the comma behind them. */
static void play_syntax(void)
{
    static char json[16384];
    bool is_faulty[RULES], lacks_comma[RULES];
    struct tk_rules_report report;
    unsigned faulty = 0, missing = 0;
    struct tk_rules *r;
    size_t used = (size_t)sprintf(json, "{\"rules\":[\n");

    for (unsigned i = 0; i < RULES; i++) {
        const char *const *fault = syntax_faults[below(6)];
        char text[256], *at;
        int len = snprintf(text, sizeof(text),
                           "{\"name\":\"r%u\",\"severity\":\"major\",\"match\":{\"trap\":\"" ACME "0.%u\"}},", i,
                           100 + i);

        at = strstr(text, fault[0]);
        is_faulty[i] = below(8) == 0;
        lacks_comma[i] = !is_faulty[i] && below(8) == 0;
        assert_non_null(at);
        if (is_faulty[i])
            used += (size_t)sprintf(json + used, "%.*s%s%s\n", (int)(at - text), text, fault[1], at + strlen(fault[0]));
        else
            used += (size_t)sprintf(json + used, "%.*s\n", len - lacks_comma[i], text);
        faulty += is_faulty[i];
        missing += lacks_comma[i] && i + 1 < RULES;
    }
    used += (size_t)sprintf(json + used,
                            "{\"name\":\"last\",\"match\":{\"trap\":\"linkUp\"},\"severity\":\"minor\"}]}");
    missing += lacks_comma[RULES - 1];
    r = tk_rules_parse_sound(json, used, "rules.json", dict, &report);
    assert_non_null(r);
    if (report.errors.kept + report.errors.further != faulty + missing)
        fail_msg("%u + %u errors, not %u + %u, in\n%s", report.errors.kept, report.errors.further, faulty, missing,
                 json);
    for (unsigned i = 0; i < RULES; i++)
        if (is_in_force(r, i) == is_faulty[i])
            fail_msg("rule %u is %sin force in\n%s", i, is_faulty[i] ? "" : "not ", json);
    tk_rules_free(r);
}

static void test_random_faults_of_syntax(void **state)
{
    (void)state;
    for (unsigned h = 0; h < HISTORIES; h++)
        play_syntax();
}

/* An open quote or bracket swallows what follows it; what stands before it is in force, and lines are right. */
static void test_open_bracket(void **state)
{
    static const char json[] = "{\"names\":{\"fan\":\"" ACME "0.101\"},\"rules\":[\n"
                               "{\"name\":\"r0\",\"severity\":\"major\",\"match\":{\"trap\":\"" ACME "0.100\"}},\n"
                               "{\"name\":\"r1\",\"severity\":\"x\",\"match\":{\"trap\":\"fan\"}},\n"
                               "{\"name\":\"r2\",\"severity\":\"major\",\"match\":{\"trap\":\"" ACME "0.102\"},\n"
                               "{\"name\":\"r3\",\"severity\":\"major\",\"match\":{\"trap\":\"" ACME "0.103\"}}]}";
    struct tk_rules_report report;
    struct tk_rules *r = tk_rules_parse_sound(json, strlen(json), "rules.json", dict, &report);

    (void)state;
    assert_non_null(r);
    assert_true(is_in_force(r, 0));
    assert_false(is_in_force(r, 1) || is_in_force(r, 2) || is_in_force(r, 3));
    assert_int_equal(report.errors.kept, 2);
    assert_int_equal(report.errors.err[0].line, 5); /* where JSON's grammar is violated */
    assert_int_equal(report.errors.err[1].line, 3);
    assert_non_null(strstr(report.errors.err[1].text, "rule 'r1': \"severity\" is 'x'"));
    tk_rules_free(r);
}

/* A file that can't be opened: the built-in rules are there. */
static void test_no_file(void **state)
{
    const struct tk_rules_files files = {.operators = "/nonexistent/rules.json"};
    struct tk_rules_report report;
    struct tk_rules *r = tk_rules_load_sound(&files, dict, &report);

    (void)state;
    assert_non_null(r);
    assert_true(tk_rules_count(r) > 100);
    assert_int_equal(report.errors.kept, 1);
    assert_int_equal(report.standard.kept, 0);
    tk_rules_free(r);
}

/* A MIB that is loaded gives ifAdminStatus another syntax: that costs the built-in rule that tests it, and no other. */
static void test_a_mib_contradicts_built_in_rules(void **state)
{
    static const char facts[] = LINK_DOWN " linkDown IF-MIB notification\n" IF_ENTRY "7 ifAdminStatus IF-MIB octets\n";
    struct tk_dict_builder *b = tk_dict_builder_new();
    struct tk_rules_report report;
    struct tk_dict *odd;
    struct tk_rules *r;

    (void)state;
    assert_int_equal(tk_dict_facts_read(b, facts, strlen(facts), "facts", NULL), 0);
    odd = tk_dict_builder_finish(b);
    r = tk_rules_load_sound(NULL, odd, &report);
    assert_non_null(r);
    assert_int_equal(report.errors.kept, 0);
    assert_int_equal(report.standard.kept, 1);
    assert_non_null(strstr(report.standard.err[0].text, "linkDown-admin"));
    event_fixture_init(&f, LINK_DOWN);
    event_fixture_finish(&f, odd);
    assert_true(tk_rules_match(r, &f.ev, NULL));
    assert_memory_equal(f.ev.severity_rule.text, "standard:linkDown", f.ev.severity_rule.len);
    event_fixture_done(&f);
    tk_rules_free(r);
    tk_dict_builder_free(b);
    tk_dict_free(odd);
}

/* Errors by the thousand are counted in reasonable time: only the lines of those that are told are looked for. */
static void test_many_errors(void **state)
{
    const unsigned count = 50000;
    char *json = malloc(count * 64 + 64);
    struct tk_rules_report report;
    struct tk_rules *r;
    size_t used;

    (void)state;
    assert_non_null(json);
    used = (size_t)sprintf(json, "{\"rules\":[");
    for (unsigned i = 0; i < count; i++)
        used += (size_t)sprintf(json + used, "%s{\"name\":\"same\",\n\"severity\":\"x\"}", i ? "," : "");
    used += (size_t)sprintf(json + used, "]}");
    r = tk_rules_parse_sound(json, used, "rules.json", dict, &report);
    assert_non_null(r);
    assert_int_equal(tk_rules_count(r), 0);
    assert_int_equal(report.errors.kept + report.errors.further, count * 3 - 1); /* name, severity, match */
    tk_rules_free(r);
    free(json);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_random_faults),
        cmocka_unit_test(test_rules_after_a_fault),
        cmocka_unit_test(test_random_faults_of_syntax),
        cmocka_unit_test(test_open_bracket),
        cmocka_unit_test(test_no_json),
        cmocka_unit_test(test_no_file),
        cmocka_unit_test(test_a_mib_contradicts_built_in_rules),
        cmocka_unit_test(test_many_errors),
    };

    return cmocka_run_group_tests(tests, make_dict, free_dict);
}
