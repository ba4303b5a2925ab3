/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "receive/message.h"
#include "snmp/trap.h"

/* A v3 message with these flags, boots and time (one octet each), an engine ID of 5 octets, user "noc", a PDU with
 * this tag. */
#define V3(flags, boots, time, tag) \
    0x30, 54, 2, 1, 3, 0x30, 15, 2, 2, 0x12, 0x34, 2, 3, 0, 0xff, 0xff, 4, 1, flags, 2, 1, 3, 4, 24, 0x30, 22, 4, 5, \
        0x80, 0, 0, 9, 1, 2, 1, boots, 2, 1, time, 4, 3, 'n', 'o', 'c', 4, 0, 4, 0, 0x30, 6, 4, 0, 4, 0, tag, 0

static bool read_bytes(struct tk_snmp_message *m, const uint8_t *bytes, size_t len)
{
    return tk_snmp_message_read(m, bytes, len);
}
#define READ(m, ...) read_bytes(m, (const uint8_t[]){__VA_ARGS__}, sizeof((const uint8_t[]){__VA_ARGS__}))

static void test_v3(void **state)
{
    struct tk_snmp_message m;

    (void)state;
    assert_true(READ(&m, V3(0, 7, 9, 0xa7)));
    assert_int_equal(m.version, TK_SNMP_V3);
    assert_true(m.has_header && m.has_params && !m.asks_for_answer);
    assert_int_equal(m.security_level, TK_NO_AUTH_NO_PRIV);
    assert_int_equal(m.pdu, TK_PDU_TAG_TRAP);
    assert_int_equal(m.params.engine_len, 5);
    assert_int_equal(m.params.boots, 7);
    assert_int_equal(m.params.time, 9);
    assert_memory_equal(m.params.user, "noc", 3);
    assert_true(READ(&m, V3(5, 7, 9, 0xa6)));
    assert_true(m.asks_for_answer && m.security_level == TK_AUTH_NO_PRIV && m.pdu == TK_PDU_TAG_INFORM);
    assert_true(READ(&m, V3(3, 7, 9, 0xa7)));
    assert_true(m.security_level == TK_AUTH_PRIV && !m.pdu); /* encrypted: the tag is not read */
}

static void test_probes(void **state)
{
    struct tk_snmp_message m;

    (void)state;
    assert_true(READ(&m, V3(5, 7, 9, 0xa6)) && !tk_snmp_message_is_probe(&m));
    assert_true(READ(&m, V3(5, 0, 0, 0xa6)) && tk_snmp_message_is_probe(&m)); /* asks for our time */
    assert_true(READ(&m, V3(4, 0, 0, 0xa6)) &&
                !tk_snmp_message_is_probe(&m)); /* without authentication there is no time */
    assert_true(READ(&m, V3(1, 0, 0, 0xa7)) && !tk_snmp_message_is_probe(&m));
    assert_true(READ(&m, 0x30, 45, 2, 1, 3, 0x30, 14, 2, 1, 1, 2, 3, 0, 0xff, 0xff, 4, 1, 4, 2, 1, 3, 4, 16, 0x30, 14,
                     4, 0, 2, 1, 0, 2, 1, 0, 4, 0, 4, 0, 4, 0, 0x30, 6, 4, 0, 4, 0, 0xa0, 0));
    assert_true(tk_snmp_message_is_probe(&m)); /* asks for our engine ID */
    assert_int_equal(m.pdu, 0xa0);
}

static void test_others(void **state)
{
    struct tk_snmp_message m;

    (void)state;
    assert_true(READ(&m, 0x30, 10, 2, 1, 1, 4, 1, 'x', 0xa7, 2, 5, 0));
    assert_true(m.version == TK_SNMP_V2C && m.pdu == TK_PDU_TAG_TRAP);
    assert_true(READ(&m, 0x30, 10, 2, 1, 0, 4, 1, 'x', 0xa4, 2, 5, 0));
    assert_true(m.version == TK_SNMP_V1 && m.pdu == TK_PDU_TAG_TRAP_V1);
    assert_true(READ(&m, 0x30, 0x81, 3, 2, 1, 1));
    assert_true(m.version == TK_SNMP_V2C && !m.pdu);
    assert_true(READ(&m, 0x30, 3, 2, 1, 3));
    assert_true(m.version == TK_SNMP_V3 && !m.has_header && !m.has_params);
    assert_false(READ(&m, 0x30, 3, 2, 1, 2)); /* no such version */
    assert_false(READ(&m, 0x30, 4, 2, 1, 1)); /* not whole */
    assert_false(READ(&m, 0x30, 0x85, 0, 0, 0, 0, 3, 2, 1, 1));
    assert_false(READ(&m, 0x30, 0x80, 2, 1, 1));
    assert_false(READ(&m, 'G', 'E', 'T', ' ', '/'));
    assert_false(tk_snmp_message_read(&m, (const uint8_t *)"", 0));
}

/* Messages cut and changed, each in a buffer of exactly its length, so that a sanitizer reports any read beyond
 * it. */
static void test_any_bytes(void **state)
{
    static const uint8_t good[] = {V3(5, 7, 9, 0xa6)};
    uint32_t random = 1;

    (void)state;
    for (unsigned round = 0; round < 20000; round++) {
        size_t len = round % (sizeof(good) + 1);
        uint8_t *bytes = malloc(len ? len : 1);
        struct tk_snmp_message m;

        assert_non_null(bytes);
        memcpy(bytes, good, len);
        for (unsigned i = 0; i < 3 && len; i++) {
            random = random * 1664525 + 1013904223;
            bytes[(random >> 8) % len] = (uint8_t)(random >> 24);
        }
        if (tk_snmp_message_read(&m, bytes, len) && m.has_params)
            assert_true(!m.params.engine_len || m.params.engine + m.params.engine_len <= bytes + len);
        free(bytes);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_v3),
        cmocka_unit_test(test_probes),
        cmocka_unit_test(test_others),
        cmocka_unit_test(test_any_bytes),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
