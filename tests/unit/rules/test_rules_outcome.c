/* SPDX-License-Identifier: Apache-2.0 */
/* What rules say, member by member, as it stands in the event: through all stages and the encoder. */
#include "rules/rules_load.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/legible.h"
#include "event/event_internal.h"
#include "rules_fixture.h"
#include "stage_fixture.h"

#define DOWN "2c oid=" LINK_DOWN " " IF_ENTRY "1.7 i 7 " IF_ENTRY "8.7 i 2 " IF_ENTRY "2.7 s xe-0/0/1 "

static struct stage_fixture f;

static int setup(void **state)
{
    (void)state;
    stage_fixture_init(&f, rules_fixture_facts, NULL, NULL);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    stage_fixture_done(&f);
    return 0;
}

/* JSON with single quotes, which is legible in C. */
static char *quoted(const char *text)
{
    char *json = strdup(text);

    assert_non_null(json);
    for (char *p = json; *p; p++)
        *p = *p == '\'' ? '"' : *p;
    return json;
}

/* Rules with this match and these members. */
static void set_rule(const char *match, const char *members)
{
    char text[4096], *json;

    (void)snprintf(text, sizeof(text), "{'rules':[{'name':'r','match':%s,%s}]}", match, members);
    json = quoted(text);
    stage_fixture_rules(&f, json);
    free(json);
}

/* Does the event have all that is expected? */
static bool has(const json_t *event, json_t *expected)
{
    const char *name;
    json_t *value;

    json_object_foreach(expected, name, value)
    {
        const json_t *found = json_object_get(event, name);

        if (!(json_is_object(value) && json_object_size(value) ? has(found, value) : json_equal(found, value)))
            return false;
    }
    return true;
}

static void assert_event(const char *what, const char *trap, const char *expected)
{
    char *text = quoted(expected);
    json_t *event = stage_fixture_encode(&f, trap), *json = json_loads(text, 0, NULL);

    if (!json)
        fail_msg("not JSON: %s", text);
    if (!has(event, json)) {
        json_object_del(event, "varbinds");
        fail_msg("%s with %s\n%s, not\n%s", what, trap, json_dumps(event, JSON_COMPACT), text);
    }
    json_decref(event);
    json_decref(json);
    free(text);
}

static void test_members(void **state)
{
    static const struct {
        const char *members, *expected;
    } t[] = {
        {"'severity':'major'", "{'severity':'major','severity_rule':'operator:r','fields':{},'alarm':{'state':null,"
                               "'key':null,'type':null,'event_type':null,'clears':[]}}"},
        {"'state':'clear','key':'k'", "{'severity':'cleared','alarm':{'state':'clear','key':'k'}}"},
        {"'state':'clear','severity':'minor','key':'k'", "{'severity':'minor','alarm':{'state':'clear'}}"},
        {"'severity':'minor','type':'link','event_type':'communicationsAlarm'",
         "{'alarm':{'type':'link','event_type':'communicationsAlarm','state':null}}"},
        {"'severity':'minor','type':'a-1','event_type':'timeDomainViolation'",
         "{'alarm':{'type':'a-1','event_type':'timeDomainViolation'}}"},
        {"'severity':'minor','event_type':'other'", "{'alarm':{'event_type':'other'}}"},
        {"'severity':'minor','clears':'{device}/a/{ifIndex}'", "{'alarm':{'state':null,'clears':['192.0.2.7/a/7']}}"},
        {"'severity':'minor','state':'raise','key':'k','clears':['a','{ifDescr}','{ifOperStatus}']",
         "{'alarm':{'state':'raise','key':'k','clears':['a','xe-0/0/1','2']}}"},
        {"'severity':'minor','summary':'Interface {ifDescr} is {ifOperStatus} ({ifOperStatus#value})'",
         "{'summary':'Interface xe-0/0/1 is down (2)'}"},
        {"'severity':'minor','summary':'{trap} {device} {ifDescr.index} {{x}}'",
         "{'summary':'linkDown 192.0.2.7 7 {x}'}"},
        {"'severity':'minor','summary':'{ifInOctets}/{acmePointer.parent}/{ifInOctets.index}'", "{'summary':'-/-/-'}"},
        {"'severity':'minor','summary':'plain'", "{'summary':'plain'}"},
        {"'severity':'minor','set':{'a':'{ifOperStatus}','b_1':'x','C':''}",
         "{'fields':{'a':'down','b_1':'x','C':''}}"},
        {"'severity':'minor','set':{'raw':'{ifOperStatus#value}.{ifOperStatus.index}'}", "{'fields':{'raw':'2.7'}}"},
        /* severity_from, with and without a state */
        {"'severity_from':{'object':'ifOperStatus','map':{'down':'critical','up':'cleared'}}",
         "{'severity':'critical','alarm':{'state':null,'key':null}}"},
        {"'severity_from':{'object':'ifOperStatus','map':{'up':'critical'}}", "{'severity':'indeterminate'}"},
        {"'severity':'minor','severity_from':{'object':'ifOperStatus','map':{'up':'critical'}}",
         "{'severity':'minor'}"},
        {"'severity':'minor','severity_from':{'object':'ifInOctets','map':{'7':'critical'}}", "{'severity':'minor'}"},
        {"'severity_from':{'object':'ifDescr','map':{'xe-0/0/1':'warning'}}", "{'severity':'warning'}"},
        {"'severity_from':{'object':'ifIndex','map':{'7':'warning'}}", "{'severity':'warning'}"},
        {"'key':'k','severity_from':{'object':'ifOperStatus','map':{'down':'major'}}",
         "{'severity':'major','alarm':{'state':'raise','key':'k'}}"},
        {"'key':'k','severity_from':{'object':'ifOperStatus','map':{'down':'cleared'}}",
         "{'severity':'cleared','alarm':{'state':'clear','key':'k'}}"},
        {"'key':'k','severity_from':{'object':'ifOperStatus','map':{'up':'cleared'}}",
         "{'severity':'indeterminate','alarm':{'state':null,'key':null}}"},
        {"'severity_from':{'object':'ifOperStatus','map':{'down':'cleared'}}",
         "{'severity':'cleared','alarm':{'state':null}}"},
        {"'state':'raise','severity':'minor','key':'k','severity_from':{'object':'ifOperStatus','map':{'down':'cleared'}}",
         "{'severity':'minor','alarm':{'state':'raise'}}"},
        {"'state':'clear','key':'k','severity_from':{'object':'ifOperStatus','map':{'down':'major'}}",
         "{'severity':'cleared','alarm':{'state':'clear'}}"},
        /* state_from */
        {"'severity':'major','key':'k','state_from':{'object':'ifOperStatus','map':{'down':'raise','up':'clear'}}",
         "{'severity':'major','alarm':{'state':'raise','key':'k'}}"},
        {"'severity':'major','key':'k','state_from':{'object':'ifOperStatus','map':{'up':'raise','down':'clear'}}",
         "{'severity':'cleared','alarm':{'state':'clear','key':'k'}}"},
        {"'severity':'major','key':'k','state_from':{'object':'ifOperStatus','map':{'up':'raise','down':'none'}}",
         "{'severity':'indeterminate','alarm':{'state':null,'key':null}}"},
        {"'severity':'major','key':'k','state_from':{'object':'ifOperStatus','map':{'up':'raise'}}",
         "{'severity':'major','alarm':{'state':null,'key':null}}"},
        {"'severity':'major','state':'raise','key':'k','state_from':{'object':'ifOperStatus','map':{'up':'clear'}}",
         "{'severity':'major','alarm':{'state':'raise','key':'k'}}"},
        {"'key':'k','state_from':{'object':'ifOperStatus','map':{'down':'raise'}},'severity_from':{'object':'ifDescr',"
         "'map':{'xe-0/0/1':'critical'}}",
         "{'severity':'critical','alarm':{'state':'raise'}}"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
        set_rule("{'trap':'IF-MIB::linkDown'}", t[i].members);
        assert_event(t[i].members, DOWN, t[i].expected);
    }
}

/* Values of OIDs are named in a map. */
static void test_oid_decides(void **state)
{
    (void)state;
    set_rule("{'trap':'*'}",
             "'severity_from':{'object':'acmePointer','map':{'IF-MIB::ifDescr':'major','1.3.9':'minor'}}");
    assert_event("by name", "2c oid=" ACME "0.1 " ACME "1.2.0 o 1.3.6.1.2.1.2.2.1.2", "{'severity':'major'}");
    assert_event("by OID", "2c oid=" ACME "0.1 " ACME "1.2.0 o 1.3.9", "{'severity':'minor'}");
    assert_event("another", "2c oid=" ACME "0.1 " ACME "1.2.0 o 1.3.8", "{'severity':'indeterminate'}");
}

static void test_units(void **state)
{
    (void)state;
    set_rule("{'trap':'*'}", "'severity':'minor','summary':'{acmeTemperature} ({acmeTemperature#value})',"
                             "'set':{'t':'{acmeTemperature}'}");
    assert_event("units", "2c oid=1.3.1 " ACME "1.6.0 i 71",
                 "{'summary':'71 degrees Celsius (71)','fields':{'t':'71 degrees Celsius'}}");
}

/* An object that no dictionary knows is compared by its text. */
static void test_unknown_object_decides(void **state)
{
    (void)state;
    set_rule("{'trap':'*'}", "'severity_from':{'object':'" ACME "9.1','map':{'3':'major','192.0.2.1':'minor'}}");
    assert_event("number", "2c oid=" ACME "0.1 " ACME "9.1.0 i 3", "{'severity':'major'}");
    assert_event("text", "2c oid=" ACME "0.1 " ACME "9.1.0 s 3", "{'severity':'major'}");
    assert_event("address", "2c oid=" ACME "0.1 " ACME "9.1.0 a 192.0.2.1", "{'severity':'minor'}");
    assert_event("null", "2c oid=" ACME "0.1 " ACME "9.1.0 n 0", "{'severity':'indeterminate'}");
}

static void test_sources(void **state)
{
    static const struct {
        const char *match, *trap;
        bool is_match;
    } t[] = {
        {"'source':'192.0.2.7'", "2c oid=1.3.1 from=192.0.2.7:9", true},
        {"'source':'192.0.2.7'", "2c oid=1.3.1 from=192.0.2.8:9", false},
        {"'source':'192.0.2.0/24'", "2c oid=1.3.1 from=192.0.2.255:9", true},
        {"'source':'192.0.2.0/24'", "2c oid=1.3.1 from=192.0.3.0:9", false},
        {"'source':'192.0.2.128/25'", "2c oid=1.3.1 from=192.0.2.128:9", true},
        {"'source':'192.0.2.128/25'", "2c oid=1.3.1 from=192.0.2.127:9", false},
        {"'source':'0.0.0.0/0'", "2c oid=1.3.1 from=198.51.100.1:9", true},
        {"'source':'0.0.0.0/0'", "2c oid=1.3.1 from=[2001:db8::1]:9", false},
        {"'source':'::/0'", "2c oid=1.3.1 from=[2001:db8::1]:9", true},
        {"'source':'::/0'", "2c oid=1.3.1 from=192.0.2.7:9", false},
        {"'source':'2001:db8::/33'", "2c oid=1.3.1 from=[2001:db8:7fff::1]:9", true},
        {"'source':'2001:db8::/33'", "2c oid=1.3.1 from=[2001:db8:8000::1]:9", false},
        {"'source':['192.0.2.1','2001:db8::1']", "2c oid=1.3.1 from=[2001:db8::1]:9", true},
        {"'source':'0.0.0.0/0'", "2c oid=1.3.1 from=none over=other", false},
        {"'security_name':'noc'", "3 user=noc oid=1.3.1", true},
        {"'security_name':['a','noc']", "3 user=noc oid=1.3.1", true},
        {"'security_name':'noc'", "3 user=noc2 oid=1.3.1", false},
        {"'security_name':'noc'", "2c community=noc oid=1.3.1", false},
        {"'security_name':'noc','source':'192.0.2.0/24'", "3 user=noc from=192.0.2.9:1 oid=1.3.1", true},
        {"'security_name':'noc','source':'192.0.2.0/24'", "3 user=noc from=192.0.3.9:1 oid=1.3.1", false},
        {"'device':'192.*','source':'192.0.2.9'", "2c from=192.0.2.9:1 oid=1.3.1", true},
        {"'device':'10.*','source':'192.0.2.9'", "2c from=192.0.2.9:1 oid=1.3.1", false},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
        char match[256];

        (void)snprintf(match, sizeof(match), "{'trap':'*',%s}", t[i].match);
        set_rule(match, "'severity':'major'");
        assert_event(match, t[i].trap,
                     t[i].is_match ? "{'severity_rule':'operator:r'}" : "{'severity_rule':'default'}");
    }
}

/* What the network chose stays one line of valid UTF-8, whatever it is. */
static void test_hostile_values(void **state)
{
    static const struct {
        const char *value, *summary;
    } t[] = {
        {"s \"\"", "<>"},         {"x 610a620d0963", "<a b c>"},
        {"x 00ff", "<0x00ff>"},   {"x 61c28562e280a863e280ae64", "<a b c d>"}, /* U+0085, U+2028, U+202E */
        {"x 225c22", "<\"\\\">"}, {"x c3a4", "<\xc3\xa4>"},
        {"n 0", "<->"},           {"i 2", "<2>"},
    };
    json_t *event;

    (void)state;
    set_rule("{'trap':'*'}", "'severity':'major','summary':'<{ifDescr}>','set':{'s':'<{ifDescr}>'}");
    for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
        char line[256];

        (void)snprintf(line, sizeof(line), "2c oid=1.3.1 " IF_ENTRY "2.7 %s", t[i].value);
        event = stage_fixture_encode(&f, line);
        assert_string_equal(json_string_value(json_object_get(event, "summary")), t[i].summary);
        assert_string_equal(stage_fixture_at(event, "fields.s"), t[i].summary);
        json_decref(event);
    }
}

/* A value of 4,000 octets, and templates of the greatest length: the lines are cut, and say so. */
static void test_long_values(void **state)
{
    static char line[8400];
    static const char *const octets[] = {"61", "c3a4", "22"};
    size_t used;

    (void)state;
    set_rule("{'trap':'*'}",
             "'severity':'major','summary':'{ifDescr}{ifDescr}','set':{'s':'{ifDescr}'},'state':'raise',"
             "'key':'{ifDescr}','clears':['{ifDescr}','{ifDescr#value}']");
    for (size_t k = 0; k < 3; k++) {
        const char *summary;
        size_t chars = 0;
        json_t *event;

        used = (size_t)snprintf(line, sizeof(line), "2c oid=1.3.1 " IF_ENTRY "2.7 x ");
        while (used < 8000)
            used += (size_t)snprintf(line + used, sizeof(line) - used, "%s", octets[k]);
        event = stage_fixture_encode(&f, line);
        summary = json_string_value(json_object_get(event, "summary"));
        for (const char *p = summary; *p; p++)
            chars += ((unsigned char)*p & 0xc0) != 0x80;
        assert_int_equal(chars, TK_SUMMARY_CHARS);
        assert_string_equal(summary + strlen(summary) - TK_CUT_MARK_BYTES, TK_CUT_MARK);
        assert_string_equal(stage_fixture_at(event, "fields.s"), summary);
        assert_int_equal(strlen(stage_fixture_at(event, "alarm.key")), 17);
        assert_string_equal(stage_fixture_at(event, "alarm.clears.1"), stage_fixture_at(event, "alarm.key"));
        json_decref(event);
    }
}

/* {OBJECT} is the object's first varbind wherever it stands; with many varbinds before it too. */
static void test_late_varbind(void **state)
{
    static char line[20000];
    size_t used = (size_t)snprintf(line, sizeof(line), "2c oid=1.3.1");

    (void)state;
    for (int i = 0; i < 300; i++)
        used += (size_t)snprintf(line + used, sizeof(line) - used, " 1.3.9.%d i 1", i);
    (void)snprintf(line + used, sizeof(line) - used, " " IF_ENTRY "8.7 i 2");
    set_rule("{'trap':'*'}", "'severity':'major','summary':'{ifOperStatus}','set':{'a':'{ifOperStatus}'}");
    assert_event("late", line, "{'summary':'down','fields':{'a':'down'}}");
}

/* What an index says, where there is no varbind of the object. */
static void test_index_in_a_summary(void **state)
{
    (void)state;
    set_rule("{'trap':'*'}",
             "'severity':'major','summary':'{acmeName}={acmeName#value} {ifIndex} {bgpPeerRemoteAddr}'");
    assert_event("index", "2c oid=1.3.1 " ACME "1.4.1.2.3.97.98.99 i 1", "{'summary':'abc=abc - -'}");
    assert_event("address", "2c oid=1.3.1 1.3.6.1.2.1.15.3.1.2.192.0.2.9 i 6", "{'summary':'-=- - 192.0.2.9'}");
    assert_event("interface", "2c oid=1.3.1 " ACME "1.5.1.2.12 i 6", "{'summary':'-=- 12 -'}");
}

/* An event has a summary, also if all that the rule's refers to came empty; a member under fields may be empty. */
static void test_empty_summary(void **state)
{
    static const char *const empty[] = {"s \"\"", "x 2020", "x 0a", "x c285"};

    (void)state;
    set_rule("{'trap':'*'}", "'severity':'major','summary':' {ifDescr} ','set':{'s':'{ifDescr}'}");
    for (size_t i = 0; i < sizeof(empty) / sizeof(empty[0]); i++) {
        char line[256];

        (void)snprintf(line, sizeof(line), "2c oid=1.3.6.1.6.3.1.1.5.3 " IF_ENTRY "2.7 %s " IF_ENTRY "8.7 i 2",
                       empty[i]);
        assert_event(empty[i], line, "{'summary':'linkDown: ifDescr.7=, ifOperStatus=down','fields':{'s':''}}");
    }
    set_rule("{'trap':'*'}", "'severity':'major','summary':' '");
    assert_event("nothing", "2c oid=1.3.6.1.6.3.1.1.5.3", "{'summary':'linkDown'}");
}

static void test_topics(void **state)
{
    static const char json[] =
        "{\"rules\":["
        "{\"name\":\"a\",\"match\":{\"trap\":\"1.3.1\"},\"severity\":\"minor\",\"topic\":\"one\"},"
        "{\"name\":\"b\",\"match\":{\"trap\":\"1.3.2\"},\"severity\":\"minor\",\"topic\":\"two\"},"
        "{\"name\":\"c\",\"match\":{\"trap\":\"1.3.3\"},\"severity\":\"minor\",\"topic\":\"one\"},"
        "{\"name\":\"d\",\"match\":{\"trap\":\"1.3.4\"},\"severity\":\"minor\"}]}";
    static const char *const expected[] = {"one", "two", "one", NULL};
    const struct tk_rules *r;

    (void)state;
    stage_fixture_rules(&f, json);
    r = f.bundle->rules;
    assert_int_equal(tk_rules_topic_count(r), 2);
    for (unsigned i = 0; i < 4; i++) {
        char line[32];
        struct tk_text topic;

        (void)snprintf(line, sizeof(line), "2c oid=1.3.%u", i + 1);
        stage_fixture_run(&f, line);
        topic = tk_rules_topic(r, f.ev.topic);
        if (!expected[i])
            assert_null(topic.text);
        else
            assert_memory_equal(topic.text, expected[i], 3);
    }
}

/* At most TK_RULES_MAX_TOPICS topics: a rule with a further one is left out, and says so. */
static void test_too_many_topics(void **state)
{
    struct tk_rules_report report;
    static char json[16384];
    size_t used = (size_t)snprintf(json, sizeof(json), "{\"rules\":[");
    struct tk_rules *r;

    (void)state;
    for (unsigned i = 0; i < TK_RULES_MAX_TOPICS + 2; i++)
        used += (size_t)
            snprintf(json + used, sizeof(json) - used,
                     "%s{\"name\":\"r%u\",\"match\":{\"trap\":\"*\"},\"severity\":\"minor\",\"topic\":\"t%u\"}",
                     i ? "," : "", i, i);
    used += (size_t)snprintf(json + used, sizeof(json) - used, "]}");
    r = tk_rules_parse_sound(json, used, "rules.json", f.dict, &report);
    assert_non_null(r);
    assert_int_equal(tk_rules_topic_count(r), TK_RULES_MAX_TOPICS);
    assert_int_equal(report.in_force, TK_RULES_MAX_TOPICS);
    assert_int_equal(report.errors.kept, 2);
    assert_non_null(strstr(report.errors.err[0].text, "at most 64 different topics"));
    tk_rules_free(r);
}

static void test_drop(void **state)
{
    struct tk_err err = {0};
    static const char json[] = "{\"rules\":[{\"name\":\"a\",\"match\":{\"trap\":\"*\"},\"drop\":true}]}";
    struct tk_rules *r = tk_rules_parse(json, strlen(json), "rules.json", f.dict, &err);

    (void)state;
    assert_non_null(r);
    stage_fixture_decode(&f, DOWN);
    f.ev.notification = f.ev.trap_oid;
    f.ev.notification_len = f.ev.trap_oid_len;
    assert_int_equal(tk_rules_match(r, &f.ev, NULL), 1);
    assert_true(f.ev.is_dropped);
    assert_memory_equal(tk_rules_label(r, f.ev.rule).text, "operator:a", 10);
    tk_rules_free(r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_members),
        cmocka_unit_test(test_oid_decides),
        cmocka_unit_test(test_units),
        cmocka_unit_test(test_unknown_object_decides),
        cmocka_unit_test(test_sources),
        cmocka_unit_test(test_hostile_values),
        cmocka_unit_test(test_long_values),
        cmocka_unit_test(test_late_varbind),
        cmocka_unit_test(test_index_in_a_summary),
        cmocka_unit_test(test_empty_summary),
        cmocka_unit_test(test_topics),
        cmocka_unit_test(test_too_many_topics),
        cmocka_unit_test(test_drop),
    };

    return cmocka_run_group_tests(tests, setup, teardown);
}
