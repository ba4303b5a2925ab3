/* SPDX-License-Identifier: Apache-2.0 */
/* Do the settings of the topics suit? To ask for them takes the right DescribeConfigs. */
#include "sink/sink_internal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/** A topic's settings, as the brokers tell them; -1, or empty: not known. */
struct topic_facts {
    char cleanup[64];
    long long max_bytes, min_in_sync;
};

static void read_facts(const rd_kafka_ConfigResource_t *resource, struct topic_facts *facts)
{
    size_t count;
    const rd_kafka_ConfigEntry_t **entries = rd_kafka_ConfigResource_configs(resource, &count);

    *facts = (struct topic_facts){.max_bytes = -1, .min_in_sync = -1};
    for (size_t i = 0; i < count; i++) {
        const char *name = rd_kafka_ConfigEntry_name(entries[i]), *value = rd_kafka_ConfigEntry_value(entries[i]);

        if (!value)
            continue;
        if (strcmp(name, "cleanup.policy") == 0)
            (void)snprintf(facts->cleanup, sizeof(facts->cleanup), "%s", value);
        else if (strcmp(name, "max.message.bytes") == 0)
            facts->max_bytes = strtoll(value, NULL, 10);
        else if (strcmp(name, "min.insync.replicas") == 0)
            facts->min_in_sync = strtoll(value, NULL, 10);
    }
}

/* The largest message that the producer sends. */
static long long largest_message(const struct tk_inspection *in)
{
    char text[32] = "1000000";
    size_t size = sizeof(text);

    (void)rd_kafka_conf_get(rd_kafka_conf(in->rk), "message.max.bytes", text, &size);
    return strtoll(text, NULL, 10);
}

static void judge_size(struct tk_inspection *in, unsigned slot, const struct topic_facts *facts)
{
    long long most = largest_message(in);

    if (facts->max_bytes >= 0 && facts->max_bytes < most)
        tk_inspect_tell(
            in, TK_INSPECTED_WARNING, tk_inspect_directive(slot),
            "topic '%s' takes messages of %lld bytes at most, and the producer sends up to %lld: larger ones are not "
            "published there; write max.message.bytes=%lld: kafka-configs.sh --bootstrap-server %s --alter --topic %s "
            "--add-config max.message.bytes=%lld",
            in->names[slot], facts->max_bytes, most, most, in->cf->brokers, in->names[slot], most);
}

static void judge_cleanup(struct tk_inspection *in, unsigned slot, const struct topic_facts *facts)
{
    bool is_compacted = strstr(facts->cleanup, "compact") != NULL;

    if (slot == TK_TOPIC_ALARMS) {
        if (!is_compacted)
            tk_inspect_tell(
                in, TK_INSPECTED_WARNING, tk_inspect_directive(slot),
                "topic '%s' has cleanup.policy %s: an alarm that stands for longer than the topic keeps its "
                "messages is lost from it; write cleanup.policy=compact: kafka-configs.sh --bootstrap-server "
                "%s --alter --topic %s --add-config cleanup.policy=compact",
                in->names[slot], facts->cleanup, in->cf->brokers, in->names[slot]);
        return;
    }
    if (is_compacted)
        tk_inspect_tell(in, TK_INSPECTED_ERROR, tk_inspect_directive(slot),
                        "topic '%s' has cleanup.policy %s: Kafka keeps only the newest event of each device; write "
                        "cleanup.policy=delete: kafka-configs.sh --bootstrap-server %s --alter --topic %s --add-config "
                        "cleanup.policy=delete",
                        in->names[slot], facts->cleanup, in->cf->brokers, in->names[slot]);
}

static void judge_replicas(struct tk_inspection *in, unsigned slot, const struct topic_facts *facts)
{
    const rd_kafka_metadata_topic_t *t = tk_inspect_topic(in, slot);
    enum tk_directive_number directive = tk_inspect_directive(slot);
    int fewest = t->partitions[0].replica_cnt;

    for (int i = 0; i < t->partition_cnt; i++)
        fewest = t->partitions[i].replica_cnt < fewest ? t->partitions[i].replica_cnt : fewest;
    if (facts->min_in_sync > fewest)
        tk_inspect_tell(
            in, TK_INSPECTED_ERROR, directive,
            "topic '%s' has min.insync.replicas %lld and %d replicas, so no event is ever acknowledged; write "
            "min.insync.replicas=%d, or give the topic more replicas",
            t->topic, facts->min_in_sync, fewest, fewest > 1 ? fewest - 1 : 1);
    else if (fewest == 1 && in->metadata->broker_cnt > 1)
        tk_inspect_tell(
            in, TK_INSPECTED_WARNING, directive,
            "topic '%s' has one replica, on one of %d brokers: events are lost with that broker's disk; write "
            "--replication-factor %d when you create it",
            t->topic, in->metadata->broker_cnt, in->metadata->broker_cnt < 3 ? in->metadata->broker_cnt : 3);
    else if (facts->min_in_sync == 1 && fewest > 2)
        tk_inspect_tell(
            in, TK_INSPECTED_WARNING, directive,
            "topic '%s' has min.insync.replicas 1: an event can be acknowledged that only one broker has; write "
            "min.insync.replicas=2",
            t->topic);
}

static void take_settings(struct tk_inspection *in, rd_kafka_event_t *event)
{
    const rd_kafka_DescribeConfigs_result_t *result = event ? rd_kafka_event_DescribeConfigs_result(event) : NULL;
    const char *why = result ? rd_kafka_event_error_string(event) : "no answer in time", *which = NULL;
    const rd_kafka_ConfigResource_t **each = NULL;
    size_t count = 0, unknown = 0;

    if (result && !rd_kafka_event_error(event))
        each = rd_kafka_DescribeConfigs_result_resources(result, &count);
    for (size_t n = 0; n < count; n++) {
        struct topic_facts facts;

        if (rd_kafka_ConfigResource_error(each[n])) {
            unknown++;
            which = rd_kafka_ConfigResource_name(each[n]);
            why = rd_kafka_ConfigResource_error_string(each[n]);
            continue;
        }
        read_facts(each[n], &facts);
        for (unsigned i = 0; i < TK_KAFKA_SLOTS; i++) {
            if (!tk_inspect_exists(in, i) || strcmp(in->names[i], rd_kafka_ConfigResource_name(each[n])) != 0)
                continue;
            judge_cleanup(in, i, &facts);
            judge_size(in, i, &facts);
            judge_replicas(in, i, &facts);
        }
    }
    if (!each || unknown)
        tk_inspect_tell(
            in, TK_INSPECTED_WARNING, TK_DIRECTIVE_kafkaBrokers,
            "cleanup.policy, max.message.bytes and min.insync.replicas of %s'%s' are not known: %s; grant DescribeConfigs "
            "on the topics, or look with kafka-configs.sh --describe",
            unknown > 1 ? "some topics, such as " : "topic ", which ? which : in->cf->topic,
            why ? why : "the brokers say no reason");
}

void tk_inspect_settings(struct tk_inspection *in)
{
    rd_kafka_AdminOptions_t *options = rd_kafka_AdminOptions_new(in->rk, RD_KAFKA_ADMIN_OP_DESCRIBECONFIGS);
    rd_kafka_queue_t *queue = rd_kafka_queue_new(in->rk);
    rd_kafka_ConfigResource_t *wanted[TK_KAFKA_SLOTS];
    rd_kafka_event_t *event;
    size_t count = 0;
    char text[256];

    for (unsigned i = 0; i < TK_KAFKA_SLOTS; i++)
        if (tk_inspect_exists(in, i))
            wanted[count++] = rd_kafka_ConfigResource_new(RD_KAFKA_RESOURCE_TOPIC, in->names[i]);
    if (count) {
        (void)rd_kafka_AdminOptions_set_request_timeout(options, tk_inspect_left_ms(in), text, sizeof(text));
        rd_kafka_DescribeConfigs(in->rk, wanted, count, options, queue);
        event = tk_inspect_wait(in, queue);
        take_settings(in, event);
        if (event)
            rd_kafka_event_destroy(event);
        rd_kafka_ConfigResource_destroy_array(wanted, count);
    }
    rd_kafka_AdminOptions_destroy(options);
    rd_kafka_queue_destroy(queue);
}
