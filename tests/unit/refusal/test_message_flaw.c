/* SPDX-License-Identifier: Apache-2.0 */
#include "refusal/message_flaw.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "refusal/refusal_detail.h"
#include "refusal/remedy.h"
#include "snmp/trap.h"

#define MUTATIONS 200000

/* --- messages -------------------------------------------------------------------------------------------------- */

struct bytes {
    uint8_t at[2048];
    size_t len;
};

static struct bytes raw(const char *octets, size_t len)
{
    struct bytes b = {.len = len};

    assert_true(len <= sizeof(b.at));
    memcpy(b.at, octets, len);
    return b;
}
#define RAW(literal) raw(literal, sizeof(literal) - 1)

/* An element around up to five others; their lengths in the shortest form. */
static struct bytes wrap(uint8_t tag, const struct bytes *parts, size_t count)
{
    struct bytes b = {.len = 0};
    size_t len = 0;

    for (size_t i = 0; i < count; i++)
        len += parts[i].len;
    b.at[b.len++] = tag;
    if (len > 127) {
        b.at[b.len++] = 0x82;
        b.at[b.len++] = (uint8_t)(len >> 8);
    }
    b.at[b.len++] = (uint8_t)len;
    for (size_t i = 0; i < count; i++) {
        assert_true(b.len + parts[i].len <= sizeof(b.at));
        memcpy(b.at + b.len, parts[i].at, parts[i].len);
        b.len += parts[i].len;
    }
    return b;
}
#define WRAP(tag, ...) \
    wrap(tag, (const struct bytes[]){__VA_ARGS__}, sizeof((const struct bytes[]){__VA_ARGS__}) / sizeof(struct bytes))

static struct bytes number(uint8_t n)
{
    return raw((const char[]){2, 1, (char)n}, 3);
}

static struct bytes filled(size_t len)
{
    struct bytes b = {.len = len};

    memset(b.at, 'x', len);
    return b;
}

static struct bytes octets(size_t len)
{
    return WRAP(4, filled(len));
}

static struct bytes pdu(uint8_t tag)
{
    return WRAP(tag, number(1), number(0), number(0), WRAP(0x30, RAW("")));
}

static struct bytes community_message(uint8_t version, struct bytes community, struct bytes body)
{
    return WRAP(0x30, number(version), community, body);
}

/** A v3 message: how many octets its fields have, flags, security model, and tag of the PDU. */
struct v3 {
    size_t engine, user, digest, salt, context_engine;
    uint8_t flags, model, tag;
};

static struct bytes v3_message(struct v3 m)
{
    struct bytes head = WRAP(0x30, number(1), RAW("\x02\x03\x00\xff\xe3"), WRAP(4, raw((const char *)&m.flags, 1)),
                             number(m.model));
    struct bytes usm = WRAP(0x30, octets(m.engine), number(0), number(0), octets(m.user),
                            raw((const char *)octets(m.digest).at, octets(m.digest).len));
    struct bytes salt = octets(m.salt), context = WRAP(0x30, octets(m.context_engine), octets(0), pdu(m.tag));

    usm = WRAP(0x30, raw((const char *)usm.at + (usm.at[1] & 0x80 ? 4 : 2), usm.len - (usm.at[1] & 0x80 ? 4 : 2)),
               salt);
    return WRAP(0x30, number(3), head, WRAP(4, usm), context);
}

/* --- tests ----------------------------------------------------------------------------------------------------- */

/* The message is copied to where a byte read beyond the known ones is an error of the sanitizer's. */
static enum tk_hint flaw_of_known(struct tk_refusal *r, const struct bytes *b, size_t known)
{
    uint8_t *head = malloc(known + 1);
    enum tk_hint hint;

    assert_non_null(head);
    memcpy(head + 1, b->at, known);
    hint = tk_message_flaw(r, head + 1, known, b->len);
    free(head);
    return hint;
}

static struct tk_refusal refusal(void)
{
    return (struct tk_refusal){.reason = TK_REASON_MALFORMED, .peer = {TK_UDP, 4, 50063, {192, 0, 2, 7}}};
}

static enum tk_hint flaw(struct tk_refusal *r, const struct bytes *b)
{
    *r = refusal();
    r->hint = flaw_of_known(r, b, b->len);
    return r->hint;
}

static void test_rows(void **state)
{
    const struct {
        struct bytes message;
        enum tk_hint hint;
        int seen, most;
        uint8_t version;
    } rows[] = {
        {RAW(""), TK_HINT_EMPTY, 0, 0, 0},
        {RAW("GET / HTTP/1.1\r\n"), TK_HINT_NO_MESSAGE, 'G', 0, 0},
        {RAW("\x30"), TK_HINT_CUT, 1, 0, 0},
        {RAW("\x30\x05\x02\x01\x01"), TK_HINT_CUT, 5, 0, 0},
        {RAW("\x30\x80\x02\x01\x01"), TK_HINT_BAD_LENGTH, 0, 0, 0},
        {RAW("\x30\x89\x00\x00\x00\x00\x00\x00\x00\x00\x05"), TK_HINT_BAD_LENGTH, 0, 0, 0},
        {RAW("\x30\x88\x80\x00\x00\x00\x00\x00\x00\x00\x05"), TK_HINT_BAD_LENGTH, 0, 0, 0},
        {RAW("\x30\x00"), TK_HINT_NO_VERSION, 0, 0, 0},
        {RAW("\x30\x03\x04\x01\x01"), TK_HINT_NO_VERSION, 0, 0, 0},
        {RAW("\x30\x02\x02\x00"), TK_HINT_NO_VERSION, 0, 0, 0},
        {RAW("\x30\x03\x02\x01\x02"), TK_HINT_BAD_VERSION, 2, 0, 0},
        {RAW("\x30\x03\x02\x01\xff"), TK_HINT_BAD_VERSION, -1, 0, 0},
        {RAW("\x30\x07\x02\x05\x01\x00\x00\x00\x01"), TK_HINT_NO_COMMUNITY, 0, 0,
         TK_SNMP_V2C}, /* 2^32 + 1 is cut to 1 */
        {RAW("\x30\x03\x02\x01\x00"), TK_HINT_NO_COMMUNITY, 0, 0, TK_SNMP_V1},
        {community_message(1, number(7), pdu(0xa7)), TK_HINT_NO_COMMUNITY, 0, 0, TK_SNMP_V2C},
        {community_message(1, RAW("\x04\x7f"), pdu(0xa7)), TK_HINT_NO_COMMUNITY, 0, 0, TK_SNMP_V2C},
        {community_message(1, octets(257), pdu(0xa7)), TK_HINT_LONG_COMMUNITY, 257, 256, TK_SNMP_V2C},
        {community_message(1, octets(6), RAW("")), TK_HINT_BAD_PDU, 0, 0, TK_SNMP_V2C},
        {community_message(1, octets(6), RAW("\xa7\x05")), TK_HINT_BAD_PDU, 0, 0, TK_SNMP_V2C},
        {community_message(1, octets(6), pdu(0xa9)), TK_HINT_PDU_TYPE, 0xa9, 0, TK_SNMP_V2C},
        {community_message(1, octets(6), pdu(0x30)), TK_HINT_PDU_TYPE, 0x30, 0, TK_SNMP_V2C},
        {WRAP(0x30, number(3)), TK_HINT_BAD_HEADER, 0, 0, TK_SNMP_V3},
        {v3_message((struct v3){11, 5, 0, 0, 11, 0, 4, 0xa7}), TK_HINT_SECURITY_MODEL, 4, 0, TK_SNMP_V3},
        {v3_message((struct v3){11, 5, 0, 0, 11, 0, 0, 0xa7}), TK_HINT_BAD_HEADER, 0, 0, TK_SNMP_V3},
        {v3_message((struct v3){11, 5, 0, 0, 11, 2, 3, 0xa7}), TK_HINT_PRIV_WITHOUT_AUTH, 0, 0, TK_SNMP_V3},
        {v3_message((struct v3){33, 5, 0, 0, 11, 0, 3, 0xa7}), TK_HINT_LONG_ENGINE, 33, 32, TK_SNMP_V3},
        {v3_message((struct v3){11, 33, 0, 0, 11, 0, 3, 0xa7}), TK_HINT_BAD_SECURITY, 0, 0, TK_SNMP_V3},
        {v3_message((struct v3){11, 5, 49, 0, 11, 0, 3, 0xa7}), TK_HINT_BAD_SECURITY, 0, 0, TK_SNMP_V3},
        {v3_message((struct v3){11, 5, 0, 0, 33, 0, 3, 0xa7}), TK_HINT_LONG_CONTEXT_ENGINE, 33, 32, TK_SNMP_V3},
        {v3_message((struct v3){11, 5, 0, 0, 11, 0, 3, 0xa9}), TK_HINT_PDU_TYPE, 0xa9, 0, TK_SNMP_V3},
    };
    struct tk_refusal r;

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        if (flaw(&r, &rows[i].message) != rows[i].hint)
            fail_msg("row %zu: %d instead of %d", i, r.hint, rows[i].hint);
        assert_int_equal(r.seen, rows[i].seen);
        assert_int_equal(r.most, rows[i].most);
        assert_int_equal(r.version, rows[i].version);
    }
}

static struct bytes good(size_t i)
{
    switch (i) {
    case 0: return community_message(0, octets(6), pdu(0xa4));
    case 1: return community_message(1, octets(0), pdu(0xa7));
    case 2: return community_message(1, octets(256), pdu(0xa6));
    case 3: return community_message(1, octets(6), pdu(0xa2));
    case 4: return v3_message((struct v3){11, 5, 0, 0, 11, 0, 3, 0xa7});
    case 5: return v3_message((struct v3){32, 32, 0, 0, 32, 0, 3, 0xa7});
    case 6: return v3_message((struct v3){11, 5, 48, 8, 11, 3, 3, 0x55}); /* encrypted */
    case 7: return v3_message((struct v3){0, 0, 0, 0, 0, 4, 3, 0xa0});    /* discovery */
    default: return RAW("");
    }
}
#define GOOD_ONES 8

static void test_good(void **state)
{
    struct tk_refusal r;

    (void)state;
    for (size_t i = 0; i < GOOD_ONES; i++) {
        struct bytes b = good(i);

        assert_int_equal(flaw(&r, &b), TK_HINT_NONE);
        assert_int_equal(r.version, i == 0 ? TK_SNMP_V1 : i < 4 ? TK_SNMP_V2C : TK_SNMP_V3);
    }
}

/* What is not known is no flaw, and a head of this size is enough to find all that there are rows for. */
static void test_known_in_part(void **state)
{
    struct tk_refusal r = refusal();

    (void)state;
    for (size_t i = 0; i < GOOD_ONES; i++) {
        struct bytes b = good(i);

        for (size_t known = 0; known <= b.len; known++)
            assert_int_equal(flaw_of_known(&r, &b, known), TK_HINT_NONE);
    }
    for (size_t engine = 32; engine <= 33;
         engine++) { /* the last field that is looked at, with all others at their longest */
        struct bytes b = v3_message((struct v3){32, 32, 48, 16, engine, 1, 3, 0xa9});

        assert_int_equal(flaw_of_known(&r, &b, b.len < TK_MESSAGE_HEAD ? b.len : TK_MESSAGE_HEAD),
                         engine == 33 ? TK_HINT_LONG_CONTEXT_ENGINE : TK_HINT_PDU_TYPE);
    }
}

static void test_cut(void **state)
{
    struct tk_refusal r;

    (void)state;
    for (size_t i = 0; i < GOOD_ONES; i++) {
        struct bytes b = good(i);

        while (b.len-- > 0)
            assert_int_equal(flaw(&r, &b), b.len ? TK_HINT_CUT : TK_HINT_EMPTY);
    }
}

/* Never a byte beyond what is known, and each cause has words. */
static void test_mutations(void **state)
{
    char text[400];
    struct tk_refusal r;

    (void)state;
    srand(20261126);
    for (unsigned n = 0; n < MUTATIONS; n++) {
        struct bytes b = good(n % GOOD_ONES);

        for (int changes = rand() % 4; changes >= 0; changes--)
            b.at[(size_t)rand() % b.len] = (uint8_t)rand();
        if (rand() % 4 == 0)
            b.len = (size_t)rand() % b.len;
        r = refusal();
        r.hint = flaw_of_known(&r, &b, b.len ? (size_t)rand() % b.len : 0);
        assert_true(tk_hint_fits(r.hint, r.reason));
        (void)flaw(&r, &b);
        assert_true(tk_hint_fits(r.hint, r.reason));
        assert_true(strlen(tk_refusal_detail(text, sizeof(text), &r)) > 10);
        assert_true(strlen(tk_remedy(text, sizeof(text), &r)) > 10);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rows), cmocka_unit_test(test_good),      cmocka_unit_test(test_known_in_part),
        cmocka_unit_test(test_cut),  cmocka_unit_test(test_mutations),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
