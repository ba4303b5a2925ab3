/* SPDX-License-Identifier: Apache-2.0 */
#include "sink/kafka_conf.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"

#define VALUE_TEXT(number)  VALUE_TEXT_(number)
#define VALUE_TEXT_(number) #number

/* Reasons and remedies that many rows share. */
#define LEAVE      "leave it out"
#define NO_LOSS    "no acknowledged event may be lost"
#define NO_TIMEOUT "an event waits for the brokers without a time limit"
#define ORDER      "one device's events must stay in order and whole"
#define BOUNDED    "the queue of kafkaQueue holds what Kafka does not accept, and librdkafka's queue stays small"
#define SET_QUEUE  "set kafkaQueue instead"
#define SET_HOSTS  "write the brokers after kafkaBrokers"
#define CALLBACK   "its value is a pointer, which a text cannot give"
#define THREADS    "librdkafka's logs and reports must be served by the worker's own poll"
#define CONSUMER   "it is for consumers, and the module only produces"
#define NO_TXN     "the module does not use transactions"

/* An alias has a row of its own beside its property: librdkafka accepts either name. */
const struct tk_refused_property tk_refused_properties[] = {
    /* The module sets these, or relies on their defaults: with other values the README's promises would not hold. */
    {"acks", NO_LOSS " (the module sets all)", LEAVE},
    {"request.required.acks", NO_LOSS " (the module sets all)", LEAVE},
    {"enable.idempotence", ORDER " when the producer retries (the module sets true)", LEAVE},
    {"enable.gapless.guarantee", ORDER " when a batch fails (the module sets true)", LEAVE},
    {"message.timeout.ms", NO_TIMEOUT " (the module sets 0, no limit)", LEAVE},
    {"delivery.timeout.ms", NO_TIMEOUT " (the module sets 0, no limit)", LEAVE},
    {"retries", NO_TIMEOUT " (librdkafka's default retries without limit)", LEAVE},
    {"message.send.max.retries", NO_TIMEOUT " (librdkafka's default retries without limit)", LEAVE},
    {"max.in.flight", ORDER " (5 at most with an idempotent producer)", LEAVE},
    {"max.in.flight.requests.per.connection", ORDER " (5 at most with an idempotent producer)", LEAVE},
    {"queue.buffering.backpressure.threshold", ORDER " (1 with an idempotent producer)", LEAVE},
    {"queuing.strategy", ORDER " (first in, first out)", LEAVE},
    {"partitioner", "a device's events must be in the partition that Java clients choose (murmur2_random)", LEAVE},
    {"queue.buffering.max.messages", BOUNDED, SET_QUEUE},
    {"queue.buffering.max.kbytes", BOUNDED, SET_QUEUE},
    {"delivery.report.only.error", "every event's delivery is counted", LEAVE},
    {"bootstrap.servers", "kafkaBrokers sets the brokers", SET_HOSTS},
    {"metadata.broker.list", "kafkaBrokers sets the brokers", SET_HOSTS},
    {"test.mock.num.brokers", "kafkaBrokers starts the built-in broker", "write kafkaBrokers embedded"},
    {"test.mock.broker.rtt", "kafkaBrokers starts the built-in broker", "write kafkaBrokers embedded"},
    {"enable_sasl_queue", "it is internal to librdkafka", LEAVE},
    {"ut_handle_ProduceResponse", "it is internal to librdkafka", LEAVE}, /* it would be used as a function pointer */
    {"log.queue", THREADS, LEAVE},
    {"enabled_events", THREADS, LEAVE},
    {"enable.random.seed", "it would reseed the random numbers of the whole daemon", LEAVE},
    {"internal.termination.signal", "snmptrapd handles the process's signals", LEAVE},
    {"plugin.library.paths", "it would load foreign code into snmptrapd", LEAVE},
    {"statistics.interval.ms", "the module reads these statistics itself (the module sets 5000)",
     "set kafkaStatsFile for the module's own counters"},
    {"transactional.id", NO_TXN, LEAVE},
    {"transaction.timeout.ms", NO_TXN, LEAVE},
    {"background_event_cb", CALLBACK, LEAVE},
    {"closesocket_cb", CALLBACK, LEAVE},
    {"connect_cb", CALLBACK, LEAVE},
    {"default_topic_conf", CALLBACK, LEAVE},
    {"dr_cb", CALLBACK, LEAVE},
    {"dr_msg_cb", CALLBACK, LEAVE},
    {"error_cb", CALLBACK, LEAVE},
    {"interceptors", CALLBACK, LEAVE},
    {"log_cb", CALLBACK, LEAVE},
    {"msg_order_cmp", CALLBACK, LEAVE},
    {"oauthbearer_token_refresh_cb", CALLBACK, LEAVE},
    {"opaque", CALLBACK, LEAVE},
    {"open_cb", CALLBACK, LEAVE},
    {"partitioner_cb", CALLBACK, LEAVE},
    {"resolve_cb", CALLBACK, LEAVE},
    {"socket_cb", CALLBACK, LEAVE},
    {"ssl.certificate.verify_cb", CALLBACK, LEAVE},
    {"ssl_ca", CALLBACK, "set ssl.ca.location"},
    {"ssl_certificate", CALLBACK, "set ssl.certificate.location"},
    {"ssl_engine_callback_data", CALLBACK, LEAVE},
    {"ssl_key", CALLBACK, "set ssl.key.location"},
    {"stats_cb", CALLBACK, LEAVE},
    {"throttle_cb", CALLBACK, LEAVE},
    /* librdkafka would accept these, and a producer ignores them. */
    {"auto.commit.enable", CONSUMER, LEAVE},
    {"auto.commit.interval.ms", CONSUMER, LEAVE},
    {"auto.offset.reset", CONSUMER, LEAVE},
    {"check.crcs", CONSUMER, LEAVE},
    {"consume.callback.max.messages", CONSUMER, LEAVE},
    {"consume_cb", CONSUMER, LEAVE},
    {"coordinator.query.interval.ms", CONSUMER, LEAVE},
    {"enable.auto.commit", CONSUMER, LEAVE},
    {"enable.auto.offset.store", CONSUMER, LEAVE},
    {"enable.partition.eof", CONSUMER, LEAVE},
    {"fetch.error.backoff.ms", CONSUMER, LEAVE},
    {"fetch.max.bytes", CONSUMER, LEAVE},
    {"fetch.message.max.bytes", CONSUMER, LEAVE},
    {"fetch.min.bytes", CONSUMER, LEAVE},
    {"fetch.queue.backoff.ms", CONSUMER, LEAVE},
    {"fetch.wait.max.ms", CONSUMER, LEAVE},
    {"group.id", CONSUMER, LEAVE},
    {"group.instance.id", CONSUMER, LEAVE},
    {"group.protocol", CONSUMER, LEAVE},
    {"group.protocol.type", CONSUMER, LEAVE},
    {"group.remote.assignor", CONSUMER, LEAVE},
    {"heartbeat.interval.ms", CONSUMER, LEAVE},
    {"isolation.level", CONSUMER, LEAVE},
    {"max.partition.fetch.bytes", CONSUMER, LEAVE},
    {"max.poll.interval.ms", CONSUMER, LEAVE},
    {"offset.store.method", CONSUMER, LEAVE},
    {"offset.store.path", CONSUMER, LEAVE},
    {"offset.store.sync.interval.ms", CONSUMER, LEAVE},
    {"offset_commit_cb", CONSUMER, LEAVE},
    {"partition.assignment.strategy", CONSUMER, LEAVE},
    {"queued.max.messages.kbytes", CONSUMER, LEAVE},
    {"queued.min.messages", CONSUMER, LEAVE},
    {"rebalance_cb", CONSUMER, LEAVE},
    {"session.timeout.ms", CONSUMER, LEAVE},
};
const size_t tk_refused_property_count = sizeof(tk_refused_properties) / sizeof(tk_refused_properties[0]);

/* Set before the operator's properties, so that the operator can change them. */
static const struct {
    const char *name, *value;
} defaults[] = {
    {"client.id", "trapkafka"},
    {"linger.ms", "5"}, /* larger batches cost less per event; a delay of 5 ms does not matter */
    /* Report a missing topic after 5 s instead of 30 s. Its events wait in either case. */
    {"topic.metadata.propagation.max.ms", "5000"},
};

static const struct {
    const char *name, *value;
} owned[] = {
    {"acks", "all"},
    {"enable.idempotence", "true"},
    {"enable.gapless.guarantee", "true"},
    {"message.timeout.ms", "0"},
    {"partitioner", "murmur2_random"},
    {"queue.buffering.max.messages", VALUE_TEXT(TK_KAFKA_QUEUE_MESSAGES)},
    {"queue.buffering.max.kbytes", VALUE_TEXT(TK_KAFKA_QUEUE_KBYTES)},
    {"log.queue", "true"},
    {"enable.random.seed", "false"},
    {"statistics.interval.ms", "5000"}, /* for kafka_cluster.c */
};

static bool ends_with(const char *text, const char *end)
{
    size_t len = strlen(text), end_len = strlen(end);

    return len >= end_len && strcmp(text + len - end_len, end) == 0;
}

/* Patterns instead of a list of names, so that secrets that a later librdkafka adds are not shown either. */
static bool is_secret(const char *name)
{
    return strstr(name, "password") || strstr(name, "secret") || strstr(name, "token") || strstr(name, "jaas") ||
           strstr(name, "assertion") || ends_with(name, ".pem") || strncmp(name, "sasl.oauthbearer.", 17) == 0;
}

/* Call rd_kafka_conf_set() and turn its message into an error text. @p is_hidden: do not show the value. */
static int set_property(rd_kafka_conf_t *conf, const char *name, const char *value, bool is_hidden, struct tk_err *err)
{
    char text[512] = "", shown[128];
    rd_kafka_conf_res_t res = rd_kafka_conf_set(conf, name, value, text, sizeof(text));

    if (res == RD_KAFKA_CONF_OK)
        return 0;
    text[strcspn(text, "\n")] = '\0';
    (void)tk_escape(shown, sizeof(shown), name, strlen(name));
    if (res == RD_KAFKA_CONF_UNKNOWN)
        tk_err_set(err, NULL, 0,
                   "property '%s' is unknown to librdkafka %s; see CONFIGURATION.md of librdkafka for "
                   "the names",
                   shown, rd_kafka_version_str());
    else if (is_hidden)
        tk_err_set(err, NULL, 0,
                   "librdkafka refuses the value of property '%s' (a secret, not shown); see "
                   "CONFIGURATION.md of librdkafka for its values",
                   shown);
    else
        tk_err_set(err, NULL, 0, "property '%s': %s; see CONFIGURATION.md of librdkafka for its values", shown, text);
    return -EINVAL;
}

int tk_kafka_check_property(const char *name, const char *value, struct tk_err *err)
{
    rd_kafka_conf_t *conf;
    int ret;

    for (size_t i = 0; i < tk_refused_property_count; i++) {
        const struct tk_refused_property *p = &tk_refused_properties[i];

        if (strcmp(name, p->name) == 0) {
            tk_err_set(err, NULL, 0, "property '%s' cannot be set: %s; %s", p->name, p->why, p->remedy);
            return -EINVAL;
        }
    }
    conf = rd_kafka_conf_new();
    ret = set_property(conf, name, value, is_secret(name), err);
    rd_kafka_conf_destroy(conf);
    return ret;
}

static bool can_lz4(const rd_kafka_conf_t *conf)
{
    char features[512];
    size_t len = sizeof(features);

    return rd_kafka_conf_get(conf, "builtin.features", features, &len) == RD_KAFKA_CONF_OK && strstr(features, "lz4");
}

rd_kafka_conf_t *tk_kafka_conf_new(const struct tk_settings *cf, const char *brokers, struct tk_err *err)
{
    rd_kafka_conf_t *conf = rd_kafka_conf_new();
    int ret = 0;

    for (size_t i = 0; ret == 0 && i < sizeof(defaults) / sizeof(defaults[0]); i++)
        ret = set_property(conf, defaults[i].name, defaults[i].value, false, err);
    if (ret == 0 && can_lz4(conf)) /* events are repetitive text: lz4 makes them several times smaller */
        ret = set_property(conf, "compression.codec", "lz4", false, err);
    /* librdkafka 2.5 and later send metrics of their own to the brokers, and for that take up to a second to end a
     * producer, while events wait. Earlier versions do not know the property: ignore that error. */
    (void)rd_kafka_conf_set(conf, "enable.metrics.push", "false", NULL, 0);
    for (size_t i = 0; ret == 0 && i < cf->property_count; i++) {
        const struct tk_property *p = &cf->properties[i];

        ret = set_property(conf, p->name, p->value, p->is_from_file || is_secret(p->name), err);
    }
    for (size_t i = 0; ret == 0 && i < sizeof(owned) / sizeof(owned[0]); i++)
        ret = set_property(conf, owned[i].name, owned[i].value, false, err);
    if (ret == 0)
        ret = set_property(conf, "bootstrap.servers", brokers, false, err);
    if (ret == 0)
        return conf;
    rd_kafka_conf_destroy(conf);
    return NULL;
}
