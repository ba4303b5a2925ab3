/* SPDX-License-Identifier: Apache-2.0 */
#include "pipeline/rules.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#include "event_fixture.h"
#include "pipeline/bundle.h"
#include "pipeline/dictionary_facts.h"
#include "pipeline/stage.h"

#define LINK_DOWN "1.3.6.1.6.3.1.1.5.3"
#define LINK_UP   "1.3.6.1.6.3.1.1.5.4"
#define IF_ENTRY  "1.3.6.1.2.1.2.2.1."
#define ACME      "1.3.6.1.4.1.99999."

static const char facts[] =
    LINK_DOWN " linkDown IF-MIB notification\n" LINK_UP " linkUp IF-MIB notification\n"
    "1.3.6.1.2.1.31 ifMIB IF-MIB -\n"
    "1.3.6.1.2.1.2.2.1 ifEntry IF-MIB - i=ifIndex\n"
    IF_ENTRY "1 ifIndex IF-MIB integer t=InterfaceIndex\n"
    IF_ENTRY "2 ifDescr IF-MIB octets\n"
    IF_ENTRY "7 ifAdminStatus IF-MIB integer e=up:1,down:2,testing:3\n"
    IF_ENTRY "8 ifOperStatus IF-MIB integer e=up:1,down:2,testing:3,lowerLayerDown:7\n"
    IF_ENTRY "10 ifInOctets IF-MIB counter32\n"
    "1.3.6.1.2.1.15.3.1 bgpPeerEntry BGP4-MIB - i=bgpPeerRemoteAddr\n"
    "1.3.6.1.2.1.15.3.1.2 bgpPeerState BGP4-MIB integer e=idle:1,established:6\n"
    "1.3.6.1.2.1.15.3.1.7 bgpPeerRemoteAddr BGP4-MIB ipaddress\n"
    "1.3.6.1.2.1.15.7.1 bgpEstablished BGP4-MIB notification\n"
    ACME "0.1 acmeOne ACME-MIB notification\n" ACME "0.2 acmeTwo ACME-MIB notification\n"
    ACME "0.3 linkDown ACME-MIB notification\n"
    ACME "1.1 acmeAlarms ACME-MIB bits e=fan:0,power:9\n"
    ACME "1.2 acmePointer ACME-MIB oid\n"
    ACME "1.3 acmePeer ACME-MIB octets t=InetAddress\n"
    ACME "1.4.1 acmeRow ACME-MIB - i=acmeName\n"
    ACME "1.4.1.1 acmeName ACME-MIB octets\n"
    ACME "1.4.1.2 acmeValue ACME-MIB integer\n"
    ACME "1.5.1 acmePortRow ACME-MIB - i=acmePort\n"
    ACME "1.5.1.1 acmePort ACME-MIB integer t=InterfaceIndex\n"
    ACME "1.5.1.2 acmePortState ACME-MIB integer\n";

static struct tk_dict *dict;
static struct event_fixture f;

static struct tk_dict *read_facts(const char *text, size_t len, const char *name)
{
    struct tk_dict_builder *b = tk_dict_builder_new();
    struct tk_err err = {0};
    struct tk_dict *d;

    assert_non_null(b);
    if (tk_dict_facts_read(b, text, len, name, &err) < 0)
        fail_msg("%s", err.text);
    d = tk_dict_builder_finish(b);
    tk_dict_builder_free(b);
    assert_non_null(d);
    return d;
}

static int make_dict(void **state)
{
    (void)state;
    dict = read_facts(facts, sizeof(facts) - 1, "facts");
    return 0;
}

static int free_dict(void **state)
{
    (void)state;
    tk_dict_free(dict);
    return 0;
}

static struct tk_rules *parse(const char *json)
{
    struct tk_err err = {0};
    struct tk_rules *r = tk_rules_parse(json, strlen(json), "rules.json", dict, &err);

    if (!r)
        fail_msg("line %u: %s", err.line, err.text);
    return r;
}

/* A file of one rule with this match, which raises the key "k". */
static struct tk_rules *parse_match(const char *match)
{
    char json[1024];

    (void)snprintf(json, sizeof(json), "{\"rules\":[{\"name\":\"r\",\"match\":%s,\"severity\":\"major\"}]}", match);
    return parse(json);
}

static void assert_text(struct tk_text t, const char *expected)
{
    char text[TK_RULES_KEY_MAX + 1];

    assert_non_null(t.text);
    (void)snprintf(text, sizeof(text), "%.*s", (int)t.len, t.text);
    assert_string_equal(text, expected);
}

/* Which rule decides on what the fixture holds; "" if none does. */
static void assert_rule(struct tk_rules *r, const char *expected)
{
    bool matched;

    event_fixture_finish(&f, dict);
    matched = tk_rules_match(r, &f.ev);
    if (*expected)
        assert_text(f.ev.severity_rule, expected);
    else
        assert_false(matched);
    event_fixture_done(&f);
}

static bool holds(const char *match)
{
    struct tk_rules *r = parse_match(match);
    bool matched;

    event_fixture_finish(&f, dict);
    matched = tk_rules_match(r, &f.ev);
    event_fixture_done(&f);
    tk_rules_free(r);
    return matched;
}

static void test_patterns(void **state)
{
    static const struct {
        const char *pattern, *trap;
        bool        is_match;
    } t[] = {
        {"\"IF-MIB::linkDown\"", LINK_DOWN, true},
        {"\"IF-MIB::linkDown\"", LINK_UP, false},
        {"\"linkUp\"", LINK_UP, true},
        {"\"." LINK_UP "\"", LINK_UP, true},
        {"[\"linkUp\",\"IF-MIB::linkDown\"]", LINK_DOWN, true},
        {"\"1.3.6.1.6.3.1.1.5.*\"", LINK_DOWN, true},
        {"\"1.3.6.1.6.3.1.1.5.*\"", "1.3.6.1.6.3.1.1.55", false},
        {"\"1.3.6.1.6.3.1.1.5.*\"", "1.3.6.1.6.3.1.1.5", true},
        {"\"IF-MIB::ifMIB.*\"", "1.3.6.1.2.1.31.9", true},
        {"\"ACME-MIB::*\"", ACME "0.2", true},
        {"\"ACME-MIB::*\"", ACME "0.9", false},
        {"\"ACME-MIB::*\"", LINK_DOWN, false},
        {"\"*\"", "1.3.9", true},
        {"\"bgpEstablished\"", "1.3.6.1.2.1.15.7.1", true},
        {"\"bgpEstablished\"", "1.3.6.1.2.1.15.7.0.1", true}, /* as SNMPv1 says it */
        {"\"bgpEstablished\"", "1.3.6.1.2.1.15.7.2", false},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
        char match[256];

        (void)snprintf(match, sizeof(match), "{\"trap\":%s}", t[i].pattern);
        event_fixture_init(&f, t[i].trap);
        if (holds(match) != t[i].is_match)
            fail_msg("%s and %s", t[i].pattern, t[i].trap);
    }
}

static void test_order_of_rules_decides(void **state)
{
    struct tk_rules *r = parse("{\"rules\":["
        "{\"name\":\"a\",\"match\":{\"trap\":\"ACME-MIB::*\",\"device\":\"none\"},\"severity\":\"minor\"},"
        "{\"name\":\"b\",\"match\":{\"trap\":\"" ACME "0.2\"},\"severity\":\"minor\"},"
        "{\"name\":\"c\",\"match\":{\"trap\":\"" ACME "*\"},\"severity\":\"minor\"},"
        "{\"name\":\"d\",\"match\":{\"trap\":\"acmeOne\"},\"severity\":\"minor\"},"
        "{\"name\":\"e\",\"match\":{\"trap\":\"*\"},\"severity\":\"minor\"}]}");

    (void)state;
    event_fixture_init(&f, ACME "0.2");
    assert_rule(r, "operator:b");
    event_fixture_init(&f, ACME "0.1");
    assert_rule(r, "operator:c");
    event_fixture_init(&f, LINK_UP);
    assert_rule(r, "operator:e");
    assert_int_equal(tk_rules_count(r), 5);
    tk_rules_free(r);
}

/* A linkDown, with more varbinds of all sorts than it has in life. */
static void begin_rich(void)
{
    static const uint8_t bits[] = {0x80, 0x00}, peer[] = {192, 0, 2, 5};

    event_fixture_init(&f, LINK_DOWN);
    event_fixture_integer(&f, IF_ENTRY "7.7", 1);
    event_fixture_integer(&f, IF_ENTRY "8.7", 2);
    event_fixture_text(&f, IF_ENTRY "2.7", "GigabitEthernet0/7");
    event_fixture_unsigned(&f, TK_COUNTER64, IF_ENTRY "10.7", UINT64_MAX);
    event_fixture_address(&f, "1.3.6.1.2.1.15.3.1.7.192.0.2.1", "192.0.2.1");
    event_fixture_varbind(&f, TK_OCTETS, ACME "1.1.0", bits, sizeof(bits));
    event_fixture_oid(&f, ACME "1.2.0", "1.3.6.1.2.1.2.2.1.8");
    event_fixture_varbind(&f, TK_OCTETS, ACME "1.3.0", peer, sizeof(peer));
    event_fixture_integer(&f, ACME "9.1", -3);
    event_fixture_integer(&f, ACME "9.1", 30);
}

static void test_varbinds(void **state)
{
    static const struct {
        const char *test;
        bool        holds;
    } t[] = {
        {"{'object':'ifOperStatus','equals':2}", true},
        {"{'object':'ifOperStatus','equals':'down'}", true},
        {"{'object':'IF-MIB::ifOperStatus','equals':'up'}", false},
        {"{'object':'" IF_ENTRY "8','equals':'down'}", true}, /* the dictionary knows the OID */
        {"{'object':'" IF_ENTRY "8.7','equals':'down'}", false}, /* not this one: text */
        {"{'object':'" IF_ENTRY "8.7','equals':2}", true},
        {"{'object':'" IF_ENTRY "8.8','equals':2}", false},
        {"{'object':'ifOperStatus','in':['up','lowerLayerDown',2]}", true},
        {"{'object':'ifOperStatus','in':['up','lowerLayerDown']}", false},
        {"{'object':'ifOperStatus','min':2}", true},
        {"{'object':'ifOperStatus','max':1}", false},
        {"{'object':'" ACME "9.1','min':29,'max':31}", true}, /* the second varbind of the object */
        {"{'object':'" ACME "9.1','max':-4}", false},
        {"{'object':'" ACME "9.1','equals':-3}", true},
        {"{'object':'ifInOctets','min':9000000000000000000}", true},
        {"{'object':'ifInOctets','max':9000000000000000000}", false},
        {"{'object':'ifInOctets','matches':'1844*615'}", true},
        {"{'object':'ifDescr','equals':'GigabitEthernet0/7'}", true},
        {"{'object':'ifDescr','equals':'GigabitEthernet0/'}", false},
        {"{'object':'ifDescr','matches':'Gig*0/?'}", true},
        {"{'object':'ifDescr','matches':['Ten*','*7']}", true},
        {"{'object':'ifDescr','matches':'gig*'}", false},
        {"{'object':'ifDescr','matches':'*a*e*i*/'}", false},
        {"{'object':'bgpPeerRemoteAddr','equals':'192.0.2.1'}", true},
        {"{'object':'bgpPeerRemoteAddr','matches':'192.0.2.*'}", true},
        {"{'object':'1.3.6.1.2.1.15.3.1.7.192','equals':'192.0.2.1'}", true},
        {"{'object':'acmeAlarms','has':'fan'}", true},
        {"{'object':'acmeAlarms','has':['power',1]}", false},
        {"{'object':'acmeAlarms','has':65535}", false},
        {"{'object':'acmePointer','equals':'ifOperStatus'}", true},
        {"{'object':'acmePointer','equals':'1.3.6.1.2.1.2.2.1.7'}", false},
        {"{'object':'acmePointer','matches':'1.3.*.8'}", true},
        {"{'object':'" ACME "1.2.0','equals':'1.3.6.1.2.1.2.2.1.8'}", true},
        {"{'object':'acmePeer','equals':'192.0.2.5'}", true},
        {"{'object':'acmePeer','equals':'192.0.2.6'}", false},
        {"{'object':'ifIndex','present':false}", true},
        {"{'object':'ifIndex','present':true}", false},
        {"{'object':'ifDescr','present':true},{'object':'ifIndex','present':true}", false},
        {"{'object':'ifDescr','present':true},{'object':'ifAdminStatus','equals':1}", true},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
        char match[512];

        (void)snprintf(match, sizeof(match), "{\"trap\":\"IF-MIB::linkDown\",\"varbinds\":[%s]}", t[i].test);
        for (char *p = match; *p; p++)
            *p = *p == '\'' ? '"' : *p;
        begin_rich();
        if (holds(match) != t[i].holds)
            fail_msg("%s", match);
    }
}

static void test_device(void **state)
{
    (void)state;
    event_fixture_init(&f, LINK_DOWN);
    assert_true(holds("{\"trap\":\"*\",\"device\":[\"lab*\",\"pe?.fra\"]}"));
    event_fixture_init(&f, LINK_DOWN);
    assert_false(holds("{\"trap\":\"*\",\"device\":\"pe1\"}"));
    event_fixture_init(&f, LINK_DOWN);
    f.ev.device = (struct tk_text){NULL, 0};
    assert_false(holds("{\"trap\":\"*\",\"device\":\"*\"}"));
}

/* The key that a template gives for what the fixture holds. */
static void assert_key(const char *template, const char *expected)
{
    char json[1024];
    struct tk_rules *r;

    (void)snprintf(json, sizeof(json), "{\"rules\":[{\"name\":\"r\",\"match\":{\"trap\":\"*\"},\"severity\":\"major\","
                   "\"state\":\"raise\",\"key\":\"%s\"}]}", template);
    r = parse(json);
    event_fixture_finish(&f, dict);
    assert_true(tk_rules_match(r, &f.ev));
    assert_int_equal(f.ev.severity, TK_SEV_MAJOR);
    assert_int_equal(f.ev.alarm_state, TK_ALARM_RAISE);
    assert_text(f.ev.alarm_key, expected);
    event_fixture_done(&f);
    tk_rules_free(r);
}

static void test_key_values(void **state)
{
    static const struct {
        const char *template, *key;
    } t[] = {
        {"{device}/link/{ifIndex}", "pe1.fra/link/7"}, /* by the index of another varbind */
        {"{ifOperStatus} {ifOperStatus.index}", "2 7"},
        {"{IF-MIB::ifDescr}", "GigabitEthernet0/7"},
        {"{" ACME "9.1}", "-3"},
        {"{ifInOctets}", "18446744073709551615"},
        {"{bgpPeerRemoteAddr}/{bgpPeerRemoteAddr.index}", "192.0.2.1/192.0.2.1"},
        {"{acmeAlarms}", "8000"},
        {"{acmePointer}", "1.3.6.1.2.1.2.2.1.8"},
        {"{acmePointer.parent}", "1.3.6.1.2.1.2.2.1"},
        {"{ifDescr.parent}", "-"},
        {"{acmePeer}", "192.0.2.5"},
        {"{{{trap}}}", "{linkDown}"},
        {"{acmeValue}{acmeName}{acmeValue.index}", "---"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
        begin_rich();
        assert_key(t[i].template, t[i].key);
    }
}

static void test_key_indexes(void **state)
{
    (void)state;
    event_fixture_init(&f, LINK_DOWN);
    event_fixture_integer(&f, IF_ENTRY "8.7", 2);
    event_fixture_integer(&f, IF_ENTRY "1.9", 9); /* an ifIndex varbind is better than an index */
    assert_key("{ifIndex}", "9");
    event_fixture_init(&f, "1.3.6.1.2.1.15.7.1");
    event_fixture_integer(&f, "1.3.6.1.2.1.15.3.1.2.192.0.2.9", 6);
    assert_key("{bgpPeerRemoteAddr}", "192.0.2.9");
    event_fixture_init(&f, ACME "0.7");
    event_fixture_integer(&f, ACME "1.4.1.2.3.97.98.99", 6);
    assert_key("{acmeName} {acmeValue.index} {trap}", "abc 3.97.98.99 " ACME "0.7");
    event_fixture_init(&f, ACME "0.7");
    event_fixture_integer(&f, ACME "1.4.1.2.2.1.255", 6);
    assert_key("{acmeName}", "01ff");
    event_fixture_init(&f, ACME "0.7");
    event_fixture_integer(&f, ACME "1.4.1.2.9.1", 6); /* does not fit */
    assert_key("{acmeName}", "-");
    event_fixture_init(&f, ACME "0.7");
    event_fixture_integer(&f, ACME "1.5.1.2.12", 6);
    assert_key("{ifIndex}/{acmePort}", "12/12"); /* an InterfaceIndex counts as ifIndex */
}

static void test_key_hostile_values(void **state)
{
    char wide[65000], first[64];

    (void)state;
    memset(wide, 'a', sizeof(wide));
    for (int i = 0; i < 2; i++) { /* long values: short keys, which differ if the values do */
        struct tk_rules *r = parse("{\"rules\":[{\"name\":\"r\",\"match\":{\"trap\":\"*\"},\"state\":\"clear\","
                                   "\"key\":\"{ifDescr}\"}]}");

        wide[64999] = (char)('a' + i);
        event_fixture_init(&f, LINK_DOWN);
        event_fixture_varbind(&f, TK_OCTETS, IF_ENTRY "2.7", wide, sizeof(wide));
        event_fixture_finish(&f, dict);
        assert_true(tk_rules_match(r, &f.ev));
        assert_int_equal(f.ev.severity, TK_SEV_CLEARED);
        assert_int_equal(f.ev.alarm_key.len, 17);
        if (i)
            assert_memory_not_equal(first, f.ev.alarm_key.text, 17);
        memcpy(first, f.ev.alarm_key.text, 17);
        event_fixture_done(&f);
        tk_rules_free(r);
    }
    event_fixture_init(&f, LINK_DOWN);
    event_fixture_text(&f, IF_ENTRY "2.7", "a\nb");
    event_fixture_varbind(&f, TK_OCTETS, ACME "9.2", "", 0);
    event_fixture_varbind(&f, TK_NO_SUCH_INSTANCE, ACME "9.3", NULL, 0);
    assert_key("{ifDescr}/{" ACME "9.2}/{" ACME "9.3}", "610a62//-");
    event_fixture_init(&f, LINK_DOWN);
    event_fixture_text(&f, ACME "9.2", "secret");
    f.varbinds[0].is_secret = true;
    assert_key("{" ACME "9.2}", "-");
}

static void test_own_names(void **state)
{
    struct tk_rules *r = parse("{\"names\":{\"OWN-MIB::fan\":\"" ACME "0.44\",\"slot\":\"" ACME "7\"},\"rules\":["
        "{\"name\":\"r\",\"comment\":\"c\",\"match\":{\"trap\":\"OWN-MIB::fan\",\"varbinds\":[{\"object\":\"slot\","
        "\"equals\":\"a\"}]},\"severity\":\"minor\",\"state\":\"raise\",\"key\":\"{slot}\"}]}");

    (void)state;
    event_fixture_init(&f, ACME "0.44");
    event_fixture_text(&f, ACME "7.0", "a");
    assert_rule(r, "operator:r");
    tk_rules_free(r);
}

static void test_errors(void **state)
{
#define ONE(rest)  "{\n\"comment\":\"rules: [,\",\"rules\": [\n{\"name\":\"first\",\"match\":{\"trap\":\"*\"},\"severity\":\"minor\"},\n\n{" rest "}]}"
#define TRAP(p)    ONE("\"name\":\"bad\",\"severity\":\"major\",\"match\":{\"trap\":" p "}")
#define TEST(p)    ONE("\"name\":\"bad\",\"severity\":\"major\",\"match\":{\"trap\":\"*\",\"varbinds\":[" p "]}")
#define KEY(p)     ONE("\"name\":\"bad\",\"severity\":\"major\",\"state\":\"raise\",\"match\":{\"trap\":\"*\"},\"key\":" p)
    static const struct {
        const char *json;
        unsigned    line;
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
        {ONE("\"name\":7"), 5, "rule number 2: its name is '7'", "write \"name\""},
        {ONE("\"nam\":\"bad\""), 5, "its name is 'nothing'", "write \"name\""},
        {ONE("\"name\":\"a b\""), 5, "'a b'", "letters, digits"},
        {ONE("\"name\":\"first\""), 5, "stands in line 3 already", "another name"},
        {"{\"rules\":[7]}", 1, "it is '7'", "write an object"},
        {ONE("\"name\":\"bad\",\"sevrity\":1"), 5, "rule 'bad': the rule has an unknown member 'sevrity'", "severity, state"},
        {ONE("\"name\":\"bad\",\"severity\":\"fatal\""), 5, "'fatal'", "critical, major"},
        {ONE("\"name\":\"bad\",\"match\":{\"trap\":\"*\"}"), 5, "\"severity\" is 'nothing'", "critical, major"},
        {ONE("\"name\":\"bad\",\"severity\":\"cleared\",\"state\":\"raise\""), 5, "the alarm is raised", "\"clear\""},
        {ONE("\"name\":\"bad\",\"severity\":\"major\",\"state\":\"on\""), 5, "\"state\" is 'on'", "\"raise\", \"clear\""},
        {ONE("\"name\":\"bad\",\"severity\":\"major\""), 5, "\"match\" is 'nothing'", "write \"match\""},
        {ONE("\"name\":\"bad\",\"severity\":\"major\",\"match\":{\"t\":1}"), 5, "unknown member 't'", "trap, device, varbinds"},
        {ONE("\"name\":\"bad\",\"severity\":\"major\",\"match\":{}"), 5, "no \"trap\"", "write which"},
        {ONE("\"name\":\"bad\",\"severity\":\"major\",\"match\":{\"trap\":\"*\",\"device\":3}"), 5, "\"device\" is '3'", "write a name"},
        {ONE("\"name\":\"bad\",\"severity\":\"major\",\"match\":{\"trap\":\"*\",\"varbinds\":3}"), 5, "\"varbinds\" is '3'", "write a list"},
        {TRAP("[]"), 5, "empty list", "at least one"},
        {TRAP("7"), 5, "\"trap\" is '7'", "\"OID.*\""},
        {TRAP("\"1.3.x\""), 5, "'1.3.x' is not an OID", "with dots"},
        {TRAP("\"1.3.6.4294967296\""), 5, "is not an OID", "4294967295"},
        {TRAP("\"noSuch\""), 5, "no MIB that is loaded has 'noSuch'", "numeric OID"},
        {TRAP("\"NO-MIB::linkUp\""), 5, "don't have 'NO-MIB::linkUp'", "did you mean 'IF-MIB::linkUp'"},
        {TRAP("\"linkDown\""), 5, "'linkDown' is ambiguous", "IF-MIB::linkDown"},
        {TRAP("\"ifMIB\""), 5, "not a notification", "'ifMIB.*'"},
        {TRAP("\"NO-MIB::*\""), 5, "module 'NO-MIB'", "load its MIB"},
        {TRAP("\"1.3.*.5\""), 5, "only stands at the end", "\"OID.*\""},
        {TEST("7"), 5, "\"varbinds\" has '7'", "{\"object\""},
        {TEST("{\"object\":\"ifDescr\",\"equal\":1}"), 5, "unknown member 'equal'", "object, equals"},
        {TEST("{\"object\":\"ifDescr\"}"), 5, "none or several", "exactly one of"},
        {TEST("{\"object\":\"ifDescr\",\"equals\":\"a\",\"min\":1}"), 5, "none or several", "exactly one of"},
        {TEST("{\"object\":\"linkUp\",\"present\":true}"), 5, "is a notification", "of an object"},
        {TEST("{\"object\":\"noSuch\",\"present\":true}"), 5, "'noSuch'", "numeric OID"},
        {TEST("{\"object\":\"ifDescr\",\"present\":1}"), 5, "\"present\" is '1'", "true or false"},
        {TEST("{\"object\":\"ifOperStatus\",\"equals\":\"dwon\"}"), 5, "'dwon', which is no label", "up, down"},
        {TEST("{\"object\":\"ifIndex\",\"equals\":\"7\"}"), 5, "number without labels", "without quotes"},
        {TEST("{\"object\":\"ifDescr\",\"equals\":7}"), 5, "\"equals\" is '7'", "text in quotes"},
        {TEST("{\"object\":\"ifIndex\",\"equals\":1.5}"), 5, "\"equals\" is '1.5'", "whole number"},
        {TEST("{\"object\":\"bgpPeerRemoteAddr\",\"equals\":\"x\"}"), 5, "IPv4 address", "192.0.2.1"},
        {TEST("{\"object\":\"acmePointer\",\"equals\":\"x\"}"), 5, "'x'", "numeric OID"},
        {TEST("{\"object\":\"acmePointer\",\"equals\":\"9.9\"}"), 5, "SNMP can carry", "begins with 0, 1 or 2"},
        {TEST("{\"object\":\"acmeAlarms\",\"equals\":1}"), 5, "set of bits", "\"has\""},
        {TEST("{\"object\":\"acmeAlarms\",\"has\":\"gone\"}"), 5, "no label", "fan, power"},
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
             "{device}{device}{device}{device}{device}\""), 5, "more than 16", "shorter"},
        {ONE("\"name\":\"bad\",\"severity\":\"major\",\"state\":\"raise\",\"match\":{\"trap\":\"*\"}"), 5, "\"key\" is 'nothing'", "{device}"},
        {ONE("\"name\":\"bad\",\"severity\":\"major\",\"match\":{\"trap\":\"*\"},\"key\":\"k\""), 5, "there is no alarm", "\"raise\""},
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
    static const char json[] = "{ \"comment\" : \"\\\"rules\\\": [ {\",\n \"names\": {\"a\": \"1.3\"},\n \"rules\" :\n [\n"
        "  {\"name\":\"a\", \"comment\":\"}] \\\\\", \"severity\":\"minor\",\n   \"match\":{\"trap\":[\"*\",\n\"*\"]}}\n  ,\n"
        "  {\"name\":\"b\"}\n ]\n}\n";
    struct tk_err err = {0};
    char text[1024];

    (void)state;
    assert_null(tk_rules_parse(json, strlen(json), "rules.json", dict, &err));
    assert_ptr_equal(strstr(tk_err_format(&err, text, sizeof(text)), "rules.json: line 9: rule 'b': "), text);
}

static void write_file(const char *path, const char *text)
{
    FILE *out = fopen(path, "w");

    assert_non_null(out);
    assert_true(fputs(text, out) >= 0);
    assert_int_equal(fclose(out), 0);
}

static void test_files(void **state)
{
    char path[] = "/tmp/test_rules.XXXXXX";
    int fd = mkstemp(path);
    struct tk_err err = {0};
    struct tk_rules *r;

    (void)state;
    assert_true(fd >= 0);
    assert_null(tk_rules_load("/nonexistent/rules.json", dict, &err));
    assert_string_equal(err.file, "/nonexistent/rules.json");
    assert_non_null(strstr(err.text, "No such file"));
    tk_err_clear(&err);
    assert_null(tk_rules_load("/tmp", dict, &err));
    assert_non_null(strstr(err.text, "not a regular file"));
    tk_err_clear(&err);
    assert_int_equal(ftruncate(fd, 17 * 1024 * 1024), 0);
    assert_null(tk_rules_load(path, dict, &err));
    assert_non_null(strstr(err.text, "more than the 16777216"));
    tk_err_clear(&err);
    assert_int_equal(ftruncate(fd, 0), 0);

    write_file(path, "{\"rules\":[{\"name\":\"lab\",\"match\":{\"trap\":\"IF-MIB::linkDown\",\"device\":\"lab\"},"
                     "\"severity\":\"minor\"}]}");
    r = tk_rules_load(path, dict, &err);
    assert_non_null(r);
    event_fixture_init(&f, LINK_DOWN);
    f.ev.device = (struct tk_text){"lab", 3};
    assert_rule(r, "operator:lab");
    event_fixture_init(&f, LINK_DOWN);
    assert_rule(r, "standard:linkDown");
    tk_rules_free(r);
    (void)close(fd);
    (void)unlink(path);
}

static void test_standard_links(void **state)
{
    struct tk_err err = {0};
    struct tk_rules *r = tk_rules_load(NULL, dict, &err);

    (void)state;
    if (!r)
        fail_msg("line %u: %s", err.line, err.text);
    event_fixture_init(&f, LINK_DOWN);
    event_fixture_integer(&f, IF_ENTRY "1.7", 7);
    event_fixture_integer(&f, IF_ENTRY "7.7", 1);
    event_fixture_integer(&f, IF_ENTRY "8.7", 2);
    event_fixture_finish(&f, dict);
    assert_true(tk_rules_match(r, &f.ev));
    assert_text(f.ev.severity_rule, "standard:linkDown");
    assert_text(f.ev.alarm_key, "pe1.fra/link/7");
    assert_string_equal(tk_severity_name(f.ev.severity), "major");
    event_fixture_done(&f);
    event_fixture_init(&f, LINK_UP);
    event_fixture_text(&f, IF_ENTRY "2.7", "ge-0/0/7"); /* no ifIndex: the same key all the same */
    event_fixture_finish(&f, dict);
    assert_true(tk_rules_match(r, &f.ev));
    assert_int_equal(f.ev.alarm_state, TK_ALARM_CLEAR);
    assert_text(f.ev.alarm_key, "pe1.fra/link/7");
    event_fixture_done(&f);
    event_fixture_init(&f, LINK_DOWN);
    event_fixture_integer(&f, IF_ENTRY "7.7", 2);
    assert_rule(r, "standard:linkDown-admin");
    tk_rules_free(r);
}

static void test_stage(void **state)
{
    struct tk_stage_state st = {0};
    struct tk_bundle bundle = {.rules = parse_match("{\"trap\":\"linkUp\"}")};

    (void)state;
    for (int i = 0; i < 2; i++) {
        event_fixture_init(&f, i ? LINK_UP : LINK_DOWN);
        event_fixture_finish(&f, dict);
        f.ev.bundle = &bundle;
        assert_int_equal(tk_severity(&st, &f.ev, 0), TK_PASS);
        assert_int_equal(f.ev.severity, i ? TK_SEV_MAJOR : TK_SEV_INDETERMINATE);
        assert_int_equal(f.ev.alarm_state, TK_ALARM_NONE);
        assert_null(f.ev.alarm_key.text);
        assert_text(f.ev.severity_rule, i ? "operator:r" : "default");
        event_fixture_done(&f);
    }
    tk_rules_free((struct tk_rules *)(uintptr_t)bundle.rules);
}

static void test_many_rules(void **state)
{
    enum { COUNT = 20000 };
    char *json = malloc(COUNT * 128), *at = json;
    struct tk_rules *r;

    (void)state;
    assert_non_null(json);
    at += sprintf(at, "{\"rules\":[");
    for (int i = 0; i < COUNT; i++)
        at += sprintf(at, "%s{\"name\":\"r%d\",\"match\":{\"trap\":\"1.3.6.1.4.1.%d.%s\"},\"severity\":\"minor\"}",
                      i ? "," : "", i, i / 2, i % 2 ? "*" : "0.1");
    (void)sprintf(at, "]}");
    r = parse(json);
    event_fixture_init(&f, "1.3.6.1.4.1.9999.0.1");
    assert_rule(r, "operator:r19998");
    event_fixture_init(&f, "1.3.6.1.4.1.9999.0.2");
    assert_rule(r, "operator:r19999");
    event_fixture_init(&f, "1.3.6.1.4.1.10000.0.2");
    assert_rule(r, "");
    tk_rules_free(r);
    free(json);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_patterns),         cmocka_unit_test(test_order_of_rules_decides),
        cmocka_unit_test(test_varbinds),         cmocka_unit_test(test_device),
        cmocka_unit_test(test_key_values),       cmocka_unit_test(test_key_indexes),
        cmocka_unit_test(test_key_hostile_values), cmocka_unit_test(test_own_names),
        cmocka_unit_test(test_errors),           cmocka_unit_test(test_line_of_a_rule),
        cmocka_unit_test(test_files),            cmocka_unit_test(test_standard_links),
        cmocka_unit_test(test_stage),            cmocka_unit_test(test_many_rules),
    };

    return cmocka_run_group_tests(tests, make_dict, free_dict);
}
