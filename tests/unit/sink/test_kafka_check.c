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

#include "sink/kafka_check.h"

static void refuses_each_with_reason_and_remedy(void **state)
{
    (void)state;
    assert_true(tk_refused_property_count > 60);
    for (size_t i = 0; i < tk_refused_property_count; i++) {
        const struct tk_refused_property *p = &tk_refused_properties[i];
        struct tk_err err = {0};

        assert_int_equal(tk_kafka_check_property(p->name, "7", false, &err), -EINVAL);
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

            assert_int_equal(tk_kafka_check_property(aliases[i][j], "7", false, &err), -EINVAL);
        }
}

static void points_to_the_directive(void **state)
{
    struct tk_err err = {0};

    (void)state;
    assert_int_equal(tk_kafka_check_property("bootstrap.servers", "b:9092", false, &err), -EINVAL);
    assert_non_null(strstr(err.text, "kafkaBrokers"));
    tk_err_clear(&err);
    assert_int_equal(tk_kafka_check_property("test.mock.num.brokers", "3", false, &err), -EINVAL);
    assert_non_null(strstr(err.text, "kafkaBrokers embedded"));
    tk_err_clear(&err);
    assert_int_equal(tk_kafka_check_property("group.id", "noc", false, &err), -EINVAL);
    assert_non_null(strstr(err.text, "consumers"));
}

static void takes_the_operators_own(void **state)
{
    static const char *const good[][2] = {
        {"security.protocol", "sasl_ssl"}, {"sasl.mechanisms", "SCRAM-SHA-512"},
        {"sasl.username", "noc"},          {"sasl.password", "hunter2"},
        {"ssl.ca.location", "/"}, /* a folder of certificates */
        {"ssl.ca.location", "probe"},      {"linger.ms", "50"},
        {"queue.buffering.max.ms", "0.5"}, {"compression.type", "zstd"},
        {"compression.codec", "none"},     {"client.id", "noc-1"},
        {"message.max.bytes", "4000000"},  {"socket.keepalive.enable", "true"},
        {"debug", "broker,msg"},           {"batch.size", "65536"},
        {"request.timeout.ms", "5000"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
        struct tk_err err = {0};

        assert_int_equal(tk_kafka_check_property(good[i][0], good[i][1], false, &err), 0);
        assert_false(err.is_set);
    }
}

static void passes_on_librdkafkas_message(void **state)
{
    struct tk_err err = {0};

    (void)state;
    assert_int_equal(tk_kafka_check_property("linger.ms", "-7", false, &err), -EINVAL);
    assert_non_null(strstr(err.text, "linger.ms"));
    assert_non_null(strstr(err.text, "range"));
    tk_err_clear(&err);
    assert_int_equal(tk_kafka_check_property("lingerms", "7", false, &err), -ENOENT);
    assert_non_null(strstr(err.text, "'lingerms' is unknown"));
    tk_err_clear(&err);
    assert_int_equal(tk_kafka_check_property("security.protocol", "tls", false, &err), -EINVAL);
    assert_non_null(strstr(err.text, "security.protocol"));
    tk_err_clear(&err);
    assert_int_equal(tk_kafka_check_property("x\n\x1b[31m", "7", false, &err), -ENOENT);
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
                                        "sasl.jaas.config",
                                        "enable.sasl.oauthbearer.unsecure.jwt",
                                        "sasl.passwort"};

    (void)state;
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        struct tk_err err = {0};

        if (tk_kafka_check_property(names[i], "hunter2", false, &err) < 0)
            assert_null(strstr(err.text, "hunter2"));
    }
}

/* A value that is the module's own is worth a warning, in a line and in a file; any other value is refused. */
static void leaves_out_the_modules_own_values(void **state)
{
    static const char *const own[][3] = {
        {"acks", "all", "1"},
        {"acks", "-1", "0"},
        {"request.required.acks", "all", "1"},
        {"enable.idempotence", "true", "false"},
        {"enable.gapless.guarantee", "true", "false"},
        {"message.timeout.ms", "0", "30000"},
        {"delivery.timeout.ms", "0", "120000"},
        {"retries", "2147483647", "3"},
        {"message.send.max.retries", "2147483647", "0"},
        {"max.in.flight", "1", "5"},
        {"max.in.flight.requests.per.connection", "1", "5"},
        {"partitioner", "murmur2_random", "random"},
        {"queue.buffering.max.messages", "10000", "100000"},
        {"delivery.report.only.error", "false", "true"},
        {"statistics.interval.ms", "5000", "1000"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(own) / sizeof(own[0]); i++)
        for (int is_from_file = 0; is_from_file < 2; is_from_file++) {
            struct tk_err err = {0};

            assert_int_equal(tk_kafka_check_property(own[i][0], own[i][1], is_from_file, &err), TK_PROPERTY_LEFT_OUT);
            assert_non_null(strstr(err.text, own[i][0]));
            tk_err_clear(&err);
            assert_int_equal(tk_kafka_check_property(own[i][0], own[i][2], is_from_file, &err), -EINVAL);
        }
}

/* Each row of the table, of which a shared file may have a value: only those of consumers and the brokers. */
static void leaves_out_what_a_shared_file_has_for_others(void **state)
{
    unsigned left_out = 0;

    (void)state;
    for (size_t i = 0; i < tk_refused_property_count; i++) {
        const struct tk_refused_property *p = &tk_refused_properties[i];
        struct tk_err err = {0};
        int ret = tk_kafka_check_property(p->name, "7", true, &err);

        assert_true(err.is_set);
        assert_int_equal(ret, p->unless == TK_UNLESS_SHARED ? TK_PROPERTY_LEFT_OUT : -EINVAL);
        left_out += ret == TK_PROPERTY_LEFT_OUT;
        tk_err_clear(&err);
        assert_int_equal(tk_kafka_check_property(p->name, "7", false, &err), -EINVAL);
    }
    assert_true(left_out > 30);
    for (size_t i = 0; i < 4; i++) {
        static const char *const names[] = {"bootstrap.servers", "group.id", "session.timeout.ms", "auto.offset.reset"};
        struct tk_err err = {0};

        assert_int_equal(tk_kafka_check_property(names[i], "7", true, &err), TK_PROPERTY_LEFT_OUT);
    }
}

static void tells_why_a_build_cannot(void **state)
{
    struct tk_err err = {0};

    (void)state;
    for (int is_from_file = 0; is_from_file < 2; is_from_file++) {
        tk_err_clear(&err);
        assert_int_equal(tk_kafka_check_property("sasl.jaas.config", "x.PlainLoginModule required;", is_from_file,
                                                 &err),
                         -EINVAL);
        assert_non_null(strstr(err.text, "JAAS configuration is not supported"));
        assert_non_null(strstr(err.text, "set sasl.username and sasl.password"));
        assert_null(strstr(err.text, "PlainLogin"));
        tk_err_clear(&err);
        if (tk_kafka_check_property("sasl.oauthbearer.method", "oidc", is_from_file, &err) < 0) /* without libcurl */
            assert_non_null(strstr(err.text, "not supported in this build"));
        tk_err_clear(&err);
        if (tk_kafka_check_property("sasl.oauthbearer.client.secret", "hunter2", is_from_file, &err) < 0)
            assert_non_null(strstr(err.text, "not supported in this build"));
        assert_null(strstr(err.text, "hunter2"));
        tk_err_clear(&err);
        assert_int_equal(tk_kafka_check_property("security.protocol", "SASL_SLL", is_from_file, &err), -EINVAL);
        assert_non_null(strstr(err.text, "SASL_PLAINTEXT or SASL_SSL"));
        assert_int_equal(!strstr(err.text, "SASL_SLL"), is_from_file);
        tk_err_clear(&err);
        assert_int_equal(tk_kafka_check_property("compression.type", "brotli", is_from_file, &err), -EINVAL);
        assert_non_null(strstr(err.text, "write lz4 (the default), gzip"));
    }
}

/* Files of TLS are opened: the error has path and cause. What is no path may be a pasted key, and is not shown. */
static void opens_files_of_tls(void **state)
{
    static const char *const names[] = {"ssl.ca.location", "ssl.certificate.location", "ssl.crl.location",
                                        "ssl.key.location", "ssl.keystore.location"};
    struct tk_property property = {(char *)(uintptr_t) "ssl.key.location", (char *)(uintptr_t) "/no/such.key", true};
    struct tk_settings cf = {.refs = 1, .properties = &property, .property_count = 1};
    struct tk_err err = {0};

    (void)state;
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        for (int is_from_file = 0; is_from_file < 2; is_from_file++) {
            tk_err_clear(&err);
            assert_int_equal(tk_kafka_check_property(names[i], "/no/such.pem", is_from_file, &err), -EINVAL);
            assert_non_null(strstr(err.text, names[i]));
            assert_non_null(strstr(err.text, "'/no/such.pem': No such file or directory; name a file that"));
            tk_err_clear(&err);
            assert_int_equal(tk_kafka_check_property(names[i], "MIIhunter2", is_from_file, &err), -EINVAL);
            assert_null(strstr(err.text, "hunter2"));
            tk_err_clear(&err);
            assert_int_equal(tk_kafka_check_property(names[i], "/dev/null", is_from_file, &err), 0);
        }
    assert_int_equal(tk_kafka_check_files(&cf, &err), -EINVAL);
    assert_non_null(strstr(err.text, "/no/such.key"));
    property.value = (char *)(uintptr_t) "/dev/null";
    assert_int_equal(tk_kafka_check_files(&cf, &err), 0);
}

/* Rows of properties, and a part of the reason why they do not suit each other; NULL: they do. */
static void checks_them_together(void **state)
{
    static const struct {
        const char *properties[5][2];
        const char *part;
    } t[] = {
        {{{NULL}}, NULL},
        {{{"linger.ms", "7"}}, NULL},
        {{{"security.protocol", "PLAINTEXT"}, {"sasl.username", "u"}}, NULL}, /* asked for in so many words */
        {{{"sasl.username", "u"}, {"sasl.password", "p"}}, "'sasl.username' is given without security.protocol"},
        {{{"linger.ms", "7"}, {"ssl.ca.location", "/dev/null"}},
         "'ssl.ca.location' is given without security.protocol"},
        {{{"security.protocol", "ssl"}, {"ssl.ca.location", "/dev/null"}}, NULL},
        {{{"security.protocol", "SASL_SSL"}, {"sasl.mechanism", "PLAIN"}, {"sasl.username", "u"}},
         "PLAIN needs sasl.username and sasl.password"},
        {{{"security.protocol", "sasl_plaintext"}, {"sasl.mechanisms", "SCRAM-SHA-256"}, {"sasl.password", "p"}},
         "SCRAM-SHA-256 needs sasl.username"},
        {{{"security.protocol", "sasl_ssl"},
          {"sasl.mechanisms", "SCRAM-SHA-512"},
          {"sasl.username", "u"},
          {"sasl.password", "p"}},
         NULL},
        {{{"security.protocol", "sasl_ssl"}}, NULL}, /* Kerberos */
        {{{"security.protocol", "sasl_ssl"}, {"sasl.mechanism", "OAUTHBEARER"}}, "needs a token"},
        {{{"security.protocol", "sasl_plaintext"},
          {"sasl.mechanisms", "OAUTHBEARER"},
          {"enable.sasl.oauthbearer.unsecure.jwt", "false"}},
         "needs a token"},
        {{{"security.protocol", "sasl_plaintext"},
          {"sasl.mechanisms", "OAUTHBEARER"},
          {"enable.sasl.oauthbearer.unsecure.jwt", "true"}},
         NULL},
        {{{"security.protocol", "ssl"}, {"sasl.mechanisms", "OAUTHBEARER"}}, NULL}, /* no effect, and encrypted */
    };

    (void)state;
    for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
        struct tk_property properties[5];
        struct tk_settings cf = {.refs = 1, .properties = properties};
        struct tk_err err = {0};

        for (; cf.property_count < 5 && t[i].properties[cf.property_count][0]; cf.property_count++)
            properties[cf.property_count] =
                (struct tk_property){(char *)(uintptr_t)t[i].properties[cf.property_count][0],
                                     (char *)(uintptr_t)t[i].properties[cf.property_count][1], false};
        assert_int_equal(tk_kafka_check_together(&cf, &err), t[i].part ? -EINVAL : 0);
        if (t[i].part && !strstr(err.text, t[i].part))
            fail_msg("'%s' does not say '%s'", err.text, t[i].part);
    }
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
        cmocka_unit_test(leaves_out_the_modules_own_values),
        cmocka_unit_test(leaves_out_what_a_shared_file_has_for_others),
        cmocka_unit_test(tells_why_a_build_cannot),
        cmocka_unit_test(opens_files_of_tls),
        cmocka_unit_test(checks_them_together),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
