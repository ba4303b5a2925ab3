/* SPDX-License-Identifier: Apache-2.0 */
/* Values in full: `value` without loss, `text` and `units` for people, an index with the names of its parts. What rules
 * show to people by tk_varbind_text() is the `text` of the event. */
#include "event/varbind_text.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/text.h"
#include "stage_fixture.h"

#define X     "1.3.6.1.4.1.99999."
#define PLAIN " X-MIB octets"
static const char facts[] =
    "0.0 zeroDotZero SNMPv2-SMI -\n" X "0.1 xTrap X-MIB notification\n" X
    "1 xStatus X-MIB integer t=OperState e=up:1,down:2 u=states\n" X
    "2 xTemperature X-MIB integer u=degrees%20Celsius h=d-1\n" X "3 xVoltage X-MIB gauge32 u=0.1%20V\n" X
    "4 xOctets X-MIB counter64 u=octets\n" X "5 xPower" PLAIN " u=dBm\n" X
    "6 xAge X-MIB timeticks t=TimeStamp u=hundredths%20of%20a%20second\n" X "7 xDate" PLAIN
    " t=DateAndTime h=2d-1d-1d,1d:1d:1d.1d,1a1d:1d\n" X "8 xPointer X-MIB oid t=RowPointer\n" X
    "9 xTruth X-MIB integer t=TruthValue e=true:1,false:2\n" X "10 xBits X-MIB bits e=fan:0,power:9\n" X "11 xMac" PLAIN
    " t=MacAddress z=6 h=1x:\n" X "12 xPhys" PLAIN " t=PhysAddress\n" X "13 xOpaque X-MIB opaque u=V\n" X
    "14 xHex X-MIB integer u=flags h=x\n" X "15 xText" PLAIN " t=DisplayString h=255a\n" X
    "16 xAddr X-MIB ipaddress\n" X "17 xOther X-MIB integer e=one:1 h=d-2\n" X
    /* a row of every kind of index; one that augments it; one whose index no dictionary knows */
    "20.1 xEntry X-MIB - i=xIndex,xName,xMacKey,xTypeKey,xAddrKey,xPath,xBitsKey,!xTail\n" X
    "20.1.1 xIndex X-MIB integer e=a:1,b:2\n" X "20.1.2 xName" PLAIN " h=255a\n" X "20.1.3 xMacKey" PLAIN
    " t=MacAddress z=6 h=1x:\n" X "20.1.4 xTypeKey X-MIB integer t=InetAddressType\n" X "20.1.5 xAddrKey" PLAIN
    " t=InetAddress\n" X "20.1.6 xPath X-MIB oid\n" X "20.1.7 xBitsKey X-MIB bits e=fan:0\n" X "20.1.8 xTail" PLAIN
    "\n" X "20.1.9 xValue X-MIB integer\n" X "21.1 xMoreEntry X-MIB - a=xEntry\n" X "21.1.1 xMore X-MIB integer\n" X
    "22.1 xOddEntry X-MIB - i=xIndex,ODD-MIB::xOdd\n" X "22.1.1 xOddValue X-MIB integer\n" X
    "23.1 xNetEntry X-MIB - i=xNet,xAge\n" X "23.1.1 xNet X-MIB netaddress\n" X "23.1.2 xNetValue X-MIB integer\n" X
    "24 xVariable X-MIB oid t=VariablePointer\n" X "25 xKind X-MIB oid t=AutonomousType\n" X "26 xKinds X-MIB -\n" X
    "26.1 xKindFan X-MIB -\n"
    /* addresses whose type is a scalar before them, a column before them, a part of the index, of an index elsewhere */
    X "30.1 xPeerType X-MIB integer t=InetAddressType e=unknown:0,ipv4:1,ipv6:2,ipv4z:3,ipv6z:4,dns:16\n" X
    "30.2 xPeer" PLAIN " t=InetAddress\n" X "31.1 xHopEntry X-MIB - i=xIndex\n" X
    "31.1.2 xHopType X-MIB integer t=InetAddressType\n" X "31.1.3 xHop" PLAIN " t=InetAddress\n" X
    "32.1 xNeighbourEntry X-MIB - i=xKeyType,xKey\n" X "32.1.1 xKeyType X-MIB integer t=InetAddressType\n" X
    "32.1.2 xKey" PLAIN " t=InetAddress\n" X "32.1.3 xNeighbour" PLAIN " t=InetAddress\n" X
    "33.1 xGuestEntry X-MIB - i=xKeyType,xKey\n" X "33.1.1 xGuest" PLAIN " t=InetAddress\n" X "34 xOwn" PLAIN
    " t=InetAddressIPv4 z=4 h=1d.1d.1d.1d\n";

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

static json_t *encode(const char *varbinds)
{
    char line[16384];

    (void)snprintf(line, sizeof(line), "2c oid=" X "0.1 uptime=1 %s", varbinds);
    return stage_fixture_encode(&f, line);
}

static void test_values(void **state)
{
    static const struct {
        const char *varbind, *value, *text, *units;
    } t[] = {
        {X "1.0 i 2", "2", "down", "states"},
        {X "1.0 i 7", "7", "7 states", "states"},
        {X "2.0 i -215", "-215", "-21.5 degrees Celsius", "degrees Celsius"},
        {X "2.0 u 215", "215", "21.5 degrees Celsius", "degrees Celsius"},
        {X "2.0 s -21", "-21", "-21 degrees Celsius", "degrees Celsius"},
        {X "2.0 I -5", "-5", "-5 degrees Celsius", "degrees Celsius"},
        {X "3.0 u 2300", "2300", "2300 \xc3\x97 0.1 V", "0.1 V"},
        {X "4.0 C 18446744073709551615", "18446744073709551615", "18446744073709551615 octets", "octets"},
        {X "4.0 c 0", "0", "0 octets", "octets"},
        {X "5.0 s -3.25", "-3.25", "-3.25 dBm", "dBm"},
        {X "5.0 x 2d332e3235200000", "2d332e3235200000", "-3.25 ", "dBm"},
        {X "5.0 x 2d332e323500", "2d332e323500", "-3.25 dBm", "dBm"},
        {X "5.0 s n/a", "n/a", "n/a", "dBm"},
        {X "5.0 s .", ".", ".", "dBm"},
        {X "5.0 s 1.2.3", "1.2.3", "1.2.3", "dBm"},
        {X "5.0 s +3.", "+3.", "+3. dBm", "dBm"},
        {X "5.0 x ff00", "ff00", "0xff00", "dBm"},
        {X "6.0 t 0", "0", "0d 00:00:00.00", "hundredths of a second"},
        {X "6.0 t 9378405", "9378405", "1d 02:03:04.05", "hundredths of a second"},
        {X "6.0 t 4294967295", "4294967295", "497d 02:27:52.95", "hundredths of a second"},
        {X "7.0 x 07ea0b16052d1a012b0100", "07ea0b16052d1a012b0100", "2026-11-22T05:45:26.1+01:00", NULL},
        {X "7.0 x 07ea0b16052d1a01", "07ea0b16052d1a01", "2026-11-22T05:45:26.1", NULL},
        {X "7.0 x 07ea0d16052d1a01", "07ea0d16052d1a01", "0x07ea0d16052d1a01", NULL},
        {X "7.0 x 0000000000000000", "0000000000000000", "0x0000000000000000", NULL},
        {X "7.0 s 2026-11-22", "2026-11-22", "2026-11-22", NULL},
        {X "8.0 o " X "20.1.9.7", X "20.1.9.7", "X-MIB::xValue.7", NULL},
        {X "8.0 o " X "0.1", X "0.1", "X-MIB::xTrap", NULL},
        {X "8.0 o " X "1.0", X "1.0", "X-MIB::xStatus.0", NULL},
        {X "8.0 o 0.0", "0.0", "SNMPv2-SMI::zeroDotZero", NULL},
        {X "8.0 o 1.3.6.1.4.1.5", "1.3.6.1.4.1.5", "1.3.6.1.4.1.5", NULL},
        {"1.3 o " X "1.0", X "1.0", "X-MIB::xStatus.0", NULL},
        {X "24.0 o " X "20.1.9.7", X "20.1.9.7", "X-MIB::xValue.7", NULL},
        {X "24.0 o " X "20.1.9.2.4.101", X "20.1.9.2.4.101", "X-MIB::xValue.2.4.101", NULL},
        {X "24.0 o " X "20.1.9", X "20.1.9", "X-MIB::xValue", NULL},
        {X "25.0 o " X "26.1", X "26.1", "X-MIB::xKindFan", NULL},
        {X "25.0 o " X "26.1.3", X "26.1.3", X "26.1.3", NULL}, /* no object, so it has no instance */
        {X "25.0 o " X "20.1", X "20.1", "X-MIB::xEntry", NULL},
        {X "9.0 i 1", "1", "true", NULL},
        {X "10.0 x 804001", "804001", "fan(0), power(9), 23", NULL},
        {X "10.0 x 00", "00", "", NULL},
        {X "11.0 x 001b2c3d4e5f", "001b2c3d4e5f", "00:1b:2c:3d:4e:5f", NULL},
        {X "12.0 x 001b2c3d4e5f", "001b2c3d4e5f", "00:1b:2c:3d:4e:5f", NULL},
        {X "12.0 x 05", "05", "05", NULL},
        {X "12.0 x \"\"", "", "", NULL},
        {X "13.0 O 9f78043fc00000", "1.5", "1.5 V", "V"},
        {X "13.0 O 9f7a01fb", "-5", "-5 V", "V"},
        {X "13.0 O 0aff", "0aff", "0x0aff", "V"},
        {X "13.0 F nan", "nan", "nan V", "V"},
        {X "14.0 i 255", "255", "ff flags", "flags"},
        {X "15.0 s eth0", "eth0", "eth0", NULL},
        {X "15.0 x 4bfc686c", "4bfc686c", "K\xc3\xbchl", NULL},
        {X "16.0 a 192.0.2.1", "192.0.2.1", "192.0.2.1", NULL},
        {X "17.0 i 1", "1", "one", NULL},
        {X "17.0 i 250", "250", "2.50", NULL},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
        json_t *event = encode(t[i].varbind), *vb = json_array_get(json_object_get(event, "varbinds"), 0);
        const char *value = json_string_value(json_object_get(vb, "value"));
        const char *text = json_string_value(json_object_get(vb, "text"));
        const char *units = json_string_value(json_object_get(vb, "units"));
        char room[TK_VARBIND_TEXT_BYTES];
        struct tk_text shown = tk_varbind_text(room, f.dict, &f.ev, f.ev.varbinds);

        if (!value || strcmp(value, t[i].value) != 0 || !text || strcmp(text, t[i].text) != 0)
            fail_msg("%s: '%s', '%s'; not '%s', '%s'", t[i].varbind, value, text, t[i].value, t[i].text);
        if (!units != !t[i].units || (units && strcmp(units, t[i].units) != 0))
            fail_msg("%s: units %s, not %s", t[i].varbind, units, t[i].units);
        if (shown.len != strlen(text) || memcmp(shown.text, text, shown.len) != 0)
            fail_msg("%s: '%.*s' for rules, not '%s'", t[i].varbind, (int)shown.len, shown.text, text);
        json_decref(event);
    }
}

#define V4    "x c0000207"                         /* 192.0.2.7 */
#define V6    "x 20010db8000000000000000000000001" /* 2001:db8::1 */
#define V4Z   "x c000020700000003"
#define V6Z   "x fe80000000000000000000000000000100000003"
#define NAMED "x 73773132" /* sw12 */
#define PEER  X "30.2.0 "
#define TYPE  X "30.1.0 i "

/* The type that belongs to an address decides how it is read, wherever it is sent. */
static void test_inet_addresses(void **state)
{
    static const struct {
        const char *varbinds; /* the address is the last one, or the one before "| " */
        const char *text;
    } t[] = {
        /* a scalar before or behind it */
        {TYPE "1 " PEER V4, "192.0.2.7"},
        {PEER V4 " | " TYPE "1", "192.0.2.7"},
        {TYPE "2 " PEER V6, "2001:db8::1"},
        {TYPE "3 " PEER V4Z, "192.0.2.7%3"},
        {TYPE "4 " PEER V6Z, "fe80::1%3"},
        {TYPE "16 " PEER NAMED, "sw12"},
        {TYPE "16 " PEER "s pe1.example.net", "pe1.example.net"},
        {TYPE "0 " PEER V4, "0xc0000207"},
        {TYPE "0 " PEER NAMED, "sw12"},
        {TYPE "99 " PEER NAMED, "sw12"},
        {TYPE "2 " PEER V4, "192.0.2.7"}, /* another length: that decides */
        {TYPE "1 " PEER V6, "2001:db8::1"},
        {TYPE "1 " PEER "s switch", "switch"},
        {TYPE "1 " PEER "x \"\"", ""},
        /* no type, or that of something else */
        {PEER V4, "192.0.2.7"},
        {PEER V6Z, "fe80::1%3"},
        {PEER NAMED, "115.119.49.50"},
        {PEER "s switch12", "switch12"},
        {X "30.1.5 i 16 " PEER NAMED, "115.119.49.50"},
        {X "31.1.2.7 i 16 " PEER NAMED, "115.119.49.50"},
        {X "30.1.0 u 16 " PEER NAMED, "115.119.49.50"}, /* no INTEGER */
        {X "34.0 " V4, "192.0.2.7"},
        {X "34.0 s pe1", "112.101.49"}, /* by its hint */
        /* a column of the same row */
        {X "31.1.2.7 i 16 " X "31.1.3.7 " NAMED, "sw12"},
        {X "31.1.3.7 " NAMED " | " X "31.1.2.7 i 16", "sw12"},
        {X "31.1.2.8 i 16 " X "31.1.3.7 " NAMED, "115.119.49.50"},
        {X "31.1.2.8 i 16 " X "31.1.2.7 i 1 " X "31.1.3.7 " NAMED, "115.119.49.50"},
        {X "31.1.2.7 i 16 " X "31.1.2.8 i 1 " X "31.1.3.7 " NAMED, "sw12"},
        /* a part of the index, which counts before what was sent; of a row whose index has the only type */
        {X "32.1.3.16.3.112.101.49 " NAMED, "sw12"},
        {X "32.1.3.1.4.192.0.2.1 " NAMED, "115.119.49.50"},
        {X "32.1.1.16.3.112.101.49 i 1 " X "32.1.3.16.3.112.101.49 " NAMED, "sw12"},
        {X "33.1.1.16.3.112.101.49 " NAMED, "sw12"},
        {X "33.1.1.2.4.192.0.2.1 " NAMED, "115.119.49.50"},
        {X "33.1.1.16 " NAMED, "115.119.49.50"}, /* no such index */
    };

    (void)state;
    for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
        char varbinds[1024];
        const char *behind = strstr(t[i].varbinds, " | "), *text;
        json_t *event, *list;

        (void)snprintf(varbinds, sizeof(varbinds), "%.*s %s", behind ? (int)(behind - t[i].varbinds) : 1000,
                       t[i].varbinds, behind ? behind + 3 : "");
        event = encode(varbinds);
        list = json_object_get(event, "varbinds");
        text = json_string_value(json_object_get(json_array_get(list, behind ? 0 : json_array_size(list) - 1), "text"));
        if (!text || strcmp(text, t[i].text) != 0)
            fail_msg("%s: '%s', not '%s'", t[i].varbinds, text, t[i].text);
        json_decref(event);
    }
}

/* The type is looked for in so many varbinds before the address, and behind it. */
static void test_inet_neighbours(void **state)
{
    (void)state;
    for (int between = TK_INET_NEIGHBOURS - 2; between <= TK_INET_NEIGHBOURS + 1; between++) {
        for (int is_behind = 0; is_behind < 2; is_behind++) {
            char varbinds[1024] = "";
            json_t *event, *list;

            strcat(varbinds, is_behind ? PEER NAMED : TYPE "16");
            for (int i = 0; i < between; i++)
                strcat(varbinds, " 1.3 i 1");
            strcat(strcat(varbinds, " "), is_behind ? TYPE "16" : PEER NAMED);
            event = encode(varbinds);
            list = json_object_get(event, "varbinds");
            assert_string_equal(json_string_value(
                                    json_object_get(json_array_get(list, is_behind ? 0 : (size_t)between + 1), "text")),
                                between < TK_INET_NEIGHBOURS ? "sw12" : "115.119.49.50");
            json_decref(event);
        }
    }
}

#define ROW       "2.4.101.116.104.48.0.27.44.61.78.95.1.4.192.0.2.1.3.1.3.6.1.128.97.98"
#define ROW_INDEX "[\"2\",\"eth0\",\"00:1b:2c:3d:4e:5f\",\"1\",\"192.0.2.1\",\"1.3.6\",\"fan(0)\",\"ab\"]"
#define ROW_NAMES "[\"xIndex\",\"xName\",\"xMacKey\",\"xTypeKey\",\"xAddrKey\",\"xPath\",\"xBitsKey\",\"xTail\"]"

static void test_indexes(void **state)
{
    static const struct {
        const char *oid, *index, *names;
    } t[] = {
        {X "20.1.9." ROW, ROW_INDEX, ROW_NAMES},
        {X "21.1.1." ROW, ROW_INDEX, ROW_NAMES},
        {X "20.1.9.2.4.101", "[\"2\",\"4\",\"101\"]", NULL}, /* does not fit */
        {X "20.1.9", "[]", NULL},
        {X "22.1.1.7.8", "[\"7\",\"8\"]", NULL}, /* no dictionary knows one of the indexes */
        {X "23.1.2.1.192.0.2.9.500", "[\"192.0.2.9\",\"500\"]", "[\"xNet\",\"xAge\"]"},
        {X "1.0", "[]", NULL},
        {X "1.5", "[\"5\"]", NULL}, /* a scalar has no INDEX */
        {X "1", "[]", NULL},        /* a scalar without its .0 */
        {"1.3.9.7", "[]", NULL},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
        char varbind[512];
        json_t *event, *vb, *list;
        char *index, *names;

        (void)snprintf(varbind, sizeof(varbind), "%s i 1", t[i].oid);
        event = encode(varbind);
        vb = json_array_get(json_object_get(event, "varbinds"), 0);
        list = json_object_get(vb, "index_names");
        index = json_dumps(json_object_get(vb, "index"), JSON_COMPACT);
        names = list ? json_dumps(list, JSON_COMPACT) : NULL;
        if (strcmp(index, t[i].index) != 0 || !names != !t[i].names || (names && strcmp(names, t[i].names) != 0))
            fail_msg("%s: %s, %s", t[i].oid, index, names ? names : "no names");
        free(index);
        free(names);
        json_decref(event);
    }
}

/* A varbind is written alike whatever stands before it: rows of which a part is repeated, up to many varbinds. */
static void test_neighbours(void **state)
{
    static const char *const varbinds[] = {
        X "20.1.9." ROW " i 1",
        X "20.1.1." ROW " i 2",
        X "21.1.1." ROW " i 3",
        X "20.1.9.7.8 i 4",
        X "20.1.1.7.8 i 5",
        X "1.0 i 2",
        X "2.0 i 2",
        X "4.7 C 2",
        X "6.7 t 2",
        X "20.1.9 i 6",
        X "20.1.1 i 7",
        X "23.1.2.1.10.0.0.1.5 i 8",
        "1.3.9.7 i 9",
        "1.3.9 i 10",
        X "8 o " X "1.0",
    };
    enum { COUNT = sizeof(varbinds) / sizeof(varbinds[0]) };
    json_t *alone[COUNT];

    (void)state;
    for (size_t i = 0; i < COUNT; i++) {
        json_t *event = encode(varbinds[i]);

        alone[i] = json_incref(json_array_get(json_object_get(event, "varbinds"), 0));
        json_decref(event);
    }
    srandom(3);
    for (int round = 0; round < 300; round++) {
        static char line[16384];
        size_t chosen[150], count = 1 + (size_t)random() % (round % 10 ? 8 : 150);
        json_t *event, *list;

        line[0] = '\0';
        for (size_t i = 0; i < count; i++) {
            chosen[i] = (size_t)random() % COUNT;
            strcat(strcat(line, varbinds[chosen[i]]), " ");
        }
        event = encode(line);
        list = json_object_get(event, "varbinds");
        assert_int_equal(json_array_size(list), count);
        for (size_t i = 0; i < count; i++)
            if (!json_equal(json_array_get(list, i), alone[chosen[i]]))
                fail_msg("%s, behind %s", varbinds[chosen[i]], i ? varbinds[chosen[i - 1]] : "nothing");
        json_decref(event);
    }
    for (size_t i = 0; i < COUNT; i++)
        json_decref(alone[i]);
}

/* The event has all of a long value; a rule's text is cut. */
static void test_long_hex(void **state)
{
    static char varbind[9000] = X "15.0 x ";
    char room[TK_VARBIND_TEXT_BYTES];
    struct tk_text shown;
    json_t *event, *vb;

    (void)state;
    for (int i = 0; i < 2000; i++)
        strcat(varbind, "00ff");
    event = encode(varbind);
    vb = json_array_get(json_object_get(event, "varbinds"), 0);
    assert_int_equal(json_string_length(json_object_get(vb, "hex")), 8000);
    assert_int_equal(json_string_length(json_object_get(vb, "text")), 8002);
    shown = tk_varbind_text(room, f.dict, &f.ev, f.ev.varbinds);
    assert_true(shown.len > 2000 && shown.len <= sizeof(room));
    assert_memory_equal(shown.text, "0x00ff00ff", 10);
    assert_memory_equal(shown.text + shown.len - TK_CUT_MARK_BYTES, TK_CUT_MARK, TK_CUT_MARK_BYTES);
    json_decref(event);
}

static void test_a_secret_has_no_text(void **state)
{
    json_t *event = encode("1.3.6.1.6.3.18.1.4.0 s s3cr3t");
    char room[TK_VARBIND_TEXT_BYTES];

    (void)state;
    assert_int_equal(tk_varbind_text(room, f.dict, &f.ev, f.ev.varbinds).len, 0);
    json_decref(event);
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] =
        {T(test_values),     T(test_inet_addresses), T(test_inet_neighbours),     T(test_indexes),
         T(test_neighbours), T(test_long_hex),       T(test_a_secret_has_no_text)};
#undef T

    return cmocka_run_group_tests(tests, NULL, NULL);
}
