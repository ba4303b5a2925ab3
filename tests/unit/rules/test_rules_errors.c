/* SPDX-License-Identifier: Apache-2.0 */
/* Each error that a rules file can have: line, reason, and what to write instead. */
#include "rules/rules_load.h"

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
#define TRAP(p)  ONE("\"name\":\"bad\",\"severity\":\"major\",\"match\":{\"trap\":" p "}")
#define TEST(p)  ONE("\"name\":\"bad\",\"severity\":\"major\",\"match\":{\"trap\":\"*\",\"varbinds\":[" p "]}")
#define SAYS(p)  ONE("\"name\":\"bad\",\"severity\":\"major\",\"match\":{\"trap\":\"*\"}," p)
#define WHERE(p) ONE("\"name\":\"bad\",\"severity\":\"major\",\"match\":{\"trap\":\"*\"," p "}")
#define KEY(p)   ONE("\"name\":\"bad\",\"severity\":\"major\",\"state\":\"raise\",\"match\":{\"trap\":\"*\"},\"key\":" p)
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
        {"{\"rulez\":1,\"rules\":[]}", 0, "unknown member 'rulez'", "comment, names, rules, tests"},
        {"{\"names\":7,\"rules\":[]}", 0, "not an object", "write \"names\""},
        {"{\"names\":{\"a\":\"1.3\",\n\"b\":\"1.x\"},\"rules\":[]}", 2, "'1.x' for 'b'", "numeric OID"},
        {"{\"names\":{\n\"1a\":\"1.3\"},\"rules\":[]}", 2, "'1a'", "begins with a letter"},
        {"{\"names\":{\n\"A-MIB::\":\"1.3\"},\"rules\":[]}", 2, "'A-MIB::'", "begins with a letter"},
        {ONE("\"name\":7"), 5, "rule number 2: \"name\" is '7'", "write 1 to 128"},
        {ONE("\"nam\":\"bad\""), 5, "\"name\" is 'nothing'", "write 1 to 128"},
        {ONE("\"name\":\"a b\""), 5, "'a b'", "letters, digits"},
        {ONE("\"name\":\"first\""), 5, "line 3 has a rule of the same name", "another name"},
        {"{\"rules\":[7]}", 1, "the rule is '7'", "write an object"},
        {ONE("\"name\":\"bad\",\"sevrity\":1"), 5, "rule 'bad': the rule has an unknown member 'sevrity'",
         "severity, severity_from, state, state_from"},
        {ONE("\"name\":\"bad\",\"severity\":\"fatal\""), 5, "'fatal'", "critical, major"},
        {ONE("\"name\":\"bad\",\"match\":{\"trap\":\"*\"}"), 5, "\"severity\" is 'nothing'", "critical, major"},
        {ONE("\"name\":\"bad\",\"severity\":\"cleared\",\"state\":\"raise\""), 5, "the alarm is raised", "\"clear\""},
        {ONE("\"name\":\"bad\",\"severity\":\"major\",\"state\":\"on\""), 5, "\"state\" is 'on'",
         "\"raise\", \"clear\""},
        {ONE("\"name\":\"bad\",\"severity\":\"major\""), 5, "\"match\" is 'nothing'", "write \"match\""},
        {ONE("\"name\":\"bad\",\"severity\":\"major\",\"match\":{\"t\":1}"), 5, "unknown member 't'",
         "trap, device, source, security_name, varbinds"},
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
        {"{\"tests\":7,\"rules\":[]}", 0, "\"tests\" is not a list", "\"trap\": ..., \"event\""},
        {WHERE("\"source\":7"), 5, "\"source\" is '7'", "192.0.2.0/24"},
        {WHERE("\"source\":\"192.0.2\""), 5, "\"source\" is '192.0.2'", "2001:db8::/32"},
        {WHERE("\"source\":\"192.0.2.0/33\""), 5, "'192.0.2.0/33'", "192.0.2.0/24"},
        {WHERE("\"source\":\"192.0.2.0/\""), 5, "'192.0.2.0/'", "192.0.2.0/24"},
        {WHERE("\"source\":\"192.0.2.0/24x\""), 5, "'192.0.2.0/24x'", "192.0.2.0/24"},
        {WHERE("\"source\":\"192.0.2.0/-1\""), 5, "'192.0.2.0/-1'", "192.0.2.0/24"},
        {WHERE("\"source\":\"192.0.2.0/0000000024\""), 5, "'192.0.2.0/0000000024'", "192.0.2.0/24"},
        {WHERE("\"source\":\"192.0.2.7/24\""), 5, "bits behind its prefix", "write \"192.0.2.0/24\""},
        {WHERE("\"source\":\"2001:db8:ff::/33\""), 5, "bits behind its prefix", "write \"2001:db8::/33\""},
        {WHERE("\"source\":[]"), 5, "empty list", "at least one"},
        {WHERE("\"source\":[\"192.0.2.7\",\"pe1\"]"), 5, "'pe1'", "an address or a prefix"},
        {WHERE("\"security_name\":\"\""), 5, "\"security_name\" is ''", "SNMPv3 user"},
        {WHERE("\"security_name\":{}"), 5, "\"security_name\" is '{}'", "SNMPv3 user"},
        {TEST("{\"object\":\"ifDescr\",\"regex\":\"a(\"}"), 5, "at character 3: missing closing parenthesis",
         "correct it"},
        {TEST("{\"object\":\"ifDescr\",\"regex\":\"\"}"), 5, "\"regex\" is ''", "regular expression"},
        {TEST("{\"object\":\"ifDescr\",\"regex\":7}"), 5, "\"regex\" is '7'", "regular expression"},
        {TEST("{\"object\":\"ifDescr\",\"regex\":[]}"), 5, "empty list", "at least one"},
        {TEST("{\"object\":\"ifDescr\",\"regex\":\"a\",\"matches\":\"a\"}"), 5, "no test or several", "exactly one"},
        {KEY("\"{device}{x#value}\""), 5, "'x'", "numeric OID"},
        {SAYS("\"clears\":7"), 5, "\"clears\" has '7'", "text in quotes"},
        {SAYS("\"clears\":[]"), 5, "\"clears\" is '[]'", "1 to 8 keys"},
        {SAYS("\"clears\":[\"a\",\"a\",\"a\",\"a\",\"a\",\"a\",\"a\",\"a\",\"a\"]"), 5, "\"clears\"", "1 to 8 keys"},
        {SAYS("\"clears\":[\"a\",7]"), 5, "\"clears\" has '7'", "text in quotes"},
        {SAYS("\"clears\":\"{noSuch}\""), 5, "'noSuch'", "numeric OID"},
        {SAYS("\"type\":\"Link\""), 5, "\"type\" is 'Link'", "small letters"},
        {SAYS("\"type\":\"\""), 5, "\"type\" is ''", "small letters"},
        {SAYS("\"type\":7"), 5, "\"type\" is '7'", "small letters"},
        {SAYS("\"type\":\"a23456789012345678901234567890123\""), 5, "\"type\"", "1 to 32"},
        {SAYS("\"event_type\":\"equipment\""), 5, "\"event_type\" is 'equipment'", "equipmentAlarm"},
        {SAYS("\"event_type\":1"), 5, "\"event_type\" is '1'", "equipmentAlarm"},
        {SAYS("\"summary\":\"\""), 5, "\"summary\" is ''", "one line for people"},
        {SAYS("\"summary\":\"{a\""), 5, "\"summary\" is '{a' and has a '{'", "'{{'"},
        {SAYS("\"set\":{}"), 5, "\"set\" is '{}'", "1 to 16 members"},
        {SAYS("\"set\":\"a\""), 5, "\"set\" is 'a'", "1 to 16 members"},
        {SAYS("\"set\":{\"a b\":\"x\"}"), 5, "the name 'a b'", "letters, digits and '_'"},
        {SAYS("\"set\":{\"1a\":\"x\"}"), 5, "the name '1a'", "not a digit"},
        {SAYS("\"set\":{\"a\":7}"), 5, "\"set.a\" is '7'", "text in quotes"},
        {SAYS("\"set\":{\"a\":\"}\"}"), 5, "\"set.a\" is '}'", "'}}'"},
        {SAYS("\"topic\":\"a b\""), 5, "\"topic\" is 'a b'", "1 to 249 letters"},
        {SAYS("\"topic\":\"..\""), 5, "\"topic\" is '..'", "not '.' or '..'"},
        {SAYS("\"topic\":7"), 5, "\"topic\" is '7'", "1 to 249 letters"},
        {SAYS("\"drop\":1"), 5, "\"drop\" is '1'", "true or false"},
        {SAYS("\"drop\":true,\"topic\":\"t\""), 5, "\"topic\" says something", "leave it out"},
        {SAYS("\"severity_from\":7"), 5, "\"severity_from\" is '7'", "\"map\": {LABEL: \"critical\""},
        {SAYS("\"severity_from\":{\"object\":\"ifOperStatus\"}"), 5, "\"severity_from\" is", "\"map\""},
        {SAYS("\"severity_from\":{\"object\":\"ifOperStatus\",\"map\":{}}"), 5, "\"severity_from\" is", "\"map\""},
        {SAYS("\"severity_from\":{\"object\":\"ifOperStatus\",\"map\":{\"2\":\"major\"}}"), 5,
         "\"severity_from\" is '2', which is not a label of 'ifOperStatus'", "; write one of: up, down"},
        {SAYS("\"severity_from\":{\"object\":\"ifOperStatus\",\"map\":{\"down\":\"fatal\"}}"), 5,
         "\"severity_from\" has 'fatal' for 'down'", "critical, major"},
        {SAYS("\"severity_from\":{\"object\":\"ifOperStatus\",\"map\":{\"down\":\"major\"},\"default\":1}"), 5,
         "unknown member 'default'", "object, map"},
        {SAYS("\"severity_from\":{\"object\":\"acmeAlarms\",\"map\":{\"fan\":\"major\"}}"), 5, "a set of bits",
         "\"has\""},
        {SAYS("\"severity_from\":{\"object\":\"acmePointer\",\"map\":{\"noSuch\":\"major\"}}"), 5, "'noSuch'",
         "numeric OID"},
        {SAYS("\"severity_from\":{\"object\":\"ifIndex\",\"map\":{\"up\":\"major\"}}"), 5,
         "\"severity_from\" has 'up', but 'ifIndex' is a number without labels", "\"2\""},
        {SAYS("\"state_from\":{\"object\":\"ifOperStatus\",\"map\":{\"down\":\"on\"}}"), 5,
         "\"state_from\" has 'on' for 'down'", "none, raise, clear"},
        {SAYS("\"state_from\":{\"object\":\"ifOperStatus\",\"map\":{\"down\":\"raise\"}}"), 5, "\"key\" is 'nothing'",
         "{device}"},
        {ONE("\"name\":\"bad\",\"severity\":\"cleared\",\"key\":\"k\",\"match\":{\"trap\":\"*\"},\"state_from\":{\"object\":"
             "\"ifOperStatus\",\"map\":{\"down\":\"raise\"}}"),
         5, "the alarm is raised", "the severity of the alarm"},
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
