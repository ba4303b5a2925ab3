/* SPDX-License-Identifier: Apache-2.0 */
/* Do the topics exist, can missing ones be created, and do the leaders of their partitions answer? */
#include "sink/sink_internal.h"

#include <stdio.h>
#include <string.h>

const rd_kafka_metadata_topic_t *tk_inspect_topic(const struct tk_inspection *in, unsigned slot)
{
    for (int i = 0; in->names[slot] && i < in->metadata->topic_cnt; i++)
        if (strcmp(in->metadata->topics[i].topic, in->names[slot]) == 0)
            return &in->metadata->topics[i];
    return NULL;
}

bool tk_inspect_exists(const struct tk_inspection *in, unsigned slot)
{
    const rd_kafka_metadata_topic_t *t = tk_inspect_topic(in, slot);

    return t && t->err == RD_KAFKA_RESP_ERR_NO_ERROR && t->partition_cnt > 0;
}

static bool is_missing(const struct tk_inspection *in, unsigned slot)
{
    const rd_kafka_metadata_topic_t *t = tk_inspect_topic(in, slot);

    return in->names[slot] && (!t || t->err == RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART ||
                               (t->err == RD_KAFKA_RESP_ERR_NO_ERROR && t->partition_cnt == 0));
}

static void tell_trouble(struct tk_inspection *in, unsigned slot, rd_kafka_resp_err_t code)
{
    char text[TK_LOG_LINE_BYTES];

    tk_kafka_topics_describe(&in->words, slot, code, text, sizeof(text));
    tk_inspect_tell(in, TK_INSPECTED_ERROR, tk_inspect_directive(slot), "%s", text);
}

static void tell_creation(struct tk_inspection *in, const char *name, rd_kafka_resp_err_t code, const char *reason)
{
    for (unsigned i = 0; i < TK_KAFKA_SLOTS; i++) {
        if (!is_missing(in, i) || (name && strcmp(in->names[i], name) != 0))
            continue;
        (void)snprintf(in->words.topics[i].refusal, sizeof(in->words.topics[i].refusal), "%s",
                       reason ? reason : rd_kafka_err2str(code));
        if (code)
            tell_trouble(in, i, RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART);
        else
            tk_inspect_tell(
                in, TK_INSPECTED_OK, tk_inspect_directive(i),
                "topic '%s' does not exist; the module will create it with the brokers' default numbers of partitions "
                "and replicas",
                in->names[i]);
    }
}

static void take_creation(struct tk_inspection *in, rd_kafka_event_t *event)
{
    const rd_kafka_CreateTopics_result_t *result = event ? rd_kafka_event_CreateTopics_result(event) : NULL;
    const rd_kafka_topic_result_t **each;
    size_t count;

    if (!result || rd_kafka_event_error(event)) {
        tell_creation(in, NULL, result ? rd_kafka_event_error(event) : RD_KAFKA_RESP_ERR__TIMED_OUT,
                      result ? rd_kafka_event_error_string(event) : NULL);
        return;
    }
    each = rd_kafka_CreateTopics_result_topics(result, &count);
    for (size_t i = 0; i < count; i++)
        tell_creation(in, rd_kafka_topic_result_name(each[i]), rd_kafka_topic_result_error(each[i]),
                      rd_kafka_topic_result_error_string(each[i]));
}

/* The brokers only check the request. */
static void try_to_create(struct tk_inspection *in)
{
    rd_kafka_AdminOptions_t *options = rd_kafka_AdminOptions_new(in->rk, RD_KAFKA_ADMIN_OP_CREATETOPICS);
    rd_kafka_queue_t *queue = rd_kafka_queue_new(in->rk);
    rd_kafka_NewTopic_t *wanted[TK_KAFKA_SLOTS];
    rd_kafka_event_t *event;
    size_t count = 0;
    char text[256];

    for (unsigned i = 0; i < TK_KAFKA_SLOTS; i++)
        if (is_missing(in, i) && (wanted[count] = rd_kafka_NewTopic_new(in->names[i], -1, -1, text, sizeof(text))))
            count++;
    (void)rd_kafka_AdminOptions_set_validate_only(options, 1, text, sizeof(text));
    (void)rd_kafka_AdminOptions_set_request_timeout(options, tk_inspect_left_ms(in), text, sizeof(text));
    rd_kafka_CreateTopics(in->rk, wanted, count, options, queue);
    event = tk_inspect_wait(in, queue);
    take_creation(in, event);
    if (event)
        rd_kafka_event_destroy(event);
    rd_kafka_NewTopic_destroy_array(wanted, count);
    rd_kafka_AdminOptions_destroy(options);
    rd_kafka_queue_destroy(queue);
}

void tk_inspect_topics(struct tk_inspection *in)
{
    bool is_any_missing = false;

    for (unsigned i = 0; i < TK_KAFKA_SLOTS; i++) {
        const rd_kafka_metadata_topic_t *t = tk_inspect_topic(in, i);

        if (is_missing(in, i)) {
            is_any_missing = true;
            if (!in->cf->is_creating_topics)
                tell_trouble(in, i, RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART);
        } else if (t && t->err) {
            tell_trouble(in, i, t->err);
        } else if (t) {
            tk_inspect_tell(in, TK_INSPECTED_OK, tk_inspect_directive(i), "topic '%s' has %d partitions", t->topic,
                            t->partition_cnt);
        }
    }
    if (is_any_missing && in->cf->is_creating_topics)
        try_to_create(in);
}

/* --- leaders ----------------------------------------------------------------------------------------------------- */

static const char *address_of(const struct tk_inspection *in, int32_t id, char *dst, size_t dst_bytes)
{
    (void)snprintf(dst, dst_bytes, "broker %d", id);
    for (int i = 0; i < in->metadata->broker_cnt; i++)
        if (in->metadata->brokers[i].id == id)
            (void)snprintf(dst, dst_bytes, "broker %d at %s:%d", id, in->metadata->brokers[i].host,
                           in->metadata->brokers[i].port);
    return dst;
}

/* Ask the leader of a partition for its last offset: so it has to be reached at the address that the brokers tell. */
static void inspect_leader(struct tk_inspection *in, unsigned slot, const rd_kafka_metadata_partition_t *partition)
{
    rd_kafka_resp_err_t code;
    int64_t low, high;
    char address[300];

    code = rd_kafka_query_watermark_offsets(in->rk, in->names[slot], partition->id, &low, &high,
                                            tk_inspect_left_ms(in));
    (void)rd_kafka_poll(in->rk, 0);
    (void)address_of(in, partition->leader, address, sizeof(address));
    if (code == RD_KAFKA_RESP_ERR_NO_ERROR)
        tk_inspect_tell(in, TK_INSPECTED_OK, tk_inspect_directive(slot),
                        "%s leads partition %d of topic '%s' and answers", address, partition->id, in->names[slot]);
    else
        tk_inspect_tell(
            in, TK_INSPECTED_ERROR, tk_inspect_directive(slot),
            "%s, which leads partition %d of topic '%s', does not answer: %s; check that this machine reaches the address "
            "that the broker has in advertised.listeners",
            address, partition->id, in->names[slot], in->reason[0] ? in->reason : rd_kafka_err2str(code));
}

void tk_inspect_leaders(struct tk_inspection *in)
{
    int32_t asked[64];
    unsigned count = 0;

    for (unsigned slot = 0; slot < TK_KAFKA_SLOTS; slot++) {
        const rd_kafka_metadata_topic_t *t = tk_inspect_topic(in, slot);

        for (int i = 0; tk_inspect_exists(in, slot) && i < t->partition_cnt; i++) {
            const rd_kafka_metadata_partition_t *p = &t->partitions[i];
            unsigned n = 0;

            if (p->leader < 0) {
                tk_inspect_tell(
                    in, TK_INSPECTED_ERROR, tk_inspect_directive(slot),
                    "partition %d of topic '%s' has no leader, so its events wait; start the brokers that hold it",
                    p->id, t->topic);
                continue;
            }
            while (n < count && asked[n] != p->leader)
                n++;
            if (n < count || count == sizeof(asked) / sizeof(asked[0]))
                continue;
            asked[count++] = p->leader;
            inspect_leader(in, slot, p);
        }
    }
}
