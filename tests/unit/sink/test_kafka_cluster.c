/* SPDX-License-Identifier: Apache-2.0 */
/* Brokers out of librdkafka's statistics. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "sink/kafka_cluster.h"

#define BOOTSTRAP "\"kafka1:9092/bootstrap\":{\"name\":\"kafka1:9092/bootstrap\",\"nodeid\":-1,\"state\":\"UP\"}"

static struct tk_kafka_cluster read_text(const char *json)
{
    struct tk_kafka_cluster cluster = {.brokers_up = 7, .brokers_known = 8};

    tk_kafka_cluster_read(&cluster, json, strlen(json));
    return cluster;
}

/* Every state that librdkafka names: connected and in use, or not. */
static void test_states(void **state)
{
    static const struct {
        const char *name;
        unsigned up;
    } states[] = {
        {"INIT", 0},        {"DOWN", 0},   {"TRY_CONNECT", 0}, {"CONNECT", 0},          {"SSL_HANDSHAKE", 0},
        {"AUTH_LEGACY", 0}, {"UP", 1},     {"UPDATE", 1},      {"APIVERSION_QUERY", 0}, {"AUTH_HANDSHAKE", 0},
        {"AUTH_REQ", 0},    {"REAUTH", 1},
    };
    char json[512];

    (void)state;
    for (size_t i = 0; i < sizeof(states) / sizeof(states[0]); i++) {
        struct tk_kafka_cluster cluster;

        (void)snprintf(json, sizeof(json),
                       "{\"brokers\":{" BOOTSTRAP ",\"kafka1:9092/1\":{\"nodeid\":1,\"state\":\"%s\"},"
                       "\"kafka2:9092/2\":{\"nodeid\":2,\"state\":\"UP\"}}}",
                       states[i].name);
        cluster = read_text(json);
        assert_int_equal(cluster.brokers_known, 2);
        assert_int_equal(cluster.brokers_up, 1 + states[i].up);
    }
}

/* A bootstrap server alone is no broker of the cluster yet. */
static void test_no_metadata(void **state)
{
    struct tk_kafka_cluster cluster = read_text("{\"brokers\":{" BOOTSTRAP "}}");

    (void)state;
    assert_int_equal(cluster.brokers_known, 0);
    assert_int_equal(cluster.brokers_up, 0);
}

static void test_other_text_changes_nothing(void **state)
{
    static const char *const texts[] = {"", "{", "[]", "{}", "{\"brokers\":1}", "{\"brokers\":{\"a\":{"};

    (void)state;
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        struct tk_kafka_cluster cluster = read_text(texts[i]);

        assert_int_equal(cluster.brokers_up, 7);
        assert_int_equal(cluster.brokers_known, 8);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_states),
        cmocka_unit_test(test_no_metadata),
        cmocka_unit_test(test_other_text_changes_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
