/* SPDX-License-Identifier: Apache-2.0 */
/* The built-in rules and the operator's sample, against the dictionary that is shipped. Runs in the source tree's top
 * folder, or finds it by $srcdir. */
#include "rules/rules_load.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>
#include <jansson.h>

#include "event_fixture.h"
#include "dictionary/dictionary_standard.h"

static struct tk_dict *dict;
static struct tk_rules *rules;
static struct event_fixture f;

static const char *source_path(char *dst, size_t dst_bytes, const char *name)
{
    const char *top = getenv("abs_top_srcdir");

    (void)snprintf(dst, dst_bytes, "%s/%s", top ? top : ".", name);
    return dst;
}

static int load(void **state)
{
    struct tk_err err = {0};

    (void)state;
    dict = tk_dict_standard_new(&err);
    assert_non_null(dict);
    rules = tk_rules_load(NULL, dict, &err);
    if (!rules)
        fail_msg("%s: line %u: %s", err.file, err.line, err.text);
    return 0;
}

static int unload(void **state)
{
    (void)state;
    tk_rules_free(rules);
    tk_dict_free(dict);
    return 0;
}

static json_t *read_standard(void)
{
    char path[512];
    json_error_t err;
    json_t *root = json_load_file(source_path(path, sizeof(path), "conf/severity-standard.json"), 0, &err);

    if (!root)
        fail_msg("%s: line %d: %s", path, err.line, err.text);
    return root;
}

/* Is there a rule with this state and a key that begins with the same text, up to the instance? */
static bool has_partner(json_t *list, const char *state, const char *key)
{
    size_t i, len = strcspn(key, "{") == 0 ? strlen("{device}/") : 0;
    json_t *rule;

    len += strcspn(key + len, "/{");
    json_array_foreach(list, i, rule)
    {
        const char *other = json_string_value(json_object_get(rule, "key"));
        json_t *its = json_object_get(rule, "state");

        if (other && its && strcmp(json_string_value(its), state) == 0 && strncmp(other, key, len) == 0)
            return true;
    }
    return false;
}

static void test_every_alarm_can_clear(void **state)
{
    json_t *root = read_standard(), *list = json_object_get(root, "rules"), *rule;
    size_t i;

    (void)state;
    json_array_foreach(list, i, rule)
    {
        const char *key = json_string_value(json_object_get(rule, "key"));
        json_t *its = json_object_get(rule, "state");
        bool raises = its && strcmp(json_string_value(its), "raise") == 0;

        if (key && !has_partner(list, raises ? "clear" : "raise", key))
            fail_msg("%s has no partner", json_string_value(json_object_get(rule, "name")));
    }
    assert_int_equal(tk_rules_count(rules), json_array_size(list));
    json_decref(root);
}

static void test_works_without_a_dictionary(void **state)
{
    struct tk_dict_builder *b = tk_dict_builder_new();
    struct tk_dict *empty = tk_dict_builder_finish(b);
    struct tk_err err = {0};
    struct tk_rules *r = tk_rules_load(NULL, empty, &err);

    (void)state;
    if (!r)
        fail_msg("line %u: %s", err.line, err.text);
    tk_rules_free(r);
    tk_dict_builder_free(b);
    tk_dict_free(empty);
}

static bool is_pattern_of_a_rule(json_t *list, const char *text)
{
    json_t *rule, *pattern;
    size_t i, k;

    json_array_foreach(list, i, rule)
    {
        json_t *trap = json_object_get(json_object_get(rule, "match"), "trap");

        if (json_is_string(trap) && strcmp(json_string_value(trap), text) == 0)
            return true;
        json_array_foreach(trap, k, pattern) if (strcmp(json_string_value(pattern), text) == 0) return true;
    }
    return false;
}

static void test_every_notification_has_a_rule(void **state)
{
    unsigned walked = 0;

    (void)state;
    for (const struct tk_dict_object *o = tk_dict_next(dict, NULL); o; o = tk_dict_next(dict, o)) {
        char text[TK_OID_MAX_TEXT];
        struct tk_oid oid;

        if (tk_dict_kind(dict, o) != TK_DICT_NOTIFICATION)
            continue;
        tk_dict_oid(dict, o, &oid);
        (void)tk_oid_format(text, sizeof(text), oid.subid, oid.len);
        event_fixture_init(&f, text);
        event_fixture_finish(&f, dict);
        if (!tk_rules_match(rules, &f.ev, NULL))
            fail_msg("no rule for %s", tk_dict_name(dict, o).text);
        event_fixture_done(&f);
        walked++;
    }
    assert_int_equal(walked, 151);
}

static void test_every_name_is_in_the_dictionary(void **state)
{
    json_t *root = read_standard(), *list = json_object_get(root, "rules"), *oid;
    unsigned notifications = 0;
    const char *name;

    (void)state;
    json_object_foreach(json_object_get(root, "names"), name, oid)
    {
        const struct tk_dict_object *other, *o = tk_dict_find_name(dict, name, strlen(name), &other);
        bool is_trap = is_pattern_of_a_rule(list, name);
        char text[TK_OID_MAX_TEXT];
        struct tk_oid known;

        if (!o || other)
            fail_msg("%s is %s", name, o ? "ambiguous" : "unknown");
        if (is_trap != (tk_dict_kind(dict, o) == TK_DICT_NOTIFICATION))
            fail_msg("%s is %sa notification", name, is_trap ? "not " : "");
        tk_dict_oid(dict, o, &known);
        (void)tk_oid_format(text, sizeof(text), known.subid, known.len);
        if (strcmp(text, json_string_value(oid)) != 0)
            fail_msg("%s is %s, not %s", name, text, json_string_value(oid));
        notifications += is_trap;
    }
    assert_int_equal(notifications, 151);
    json_decref(root);
}

static void expect(const char *rule, const char *severity, enum tk_alarm_state alarm, const char *key)
{
    event_fixture_finish(&f, dict);
    assert_true(tk_rules_match(rules, &f.ev, NULL));
    if (f.ev.severity_rule.len != strlen(rule) || memcmp(f.ev.severity_rule.text, rule, f.ev.severity_rule.len) != 0)
        fail_msg("%.*s instead of %s", (int)f.ev.severity_rule.len, f.ev.severity_rule.text, rule);
    assert_string_equal(tk_severity_name(f.ev.severity), severity);
    assert_int_equal(f.ev.alarm_state, alarm);
    if (key && (f.ev.alarm_key.len != strlen(key) || memcmp(f.ev.alarm_key.text, key, f.ev.alarm_key.len) != 0))
        fail_msg("%.*s instead of %s", (int)f.ev.alarm_key.len, f.ev.alarm_key.text, key);
    event_fixture_done(&f);
}

static void test_bgp(void **state)
{
    (void)state;
    event_fixture_init(&f, "1.3.6.1.2.1.15.0.2"); /* RFC 4273 */
    event_fixture_address(&f, "1.3.6.1.2.1.15.3.1.7.192.0.2.9", "192.0.2.9");
    event_fixture_integer(&f, "1.3.6.1.2.1.15.3.1.2.192.0.2.9", 1);
    expect("standard:bgpBackwardTransition", "major", TK_ALARM_RAISE, "pe1.fra/bgp/192.0.2.9");
    event_fixture_init(&f, "1.3.6.1.2.1.15.7.0.1"); /* RFC 1269 by SNMPv1: the peer's address is only in the index */
    event_fixture_integer(&f, "1.3.6.1.2.1.15.3.1.2.192.0.2.9", 6);
    expect("standard:bgpEstablished", "cleared", TK_ALARM_CLEAR, "pe1.fra/bgp/192.0.2.9");
}

static void test_ospf(void **state)
{
    static const char key[] = "pe1.fra/ospf-nbr/192.0.2.9/0";

    (void)state;
    for (int64_t s = 1; s <= 8; s += 7) {
        event_fixture_init(&f, "1.3.6.1.2.1.14.16.2.2");
        event_fixture_integer(&f, "1.3.6.1.2.1.14.10.1.6.192.0.2.9.0", s);
        if (s == 8)
            expect("standard:ospfNbrStateChange-up", "cleared", TK_ALARM_CLEAR, key);
        else
            expect("standard:ospfNbrStateChange", "major", TK_ALARM_RAISE, key);
    }
}

static void test_alarm_mib(void **state)
{
    static const char key[] = "pe1.fra/alarm/1.3.6.1.2.1.118.1.1.2.1.3.1.97.7/1.3.6.1.2.1.2.2.1.1.3";
    static const char pointer[] = "1.3.6.1.2.1.118.1.2.2.1.13.1.97.1", resource[] = "1.3.6.1.2.1.118.1.2.2.1.10.1.97.1";

    (void)state;
    event_fixture_init(&f, "1.3.6.1.2.1.118.0.2");
    event_fixture_oid(&f, pointer, "1.3.6.1.2.1.118.1.1.2.1.3.1.97.7.6");
    event_fixture_oid(&f, resource, "1.3.6.1.2.1.2.2.1.1.3");
    expect("standard:alarmActiveState-critical", "critical", TK_ALARM_RAISE, key);
    event_fixture_init(&f, "1.3.6.1.2.1.118.0.3");
    event_fixture_oid(&f, pointer, "1.3.6.1.2.1.118.1.1.2.1.3.1.97.7.1");
    event_fixture_oid(&f, resource, "1.3.6.1.2.1.2.2.1.1.3");
    expect("standard:alarmClearState", "cleared", TK_ALARM_CLEAR, key);
    event_fixture_init(&f, "1.3.6.1.2.1.118.0.2");
    event_fixture_oid(&f, pointer, "1.3.6.1.2.1.121.1.1.1.1.3.1.97.7.4");
    expect("standard:alarmActiveState-itu-major", "major", TK_ALARM_RAISE, NULL);
}

static void test_ups(void **state)
{
    static const char key[] = "pe1.fra/ups/1.3.6.1.2.1.33.1.6.3.2";

    (void)state;
    event_fixture_init(&f, "1.3.6.1.2.1.33.2.1");
    expect("standard:upsTrapOnBattery", "major", TK_ALARM_RAISE, key);
    event_fixture_init(&f, "1.3.6.1.2.1.33.2.0.4"); /* SNMPv1 */
    event_fixture_oid(&f, "1.3.6.1.2.1.33.1.6.2.1.2.5", "1.3.6.1.2.1.33.1.6.3.2");
    expect("standard:upsTrapAlarmEntryRemoved", "cleared", TK_ALARM_CLEAR, key);
    event_fixture_init(&f, "1.3.6.1.2.1.33.2.3");
    event_fixture_oid(&f, "1.3.6.1.2.1.33.1.6.2.1.2.5", "1.3.6.1.2.1.33.1.6.3.3");
    expect("standard:upsTrapAlarmEntryAdded-critical", "critical", TK_ALARM_RAISE, NULL);
}

static void test_entity_state(void **state)
{
    static const uint8_t minor = 0x08;

    (void)state;
    event_fixture_init(&f, "1.3.6.1.2.1.131.0.2");
    event_fixture_varbind(&f, TK_OCTETS, "1.3.6.1.2.1.131.1.1.1.5.17", &minor, 1);
    expect("standard:entStateOperDisabled-minor", "minor", TK_ALARM_RAISE, "pe1.fra/entity/17");
}

static void test_sample_works_as_it_is(void **state)
{
    struct tk_err err = {0};
    char path[512];
    const struct tk_rules_files files = {.operators = source_path(path, sizeof(path), "conf/severity-rules.json")};
    struct tk_rules *r = tk_rules_load(&files, dict, &err);

    (void)state;
    if (!r)
        fail_msg("line %u: %s", err.line, err.text);
    assert_true(tk_rules_count(r) > tk_rules_count(rules));
    tk_rules_free(r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_notification_has_a_rule),
        cmocka_unit_test(test_every_name_is_in_the_dictionary),
        cmocka_unit_test(test_every_alarm_can_clear),
        cmocka_unit_test(test_works_without_a_dictionary),
        cmocka_unit_test(test_bgp),
        cmocka_unit_test(test_ospf),
        cmocka_unit_test(test_alarm_mib),
        cmocka_unit_test(test_ups),
        cmocka_unit_test(test_entity_state),
        cmocka_unit_test(test_sample_works_as_it_is),
    };

    return cmocka_run_group_tests(tests, load, unload);
}
