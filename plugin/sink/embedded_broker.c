/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>

#include <librdkafka/rdkafka.h>
#include <librdkafka/rdkafka_mock.h>

#include "sink/embedded_broker.h"
#include "sink/kafka.h"

struct tk_embedded_broker {
    rd_kafka_t *rk; /* a producer that sends nothing: a mock cluster needs a handle to live in */
    const char *address;
};

struct tk_embedded_broker *tk_embedded_broker_new(struct tk_err *err)
{
    struct tk_embedded_broker *b = calloc(1, sizeof(*b));
    rd_kafka_conf_t *conf = rd_kafka_conf_new();
    rd_kafka_mock_cluster_t *cluster;
    char text[512] = "out of memory";

    rd_kafka_conf_set_log_cb(conf, NULL); /* the default callback writes to snmptrapd's stderr */
    if (!b || rd_kafka_conf_set(conf, "test.mock.num.brokers", "1", text, sizeof(text)) != RD_KAFKA_CONF_OK ||
        rd_kafka_conf_set(conf, "client.id", "trapkafka-embedded", text, sizeof(text)) != RD_KAFKA_CONF_OK ||
        !(b->rk = rd_kafka_new(RD_KAFKA_PRODUCER, conf, text, sizeof(text)))) {
        rd_kafka_conf_destroy(conf); /* rd_kafka_new() takes it only when it succeeds */
        goto fail;
    }
    cluster = rd_kafka_handle_mock_cluster(b->rk);
    if (!cluster || !(b->address = rd_kafka_mock_cluster_bootstraps(cluster)))
        goto fail;
    return b;

fail:
    tk_err_set(err, NULL, 0,
               "cannot start the embedded broker: %s; write the brokers of a Kafka cluster after kafkaBrokers", text);
    tk_embedded_broker_free(b);
    return NULL;
}

const char *tk_embedded_broker_address(const struct tk_embedded_broker *b)
{
    return b->address;
}

void tk_embedded_broker_free(struct tk_embedded_broker *b)
{
    if (!b)
        return;
    if (b->rk)
        rd_kafka_destroy(b->rk);
    free(b);
}
