/* SPDX-License-Identifier: Apache-2.0 */
/* What the matcher notes: each kind of condition row by row, which misses are kept, and that asking changes nothing. */
#include "rules/rules_trace.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "event_fixture.h"
#include "rules/rules_load.h"
#include "rules_dict.h"

#define NONE       SIZE_MAX
#define LEN(array) (sizeof(array) / sizeof((array)[0]))

static struct event_fixture f;
static struct tk_rules_trace trace;

static struct tk_rules *parse(const char *json)
{
    struct tk_err err = {0};
    struct tk_rules *r = tk_rules_parse(json, strlen(json), "rules.json", dict, &err);

    if (!r)
        fail_msg("%s: %s", json, err.text);
    return r;
}

/* An interface that is down, of an SNMPv3 user. */
static void begin(void)
{
    event_fixture_init(&f, LINK_DOWN);
    f.head.version = TK_SNMP_V3;
    event_fixture_integer(&f, IF_ENTRY "1.7", 7);
    event_fixture_text(&f, IF_ENTRY "2.7", "xe-0/0/1");
    event_fixture_integer(&f, IF_ENTRY "8.7", 2);
    event_fixture_varbind(&f, TK_OCTETS, ACME "1.1.0", "\x80", 1);
    event_fixture_finish(&f, dict);
}

static void test_conditions(void **state)
{
    static const struct {
        const char *match; /* besides "trap" */
        const char *trap;
        enum tk_rule_condition failed;
        enum tk_rule_found_by found_by;
        uint32_t test;
        size_t varbind;
    } t[] = {
        {"", "\"linkUp\"", TK_CONDITION_TRAP, 0, 0, NONE},
        {"", "\"1.3.6.1.6.3.1.1.4.*\"", TK_CONDITION_TRAP, 0, 0, NONE},
        {",\"device\":\"ce*\"", "\"IF-MIB::linkDown\"", TK_CONDITION_DEVICE, TK_FOUND_BY_NAME, 0, NONE},
        {",\"device\":\"ce*\"", "\"1.3.6.1.6.*\"", TK_CONDITION_DEVICE, TK_FOUND_BY_SUBTREE, 0, NONE},
        {",\"device\":\"ce*\"", "\"*\"", TK_CONDITION_DEVICE, TK_FOUND_BY_SUBTREE, 0, NONE},
        {",\"device\":\"ce*\"", "\"IF-MIB::*\"", TK_CONDITION_DEVICE, TK_FOUND_BY_MODULE, 0, NONE},
        {",\"source\":\"198.51.100.0/24\"", "\"IF-MIB::linkDown\"", TK_CONDITION_SOURCE, TK_FOUND_BY_NAME, 0, NONE},
        {",\"source\":\"198.51.100.0/24\",\"device\":\"pe1.fra\"", "\"IF-MIB::linkDown\"", TK_CONDITION_SOURCE, 0, 0,
         NONE},
        {",\"source\":\"198.51.100.0/24\",\"device\":\"ce\"", "\"IF-MIB::linkDown\"", TK_CONDITION_DEVICE, 0, 0, NONE},
        {",\"security_name\":\"noc\"", "\"IF-MIB::linkDown\"", TK_CONDITION_SECURITY_NAME, 0, 0, NONE},
        {",\"varbinds\":[{\"object\":\"ifOperStatus\",\"equals\":\"up\"}]", "\"IF-MIB::linkDown\"",
         TK_CONDITION_VARBIND, 0, 0, 2},
        {",\"varbinds\":[{\"object\":\"ifOperStatus\",\"in\":[1,3]}]", "\"IF-MIB::linkDown\"", TK_CONDITION_VARBIND, 0,
         0, 2},
        {",\"varbinds\":[{\"object\":\"ifIndex\",\"min\":8}]", "\"IF-MIB::linkDown\"", TK_CONDITION_VARBIND, 0, 0, 0},
        {",\"varbinds\":[{\"object\":\"ifIndex\",\"min\":7},{\"object\":\"ifDescr\",\"matches\":\"ge-*\"}]",
         "\"IF-MIB::linkDown\"", TK_CONDITION_VARBIND, 0, 1, 1},
        {",\"varbinds\":[{\"object\":\"ifDescr\",\"regex\":\"^ge\"}]", "\"IF-MIB::linkDown\"", TK_CONDITION_VARBIND, 0,
         0, 1},
        {",\"varbinds\":[{\"object\":\"acmeAlarms\",\"has\":\"power\"}]", "\"IF-MIB::linkDown\"", TK_CONDITION_VARBIND,
         0, 0, 3},
        {",\"varbinds\":[{\"object\":\"ifDescr\",\"present\":false}]", "\"IF-MIB::linkDown\"", TK_CONDITION_VARBIND, 0,
         0, 1},
        {",\"varbinds\":[{\"object\":\"ifAdminStatus\",\"present\":true}]", "\"IF-MIB::linkDown\"",
         TK_CONDITION_VARBIND, 0, 0, NONE},
        {",\"device\":\"pe*\",\"varbinds\":[{\"object\":\"ifAdminStatus\",\"equals\":1}]", "\"IF-MIB::linkDown\"",
         TK_CONDITION_VARBIND, 0, 0, NONE},
    };

    (void)state;
    for (size_t i = 0; i < LEN(t); i++) {
        char json[512];
        struct tk_rules *r;

        (void)snprintf(json, sizeof(json),
                       "{\"rules\":[{\"name\":\"r\",\"severity\":\"major\",\"match\":{\"trap\":%s%s}}]}", t[i].trap,
                       t[i].match);
        r = parse(json);
        begin();
        assert_int_equal(tk_rules_match(r, &f.ev, &trace), 0);
        assert_int_equal(trace.failed, t[i].failed != TK_CONDITION_TRAP);
        tk_rules_trace_near(&trace, r, &f.ev);
        assert_int_equal(trace.miss_count, 1);
        assert_int_equal(trace.miss[0].rule, 0);
        assert_int_equal(trace.miss[0].failed, t[i].failed);
        assert_int_equal(trace.miss[0].found_by, t[i].found_by);
        assert_int_equal(trace.miss[0].test, t[i].test);
        assert_int_equal(trace.miss[0].varbind, t[i].varbind);
        event_fixture_done(&f);
        tk_rules_free(r);
    }
}

/* Twenty rules that miss, each by one condition more than the one before, one that decides, and three that come later:
 * the nearest ten are kept, and a rule with two patterns counts once. */
static void test_nearest(void **state)
{
    char json[16384];
    size_t used = (size_t)snprintf(json, sizeof(json), "{\"rules\":[");
    struct tk_rules *r;

    (void)state;
    for (unsigned i = 0; i < 24; i++) {
        used += (size_t)
            snprintf(json + used, sizeof(json) - used,
                     "%s{\"name\":\"r%u\",\"severity\":\"major\",\"match\":{\"trap\":[\"IF-MIB::linkDown\",\"*\"]%s",
                     i ? "," : "", i, i < 20 ? ",\"varbinds\":[" : "");
        for (unsigned n = 0; i < 20 && n <= i; n++)
            used += (size_t)snprintf(json + used, sizeof(json) - used, "%s{\"object\":\"ifIndex\",\"equals\":%d}",
                                     n ? "," : "", n == i ? 8 : 7);
        used += (size_t)snprintf(json + used, sizeof(json) - used, "%s}}", i < 20 ? "]" : "");
    }
    (void)snprintf(json + used, sizeof(json) - used, "]}");
    r = parse(json);
    begin();
    assert_int_equal(tk_rules_match(r, &f.ev, &trace), 1);
    assert_int_equal(f.ev.rule, 20);
    assert_int_equal(trace.failed, 20);
    assert_int_equal(trace.later, 3);
    assert_int_equal(trace.found_by, TK_FOUND_BY_NAME);
    assert_int_equal(trace.miss_count, TK_RULES_MISSES);
    for (unsigned i = 0; i < TK_RULES_MISSES; i++) {
        assert_int_equal(trace.miss[i].rule, 19 - i);
        assert_int_equal(trace.miss[i].test, 19 - i);
    }
    tk_rules_trace_near(&trace, r, &f.ev);
    assert_int_equal(trace.miss[0].rule, 19); /* none of them is one whose "trap" does not match */
    assert_int_equal(trace.miss_count, TK_RULES_MISSES);
    event_fixture_done(&f);
    tk_rules_free(r);
}

/* Rules of other enterprises are not near, and a rule with two near patterns is kept once. */
static void test_near_traps(void **state)
{
    struct tk_rules *r = parse(
        "{\"rules\":["
        "{\"name\":\"far\",\"severity\":\"major\",\"match\":{\"trap\":\"1.3.6.1.4.1.9.*\"}},"
        "{\"name\":\"module\",\"severity\":\"major\",\"match\":{\"trap\":\"ACME-MIB::*\"}},"
        "{\"name\":\"near\",\"severity\":\"major\",\"match\":{\"trap\":[\"linkUp\",\"1.3.6.1.6.3.1.1.6."
        "1\"]}}]}");

    (void)state;
    begin();
    assert_int_equal(tk_rules_match(r, &f.ev, &trace), 0);
    assert_int_equal(trace.miss_count, 0);
    tk_rules_trace_near(&trace, r, &f.ev);
    assert_int_equal(trace.miss_count, 1);
    assert_int_equal(trace.miss[0].rule, 2);
    event_fixture_done(&f);
    tk_rules_free(r);
}

static void test_choices_and_keys(void **state)
{
    struct tk_rules *r = parse(
        "{\"rules\":[{\"name\":\"r\",\"match\":{\"trap\":\"IF-MIB::linkDown\"},\"key\":\"{device}/if/{ifIndex}/{ifInOctets}\","
        "\"severity_from\":{\"object\":\"ifOperStatus\",\"map\":{\"down\":\"major\"}},"
        "\"state_from\":{\"object\":\"ifAdminStatus\",\"map\":{\"down\":\"raise\",\"up\":\"raise\"}},"
        "\"state\":\"raise\"}]}");
    static const char *const values[] = {"pe1.fra", "7", "-"};

    (void)state;
    begin();
    assert_int_equal(tk_rules_match(r, &f.ev, &trace), 1);
    assert_int_equal(trace.severity_from.varbind, 2);
    assert_int_equal(trace.severity_from.result, TK_SEV_MAJOR);
    assert_int_equal(trace.state_from.varbind, NONE);
    assert_int_equal(trace.state_from.result, -1);
    assert_int_equal(tk_rules_trace_key_values(r, 0), LEN(values));
    for (size_t i = 0; i < LEN(values); i++) {
        struct tk_text value = tk_rules_trace_key_value(r, 0, i, &f.ev);

        assert_int_equal(value.len, strlen(values[i]));
        assert_memory_equal(value.text, values[i], value.len);
    }
    assert_null(tk_rules_trace_key_value(r, 0, LEN(values), &f.ev).text);
    event_fixture_done(&f);
    tk_rules_free(r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_conditions),
        cmocka_unit_test(test_nearest),
        cmocka_unit_test(test_near_traps),
        cmocka_unit_test(test_choices_and_keys),
    };

    return cmocka_run_group_tests(tests, make_dict, free_dict);
}
