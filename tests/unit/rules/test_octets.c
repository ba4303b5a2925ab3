/* SPDX-License-Identifier: Apache-2.0 */
/* Octets are read alike wherever they stand: as a value, in an index, in an alarm key, by a rule. */
#include "event/varbind_text.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/legible.h"
#include "base/text.h"
#include "rules/rules_load.h"
#include "stage_fixture.h"
#include "trap_text.h"

/* a: type and address are the indexes. b: both are columns. c: both are scalars. d: an address without a type. k: the type
 * is an index from another table, the address a column. l: there are two such types. */
#define X    "1.3.6.1.4.1.99999."
#define TYPE " X-MIB integer t=InetAddressType e=unknown:0,ipv4:1,ipv6:2,ipv4z:3,ipv6z:4,dns:16\n"
#define ADDR " X-MIB octets t=InetAddress\n"
static const char facts[] = X
    "0.1 xTrap X-MIB notification\n" X "1.1 aEntry X-MIB - i=aType,aAddr\n" X "1.1.1 aType" TYPE X "1.1.2 aAddr" ADDR X
    "1.1.3 aState X-MIB integer\n" X "1.1.4 aLocal" ADDR X "2.1 bEntry X-MIB - i=bIndex\n" X
    "2.1.1 bIndex X-MIB integer\n" X "2.1.2 bType" TYPE X "2.1.3 bMask X-MIB integer\n" X "2.1.4 bAddr" ADDR X
    "2.1.5 bOtherType" TYPE X "2.1.6 bOther" ADDR X "3.1 cType" TYPE X "3.2 cAddr" ADDR X "4.1 dAddr" ADDR X
    "5.1 eEntry X-MIB - i=eMac\n" X "5.1.1 eMac X-MIB octets t=MacAddress z=6 h=1x:\n" X
    "5.1.2 eState X-MIB integer\n" X "6.1 fEntry X-MIB - i=fName\n" X
    "6.1.1 fName X-MIB octets t=SnmpAdminString h=255t\n" X "6.1.2 fState X-MIB integer\n" X
    "7.1 gName X-MIB octets t=InetAddressDNS h=255a\n" X "8.1 hEntry X-MIB - i=hLevel,hFlags\n" X
    "8.1.1 hLevel X-MIB integer h=d-1\n" X "8.1.2 hFlags X-MIB bits e=fan:0,power:9\n" X
    "8.1.3 hState X-MIB integer\n" X "9.1 iEntry X-MIB - i=iDate\n" X
    "9.1.1 iDate X-MIB octets t=DateAndTime h=2d-1d-1d,1d:1d:1d.1d,1a1d:1d\n" X "9.1.2 iState X-MIB integer\n" X
    "10.1 jPort X-MIB octets h=1d.1d.1d.1d:2d\n" X "10.2 jList X-MIB octets h=*1x:/1d\n" X
    "10.3 jWords X-MIB octets h=*1t\n" X "11.1 kEntry X-MIB - i=aType,bIndex\n" X "11.1.2 kAddr" ADDR X
    "12.1 lEntry X-MIB - i=aType,bType\n" X "12.1.2 lAddr" ADDR;

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

static void assert_text(const char *what, const char *found, const char *expected)
{
    if (!found || strcmp(found, expected) != 0)
        fail_msg("%s: '%s', not '%s'", what, found ? found : "(none)", expected);
}

/* The key that a rule makes of the event that was encoded last. */
static const char *key_of(const char *template)
{
    static char key[TK_RULES_KEY_MAX + 1];
    char json[512];
    struct tk_err err = {0};
    struct tk_rules *r;

    (void)snprintf(json, sizeof(json),
                   "{\"rules\":[{\"name\":\"r\",\"match\":{\"trap\":\"*\"},\"severity\":\"minor\","
                   "\"state\":\"raise\",\"key\":\"%s\"}]}",
                   template);
    r = tk_rules_parse(json, strlen(json), "rules", f.dict, &err);
    if (!r)
        fail_msg("%s", err.text);
    assert_true(tk_rules_match(r, &f.ev, NULL));
    (void)snprintf(key, sizeof(key), "%.*s", (int)f.ev.alarm_key.len, f.ev.alarm_key.text);
    tk_rules_free(r);
    return key;
}

/* Does a rule with this glob match the event that was encoded last? */
static bool matches(const char *object, const char *glob)
{
    char json[512];
    struct tk_err err = {0};
    struct tk_rules *r;
    bool is_match;

    (void)snprintf(json, sizeof(json),
                   "{\"rules\":[{\"name\":\"r\",\"match\":{\"trap\":\"*\",\"varbinds\":[{\"object\":"
                   "\"%s\",\"matches\":\"%s\"}]},\"severity\":\"minor\"}]}",
                   object, glob);
    r = tk_rules_parse(json, strlen(json), "rules", f.dict, &err);
    if (!r)
        fail_msg("%s", err.text);
    is_match = tk_rules_match(r, &f.ev, NULL);
    tk_rules_free(r);
    return is_match;
}

struct address {
    int64_t type;
    const char *hex;
    const char *text;    /* if the type is known */
    const char *untyped; /* if it is not */
};

#define V6 "20010db8000000000000000000000001"

static const struct address addresses[] = {
    {TK_INET_IPV4, "c0000201", "192.0.2.1", "192.0.2.1"},
    {TK_INET_IPV4, "0a2d4359", "10.45.67.89", "10.45.67.89"},
    {TK_INET_IPV4, "2c542761", "44.84.39.97", "44.84.39.97"}, /* its octets are readable: ,T'a */
    {TK_INET_IPV4, "61626364", "97.98.99.100", "97.98.99.100"},
    {TK_INET_IPV4, "00000000", "0.0.0.0", "0.0.0.0"},
    {TK_INET_IPV6, V6, "2001:db8::1", "2001:db8::1"},
    {TK_INET_IPV6, "686f73742e6578616d706c652e636f6d", "686f:7374:2e65:7861:6d70:6c65:2e63:6f6d", "host.example.com"},
    {TK_INET_IPV6, "00000000000000000000000000000000", "::", "::"},
    {TK_INET_IPV4Z, "c000020100000003", "192.0.2.1%3", "192.0.2.1%3"},
    {TK_INET_IPV4Z, "c0000201ffffffff", "192.0.2.1%4294967295", "192.0.2.1%4294967295"},
    {TK_INET_IPV6Z, "fe80000000000000000000000000000100000003", "fe80::1%3", "fe80::1%3"},
    {TK_INET_DNS, "726f757465722e6578616d706c652e6e6574", "router.example.net", "router.example.net"},
    {TK_INET_DNS, "612e6465", "a.de", "97.46.100.101"},
    {TK_INET_DNS, "736f6d652e6e6574", "some.net", "some.net"},
    {TK_INET_DNS, "6b6f656c6e2d6bc3b6", "koeln-k\xc3\xb6", "koeln-k\xc3\xb6"},
    {TK_INET_UNKNOWN, "", "", ""},
    {TK_INET_UNKNOWN, "c0000201", "0xc0000201", "192.0.2.1"},
    {99, "c0000201", "0xc0000201", "192.0.2.1"},
    {2147483647, "c0000201", "0xc0000201", "192.0.2.1"},
    /* another length than the type has */
    {TK_INET_IPV4, "", "", ""},
    {TK_INET_IPV4, "c00002", "0xc00002", "0xc00002"},
    {TK_INET_IPV4, "c000020101", "0xc000020101", "0xc000020101"},
    {TK_INET_IPV4, "616263", "abc", "abc"},
    {TK_INET_IPV4, V6, "2001:db8::1", "2001:db8::1"},
    {TK_INET_IPV4, "c000020100000003", "192.0.2.1%3", "192.0.2.1%3"},
    {TK_INET_IPV6, "c0000201", "192.0.2.1", "192.0.2.1"},
    {TK_INET_IPV6, V6 "00", "0x" V6 "00", "0x" V6 "00"},
    {TK_INET_IPV4Z, "c0000201", "192.0.2.1", "192.0.2.1"},
    {TK_INET_IPV6Z, V6, "2001:db8::1", "2001:db8::1"},
};

/* Where an address and its type may stand. In OID or VARBINDS, @T is the type, @I the octets as sub-identifiers with their
 * count in front, @X the octets in hex. */
static const struct place {
    const char *what, *varbinds, *path, *key;
    bool is_typed;
} places[] = {
    {"type and address in the index", X "1.1.3.@T.@I i 5", "varbinds.0.index.1", "{aAddr}", true},
    {"the type in the index of the value", X "1.1.4.@T.@I x @X", "varbinds.0.text", "{aLocal}", true},
    {"the type in a varbind before", X "2.1.2.7 i @T " X "2.1.4.7 x @X", "varbinds.1.text", "{bAddr}", true},
    {"the type in a varbind behind", X "2.1.4.7 x @X " X "2.1.2.7 i @T", "varbinds.0.text", "{bAddr}", true},
    {"two types in one row", X "2.1.2.7 i 16 " X "2.1.5.7 i @T " X "2.1.6.7 x @X", "varbinds.2.text", "{bOther}", true},
    {"two rows", X "2.1.2.6 i 16 " X "2.1.2.7 i @T " X "2.1.4.7 x @X", "varbinds.2.text", "{bAddr}", true},
    {"scalars", X "3.1.0 i @T " X "3.2.0 x @X", "varbinds.1.text", "{cAddr}", true},
    {"the type of another row", X "2.1.2.6 i @T " X "2.1.4.7 x @X", "varbinds.1.text", "{bAddr}", false},
    {"a type that is no integer", X "2.1.2.7 s @T " X "2.1.4.7 x @X", "varbinds.1.text", "{bAddr}", false},
    {"the type is absent", X "2.1.4.7 x @X", "varbinds.0.text", "{bAddr}", false},
    {"the only type in the index", X "11.1.2.@T.7 x @X", "varbinds.0.text", "{kAddr}", true},
    {"two types in the index", X "12.1.2.@T.16 x @X", "varbinds.0.text", "{lAddr}", false},
    {"no object for the type", X "4.1.0 x @X", "varbinds.0.text", "{dAddr}", false},
    {"an index that does not fit", X "1.1.4.@T.99.1 x @X", "varbinds.0.text", "{aLocal}", false},
};

static void fill_in(char *dst, const char *text, const struct address *a)
{
    uint8_t octets[64];
    int len = trap_text_hex(a->hex, octets, sizeof(octets));

    assert_true(len >= 0);
    for (; *text; text++) {
        if (*text != '@') {
            *dst++ = *text;
            continue;
        }
        switch (*++text) {
        case 'T': dst += sprintf(dst, "%lld", (long long)a->type); break;
        case 'X': dst += sprintf(dst, "%s", *a->hex ? a->hex : "\"\""); break;
        default:
            dst += sprintf(dst, "%d", len);
            for (int i = 0; i < len; i++)
                dst += sprintf(dst, ".%d", octets[i]);
        }
    }
    *dst = '\0';
}

/* Each InetAddressType in each place: the event and the alarm key have the same text. */
static void test_inet_addresses(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
        for (size_t k = 0; k < sizeof(addresses) / sizeof(addresses[0]); k++) {
            const char *expected = places[i].is_typed ? addresses[k].text : addresses[k].untyped;
            char varbinds[1024], what[256];
            json_t *event;

            fill_in(varbinds, places[i].varbinds, addresses + k);
            (void)snprintf(what, sizeof(what), "%s, type %lld, %s", places[i].what, (long long)addresses[k].type,
                           addresses[k].hex);
            event = encode(varbinds);
            assert_text(what, stage_fixture_at(event, places[i].path), expected);
            assert_text(what, key_of(places[i].key), expected);
            json_decref(event);
        }
    }
}

/* The type may stand TK_INET_NEIGHBOURS varbinds away, and not further: so a notification of addresses only costs no more. */
static void test_distance_of_the_type(void **state)
{
    (void)state;
    for (int distance = TK_INET_NEIGHBOURS - 1; distance < TK_INET_NEIGHBOURS + 2; distance++) {
        for (int is_before = 0; is_before < 2; is_before++) {
            static const char type[] = X "2.1.2.7 i 16 ", address[] = X "2.1.4.7 x 612e6465 ";
            char varbinds[4096] = "", path[64];
            json_t *event;

            strcat(varbinds, is_before ? type : address);
            for (int i = 1; i < distance; i++)
                strcat(varbinds, "1.3 i 1 ");
            strcat(varbinds, is_before ? address : type);
            event = encode(varbinds);
            (void)snprintf(path, sizeof(path), "varbinds.%d.text", is_before ? distance : 0);
            assert_text(path, stage_fixture_at(event, path), distance <= TK_INET_NEIGHBOURS ? "a.de" : "97.46.100.101");
            json_decref(event);
        }
    }
}

/* What has a DISPLAY-HINT, or is nearly text, has the same text as a value and as an index, and in keys of both. */
static void test_value_and_index(void **state)
{
    static const struct {
        const char *value, *index, *key, *text, *in_key;
    } t[] = {
        {X "5.1.1.9 x 2c54275b3e41", X "5.1.2.44.84.39.91.62.65 i 1", "{eMac}", "2c:54:27:5b:3e:41", NULL},
        {X "5.1.1.9 x 0024c49b0f01", X "5.1.2.0.36.196.155.15.1 i 1", "{eMac}", "00:24:c4:9b:0f:01", NULL},
        {X "6.1.1.9 s eth0", X "6.1.2.4.101.116.104.48 i 1", "{fName}", "eth0", NULL},
        {X "6.1.1.9 x 4bfc686c", X "6.1.2.4.75.252.104.108 i 1", "{fName}", "K\xc3\xbchl", NULL},
        {X "6.1.1.9 x 6574683000", X "6.1.2.5.101.116.104.48.0 i 1", "{fName}", "eth0", NULL},
        {X "6.1.1.9 x 00ff", X "6.1.2.2.0.255 i 1", "{fName}", "0x00ff", NULL},
        {X "6.1.1.9 x 1b5b6d", X "6.1.2.3.27.91.109 i 1", "{fName}", "0x1b5b6d", NULL},
        {X "6.1.1.9 x 610a62", X "6.1.2.3.97.10.98 i 1", "{fName}", "a\nb", "0x610a62"},
        {X "9.1.1.9 x 07ea0b16052d1a012b0100", X "9.1.2.11.7.234.11.22.5.45.26.1.43.1.0 i 1", "{iDate}",
         "2026-11-22T05:45:26.1+01:00", NULL},
        {X "9.1.1.9 x 0000000000000000", X "9.1.2.8.0.0.0.0.0.0.0.0 i 1", "{iDate}", "0x0000000000000000", NULL},
        {X "8.1.1.9 i 215", X "8.1.3.215.1.128 i 1", "{hLevel}", "21.5", "215"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
        const char *key = t[i].in_key ? t[i].in_key : t[i].text;
        json_t *event = encode(t[i].value);

        assert_text(t[i].value, stage_fixture_at(event, "varbinds.0.text"), t[i].text);
        assert_text(t[i].value, key_of(t[i].key), key);
        json_decref(event);
        event = encode(t[i].index);
        assert_text(t[i].index, stage_fixture_at(event, "varbinds.0.index.0"), t[i].text);
        assert_text(t[i].index, key_of(t[i].key), key);
        json_decref(event);
    }
}

static void test_bits_and_names(void **state)
{
    json_t *event = encode(X "8.1.3.5.2.128.64 i 1 " X "7.1.0 s host.example.com");

    (void)state;
    assert_text("BITS", stage_fixture_at(event, "varbinds.0.index.1"), "fan(0), power(9)");
    assert_text("BITS in a key", key_of("{hFlags}"), "0x8040"); /* no labels: they depend on the MIB */
    assert_text("InetAddressDNS", stage_fixture_at(event, "varbinds.1.text"), "host.example.com");
    json_decref(event);
}

static void test_rules_match_text(void **state)
{
    json_t *event = encode(X "3.1.0 i 1 " X "3.2.0 x 0a2d4359 " X "5.1.1.9 x 2c54275b3e41 1.3.1 x 53746ff672756e67");

    (void)state;
    assert_true(matches("cAddr", "10.45.*") && !matches("cAddr", "10.46.*"));
    assert_true(matches("eMac", "2c:54:27:*") && matches("eMac", ",T'[>A"));
    assert_true(matches("1.3.1", "Sto\xc3\xb6*") && matches("1.3.1", "Sto*rung") && !matches("1.3.1", "Sto\xc3\xbc*"));
    json_decref(event);
}

/* For octets that a sender may choose: `value`, with or without `hex`, decodes to them exactly, and all text is UTF-8. */
static void test_random_octets(void **state)
{
    static const char *const objects[] = {"1.3.9",     X "3.2.0",   X "4.1.0",  X "5.1.1.1", X "6.1.1.1", X "7.1.0",
                                          X "8.1.2.1", X "9.1.1.1", X "10.1.0", X "10.2.0",  X "10.3.0"};
    unsigned hexed = 0, plain = 0;

    (void)state;
    srandom(9);
    for (int round = 0; round < 200000; round++) {
        size_t len = (size_t)random() % (round % 5000 ? 24 : 4000);
        uint8_t octets[4000], back[4000];
        char line[8200];
        const char *value, *text;
        json_t *event, *vb, *hex;
        int n;

        for (size_t i = 0; i < len; i++)
            octets[i] = random() % 4 ? (uint8_t)("Fan 3 K\xc3\xbchl\xfc.,\r\n"[random() % 17]) : (uint8_t)random();
        n = sprintf(line, "%s x ", objects[(size_t)random() % (sizeof(objects) / sizeof(objects[0]))]);
        if (len)
            line[(size_t)n + tk_format_hex(line + n, octets, len)] = '\0';
        else
            (void)strcat(line, "\"\"");
        event = encode(line);
        vb = json_array_get(json_object_get(event, "varbinds"), 0);
        hex = json_object_get(vb, "hex");
        value = json_string_value(json_object_get(vb, "value"));
        text = json_string_value(json_object_get(vb, "text"));
        if (hex) {
            assert_string_equal(value, json_string_value(hex));
            assert_int_equal(strlen(value), 2 * len);
            assert_true(!len || trap_text_hex(value, back, sizeof(back)) == (int)len);
            assert_memory_equal(back, octets, len);
        } else {
            assert_int_equal(json_string_length(json_object_get(vb, "value")), len);
            assert_memory_equal(value, octets, len);
        }
        assert_true(tk_is_text((const uint8_t *)text, json_string_length(json_object_get(vb, "text"))));
        hexed += hex != NULL;
        plain += hex == NULL;
        json_decref(event);
    }
    assert_true(hexed > 10000 && plain > 10000);
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        T(test_inet_addresses), T(test_distance_of_the_type), T(test_value_and_index),
        T(test_bits_and_names), T(test_rules_match_text),     T(test_random_octets),
    };
#undef T

    return cmocka_run_group_tests(tests, NULL, NULL);
}
