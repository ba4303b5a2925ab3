/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "sink/kafka_conf.h"

static const char *value_of(const rd_kafka_conf_t *conf, const char *name)
{
    static char text[1024];
    size_t len = sizeof(text);

    assert_int_equal(rd_kafka_conf_get(conf, name, text, &len), RD_KAFKA_CONF_OK);
    return text;
}

static void refuses_each_with_reason_and_remedy(void **state)
{
    (void)state;
    assert_true(tk_refused_property_count > 60);
    for (size_t i = 0; i < tk_refused_property_count; i++) {
        const struct tk_refused_property *p = &tk_refused_properties[i];
        struct tk_err err = {0};

        assert_int_equal(tk_kafka_check_property(p->name, "1", &err), -EINVAL);
        assert_true(err.is_set);
        assert_non_null(strstr(err.text, p->name));
        assert_non_null(strstr(err.text, p->why));
        assert_non_null(strstr(err.text, p->remedy));
        assert_true(strlen(err.text) < sizeof(err.text) - 1);
    }
}

/* If librdkafka has two names for a property, both are refused or none is. */
static void refuses_aliases_too(void **state)
{
    static const char *const aliases[][2] = {
        {"acks", "request.required.acks"},
        {"message.timeout.ms", "delivery.timeout.ms"},
        {"retries", "message.send.max.retries"},
        {"bootstrap.servers", "metadata.broker.list"},
        {"max.in.flight", "max.in.flight.requests.per.connection"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(aliases) / sizeof(aliases[0]); i++)
        for (size_t j = 0; j < 2; j++) {
            struct tk_err err = {0};

            assert_int_equal(tk_kafka_check_property(aliases[i][j], "1", &err), -EINVAL);
        }
}

static void points_to_the_directive(void **state)
{
    struct tk_err err = {0};

    (void)state;
    assert_int_equal(tk_kafka_check_property("bootstrap.servers", "b:9092", &err), -EINVAL);
    assert_non_null(strstr(err.text, "kafkaBrokers"));
    tk_err_clear(&err);
    assert_int_equal(tk_kafka_check_property("test.mock.num.brokers", "3", &err), -EINVAL);
    assert_non_null(strstr(err.text, "kafkaBrokers embedded"));
    tk_err_clear(&err);
    assert_int_equal(tk_kafka_check_property("group.id", "noc", &err), -EINVAL);
    assert_non_null(strstr(err.text, "consumers"));
}

static void takes_the_operators_own(void **state)
{
    static const char *const good[][2] = {
        {"security.protocol", "sasl_ssl"},
        {"sasl.mechanisms", "SCRAM-SHA-512"},
        {"sasl.username", "noc"},
        {"sasl.password", "hunter2"},
        {"ssl.ca.location", "/etc/ssl/certs/ca.pem"},
        {"linger.ms", "50"},
        {"queue.buffering.max.ms", "0.5"},
        {"compression.type", "zstd"},
        {"compression.codec", "none"},
        {"client.id", "noc-1"},
        {"message.max.bytes", "4000000"},
        {"socket.keepalive.enable", "true"},
        {"debug", "broker,msg"},
        {"batch.size", "65536"},
        {"request.timeout.ms", "5000"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
        struct tk_err err = {0};

        assert_int_equal(tk_kafka_check_property(good[i][0], good[i][1], &err), 0);
        assert_false(err.is_set);
    }
}

static void passes_on_librdkafkas_message(void **state)
{
    struct tk_err err = {0};

    (void)state;
    assert_int_equal(tk_kafka_check_property("linger.ms", "-7", &err), -EINVAL);
    assert_non_null(strstr(err.text, "linger.ms"));
    assert_non_null(strstr(err.text, "range"));
    tk_err_clear(&err);
    assert_int_equal(tk_kafka_check_property("lingerms", "7", &err), -EINVAL);
    assert_non_null(strstr(err.text, "'lingerms' is unknown"));
    tk_err_clear(&err);
    assert_int_equal(tk_kafka_check_property("security.protocol", "tls", &err), -EINVAL);
    assert_non_null(strstr(err.text, "security.protocol"));
    tk_err_clear(&err);
    assert_int_equal(tk_kafka_check_property("x\n\x1b[31m", "7", &err), -EINVAL);
    for (const char *c = err.text; *c; c++)
        assert_true((unsigned char)*c >= 0x20);
}

static void never_shows_a_secret(void **state)
{
    static const char *const names[] = {"sasl.password",
                                        "ssl.key.password",
                                        "ssl.keystore.password",
                                        "ssl.key.pem",
                                        "ssl.certificate.pem",
                                        "ssl.ca.pem",
                                        "sasl.oauthbearer.config",
                                        "sasl.oauthbearer.client.secret",
                                        "sasl.oauthbearer.method",
                                        "sasl.jaas.config",
                                        "enable.sasl.oauthbearer.unsecure.jwt",
                                        "sasl.passwort"};

    (void)state;
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        struct tk_err err = {0};

        if (tk_kafka_check_property(names[i], "hunter2", &err) < 0)
            assert_null(strstr(err.text, "hunter2"));
    }
}

static void builds_the_whole(void **state)
{
    struct tk_property mine[] = {{(char *)(uintptr_t) "linger.ms", (char *)(uintptr_t) "20", false},
                                 {(char *)(uintptr_t) "compression.type", (char *)(uintptr_t) "gzip", true}};
    struct tk_settings cf = {.refs = 1};
    struct tk_err err = {0};
    rd_kafka_conf_t *conf = tk_kafka_conf_new(&cf, "b1:9092,b2:9092", &err);

    (void)state;
    assert_non_null(conf);
    assert_string_equal(value_of(conf, "linger.ms"), "5");
    assert_string_equal(value_of(conf, "client.id"), "trapkafka");
    assert_string_equal(value_of(conf, "compression.codec"), "lz4");
    assert_string_equal(value_of(conf, "bootstrap.servers"), "b1:9092,b2:9092");
    assert_string_equal(value_of(conf, "acks"), "-1");
    assert_string_equal(value_of(conf, "enable.idempotence"), "true");
    assert_string_equal(value_of(conf, "enable.gapless.guarantee"), "true");
    assert_string_equal(value_of(conf, "message.timeout.ms"), "0");
    assert_string_equal(value_of(conf, "partitioner"), "murmur2_random");
    assert_string_equal(value_of(conf, "queue.buffering.max.messages"), "10000");
    assert_string_equal(value_of(conf, "log.queue"), "true");
    rd_kafka_conf_destroy(conf);

    cf.properties = mine;
    cf.property_count = 2;
    conf = tk_kafka_conf_new(&cf, "b1:9092", &err);
    assert_non_null(conf);
    assert_string_equal(value_of(conf, "linger.ms"), "20");
    assert_string_equal(value_of(conf, "compression.codec"), "gzip");
    rd_kafka_conf_destroy(conf);

    mine[1].value = (char *)(uintptr_t) "hunter2"; /* from a file: it may be a secret */
    assert_null(tk_kafka_conf_new(&cf, "b1:9092", &err));
    assert_non_null(strstr(err.text, "compression.type"));
    assert_null(strstr(err.text, "hunter2"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(refuses_each_with_reason_and_remedy),
        cmocka_unit_test(refuses_aliases_too),
        cmocka_unit_test(points_to_the_directive),
        cmocka_unit_test(takes_the_operators_own),
        cmocka_unit_test(passes_on_librdkafkas_message),
        cmocka_unit_test(never_shows_a_secret),
        cmocka_unit_test(builds_the_whole),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
