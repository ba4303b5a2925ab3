/* SPDX-License-Identifier: Apache-2.0 */
#include "snmp/trap.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "snmp/oid.h"
#include "trap_text.h"

static const char everything[] =
    "3 inform from=[2001:db8::7]:1234 user=noc level=authPriv engine=8000000001020304 context_engine=80000000aa "
    "context=vrf1 request=77 uptime=5 oid=1.3.6.1.6.3.1.1.5.3 "
    "1.3.1 i -5 1.3.2 u 4294967295 1.3.3 c 7 1.3.4 C 18446744073709551615 1.3.5 t 9 1.3.6 a 192.0.2.1 "
    "1.3.7 o 1.3.6.1 1.3.8 s \"two words\" 1.3.9 x 00ff 1.3.10 n 0 1.3.11 F 1.5 1.3.12 D -2.5 1.3.13 I -9 "
    "1.3.14 U 9 1.3.15 O 9f7804 1.3.16 ?81 \"\" 1.3.17 ?45 0102";

static size_t write_text(const char *line, uint8_t *bytes)
{
    char err[TRAP_TEXT_ERR];
    size_t len = trap_text_write(line, bytes, err);

    if (!len)
        fail_msg("%s", err);
    return len;
}

static void test_round_trip(void **state)
{
    static uint8_t bytes[TK_TRAP_MAX_BYTES];
    size_t len = write_text(everything, bytes), n = 0;
    static const uint8_t types[] = {
        TK_INTEGER, TK_GAUGE32,          TK_COUNTER32, TK_COUNTER64, TK_TIMETICKS, TK_IPADDRESS, TK_OID,
        TK_OCTETS,  TK_OCTETS,           TK_NULL,      TK_FLOAT,     TK_DOUBLE,    TK_INTEGER64, TK_UNSIGNED64,
        TK_OPAQUE,  TK_NO_SUCH_INSTANCE, 0x45,
    };
    struct tk_varbind vb[sizeof(types)];
    const uint8_t *at;
    struct tk_trap t;

    (void)state;
    assert_int_equal(tk_trap_read(&t, bytes, len), 0);
    assert_int_equal(tk_trap_head_bytes(&t.head) + t.head.varbinds_len, len);
    assert_int_equal(t.head.version, TK_SNMP_V3);
    assert_int_equal(t.head.pdu, TK_PDU_INFORM);
    assert_int_equal(t.head.family, 6);
    assert_int_equal(t.head.port, 1234);
    assert_memory_equal(t.security_name, "noc", 3);
    assert_memory_equal(t.context_name, "vrf1", 4);
    assert_memory_equal(t.engine_id, "\x80\0\0\0\1\2\3\4", t.head.engine_id_len);
    assert_memory_equal(t.context_engine_id, "\x80\0\0\0\xaa", t.head.context_engine_id_len);
    assert_int_equal(t.head.oid_len, 9);
    assert_int_equal(t.head.varbind_count, sizeof(types));
    for (at = t.varbinds; n < sizeof(types); n++) {
        at = tk_trap_next(at, &vb[n]);
        assert_int_equal(vb[n].type, types[n]);
        assert_int_equal(vb[n].oid_len, 2);
        assert_int_equal(vb[n].oid[1], n + 1);
    }
    assert_ptr_equal(at, bytes + len);
    assert_true(tk_varbind_i64(&vb[0]) == -5);
    assert_true(tk_varbind_u64(&vb[1]) == UINT32_MAX);
    assert_true(tk_varbind_u64(&vb[3]) == UINT64_MAX);
    assert_true(tk_varbind_i64(&vb[12]) == -9);
    assert_int_equal(vb[7].value_len, 9);
}

/* Walk an accepted trap as the stages do. The buffer has the exact size, so that ASan reports a read outside. */
static void try_to_read(const uint8_t *bytes, size_t len)
{
    uint8_t *exact = malloc(len ? len : 1);
    struct tk_trap t;

    assert_non_null(exact);
    memcpy(exact, bytes, len);
    if (tk_trap_read(&t, exact, len) == 0) {
        const uint8_t *at = t.varbinds;
        unsigned sum = 0;

        for (unsigned i = 0; i < t.head.varbind_count; i++) {
            struct tk_varbind vb;

            at = tk_trap_next(at, &vb);
            for (size_t k = 0; k < vb.oid_len; k++)
                sum += vb.oid[k];
            for (size_t k = 0; k < vb.value_len; k++)
                sum += vb.value[k];
            if (vb.type == TK_INTEGER)
                sum += (unsigned)tk_varbind_i64(&vb);
            assert_true(vb.type != TK_IPADDRESS || vb.value_len == 4);
        }
        for (unsigned i = 0; i < t.head.security_name_len; i++)
            sum += (unsigned char)t.security_name[i];
        for (unsigned i = 0; i < t.head.oid_len; i++)
            sum += t.oid[i];
        assert_true(at == exact + len && sum < UINT32_MAX);
    }
    free(exact);
}

static void test_every_truncation(void **state)
{
    static uint8_t bytes[TK_TRAP_MAX_BYTES];
    size_t len = write_text(everything, bytes);

    (void)state;
    for (size_t n = 0; n < len; n++) {
        struct tk_trap t;
        uint8_t *exact = malloc(n ? n : 1);

        memcpy(exact, bytes, n);
        assert_int_equal(tk_trap_read(&t, exact, n), -EBADMSG);
        free(exact);
    }
    assert_int_equal(len < sizeof(bytes), 1);
    try_to_read(bytes, len + 1); /* a byte too many */
}

static void test_every_byte_changed(void **state)
{
    static uint8_t bytes[TK_TRAP_MAX_BYTES];
    size_t len = write_text(everything, bytes);

    (void)state;
    for (size_t i = 0; i < len; i++)
        for (int value = 0; value < 256; value++) {
            uint8_t before = bytes[i];

            bytes[i] = (uint8_t)value;
            try_to_read(bytes, len);
            bytes[i] = before;
        }
}

static void test_random_damage(void **state)
{
    static uint8_t bytes[TK_TRAP_MAX_BYTES], damaged[TK_TRAP_MAX_BYTES];
    size_t len = write_text(everything, bytes);

    (void)state;
    srandom(1);
    for (int round = 0; round < 50000; round++) {
        memcpy(damaged, bytes, len);
        for (long n = 1 + random() % 6; n; n--)
            damaged[(size_t)random() % len] = (uint8_t)(random() % 2 ? random() : random() % 4);
        try_to_read(damaged, len);
    }
}

static void test_refused_heads(void **state)
{
    static const struct {
        size_t at;
        uint8_t value;
    } t[] = {
        {offsetof(struct tk_trap_head, format), 0},  {offsetof(struct tk_trap_head, format), 2},
        {offsetof(struct tk_trap_head, version), 0}, {offsetof(struct tk_trap_head, version), 4},
        {offsetof(struct tk_trap_head, pdu), 0},     {offsetof(struct tk_trap_head, pdu), 4},
        {offsetof(struct tk_trap_head, family), 5},
    };
    static uint8_t bytes[TK_TRAP_MAX_BYTES];
    struct tk_trap trap;

    (void)state;
    for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
        size_t len = write_text("2c oid=1.3", bytes);

        bytes[t[i].at] = t[i].value;
        assert_int_equal(tk_trap_read(&trap, bytes, len), -EBADMSG);
    }
}

/* A value whose size is wrong for its type is refused, so that no stage reads it. */
static void test_wrong_sizes(void **state)
{
    static const struct {
        uint8_t type;
        size_t good; /* SIZE_MAX: any */
    } t[] = {
        {TK_INTEGER, 8},       {TK_COUNTER64, 8},     {TK_TIMETICKS, 8}, {TK_DOUBLE, 8},
        {TK_FLOAT, 4},         {TK_IPADDRESS, 4},     {TK_NULL, 0},      {TK_END_OF_MIB_VIEW, 0},
        {TK_OCTETS, SIZE_MAX}, {TK_OPAQUE, SIZE_MAX}, {0x99, SIZE_MAX},
    };
    static const uint32_t oid[] = {1, 3};
    static const uint8_t value[16];

    (void)state;
    for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++)
        for (size_t n = 0; n <= sizeof(value); n++) {
            struct tk_trap_head head = {.format = TK_TRAP_FORMAT,
                                        .version = TK_SNMP_V2C,
                                        .pdu = TK_PDU_TRAP,
                                        .varbind_count = 1};
            struct tk_trap_parts parts = {0};
            struct tk_trap_writer w;
            struct tk_trap trap;
            uint8_t bytes[200];

            assert_int_equal(tk_trap_begin(&w, bytes, sizeof(bytes), &head, &parts), 0);
            assert_int_equal(tk_trap_varbind(&w, t[i].type, oid, 2, value, n), 0);
            assert_int_equal(tk_trap_read(&trap, bytes, tk_trap_end(&w)),
                             n == t[i].good || t[i].good == SIZE_MAX ? 0 : -EBADMSG);
        }
}

static void test_writer_stays_in_its_room(void **state)
{
    struct tk_trap_head head = {.format = TK_TRAP_FORMAT,
                                .version = TK_SNMP_V2C,
                                .pdu = TK_PDU_TRAP,
                                .security_name_len = 6,
                                .oid_len = 2,
                                .varbind_count = 1};
    struct tk_trap_parts parts = {.security_name = "public", .oid = (const uint8_t *)"\x2b\x06"};
    static const uint32_t oid[] = {1, 3, 6}, wrong[] = {1, 99};
    const size_t need = sizeof(head) + 8 + sizeof(struct tk_varbind_head) + 2 + 3;
    struct tk_trap_writer w;

    (void)state;
    for (size_t room = 0; room <= need; room++) {
        uint8_t *dst = malloc(room ? room : 1);

        assert_int_equal(tk_trap_begin(&w, dst, room, &head, &parts), room < sizeof(head) + 8 ? -ENOSPC : 0);
        if (room >= sizeof(head) + 8) {
            assert_int_equal(tk_trap_varbind(&w, TK_OCTETS, oid, 3, "abc", 3), room < need ? -ENOSPC : 0);
            assert_int_equal(tk_trap_varbind(&w, TK_OCTETS, oid, 3, "abc", SIZE_MAX - 1), -ENOSPC);
            assert_int_equal(tk_trap_end(&w), room < need ? sizeof(head) + 8 : need);
        }
        free(dst);
    }
    {
        uint8_t dst[200];

        assert_int_equal(tk_trap_begin(&w, dst, sizeof(dst), &head, &parts), 0);
        assert_int_equal(tk_trap_varbind(&w, TK_OCTETS, wrong, 2, "abc", 3), -EINVAL);
        assert_int_equal(tk_trap_end(&w), sizeof(head) + 8); /* the refused varbind left nothing */
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_round_trip),
        cmocka_unit_test(test_every_truncation),
        cmocka_unit_test(test_every_byte_changed),
        cmocka_unit_test(test_random_damage),
        cmocka_unit_test(test_refused_heads),
        cmocka_unit_test(test_wrong_sizes),
        cmocka_unit_test(test_writer_stays_in_its_room),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
