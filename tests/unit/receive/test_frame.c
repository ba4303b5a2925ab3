/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <pcap/dlt.h>

#include "receive/frame.h"

#define PAYLOAD "payload"
#define UDP     0xc3, 0x8f, 0x00, 0xa2, 0x00, 0x0f, 0, 0, 'p', 'a', 'y', 'l', 'o', 'a', 'd'
#define IPV4    0x45, 0, 0, 35, 0, 1, 0, 0, 64, 17, 0, 0, 192, 0, 2, 7, 198, 51, 100, 1
#define IPV6(len, next) \
    0x60, 0, 0, 0, 0, len, next, 64, 0x20, 1, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 7, 0x20, 1, 0x0d, 0xb8, 0, \
        0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1
#define MACS   2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2
#define COOKED 0, 0, 0, 1, 0, 6, 2, 2, 2, 2, 2, 2, 0, 0

struct frame {
    const char *name;
    int link, family;
    size_t len;
    const uint8_t *bytes;
};
#define FRAME(name, link, family, ...) \
    { \
        name, link, family, sizeof((const uint8_t[]){__VA_ARGS__}), (const uint8_t[]) \
        { \
            __VA_ARGS__ \
        } \
    }

static const struct frame whole[] = {
    FRAME("ethernet", DLT_EN10MB, 4, MACS, 8, 0, IPV4, UDP),
    FRAME("padded", DLT_EN10MB, 4, MACS, 8, 0, IPV4, UDP, 0, 0, 0, 0, 0),
    FRAME("vlan", DLT_EN10MB, 4, MACS, 0x81, 0, 0, 100, 8, 0, IPV4, UDP),
    FRAME("qinq", DLT_EN10MB, 6, MACS, 0x88, 0xa8, 0, 1, 0x81, 0, 0, 100, 0x86, 0xdd, IPV6(15, 17), UDP),
    FRAME("cooked", DLT_LINUX_SLL, 4, COOKED, 8, 0, IPV4, UDP),
    FRAME("cooked, vlan", DLT_LINUX_SLL, 4, COOKED, 0x81, 0, 0, 100, 8, 0, IPV4, UDP),
    FRAME("cooked 2", DLT_LINUX_SLL2, 4, 8, 0, 0, 0, 0, 0, 0, 2, 0, 1, 0, 6, 2, 2, 2, 2, 2, 2, 0, 0, IPV4, UDP),
    FRAME("cooked 2, vlan", DLT_LINUX_SLL2, 6, 0x81, 0, 0, 0, 0, 0, 0, 2, 0, 1, 0, 6, 2, 2, 2, 2, 2, 2, 0, 0, 0, 100,
          0x86, 0xdd, IPV6(15, 17), UDP),
    FRAME("raw", DLT_RAW, 4, IPV4, UDP),
    FRAME("raw 6", DLT_RAW, 6, IPV6(15, 17), UDP),
    FRAME("ipv6 alone", DLT_IPV6, 6, IPV6(15, 17), UDP),
    FRAME("null", DLT_NULL, 4, 2, 0, 0, 0, IPV4, UDP),
    FRAME("loop", DLT_LOOP, 6, 0, 0, 0, 30, IPV6(15, 17), UDP),
    FRAME("no total length", DLT_RAW, 4, 0x45, 0, 0, 0, 0, 1, 0, 0, 64, 17, 0, 0, 192, 0, 2, 7, 198, 51, 100, 1, UDP),
    FRAME("options", DLT_RAW, 4, 0x46, 0, 0, 39, 0, 1, 0x40, 0, 64, 17, 0, 0, 192, 0, 2, 7, 198, 51, 100, 1, 1, 1, 1, 1,
          UDP),
    FRAME("extensions", DLT_RAW, 6, IPV6(39, 0), 51, 0, 0, 0, 0, 0, 0, 0, 60, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 17, 0, 0,
          0, 0, 0, 0, 0, UDP),
    FRAME("fragment of one", DLT_RAW, 6, IPV6(23, 44), 17, 0, 0, 0, 0, 0, 0, 9, UDP),
};

static void check_datagram(const struct frame *f, const struct tk_datagram *d)
{
    static const uint8_t v4[] = {192, 0, 2, 7}, v6[16] = {0x20, 1, 0x0d, 0xb8, [15] = 7};

    assert_int_equal(d->source.family, f->family);
    assert_int_equal(d->source.transport, f->family == 4 ? TK_UDP : TK_UDP6);
    assert_int_equal(d->source.port, 50063);
    assert_int_equal(d->target.port, 162);
    assert_memory_equal(d->source.address, f->family == 4 ? v4 : v6, f->family == 4 ? 4 : 16);
    assert_int_equal(d->target.address[f->family == 4 ? 0 : 15], f->family == 4 ? 198 : 1);
    assert_int_equal(d->len, strlen(PAYLOAD));
    assert_memory_equal(d->payload, PAYLOAD, d->len);
}

static void test_whole(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(whole) / sizeof(whole[0]); i++) {
        struct tk_datagram d;

        if (tk_frame_read(&d, whole[i].link, whole[i].bytes, whole[i].len) != TK_FRAME_DATAGRAM)
            fail_msg("%s", whole[i].name);
        check_datagram(&whole[i], &d);
    }
}

/* A frame cut at any length gives no datagram, and nothing is read beyond its end (a sanitizer would report it). */
static void test_cut(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(whole) / sizeof(whole[0]); i++) {
        size_t padding = strcmp(whole[i].name, "padded") == 0 ? 5 : 0;

        for (size_t len = 0; len < whole[i].len - padding; len++) {
            uint8_t *bytes = malloc(len ? len : 1);
            struct tk_datagram d;
            enum tk_frame ret;

            assert_non_null(bytes);
            memcpy(bytes, whole[i].bytes, len);
            ret = tk_frame_read(&d, whole[i].link, bytes, len);
            if (ret != TK_FRAME_CUT && ret != TK_FRAME_OTHER)
                fail_msg("%s: %zu of %zu bytes: %d", whole[i].name, len, whole[i].len, ret);
            if (len + 7 >= whole[i].len - padding) /* the headers are complete */
                assert_int_equal(ret, TK_FRAME_CUT);
            free(bytes);
        }
    }
}

static const struct frame fragments[] = {
    FRAME("first", DLT_RAW, 4, 0x45, 0, 0, 35, 0, 1, 0x20, 0, 64, 17, 0, 0, 192, 0, 2, 7, 198, 51, 100, 1, UDP),
    FRAME("later", DLT_RAW, 4, 0x45, 0, 0, 35, 0, 1, 0, 9, 64, 17, 0, 0, 192, 0, 2, 7, 198, 51, 100, 1, UDP),
    FRAME("first 6", DLT_RAW, 6, IPV6(23, 44), 17, 0, 0, 1, 0, 0, 0, 9, UDP),
    FRAME("later 6", DLT_RAW, 6, IPV6(23, 44), 17, 0, 0, 8, 0, 0, 0, 9, UDP),
};

static void test_fragments(void **state)
{
    struct tk_datagram d;

    (void)state;
    for (size_t i = 0; i < sizeof(fragments) / sizeof(fragments[0]); i++)
        assert_int_equal(tk_frame_read(&d, fragments[i].link, fragments[i].bytes, fragments[i].len), TK_FRAME_FRAGMENT);
}

static const struct frame others[] = {
    FRAME("arp", DLT_EN10MB, 0, MACS, 8, 6, IPV4, UDP),
    FRAME("endless tags", DLT_EN10MB, 0, MACS, 0x81, 0, 0, 1, 0x81, 0, 0, 1, 0x81, 0, 0, 1, 0x81, 0, 0, 1, 0x81, 0, 0,
          1, 0x81, 0, 0, 1, 0x81, 0, 0, 1, 0x81, 0, 0, 1, 0x81, 0, 0, 1, 8, 0, IPV4, UDP),
    FRAME("version 5", DLT_RAW, 0, 0x55, 0, 0, 35, 0, 1, 0, 0, 64, 17, 0, 0, 192, 0, 2, 7, 198, 51, 100, 1, UDP),
    FRAME("header too short", DLT_RAW, 0, 0x44, 0, 0, 35, 0, 1, 0, 0, 64, 17, 0, 0, 192, 0, 2, 7, 198, 51, 100, 1, UDP),
    FRAME("tcp", DLT_RAW, 0, 0x45, 0, 0, 35, 0, 1, 0, 0, 64, 6, 0, 0, 192, 0, 2, 7, 198, 51, 100, 1, UDP),
    FRAME("tcp 6", DLT_RAW, 0, IPV6(15, 6), UDP),
    FRAME("udp length 7", DLT_RAW, 0, IPV4, 0xc3, 0x8f, 0, 0xa2, 0, 7, 0, 0, 1, 2, 3, 4, 5, 6, 7),
    FRAME("total below header", DLT_RAW, 0, 0x45, 0, 0, 19, 0, 1, 0, 0, 64, 17, 0, 0, 192, 0, 2, 7, 198, 51, 100, 1,
          UDP),
};

static void test_others(void **state)
{
    struct tk_datagram d;

    (void)state;
    for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
        if (tk_frame_read(&d, others[i].link, others[i].bytes, others[i].len) != TK_FRAME_OTHER)
            fail_msg("%s", others[i].name);
    assert_int_equal(tk_frame_read(&d, DLT_USER0, whole[0].bytes, whole[0].len), TK_FRAME_LINK);
}

/* Frames with flipped bits: a datagram must be inside the frame. */
static void test_any_bytes(void **state)
{
    uint32_t random = 1;

    (void)state;
    for (unsigned round = 0; round < 20000; round++) {
        const struct frame *f = &whole[round % (sizeof(whole) / sizeof(whole[0]))];
        uint8_t *bytes = malloc(f->len);
        struct tk_datagram d;

        assert_non_null(bytes);
        memcpy(bytes, f->bytes, f->len);
        for (unsigned i = 0; i < 4; i++) {
            random = random * 1664525 + 1013904223;
            bytes[(random >> 8) % f->len] ^= (uint8_t)(1 << (random >> 29));
        }
        if (tk_frame_read(&d, f->link, bytes, f->len) == TK_FRAME_DATAGRAM)
            assert_true(d.payload >= bytes && d.payload + d.len <= bytes + f->len);
        free(bytes);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_whole),  cmocka_unit_test(test_cut),       cmocka_unit_test(test_fragments),
        cmocka_unit_test(test_others), cmocka_unit_test(test_any_bytes),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
