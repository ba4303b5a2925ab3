/* SPDX-License-Identifier: Apache-2.0 */
#include "sink/kafka_topics.h"

#include <stdio.h>
#include <string.h>
#include <syslog.h>

#include "base/devel.h"
#include "sink/kafka_detour.h"
#include "sink/kafka_fate.h"

#define ANSWER_MS 5000 /* less than TK_KAFKA_TOPICS_RETRY, so that each request is answered before the next */
#define LOOKS     5    /* at a topic that was created, until its partitions are known */
#define LOOK_MS   200
#define NEXT_LOOK (TK_SECOND / 2)

static const uint64_t wake = 1;

void tk_kafka_topics_init(struct tk_kafka_topics *t, struct tk_kafka_log *log, const char *brokers,
                          const char *const names[TK_KAFKA_SLOTS], bool may_create)
{
    memset(t, 0, sizeof(*t));
    t->log = log;
    t->brokers = brokers;
    t->may_create = may_create;
    t->last_asked = -TK_KAFKA_TOPICS_RETRY;
    for (size_t i = 0; i < TK_KAFKA_SLOTS; i++)
        t->topics[i].name = names[i];
    if (!may_create)
        for (size_t i = 0; i < TK_KAFKA_SLOTS; i++)
            (void)snprintf(t->topics[i].refusal, sizeof(t->topics[i].refusal), "kafkaCreateTopics is no");
}

void tk_kafka_topics_attach(struct tk_kafka_topics *t, rd_kafka_t *rk, int eventfd)
{
    t->rk = rk;
    t->queue = rd_kafka_queue_new(rk);
    if (eventfd >= 0)
        rd_kafka_queue_io_event_enable(t->queue, eventfd, &wake, sizeof(wake));
}

void tk_kafka_topics_want(struct tk_kafka_topics *t)
{
    t->is_wanted = t->may_create;
}

/* Does an earlier topic have the same name? A request must not have a name twice. */
static bool is_repeated(const struct tk_kafka_topics *t, size_t topic)
{
    for (size_t i = 0; i < topic; i++)
        if (t->topics[i].name && strcmp(t->topics[i].name, t->topics[topic].name) == 0)
            return true;
    return false;
}

static void ask(struct tk_kafka_topics *t, tk_nsec now)
{
    rd_kafka_AdminOptions_t *options = rd_kafka_AdminOptions_new(t->rk, RD_KAFKA_ADMIN_OP_CREATETOPICS);
    rd_kafka_NewTopic_t *wanted[TK_KAFKA_SLOTS];
    size_t count = 0;
    char text[256];

    for (size_t i = 0; i < TK_KAFKA_SLOTS; i++) {
        t->topics[i].is_missing = false;
        if (!t->topics[i].name || is_repeated(t, i))
            continue;
        /* -1: the brokers' defaults for partitions and replicas */
        wanted[count] = rd_kafka_NewTopic_new(t->topics[i].name, -1, -1, text, sizeof(text));
        if (!wanted[count])
            continue;
        if (i == TK_TOPIC_ALARMS)
            (void)rd_kafka_NewTopic_set_config(wanted[count], "cleanup.policy", "compact");
        count++;
    }
    /* Both fail only for values out of range. */
    (void)rd_kafka_AdminOptions_set_request_timeout(options, ANSWER_MS, text, sizeof(text));
    (void)rd_kafka_AdminOptions_set_operation_timeout(options, ANSWER_MS / 2, text, sizeof(text));
    rd_kafka_CreateTopics(t->rk, wanted, count, options, t->queue);
    rd_kafka_NewTopic_destroy_array(wanted, count);
    rd_kafka_AdminOptions_destroy(options);
    t->is_wanted = false;
    t->is_asked = true;
    t->last_asked = now;
}

/* Does @p code come from a broker that handled the request? */
static bool is_answer(rd_kafka_resp_err_t code)
{
    switch (code) {
    case RD_KAFKA_RESP_ERR__TIMED_OUT:
    case RD_KAFKA_RESP_ERR__TRANSPORT:
    case RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN:
    case RD_KAFKA_RESP_ERR__AUTHENTICATION:
    case RD_KAFKA_RESP_ERR__FATAL:
    case RD_KAFKA_RESP_ERR__DESTROY:
    case RD_KAFKA_RESP_ERR_REQUEST_TIMED_OUT:
    case RD_KAFKA_RESP_ERR_NOT_CONTROLLER:
    case RD_KAFKA_RESP_ERR_LEADER_NOT_AVAILABLE: return false;
    default: return true;
    }
}

/* Keep the reason why a topic was not created. It is not logged here: if the topic exists, the refusal does not
 * matter, and a principal that may only write is always refused. tk_kafka_topics_trouble() logs it if the topic is
 * missing. */
static void keep_refusal(struct tk_kafka_topics *t, size_t i, rd_kafka_resp_err_t code, const char *reason)
{
    bool is_told = is_answer(code);

    if (is_told)
        tk_kafka_log_reached(t->log);
    else
        t->is_wanted = true;
    if (code == RD_KAFKA_RESP_ERR_NO_ERROR || code == RD_KAFKA_RESP_ERR_TOPIC_ALREADY_EXISTS)
        t->topics[i].refusal[0] = '\0';
    else if (is_told || t->topics[i].is_missing) /* else only the brokers could not be reached */
        (void)snprintf(t->topics[i].refusal, sizeof(t->topics[i].refusal), "%s",
                       reason ? reason : rd_kafka_err2str(code));
}

static void take_answer(struct tk_kafka_topics *t, tk_nsec now, rd_kafka_event_t *event)
{
    const rd_kafka_CreateTopics_result_t *result = rd_kafka_event_CreateTopics_result(event);
    rd_kafka_resp_err_t code = rd_kafka_event_error(event);
    const rd_kafka_topic_result_t **each;
    size_t count;

    if (!result)
        return;
    t->is_asked = false;
    if (code) { /* the whole request was refused, not supported, or reached no broker */
        for (size_t i = 0; i < TK_KAFKA_SLOTS; i++)
            keep_refusal(t, i, code, rd_kafka_event_error_string(event));
        return;
    }
    each = rd_kafka_CreateTopics_result_topics(result, &count);
    for (size_t n = 0; n < count; n++) {
        const char *name = rd_kafka_topic_result_name(each[n]);

        code = rd_kafka_topic_result_error(each[n]);
        for (size_t i = 0; i < TK_KAFKA_SLOTS; i++) {
            if (!t->topics[i].name || strcmp(t->topics[i].name, name) != 0)
                continue;
            keep_refusal(t, i, code, rd_kafka_topic_result_error_string(each[n]));
            if (code == RD_KAFKA_RESP_ERR_NO_ERROR && !is_repeated(t, i)) {
                t->topics[i].looks = LOOKS;
                t->next_look = now;
            }
        }
    }
}

/* A warning, though it is what the operator allowed: a topic with a wrong name is found by this line. Lines that differ in
 * digits only are one cause, and the names of topics may: so the name is the facility. */
static void tell_created(struct tk_kafka_topics *t, tk_nsec now, size_t slot, const char *numbers)
{
    tk_kafka_log_line(
        t->log, now, LOG_WARNING, t->topics[slot].name,
        "created topic '%s'%s, because it did not exist; if the name is wrong, correct the configuration, and delete the "
        "topic; see kafkaCreateTopics in trapkafka.conf(5)",
        t->topics[slot].name, numbers);
}

void tk_kafka_topics_detach(struct tk_kafka_topics *t, tk_nsec now)
{
    if (!t->rk)
        return;
    for (size_t i = 0; i < TK_KAFKA_SLOTS; i++) {
        if (t->topics[i].looks)
            tell_created(t, now, i, "");
        t->topics[i].looks = 0;
    }
    rd_kafka_queue_io_event_enable(t->queue, -1, NULL, 0);
    rd_kafka_queue_destroy(t->queue);
    tk_kafka_compaction_detach(&t->compaction);
    t->queue = NULL;
    t->rk = NULL;
    if (t->is_asked) /* its answer is lost with the queue: ask again */
        t->is_wanted = true;
    t->is_asked = false;
}

/* @returns false: the brokers do not know them yet */
static bool find_numbers(const struct rd_kafka_metadata *all, const char *name, char *dst, size_t dst_bytes)
{
    for (int i = 0; all && i < all->topic_cnt; i++) {
        const rd_kafka_metadata_topic_t *one = &all->topics[i];

        if (strcmp(one->topic, name) != 0 || one->partition_cnt == 0 || one->partitions[0].replica_cnt == 0)
            continue;
        (void)snprintf(dst, dst_bytes, " (partitions: %d, replication factor: %d)", one->partition_cnt,
                       one->partitions[0].replica_cnt);
        return true;
    }
    return false;
}

/* Tell of topics that were created, with their numbers, which the answer to the request does not have: one question for
 * all topics that the producer uses. */
static void look_at_created(struct tk_kafka_topics *t, tk_nsec now)
{
    const struct rd_kafka_metadata *all = NULL;
    bool has_asked = false;

    if (now < t->next_look)
        return;
    for (size_t i = 0; i < TK_KAFKA_SLOTS; i++) {
        char numbers[80] = "";

        if (!t->topics[i].looks)
            continue;
        if (!has_asked)
            (void)rd_kafka_metadata(t->rk, 0, NULL, &all, LOOK_MS);
        has_asked = true;
        t->topics[i].looks--;
        if (find_numbers(all, t->topics[i].name, numbers, sizeof(numbers)))
            t->topics[i].looks = 0;
        if (!t->topics[i].looks)
            tell_created(t, now, i, numbers);
    }
    if (has_asked)
        t->next_look = now + NEXT_LOOK;
    if (all)
        rd_kafka_metadata_destroy(all);
}

void tk_kafka_topics_describe(const struct tk_kafka_topics *t, unsigned slot, rd_kafka_resp_err_t code, char *dst,
                              size_t dst_bytes)
{
    const char *name = t->topics[slot].name;

    if (code == TK_KAFKA_STALLED)
        (void)snprintf(dst, dst_bytes,
                       "topic '%s' has taken nothing for %d s, while other topics take events; check for partitions "
                       "without a leader, and fewer in-sync replicas than min.insync.replicas: kafka-topics.sh "
                       "--bootstrap-server %s --describe --topic %s",
                       name, TK_STALL_SECONDS, t->brokers, name);
    else if (tk_kafka_is_topic_missing(code))
        (void)snprintf(dst, dst_bytes,
                       "topic '%s' does not exist and was not created (%s); create it with: kafka-topics.sh "
                       "--bootstrap-server %s --create --topic %s --partitions 3 --replication-factor 3 (at most the "
                       "number of brokers)",
                       name, t->topics[slot].refusal, t->brokers, name);
    else if (code == RD_KAFKA_RESP_ERR_TOPIC_EXCEPTION)
        (void)snprintf(dst, dst_bytes, "the brokers refuse the name of topic '%s' (%s); set another name", name,
                       tk_kafka_code_text(code));
    else
        (void)snprintf(dst, dst_bytes,
                       "the brokers do not allow writing to topic '%s' (%s); grant it with: kafka-acls.sh "
                       "--bootstrap-server %s --add --allow-principal User:NAME --operation Write --operation Describe "
                       "--topic %s",
                       name, tk_kafka_code_text(code), t->brokers, name);
}

static void complain(struct tk_kafka_topics *t, tk_nsec now, enum tk_topic topic, rd_kafka_resp_err_t code)
{
    static const char *const consequences[TK_TOPICS] = {
        [TK_TOPIC_EVENTS] = "its events wait in the queue",
        [TK_TOPIC_HEALTH] = "its health records are not published",
        [TK_TOPIC_DEAD_LETTERS] = "until then, events that Kafka refuses permanently are not published there",
        [TK_TOPIC_ALARMS] = "messages about alarms wait, until the queue is nearly full",
    };
    char text[TK_LOG_LINE_BYTES];

    tk_kafka_topics_describe(t, (unsigned)topic, code, text, sizeof(text));
    tk_kafka_log_line(t->log, now, LOG_ERR, "topics", "%s; %s", text, consequences[topic]);
}

bool tk_kafka_topics_trouble(struct tk_kafka_topics *t, tk_nsec now, unsigned slot, rd_kafka_resp_err_t code)
{
    uint64_t held_back;

    TK_ASSERT(slot < TK_KAFKA_SLOTS);
    if (tk_kafka_is_topic_missing(code)) {
        tk_kafka_topics_want(t);
        t->topics[slot].is_missing = true;
        if (!t->topics[slot].refusal[0])
            return false; /* wait for the answer to the request to create it */
    }
    if (slot == TK_TOPIC_EVENTS)
        tk_kafka_log_refused(t->log);
    if (slot < TK_TOPICS && tk_log_limit_pass(&t->topics[slot].said, now, TK_KAFKA_TOPICS_SAY, &held_back))
        complain(t, now, (enum tk_topic)slot, code);
    return true;
}

void tk_kafka_topics_poll(struct tk_kafka_topics *t, tk_nsec now)
{
    rd_kafka_event_t *event;

    if (!t->rk)
        return;
    look_at_created(t, now);
    if (!t->is_asked && !t->is_wanted && !t->compaction.is_wanted && !t->compaction.is_asked)
        return;
    while ((event = rd_kafka_queue_poll(t->queue, 0))) {
        take_answer(t, now, event);
        tk_kafka_compaction_take(&t->compaction, t->log, t->brokers, now, event);
        rd_kafka_event_destroy(event);
    }
    if (!t->is_asked && !t->is_wanted) /* it exists now, if it ever will */
        tk_kafka_compaction_ask(&t->compaction, t->rk, t->queue, t->topics[TK_TOPIC_ALARMS].name, now);
    if (t->is_wanted && !t->is_asked && now - t->last_asked >= TK_KAFKA_TOPICS_RETRY)
        ask(t, now);
}
