/* SPDX-License-Identifier: Apache-2.0 */
#include "sink/kafka_fate.h"

enum { TOPIC = 1 }; /* the topic is in trouble, not the message */

/* Permanent is only what a broker says about the message itself (or about one that shared its batch: the broker
 * refuses batches whole, the caller finds the one by sending singly). All else passes once somebody mends the
 * cluster, its rights or the network, however long that takes, and the event waits for it; so do codes that this
 * table does not know: an event that waits is visible and can be had back, one that was given up cannot. */
static const struct {
    rd_kafka_resp_err_t code;
    enum tk_fate fate;
    int flags;
} fates[] = {
    {RD_KAFKA_RESP_ERR_NO_ERROR, TK_DELIVERED, 0},

    /* The message: sending it again changes nothing. */
    {RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE, TK_CONDEMNED, 0},    /* over the topic's max.message.bytes */
    {RD_KAFKA_RESP_ERR_RECORD_LIST_TOO_LARGE, TK_CONDEMNED, 0}, /* over the topic's segment.bytes */
    {RD_KAFKA_RESP_ERR_INVALID_MSG, TK_CONDEMNED, 0},           /* checksum, or compressed form, is wrong */
    {RD_KAFKA_RESP_ERR_INVALID_MSG_SIZE, TK_CONDEMNED, 0},
    {RD_KAFKA_RESP_ERR_INVALID_TIMESTAMP, TK_CONDEMNED, 0},     /* too far from the broker's clock, by topic rule */
    {RD_KAFKA_RESP_ERR_INVALID_RECORD, TK_CONDEMNED, 0},        /* a schema or compaction rule of the topic */
    {RD_KAFKA_RESP_ERR_POLICY_VIOLATION, TK_CONDEMNED, 0},      /* a rule of the broker's operator */

    /* The topic: mended by creating it or by granting rights. */
    {RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC, TK_SEND_AGAIN, TOPIC},
    {RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION, TK_SEND_AGAIN, TOPIC},
    {RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART, TK_SEND_AGAIN, TOPIC},
    {RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED, TK_SEND_AGAIN, TOPIC},
    {RD_KAFKA_RESP_ERR_TOPIC_EXCEPTION, TK_SEND_AGAIN, TOPIC}, /* the brokers take no such name */

    /* The rest passes; listed are those that look permanent and are not, with what mends them. */
    {RD_KAFKA_RESP_ERR_UNKNOWN, TK_SEND_AGAIN, 0},                      /* broker in trouble (disk, bug) */
    {RD_KAFKA_RESP_ERR_CLUSTER_AUTHORIZATION_FAILED, TK_SEND_AGAIN, 0}, /* grant IdempotentWrite */
    {RD_KAFKA_RESP_ERR__AUTHENTICATION, TK_SEND_AGAIN, 0},
    {RD_KAFKA_RESP_ERR_UNSUPPORTED_FOR_MESSAGE_FORMAT, TK_SEND_AGAIN, 0}, /* topic's format is older than headers */
    {RD_KAFKA_RESP_ERR_UNSUPPORTED_COMPRESSION_TYPE, TK_SEND_AGAIN, 0},   /* set compression.codec */
    {RD_KAFKA_RESP_ERR__MSG_TIMED_OUT, TK_SEND_AGAIN, 0},
    {RD_KAFKA_RESP_ERR__PURGE_QUEUE, TK_SEND_AGAIN, 0},    /* our own purge, or librdkafka's after a fatal error */
    {RD_KAFKA_RESP_ERR__PURGE_INFLIGHT, TK_SEND_AGAIN, 0}, /* may have arrived: its event_id says so */
    {RD_KAFKA_RESP_ERR__GAPLESS_GUARANTEE, TK_SEND_AGAIN, 0},
    {RD_KAFKA_RESP_ERR__FATAL, TK_SEND_AGAIN, 0},
    {RD_KAFKA_RESP_ERR__DESTROY, TK_SEND_AGAIN, 0},
};

#define FATES (sizeof(fates) / sizeof(fates[0]))

enum tk_fate tk_kafka_fate(rd_kafka_resp_err_t code)
{
    for (size_t i = 0; i < FATES; i++)
        if (fates[i].code == code)
            return fates[i].fate;
    return TK_SEND_AGAIN;
}

bool tk_kafka_is_topic_trouble(rd_kafka_resp_err_t code)
{
    for (size_t i = 0; i < FATES; i++)
        if (fates[i].code == code)
            return fates[i].flags & TOPIC;
    return false;
}
