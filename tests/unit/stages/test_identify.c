/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "stage_fixture.h"

/* In front of base/arena.c: the allocation that fails, counted down; negative: none does. */
static int allocations_left = -1;

void *__real_tk_arena_alloc(struct tk_arena *a, size_t bytes);
void *__wrap_tk_arena_alloc(struct tk_arena *a, size_t bytes);
void *__wrap_tk_arena_alloc(struct tk_arena *a, size_t bytes)
{
    if (allocations_left >= 0 && allocations_left-- == 0)
        return NULL;
    return __real_tk_arena_alloc(a, bytes);
}

static const char inventory[] = "name,address,engine_id,site\n"
                                "by-engine,,0x80000000010203,A\n"
                                "by-agent,192.0.2.50,,B\n"
                                "by-peer,192.0.2.7,,C\n"
                                "by-peer6,2001:db8::7,,D\n"
                                "by-name,,,E\n"
                                ",192.0.2.60,,F\n";

struct expected {
    const char *line, *device;
    bool has_row, is_from_agent;
};

/* The names in the inventory say it; another device is called by what it was found. */
static enum tk_device_from expected_from(const struct expected *t)
{
    static const struct {
        const char *name;
        enum tk_device_from from;
    } names[] = {{"by-engine", TK_DEVICE_OF_ENGINE},
                 {"by-agent", TK_DEVICE_OF_AGENT},
                 {"by-peer", TK_DEVICE_OF_PEER},
                 {"by-name", TK_DEVICE_OF_NAME},
                 {"unknown", TK_DEVICE_UNKNOWN}};

    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        if (strncmp(t->device, names[i].name, strlen(names[i].name)) == 0)
            return names[i].from;
    if (!strpbrk(t->device, ".:"))
        return TK_DEVICE_OF_ENGINE;
    return t->is_from_agent ? TK_DEVICE_OF_AGENT : TK_DEVICE_OF_PEER;
}

static void check(const char *csv, const struct expected *t, size_t count)
{
    static struct stage_fixture f;

    stage_fixture_init(&f, "1 iso - -\n", csv, NULL);
    for (size_t i = 0; i < count; i++) {
        stage_fixture_run(&f, t[i].line);
        if (f.ev.device.len != strlen(t[i].device) || memcmp(f.ev.device.text, t[i].device, f.ev.device.len) != 0)
            fail_msg("%s: %.*s", t[i].line, (int)f.ev.device.len, f.ev.device.text);
        assert_int_equal(f.ev.inventory_row != TK_ROW_NONE, t[i].has_row);
        assert_int_equal(f.ev.is_from_agent, t[i].is_from_agent);
        assert_int_equal(f.ev.device_from, expected_from(t + i));
    }
    stage_fixture_done(&f);
}

static void write_text(char *dst, size_t bytes, struct tk_text text)
{
    (void)snprintf(dst, bytes, "%.*s", (int)text.len, text.text ? text.text : "");
}

static void assert_text(struct tk_text text, const char *expected)
{
    char is[128];

    write_text(is, sizeof(is), text);
    assert_string_equal(is, expected);
}

static void test_without_inventory(void **state)
{
    static const struct expected t[] = {
        {"2c oid=1.3", "192.0.2.7", false, false},
        {"2c oid=1.3 from=[2001:db8::7]:1", "2001:db8::7", false, false},
        {"2c oid=1.3 from=none", "unknown", false, false},
        {"2c oid=1.3 engine=8000000001020304", "192.0.2.7", false, false}, /* v2c has no engine ID */
        {"3 oid=1.3 engine=8000000001020304", "8000000001020304", false, false},
        {"3 oid=1.3 engine=80000000ff context_engine=80000000aa", "80000000aa", false, false},
        /* without a context engine ID that names the sender, its authoritative engine does */
        {"3 oid=1.3 engine=80000000ff context_engine=", "80000000ff", false, false},
        {"3 oid=1.3 engine=80000000ff own_context context_engine=8000000001", "80000000ff", false, false},
        {"3 oid=1.3 engine=80000000ff own_context own_engine", "192.0.2.7", false, false},
        {"3 oid=1.3 engine=80000000ff own_engine context_engine=", "192.0.2.7", false, false},
        {"3 oid=1.3 engine=80000000ff own_engine context_engine=80000000aa", "80000000aa", false, false},
        {"3 oid=1.3 engine= context_engine=", "192.0.2.7", false, false},
        {"3 oid=1.3 engine=8000000001020304 own_engine context_engine= inform", "192.0.2.7", false, false},
        {"3 oid=1.3 engine=8000000001020304 context_engine= inform", "192.0.2.7", false, false},
        {"2c oid=1.3 engine=8000000001020304 context_engine=", "192.0.2.7", false, false},
        {"3 oid=1.3 engine=8000000001020304 own inform", "192.0.2.7", false, false},
        {"3 oid=1.3 engine=8000000001020304 own from=none", "unknown", false, false},
        {"1 enterprise=1.3 agent=192.0.2.9", "192.0.2.9", false, true},
        {"1 enterprise=1.3 agent=127.0.0.1", "192.0.2.7", false, false},
        {"2c oid=1.3 1.3.6.1.6.3.18.1.3.0 a 192.0.2.5", "192.0.2.5", false, true},
        {"3 oid=1.3 engine=80000000aa 1.3.6.1.6.3.18.1.3.0 a 192.0.2.5", "80000000aa", false, false},
        {"2c oid=1.3 1.3.6.1.2.1.1.5.0 s by-name", "192.0.2.7", false, false},
    };

    (void)state;
    check(NULL, t, sizeof(t) / sizeof(t[0]));
}

static void test_with_inventory(void **state)
{
    static const struct expected t[] = {
        {"3 oid=1.3 engine=80000000010203", "by-engine", true, false},
        {"3 oid=1.3 engine=80000000ffff context_engine=80000000010203", "by-engine", true, false},
        {"3 oid=1.3 engine=80000000010203 context_engine=", "by-engine", true, false},
        {"3 oid=1.3 engine=80000000010203 context_engine= 1.3.6.1.6.3.18.1.3.0 a 192.0.2.50", "by-engine", true, false},
        {"3 oid=1.3 engine=80000000010203 own_engine context_engine=", "by-peer", true, false},
        {"3 oid=1.3 engine=80000000010203 own_context", "by-engine", true, false},
        {"2c oid=1.3 engine=80000000010203 from=192.0.2.99:1", "192.0.2.99", false, false},
        {"3 oid=1.3 engine=80000000010203 own", "by-peer", true,
         false}, /* our own engine ID never identifies the sender */
        {"3 oid=1.3 engine=80000000010203 own from=192.0.2.99:1", "192.0.2.99", false, false},
        {"3 oid=1.3 engine=80000000ffff", "by-peer", true, false},
        {"3 oid=1.3 engine=80000000ffff from=192.0.2.99:1", "80000000ffff", false, false},
        {"3 oid=1.3 engine=80000000010203 1.3.6.1.6.3.18.1.3.0 a 192.0.2.50", "by-engine", true, false},
        {"1 enterprise=1.3 agent=192.0.2.50", "by-agent", true, true},
        {"2c oid=1.3 1.3.6.1.6.3.18.1.3.0 a 192.0.2.50", "by-agent", true, true},
        {"1 enterprise=1.3 agent=0.0.0.0", "by-peer", true, false},
        {"2c oid=1.3", "by-peer", true, false},
        {"2c oid=1.3 from=[2001:db8::7]:162", "by-peer6", true, false},
        {"2c oid=1.3 from=[::ffff:192.0.2.7]:162", "by-peer", true, false},
        {"2c oid=1.3 from=192.0.2.99:1 1.3.6.1.2.1.1.5.0 s by-name", "by-name", true, false},
        {"2c oid=1.3 1.3.6.1.2.1.1.5.0 s by-name", "by-peer", true, false}, /* an address is preferred to a name */
        /* some devices pad it with NULs */
        {"2c oid=1.3 from=192.0.2.99:1 1.3.6.1.2.1.1.5.0 x 62792d6e616d6500", "by-name", true, false},
        {"2c oid=1.3 from=192.0.2.99:1 1.3.6.1.2.1.1.5.0 x 62792d6e616d65000000", "by-name", true, false},
        {"2c oid=1.3 from=192.0.2.99:1 1.3.6.1.2.1.1.5.0 x 62790d6e616d6500", "192.0.2.99", false, false},
        {"2c oid=1.3 from=192.0.2.99:1 1.3.6.1.2.1.1.5.0 x 62792d6e616d650031", "192.0.2.99", false, false},
        {"2c oid=1.3 from=192.0.2.99:1 1.3.6.1.2.1.1.5.0 x 0000", "192.0.2.99", false, false},
        {"2c oid=1.3 from=192.0.2.99:1 1.3.6.1.2.1.1.5.0 s nobody", "192.0.2.99", false, false},
        {"2c oid=1.3 from=192.0.2.99:1 1.3.6.1.2.1.1.5.0 i 1", "192.0.2.99", false, false},
        {"2c oid=1.3 from=192.0.2.99:1 1.3.6.1.2.1.1.5.1 s by-name", "192.0.2.99", false, false},
        {"2c oid=1.3 from=192.0.2.60:1", "192.0.2.60", true, false}, /* a row without a name */
    };

    (void)state;
    check(inventory, t, sizeof(t) / sizeof(t[0]));
}

/* Two devices behind one address whose traps have no context engine ID: neither is a repeat of the other. */
static void test_empty_context_engine_is_no_repeat(void **state)
{
    static const char *const lines[] = {
        "3 oid=1.3 uptime=0 engine=80001f88046e61743031 context_engine=",
        "3 oid=1.3 uptime=0 engine=80001f88046e61743032 context_engine=",
    };
    static struct stage_fixture f;
    struct tk_hash128 key[2];

    (void)state;
    stage_fixture_init(&f, "1 iso - -\n", NULL, NULL);
    for (int i = 0; i < 2; i++) {
        stage_fixture_run(&f, lines[i]);
        key[i] = f.ev.dedup_key;
    }
    assert_true(key[0].low != key[1].low);
    stage_fixture_done(&f);
}

/* Whatever allocation fails: the event has its device and its addresses, or there is no event. */
static void test_out_of_memory_changes_no_device(void **state)
{
    static const char *const lines[] = {
        "2c oid=1.3 1.3.6.1.2.1.1.5.0 s by-name",
        "2c oid=1.3 from=192.0.2.99:1 1.3.6.1.2.1.1.5.0 s by-name",
        "2c oid=1.3 from=[2001:db8:1:2:3:4:5:6]:1",
        "2c oid=1.3 from=192.0.2.99:1 1.3.6.1.6.3.18.1.3.0 a 198.51.100.251",
        "1 enterprise=1.3.6 generic=6 specific=1 agent=198.51.100.252",
        "1 enterprise=1.3.6 generic=3 agent=192.0.2.50 1.3.1 i 1 1.3.2 i 2",
        "3 oid=1.3 engine=80000000010203",
        "3 oid=1.3 engine=80000000ff context_engine=8000000000112233445566778899aabbccddeeff00112233445566778899aabb",
        "3 oid=1.3 engine=8000000000112233445566778899aabbccddeeff00112233445566778899aabb context_engine=",
        "3 oid=1.3 engine=80000000ff own_context own_engine inform",
    };
    static struct stage_fixture f;
    unsigned failed = 0;

    (void)state;
    stage_fixture_init(&f, NULL, inventory, "kafkaDedup off");
    for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
        char device[128], address[64], agent[64];
        enum tk_verdict verdict;
        bool has_failed;

        stage_fixture_run(&f, lines[i]);
        write_text(device, sizeof(device), f.ev.device);
        write_text(address, sizeof(address), f.ev.address);
        write_text(agent, sizeof(agent), f.ev.agent);
        for (int n = 0;; n++) {
            stage_fixture_begin(&f, lines[i]);
            allocations_left = n;
            verdict = tk_stages_run(&f.stages, f.bundle, &f.ev, 0);
            has_failed = allocations_left < 0;
            allocations_left = -1;
            if (!has_failed)
                break;
            failed++;
            if (verdict == TK_DROP_NO_MEMORY)
                continue;
            assert_int_equal(verdict, TK_PASS);
            assert_text(f.ev.device, device);
            assert_text(f.ev.address, address);
            assert_text(f.ev.agent, agent);
        }
    }
    assert_in_range(failed, 2 * sizeof(lines) / sizeof(lines[0]), UINT32_MAX);
    stage_fixture_done(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_without_inventory),
        cmocka_unit_test(test_with_inventory),
        cmocka_unit_test(test_empty_context_engine_is_no_repeat),
        cmocka_unit_test(test_out_of_memory_changes_no_device),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
