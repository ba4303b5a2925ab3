/* SPDX-License-Identifier: Apache-2.0 */
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
        cmocka_unit_test(builds_the_whole),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
