/* SPDX-License-Identifier: Apache-2.0 */
/* Names of notifications: each form of a notification's OID has one name, one MIB and one rule. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "snmp/oid.h"
#include "stage_fixture.h"

static struct stage_fixture f;

static int init(void **state)
{
    (void)state;
    stage_fixture_init(&f, NULL, NULL, "kafkaDedup off");
    return 0;
}

static int done(void **state)
{
    (void)state;
    stage_fixture_done(&f);
    return 0;
}

/* What an event says that must not depend on the form of the OID. */
struct said {
    char name[128], mib[128], rule[128];
};

static void copy(char *dst, size_t dst_bytes, json_t *event, const char *path)
{
    const char *text = stage_fixture_at(event, path);

    (void)snprintf(dst, dst_bytes, "%s", text ? text : "-");
}

static struct said send(const char *line)
{
    json_t *event = stage_fixture_encode(&f, line);
    struct said s;

    copy(s.name, sizeof(s.name), event, "trap.name");
    copy(s.mib, sizeof(s.mib), event, "trap.mib");
    copy(s.rule, sizeof(s.rule), event, "severity_rule");
    json_decref(event);
    return s;
}

static struct said send_v2c(const struct tk_oid *oid)
{
    char text[TK_OID_MAX_TEXT], line[TK_OID_MAX_TEXT + 64];

    (void)tk_oid_format(text, sizeof(text), oid->subid, oid->len);
    (void)snprintf(line, sizeof(line), "2c uptime=1 oid=%s", text);
    return send(line);
}

/* The v1 message whose enterprise and specific trap are this OID's: with or without the zero between the two. */
static struct said send_v1(const struct tk_oid *oid, bool has_zero_in_enterprise)
{
    char text[TK_OID_MAX_TEXT], line[TK_OID_MAX_TEXT + 96];
    size_t len = oid->len - 1;

    if (!has_zero_in_enterprise && oid->subid[len - 1] == 0)
        len--;
    (void)tk_oid_format(text, sizeof(text), oid->subid, len);
    (void)snprintf(line, sizeof(line), "1 uptime=1 enterprise=%s generic=6 specific=%u agent=192.0.2.9", text,
                   oid->subid[oid->len - 1]);
    return send(line);
}

static void expect(const struct said *expected, struct said got, const char *what, const struct tk_oid *oid)
{
    char text[TK_OID_MAX_TEXT];

    (void)tk_oid_format(text, sizeof(text), oid->subid, oid->len);
    if (strcmp(got.name, expected->name) != 0 || strcmp(got.mib, expected->mib) != 0 ||
        strcmp(got.rule, expected->rule) != 0)
        fail_msg("%s as %s is %s of %s, %s instead of %s, %s", text, what, got.name, got.mib, got.rule, expected->name,
                 expected->rule);
}

static void expect_in_each_version(const struct said *expected, const struct tk_oid *oid)
{
    expect(expected, send_v2c(oid), "v2c", oid);
    expect(expected, send_v1(oid, false), "v1", oid);
    expect(expected, send_v1(oid, true), "v1 with the zero in the enterprise", oid);
}

/* The other form of RFC 3584, 3.1: ENTERPRISE.0.SPECIFIC for ENTERPRISE.SPECIFIC, and the other way round. */
static struct tk_oid other_form(struct tk_oid oid)
{
    uint32_t last = oid.subid[oid.len - 1];

    if (oid.subid[oid.len - 2] == 0) {
        oid.len--;
    } else {
        oid.subid[oid.len - 1] = 0;
        oid.len++;
    }
    oid.subid[oid.len - 1] = last;
    return oid;
}

static struct tk_oid with_appended_zero(struct tk_oid oid)
{
    oid.subid[oid.len++] = 0;
    return oid;
}

static void test_each_form_has_the_name_and_the_rule(void **state)
{
    unsigned walked = 0;

    (void)state;
    for (const struct tk_dict_object *o = tk_dict_next(f.dict, NULL); o; o = tk_dict_next(f.dict, o)) {
        struct tk_oid own, other, forms[4];
        struct said expected;

        if (tk_dict_kind(f.dict, o) != TK_DICT_NOTIFICATION)
            continue;
        tk_dict_oid(f.dict, o, &own);
        expected = send_v2c(&own);
        assert_string_equal(expected.name, tk_dict_name(f.dict, o).text);
        assert_string_equal(expected.mib, tk_dict_module(f.dict, o).text);
        assert_memory_equal(expected.rule, "standard:", strlen("standard:"));
        other = other_form(own);
        forms[0] = own;
        forms[1] = other;
        forms[2] = with_appended_zero(own);
        forms[3] = with_appended_zero(other);
        for (size_t i = 0; i < 4; i++)
            expect_in_each_version(&expected, forms + i);
        walked++;
    }
    assert_int_equal(walked, 151);
}

/* The generic traps of SNMPv1 have numbers of their own. */
static void test_generic_traps(void **state)
{
    static const char *const names[] = {"coldStart",      "warmStart", "linkDown", "linkUp", "authenticationFailure",
                                        "egpNeighborLoss"};

    (void)state;
    for (unsigned i = 0; i < 6; i++) {
        char line[128];

        (void)snprintf(line, sizeof(line), "1 uptime=1 enterprise=1.3.6.1.4.1.8072 generic=%u specific=0", i);
        assert_string_equal(send(line).name, names[i]);
    }
}

/* The event has the OID that was received. */
static void test_oid_is_as_received(void **state)
{
    json_t *event = stage_fixture_encode(&f, "1 uptime=1 enterprise=1.3.6.1.2.1.33.2 generic=6 specific=1");

    (void)state;
    assert_string_equal(stage_fixture_at(event, "trap.oid"), "1.3.6.1.2.1.33.2.0.1");
    assert_string_equal(stage_fixture_at(event, "trap.name"), "upsTrapOnBattery");
    json_decref(event);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_each_form_has_the_name_and_the_rule),
        cmocka_unit_test(test_generic_traps),
        cmocka_unit_test(test_oid_is_as_received),
    };

    return cmocka_run_group_tests(tests, init, done);
}
