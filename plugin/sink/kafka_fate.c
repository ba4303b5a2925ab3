/* SPDX-License-Identifier: Apache-2.0 */
#include "sink/kafka_fate.h"

enum verdict {
    DELIVERED,
    PASSES,    /* not the message: ends once the cluster, its permissions or the network are repaired */
    TOPIC,     /* the same, and the cause is the topic */
    DOUBTFUL,  /* the message or the broker: the code does not tell which */
    CONDEMNED, /* the message: sending it again cannot succeed */
};

/* Codes that the oldest supported librdkafka (2.0.2) has no name for. */
#define UNKNOWN_TOPIC_ID      100
#define INCONSISTENT_TOPIC_ID 103
#define REBOOTSTRAP_REQUIRED  129
#define DESTROY_BROKER        (-137)

/* The codes that a delivery report can have: the brokers' answers to a produce request, in Kafka's order, then
 * librdkafka's own. */
static const struct {
    int code;
    enum verdict verdict;
} fates[] = {
    {RD_KAFKA_RESP_ERR_NO_ERROR, DELIVERED},

    {RD_KAFKA_RESP_ERR_UNKNOWN, DOUBTFUL},      /* a failure inside the broker; this message may be the cause */
    {RD_KAFKA_RESP_ERR_INVALID_MSG, CONDEMNED}, /* wrong checksum or compressed form */
    {RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART, TOPIC},
    {RD_KAFKA_RESP_ERR_INVALID_MSG_SIZE, CONDEMNED},
    {RD_KAFKA_RESP_ERR_LEADER_NOT_AVAILABLE, PASSES},
    {RD_KAFKA_RESP_ERR_NOT_LEADER_FOR_PARTITION, PASSES},
    {RD_KAFKA_RESP_ERR_REQUEST_TIMED_OUT, PASSES}, /* it may be stored: consumers then see its event_id twice */
    {RD_KAFKA_RESP_ERR_BROKER_NOT_AVAILABLE, PASSES},
    {RD_KAFKA_RESP_ERR_REPLICA_NOT_AVAILABLE, PASSES},
    {RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE, CONDEMNED}, /* over the topic's max.message.bytes */
    {RD_KAFKA_RESP_ERR_NETWORK_EXCEPTION, PASSES},
    {RD_KAFKA_RESP_ERR_COORDINATOR_LOAD_IN_PROGRESS, PASSES},
    {RD_KAFKA_RESP_ERR_COORDINATOR_NOT_AVAILABLE, PASSES},
    {RD_KAFKA_RESP_ERR_NOT_COORDINATOR, PASSES},
    {RD_KAFKA_RESP_ERR_TOPIC_EXCEPTION, TOPIC},           /* not a valid topic name */
    {RD_KAFKA_RESP_ERR_RECORD_LIST_TOO_LARGE, CONDEMNED}, /* over the topic's segment.bytes */
    {RD_KAFKA_RESP_ERR_NOT_ENOUGH_REPLICAS, PASSES},
    {RD_KAFKA_RESP_ERR_NOT_ENOUGH_REPLICAS_AFTER_APPEND, PASSES},
    {RD_KAFKA_RESP_ERR_INVALID_REQUIRED_ACKS, DOUBTFUL},
    {RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED, TOPIC},
    {RD_KAFKA_RESP_ERR_CLUSTER_AUTHORIZATION_FAILED, PASSES}, /* grant IdempotentWrite */
    {RD_KAFKA_RESP_ERR_INVALID_TIMESTAMP, PASSES}, /* it is sent again with another timestamp: kafka_stamp.h */
    {RD_KAFKA_RESP_ERR_UNSUPPORTED_SASL_MECHANISM, PASSES},
    {RD_KAFKA_RESP_ERR_ILLEGAL_SASL_STATE, PASSES},
    {RD_KAFKA_RESP_ERR_UNSUPPORTED_VERSION, PASSES}, /* brokers older than what we send */
    {RD_KAFKA_RESP_ERR_INVALID_REQUEST, DOUBTFUL},
    {RD_KAFKA_RESP_ERR_UNSUPPORTED_FOR_MESSAGE_FORMAT, PASSES}, /* the same */
    {RD_KAFKA_RESP_ERR_POLICY_VIOLATION, CONDEMNED},            /* a policy of the cluster */
    {RD_KAFKA_RESP_ERR_OUT_OF_ORDER_SEQUENCE_NUMBER, PASSES},   /* these seven: a new producer restarts the sequence */
    {RD_KAFKA_RESP_ERR_DUPLICATE_SEQUENCE_NUMBER, PASSES},
    {RD_KAFKA_RESP_ERR_INVALID_PRODUCER_EPOCH, PASSES},
    {RD_KAFKA_RESP_ERR_INVALID_TXN_STATE, PASSES},
    {RD_KAFKA_RESP_ERR_INVALID_PRODUCER_ID_MAPPING, PASSES},
    {RD_KAFKA_RESP_ERR_UNKNOWN_PRODUCER_ID, PASSES},
    {RD_KAFKA_RESP_ERR_PRODUCER_FENCED, PASSES},
    {RD_KAFKA_RESP_ERR_CONCURRENT_TRANSACTIONS, PASSES},
    {RD_KAFKA_RESP_ERR_TRANSACTION_COORDINATOR_FENCED, PASSES},
    {RD_KAFKA_RESP_ERR_TRANSACTIONAL_ID_AUTHORIZATION_FAILED, PASSES},
    {RD_KAFKA_RESP_ERR_KAFKA_STORAGE_ERROR, PASSES}, /* the broker's disk */
    {RD_KAFKA_RESP_ERR_LOG_DIR_NOT_FOUND, PASSES},
    {RD_KAFKA_RESP_ERR_SASL_AUTHENTICATION_FAILED, PASSES},
    {RD_KAFKA_RESP_ERR_DELEGATION_TOKEN_AUTHORIZATION_FAILED, PASSES},
    {RD_KAFKA_RESP_ERR_DELEGATION_TOKEN_EXPIRED, PASSES},
    {RD_KAFKA_RESP_ERR_LISTENER_NOT_FOUND, PASSES},
    {RD_KAFKA_RESP_ERR_FENCED_LEADER_EPOCH, PASSES},
    {RD_KAFKA_RESP_ERR_UNKNOWN_LEADER_EPOCH, PASSES},
    {RD_KAFKA_RESP_ERR_UNSUPPORTED_COMPRESSION_TYPE, PASSES}, /* tk_kafka_fate_remedy() */
    {RD_KAFKA_RESP_ERR_STALE_BROKER_EPOCH, PASSES},
    {RD_KAFKA_RESP_ERR_INVALID_RECORD, CONDEMNED}, /* a schema or compaction rule of the topic */
    {RD_KAFKA_RESP_ERR_THROTTLING_QUOTA_EXCEEDED, PASSES},
    {UNKNOWN_TOPIC_ID, TOPIC},
    {INCONSISTENT_TOPIC_ID, TOPIC},
    {REBOOTSTRAP_REQUIRED, PASSES},

    {RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC, TOPIC},
    {RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION, TOPIC},
    {RD_KAFKA_RESP_ERR__BAD_MSG, PASSES}, /* an answer that could not be read */
    {RD_KAFKA_RESP_ERR__BAD_COMPRESSION, PASSES},
    {RD_KAFKA_RESP_ERR__DESTROY, PASSES},
    {RD_KAFKA_RESP_ERR__FAIL, PASSES},
    {RD_KAFKA_RESP_ERR__TRANSPORT, PASSES},
    {RD_KAFKA_RESP_ERR__CRIT_SYS_RESOURCE, PASSES},
    {RD_KAFKA_RESP_ERR__RESOLVE, PASSES},
    {RD_KAFKA_RESP_ERR__MSG_TIMED_OUT, PASSES},
    {RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN, PASSES},
    {RD_KAFKA_RESP_ERR__TIMED_OUT, PASSES},
    {RD_KAFKA_RESP_ERR__ISR_INSUFF, PASSES},
    {RD_KAFKA_RESP_ERR__NODE_UPDATE, PASSES},
    {RD_KAFKA_RESP_ERR__SSL, PASSES},
    {RD_KAFKA_RESP_ERR__AUTHENTICATION, PASSES},
    {RD_KAFKA_RESP_ERR__OUTDATED, PASSES},
    {RD_KAFKA_RESP_ERR__TIMED_OUT_QUEUE, PASSES},
    {RD_KAFKA_RESP_ERR__UNSUPPORTED_FEATURE, PASSES},
    {RD_KAFKA_RESP_ERR__WAIT_CACHE, PASSES},
    {RD_KAFKA_RESP_ERR__INTR, PASSES},
    {RD_KAFKA_RESP_ERR__RETRY, PASSES},
    {RD_KAFKA_RESP_ERR__PURGE_QUEUE, PASSES}, /* our own purge, or librdkafka's after a fatal error */
    {RD_KAFKA_RESP_ERR__PURGE_INFLIGHT, PASSES},
    {RD_KAFKA_RESP_ERR__FATAL, PASSES},
    {RD_KAFKA_RESP_ERR__INCONSISTENT, PASSES},
    {RD_KAFKA_RESP_ERR__GAPLESS_GUARANTEE, PASSES},
    {RD_KAFKA_RESP_ERR__FENCED, PASSES},
    {DESTROY_BROKER, PASSES},
};

#define FATES (sizeof(fates) / sizeof(fates[0]))

/* A code that the table does not name: if positive, of a newer broker, and possibly about the message; if negative,
 * of a newer librdkafka, whose own errors are not about the message. */
static enum verdict find(rd_kafka_resp_err_t code)
{
    for (size_t i = 0; i < FATES; i++)
        if (fates[i].code == (int)code)
            return fates[i].verdict;
    return (int)code > 0 ? DOUBTFUL : PASSES;
}

static enum tk_fate fate_in_doubt(struct tk_kafka_doubt *doubt, tk_nsec now)
{
    if (!doubt->since || now - doubt->last > TK_KAFKA_DOUBT_QUIET)
        doubt->since = now;
    doubt->last = now;
    return now - doubt->since >= TK_KAFKA_DOUBT ? TK_CONDEMNED : TK_SEND_AGAIN;
}

enum tk_fate tk_kafka_fate(struct tk_kafka_doubt *doubt, tk_nsec now, rd_kafka_resp_err_t code)
{
    switch (find(code)) {
    case DELIVERED: return TK_DELIVERED;
    case CONDEMNED: return TK_CONDEMNED;
    case DOUBTFUL: return fate_in_doubt(doubt, now);
    case PASSES:
    case TOPIC: break;
    }
    return TK_SEND_AGAIN;
}

bool tk_kafka_is_topic_trouble(rd_kafka_resp_err_t code)
{
    return find(code) == TOPIC;
}

bool tk_kafka_is_topic_missing(rd_kafka_resp_err_t code)
{
    return code != RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED && code != RD_KAFKA_RESP_ERR_TOPIC_EXCEPTION;
}

bool tk_kafka_fate_is_stated(rd_kafka_resp_err_t code)
{
    for (size_t i = 0; i < FATES; i++)
        if (fates[i].code == (int)code)
            return true;
    return false;
}

const char *tk_kafka_fate_remedy(rd_kafka_resp_err_t code)
{
    switch (code) {
    case RD_KAFKA_RESP_ERR_UNSUPPORTED_COMPRESSION_TYPE:
        return "set another kafkaProperty compression.codec: gzip, snappy, lz4 (the default) or none";
    case RD_KAFKA_RESP_ERR_UNSUPPORTED_FOR_MESSAGE_FORMAT:
        return "write kafkaHeaders none, or raise the topic's message.format.version";
    default: return NULL;
    }
}

const char *tk_kafka_code_text(rd_kafka_resp_err_t code)
{
    const struct rd_kafka_err_desc *descs;
    size_t count;

    rd_kafka_get_err_descs(&descs, &count);
    for (size_t i = 0; i < count; i++)
        if (descs[i].code == code && descs[i].desc)
            return descs[i].desc;
    return "an error code that this librdkafka does not know";
}
