/* SPDX-License-Identifier: Apache-2.0 */
#include "sink/kafka_compaction.h"

#include <string.h>
#include <syslog.h>

#define ANSWER_MS 5000

void tk_kafka_compaction_want(struct tk_kafka_compaction *c)
{
    *c = (struct tk_kafka_compaction){.is_wanted = true};
}

void tk_kafka_compaction_ask(struct tk_kafka_compaction *c, rd_kafka_t *rk, rd_kafka_queue_t *queue, const char *topic,
                             tk_nsec now)
{
    rd_kafka_AdminOptions_t *options;
    rd_kafka_ConfigResource_t *resource;
    char text[256];

    if (!topic || !c->is_wanted || c->is_asked || now < c->next)
        return;
    options = rd_kafka_AdminOptions_new(rk, RD_KAFKA_ADMIN_OP_DESCRIBECONFIGS);
    resource = rd_kafka_ConfigResource_new(RD_KAFKA_RESOURCE_TOPIC, topic);
    (void)rd_kafka_AdminOptions_set_request_timeout(options, ANSWER_MS, text, sizeof(text)); /* in range */
    rd_kafka_DescribeConfigs(rk, &resource, 1, options, queue);
    rd_kafka_ConfigResource_destroy(resource);
    rd_kafka_AdminOptions_destroy(options);
    c->is_wanted = false;
    c->is_asked = true;
    c->next = now + TK_KAFKA_COMPACTION_RETRY;
}

/* @returns the topic's cleanup.policy; NULL: the answer does not have it */
static const char *find_policy(const rd_kafka_ConfigResource_t *resource)
{
    size_t count;
    const rd_kafka_ConfigEntry_t **entries = rd_kafka_ConfigResource_configs(resource, &count);

    for (size_t i = 0; i < count; i++)
        if (strcmp(rd_kafka_ConfigEntry_name(entries[i]), "cleanup.policy") == 0)
            return rd_kafka_ConfigEntry_value(entries[i]);
    return NULL;
}

void tk_kafka_compaction_take(struct tk_kafka_compaction *c, struct tk_kafka_log *log, const char *brokers, tk_nsec now,
                              rd_kafka_event_t *event)
{
    const rd_kafka_DescribeConfigs_result_t *result = rd_kafka_event_DescribeConfigs_result(event);
    const rd_kafka_ConfigResource_t **resources;
    const char *policy, *topic;
    size_t count;

    if (!result)
        return;
    c->is_asked = false;
    if (rd_kafka_event_error(event)) { /* no broker could be reached */
        c->is_wanted = true;
        return;
    }
    resources = rd_kafka_DescribeConfigs_result_resources(result, &count);
    if (count == 1 && rd_kafka_ConfigResource_error(resources[0]) == RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART)
        c->is_wanted = true;                                /* somebody may create it */
    policy = count == 1 ? find_policy(resources[0]) : NULL; /* NULL: or the right is missing */
    if (!policy || strstr(policy, "compact"))
        return;
    topic = rd_kafka_ConfigResource_name(resources[0]);
    tk_kafka_log_line(
        log, now, LOG_WARNING, topic,
        "topic '%s' of kafkaAlarmTopic is not compacted (cleanup.policy=%s): alarms that stand for longer than "
        "it keeps messages vanish from it; change that with: kafka-configs.sh --bootstrap-server %s --alter "
        "--entity-type topics --entity-name %s --add-config cleanup.policy=compact",
        topic, policy, brokers, topic);
}

void tk_kafka_compaction_detach(struct tk_kafka_compaction *c)
{
    c->is_wanted |= c->is_asked;
    c->is_asked = false;
}
