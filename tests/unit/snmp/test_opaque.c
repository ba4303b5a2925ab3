/* SPDX-License-Identifier: Apache-2.0 */
#include "snmp/opaque.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "trap_text.h"

static bool unwrap(const char *hex, struct tk_varbind *vb, uint8_t *room)
{
    static uint8_t bytes[64];
    int len = trap_text_hex(hex, bytes, sizeof(bytes));

    assert_true(len >= 0);
    *vb = (struct tk_varbind){.type = TK_OPAQUE, .value = bytes, .value_len = (size_t)len};
    return tk_opaque_unwrap(vb, room);
}

/* The same bytes as net-snmp's library writes. */
static void test_numbers(void **state)
{
    static const struct {
        const char *hex;
        uint8_t type;
        double real;
        uint64_t whole;
    } t[] = {
        {"9f78043fc00000", TK_FLOAT, 1.5, 0},
        {"9f7804c2f6e666", TK_FLOAT, (double)-123.45f, 0},
        {"9f7908c002000000000000", TK_DOUBLE, -2.25, 0},
        {"9f760105", TK_COUNTER64, 0, 5},
        {"9f760900ffffffffffffffff", TK_COUNTER64, 0, UINT64_MAX},
        {"9f7b0200ff", TK_UNSIGNED64, 0, 255},
        {"9f7b08ffffffffffffffff", TK_UNSIGNED64, 0, UINT64_MAX},
        {"9f7a01fb", TK_INTEGER64, 0, (uint64_t)-5},
        {"9f7a088000000000000000", TK_INTEGER64, 0, (uint64_t)INT64_MIN},
        {"9f7a0200ff", TK_INTEGER64, 0, 255},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
        uint8_t room[TK_OPAQUE_ROOM];
        struct tk_varbind vb;
        float f;
        double d = 0;

        if (!unwrap(t[i].hex, &vb, room) || vb.type != t[i].type || vb.value != room)
            fail_msg("%s", t[i].hex);
        assert_int_equal(vb.value_len, t[i].type == TK_FLOAT ? 4 : 8);
        if (t[i].type == TK_FLOAT) {
            memcpy(&f, vb.value, sizeof(f));
            d = (double)f;
        } else if (t[i].type == TK_DOUBLE) {
            memcpy(&d, vb.value, sizeof(d));
        } else {
            assert_true(tk_varbind_u64(&vb) == t[i].whole);
        }
        assert_memory_equal(&d, &t[i].real, sizeof(d));
    }
}

static void test_others_stay(void **state)
{
    static const char *const hex[] = {
        "",
        "9f",
        "9f78",
        "9f7804",
        "9f78043fc000",
        "9f78043fc0000000",
        "9f78083fc00000",
        "9f780100",
        "9f7904c0020000",
        "9f7600",
        "9f760901ffffffffffffffff",
        "9f7a0900ffffffffffffffff",
        "9f760a0000ffffffffffffffff",
        "9f750105",
        "30030201ff",
        "04024142",
        "9f7704aabbccdd",
    };

    (void)state;
    for (size_t i = 0; i < sizeof(hex) / sizeof(hex[0]); i++) {
        uint8_t room[TK_OPAQUE_ROOM];
        struct tk_varbind vb;

        if (unwrap(hex[i], &vb, room))
            fail_msg("%s is taken for a number", hex[i]);
        assert_int_equal(vb.type, TK_OPAQUE);
        assert_int_equal(vb.value_len, strlen(hex[i]) / 2);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_numbers), cmocka_unit_test(test_others_stay)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
