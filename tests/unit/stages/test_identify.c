/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "stage_fixture.h"

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
    }
    stage_fixture_done(&f);
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
        {"2c oid=1.3 from=192.0.2.99:1 1.3.6.1.2.1.1.5.0 s nobody", "192.0.2.99", false, false},
        {"2c oid=1.3 from=192.0.2.99:1 1.3.6.1.2.1.1.5.0 i 1", "192.0.2.99", false, false},
        {"2c oid=1.3 from=192.0.2.99:1 1.3.6.1.2.1.1.5.1 s by-name", "192.0.2.99", false, false},
        {"2c oid=1.3 from=192.0.2.60:1", "192.0.2.60", true, false}, /* a row without a name */
    };

    (void)state;
    check(inventory, t, sizeof(t) / sizeof(t[0]));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_without_inventory),
        cmocka_unit_test(test_with_inventory),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
