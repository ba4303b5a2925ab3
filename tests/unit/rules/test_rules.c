/* SPDX-License-Identifier: Apache-2.0 */
#include "rules/rules_load.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#include "event_fixture.h"
#include "stages/bundle.h"
#include "stages/stages_internal.h"
#include "rules_dict.h"
#include "rules_fixture.h"

static struct event_fixture f;

static struct tk_rules *parse(const char *json)
{
    struct tk_err err = {0};
    struct tk_rules *r = tk_rules_parse(json, strlen(json), "rules.json", dict, &err);

    if (!r)
        fail_msg("line %u: %s", err.line, err.text);
    return r;
}

/* Compiles a file of one rule with this match, which raises an alarm with the key "k". */
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

/* The rule that must match the fixture's event; "" if none must. */
static void assert_rule(struct tk_rules *r, const char *expected)
{
    bool matched;

    event_fixture_finish(&f, dict);
    matched = tk_rules_match(r, &f.ev, NULL);
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
    matched = tk_rules_match(r, &f.ev, NULL);
    event_fixture_done(&f);
    tk_rules_free(r);
    return matched;
}

static void test_patterns(void **state)
{
    static const struct {
        const char *pattern, *trap;
        bool is_match;
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
        {"\"bgpEstablished\"", "1.3.6.1.2.1.15.7.0.1", true}, /* the OID of an SNMPv1 trap */
        {"\"bgpEstablished\"", "1.3.6.1.2.1.15.7.0.1.0", true},
        {"\"1.3.6.1.2.1.15.7.0.1\"", "1.3.6.1.2.1.15.7.1", true},
        {"\"acmeTwo\"", ACME "2", true},
        {"\"acmeTwo\"", ACME "2.0", true},
        {"\"" ACME "2\"", ACME "0.2", true},
        {"\"ACME-MIB::*\"", ACME "2.0", true},
        {"\"" ACME "0.*\"", ACME "2", true}, /* below it by the OID of its name */
        {"\"" ACME "0.*\"", ACME "7", false},
        {"\"" ACME "5.*\"", ACME "5.0", true},
        /* unknown to the dictionary */
        {"\"" ACME "8.7\"", ACME "8.0.7", true},
        {"\"" ACME "8.0.7\"", ACME "8.7", true},
        {"\"" ACME "8.7.0\"", ACME "8.0.7", true},
        {"\"" ACME "8.7\"", ACME "8.0.7.0", true},
        {"\"" ACME "8.7\"", ACME "8.7.0.0", false}, /* the specific trap 0 of enterprise 8.7 */
        {"\"" ACME "8.7.0.0\"", ACME "8.7.0.0", true},
        {"\"" ACME "8.7\"", ACME "8.7.1", false},
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
    struct tk_rules *r = parse(
        "{\"rules\":["
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

/* A linkDown with varbinds of many types, more than devices send. */
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
        bool holds;
    } t[] = {
        {"{'object':'ifOperStatus','equals':2}", true},
        {"{'object':'ifOperStatus','equals':'down'}", true},
        {"{'object':'IF-MIB::ifOperStatus','equals':'up'}", false},
        {"{'object':'" IF_ENTRY "8','equals':'down'}", true},    /* the dictionary knows the OID */
        {"{'object':'" IF_ENTRY "8.7','equals':'down'}", false}, /* an instance is not known, so "down" is text */
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

/* The alarm key that a template must give for the fixture's event. */
static void assert_key(const char *template, const char *expected)
{
    char json[1024];
    struct tk_rules *r;

    (void)snprintf(json, sizeof(json),
                   "{\"rules\":[{\"name\":\"r\",\"match\":{\"trap\":\"*\"},\"severity\":\"major\","
                   "\"state\":\"raise\",\"key\":\"%s\"}]}",
                   template);
    r = parse(json);
    event_fixture_finish(&f, dict);
    assert_true(tk_rules_match(r, &f.ev, NULL));
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
        {"{acmeAlarms}", "0x8000"},
        {"{acmePointer}", "1.3.6.1.2.1.2.2.1.8"},
        {"{acmePointer.parent}", "1.3.6.1.2.1.2.2.1"},
        {"{ifDescr.parent}", "-"},
        {"{acmePeer}", "192.0.2.5"},
        {"{{{trap}}}", "{linkDown}"},
        {"{acmeValue}{acmeName}{acmeValue.index}", "---"},
        {"{ifDescr}/{ifDescr}", "GigabitEthernet0%2f7/GigabitEthernet0/7"}, /* the last one can't be taken for two */
        {"{ifDescr}x", "GigabitEthernet0%2f7x"},
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
    event_fixture_integer(&f, IF_ENTRY "1.9", 9); /* an ifIndex varbind is preferred to an index */
    assert_key("{ifIndex}", "9");
    event_fixture_init(&f, "1.3.6.1.2.1.15.7.1");
    event_fixture_integer(&f, "1.3.6.1.2.1.15.3.1.2.192.0.2.9", 6);
    assert_key("{bgpPeerRemoteAddr}", "192.0.2.9");
    event_fixture_init(&f, ACME "0.7");
    event_fixture_integer(&f, ACME "1.4.1.2.3.97.98.99", 6);
    assert_key("{acmeName} {acmeValue.index} {trap}", "abc 3.97.98.99 " ACME "0.7");
    event_fixture_init(&f, ACME "0.7");
    event_fixture_integer(&f, ACME "1.4.1.2.2.1.255", 6);
    assert_key("{acmeName}", "0x01ff");
    event_fixture_init(&f, ACME "0.7");
    event_fixture_integer(&f, ACME "1.4.1.2.9.1", 6); /* the instance does not fit the indexes */
    assert_key("{acmeName}", "-");
    event_fixture_init(&f, ACME "0.7");
    event_fixture_integer(&f, ACME "1.5.1.2.12", 6);
    assert_key("{ifIndex}/{acmePort}", "12/12"); /* an InterfaceIndex counts as ifIndex */
}

/* Random texts of the letters that could be taken for others: two pairs of values have one key only if they are equal. */
static void test_keys_of_two_values(void **state)
{
    static const char letters[] = "a/%25f";
    struct tk_rules *r = parse("{\"rules\":[{\"name\":\"r\",\"match\":{\"trap\":\"*\"},\"state\":\"clear\",\"key\":"
                               "\"{device}/{" ACME "9.1}/{" ACME "9.2}\"}]}");
    char values[200][2][5], keys[200][64];
    unsigned x = 12345;

    (void)state;
    for (int i = 0; i < 200; i++) {
        event_fixture_init(&f, LINK_DOWN);
        for (int k = 0; k < 2; k++) {
            size_t len = 0;

            for (; len < (x >> 16) % 5; len++) {
                x = x * 1103515245 + 12345;
                values[i][k][len] = letters[(x >> 16) % (sizeof(letters) - 1)];
            }
            values[i][k][len] = '\0';
            x = x * 1103515245 + 12345;
            event_fixture_text(&f, k ? ACME "9.2.0" : ACME "9.1.0", values[i][k]);
        }
        event_fixture_finish(&f, dict);
        assert_int_equal(tk_rules_match(r, &f.ev, NULL), 1);
        (void)snprintf(keys[i], sizeof(keys[i]), "%.*s", (int)f.ev.alarm_key.len, f.ev.alarm_key.text);
        event_fixture_done(&f);
    }
    for (int i = 0; i < 200; i++)
        for (int k = 0; k < i; k++) {
            bool is_same = strcmp(values[i][0], values[k][0]) == 0 && strcmp(values[i][1], values[k][1]) == 0;

            if (is_same != (strcmp(keys[i], keys[k]) == 0))
                fail_msg("'%s', '%s' and '%s', '%s': %s", values[i][0], values[i][1], values[k][0], values[k][1],
                         keys[i]);
        }
    tk_rules_free(r);
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
        assert_true(tk_rules_match(r, &f.ev, NULL));
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
    assert_key("{ifDescr}/{" ACME "9.2}/{" ACME "9.3}", "0x610a62//-");
    event_fixture_init(&f, LINK_DOWN);
    event_fixture_text(&f, ACME "9.2", "secret");
    f.varbinds[0].is_secret = true;
    assert_key("{" ACME "9.2}", "-");
}

static void test_own_names(void **state)
{
    struct tk_rules *r = parse(
        "{\"names\":{\"OWN-MIB::fan\":\"" ACME "0.44\",\"slot\":\"" ACME "7\"},\"rules\":["
        "{\"name\":\"r\",\"comment\":\"c\",\"match\":{\"trap\":\"OWN-MIB::fan\",\"varbinds\":[{\"object\":\"slot\","
        "\"equals\":\"a\"}]},\"severity\":\"minor\",\"state\":\"raise\",\"key\":\"{slot}\"}]}");

    (void)state;
    event_fixture_init(&f, ACME "0.44");
    event_fixture_text(&f, ACME "7.0", "a");
    assert_rule(r, "operator:r");
    tk_rules_free(r);
}

static void write_file(const char *path, const char *text)
{
    FILE *out = fopen(path, "w");

    assert_non_null(out);
    assert_true(fputs(text, out) >= 0);
    assert_int_equal(fclose(out), 0);
}

static struct tk_rules *load(const char *path, struct tk_err *err)
{
    const struct tk_rules_files files = {.operators = path};

    return tk_rules_load(&files, dict, err);
}

static void test_files(void **state)
{
    char path[] = "/tmp/test_rules.XXXXXX";
    int fd = mkstemp(path);
    struct tk_err err = {0};
    struct tk_rules *r;

    (void)state;
    assert_true(fd >= 0);
    assert_null(load("/nonexistent/rules.json", &err));
    assert_string_equal(err.file, "/nonexistent/rules.json");
    assert_non_null(strstr(err.text, "No such file"));
    tk_err_clear(&err);
    assert_null(load("/tmp", &err));
    assert_non_null(strstr(err.text, "not a regular file"));
    tk_err_clear(&err);
    assert_int_equal(ftruncate(fd, 17 * 1024 * 1024), 0);
    assert_null(load(path, &err));
    assert_non_null(strstr(err.text, "more than the 16777216"));
    tk_err_clear(&err);
    assert_int_equal(ftruncate(fd, 0), 0);

    write_file(path, "{\"rules\":[{\"name\":\"lab\",\"match\":{\"trap\":\"IF-MIB::linkDown\",\"device\":\"lab\"},"
                     "\"severity\":\"minor\"}]}");
    r = load(path, &err);
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
    assert_true(tk_rules_match(r, &f.ev, NULL));
    assert_text(f.ev.severity_rule, "standard:linkDown");
    assert_text(f.ev.alarm_key, "pe1.fra/link/7");
    assert_string_equal(tk_severity_name(f.ev.severity), "major");
    event_fixture_done(&f);
    event_fixture_init(&f, LINK_UP);
    event_fixture_text(&f, IF_ENTRY "2.7", "ge-0/0/7"); /* without ifIndex the key is the same */
    event_fixture_finish(&f, dict);
    assert_true(tk_rules_match(r, &f.ev, NULL));
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
        assert_int_equal(tk_severity(&st, &bundle, &f.ev, 0), TK_PASS);
        assert_int_equal(f.ev.severity, i ? TK_SEV_MAJOR : TK_SEV_UNSET);
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
        cmocka_unit_test(test_patterns),           cmocka_unit_test(test_order_of_rules_decides),
        cmocka_unit_test(test_varbinds),           cmocka_unit_test(test_device),
        cmocka_unit_test(test_key_values),         cmocka_unit_test(test_key_indexes),
        cmocka_unit_test(test_keys_of_two_values), cmocka_unit_test(test_key_hostile_values),
        cmocka_unit_test(test_own_names),          cmocka_unit_test(test_files),
        cmocka_unit_test(test_standard_links),     cmocka_unit_test(test_stage),
        cmocka_unit_test(test_many_rules),
    };

    return cmocka_run_group_tests(tests, make_dict, free_dict);
}
