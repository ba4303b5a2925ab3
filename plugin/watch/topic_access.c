/* SPDX-License-Identifier: Apache-2.0 */
#include "watch/topic_access.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "sink/kafka_check.h"
#include "sink/kafka_conf.h"
#include "watch/trapd_settings.h"

static int read_options(struct tk_settings *cf, const struct tk_access_options *o, struct tk_err *err)
{
    if (o->properties && tk_settings_set(cf, "kafkaPropertyFile", o->properties, tk_kafka_check_property, err) < 0)
        return -EINVAL;
    return o->brokers ? tk_settings_set(cf, "kafkaBrokers", o->brokers, NULL, err) : 0;
}

struct tk_settings *tk_access_settings(const struct tk_access_options *o, struct tk_err *err)
{
    struct tk_settings *cf = tk_settings_new();
    bool is_default = !o->config && (!o->brokers || o->is_config_needed);
    int ret = 0;

    if (!cf) {
        tk_err_set(err, NULL, 0, "out of memory");
        return NULL;
    }
    if (o->config || is_default)
        ret = tk_trapd_settings_read(cf, o->config ? o->config : TK_DEFAULT_CONFIG, tk_kafka_check_property, err);
    if (ret == -ENOENT && is_default && (o->brokers || o->is_config_helpful)) { /* only a help */
        tk_err_clear(err);
        ret = 0;
    }
    if (ret == 0)
        ret = read_options(cf, o, err);
    if (ret == 0)
        return cf;
    tk_settings_unref(cf);
    return NULL;
}

int tk_access_check(const struct tk_settings *cf, struct tk_err *err)
{
    if (!cf->brokers) {
        tk_err_set(err, NULL, 0,
                   "no brokers: the configuration has no kafkaBrokers; write --brokers HOST:PORT, or "
                   "--config FILE with the file that has it");
        return -EINVAL;
    }
    if (strcasecmp(cf->brokers, "embedded") == 0) {
        tk_err_set(err, NULL, 0,
                   "kafkaBrokers embedded: the built-in broker has another port at each start; write --brokers and "
                   "the address in the line 'embedded broker ... listens on' of snmptrapd's log");
        return -EINVAL;
    }
    return tk_kafka_check_together(cf, err);
}

const char *tk_access_topic(const struct tk_settings *cf, const char *token)
{
    for (size_t i = 0; i < tk_directive_count; i++)
        if (strcmp(tk_directives[i].token, token) == 0)
            return cf->raw[i] && tk_settings_is_topic(cf->raw[i]) ? cf->raw[i] : NULL;
    return NULL;
}

/* --- the consumer's properties ----------------------------------------------------------------------------------- */

static const struct {
    const char *name, *value;
} owned[] = {
    {"client.id", "trapkafka-cli"},
    {"enable.auto.commit", "false"},
    {"enable.partition.eof", "true"},
    {"allow.auto.create.topics", "false"},
    {"auto.offset.reset", "earliest"},       /* what the topic no longer has is skipped */
    {"queued.max.messages.kbytes", "16384"}, /* of each partition; what is shown is read slowly */
    {"log.queue", "true"},
};

/* librdkafka's own table says whom a property is for: "NAME | P | RANGE | ...". @returns it, to be freed, or NULL */
static char *property_table(void)
{
    char *table = NULL;
    size_t len = 0;
    FILE *f = open_memstream(&table, &len);

    if (!f)
        return NULL;
    rd_kafka_conf_properties_show(f);
    if (fclose(f) == 0)
        return table;
    free(table);
    return NULL;
}

static bool is_for_producers(const char *table, const char *name)
{
    size_t len = strlen(name);

    for (const char *line = table; line && *line; line = strchr(line, '\n'), line += line != NULL) {
        const char *scope = line + len;

        if (strncmp(line, name, len) != 0)
            continue;
        scope += strspn(scope, " ");
        if (*scope != '|')
            continue;
        scope += 1 + strspn(scope + 1, " ");
        return *scope == 'P';
    }
    return false;
}

static int set_operators(rd_kafka_conf_t *conf, const struct tk_settings *cf, struct tk_err *err)
{
    char *table = property_table();
    int ret = table ? 0 : -ENOMEM;

    if (!table)
        tk_err_set(err, NULL, 0, "out of memory");
    for (size_t i = 0; ret == 0 && i < cf->property_count; i++) {
        const struct tk_property *p = &cf->properties[i];

        if (!is_for_producers(table, p->name))
            ret = tk_kafka_conf_set(conf, p->name, p->value, p->is_from_file, err);
    }
    free(table);
    return ret;
}

rd_kafka_conf_t *tk_access_conf(const struct tk_settings *cf, struct tk_err *err)
{
    rd_kafka_conf_t *conf = rd_kafka_conf_new();
    int ret = set_operators(conf, cf, err);

    (void)rd_kafka_conf_set(conf, "enable.metrics.push", "false", NULL, 0); /* librdkafka 2.5 and later have it */
    for (size_t i = 0; ret == 0 && i < sizeof(owned) / sizeof(owned[0]); i++)
        ret = tk_kafka_conf_set(conf, owned[i].name, owned[i].value, false, err);
    if (ret == 0)
        ret = tk_kafka_conf_set(conf, "bootstrap.servers", cf->brokers, false, err);
    if (ret == 0)
        return conf;
    rd_kafka_conf_destroy(conf);
    return NULL;
}
