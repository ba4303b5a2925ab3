/* SPDX-License-Identifier: Apache-2.0 */
#include "snmp/framing.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define HISTORIES 20000

/* net-snmp's asn_check_packet() (5.9.3): octets of the message that begins here, 0: not known yet, -1: none. Where net-snmp
 * would wait for more than TK_FRAMING_MOST, or take a length modulo 2^32, it is none here. */
static long reference(const uint8_t *at, size_t n)
{
    uint64_t len = 0;

    if (n < 2)
        return 0;
    if (at[0] != 0x30 || at[1] == 0x80 || at[1] > 0x88)
        return -1;
    if (at[1] < 0x80)
        return 2 + at[1];
    if (n < 2U + (at[1] & 0x7f))
        return 0;
    for (unsigned i = 0; i < (at[1] & 0x7fU); i++)
        len = len << 8 | at[2 + i];
    if (len > TK_FRAMING_MOST - 2U - (at[1] & 0x7f))
        return -1;
    return 2 + (at[1] & 0x7f) + (long)len;
}

struct history {
    uint8_t octets[600];
    size_t len;
};

static size_t below(size_t n)
{
    return n ? (size_t)rand() % n : 0;
}

/* Messages with lengths in each form, and now and then garbage. */
static void make(struct history *h)
{
    h->len = 0;
    while (h->len < 400) {
        size_t content = below(40), octets = below(4) ? 0 : 1 + below(8), at = h->len;

        h->octets[at++] = below(30) ? 0x30 : (uint8_t)rand();
        h->octets[at++] = octets ? (uint8_t)(0x80 | octets) : below(50) ? (uint8_t)content : (uint8_t)rand();
        for (size_t i = 0; i < octets; i++)
            h->octets[at++] = i + 1 < octets && below(60) ? 0 : (uint8_t)content;
        for (size_t i = 0; i < content; i++)
            h->octets[at++] = (uint8_t)rand();
        h->len = at;
    }
}

/* Each read ends one message or none, and the messages are those of net-snmp, however the octets come in. */
static void test_histories(void **state)
{
    struct history h;

    (void)state;
    srand(20261126);
    for (unsigned n = 0; n < HISTORIES; n++) {
        struct tk_framing f = {0};
        size_t at = 0, begin = 0, arrived = 0;

        make(&h);
        while (at < h.len) {
            size_t room;

            arrived = arrived > at ? arrived : at + 1 + below(h.len - at);
            room = tk_framing_room(&f, h.octets + at, arrived - at);
            if (room == 0) { /* decided by all that is known of the head */
                size_t known = f.have + (arrived - at);

                known = known < TK_FRAMING_HEAD ? known : TK_FRAMING_HEAD;
                assert_int_equal(reference(h.octets + begin, known), -1);
                break;
            }
            room = room < arrived - at ? room : arrived - at;
            room = 1 + below(room); /* a read may be shorter than what was asked for */
            at += room;
            if (tk_framing_take(&f, room)) {
                assert_int_equal(reference(h.octets + begin, h.len - begin), at - begin);
                assert_int_equal(f.have + f.total, 0);
                begin = at;
            } else {
                assert_int_equal(f.have, at - begin);
                assert_true(reference(h.octets + begin, at - begin) != (long)(at - begin));
            }
        }
    }
}

static void test_heads(void **state)
{
    static const struct {
        const char *octets;
        size_t n, room;
    } rows[] = {
        {"\x30\x00", 2, 2},
        {"\x30\x05", 2, 7},
        {"\x30\x7f", 2, 129},
        {"\x30\x81\x80", 3, 131},
        {"\x30\x82\x01", 3, 3}, /* the rest of the length is missing */
        {"\x30\x82\x01\x00", 4, 260},
        {"\x30", 1, 1},
        {"G", 1, 1}, /* net-snmp decides with two octets */
        {"GET / HTTP", 10, 0},
        {"\x30\x80\x02\x01\x01", 5, 0}, /* indefinite */
        {"\x30\x88\x00\x00\x00\x00\x00\x00\x00\x05", 10, 15},
        {"\x30\x89\x00\x00\x00\x00\x00\x00\x00\x00", 10, 0},
        {"\x30\x84\x00\x04\x0f\xfa", 6, TK_FRAMING_MOST},
        {"\x30\x84\x00\x04\x0f\xfb", 6, 0},
        {"\x30\x83\x04\x0f\xfb", 5, TK_FRAMING_MOST},
        {"\x30\x84\x7f\xff\xff\xf9", 6, 0},
        {"\x30\x88\xff\xff\xff\xff\xff\xff\xff\xff", 10, 0},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct tk_framing f = {0};

        assert_int_equal(tk_framing_room(&f, (const uint8_t *)rows[i].octets, rows[i].n), rows[i].room);
    }
}

static void test_count(void **state)
{
    static const struct {
        const char *octets;
        size_t n;
        unsigned count;
    } rows[] = {
        {"", 0, 0},
        {"GET / HTTP/1.1\r\n\r\n", 18, 0},
        {"\x30\x03\x02\x01\x01", 5, 1},
        {"\x30\x03\x02\x01\x02", 5, 0}, /* no version of SNMP's */
        {"xx\x30\x03\x02\x01\x00y\x30\x05\x02\x01\x03zz", 15, 2},
        {"\x30\x08\x02\x01\x01\x30\x03\x02\x01\x01", 10, 1}, /* one inside the other */
        {"\x30\x7f\x02\x01\x01\x30\x03\x02\x01\x01", 10, 1}, /* not complete */
        {"\x30\x81\x03\x02\x01\x01\x30\x81\x03\x02\x01", 11, 1},
        {"\x30\x02\x02\x01\x01", 5, 0},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct tk_framing_search whole = {0};

        assert_int_equal(tk_framing_search(&whole, (const uint8_t *)rows[i].octets, rows[i].n, true), rows[i].n);
        assert_int_equal(whole.count, rows[i].count);
    }
}

/* However the octets come in, as many messages are found as in all of them at once. */
static void test_count_in_parts(void **state)
{
    struct history h;

    (void)state;
    srand(20261127);
    for (unsigned n = 0; n < HISTORIES; n++) {
        struct tk_framing_search whole = {0}, parts = {0};
        size_t at = 0, arrived = 0;

        make(&h);
        for (size_t i = 0; i + 5 < h.len; i++) /* messages of SNMP, with a version */
            if (h.octets[i] == 0x30 && h.octets[i + 1] < 0x80)
                memcpy(h.octets + i + 2, "\x02\x01\x01", 3);
        (void)tk_framing_search(&whole, h.octets, h.len, true);
        while (arrived < h.len) {
            arrived += 1 + below(h.len - arrived);
            at += tk_framing_search(&parts, h.octets + at, arrived - at, false);
            assert_true(arrived - at < TK_FRAMING_SEARCH);
        }
        assert_int_equal(tk_framing_search(&parts, h.octets + at, h.len - at, true), h.len - at);
        assert_int_equal(parts.count, whole.count);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_heads),
        cmocka_unit_test(test_histories),
        cmocka_unit_test(test_count),
        cmocka_unit_test(test_count_in_parts),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
