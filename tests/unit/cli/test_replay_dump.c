/* SPDX-License-Identifier: Apache-2.0 */
/* Logs of snmptrapd -d: what is a packet in them, from whom, and when; and that no log can do harm. */
#include "cli/replay/replay_dump.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "temp_file.h"

#define LEN(array) (sizeof(array) / sizeof((array)[0]))
#define OCTETS_20 \
    "0000: 00 01 02 03  04 05 06 07  08 09 0A 0B  0C 0D 0E 0F    ................\n0016: 10 11 12 13    ....\n"
#define HEAD "Received 20 byte packet from "

static const char logged[] = "NET-SNMP version 5.9.3\n\n" HEAD "UDP: [192.0.2.7]:43660->[192.0.2.1]:162\n" OCTETS_20
                             "\n2026-11-27 05:15:19 host [UDP: [192.0.2.7]:43660]:\nsome text\n\n" HEAD
                             "UDP/IPv6: [2001:db8::7]:52145\n" OCTETS_20 "\n2026-11-27 05:15:21 host:\n" HEAD
                             "TCP: [192.0.2.8]:1->[192.0.2.1]:162\n" OCTETS_20 HEAD "callback: 1\n" OCTETS_20;

static struct tk_dump *open_text(const char *text, size_t len, struct tk_err *err)
{
    FILE *f = fopen(path, "we");

    assert_non_null(f);
    assert_int_equal(fwrite(text, 1, len, f), len);
    assert_int_equal(fclose(f), 0);
    return tk_dump_open(path, err);
}

static void test_a_log(void **state)
{
    static const struct {
        enum tk_transport transport;
        uint8_t family, first;
        uint16_t port;
        tk_nsec seconds; /* behind the first one */
    } t[] = {
        {TK_UDP, 4, 192, 43660, 0},
        {TK_UDP6, 6, 0x20, 52145, 2},
        {TK_TCP, 4, 192, 1, 2}, /* nothing was logged behind it */
        {TK_OTHER_TRANSPORT, 0, 0, 0, 2},
    };
    struct tk_err err = {0};
    struct tk_dump *d = open_text(logged, sizeof(logged) - 1, &err);
    struct tk_datagram m;
    tk_nsec first = 0, wall;

    (void)state;
    assert_non_null(d);
    for (size_t i = 0; i < LEN(t); i++) {
        assert_int_equal(tk_dump_next(d, &m, &wall), 1);
        first = i ? first : wall;
        assert_int_equal(m.len, 20);
        for (uint8_t n = 0; n < 20; n++)
            assert_int_equal(m.payload[n], n);
        assert_int_equal(m.source.transport, t[i].transport);
        assert_int_equal(m.source.family, t[i].family);
        assert_int_equal(m.source.address[0], t[i].first);
        assert_int_equal(m.source.port, t[i].port);
        assert_int_equal((wall - first) / TK_SECOND, t[i].seconds);
    }
    assert_int_equal(tk_dump_next(d, &m, &wall), 0);
    tk_dump_free(d);
}

static void test_what_is_none(void **state)
{
    static const char *const t[] = {
        "",
        "\n",
        "no log",
        HEAD "UDP: [192.0.2.7]:1\n",
        HEAD "UDP: [192.0.2.7]:1\n0000: 00 01 02 03\n",
        "Received 0 byte packet from UDP: [192.0.2.7]:1\n" OCTETS_20,
        "Received 65536 byte packet from UDP: [192.0.2.7]:1\n" OCTETS_20,
        "Received -1 byte packet from UDP: [192.0.2.7]:1\n" OCTETS_20,
        "Received 20 byte packet from",
        "Received 20 words\n" OCTETS_20,
    };

    (void)state;
    for (size_t i = 0; i < LEN(t); i++) {
        struct tk_err err = {0};

        assert_null(open_text(t[i], strlen(t[i]), &err));
        assert_non_null(strstr(err.text, "there is no packet in it; name a capture"));
    }
}

/* A packet that was cut costs itself, not the one behind it. */
static void test_a_cut_packet(void **state)
{
    static const char text[] = HEAD "UDP: [192.0.2.7]:1\n0000: 00 01 02 03\n" HEAD "UDP: [192.0.2.9]:2\n" OCTETS_20;
    struct tk_err err = {0};
    struct tk_dump *d = open_text(text, sizeof(text) - 1, &err);
    struct tk_datagram m;
    tk_nsec wall;

    (void)state;
    assert_int_equal(tk_dump_next(d, &m, &wall), 1);
    assert_int_equal(m.source.port, 2);
    assert_int_equal(tk_dump_next(d, &m, &wall), 0);
    tk_dump_free(d);
}

/* Bytes are exchanged, and the end is cut off: the reader comes to an end, and stays inside its bounds. */
static void test_any_bytes(void **state)
{
    unsigned seed = 1;

    (void)state;
    for (unsigned round = 0; round < 3000; round++) {
        char text[sizeof(logged)];
        size_t len = sizeof(logged) - 1 - (size_t)rand_r(&seed) % 200;
        struct tk_err err = {0};
        struct tk_dump *d;
        struct tk_datagram m;
        tk_nsec wall;
        unsigned n = 0;

        memcpy(text, logged, sizeof(logged));
        for (int i = rand_r(&seed) % 8; i >= 0; i--)
            text[(size_t)rand_r(&seed) % len] = (char)rand_r(&seed);
        d = open_text(text, len, &err);
        while (d && tk_dump_next(d, &m, &wall) == 1) {
            assert_true(m.len > 0 && m.len <= 65535);
            assert_true(++n <= 4);
        }
        tk_dump_free(d);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_log),
        cmocka_unit_test(test_what_is_none),
        cmocka_unit_test(test_a_cut_packet),
        cmocka_unit_test(test_any_bytes),
    };

    return cmocka_run_group_tests(tests, make_file, remove_file);
}
