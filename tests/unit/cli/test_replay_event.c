/* SPDX-License-Identifier: Apache-2.0 */
/* Events as a source of notifications: whatever a file says, the notification is sound, or there is none. That what the
 * daemon published comes out again is shown by the system tests. */
#include "cli/replay/replay_event.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define LEN(array) (sizeof(array) / sizeof((array)[0]))

#define EVENT \
    "{\"type\":\"trap\",\"received\":\"%s\",\"source\":{\"address\":\"192.0.2.7\",\"port\":1,\"transport\":" \
    "\"udp\"},\"snmp\":{\"version\":\"2c\",\"pdu\":\"trap\",\"request_id\":1,\"security_level\":\"noAuthNoPriv\"," \
    "\"uptime\":5},\"trap\":{\"oid\":\"1.3.6.1.6.3.1.1.5.3\"},\"varbinds\":[{\"oid\":\"1.3.6.1.2.1.2.2.1.1.7\"," \
    "\"type\":\"%s\",\"value\":%s}]}"

static struct tk_receive_config receiver;
static struct tk_incoming incoming = {.receiver = &receiver};

static bool read_event(const char *received, const char *type, const char *value)
{
    char text[2000];
    json_t *event;
    bool is_one;

    assert_true((size_t)snprintf(text, sizeof(text), EVENT, received, type, value) < sizeof(text));
    event = json_loads(text, JSON_ALLOW_NUL, NULL);
    assert_non_null(event);
    is_one = tk_incoming_of_event(&incoming, event);
    json_decref(event);
    return is_one;
}

static void test_times(void **state)
{
    static const struct {
        const char *text;
        tk_nsec wall; /* -1: it is no time */
    } t[] = {
        {"1970-01-01T00:00:00.000000Z", 0},
        {"2026-11-22T05:45:26.123456Z", 1795326326 * TK_SECOND + 123456000},
        {"2026-11-22T05:45:26Z", 1795326326 * TK_SECOND},
        {"2026-11-22T05:45:26.5", 1795326326 * TK_SECOND + 500000000},
        {"2026-11-22T05:45:26.1234567891234567890", 1795326326 * TK_SECOND + 123456789},
        {"2026-11-22T05:45:26.5e300Z", 1795326326 * TK_SECOND + 500000000},
        {"1969-12-31T23:59:59.999999Z", -1},
        {"2262-04-11T23:47:15.999999Z", 9223372035 * TK_SECOND + 999999000}, /* the last second that is whole */
        {"2262-04-11T23:47:16.999999Z", -1},
        {"9999-12-31T23:59:59.999999Z", -1},
        {"yesterday", -1},
        {"", -1},
    };

    (void)state;
    for (size_t i = 0; i < LEN(t); i++) {
        assert_int_equal(read_event(t[i].text, "integer", "\"7\""), t[i].wall >= 0);
        if (t[i].wall >= 0)
            assert_int_equal(incoming.received.wall, t[i].wall);
    }
}

static void test_values(void **state)
{
    static const char *const types[] = {"integer", "octets",    "null",  "oid",    "ipaddress", "counter32", "gauge32",
                                        "opaque",  "counter64", "float", "double", "bits",      "unknown",   ""};
    static const char *const values[] = {"\"7\"",
                                         "\"-9223372036854775809\"",
                                         "\"99999999999999999999999\"",
                                         "\"1e999\"",
                                         "\"0x\"",
                                         "\"1.3.6.4294967296\"",
                                         "\"\"",
                                         "null",
                                         "7",
                                         "[]",
                                         "{}",
                                         "\"a\\u0000b\""};

    (void)state;
    for (size_t i = 0; i < LEN(types); i++)
        for (size_t j = 0; j < LEN(values); j++)
            if (read_event("2026-11-22T05:45:26Z", types[i], values[j])) {
                struct tk_trap trap;

                assert_true(tk_trap_read(&trap, incoming.flat, incoming.flat_len) >= 0);
            }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_times),
        cmocka_unit_test(test_values),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
