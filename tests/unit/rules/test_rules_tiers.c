/* SPDX-License-Identifier: Apache-2.0 */
/* The tiers: which files are loaded, in which order they are tried, by which dictionary their names are read, and that a bad
 * or missing file costs its own faulty rules only. */
#include "rules/rules_load.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "dict_build.h"
#include "dictionary/dictionary_facts.h"
#include "event_fixture.h"
#include "rules_fixture.h"

#define RULE(name, trap, severity) \
    "{\"name\":\"" name "\",\"match\":{\"trap\":\"" trap "\"},\"severity\":\"" severity "\"}"
#define FILE_OF(rules) "{\"rules\":[\n" rules "]}"

/* MIBs that snmptrapd loaded: acmeOne has another OID there, and acmeRow the index of a column of its own. */
static const char loaded_facts[] = ACME "0.9 acmeOne ACME-MIB notification\n" ACME
                                        "1.4.1 acmeRow ACME-MIB - i=acmeName\n" ACME
                                        "1.4.1.1 acmeName ACME-MIB octets\n" ACME "1.4.1.3 acmeNew ACME-MIB integer\n";

static struct tk_dict *shipped, *all;
static char folder[] = "/tmp/test_rules_tiers.XXXXXX";
static struct event_fixture f;

static void write_file(const char *name, const char *text)
{
    char path[128];
    FILE *out;

    (void)snprintf(path, sizeof(path), "%s/%s", folder, name);
    out = fopen(path, "w");
    assert_non_null(out);
    assert_true(fputs(text, out) >= 0 && fclose(out) == 0);
}

static void remove_file(const char *name)
{
    char path[128];

    (void)snprintf(path, sizeof(path), "%s/%s", folder, name);
    assert_int_equal(remove(path), 0);
}

static int make(void **state)
{
    struct tk_dict *parts[2];
    char path[128];

    (void)state;
    parts[0] = dict_build(loaded_facts);
    parts[1] = shipped = rules_fixture_dict();
    all = tk_dict_join(parts, 2);
    tk_dict_free(parts[0]);
    assert_true(all && mkdtemp(folder));
    (void)snprintf(path, sizeof(path), "%s/derived", folder);
    return mkdir(path, 0700);
}

static int unmake(void **state)
{
    (void)state;
    remove_file("derived");
    tk_dict_free(shipped);
    tk_dict_free(all);
    return rmdir(folder);
}

static struct tk_rules *load(enum tk_vendor_rules vendors, const char *operators, struct tk_rules_report *report)
{
    const struct tk_rules_files files = {operators, folder, vendors, shipped};
    struct tk_rules *r = tk_rules_load_sound(&files, all, report);

    assert_non_null(r);
    return r;
}

/* Which rule decides about a notification. */
static void assert_decides(struct tk_rules *r, const char *trap, const char *expected)
{
    char label[64];

    event_fixture_init(&f, trap);
    event_fixture_finish(&f, all);
    (void)snprintf(label, sizeof(label), "%s", tk_rules_match(r, &f.ev, NULL) ? "" : "none");
    if (!*label)
        (void)snprintf(label, sizeof(label), "%.*s", (int)f.ev.severity_rule.len, f.ev.severity_rule.text);
    assert_string_equal(label, expected);
    event_fixture_done(&f);
}

static void write_all(void)
{
    write_file("ietf.json", FILE_OF(RULE("i", "IF-MIB::ifMIB.*", "minor")));
    write_file("acme.json", FILE_OF(RULE("acmeOne", "ACME-MIB::acmeOne", "minor")));
    write_file("beta.json",
               FILE_OF(RULE("acmeOne", "ACME-MIB::acmeOne", "minor") "," RULE("two", "ACME-MIB::acmeTwo", "minor")));
    write_file("derived/acme.json", FILE_OF(RULE("acmeTwo", "ACME-MIB::acmeTwo",
                                                 "minor") "," RULE("linkDown", "ACME-MIB::linkDown", "minor")));
    write_file("README.md", "no rules");
    write_file(".hidden.json", "no rules");
}

static void remove_all(void)
{
    static const char *const names[] = {"ietf.json",         "acme.json", "beta.json",
                                        "derived/acme.json", "README.md", ".hidden.json"};

    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        remove_file(names[i]);
}

static void test_order(void **state)
{
    static const struct {
        enum tk_vendor_rules vendors;
        const char *one, *two, *down;
        size_t curated, derived;
    } t[] = {
        {TK_VENDOR_RULES_ALL, "vendor:acme/acmeOne", "vendor:beta/two", "derived:acme/linkDown", 3, 2},
        {TK_VENDOR_RULES_CURATED, "vendor:acme/acmeOne", "vendor:beta/two", "none", 3, 0},
        {TK_VENDOR_RULES_OFF, "none", "none", "none", 0, 0},
    };

    (void)state;
    write_all();
    for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
        struct tk_rules_report report;
        struct tk_rules *r = load(t[i].vendors, NULL, &report);

        assert_true(tk_err_list_is_empty(&report.shipped) && tk_err_list_is_empty(&report.errors));
        assert_decides(r, ACME "0.1", t[i].one);
        assert_decides(r, ACME "0.2", t[i].two);
        assert_decides(r, ACME "0.3", t[i].down);
        assert_decides(r, ACME "0.9", "none"); /* the operator's MIB does not change what a shipped name means */
        assert_decides(r, "1.3.6.1.2.1.31.7", "standard:i");
        assert_decides(r, LINK_DOWN, "standard:linkDown");
        assert_int_equal(tk_rules_count_tier(r, TK_RULES_CURATED), t[i].curated);
        assert_int_equal(tk_rules_count_tier(r, TK_RULES_DERIVED), t[i].derived);
        assert_int_equal(tk_rules_count_tier(r, TK_RULES_OPERATOR), 0);
        assert_int_equal(tk_rules_count(r), tk_rules_count_tier(r, TK_RULES_STANDARD) + t[i].curated + t[i].derived);
        tk_rules_free(r);
    }
    remove_all();
}

/* The operator's rules come first, and read their names in all dictionaries. */
static void test_operators_first(void **state)
{
    struct tk_rules_report report;
    char path[128];
    struct tk_rules *r;

    (void)state;
    write_all();
    write_file("operators", FILE_OF(RULE("o", "ACME-MIB::acmeOne",
                                         "major") "," RULE("d", "IF-MIB::linkDown",
                                                           "major") "," RULE("t", "ACME-MIB::linkDown", "major")));
    (void)snprintf(path, sizeof(path), "%s/operators", folder);
    r = load(TK_VENDOR_RULES_ALL, path, &report);
    assert_decides(r, ACME "0.9", "operator:o");
    assert_decides(r, ACME "0.1", "vendor:acme/acmeOne");
    assert_decides(r, ACME "0.3", "operator:t");
    assert_decides(r, LINK_DOWN, "operator:d");
    assert_int_equal(tk_rules_count_tier(r, TK_RULES_OPERATOR), 3);
    tk_rules_free(r);
    remove_file("operators");
    remove_all();
}

static void test_faults_cost_their_own_rules_only(void **state)
{
    static const char *const bad[] = {
        "not JSON",
        "",
        "[]",
        "{\"rules\":7}",
        FILE_OF(RULE("x", "ACME-MIB::noSuch", "minor")),
        FILE_OF(RULE("x", "ACME-MIB::acmeTwo", "fatal")),
    };
    char path[128];

    (void)state;
    write_all();
    write_file("operators",
               FILE_OF("{\"name\":\"c\",\"match\":{\"trap\":\"IF-MIB::linkUp\"},\"state\":\"clear\",\"key\":\"k\"}"));
    (void)snprintf(path, sizeof(path), "%s/operators", folder);
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        struct tk_rules_report report;
        struct tk_rules *r;

        write_file("alpha.json", bad[i]);
        r = load(TK_VENDOR_RULES_ALL, path, &report);
        assert_true(tk_err_list_is_empty(&report.errors) && tk_err_list_is_empty(&report.standard));
        assert_int_equal(report.shipped.kept, 1);
        assert_non_null(strstr(report.shipped.err[0].file, "/alpha.json"));
        assert_decides(r, LINK_UP, "operator:c"); /* what clears is not withheld */
        assert_decides(r, ACME "0.1", "vendor:acme/acmeOne");
        assert_decides(r, ACME "0.2", "vendor:beta/two");
        assert_decides(r, ACME "0.3", "derived:acme/linkDown");
        tk_rules_free(r);
    }
    remove_file("alpha.json");
    remove_file("operators");
    remove_all();
}

/* The rules before and behind a faulty one of the same file are in force. */
static void test_faulty_rule_among_sound_ones(void **state)
{
    struct tk_rules_report report;
    struct tk_rules *r;

    (void)state;
    write_file("acme.json", FILE_OF(RULE("one", "ACME-MIB::acmeOne",
                                         "minor") ",\n" RULE("bad", "ACME-MIB::noSuch",
                                                             "minor") ",\n" RULE("two", "ACME-MIB::acmeTwo", "minor")));
    r = load(TK_VENDOR_RULES_ALL, NULL, &report);
    assert_int_equal(report.shipped.kept, 1);
    assert_int_equal(report.shipped.err[0].line, 3);
    assert_decides(r, ACME "0.1", "vendor:acme/one");
    assert_decides(r, ACME "0.2", "vendor:acme/two");
    assert_int_equal(tk_rules_count_tier(r, TK_RULES_CURATED), 2);
    tk_rules_free(r);
    remove_file("acme.json");
}

/* What is the operator's to say is refused in a vendor's file, and its "names" are ignored. */
static void test_what_only_operators_may(void **state)
{
    static const char *const members[] = {"\"topic\":\"t\",\"severity\":\"minor\"", "\"drop\":true"};
    struct tk_rules_report report;
    struct tk_rules *r;

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        char json[256];

        (void)snprintf(json, sizeof(json),
                       "{\"rules\":[{\"name\":\"r\",\"match\":{\"trap\":\"ACME-MIB::acmeOne\"},%s}]}", members[i]);
        write_file("acme.json", json);
        r = load(TK_VENDOR_RULES_ALL, NULL, &report);
        assert_non_null(strstr(report.shipped.err[0].text, "is for the operator's rules; leave it out"));
        assert_decides(r, ACME "0.1", "none");
        tk_rules_free(r);
    }
    write_file("acme.json",
               "{\"names\":{\"ACME-MIB::acmeOne\":\"1.3.9\"},\"rules\":[" RULE("r", "ACME-MIB::acmeOne", "minor") "]}");
    r = load(TK_VENDOR_RULES_ALL, NULL, &report);
    assert_non_null(strstr(report.shipped.err[0].text, "\"names\", which are ignored"));
    assert_decides(r, "1.3.9", "none");
    assert_decides(r, ACME "0.1", "vendor:acme/r");
    tk_rules_free(r);
    remove_file("acme.json");
}

static void test_missing_folder(void **state)
{
    const struct tk_rules_files files = {NULL, "/nonexistent/rules", TK_VENDOR_RULES_ALL, shipped};
    struct tk_rules_report report;
    struct tk_rules *r = tk_rules_load_sound(&files, all, &report);

    (void)state;
    assert_non_null(r);
    assert_true(report.shipped.kept >= 1);
    assert_non_null(strstr(report.shipped.err[0].text, "No such file"));
    assert_decides(r, LINK_DOWN, "standard:linkDown");
    tk_rules_free(r);
}

/* Without the shipped dictionary no shipped file is loaded, and that is said. */
static void test_no_dictionary(void **state)
{
    const struct tk_rules_files files = {NULL, folder, TK_VENDOR_RULES_ALL, NULL};
    struct tk_rules_report report;
    struct tk_rules *r;

    (void)state;
    write_all();
    r = tk_rules_load_sound(&files, all, &report);
    assert_non_null(r);
    assert_int_equal(report.shipped.kept, 1);
    assert_non_null(strstr(report.shipped.err[0].text, "without the shipped dictionary, which can't be read"));
    assert_true(tk_err_list_is_empty(&report.errors));
    assert_int_equal(tk_rules_count(r), tk_rules_count_tier(r, TK_RULES_STANDARD));
    tk_rules_free(r);
    remove_all();
}

/* A varbind that a loaded MIB defines has an index that the shipped dictionary defines too: it is the same object. */
static void test_index_of_another_layer(void **state)
{
    struct tk_rules_report report;
    struct tk_rules *r;

    (void)state;
    write_file("acme.json",
               FILE_OF("{\"name\":\"r\",\"match\":{\"trap\":\"ACME-MIB::acmeTwo\"},\"severity\":\"minor\",\"state\":"
                       "\"raise\",\"key\":\"{ACME-MIB::acmeName}/{ACME-MIB::acmeName#value}\"}"));
    r = load(TK_VENDOR_RULES_ALL, NULL, &report);
    event_fixture_init(&f, ACME "0.2");
    event_fixture_integer(&f, ACME "1.4.1.3.2.97.98", 6);
    event_fixture_finish(&f, all);
    assert_int_equal(tk_rules_match(r, &f.ev, NULL), 1);
    assert_int_equal(f.ev.alarm_key.len, 5);
    assert_memory_equal(f.ev.alarm_key.text, "ab/ab", 5);
    event_fixture_done(&f);
    tk_rules_free(r);
    remove_file("acme.json");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_order),
        cmocka_unit_test(test_operators_first),
        cmocka_unit_test(test_faults_cost_their_own_rules_only),
        cmocka_unit_test(test_faulty_rule_among_sound_ones),
        cmocka_unit_test(test_what_only_operators_may),
        cmocka_unit_test(test_missing_folder),
        cmocka_unit_test(test_no_dictionary),
        cmocka_unit_test(test_index_of_another_layer),
    };

    return cmocka_run_group_tests(tests, make, unmake);
}
