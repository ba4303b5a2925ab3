/* SPDX-License-Identifier: Apache-2.0 */
#include "snmp/engine_id.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define BYTES(literal) literal, sizeof(literal) - 1

static const struct {
    const char *bytes;
    size_t len;
    uint32_t enterprise;
    const char *vendor, *format, *text;
} cases[] = {
    {BYTES("\x80\x00\x00\x09\x01\xc0\x00\x02\x07"), 9, "Cisco", "ipv4", "192.0.2.7"},
    {BYTES("\x80\x00\x0a\x4c\x02\x20\x01\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\x07"), 2636, "Juniper", "ipv6", "2001:db8::7"},
    {BYTES("\x80\x00\x00\x09\x03\x00\xaa\xbb\xcc\x00\x01\x02"), 9, "Cisco", "mac", "aa:bb:cc:00:01:02"},
    {BYTES("\x80\x00\x07\xdb\x03\x00\x1b\x21\xa0\xff\x02"), 2011, "Huawei", "mac", "00:1b:21:a0:ff:02"},
    {BYTES("\x80\x00\x19\x7f\x04pe1.fra"), 6527, "Nokia", "text", "pe1.fra"},
    {BYTES("\x80\x00\x19\x7f\x04pe1.fra\0\0"), 6527, "Nokia", "text", "pe1.fra"},
    {BYTES("\x80\x00\x19\x7f\x04gr\xc3\xb6n"), 6527, "Nokia", "octets", "6772c3b66e"},
    {BYTES("\x80\x00\x19\x7f\x04\0\0"), 6527, "Nokia", "octets", "0000"},
    {BYTES("\x80\x00\x4f\xb8\x05\x01\xfe"), 20408, "pysnmp", "octets", "01fe"},
    {BYTES("\x80\x00\x1f\x88\x80\x77\xdf\x8a\x4f\x5e\x0c\x0d\x58\0\0\0\0"), 8072, "net-snmp", "net-snmp",
     "77df8a4f5e0c0d5800000000"},
    {BYTES("\x80\x00\x1f\x88\x80\x77\xdf\x8a\x4f\x5e\x0c\x0d\x58"), 8072, "net-snmp", "net-snmp", "77df8a4f5e0c0d58"},
    {BYTES("\x80\x00\x1f\x88\x80\x77"), 8072, "net-snmp", "enterprise", "77"},
    {BYTES("\x80\x00\x1f\x88\x81\x77\xdf\x8a\x4f\x5e\x0c\x0d\x58"), 8072, "net-snmp", "enterprise", "77df8a4f5e0c0d58"},
    {BYTES("\x80\x00\x00\x09\x80\x77\xdf\x8a\x4f\x5e\x0c\x0d\x58"), 9, "Cisco", "enterprise", "77df8a4f5e0c0d58"},
    {BYTES("\x00\x00\x00\x09\x00\x01\x02\x03\x04\x05\x06\x07"), 9, "Cisco", "fixed", "0001020304050607"},
    {BYTES("\x00\x00\x00\x09\x00\x01\x02\x03\x04\x05\x06"), 9, "Cisco", "octets", "00010203040506"},
    {BYTES("\x80\x00\x00\x09\x01\xc0\x00\x02"), 9, "Cisco", "octets", "c00002"},
    {BYTES("\x80\x00\x00\x09\x02\xc0\x00\x02\x07"), 9, "Cisco", "octets", "c0000207"},
    {BYTES("\x80\x00\x00\x09\x03\xc0\x00\x02\x07\x01"), 9, "Cisco", "octets", "c000020701"},
    {BYTES("\x80\x00\x00\x09\x01"), 9, "Cisco", "octets", ""},
    {BYTES("\x80\x00\x00\x09\x06\x01"), 9, "Cisco", "octets", "01"},
    {BYTES("\x80\x00\x00\x09\x7f\x01"), 9, "Cisco", "octets", "01"},
    {BYTES("\x80\x00\x00\x09\xff\x01"), 9, "Cisco", "enterprise", "01"},
    {BYTES("\x80\x00\x00\x09"), 9, "Cisco", "octets", ""},
    {BYTES("\xff\xff\xff\xff\x04x"), 0x7fffffff, NULL, "text", "x"},
    {BYTES("\x80\x00\xb8\x5c\x04x"), 47196, "HPE", "text", "x"}, /* the table's last */
    {BYTES("\x80\x00\x00\x02\x04x"), 2, "IBM", "text", "x"},     /* and its first */
    {BYTES("\x80\x00\x00"), 0, NULL, "octets", "800000"},
    {BYTES(""), 0, NULL, "octets", ""},
};

static void test_forms(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct tk_engine_id id;

        tk_engine_id_read(&id, (const uint8_t *)cases[i].bytes, cases[i].len);
        if (id.enterprise != cases[i].enterprise || strcmp(id.format, cases[i].format) != 0 ||
            strcmp(id.text, cases[i].text) != 0 || (id.vendor == NULL) != (cases[i].vendor == NULL) ||
            (id.vendor && strcmp(id.vendor, cases[i].vendor) != 0))
            fail_msg("case %zu: %u %s %s '%s'", i, id.enterprise, id.vendor ? id.vendor : "-", id.format, id.text);
    }
}

/* Random bytes of any length give terminated ASCII, and nothing behind them is read. */
static void test_any_bytes(void **state)
{
    uint32_t random = 1;

    (void)state;
    for (unsigned round = 0; round < 100000; round++) {
        size_t len = round % 33;
        uint8_t *bytes = malloc(len ? len : 1);
        struct tk_engine_id id;

        assert_non_null(bytes);
        for (size_t i = 0; i < len; i++) {
            random = random * 1664525u + 1013904223u;
            bytes[i] = (uint8_t)(random >> 24);
        }
        if (len > 4 && round & 1)
            bytes[4] = (uint8_t)(round / 33 % 8);
        memset(&id, 0xff, sizeof(id));
        tk_engine_id_read(&id, bytes, len);
        assert_non_null(id.format);
        assert_true(memchr(id.text, '\0', sizeof(id.text)) != NULL);
        for (const char *c = id.text; *c; c++)
            assert_true(*c >= 0x20 && *c <= 0x7e);
        free(bytes);
    }
}

static void test_longest(void **state)
{
    uint8_t bytes[32];
    struct tk_engine_id id;

    (void)state;
    memset(bytes, 0xff, sizeof(bytes));
    tk_engine_id_read(&id, bytes, sizeof(bytes));
    assert_int_equal(strlen(id.text), 2 * 27);
    bytes[0] = 0;
    tk_engine_id_read(&id, bytes, sizeof(bytes));
    assert_int_equal(strlen(id.text), 2 * 28);
    bytes[0] = 0x80;
    bytes[4] = 4;
    memset(bytes + 5, 'x', 27);
    tk_engine_id_read(&id, bytes, sizeof(bytes));
    assert_int_equal(strlen(id.text), 27);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_forms),
        cmocka_unit_test(test_any_bytes),
        cmocka_unit_test(test_longest),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
