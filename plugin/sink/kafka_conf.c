/* SPDX-License-Identifier: Apache-2.0 */
#include "sink/kafka_conf.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/text.h"

#define VALUE_TEXT(number)  VALUE_TEXT_(number)
#define VALUE_TEXT_(number) #number

/* Set before the operator's properties, so that the operator can change them. */
static const struct {
    const char *name, *value;
} defaults[] = {
    {"client.id", "trapkafka"},
    {"linger.ms", "5"}, /* larger batches cost less per event; a delay of 5 ms does not matter */
    /* Report a missing topic after 5 s instead of 30 s. Its events wait in either case. */
    {"topic.metadata.propagation.max.ms", "5000"},
};

/* A broker would create a topic with a wrong name by mere use, and nobody would know. The embedded broker can't create
 * topics otherwise. */
static const char *may_create_by_use(const struct tk_settings *cf)
{
    return cf->is_creating_topics && cf->brokers && strcasecmp(cf->brokers, "embedded") == 0 ? "true" : "false";
}

static const struct {
    const char *name, *alias, *value;
} owned[] = {
    {"acks", "request.required.acks", "all"},
    {"enable.idempotence", "", "true"},
    {"enable.gapless.guarantee", "", "true"},
    {"message.timeout.ms", "delivery.timeout.ms", "0"},
    /* librdkafka takes a request that failed for delivered when a later one of its partition succeeds, since brokers
     * are to refuse what does not follow. But a broker that has nothing of this producer yet, or no longer, takes
     * any: the events of the failed request would be lost. So no request is sent before the one before it has its
     * answer. */
    {"max.in.flight", "max.in.flight.requests.per.connection", "1"},
    {"partitioner", "", "murmur2_random"},
    {"queue.buffering.max.messages", "", VALUE_TEXT(TK_KAFKA_QUEUE_MESSAGES)},
    {"queue.buffering.max.kbytes", "", VALUE_TEXT(TK_KAFKA_QUEUE_KBYTES)},
    {"log.queue", "", "true"},
    {"enable.random.seed", "", "false"},
    {"statistics.interval.ms", "", "5000"}, /* for kafka_cluster.c */
};

static bool ends_with(const char *text, const char *end)
{
    size_t len = strlen(text), end_len = strlen(end);

    return len >= end_len && strcmp(text + len - end_len, end) == 0;
}

/* Patterns instead of a list of names, so that secrets that a later librdkafka adds are not shown either. */
static bool is_secret(const char *name)
{
    if (strcmp(name, "sasl.oauthbearer.method") == 0)
        return false;
    return strstr(name, "password") || strstr(name, "secret") || strstr(name, "token") || strstr(name, "jaas") ||
           strstr(name, "assertion") || ends_with(name, ".pem") || strncmp(name, "sasl.oauthbearer.", 17) == 0;
}

/* librdkafka's message may contain the value. It does not if another value gives the same message. */
static bool is_text_of_any_value(const char *name, const char *text)
{
    rd_kafka_conf_t *conf = rd_kafka_conf_new();
    char other[512] = "";
    rd_kafka_conf_res_t res = rd_kafka_conf_set(conf, name, "?", other, sizeof(other));

    rd_kafka_conf_destroy(conf);
    other[strcspn(other, "\n")] = '\0';
    return res == RD_KAFKA_CONF_INVALID && strcmp(text, other) == 0;
}

static const char *remedy_of(const char *name, const char *text)
{
    if (strstr(text, "not supported in this build") || strstr(text, "not available at build time"))
        return "leave it out, or install a librdkafka that was built with it";
    if (strcmp(name, "security.protocol") == 0)
        return "write PLAINTEXT, SSL, SASL_PLAINTEXT or SASL_SSL";
    if (strcmp(name, "compression.codec") == 0 || strcmp(name, "compression.type") == 0)
        return "write lz4 (the default), gzip, snappy, zstd or none";
    return "see CONFIGURATION.md of librdkafka for its values";
}

int tk_kafka_conf_set(rd_kafka_conf_t *conf, const char *name, const char *value, bool is_hidden, struct tk_err *err)
{
    char text[512] = "", shown[128];
    rd_kafka_conf_res_t res = rd_kafka_conf_set(conf, name, value, text, sizeof(text));

    if (res == RD_KAFKA_CONF_OK)
        return 0;
    text[strcspn(text, "\n")] = '\0';
    (void)tk_escape(shown, sizeof(shown), name, strlen(name));
    if (res == RD_KAFKA_CONF_UNKNOWN) {
        tk_err_set(err, NULL, 0,
                   "property '%s' is unknown to librdkafka %s; see CONFIGURATION.md of librdkafka for "
                   "the names",
                   shown, rd_kafka_version_str());
        return -ENOENT;
    }
    if ((is_hidden || is_secret(name)) && !is_text_of_any_value(name, text))
        tk_err_set(err, NULL, 0, "librdkafka refuses the value of property '%s' (not shown, it may be a secret); %s",
                   shown, remedy_of(name, text));
    else
        tk_err_set(err, NULL, 0, "property '%s': %s; %s", shown, text, remedy_of(name, text));
    return -EINVAL;
}
static bool can_lz4(const rd_kafka_conf_t *conf)
{
    char features[512];
    size_t len = sizeof(features);

    return rd_kafka_conf_get(conf, "builtin.features", features, &len) == RD_KAFKA_CONF_OK && strstr(features, "lz4");
}

/* As librdkafka writes the value after it was set. */
static bool is_equal(const char *name, const char *value, const char *other)
{
    rd_kafka_conf_t *conf = rd_kafka_conf_new();
    char text[64] = "", other_text[64] = "";
    size_t size = sizeof(text), other_size = sizeof(other_text);
    bool is_set;

    is_set = rd_kafka_conf_set(conf, name, value, NULL, 0) == RD_KAFKA_CONF_OK &&
             rd_kafka_conf_get(conf, name, text, &size) == RD_KAFKA_CONF_OK;
    rd_kafka_conf_destroy(conf);
    conf = rd_kafka_conf_new();
    is_set = is_set && (!other || rd_kafka_conf_set(conf, name, other, NULL, 0) == RD_KAFKA_CONF_OK) &&
             rd_kafka_conf_get(conf, name, other_text, &other_size) == RD_KAFKA_CONF_OK;
    rd_kafka_conf_destroy(conf);
    return is_set && strcmp(text, other_text) == 0;
}

bool tk_kafka_conf_is_own(const char *name, const char *value)
{
    for (size_t i = 0; i < sizeof(owned) / sizeof(owned[0]); i++)
        if (strcmp(owned[i].name, name) == 0 || strcmp(owned[i].alias, name) == 0)
            return is_equal(name, value, owned[i].value);
    return is_equal(name, value, NULL); /* the module relies on librdkafka's default */
}

rd_kafka_conf_t *tk_kafka_conf_new(const struct tk_settings *cf, const char *brokers, struct tk_err *err)
{
    rd_kafka_conf_t *conf = rd_kafka_conf_new();
    int ret = 0;

    for (size_t i = 0; ret == 0 && i < sizeof(defaults) / sizeof(defaults[0]); i++)
        ret = tk_kafka_conf_set(conf, defaults[i].name, defaults[i].value, false, err);
    if (ret == 0 && can_lz4(conf)) /* events are repetitive text: lz4 makes them several times smaller */
        ret = tk_kafka_conf_set(conf, "compression.codec", "lz4", false, err);
    /* librdkafka 2.5 and later send metrics of their own to the brokers, and for that take up to a second to end a
     * producer, while events wait. Earlier versions do not know the property: ignore that error. */
    (void)rd_kafka_conf_set(conf, "enable.metrics.push", "false", NULL, 0);
    for (size_t i = 0; ret == 0 && i < cf->property_count; i++) {
        const struct tk_property *p = &cf->properties[i];

        ret = tk_kafka_conf_set(conf, p->name, p->value, p->is_from_file, err);
    }
    for (size_t i = 0; ret == 0 && i < sizeof(owned) / sizeof(owned[0]); i++)
        ret = tk_kafka_conf_set(conf, owned[i].name, owned[i].value, false, err);
    if (ret == 0)
        ret = tk_kafka_conf_set(conf, "allow.auto.create.topics", may_create_by_use(cf), false, err);
    if (ret == 0)
        ret = tk_kafka_conf_set(conf, "bootstrap.servers", brokers, false, err);
    if (ret == 0)
        return conf;
    rd_kafka_conf_destroy(conf);
    return NULL;
}
