/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "stage_fixture.h"

static struct stage_fixture f;

static int setup(void **state)
{
    (void)state;
    stage_fixture_init(&f, "1 iso - -\n", NULL, NULL);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    stage_fixture_done(&f);
    return 0;
}

static void assert_oid(const uint32_t *subid, size_t len, const char *expected)
{
    char text[TK_OID_MAX_TEXT];

    (void)tk_oid_format(text, sizeof(text), subid, len);
    assert_string_equal(text, expected);
}

static void assert_trap_oid(const char *line, const char *expected)
{
    struct tk_oid oid;

    assert_int_equal(stage_fixture_decode(&f, line), TK_PASS);
    assert_oid(f.ev.trap_oid, f.ev.trap_oid_len, expected);
    assert_int_equal(tk_oid_decode(&oid, f.ev.trap_oid_ber, f.ev.trap_oid_ber_len), 0);
    assert_oid(oid.subid, oid.len, expected);
}

/* RFC 3584, 3.1 (2). */
static void test_generic_traps(void **state)
{
    (void)state;
    for (unsigned generic = 0; generic < 6; generic++) {
        char line[128], expected[64];

        (void)snprintf(line, sizeof(line), "1 enterprise=1.3.6.1.4.1.9.1 generic=%u specific=77", generic);
        (void)snprintf(expected, sizeof(expected), "1.3.6.1.6.3.1.1.5.%u", generic + 1);
        assert_trap_oid(line, expected);
        assert_int_equal(f.ev.varbind_count, 1); /* snmpTrapEnterprise.0 */
        assert_oid(f.ev.varbinds[0].subid, f.ev.varbinds[0].subids, "1.3.6.1.6.3.1.1.4.3.0");
        assert_int_equal(f.ev.varbinds[0].raw.type, TK_OID);
    }
}

static void test_enterprise_traps(void **state)
{
    (void)state;
    assert_trap_oid("1 enterprise=1.3.6.1.4.1.9 generic=6 specific=17", "1.3.6.1.4.1.9.0.17");
    assert_trap_oid("1 enterprise=1.3.6.1.4.1.9 generic=6 specific=0", "1.3.6.1.4.1.9.0.0");
    assert_trap_oid("1 enterprise=1.3 generic=6 specific=2147483647", "1.3.0.2147483647");
}

/* If a forwarder sent snmpTrapEnterprise.0 as a varbind, it is not added again. */
static void test_enterprise_is_kept_once(void **state)
{
    (void)state;
    assert_int_equal(stage_fixture_decode(&f, "1 enterprise=1.3.9 generic=3 1.3.6.1.6.3.1.1.4.3.0 o 1.3.6 1.3.1 i 1"),
                     TK_PASS);
    assert_int_equal(f.ev.varbind_count, 2);
    assert_int_equal(stage_fixture_decode(&f, "1 enterprise=1.3.9 generic=3 1.3.1 i 1 1.3.2 i 2"), TK_PASS);
    assert_int_equal(f.ev.varbind_count, 3);
    assert_int_equal(f.ev.varbinds[2].raw.value_len, 2);
    assert_int_equal(stage_fixture_decode(&f, "2c oid=1.3.6 1.3.1 i 1"), TK_PASS);
    assert_int_equal(f.ev.varbind_count, 1);
}

static void test_malformed(void **state)
{
    static const char *const lines[] = {
        "1 enterprise=1.3.6 generic=7",
        "1 enterprise=1.3.6 generic=-1",
        "1 generic=6 specific=1",
        "1 enterprise=1.3.6 generic=2147483647",
        "2c request=1",
        "3 user=x",
    };

    (void)state;
    for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++)
        assert_int_equal(stage_fixture_decode(&f, lines[i]), TK_DROP_MALFORMED);
    /* An OID that ends inside a sub-identifier: as the trap OID, and as a varbind's OID. */
    for (int i = 0; i < 2; i++) {
        stage_fixture_begin(&f, "2c oid=1.3.6.1 1.3.6.1.2 i 1");
        f.bytes[(size_t)((i ? f.trap.varbinds + sizeof(struct tk_varbind_head) + 3 : f.trap.oid + 2) - f.bytes)] |=
            0x80;
        assert_int_equal(tk_decode(&f.stages, f.bundle, &f.ev, 0), TK_DROP_MALFORMED);
    }
}

static void test_longest_oids(void **state)
{
    char line[4096] = "2c oid=1.3", v1[4096] = "1 generic=6 specific=5 enterprise=1.3";

    (void)state;
    for (int i = 2; i < TK_OID_MAX_SUBIDS; i++)
        strcat(line, ".4294967295");
    assert_int_equal(stage_fixture_decode(&f, line), TK_PASS);
    assert_int_equal(f.ev.trap_oid_len, TK_OID_MAX_SUBIDS);
    strcat(line, " 1.3");
    for (int i = 2; i < TK_OID_MAX_SUBIDS; i++)
        strcat(line, ".128");
    strcat(line, " i 1");
    assert_int_equal(stage_fixture_decode(&f, line), TK_PASS);
    assert_int_equal(f.ev.varbinds[0].subids, TK_OID_MAX_SUBIDS);
    for (int i = 2; i < TK_OID_MAX_SUBIDS - 2; i++)
        strcat(v1, ".1");
    assert_int_equal(stage_fixture_decode(&f, v1), TK_PASS);
    assert_int_equal(f.ev.trap_oid_len, TK_OID_MAX_SUBIDS);
    strcat(v1, ".1");
    assert_int_equal(stage_fixture_decode(&f, v1), TK_DROP_MALFORMED); /* enterprise.0.specific would be too long */
    strcpy(strstr(v1, "generic=6") + 8, "3 enterprise=1.3.6");
    assert_int_equal(stage_fixture_decode(&f, v1), TK_PASS);
}

static void test_addresses(void **state)
{
    static const struct {
        const char *line, *address, *agent;
        bool has_host;
    } t[] = {
        {"2c oid=1.3", "192.0.2.7", NULL, false},
        {"2c oid=1.3 from=[2001:db8::7]:1", "2001:db8::7", NULL, false},
        {"2c oid=1.3 from=none", NULL, NULL, false},
        {"1 enterprise=1.3 agent=192.0.2.9", "192.0.2.7", "192.0.2.9", true},
        {"1 enterprise=1.3 agent=0.0.0.0", "192.0.2.7", NULL, false},
        {"1 enterprise=1.3 agent=127.0.0.1", "192.0.2.7", "127.0.0.1", false},
        {"1 enterprise=1.3 agent=169.254.1.1", "192.0.2.7", "169.254.1.1", false},
        {"1 enterprise=1.3 agent=255.255.255.255", "192.0.2.7", "255.255.255.255", false},
        /* snmpTrapAddress.0 comes from a proxy; the v1 agent-addr is preferred to it, unless it is 0.0.0.0 */
        {"2c oid=1.3 1.3.6.1.6.3.18.1.3.0 a 192.0.2.5", "192.0.2.7", "192.0.2.5", true},
        {"1 enterprise=1.3 agent=192.0.2.9 1.3.6.1.6.3.18.1.3.0 a 192.0.2.5", "192.0.2.7", "192.0.2.9", true},
        {"1 enterprise=1.3 agent=0.0.0.0 1.3.6.1.6.3.18.1.3.0 a 192.0.2.5", "192.0.2.7", "192.0.2.5", true},
        {"2c oid=1.3 1.3.6.1.6.3.18.1.3.0 i 5", "192.0.2.7", NULL, false},
        {"2c oid=1.3 1.3.6.1.6.3.18.1.3.1 a 192.0.2.5", "192.0.2.7", NULL, false},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
        assert_int_equal(stage_fixture_decode(&f, t[i].line), TK_PASS);
        if (t[i].address)
            assert_string_equal(f.ev.address.text, t[i].address);
        else
            assert_null(f.ev.address.text);
        if (t[i].agent)
            assert_string_equal(f.ev.agent.text, t[i].agent);
        else
            assert_null(f.ev.agent.text);
        assert_int_equal(f.ev.has_agent_host, t[i].has_host);
    }
}

static void test_community_is_secret(void **state)
{
    static const char line[] = "2c oid=1.3 1.3.6.1.6.3.18.1.4.0 s s3cr3t 1.3.6.1.6.3.18.1.4.1 s open";

    (void)state;
    assert_int_equal(stage_fixture_decode(&f, line), TK_PASS);
    assert_true(f.ev.varbinds[0].is_secret);
    assert_false(f.ev.varbinds[1].is_secret);
    stage_fixture_done(&f);
    stage_fixture_init(&f, "1 iso - -\n", NULL, "kafkaPublishCommunity yes");
    assert_int_equal(stage_fixture_decode(&f, line), TK_PASS);
    assert_false(f.ev.varbinds[0].is_secret);
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        T(test_generic_traps), T(test_enterprise_traps), T(test_enterprise_is_kept_once), T(test_malformed),
        T(test_longest_oids),  T(test_addresses),        T(test_community_is_secret),
    };
#undef T

    return cmocka_run_group_tests(tests, NULL, NULL);
}
