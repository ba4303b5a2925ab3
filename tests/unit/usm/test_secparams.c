/* SPDX-License-Identifier: Apache-2.0 */
#include "usm/secparams.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* The security parameters that a test builds. */
struct ber {
    uint8_t at[600];
    size_t len;
};

static void put(struct ber *b, const void *bytes, size_t len)
{
    assert_true(b->len + len <= sizeof(b->at));
    if (len)
        memcpy(b->at + b->len, bytes, len);
    b->len += len;
}

/* Append an element. @param octets  of the long form of the length; 0: as few as possible */
static void put_element(struct ber *b, uint8_t tag, const void *value, size_t len, unsigned octets)
{
    uint8_t head[2] = {tag, (uint8_t)len};

    if (len > 127 && octets == 0)
        octets = len > 255 ? 2 : 1;
    if (octets)
        head[1] = (uint8_t)(0x80 | octets);
    put(b, head, 2);
    while (octets--) {
        uint8_t octet = octets >= sizeof(size_t) ? 0 : (uint8_t)(len >> 8 * octets);

        put(b, &octet, 1);
    }
    put(b, value, len);
}

struct sample {
    const void *engine, *user, *digest, *salt, *boots, *time;
    size_t engine_len, user_len, digest_len, salt_len, boots_len, time_len;
    unsigned octets; /* for put_element(), of each length */
    size_t trailing; /* bytes after the fields, after the sequence, and after the octet string */
};

static const uint8_t engine[] = {0x80, 0, 0, 9, 3, 0, 0x1b, 0x21, 0xa0, 0xff, 2};
static const uint8_t many[64] = "0123456789abcdefghijklmnopqrstuvwxyz0123456789abcdefghijklmnopq";
static const uint8_t zeros[16];

static struct sample plain(void)
{
    return (struct sample){.engine = engine,
                           .engine_len = sizeof(engine),
                           .user = "noc",
                           .user_len = 3,
                           .digest = many,
                           .digest_len = 24,
                           .salt = many,
                           .salt_len = 8,
                           .boots = "\x07",
                           .boots_len = 1,
                           .time = "\x01\x00\x02",
                           .time_len = 3};
}

static struct ber build(const struct sample *s)
{
    struct ber fields = {.len = 0}, sequence = {.len = 0}, all = {.len = 0};

    put_element(&fields, 0x04, s->engine, s->engine_len, s->octets);
    put_element(&fields, 0x02, s->boots, s->boots_len, s->octets);
    put_element(&fields, 0x02, s->time, s->time_len, s->octets);
    put_element(&fields, 0x04, s->user, s->user_len, s->octets);
    put_element(&fields, 0x04, s->digest, s->digest_len, s->octets);
    put_element(&fields, 0x04, s->salt, s->salt_len, s->octets);
    put(&fields, zeros, s->trailing);
    put_element(&sequence, 0x30, fields.at, fields.len, s->octets);
    put(&sequence, zeros, s->trailing);
    put_element(&all, 0x04, sequence.at, sequence.len, s->octets);
    put(&all, zeros, s->trailing);
    return all;
}

/* Read from a buffer of exactly this length, so that a sanitizer reports any read beyond it. */
static int read_exactly(struct tk_secparams *p, const uint8_t *at, size_t len)
{
    uint8_t *copy = malloc(len ? len : 1);
    struct tk_secparams of_copy;
    int rc;

    assert_non_null(copy);
    memcpy(copy, at, len);
    rc = tk_secparams_read(&of_copy, copy, len);
    if (rc == 0) {
        *p = of_copy;
        p->engine = at + (of_copy.engine - copy);
        p->user = at + (of_copy.user - copy);
        p->digest = at + (of_copy.digest - copy);
        p->salt = at + (of_copy.salt - copy);
    }
    free(copy);
    return rc;
}

static int read_sample(const struct sample *s)
{
    struct ber b = build(s);
    struct tk_secparams p;

    return read_exactly(&p, b.at, b.len);
}

static void check(const struct sample *s, uint32_t boots, uint32_t time)
{
    struct ber b = build(s);
    struct tk_secparams p;

    assert_int_equal(read_exactly(&p, b.at, b.len), 0);
    assert_int_equal(p.engine_len, s->engine_len);
    assert_memory_equal(p.engine, s->engine, s->engine_len);
    assert_int_equal(p.user_len, s->user_len);
    assert_memory_equal(p.user, s->user, s->user_len);
    assert_int_equal(p.digest_len, s->digest_len);
    assert_memory_equal(p.digest, s->digest, s->digest_len);
    assert_int_equal(p.salt_len, s->salt_len);
    assert_memory_equal(p.salt, s->salt, s->salt_len);
    assert_int_equal(p.boots, boots);
    assert_int_equal(p.time, time);
}

static void test_forms(void **state)
{
    struct sample s = plain();

    (void)state;
    check(&s, 7, 65538);
    for (s.octets = 1; s.octets <= 8; s.octets++) /* net-snmp accepts up to 8 */
        check(&s, 7, 65538);
    s.octets = 9;
    assert_int_equal(read_sample(&s), -EBADMSG);
    s.octets = 0;
    s.trailing = 5; /* net-snmp ignores trailing bytes */
    check(&s, 7, 65538);
    s = (struct sample){.engine = "",
                        .user = "",
                        .digest = "",
                        .salt = "",
                        .boots = zeros,
                        .boots_len = 1,
                        .time = zeros,
                        .time_len = 1};
    check(&s, 0, 0); /* discovery by an INFORM's sender */
}

static void test_bounds(void **state)
{
    struct sample s = plain();

    (void)state;
    s.engine = s.user = s.digest = s.salt = many;
    s.engine_len = s.user_len = 32;
    s.digest_len = 48;
    s.salt_len = 16;
    check(&s, 7, 65538);
    s.engine_len++;
    assert_int_equal(read_sample(&s), -EBADMSG);
    s.engine_len = 0;
    s.user_len++;
    assert_int_equal(read_sample(&s), -EBADMSG);
    s.user_len = 0;
    s.digest_len++;
    assert_int_equal(read_sample(&s), -EBADMSG);
    s.digest_len = 0;
    s.salt_len++;
    assert_int_equal(read_sample(&s), -EBADMSG);
    s.salt_len = 0;
    check(&s, 7, 65538);
}

static void test_user_with_nul(void **state)
{
    struct sample s = plain();

    (void)state;
    s.user = "\0ab";
    assert_int_equal(read_sample(&s), -EBADMSG);
    s.user = "ab\0";
    assert_int_equal(read_sample(&s), -EBADMSG);
    s.user = "a\xff\n";
    check(&s, 7, 65538);
}

static void test_numbers(void **state)
{
    static const struct {
        const char *bytes;
        size_t len;
        bool is_good;
        uint32_t value;
    } t[] = {
        {"\x00", 1, true, 0},
        {"\x7f", 1, true, 127},
        {"\xff", 1, false, 0},
        {"", 0, false, 0},
        {"\x00\x80", 2, true, 128},
        {"\x80\x00", 2, false, 0},
        {"\x00\x00\x00\x05", 4, true, 5},
        {"\x7f\xff\xff\xff", 4, true, INT32_MAX},
        {"\x80\x00\x00\x00", 4, false, 0},
        {"\x00\x80\x00\x00\x00", 5, false, 0},
        {"\x00\x7f\xff\xff\xff", 5, true, INT32_MAX},
        {"\x00\x00\x00\x00\x00\x00\x00\x09", 8, true, 9},
        {"\x00\x00\x00\x00\x00\x00\x00\x00\x09", 9, false, 0},
        /* Of more than 32 bits net-snmp uses the lower half, and negates it if the number is negative. */
        {"\x01\x00\x00\x00\x05", 5, true, 5},
        {"\x7f\xff\xff\xff\x00\x00\x00\x06", 8, true, 6},
        {"\x01\xff\xff\xff\xff", 5, false, 0},
        {"\xfe\xff\xff\xff\xff", 5, true, 1},
        {"\x80\x00\x00\x00\x00\x00\x00\x00", 8, true, 0},
        {"\xff\x7f\xff\xff\xff", 5, false, 0},
        {"\xff\x80\x00\x00\x01", 5, false, 0},
        {"\xff\x00\x00\x00\x00", 5, true, 0},
        {"\xfe\x80\x00\x00\x01", 5, true, INT32_MAX},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
        struct sample s = plain();

        s.boots = t[i].bytes;
        s.boots_len = t[i].len;
        if (t[i].is_good)
            check(&s, t[i].value, 65538);
        else if (read_sample(&s) != -EBADMSG)
            fail_msg("boots, case %zu", i);
        s = plain();
        s.time = t[i].bytes;
        s.time_len = t[i].len;
        if (t[i].is_good)
            check(&s, 7, t[i].value);
        else if (read_sample(&s) != -EBADMSG)
            fail_msg("time, case %zu", i);
    }
}

/* A message cut at each length, and a message with each byte set to each value. */
static void test_damage(void **state)
{
    struct sample s = plain();
    struct ber b = build(&s);
    struct tk_secparams p;

    (void)state;
    for (size_t len = 0; len < b.len; len++)
        assert_int_equal(read_exactly(&p, b.at, len), -EBADMSG);
    for (size_t i = 0; i < b.len; i++)
        for (unsigned value = 0; value < 256; value++) {
            uint8_t was = b.at[i];

            b.at[i] = (uint8_t)value;
            (void)read_exactly(&p, b.at, b.len);
            b.at[i] = was;
        }
    check(&s, 7, 65538);
}

static void test_tags_and_lengths(void **state)
{
    static const struct {
        const char *bytes;
        size_t len;
    } t[] = {
        {"\x24\x0e", 2},
        {"\x04\x80", 2},
        {"\x04\x81", 2},
        {"\x04\x84\xff\xff\xff\xff", 6},
        {"\x04\x88\x7f\xff\xff\xff\xff\xff\xff\xff", 10},
        {"\x04\x88\xff\xff\xff\xff\xff\xff\xff\xff", 10},
        {"\x04\xff", 2},
        {"\x04\x02\x30\x01", 4},
        {"\x04\x02\x31\x00", 4},
        {"\x04\x02\x30\x00", 4},
    };
    struct tk_secparams p;

    (void)state;
    for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++)
        assert_int_equal(read_exactly(&p, (const uint8_t *)t[i].bytes, t[i].len), -EBADMSG);
}

static void test_noise(void **state)
{
    struct sample s = plain();
    uint32_t random = 12345;
    size_t good = 0;

    (void)state;
    for (unsigned round = 0; round < 50000; round++) {
        struct ber b = build(&s);
        struct tk_secparams p;

        for (unsigned i = 0; i < 1 + round % 3; i++) {
            random = random * 1664525u + 1013904223u;
            b.at[(random >> 8) % b.len] = (uint8_t)(random >> 24);
        }
        if (read_exactly(&p, b.at, b.len - (random >> 5) % 2) < 0)
            continue;
        good++;
        assert_true(p.engine_len <= 32 && p.user_len <= 32 && p.digest_len <= 48 && p.salt_len <= 16);
        assert_true(p.boots <= INT32_MAX && p.time <= INT32_MAX);
        assert_true(p.salt + p.salt_len <= b.at + b.len && p.engine >= b.at + 4);
    }
    assert_true(good > 1000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_forms),   cmocka_unit_test(test_bounds),           cmocka_unit_test(test_user_with_nul),
        cmocka_unit_test(test_numbers), cmocka_unit_test(test_tags_and_lengths), cmocka_unit_test(test_damage),
        cmocka_unit_test(test_noise),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
