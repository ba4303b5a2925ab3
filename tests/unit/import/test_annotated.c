/* SPDX-License-Identifier: Apache-2.0 */
/* Each annotation of a MIB file, row by row: what it becomes in the rule and in its test, and what is told. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "import/annotated.h"
#include "import_exercise.h"

#define HEAD "ACME-MIB DEFINITIONS ::= BEGIN\nIMPORTS TRAP-TYPE FROM RFC-1215;\n"
#define FAN  "acmeFan TRAP-TYPE\n ENTERPRISE acme\n VARIABLES { acmeNumber, acmeText }\n DESCRIPTION \"a\n--#TYPE \"\n"
#define END  "\n ::= 1\nEND\n"

static void read_mib(struct tk_import *im, char *text, struct tk_err *err)
{
    (void)err;
    tk_annotated_read(im, text);
}

static void read_text(struct result *r, const char *text)
{
    read_with(r, read_mib, text, strlen(text), NULL);
}

/* The annotations begin in line 8. */
static void read_fan(struct result *r, const char *annotations)
{
    char text[4096];

    assert_true(snprintf(text, sizeof(text), HEAD FAN "%s" END, annotations) < (int)sizeof(text));
    read_text(r, text);
}

#define SEVERITY "--#SEVERITY MAJOR\n"

static void test_summary(void **state)
{
    static const struct {
        const char *annotations, *summary, *expected, *said;
    } rows[] = {
        {SEVERITY "--#SUMMARY \"Fan failed\"", "Fan failed", "\"Fan failed\"", NULL},
        {SEVERITY "--#SUMMARY \"Fan {1}: %s\"\n--#ARGUMENTS { 0 }", "Fan {{1}}: {ACME-MIB::acmeNumber}",
         "\"Fan {1}: 1\"", NULL},
        {SEVERITY "--#SUMMARY \"%d of %-10s, 5%%\"\n--#ARGUMENTS {0,1}",
         "{ACME-MIB::acmeNumber} of {ACME-MIB::acmeText}, 5%", "\"1 of text, 5%\"", NULL},
        {SEVERITY "--#ARGUMENTS { 1 }\n--#SUMMARY \"%s\"", "{ACME-MIB::acmeText}", "\"text\"", NULL},
        {SEVERITY "--#SUMMARY \"A long\n--# text\"", "A long text", "\"A long text\"", NULL},
        {SEVERITY "  --#summary \"x\"", "x", "\"x\"", NULL},
        {SEVERITY "--#SUMMARY \"x%s\"", "x", "\"x\"", "a.conf:9: '%s': the ARGUMENTS have no number for it"},
        {SEVERITY "--#SUMMARY \"x%s%d\"\n--#ARGUMENTS { 0 }", "x{ACME-MIB::acmeNumber}", "\"x1\"",
         "'%d': the ARGUMENTS"},
        {SEVERITY "--#SUMMARY \"x%s\"\n--#ARGUMENTS { 5 }", "x", "\"x\"", "is 5, and the notification has 5 objects"},
        {SEVERITY "--#SUMMARY \"x%s\"\n--#ARGUMENTS { 99999999999 }", "x", "\"x\"", "'%s': its number in ARGUMENTS"},
        {SEVERITY "--#SUMMARY \"x%s\"\n--#ARGUMENTS { 4 }", "x", "\"x\"", "has this object twice"},
        {SEVERITY "--#SUMMARY \"100 % and %\"", "100 % and %", "\"100 % and %\"", NULL},
        {SEVERITY, NULL, "none", NULL},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct result r;
        const char *summary;

        read_fan(&r, rows[i].annotations);
        assert_int_equal(r.im.rules.count, 1);
        summary = json_string_value(json_object_get(rule_of(&r, 0), "summary"));
        if (rows[i].summary ? !summary || strcmp(summary, rows[i].summary) != 0 : summary != NULL)
            fail_msg("%s: %s", rows[i].annotations, summary);
        assert_json(json_object_get(expected_of(&r, 0), "summary"), rows[i].expected, rows[i].annotations);
        assert_said(&r, rows[i].said, rows[i].annotations);
        done(&r);
    }
}

static void test_annotations(void **state)
{
#define RULE(set, severity) \
    "{\"comment\":\"a.conf:3\",\"match\":{\"trap\":\"ACME-MIB::acmeFan\"},\"name\":\"acmeFan\"," set \
    "\"severity\":\"" severity "\"}"
    static const struct {
        const char *annotations, *rule, *said;
    } rows[] = {
        {"--#SEVERITY CRITICAL", RULE("", "critical"), NULL},
        {"--#SEVERITY MINOR", RULE("", "minor"), NULL},
        {"--#SEVERITY WARNING", RULE("", "warning"), NULL},
        {"--#SEVERITY INFORMATIONAL", RULE("", "indeterminate"), NULL},
        {"--#SEVERITY Odd", RULE("", "indeterminate"), "a.conf:8: 'Odd': no severity is known"},
        {"--#STATE DEGRADED", RULE("\"set\":{\"state\":\"degraded\"},", "indeterminate"),
         "a.conf:3: 'acmeFan': it has no --#SEVERITY"},
        {SEVERITY "--#STATE NONOPERATIONAL", RULE("\"set\":{\"state\":\"nonoperational\"},", "major"), NULL},
        {SEVERITY "--#TYPE \"Fan {x}\"", RULE("\"set\":{\"type\":\"Fan {{x}}\"},", "major"), NULL},
        {SEVERITY "--#CATEGORY \"Status Events\"", RULE("\"set\":{\"category\":\"Status Events\"},", "major"), NULL},
        {SEVERITY "--#HELP \"fan.hlp\"\n--#HELPTAG 7\n--#TIMEINDEX 99", RULE("", "major"), NULL},
        {SEVERITY "--#TIMEINDEX 1", RULE("", "major"), "a.conf:9: '1': an event's time"},
        {SEVERITY "--#GENERIC x", RULE("", "major"), "a.conf:9: '--#GENERIC': no such annotation is known"},
        {SEVERITY "--#\x1b[31m", RULE("", "major"), "'--#\\x1b[31m': no such annotation"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct result r;

        read_fan(&r, rows[i].annotations);
        assert_json(rule_of(&r, 0), rows[i].rule, rows[i].annotations);
        assert_said(&r, rows[i].said, rows[i].annotations);
        assert_null(strchr(r.said, '\x1b'));
        done(&r);
    }
}

static void test_definitions(void **state)
{
    static const struct {
        const char *text;
        unsigned found, rules;
        const char *said;
    } rows[] = {
        {HEAD FAN SEVERITY END, 1, 1, NULL},
        {HEAD FAN END, 0, 0, NULL}, /* without annotations */
        {HEAD "acmeFan NOTIFICATION-TYPE\n OBJECTS { acmeNumber }\n STATUS current\n" SEVERITY " ::= { acme 1 }\nEND\n",
         1, 1, NULL},
        {"IF-MIB DEFINITIONS ::= BEGIN\nlinkDown TRAP-TYPE ENTERPRISE snmp " SEVERITY " ::= 2\nEND\n", 1, 1, NULL},
        /* Comments, strings and the list of IMPORTS are no definitions. */
        {HEAD "-- acmeFan TRAP-TYPE\n" SEVERITY "::= 1\nEND\n", 0, 0, NULL},
        {HEAD "x OBJECT-TYPE DESCRIPTION \"acmeFan TRAP-TYPE\n" SEVERITY "\" ::= { a 1 }\nEND\n", 0, 0, NULL},
        {"A DEFINITIONS ::= BEGIN IMPORTS enterprises, TRAP-TYPE FROM B;\n" SEVERITY "::= 1\n", 0, 0, NULL},
        {"TRAP-TYPE MACRO ::= BEGIN\n" SEVERITY "END\n", 0, 0, NULL},
        {HEAD "acmeFan TRAP-TYPE ::= 1\n" SEVERITY, 0, 0, NULL}, /* behind its end */
        /* Two modules in one file, and a definition that no dictionary knows. */
        {HEAD FAN SEVERITY "::= 1 END\nIF-MIB DEFINITIONS ::= BEGIN linkDown TRAP-TYPE " SEVERITY "::= 2 END", 2, 2,
         NULL},
        {HEAD "acmeOther TRAP-TYPE\n" SEVERITY "::= 9\nEND\n", 1, 0,
         "a.conf:3: 'ACME-MIB::acmeOther': no dictionary has"},
        {"acmeFan TRAP-TYPE\n" SEVERITY "::= 9\n", 1, 0, "'::acmeFan': "},
        {HEAD FAN SEVERITY, 0, 0, NULL}, /* cut off */
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct result r;

        read_text(&r, rows[i].text);
        if (r.im.found != rows[i].found || r.im.rules.count != rows[i].rules)
            fail_msg("%s: found %u, rules %u", rows[i].text, r.im.found, r.im.rules.count);
        assert_int_equal(r.im.left_out, rows[i].found - rows[i].rules);
        assert_said(&r, rows[i].said, rows[i].text);
        done(&r);
    }
}

static void test_bounds(void **state)
{
    char text[8192], names[300];
    struct result r;

    (void)state;
    memset(text, 'x', sizeof(text));
    memset(names, 'x', sizeof(names));
    memcpy(text, "--#SEVERITY MAJOR\n--#SUMMARY \"", 30);
    text[1900] = '\0';
    read_fan(&r, text);
    assert_said(&r, "a.conf:9: an annotation has at most 1024 bytes", "a long line");
    assert_int_equal(r.im.rules.count, 1);
    done(&r);
    names[299] = '\0';
    (void)snprintf(text, sizeof(text), "%s DEFINITIONS ::= BEGIN %s TRAP-TYPE " SEVERITY "::= 1", names, names);
    read_text(&r, text);
    assert_said(&r, "no dictionary has", "long names");
    done(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_summary),
        cmocka_unit_test(test_annotations),
        cmocka_unit_test(test_definitions),
        cmocka_unit_test(test_bounds),
    };

    return cmocka_run_group_tests_name("import/annotated", tests, make_dicts, free_dicts);
}
