/* SPDX-License-Identifier: Apache-2.0 */
/* One allocation after the other fails: compiling says so and leaves nothing behind, and an event has all that its rule says,
 * or none of it is published. The program is linked so that allocations come here first. */
#include "rules/rules_load.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "event_fixture.h"
#include "rules_dict.h"

static int allocations_left = -1; /* so many succeed, then one fails; -1: all succeed */

void *__real_malloc(size_t bytes);
void *__real_calloc(size_t count, size_t bytes);
void *__real_realloc(void *old, size_t bytes);
void *__real_tk_arena_alloc(struct tk_arena *a, size_t bytes);
void *__wrap_malloc(size_t bytes);
void *__wrap_calloc(size_t count, size_t bytes);
void *__wrap_realloc(void *old, size_t bytes);
void *__wrap_tk_arena_alloc(struct tk_arena *a, size_t bytes);

static bool is_to_fail(void)
{
    return allocations_left >= 0 && allocations_left-- == 0;
}

void *__wrap_malloc(size_t bytes)
{
    return is_to_fail() ? NULL : __real_malloc(bytes);
}
void *__wrap_calloc(size_t count, size_t bytes)
{
    return is_to_fail() ? NULL : __real_calloc(count, bytes);
}
void *__wrap_realloc(void *old, size_t bytes)
{
    return is_to_fail() ? NULL : __real_realloc(old, bytes);
}
void *__wrap_tk_arena_alloc(struct tk_arena *a, size_t bytes)
{
    return is_to_fail() ? NULL : __real_tk_arena_alloc(a, bytes);
}

/* Rules with everything that a rule can have. */
static const char json[] =
    "{\"names\":{\"A-MIB::a\":\"1.3.1\",\"A-MIB::b\":\"1.3.2\"},\"rules\":["
    "{\"name\":\"first\",\"match\":{\"trap\":[\"A-MIB::*\",\"ACME-MIB::*\",\"1.3.*\"],\"device\":[\"x\",\"y\"],"
    "\"source\":\"192.0.2.0/24\",\"security_name\":\"noc\",\"varbinds\":[{\"object\":\"ifDescr\",\"regex\":[\"a\",\"b\"]},"
    "{\"object\":\"ifIndex\",\"in\":[1,2]}]},\"severity\":\"minor\",\"topic\":\"t\"},"
    "{\"name\":\"bad\",\"match\":{\"trap\":\"*\",\"varbinds\":[{\"object\":\"ifDescr\",\"regex\":[\"a\",\"(\"]}]},\"severity\":\"minor\"},"
    "{\"name\":\"second\",\"match\":{\"trap\":\"IF-MIB::linkDown\"},\"severity_from\":{\"object\":\"ifOperStatus\",\"map\":"
    "{\"down\":\"major\"}},\"key\":\"{device}/{ifIndex}\",\"clears\":[],\"type\":\"link\"},"
    "{\"name\":\"third\",\"match\":{\"trap\":\"IF-MIB::linkDown\"},\"severity_from\":{\"object\":\"ifOperStatus\",\"map\":"
    "{\"down\":\"major\"}},\"state\":\"raise\",\"key\":\"{device}/{ifIndex}\",\"type\":\"link\",\"summary\":"
    "\"{ifDescr} is {ifOperStatus#value} at {device} {ifIndex}\",\"set\":{\"a\":\"{ifDescr.index}\",\"b\":\"x\"}}]}";

/* The file has an error, so rules that clear are withheld; the third is in force. */
static void test_compiling(void **state)
{
    struct tk_rules_report report;
    struct tk_rules *r = NULL;

    (void)state;
    for (int n = 0; !r; n++) {
        assert_true(n < 10000);
        allocations_left = n;
        r = tk_rules_parse_sound(json, strlen(json), "rules.json", dict, &report);
        if (allocations_left >= 0) { /* none failed */
            assert_non_null(r);
        } else if (!r) {
            assert_int_equal(report.errors.kept > 0, true);
            assert_non_null(strstr(report.errors.err[report.errors.kept - 1].text, "out of memory"));
        } else { /* what failed was not needed: the text of an error, spare memory given back */
            tk_rules_free(r);
            r = NULL;
        }
        allocations_left = -1;
    }
    assert_int_equal(report.errors.kept, 2);
    tk_rules_free(r);
}

static void test_matching(void **state)
{
    static const char sound[] =
        "{\"rules\":[{\"name\":\"r\",\"match\":{\"trap\":\"IF-MIB::linkDown\"},\"severity\":\"major\",\"state\":\"raise\",\"key\":"
        "\"{device}/{ifIndex}\",\"clears\":[\"a\",\"{ifIndex}\"],\"summary\":\"{ifDescr} is {ifOperStatus#value} {ifIndex}\","
        "\"set\":{\"a\":\"{ifDescr.index}\",\"b\":\"x\"}}]}";
    static struct event_fixture f;
    struct tk_err err = {0};
    struct tk_rules *r = tk_rules_parse(sound, strlen(sound), "rules.json", dict, &err);
    unsigned failed = 0;
    bool is_whole = false;

    (void)state;
    assert_non_null(r);
    for (int n = 0; !is_whole; n++) {
        int ret;

        assert_true(n < 100);
        event_fixture_init(&f, LINK_DOWN);
        event_fixture_integer(&f, IF_ENTRY "8.7", 2);
        event_fixture_text(&f, IF_ENTRY "2.7", "xe-0/0/1");
        event_fixture_finish(&f, dict);
        allocations_left = n;
        ret = tk_rules_match(r, &f.ev, NULL);
        assert_true(ret == 1 || ret == -ENOMEM);
        is_whole = ret == 1 && tk_rules_describe(r, &f.ev);
        failed += !is_whole;
        assert_int_equal(is_whole, allocations_left >= 0);
        allocations_left = -1;
        event_fixture_done(&f);
    }
    assert_true(failed > 8); /* key, list, two keys, pieces, two texts, fields, pieces ... */
    tk_rules_free(r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_compiling),
        cmocka_unit_test(test_matching),
    };

    return cmocka_run_group_tests(tests, make_dict, free_dict);
}
