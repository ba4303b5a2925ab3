/* SPDX-License-Identifier: Apache-2.0 */
#include "sink/kafka_check.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "sink/kafka_conf.h"

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
    {"acks", NO_LOSS " (the module sets all)", LEAVE, TK_UNLESS_OWN},
    {"request.required.acks", NO_LOSS " (the module sets all)", LEAVE, TK_UNLESS_OWN},
    {"enable.idempotence", ORDER " when the producer retries (the module sets true)", LEAVE, TK_UNLESS_OWN},
    {"enable.gapless.guarantee", ORDER " when a batch fails (the module sets true)", LEAVE, TK_UNLESS_OWN},
    {"message.timeout.ms", NO_TIMEOUT " (the module sets 0, no limit)", LEAVE, TK_UNLESS_OWN},
    {"delivery.timeout.ms", NO_TIMEOUT " (the module sets 0, no limit)", LEAVE, TK_UNLESS_OWN},
    {"retries", NO_TIMEOUT " (librdkafka's default retries without limit)", LEAVE, TK_UNLESS_OWN},
    {"message.send.max.retries", NO_TIMEOUT " (librdkafka's default retries without limit)", LEAVE, TK_UNLESS_OWN},
    {"max.in.flight", NO_LOSS " (the module sets 1)", LEAVE, TK_UNLESS_OWN},
    {"max.in.flight.requests.per.connection", NO_LOSS " (the module sets 1)", LEAVE, TK_UNLESS_OWN},
    {"queue.buffering.backpressure.threshold", ORDER " (1 with an idempotent producer)", LEAVE, TK_UNLESS_OWN},
    {"queuing.strategy", ORDER " (first in, first out)", LEAVE, TK_UNLESS_OWN},
    {"partitioner", "a device's events must be in the partition that Java clients choose (murmur2_random)", LEAVE,
     TK_UNLESS_OWN},
    {"queue.buffering.max.messages", BOUNDED, SET_QUEUE, TK_UNLESS_OWN},
    {"queue.buffering.max.kbytes", BOUNDED, SET_QUEUE, TK_UNLESS_OWN},
    {"delivery.report.only.error", "every event's delivery is counted", LEAVE, TK_UNLESS_OWN},
    {"bootstrap.servers", "kafkaBrokers sets the brokers", SET_HOSTS, TK_UNLESS_SHARED},
    {"metadata.broker.list", "kafkaBrokers sets the brokers", SET_HOSTS, TK_UNLESS_SHARED},
    {"test.mock.num.brokers", "kafkaBrokers starts the built-in broker", "write kafkaBrokers embedded",
     TK_UNLESS_NEVER},
    {"test.mock.broker.rtt", "kafkaBrokers starts the built-in broker", "write kafkaBrokers embedded", TK_UNLESS_NEVER},
    {"enable_sasl_queue", "it is internal to librdkafka", LEAVE, TK_UNLESS_NEVER},
    {"ut_handle_ProduceResponse", "it is internal to librdkafka", LEAVE,
     TK_UNLESS_NEVER}, /* it would be used as a function pointer */
    {"log.queue", THREADS, LEAVE, TK_UNLESS_OWN},
    {"enabled_events", THREADS, LEAVE, TK_UNLESS_NEVER},
    {"enable.random.seed", "it would reseed the random numbers of the whole daemon", LEAVE, TK_UNLESS_OWN},
    {"internal.termination.signal", "snmptrapd handles the process's signals", LEAVE, TK_UNLESS_NEVER},
    {"plugin.library.paths", "it would load foreign code into snmptrapd", LEAVE, TK_UNLESS_NEVER},
    {"statistics.interval.ms", "the module reads these statistics itself (the module sets 5000)",
     "set kafkaStatsFile for the module's own counters", TK_UNLESS_OWN},
    {"sasl.jaas.config", "Java JAAS configuration is not supported by librdkafka",
     "set sasl.username and sasl.password", TK_UNLESS_NEVER},
    {"transactional.id", NO_TXN, LEAVE, TK_UNLESS_NEVER},
    {"transaction.timeout.ms", NO_TXN, LEAVE, TK_UNLESS_NEVER},
    {"background_event_cb", CALLBACK, LEAVE, TK_UNLESS_NEVER},
    {"closesocket_cb", CALLBACK, LEAVE, TK_UNLESS_NEVER},
    {"connect_cb", CALLBACK, LEAVE, TK_UNLESS_NEVER},
    {"default_topic_conf", CALLBACK, LEAVE, TK_UNLESS_NEVER},
    {"dr_cb", CALLBACK, LEAVE, TK_UNLESS_NEVER},
    {"dr_msg_cb", CALLBACK, LEAVE, TK_UNLESS_NEVER},
    {"error_cb", CALLBACK, LEAVE, TK_UNLESS_NEVER},
    {"interceptors", CALLBACK, LEAVE, TK_UNLESS_NEVER},
    {"log_cb", CALLBACK, LEAVE, TK_UNLESS_NEVER},
    {"msg_order_cmp", CALLBACK, LEAVE, TK_UNLESS_NEVER},
    {"oauthbearer_token_refresh_cb", CALLBACK, LEAVE, TK_UNLESS_NEVER},
    {"opaque", CALLBACK, LEAVE, TK_UNLESS_NEVER},
    {"open_cb", CALLBACK, LEAVE, TK_UNLESS_NEVER},
    {"partitioner_cb", CALLBACK, LEAVE, TK_UNLESS_NEVER},
    {"resolve_cb", CALLBACK, LEAVE, TK_UNLESS_NEVER},
    {"socket_cb", CALLBACK, LEAVE, TK_UNLESS_NEVER},
    {"ssl.certificate.verify_cb", CALLBACK, LEAVE, TK_UNLESS_NEVER},
    {"ssl_ca", CALLBACK, "set ssl.ca.location", TK_UNLESS_NEVER},
    {"ssl_certificate", CALLBACK, "set ssl.certificate.location", TK_UNLESS_NEVER},
    {"ssl_engine_callback_data", CALLBACK, LEAVE, TK_UNLESS_NEVER},
    {"ssl_key", CALLBACK, "set ssl.key.location", TK_UNLESS_NEVER},
    {"stats_cb", CALLBACK, LEAVE, TK_UNLESS_NEVER},
    {"throttle_cb", CALLBACK, LEAVE, TK_UNLESS_NEVER},
    /* librdkafka would accept these, and a producer ignores them. A file may be shared with consumers. */
    {"allow.auto.create.topics", "kafkaCreateTopics says whether topics are created", "set kafkaCreateTopics",
     TK_UNLESS_SHARED},
    {"auto.commit.enable", CONSUMER, LEAVE, TK_UNLESS_SHARED},
    {"auto.commit.interval.ms", CONSUMER, LEAVE, TK_UNLESS_SHARED},
    {"auto.offset.reset", CONSUMER, LEAVE, TK_UNLESS_SHARED},
    {"check.crcs", CONSUMER, LEAVE, TK_UNLESS_SHARED},
    {"consume.callback.max.messages", CONSUMER, LEAVE, TK_UNLESS_SHARED},
    {"consume_cb", CONSUMER, LEAVE, TK_UNLESS_SHARED},
    {"coordinator.query.interval.ms", CONSUMER, LEAVE, TK_UNLESS_SHARED},
    {"enable.auto.commit", CONSUMER, LEAVE, TK_UNLESS_SHARED},
    {"enable.auto.offset.store", CONSUMER, LEAVE, TK_UNLESS_SHARED},
    {"enable.partition.eof", CONSUMER, LEAVE, TK_UNLESS_SHARED},
    {"fetch.error.backoff.ms", CONSUMER, LEAVE, TK_UNLESS_SHARED},
    {"fetch.max.bytes", CONSUMER, LEAVE, TK_UNLESS_SHARED},
    {"fetch.message.max.bytes", CONSUMER, LEAVE, TK_UNLESS_SHARED},
    {"fetch.min.bytes", CONSUMER, LEAVE, TK_UNLESS_SHARED},
    {"fetch.queue.backoff.ms", CONSUMER, LEAVE, TK_UNLESS_SHARED},
    {"fetch.wait.max.ms", CONSUMER, LEAVE, TK_UNLESS_SHARED},
    {"group.id", CONSUMER, LEAVE, TK_UNLESS_SHARED},
    {"group.instance.id", CONSUMER, LEAVE, TK_UNLESS_SHARED},
    {"group.protocol", CONSUMER, LEAVE, TK_UNLESS_SHARED},
    {"group.protocol.type", CONSUMER, LEAVE, TK_UNLESS_SHARED},
    {"group.remote.assignor", CONSUMER, LEAVE, TK_UNLESS_SHARED},
    {"heartbeat.interval.ms", CONSUMER, LEAVE, TK_UNLESS_SHARED},
    {"isolation.level", CONSUMER, LEAVE, TK_UNLESS_SHARED},
    {"max.partition.fetch.bytes", CONSUMER, LEAVE, TK_UNLESS_SHARED},
    {"max.poll.interval.ms", CONSUMER, LEAVE, TK_UNLESS_SHARED},
    {"offset.store.method", CONSUMER, LEAVE, TK_UNLESS_SHARED},
    {"offset.store.path", CONSUMER, LEAVE, TK_UNLESS_SHARED},
    {"offset.store.sync.interval.ms", CONSUMER, LEAVE, TK_UNLESS_SHARED},
    {"offset_commit_cb", CONSUMER, LEAVE, TK_UNLESS_SHARED},
    {"partition.assignment.strategy", CONSUMER, LEAVE, TK_UNLESS_SHARED},
    {"queued.max.messages.kbytes", CONSUMER, LEAVE, TK_UNLESS_SHARED},
    {"queued.min.messages", CONSUMER, LEAVE, TK_UNLESS_SHARED},
    {"rebalance_cb", CONSUMER, LEAVE, TK_UNLESS_SHARED},
    {"session.timeout.ms", CONSUMER, LEAVE, TK_UNLESS_SHARED},
};
const size_t tk_refused_property_count = sizeof(tk_refused_properties) / sizeof(tk_refused_properties[0]);

/* Files that librdkafka opens when the producer starts. */
static const char *const file_properties[] = {
    "ssl.ca.location", "ssl.certificate.location", "ssl.crl.location", "ssl.key.location", "ssl.keystore.location",
};

/* A value that is no path may be a key that was pasted, so it is not shown. */
static int check_file(const char *name, const char *value, struct tk_err *err)
{
    bool is_path = value[0] == '/' || value[0] == '.';
    int fd;

    for (size_t i = 0; i < sizeof(file_properties) / sizeof(file_properties[0]); i++) {
        if (strcmp(name, file_properties[i]) != 0)
            continue;
        if (strcmp(value, "probe") == 0) /* librdkafka looks for the system's certificates */
            return 0;
        fd = open(value, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
        if (fd >= 0) {
            (void)close(fd);
            return 0;
        }
        tk_err_set(err, NULL, 0, "property '%s': '%.200s': %s; name a file that snmptrapd's user can read", name,
                   is_path ? value : "...", strerror(errno));
        return -EINVAL;
    }
    return 0;
}

/* @returns -EINVAL or TK_PROPERTY_LEFT_OUT, with @p err set */
static int check_refused(const struct tk_refused_property *p, const char *value, bool is_from_file, struct tk_err *err)
{
    if (p->unless == TK_UNLESS_SHARED && is_from_file) {
        tk_err_set(err, NULL, 0, "property '%s' is left out: %s", p->name, p->why);
        return TK_PROPERTY_LEFT_OUT;
    }
    if (p->unless == TK_UNLESS_OWN && tk_kafka_conf_is_own(p->name, value)) {
        tk_err_set(err, NULL, 0, "property '%s' is left out: the module sets this value itself", p->name);
        return TK_PROPERTY_LEFT_OUT;
    }
    tk_err_set(err, NULL, 0, "property '%s' cannot be set: %s; %s", p->name, p->why, p->remedy);
    return -EINVAL;
}

int tk_kafka_check_property(const char *name, const char *value, bool is_from_file, struct tk_err *err)
{
    rd_kafka_conf_t *conf;
    int ret;

    for (size_t i = 0; i < tk_refused_property_count; i++)
        if (strcmp(name, tk_refused_properties[i].name) == 0)
            return check_refused(&tk_refused_properties[i], value, is_from_file, err);
    conf = rd_kafka_conf_new();
    ret = tk_kafka_conf_set(conf, name, value, is_from_file, err);
    rd_kafka_conf_destroy(conf);
    return ret < 0 ? ret : check_file(name, value, err);
}

int tk_kafka_check_files(const struct tk_settings *cf, struct tk_err *err)
{
    for (size_t i = 0; i < cf->property_count; i++)
        if (check_file(cf->properties[i].name, cf->properties[i].value, err) < 0)
            return -EINVAL;
    return 0;
}

/* --- together ---------------------------------------------------------------------------------------------------- */

static const char *given(const struct tk_settings *cf, const char *name)
{
    for (size_t i = 0; i < cf->property_count; i++)
        if (strcmp(cf->properties[i].name, name) == 0)
            return cf->properties[i].value;
    return NULL;
}

/* Credentials or certificates, and no word of the protocol: the default would be neither encrypted nor authenticated. */
static int check_protocol(const struct tk_settings *cf, struct tk_err *err)
{
    for (size_t i = 0; i < cf->property_count; i++) {
        const char *name = cf->properties[i].name;

        if (strncmp(name, "sasl.", 5) != 0 && strncmp(name, "ssl.", 4) != 0)
            continue;
        if (given(cf, "security.protocol"))
            return 0;
        tk_err_set(err, NULL, 0,
                   "property '%s' is given without security.protocol, so it would have no effect; add "
                   "security.protocol SASL_SSL, SSL or SASL_PLAINTEXT (or PLAINTEXT, if events may be published "
                   "unprotected)",
                   name);
        return -EINVAL;
    }
    return 0;
}

/* The value that librdkafka goes by: a property may have been set by its alias. */
static void effective(const rd_kafka_conf_t *conf, const char *name, char *text, size_t size)
{
    if (rd_kafka_conf_get(conf, name, text, &size) != RD_KAFKA_CONF_OK)
        text[0] = '\0'; /* this librdkafka has no such property */
}

static int check_token(const rd_kafka_conf_t *conf, struct tk_err *err)
{
    char method[64], unsecured[16];

    effective(conf, "sasl.oauthbearer.method", method, sizeof(method));
    effective(conf, "enable.sasl.oauthbearer.unsecure.jwt", unsecured, sizeof(unsecured));
    if (strcasecmp(method, "oidc") == 0 || strcmp(unsecured, "true") == 0)
        return 0;
    tk_err_set(err, NULL, 0,
               "sasl.mechanisms OAUTHBEARER needs a token, and nothing would obtain one; set sasl.oauthbearer.method "
               "oidc if this librdkafka supports it, or another sasl.mechanisms, such as SCRAM-SHA-512 with "
               "sasl.username and sasl.password");
    return -EINVAL;
}

static int check_mechanism(const struct tk_settings *cf, const rd_kafka_conf_t *conf, struct tk_err *err)
{
    char protocol[32], mechanism[64];

    effective(conf, "security.protocol", protocol, sizeof(protocol));
    effective(conf, "sasl.mechanisms", mechanism, sizeof(mechanism));
    if (strncmp(protocol, "sasl_", 5) != 0)
        return 0;
    if (strcmp(mechanism, "OAUTHBEARER") == 0)
        return check_token(conf, err);
    if ((strcmp(mechanism, "PLAIN") == 0 || strncmp(mechanism, "SCRAM-", 6) == 0) &&
        (!given(cf, "sasl.username") || !given(cf, "sasl.password"))) {
        tk_err_set(err, NULL, 0,
                   "sasl.mechanisms %s needs sasl.username and sasl.password; write both, best into the file of "
                   "kafkaPropertyFile",
                   mechanism);
        return -EINVAL;
    }
    return 0;
}

int tk_kafka_check_together(const struct tk_settings *cf, struct tk_err *err)
{
    rd_kafka_conf_t *conf;
    int ret;

    if (check_protocol(cf, err) < 0)
        return -EINVAL;
    conf = tk_kafka_conf_new(cf, "any:9092", err);
    if (!conf)
        return -EINVAL;
    ret = check_mechanism(cf, conf, err);
    rd_kafka_conf_destroy(conf);
    return ret;
}
