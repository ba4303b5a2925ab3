/* SPDX-License-Identifier: Apache-2.0 */
/* Each error that a rules file can have: line, reason, and what to write instead. */
#include "rules/rules.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "rules_dict.h"
#include "rules_fixture.h"

static void test_errors(void **state)
{
#define ONE(rest) \
    "{\n\"comment\":\"rules: [,\",\"rules\": [\n" \
    "{\"name\":\"first\",\"match\":{\"trap\":\"*\"},\"severity\":\"minor\"},\n\n{" rest "}]}"
#define TRAP(p) ONE("\"name\":\"bad\",\"severity\":\"major\",\"match\":{\"trap\":" p "}")
#define TEST(p) ONE("\"name\":\"bad\",\"severity\":\"major\",\"match\":{\"trap\":\"*\",\"varbinds\":[" p "]}")
#define KEY(p)  ONE("\"name\":\"bad\",\"severity\":\"major\",\"state\":\"raise\",\"match\":{\"trap\":\"*\"},\"key\":" p)
    static const struct {
        const char *json;
        unsigned line;
        const char *reason, *remedy;
    } t[] = {
        {"", 1, "not valid JSON", "check commas"},
        {"{\"rules\":[\n{\"name\":}]}", 2, "not valid JSON", "check commas"},
        {"{\"rules\":[\n],\"rules\":[]}", 2, "duplicate", "check commas"},
        {"[]", 1, "no list of rules", "{\"rules\": ["},
        {"{\"rules\":{}}", 1, "no list of rules", "{\"rules\": ["},
        {"{\"rulez\":1,\"rules\":[]}", 0, "unknown member 'rulez'", "comment, names, rules"},
        {"{\"names\":7,\"rules\":[]}", 0, "not an object", "write \"names\""},
        {"{\"names\":{\"a\":\"1.3\",\n\"b\":\"1.x\"},\"rules\":[]}", 2, "'1.x' for 'b'", "numeric OID"},
        {"{\"names\":{\n\"1a\":\"1.3\"},\"rules\":[]}", 2, "'1a'", "begins with a letter"},
        {"{\"names\":{\n\"A-MIB::\":\"1.3\"},\"rules\":[]}", 2, "'A-MIB::'", "begins with a letter"},
        {ONE("\"name\":7"), 5, "rule number 2: \"name\" is '7'", "write 1 to 64"},
        {ONE("\"nam\":\"bad\""), 5, "\"name\" is 'nothing'", "write 1 to 64"},
        {ONE("\"name\":\"a b\""), 5, "'a b'", "letters, digits"},
        {ONE("\"name\":\"first\""), 5, "line 3 has a rule of the same name", "another name"},
        {"{\"rules\":[7]}", 1, "the rule is '7'", "write an object"},
        {ONE("\"name\":\"bad\",\"sevrity\":1"), 5, "rule 'bad': the rule has an unknown member 'sevrity'",
         "severity, state"},
        {ONE("\"name\":\"bad\",\"severity\":\"fatal\""), 5, "'fatal'", "critical, major"},
        {ONE("\"name\":\"bad\",\"match\":{\"trap\":\"*\"}"), 5, "\"severity\" is 'nothing'", "critical, major"},
        {ONE("\"name\":\"bad\",\"severity\":\"cleared\",\"state\":\"raise\""), 5, "the alarm is raised", "\"clear\""},
        {ONE("\"name\":\"bad\",\"severity\":\"major\",\"state\":\"on\""), 5, "\"state\" is 'on'",
         "\"raise\", \"clear\""},
        {ONE("\"name\":\"bad\",\"severity\":\"major\""), 5, "\"match\" is 'nothing'", "write \"match\""},
        {ONE("\"name\":\"bad\",\"severity\":\"major\",\"match\":{\"t\":1}"), 5, "unknown member 't'",
         "trap, device, varbinds"},
        {ONE("\"name\":\"bad\",\"severity\":\"major\",\"match\":{}"), 5, "no \"trap\"", "write which"},
        {ONE("\"name\":\"bad\",\"severity\":\"major\",\"match\":{\"trap\":\"*\",\"device\":3}"), 5, "\"device\" is '3'",
         "write a name"},
        {ONE("\"name\":\"bad\",\"severity\":\"major\",\"match\":{\"trap\":\"*\",\"varbinds\":3}"), 5,
         "\"varbinds\" is '3'", "write a list"},
        {TRAP("[]"), 5, "empty list", "at least one"},
        {TRAP("7"), 5, "\"trap\" is '7'", "\"OID.*\""},
        {TRAP("\"1.3.x\""), 5, "'1.3.x' is not an OID", "with dots"},
        {TRAP("\"1.3.6.4294967296\""), 5, "is not an OID", "4294967295"},
        {TRAP("\"noSuch\""), 5, "no MIB that is loaded has 'noSuch'", "numeric OID"},
        {TRAP("\"NO-MIB::linkUp\""), 5, "no MIB that is loaded has 'NO-MIB::linkUp'", "did you mean 'IF-MIB::linkUp'"},
        {TRAP("\"linkDown\""), 5, "'linkDown' is ambiguous", "IF-MIB::linkDown"},
        {TRAP("\"ifMIB\""), 5, "not a notification", "'ifMIB.*'"},
        {TRAP("\"NO-MIB::*\""), 5, "module 'NO-MIB'", "load its MIB"},
        {TRAP("\"1.3.*.5\""), 5, "only allowed at the end", "\"OID.*\""},
        {TEST("7"), 5, "\"varbinds\" has '7'", "{\"object\""},
        {TEST("{\"object\":\"ifDescr\",\"equal\":1}"), 5, "unknown member 'equal'", "object, equals"},
        {TEST("{\"object\":\"ifDescr\"}"), 5, "no test or several", "exactly one of"},
        {TEST("{\"object\":\"ifDescr\",\"equals\":\"a\",\"min\":1}"), 5, "no test or several", "exactly one of"},
        {TEST("{\"object\":\"linkUp\",\"present\":true}"), 5, "is a notification", "of an object"},
        {TEST("{\"object\":\"noSuch\",\"present\":true}"), 5, "'noSuch'", "numeric OID"},
        {TEST("{\"object\":\"ifDescr\",\"present\":1}"), 5, "\"present\" is '1'", "true or false"},
        {TEST("{\"object\":\"ifOperStatus\",\"equals\":\"dwon\"}"), 5, "'dwon', which is not a label", "up, down"},
        {TEST("{\"object\":\"ifIndex\",\"equals\":\"7\"}"), 5, "number without labels", "without quotes"},
        {TEST("{\"object\":\"ifDescr\",\"equals\":7}"), 5, "\"equals\" is '7'", "text in quotes"},
        {TEST("{\"object\":\"ifIndex\",\"equals\":1.5}"), 5, "\"equals\" is '1.5'", "whole number"},
        {TEST("{\"object\":\"bgpPeerRemoteAddr\",\"equals\":\"x\"}"), 5, "IPv4 address", "192.0.2.1"},
        {TEST("{\"object\":\"acmePointer\",\"equals\":\"x\"}"), 5, "'x'", "numeric OID"},
        {TEST("{\"object\":\"acmePointer\",\"equals\":\"9.9\"}"), 5, "SNMP can carry", "begins with 0, 1 or 2"},
        {TEST("{\"object\":\"acmeAlarms\",\"equals\":1}"), 5, "set of bits", "\"has\""},
        {TEST("{\"object\":\"acmeAlarms\",\"has\":\"gone\"}"), 5, "not a label", "fan, power"},
        {TEST("{\"object\":\"acmeAlarms\",\"has\":-1}"), 5, "\"has\" is '-1'", "number (0 to 65535)"},
        {TEST("{\"object\":\"ifIndex\",\"has\":1}"), 5, "not a set of bits", "\"equals\""},
        {TEST("{\"object\":\"ifIndex\",\"in\":1}"), 5, "\"in\" is '1'", "write a list"},
        {TEST("{\"object\":\"ifIndex\",\"in\":[]}"), 5, "empty list", "at least one"},
        {TEST("{\"object\":\"ifIndex\",\"min\":2,\"max\":1}"), 5, "\"min\" is '2' and \"max\" is '1'", "smaller one"},
        {TEST("{\"object\":\"ifDescr\",\"min\":2}"), 5, "not a number", "\"matches\""},
        {TEST("{\"object\":\"ifDescr\",\"matches\":\"\"}"), 5, "\"matches\" is ''", "'*' and '?'"},
        {KEY("7"), 5, "\"key\" is '7'", "{device}"},
        {KEY("\"a}\""), 5, "'}' without", "'}}'"},
        {KEY("\"{a\""), 5, "'{' without", "'{{'"},
        {KEY("\"{}\""), 5, "refers to '{}'", "{OBJECT.index}"},
        {KEY("\"{noSuch}\""), 5, "'noSuch'", "numeric OID"},
        {KEY("\"{device}{device}{device}{device}{device}{device}{device}{device}{device}{device}{device}{device}"
             "{device}{device}{device}{device}{device}\""),
         5, "more than 16", "shorter"},
        {ONE("\"name\":\"bad\",\"severity\":\"major\",\"state\":\"raise\",\"match\":{\"trap\":\"*\"}"), 5,
         "\"key\" is 'nothing'", "{device}"},
        {ONE("\"name\":\"bad\",\"severity\":\"major\",\"match\":{\"trap\":\"*\"},\"key\":\"k\""), 5,
         "there is no alarm", "\"raise\""},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
        struct tk_err err = {0};

        if (tk_rules_parse(t[i].json, strlen(t[i].json), "rules.json", dict, &err))
            fail_msg("no error: %s", t[i].json);
        if (err.line != t[i].line || strcmp(err.file, "rules.json") != 0 || !strstr(err.text, t[i].reason) ||
            !strstr(err.text, t[i].remedy))
            fail_msg("%s\n%s: line %u: %s", t[i].json, err.file, err.line, err.text);
    }
}

static void test_line_of_a_rule(void **state)
{
    /* brackets, quotes and commas in strings and in nested values before the rule with the error */
    static const char json[] =
        "{ \"comment\" : \"\\\"rules\\\": [ {\",\n \"names\": {\"a\": \"1.3\"},\n \"rules\" :\n [\n"
        "  {\"name\":\"a\", \"comment\":\"}] \\\\\", \"severity\":\"minor\",\n   \"match\":{\"trap\":[\"*\",\n\"*\"]}}\n  ,\n"
        "  {\"name\":\"b\"}\n ]\n}\n";
    struct tk_err err = {0};
    char text[1024];

    (void)state;
    assert_null(tk_rules_parse(json, strlen(json), "rules.json", dict, &err));
    assert_ptr_equal(strstr(tk_err_format(&err, text, sizeof(text)), "rules.json: line 9: rule 'b': "), text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_errors),
        cmocka_unit_test(test_line_of_a_rule),
    };

    return cmocka_run_group_tests(tests, make_dict, free_dict);
}
