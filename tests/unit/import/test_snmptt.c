/* SPDX-License-Identifier: Apache-2.0 */
/* Each line of snmptt.conf, row by row: what it becomes in the rule and in its test, and what is told. The cases are written
 * from the format's documentation. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "import/snmptt.h"
#include "import_exercise.h"

#define EVENT "EVENT acmeFan ." ACME "0.1 \"Status Events\" Major\n"

static void read_conf(struct tk_import *im, char *text, struct tk_err *err)
{
    (void)err;
    tk_snmptt_read(im, text);
}

static void read_text(struct result *r, const char *text, size_t len, const char *severity)
{
    read_with(r, read_conf, text, len, severity);
}

/* ---- FORMAT ---- */

static void test_format(void **state)
{
    static const struct {
        const char *format, *summary, *said;
    } rows[] = {
        {"plain {text}", "plain {{text}}", NULL},
        {"a  b\tc  ", "a b c", NULL},
        {"$1", "{ACME-MIB::acmeNumber}", NULL},
        {"$2 and $3.", "{ACME-MIB::acmeText} and {ACME-MIB::acmeState}.", NULL},
        {"$+2", "acmeText:{ACME-MIB::acmeText}", NULL},
        {"$-1", "acmeNumber (INTEGER):{ACME-MIB::acmeNumber}", NULL},
        {"$-4", "acmePeer (IPADDR):{ACME-MIB::acmePeer}", NULL},
        {"$v3", "acmeState", NULL},
        {"$*", NULL, NULL},
        {"all: $*", "all: {ACME-MIB::acmeNumber} {ACME-MIB::acmeText} {ACME-MIB::acmeState} {ACME-MIB::acmePeer}",
         "'$*': "},
        {"x$5", "x", "a.conf:2: '$5': the notification has this object twice"},
        {"x$6", "x", "'$6': the definition of the notification has 5 objects"},
        {"x$0", "x", "'$0': "},
        {"x$99999999999", "x", "'$99999999999': "},
        {"$A $R $r $aA $aR $ar", "{device} {device} {device} {device} {device} {device}", NULL},
        {"$N $c $s $i", "acmeFan Status Events Major ." ACME "0.1", NULL},
        {"$o $e $G $S", "." ACME "0.1 .1.3.6.1.4.1.99999 0 1", NULL},
        {"$O", "{trap}", NULL},
        {"$E", ".1.3.6.1.4.1.99999", NULL},
        {"$$5 $Fn$Ft$Fr$Ff$Fa.", "$5 .", NULL},
        {"x$Fz", "x", "'$Fz': "},
        {"x$x$X$@", "x", "the event's member received"},
        {"x$T", "x", "snmp.uptime"},
        {"x$H", "x", "receiver.host"},
        {"x$C", "x", "kafkaPublishCommunity"},
        {"x$D", "x", "texts of MIBs"},
        {"x$#", "x", "count"},
        {"x$Be", "x", "snmp.engine_id"},
        {"x$Bu", "x", "snmp.security_name"},
        {"x$BE", "x", "snmp.context_engine_id"},
        {"x$Bn", "x", "snmp.context_name"},
        {"x$j", "x", "trap.oid"},
        {"x$p1", "x", "'$p1': it is the output of a PREEXEC"},
        {"100 $ and $", "100 $ and $", NULL},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct result r;
        char text[512];
        const json_t *summary;

        (void)snprintf(text, sizeof(text), EVENT "FORMAT %s\n", rows[i].format);
        read_text(&r, text, strlen(text), NULL);
        assert_int_equal(json_array_size(json_object_get(r.file, "rules")), 1);
        summary = json_object_get(rule_of(&r, 0), "summary");
        if (rows[i].summary && (!summary || strcmp(json_string_value(summary), rows[i].summary) != 0))
            fail_msg("%s: %s", rows[i].format, summary ? json_string_value(summary) : "none");
        assert_true(rows[i].summary || !summary);
        assert_said(&r, rows[i].said, rows[i].format);
        assert_int_equal(r.im.note_count != 0, rows[i].said != NULL);
        done(&r);
    }
}

/* What the texts of a test are, where that is certain. */
static void test_expected_summary(void **state)
{
    static const struct {
        const char *format, *expected;
    } rows[] = {
        {"no. $1 is '$2' at $4", "\"no. 1 is 'text' at 192.0.2.7\""},
        {"{$1} of $A", "\"{1} of 192.0.2.1\""},
        {"$3", "none"}, /* a label: the dictionary may be missing when the test runs */
        {"$O", "none"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct result r;
        char text[512];

        (void)snprintf(text, sizeof(text), EVENT "FORMAT %s\n", rows[i].format);
        read_text(&r, text, strlen(text), NULL);
        assert_json(json_object_get(json_object_get(json_array_get(json_object_get(r.file, "tests"), 0), "event"),
                                    "summary"),
                    rows[i].expected, rows[i].format);
        done(&r);
    }
}

/* ---- MATCH ---- */

#define N(test) "[{" test ",\"object\":\"ACME-MIB::acmeNumber\"}]"
#define T(test) "[{\"object\":\"ACME-MIB::acmeText\"," test "}]"
#define S(test) "[{" test ",\"object\":\"ACME-MIB::acmeState\"}]"
#define P(test) "[{" test ",\"object\":\"ACME-MIB::acmePeer\"}]"

static void test_match(void **state)
{
    static const struct {
        const char *lines, *conditions[3], *said;
    } rows[] = {
        {"MATCH $1: 5", {N("\"equals\":5")}, NULL},
        {"MATCH $1:-5", {N("\"equals\":-5")}, NULL},
        {"MATCH $1: 5-10", {N("\"max\":10,\"min\":5")}, NULL},
        {"MATCH $1: >5", {N("\"min\":6")}, NULL},
        {"MATCH $1: < 5", {N("\"max\":4")}, NULL},
        {"MATCH $1: !5", {N("\"max\":4"), N("\"min\":6")}, NULL},
        {"MATCH $1: !5-10", {N("\"max\":4"), N("\"min\":11")}, NULL},
        {"MATCH $1: !>5", {N("\"max\":5")}, NULL},
        {"MATCH $1: !<5", {N("\"min\":5")}, NULL},
        {"MATCH $2: (fan|power)", {T("\"regex\":\"fan|power\"")}, NULL},
        {"MATCH $2: (Fan)i", {T("\"regex\":\"(?i)Fan\"")}, NULL},
        {"MATCH $2: !(fan)", {T("\"regex\":\"(?s)\\\\A(?!.*(?:fan))\"")}, NULL},
        {"MATCH $2: (a\\(b\\)c)", {T("\"regex\":\"a\\\\(b\\\\)c\"")}, NULL},
        {"MATCH $3: (^d)", {S("\"in\":[2,3]")}, NULL},
        {"MATCH $3: !(^d)", {S("\"in\":[1]")}, NULL},
        {"MATCH $3: (DEAD)i", {S("\"in\":[3]")}, NULL},
        {"MATCH $3: 2", {S("\"equals\":2")}, NULL},
        {"MATCH $4: 192.0.2.9", {P("\"equals\":\"192.0.2.9\"")}, NULL},
        {"MATCH $4: 10.0.0.0/8", {"[{\"object\":\"ACME-MIB::acmePeer\",\"regex\":\"^10\\\\.\"}]"}, NULL},
        {"MATCH $4: !192.0.2.8/31",
         {"[{\"object\":\"ACME-MIB::acmePeer\",\"regex\":\"^(?!192\\\\.0\\\\.2\\\\.(?:8|9)$)\"}]"},
         NULL},
        {"MATCH $4: 10.0.0.9-10.0.0.11",
         {"[{\"object\":\"ACME-MIB::acmePeer\",\"regex\":\"^10\\\\.0\\\\.0\\\\.(?:9|10|11)$\"}]"},
         NULL},
        {"MATCH $1: 5\nMATCH $1: 7", {N("\"equals\":5"), N("\"equals\":7")}, NULL},
        {"MATCH MODE=or\nMATCH $1: 5\nMATCH $3: 1", {N("\"equals\":5"), S("\"equals\":1")}, NULL},
        {"MATCH MODE=and\nMATCH $1: 5\nMATCH $3: 1",
         {"[{\"equals\":5,\"object\":\"ACME-MIB::acmeNumber\"},{\"equals\":1,\"object\":\"ACME-MIB::acmeState\"}]"},
         NULL},
        {"MATCH MODE=and\nMATCH $1: !5\nMATCH $3: 1",
         {"[{\"max\":4,\"object\":\"ACME-MIB::acmeNumber\"},{\"equals\":1,\"object\":\"ACME-MIB::acmeState\"}]",
          "[{\"min\":6,\"object\":\"ACME-MIB::acmeNumber\"},{\"equals\":1,\"object\":\"ACME-MIB::acmeState\"}]"},
         NULL},
        /* What rules can't say costs the EVENT: without it the rule would match too much. */
        {"MATCH $3: (nothing)", {NULL}, "no label"},
        {"MATCH $2: (fan", {NULL}, "not closed"},
        {"MATCH $2: (fan)x", {NULL}, "not closed"},
        {"MATCH $2: ([)", {NULL}, "'$2: ([)': "},
        {"MATCH $1: &4", {NULL}, "single bits"},
        {"MATCH $1: five", {NULL}, "neither"},
        {"MATCH $1: 5-", {NULL}, "no end"},
        {"MATCH $1: 7-5", {NULL}, "neither"},
        {"MATCH $1: 99999999999999999999", {NULL}, "neither"},
        {"MATCH $4: 10.0.0.0-10.0.9.0", {NULL}, "no address"},
        {"MATCH $4: 10.0.0.0/33", {NULL}, "no address"},
        {"MATCH $9: 5", {NULL}, "no such object"},
        {"MATCH $s: (Major)", {NULL}, "conditions on varbinds"},
        {"MATCH 5", {NULL}, "$NUMBER: TEST"},
        {"MATCH $1: 5\nMATCH MODE=and", {NULL}, "MODE stands behind"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct result r;
        char text[512];
        size_t count = 0;

        (void)snprintf(text, sizeof(text), EVENT "FORMAT x\n%s\n", rows[i].lines);
        read_text(&r, text, strlen(text), NULL);
        for (; count < 3 && rows[i].conditions[count]; count++)
            assert_json(json_object_get(json_object_get(rule_of(&r, count), "match"), "varbinds"),
                        rows[i].conditions[count], rows[i].lines);
        assert_int_equal(json_array_size(json_object_get(r.file, "rules")), count);
        assert_int_equal(json_array_size(json_object_get(r.file, "tests")), count);
        assert_int_equal(r.im.left_out, !count);
        assert_said(&r, rows[i].said, rows[i].lines);
        done(&r);
    }
}

/* Conditions multiply; there is a bound. */
static void test_too_many_cases(void **state)
{
    char text[2048] = EVENT "FORMAT x\nMATCH MODE=and\n";
    struct result r;

    (void)state;
    for (int i = 0; i < 5; i++)
        (void)snprintf(text + strlen(text), sizeof(text) - strlen(text), "MATCH $1: !%d\n", 10 * i);
    read_text(&r, text, strlen(text), NULL);
    assert_int_equal(r.im.rules.count, 0);
    assert_said(&r, "over 16 rules", "32 cases");
    done(&r);
}

/* ---- NODES ---- */

static void test_nodes(void **state)
{
    static const struct {
        const char *lines, *source, *device, *said;
    } rows[] = {
        {"NODES 192.0.2.7", "[\"192.0.2.7\"]", "none", NULL},
        {"NODES 192.0.2.7 192.0.2.6", "[\"192.0.2.6/31\"]", "none", NULL},
        {"NODES 10.1.2.3/8", "[\"10.0.0.0/8\"]", "none", NULL},
        {"NODES 10.0.0.0/255.255.0.0", "[\"10.0.0.0/16\"]", "none", NULL},
        {"NODES 10.0.0.1-10.0.0.6", "[\"10.0.0.1\",\"10.0.0.2/31\",\"10.0.0.4/31\",\"10.0.0.6\"]", "none", NULL},
        {"NODES 0.0.0.0-255.255.255.255", "[\"0.0.0.0/0\"]", "none", NULL},
        {"NODES 2001:db8::/32", "[\"2001:db8::/32\"]", "none", NULL},
        {"NODES pe1.fra pe2.fra", "none", "[\"pe1.fra\",\"pe2.fra\"]", NULL},
        {"NODES MODE=POS\nNODES 192.0.2.7", "[\"192.0.2.7\"]", "none", NULL},
        {"NODES 128.0.0.0/1\nNODES MODE=NEG", "[\"0.0.0.0/1\",\"::/0\"]", "none", NULL},
        {"NODES MODE=NEG\nNODES 0.0.0.0/2 192.0.0.0/2", "[\"64.0.0.0/2\",\"128.0.0.0/2\",\"::/0\"]", "none", NULL},
        {"NODES MODE=NEG pe1.fra", NULL, NULL, "IPv4 address only"},
        {"NODES MODE=NEG 2001:db8::1", NULL, NULL, "IPv4 address only"},
        {"NODES MODE=MAYBE", NULL, NULL, "'MODE=MAYBE': "},
        {"NODES 10.0.0.9-10.0.0.1", NULL, NULL, "'10.0.0.9-10.0.0.1': "},
        {"NODES 10.0.0.0/255.0.255.0", NULL, NULL, "'10.0.0.0/255.0.255.0': "},
        {"NODES 10.0.0", NULL, NULL, "'10.0.0': "},
        {"NODES pe*", NULL, NULL, "'pe*': "},
        {"NODES /nowhere/nodes", NULL, NULL, "'/nowhere/nodes': No such file"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct result r;
        char text[512];
        const json_t *match;

        (void)snprintf(text, sizeof(text), EVENT "FORMAT x\n%s\n", rows[i].lines);
        read_text(&r, text, strlen(text), NULL);
        match = json_object_get(rule_of(&r, 0), "match");
        assert_int_equal(r.im.rules.count, rows[i].source != NULL);
        if (rows[i].source) {
            assert_json(json_object_get(match, "source"), rows[i].source, rows[i].lines);
            assert_json(json_object_get(match, "device"), rows[i].device, rows[i].lines);
        }
        assert_said(&r, rows[i].said, rows[i].lines);
        done(&r);
    }
}

static void write_nodes(const char *nodes)
{
    FILE *f = fopen(path, "w");

    assert_non_null(f);
    assert_true(fputs(nodes, f) >= 0);
    assert_int_equal(fclose(f), 0);
}

static void test_nodes_of_a_file(void **state)
{
    struct result r;
    char text[4096 + 512], *real = realpath(path, NULL);

    (void)state;
    write_nodes("192.0.2.1 # a comment\n# 10.0.0.1\npe1\n/etc/other\n");
    (void)snprintf(text, sizeof(text), EVENT "FORMAT x\nNODES %s\n", real);
    free(real);
    read_text(&r, text, strlen(text), NULL);
    assert_said(&r, "'/etc/other': ", "a file names no further file");
    assert_int_equal(r.im.rules.count, 0);
    done(&r);
    write_nodes("192.0.2.1 # a comment\n# 10.0.0.1\npe1\n");
    read_text(&r, text, strlen(text), NULL);
    assert_int_equal(r.im.rules.count, 2);
    assert_json(json_object_get(json_object_get(rule_of(&r, 0), "match"), "source"), "[\"192.0.2.1\"]", "source");
    assert_json(json_object_get(json_object_get(rule_of(&r, 1), "match"), "device"), "[\"pe1\"]", "device");
    assert_int_equal(json_array_size(json_object_get(r.file, "tests")), 1);
    assert_said(&r, NULL, "a file");
    done(&r);
}

/* ---- EVENT, and lines of other kinds ---- */

static void test_severities(void **state)
{
    static const struct {
        const char *theirs, *option, *ours, *said;
    } rows[] = {
        {"Critical", NULL, "critical", NULL},
        {"MAJOR", NULL, "major", NULL},
        {"minor", NULL, "minor", NULL},
        {"Warning", NULL, "warning", NULL},
        {"Severe", NULL, "critical", NULL},
        {"Normal", NULL, "indeterminate", NULL},
        {"Informational", NULL, "indeterminate", NULL},
        {"OK", NULL, "indeterminate", NULL},
        {"Normal", "normal=cleared", "cleared", NULL},
        {"P 1", "P 1=critical", "critical", NULL},
        {"Odd", NULL, "indeterminate", "write --severity 'Odd=SEVERITY'"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct result r;
        char text[256];

        (void)snprintf(text, sizeof(text), "EVENT a .1.3.6.1.6.3.1.1.5.3 \"c\" %s\nFORMAT x\n", rows[i].theirs);
        read_text(&r, text, strlen(text), rows[i].option);
        assert_string_equal(json_string_value(json_object_get(rule_of(&r, 0), "severity")), rows[i].ours);
        assert_said(&r, rows[i].said, rows[i].theirs);
        done(&r);
    }
}

static void test_lines(void **state)
{
    static const struct {
        const char *text;
        unsigned rules;
        const char *said;
    } rows[] = {
        {EVENT "FORMAT x\n", 1, NULL},
        {EVENT, 1, "no FORMAT"},
        {EVENT "FORMAT x\nFORMAT y\n", 1, "a.conf:3: 'y': the EVENT has a FORMAT already"},
        {"# comment\n\n  " EVENT "FORMAT x\n", 1, NULL},
        {"stray\nstray\n" EVENT "FORMAT x\n", 1, "a.conf:1: lines before the first EVENT"},
        {EVENT "FORMAT x\nEXEC page $A\n", 1, "a.conf:3: 'page $A': rules run no program"},
        {EVENT "FORMAT x\nPREEXEC page $A\n", 1, "rules run no program"},
        {EVENT "FORMAT x\nREGEX (a)(b)i\n", 1, "'(a)(b)i': rules can't change a text"},
        {EVENT "FORMAT x\nSDESC\nEXEC rubbish\nEVENT no\nEDESC\n", 1, NULL},
        {EVENT "FORMAT x\nSDESC\nEVENT no\n", 1, "a.conf:3: 'SDESC': no EDESC"},
        {EVENT "FORMAT x\nWHAT ever\n", 1, "a.conf:3: 'WHAT': no such line"},
        {"EVENT\n", 0, "a.conf:1: '': an EVENT is"},
        {"EVENT a\n", 0, "'a': an EVENT is"},
        {"EVENT a .1.3.6 c Major\n", 0, "an EVENT is"},
        {"EVENT a 1.3.6.x \"c\" Major\n", 0, "'1.3.6.x': it is no OID"},
        {"EVENT a .1.3.6.*.4 \"c\" Major\n", 0, "it is no OID"},
        {"EVENT a noSuchTrap \"c\" Major\nFORMAT x\n", 0, "'noSuchTrap': no dictionary"},
        {"EVENT a acmeNumber \"c\" Major\nFORMAT x\n", 0, "no dictionary has this notification"},
        {"EVENT a acmeFan \"c\" Major\nFORMAT x\n", 1, NULL},
        {"EVENT a ACME-MIB::acmeFan \"c\" Major\nFORMAT x\n", 1, NULL},
        {"EVENT a .1.3.6.1.4.1.99999.* \"c\" Major\nFORMAT $o $1\n", 1, "'$o': the EVENT is for many OIDs"},
        {"EVENT a .1.3.6.1.4.1.99999.0.77 \"c\" Major\nFORMAT $1\n", 1, "'$1': no dictionary knows"},
        {"EVENT a .1.3.6.1.4.1.99999.0.77 \"c\" Major\nFORMAT x\nMATCH $1: 5\n", 0, "no dictionary knows"},
        {EVENT "FORMAT a\x1b[31m$9\n", 1, "'$9'"},
        {EVENT "FORMAT x\n\x1b[31m\n", 1, "'\\x1b[31m': no such line"},
        {EVENT "FORMAT caf\xe9\n", 1, NULL},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct result r;

        read_text(&r, rows[i].text, strlen(rows[i].text), NULL);
        if (r.im.rules.count != rows[i].rules)
            fail_msg("%s: %u rules", rows[i].text, r.im.rules.count);
        assert_said(&r, rows[i].said, rows[i].text);
        assert_null(strchr(r.said, '\x1b'));
        done(&r);
    }
}

/* IGNORE drops, LOGONLY says nothing of severity; neither runs a program, in SNMPTT either. */
static void test_categories(void **state)
{
    struct result r;
    const char *text = "EVENT a acmeFan \"IGNORE\" Major\nFORMAT $9\nEXEC page\nREGEX (a)(b)\n"
                       "EVENT b linkDown \"LOGONLY\" Odd\nFORMAT x\nEXEC page\n";

    (void)state;
    read_text(&r, text, strlen(text), NULL);
    assert_said(&r, NULL, text);
    assert_json(rule_of(&r, 0),
                "{\"comment\":\"a.conf:1\",\"drop\":true,\"match\":{\"trap\":\"ACME-MIB::acmeFan\"},\"name\":\"a\"}",
                "a");
    assert_json(
        rule_of(&r, 1),
        "{\"comment\":\"a.conf:5\",\"match\":{\"trap\":\"IF-MIB::linkDown\"},\"name\":\"b\",\"set\":{\"category\":"
        "\"LOGONLY\"},\"severity\":\"indeterminate\",\"summary\":\"x\"}",
        "b");
    assert_json(json_object_get(r.file, "names"), "{\"ACME-MIB::acmeFan\":\"1.3.6.1.4.1.99999.0.1\"}", "names");
    assert_json(json_array_get(json_object_get(r.file, "tests"), 0),
                "{\"event\":null,\"name\":\"a\",\"trap\":{\"source\":\"192.0.2.1\",\"trap\":\"ACME-MIB::acmeFan\","
                "\"varbinds\":[]}}",
                "test");
    done(&r);
}

/* Exact before wildcards, longer wildcards first, with conditions before without; names are unique. */
static void test_order(void **state)
{
    static const char *const expected[] = {"a/4", "a/3", "other", "a/2", "a"};
    const char *text =
        "EVENT a .1.3.6.1.4.* \"c\" Major\nFORMAT x\nEVENT a .1.3.6.1.4.1.99999.* \"c\" Major\nFORMAT x\n"
        "EVENT a acmeFan \"c\" Major\nFORMAT x\nEVENT other linkDown \"c\" Major\nFORMAT x\n"
        "EVENT a acmeFan \"c\" Major\nFORMAT x\nNODES 10.0.0.1\n";
    struct result r;

    (void)state;
    read_text(&r, text, strlen(text), NULL);
    for (size_t i = 0; i < sizeof(expected) / sizeof(expected[0]); i++)
        assert_string_equal(json_string_value(json_object_get(rule_of(&r, i), "name")), expected[i]);
    done(&r);
}

/* A notification that no dictionary knows is called as its EVENT. */
static void test_names(void **state)
{
    const char *text = "EVENT acmeNew .1.3.6.1.4.1.99999.0.9 \"c\" Major\nFORMAT x\n"
                       "EVENT acmeNew .1.3.6.1.4.1.99999.0.10 \"c\" Major\nFORMAT x\n"
                       "EVENT linkDown .1.3.6.1.4.1.99999.0.11 \"c\" Major\nFORMAT x\n"
                       "EVENT a.b{c} .1.3.6.1.4.1.99999.0.12 \"c\" Major\nFORMAT x\n";
    struct result r;

    (void)state;
    read_text(&r, text, strlen(text), NULL);
    assert_json(json_object_get(r.file, "names"), "{\"acmeNew\":\"1.3.6.1.4.1.99999.0.9\"}", "names");
    assert_json(json_object_get(json_object_get(rule_of(&r, 1), "match"), "trap"), "\"1.3.6.1.4.1.99999.0.10\"",
                "trap");
    assert_string_equal(json_string_value(json_object_get(rule_of(&r, 3), "name")), "a.b_c_");
    done(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_format),     cmocka_unit_test(test_expected_summary),
        cmocka_unit_test(test_match),      cmocka_unit_test(test_too_many_cases),
        cmocka_unit_test(test_nodes),      cmocka_unit_test(test_nodes_of_a_file),
        cmocka_unit_test(test_severities), cmocka_unit_test(test_lines),
        cmocka_unit_test(test_categories), cmocka_unit_test(test_order),
        cmocka_unit_test(test_names),
    };

    return cmocka_run_group_tests_name("import/snmptt", tests, make_dicts, free_dicts);
}
