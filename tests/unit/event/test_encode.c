/* SPDX-License-Identifier: Apache-2.0 */
#include "event/encode.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "stage_fixture.h"

/* X: an object of each syntax, to test it with values of all types. */
#define X "1.3.6.1.4.1.99999."
static const char facts[] = X
    "1 xStatus X-MIB integer e=up:1,down:2\n" X "2 xTemperature X-MIB integer h=d-1\n" X
    "3 xName X-MIB octets h=255a\n" X "4 xMac X-MIB octets h=1x:\n" X "5 xAlarms X-MIB bits e=fan:0,power:9\n" X
    "6 xPlain X-MIB octets\n" X "7 xAge X-MIB timeticks\n" X "8 xPointer X-MIB oid\n" X "9 xTable X-MIB -\n" X
    "9.1 xEntry X-MIB - i=xIndex,xKey,xPeer,xPath\n" X "9.1.1 xIndex X-MIB integer\n" X "9.1.2 xKey X-MIB octets\n" X
    "9.1.3 xPeer X-MIB ipaddress\n" X "9.1.4 xPath X-MIB oid\n" X "9.1.5 xValue X-MIB integer\n" X
    "10.1 xMacEntry X-MIB - i=xMacKey\n" X "10.1.1 xMacKey X-MIB octets z=6 h=1x:\n" X
    "10.1.2 xMacValue X-MIB integer\n" X "0.1 xTrap X-MIB notification\n";

static struct stage_fixture f;

static int setup(void **state)
{
    (void)state;
    stage_fixture_init(&f, facts, NULL, NULL);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    stage_fixture_done(&f);
    return 0;
}

static void assert_at(const json_t *json, const char *path, const char *expected)
{
    const char *value = stage_fixture_at(json, path);

    if (!expected != !value || (value && strcmp(value, expected) != 0))
        fail_msg("%s is %s, not %s", path, value ? value : "null", expected ? expected : "null");
}

static json_t *encode(const char *varbind)
{
    char line[16384];

    (void)snprintf(line, sizeof(line), "2c oid=" X "0.1 uptime=1 %s", varbind);
    return stage_fixture_encode(&f, line);
}

static void test_values(void **state)
{
    static const struct {
        const char *varbind, *type, *value, *text;
        bool is_number; /* `number` is there, and is the value */
    } t[] = {
        {"1.3 i -2147483648", "integer", "-2147483648", "-2147483648", true},
        {X "1.0 i 2", "integer", "2", "down", true},
        {X "1.0 i 9", "integer", "9", "9", true},
        {X "2.0 i 215", "integer", "215", "21.5", true},
        {"1.3 u 4294967295", "gauge32", "4294967295", "4294967295", true},
        {"1.3 c 0", "counter32", "0", "0", true},
        {"1.3 C 9007199254740992", "counter64", "9007199254740992", "9007199254740992", true},
        {"1.3 C 9007199254740993", "counter64", "9007199254740993", "9007199254740993", false},
        {"1.3 C 18446744073709551615", "counter64", "18446744073709551615", "18446744073709551615", false},
        {"1.3 U 18446744073709551615", "unsigned64", "18446744073709551615", "18446744073709551615", false},
        {"1.3 I -9007199254740993", "integer64", "-9007199254740993", "-9007199254740993", false},
        {"1.3 I -9223372036854775808", "integer64", "-9223372036854775808", "-9223372036854775808", false},
        {"1.3 I -5", "integer64", "-5", "-5", true},
        {"1.3 t 105030605", "timeticks", "105030605", "12d 03:45:06.05", true},
        {"1.3 a 255.255.255.255", "ipaddress", "255.255.255.255", "255.255.255.255", false},
        {"1.3 o 1.3.6.1", "oid", "1.3.6.1", "1.3.6.1", false},
        {"1.3 o " X "1.7", "oid", X "1.7", "X-MIB::xStatus.7", false},
        {"1.3 o " X "0.1", "oid", X "0.1", "X-MIB::xTrap", false},
        {"1.3 o " X "99.1", "oid", X "99.1", X "99.1", false},
        {"1.3 F 1.5", "float", "1.5", "1.5", true},
        {"1.3 D -2.25", "double", "-2.25", "-2.25", true},
        {"1.3 D nan", "double", "nan", "nan", false},
        {"1.3 D inf", "double", "inf", "inf", false},
        {"1.3 O 9f78043fc00000", "float", "1.5", "1.5", true}, /* wrapped as net-snmp does */
        {"1.3 O 9f7a01fb", "integer64", "-5", "-5", true},
        {"1.3 n 0", "null", NULL, "null", false},
        {"1.3 ?80 \"\"", "noSuchObject", NULL, "noSuchObject", false},
        {"1.3 ?81 \"\"", "noSuchInstance", NULL, "noSuchInstance", false},
        {"1.3 ?82 \"\"", "endOfMibView", NULL, "endOfMibView", false},
        {"1.3 s \"two words\"", "octets", "two words", "two words", false},
        {"1.3 s \"\"", "octets", "", "", false},
        {"1.3 x c3a4c3b6", "octets", "\xc3\xa4\xc3\xb6", "\xc3\xa4\xc3\xb6", false},
        {"1.3 x 610a620d0963", "octets", "a\nb\r\tc", "a\nb\r\tc", false},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
        json_t *event = encode(t[i].varbind);
        json_t *vb = json_array_get(json_object_get(event, "varbinds"), 0);

        assert_at(vb, "type", t[i].type);
        assert_at(vb, "value", t[i].value);
        assert_at(vb, "text", t[i].text);
        assert_true(!t[i].value || json_is_string(json_object_get(vb, "value")));
        assert_int_equal(json_is_number(json_object_get(vb, "number")), t[i].is_number);
        if (t[i].is_number)
            assert_at(vb, "number", t[i].value);
        assert_null(json_object_get(vb, "hex"));
        json_decref(event);
    }
}

/* Octets that are not text: `value` is hex without loss, `text` is readable if possible. */
static void test_octets_that_are_no_text(void **state)
{
    static const struct {
        const char *varbind, *hex, *text;
    } t[] = {
        {"1.3 x 00ff", "00ff", "0x00ff"},
        {"1.3 x 61626300", "61626300", "abc"}, /* ends with NUL, as many devices do */
        {"1.3 x 0000", "0000", "0x0000"},
        {"1.3 x 61006263", "61006263", "0x61006263"},                 /* a NUL inside */
        {"1.3 x 4dfc6e6368656e", "4dfc6e6368656e", "M\xc3\xbcnchen"}, /* Latin-1 */
        {"1.3 x fc", "fc", "0xfc"},
        {"1.3 x 85868788", "85868788", "0x85868788"},
        {"1.3 x 61621b5b6d", "61621b5b6d", "0x61621b5b6d"},
        {"1.3 x 7f616263", "7f616263", "0x7f616263"},
        {"1.3 x eda080", "eda080", "0xeda080"},
        {X "4.0 x 001b2c3d4e5f", "001b2c3d4e5f", "00:1b:2c:3d:4e:5f"},
        {X "5.0 x 8040", "8040", "fan(0), power(9)"},
        {X "5.0 x 4142", "4142", "1, 7, power(9), 14"},
        {X "5.0 x \"\"", "", ""},
        {X "3.0 x ff00", "ff00", "0xff00"}, /* the hint's result is not UTF-8 */
        {"1.3 O 9f7804ff", "9f7804ff", "0x9f7804ff"},
        {"1.3 ?99 0aff", "0aff", "0x0aff"},
        {"1.3 ?06 2b86", "2b86", "0x2b86"}, /* a truncated OID */
    };

    (void)state;
    for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
        json_t *event = encode(t[i].varbind);
        json_t *vb = json_array_get(json_object_get(event, "varbinds"), 0);

        assert_at(vb, "value", t[i].hex);
        assert_at(vb, "hex", t[i].hex);
        assert_at(vb, "text", t[i].text);
        json_decref(event);
    }
}

static void test_hint_on_text(void **state)
{
    json_t *event = encode(X "4.0 s abc " X "3.0 s Gi0/1 " X "6.0 s plain");

    (void)state;
    assert_at(event, "varbinds.0.value", "abc");
    assert_at(event, "varbinds.0.text", "61:62:63");
    assert_at(event, "varbinds.1.text", "Gi0/1");
    assert_at(event, "varbinds.2.text", "plain");
    json_decref(event);
}

static void test_long_values(void **state)
{
    char varbind[9000] = X "6.0 x ";
    json_t *event;

    (void)state;
    for (int i = 0; i < 4000; i++)
        strcat(varbind, "e9"); /* 4000 characters of Latin-1: the text is cut, the value is complete */
    event = encode(varbind);
    assert_int_equal(json_string_length(
                         json_object_get(json_array_get(json_object_get(event, "varbinds"), 0), "value")),
                     8000);
    assert_true(json_string_length(json_object_get(json_array_get(json_object_get(event, "varbinds"), 0), "text")) >
                2000);
    json_decref(event);
}

static void assert_index(const char *varbind, const char *name, const char *expected)
{
    json_t *event = encode(varbind);
    char *index = json_dumps(json_object_get(json_array_get(json_object_get(event, "varbinds"), 0), "index"),
                             JSON_COMPACT);

    assert_at(event, "varbinds.0.name", name);
    assert_string_equal(index, expected);
    free(index);
    json_decref(event);
}

static void test_index(void **state)
{
    (void)state;
    assert_index(X "1.0 i 1", "xStatus", "[]");
    assert_index(X "1.5 i 1", "xStatus", "[\"5\"]");
    assert_index(X "1 i 1", "xStatus", "[]");
    assert_index("1.3.5 i 1", NULL, "[]");
    assert_index(X "9.1.5.7.2.97.98.192.0.2.1.3.1.3.6 i 1", "xValue", "[\"7\",\"ab\",\"192.0.2.1\",\"1.3.6\"]");
    assert_index(X "9.1.5.7.2.0.255.192.0.2.1.0 i 1", "xValue", "[\"7\",\"0x00ff\",\"192.0.2.1\",\"\"]");
    assert_index(X "9.1.5.7.9.97 i 1", "xValue", "[\"7\",\"9\",\"97\"]"); /* doesn't fit */
    assert_index(X "9.1.5 i 1", "xValue", "[]");
    assert_index(X "10.1.2.0.27.44.61.78.95 i 1", "xMacValue", "[\"00:1b:2c:3d:4e:5f\"]");
}

static void test_names(void **state)
{
    json_t *event = stage_fixture_encode(&f, "2c oid=1.3.6.1.4.1.5.0.1 " X "1.0 i 1 1.3.5 i 1");

    (void)state;
    assert_at(event, "trap.oid", "1.3.6.1.4.1.5.0.1");
    assert_at(event, "trap.name", NULL);
    assert_at(event, "trap.mib", NULL);
    assert_at(event, "varbinds.0.mib", "X-MIB");
    assert_at(event, "varbinds.1.name", NULL);
    assert_at(event, "varbinds.1.mib", NULL);
    assert_at(event, "severity", "indeterminate");
    assert_at(event, "itil_priority", NULL);
    assert_at(event, "severity_rule", "default");
    assert_at(event, "alarm.state", NULL);
    assert_at(event, "alarm.key", NULL);
    json_decref(event);
}

static void test_v3(void **state)
{
    json_t *event =
        stage_fixture_encode(&f, "3 inform oid=" X "0.1 user=noc level=authPriv engine=8000000001 request=-7 "
                                 "context_engine=80000000aa context=vrf1 from=[2001:db8::7]:65535 uptime=4294967295");

    (void)state;
    assert_at(event, "snmp.version", "3");
    assert_at(event, "snmp.pdu", "inform");
    assert_at(event, "snmp.security_name", "noc");
    assert_at(event, "snmp.security_level", "authPriv");
    assert_at(event, "snmp.engine_id", "8000000001");
    assert_at(event, "snmp.context_engine_id", "80000000aa");
    assert_at(event, "snmp.context_name", "vrf1");
    assert_at(event, "snmp.request_id", "-7");
    assert_at(event, "snmp.uptime", "4294967295");
    assert_at(event, "source.device", "80000000aa");
    assert_at(event, "source.address", "2001:db8::7");
    assert_at(event, "source.port", "65535");
    assert_at(event, "source.transport", "udp6");
    assert_at(event, "trap.name", "xTrap");
    assert_at(event, "trap.mib", "X-MIB");
    json_decref(event);
    event = stage_fixture_encode(&f, "3 oid=1.3 user=\xff\xfe");
    assert_at(event, "snmp.security_name", "0xfffe"); /* not UTF-8 */
    json_decref(event);
}

static void test_v1_and_absent_members(void **state)
{
    json_t *event = stage_fixture_encode(&f,
                                         "1 enterprise=1.3.9 generic=6 specific=5 agent=192.0.2.9 community=s3cr3t");

    (void)state;
    assert_at(event, "trap.oid", "1.3.9.0.5");
    assert_at(event, "snmp.request_id", NULL);
    assert_at(event, "snmp.uptime", NULL);
    assert_at(event, "snmp.security_name", NULL);
    assert_at(event, "snmp.context_name", NULL);
    assert_at(event, "snmp.engine_id", NULL);
    assert_at(event, "source.agent_address", "192.0.2.9");
    assert_at(event, "source.address_from", "agent");
    assert_at(event, "varbinds.0.oid", "1.3.6.1.6.3.1.1.4.3.0");
    assert_at(event, "varbinds.0.value", "1.3.9");
    json_decref(event);
    event = stage_fixture_encode(&f, "2c oid=1.3 from=none");
    assert_at(event, "source.address", NULL);
    assert_at(event, "source.port", NULL);
    assert_at(event, "source.transport", "other");
    assert_at(event, "source.device", "unknown");
    json_decref(event);
}

static void test_redaction(void **state)
{
    static const char line[] = "2c oid=1.3 community=s3cr3t 1.3.6.1.6.3.18.1.4.0 s s3cr3t";

    (void)state;
    for (int i = 0; i < 2; i++) {
        json_t *event = stage_fixture_encode(&f, line);
        char *text = json_dumps(event, 0);

        assert_int_equal(strstr(text, "s3cr3t") != NULL, i);
        assert_at(event, "varbinds.0.value", i ? "s3cr3t" : NULL);
        assert_at(event, "snmp.security_name", i ? "s3cr3t" : NULL);
        if (!i)
            assert_at(event, "varbinds.0.redacted", "true");
        free(text);
        json_decref(event);
        stage_fixture_done(&f);
        stage_fixture_init(&f, facts, NULL, "kafkaPublishCommunity yes");
    }
}

static void test_dedup_members(void **state)
{
    json_t *event = encode("1.3 i 1");

    (void)state;
    assert_int_equal(strlen(stage_fixture_at(event, "dedup.key")), 32);
    assert_at(event, "dedup.repeats", "0");
    assert_int_equal(strlen(stage_fixture_at(event, "fingerprint")), 32);
    json_decref(event);
    stage_fixture_done(&f);
    stage_fixture_init(&f, facts, NULL, "kafkaDedup off");
    event = encode("1.3 i 1");
    assert_at(event, "dedup.key", NULL);
    json_decref(event);
}

/* One notification at two receivers has one fingerprint. With another value, uptime or device, it has another. */
static void test_fingerprint(void **state)
{
    static const char *const lines[] = {
        "2c oid=1.3 uptime=1 request=5 1.3 i 1",
        "2c oid=1.3 uptime=1 request=6 1.3 i 1",
        "2c oid=1.3 uptime=2 1.3 i 1",
        "2c oid=1.3 uptime=1 1.3 i 2",
        "2c oid=1.3 uptime=1 from=192.0.2.8:1 1.3 i 1",
        "2c oid=1.4 uptime=1 1.3 i 1",
    };
    char prints[6][33];

    (void)state;
    for (int i = 0; i < 6; i++) {
        json_t *event = stage_fixture_encode(&f, lines[i]);

        (void)snprintf(prints[i], sizeof(prints[i]), "%s", stage_fixture_at(event, "fingerprint"));
        json_decref(event);
    }
    assert_string_equal(prints[0], prints[1]);
    for (int i = 2; i < 6; i++)
        assert_string_not_equal(prints[0], prints[i]);
}

static void test_event_id(void **state)
{
    const struct tk_receiver rx = {.queue = "7c9e6679"};
    static const struct {
        uint64_t seq;
        const char *id;
    } t[] = {
        {1, "7c9e6679-1"},
        {999999999, "7c9e6679-999999999"},
        {1000000000, "7c9e6679-1000000000"},
        {184467, "7c9e6679-184467"},
        {UINT64_MAX, "7c9e6679-18446744073709551615"},
        {1000000000000000000u, "7c9e6679-1000000000000000000"},
    };
    char id[TK_EVENT_ID_BYTES];

    (void)state;
    for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
        tk_event_id(id, &rx, t[i].seq);
        assert_string_equal(id, t[i].id);
    }
}

/* The event is valid JSON for any bytes that a sender chooses. */
static void test_random_traps(void **state)
{
    static const char letters[] = "iucCtaosxnFDIUO";

    (void)state;
    srandom(1);
    for (int round = 0; round < 3000; round++) {
        char line[4000] = "2c oid=1.3 uptime=1";
        json_t *event;

        for (long n = random() % 8; n; n--) {
            char letter = letters[(size_t)random() % (sizeof(letters) - 1)], *at = line + strlen(line);

            at += sprintf(at, " " X "%ld.%ld", 1 + random() % 10, random() % 300);
            for (long k = random() % 6; k; k--)
                at += sprintf(at, ".%ld", random() % 300);
            at += sprintf(at, " %c ", letter);
            if (letter == 'x' || letter == 'O') {
                for (long k = 1 + random() % 20; k; k--)
                    at += sprintf(at, "%02lx", random() % 256);
            } else if (letter == 'a') {
                at += sprintf(at, "192.0.2.%ld", random() % 256);
            } else {
                at += sprintf(at, "2.%ld", random());
            }
        }
        event = stage_fixture_encode(&f, line);
        json_decref(event);
    }
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        T(test_values),       T(test_octets_that_are_no_text),
        T(test_hint_on_text), T(test_long_values),
        T(test_index),        T(test_names),
        T(test_v3),           T(test_v1_and_absent_members),
        T(test_redaction),    T(test_dedup_members),
        T(test_fingerprint),  T(test_event_id),
        T(test_random_traps),
    };
#undef T

    return cmocka_run_group_tests(tests, NULL, NULL);
}
