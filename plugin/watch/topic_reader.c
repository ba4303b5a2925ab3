/* SPDX-License-Identifier: Apache-2.0 */
#include "watch/topic_reader.h"

#include <errno.h>
#include <librdkafka/rdkafka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/text.h"
#include "watch/topic_access.h"

struct partition {
    int64_t begin; /* where reading begins */
    int64_t end;   /* of what it held at the start */
    bool is_at_end, is_started;
};

struct tk_topic_reader {
    rd_kafka_t *rk;
    rd_kafka_topic_t *topic;
    rd_kafka_queue_t *queue;
    rd_kafka_message_t *message; /* of the last call */
    struct partition *partitions;
    unsigned count, unfinished;
    const char *brokers, *name; /* of the caller */
    char reason[256];           /* the last error of a connection */
    char trouble[320];
    bool is_down, is_told;
    tk_nsec deadline; /* of opening */
};

/* --- librdkafka's words ------------------------------------------------------------------------------------------ */

static void note_error(rd_kafka_t *rk, int code, const char *reason, void *opaque)
{
    struct tk_topic_reader *r = opaque;

    (void)rk;
    if (code == RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN)
        r->is_down = true;
    else
        (void)tk_escape(r->reason, sizeof(r->reason), reason, strlen(reason));
}

static void note_log(const rd_kafka_t *rk, int level, const char *facility, const char *text)
{
    (void)rk, (void)level, (void)facility, (void)text; /* errors come through note_error() too */
}

static int left_ms(const struct tk_topic_reader *r)
{
    tk_nsec left = (r->deadline - tk_clock_mono()) / TK_MSEC;

    return left > 1 ? (int)left : 1;
}

/* Why the brokers did not answer, or what they answered. */
static int fail(struct tk_topic_reader *r, rd_kafka_resp_err_t code, const char *doing, struct tk_err *err)
{
    (void)rd_kafka_poll(r->rk, 0);
    switch (code) {
    case RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART:
    case RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC:
    case RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION:
        tk_err_set(err, NULL, 0, "topic '%s' does not exist on %s; write its name after --topic", r->name, r->brokers);
        break;
    case RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED:
        tk_err_set(err, NULL, 0,
                   "topic '%s' may not be read; grant the principal Read and Describe on it (kafka-acls.sh "
                   "--operation Read --operation Describe), or use the property file of one who may: --properties",
                   r->name);
        break;
    case RD_KAFKA_RESP_ERR__TRANSPORT:
    case RD_KAFKA_RESP_ERR__TIMED_OUT:
    case RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN:
        tk_err_set(err, NULL, 0,
                   "%s: no answer from %s%s%s; check the brokers, and properties such as security.protocol", doing,
                   r->brokers, r->reason[0] ? ": " : "", r->reason);
        break;
    default:
        tk_err_set(err, NULL, 0, "%s: %s%s%s", doing, rd_kafka_err2str(code), r->reason[0] ? ": " : "", r->reason);
        break;
    }
    return -EACCES;
}

/* --- open -------------------------------------------------------------------------------------------------------- */

static bool start_client(struct tk_topic_reader *r, const struct tk_settings *cf, struct tk_err *err)
{
    rd_kafka_conf_t *conf = tk_access_conf(cf, err);
    char text[256] = "";

    if (!conf)
        return false;
    rd_kafka_conf_set_opaque(conf, r);
    rd_kafka_conf_set_error_cb(conf, note_error);
    rd_kafka_conf_set_log_cb(conf, note_log);
    r->rk = rd_kafka_new(RD_KAFKA_CONSUMER, conf, text, sizeof(text));
    if (!r->rk) {
        rd_kafka_conf_destroy(conf);
        tk_err_set(err, NULL, 0, "librdkafka cannot start a consumer: %s; correct kafkaProperty or kafkaPropertyFile",
                   text);
        return false;
    }
    (void)rd_kafka_set_log_queue(r->rk, NULL); /* NULL: the main queue; fails only without log.queue */
    r->topic = rd_kafka_topic_new(r->rk, r->name, NULL);
    r->queue = rd_kafka_queue_new(r->rk);
    if (r->topic)
        return true;
    (void)fail(r, rd_kafka_last_error(), "topic", err);
    return false;
}

static bool find_partitions(struct tk_topic_reader *r, struct tk_err *err)
{
    const struct rd_kafka_metadata *md = NULL;
    rd_kafka_resp_err_t code = rd_kafka_metadata(r->rk, 0, r->topic, &md, left_ms(r));

    if (code == RD_KAFKA_RESP_ERR_NO_ERROR)
        code = md->topic_cnt == 1 ? md->topics[0].err : RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART;
    if (code == RD_KAFKA_RESP_ERR_NO_ERROR && md->topics[0].partition_cnt <= 0)
        code = RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART;
    if (code == RD_KAFKA_RESP_ERR_NO_ERROR) {
        r->count = (unsigned)md->topics[0].partition_cnt;
        r->partitions = calloc(r->count, sizeof(*r->partitions));
    }
    rd_kafka_metadata_destroy(md);
    if (code != RD_KAFKA_RESP_ERR_NO_ERROR)
        return (void)fail(r, code, "looking for the topic", err), false;
    if (!r->partitions)
        tk_err_set(err, NULL, 0, "out of memory");
    return r->partitions != NULL;
}

static bool find_ends(struct tk_topic_reader *r, int64_t from, struct tk_err *err)
{
    for (unsigned i = 0; i < r->count; i++) {
        int64_t low = 0, high = 0;
        rd_kafka_resp_err_t code = rd_kafka_query_watermark_offsets(r->rk, r->name, (int32_t)i, &low, &high,
                                                                    left_ms(r));

        if (code != RD_KAFKA_RESP_ERR_NO_ERROR)
            return (void)fail(r, code, "looking for the end of the topic", err), false;
        r->partitions[i].begin = from == TK_FROM_END ? high : low;
        r->partitions[i].end = high;
    }
    return true;
}

/* The brokers look for the first message that is not older. */
static bool find_time(struct tk_topic_reader *r, int64_t from, struct tk_err *err)
{
    rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new((int)r->count);
    rd_kafka_resp_err_t code;

    for (unsigned i = 0; i < r->count; i++)
        rd_kafka_topic_partition_list_add(list, r->name, (int32_t)i)->offset = from;
    code = rd_kafka_offsets_for_times(r->rk, list, left_ms(r));
    for (unsigned i = 0; code == RD_KAFKA_RESP_ERR_NO_ERROR && i < r->count; i++) {
        struct partition *p = &r->partitions[list->elems[i].partition];

        code = list->elems[i].err;
        p->begin = list->elems[i].offset >= 0 ? list->elems[i].offset : p->end;
    }
    rd_kafka_topic_partition_list_destroy(list);
    if (code == RD_KAFKA_RESP_ERR_NO_ERROR)
        return true;
    if (code == RD_KAFKA_RESP_ERR_INVALID_MSG || code == RD_KAFKA_RESP_ERR_INVALID_TIMESTAMP ||
        code == RD_KAFKA_RESP_ERR__UNSUPPORTED_FEATURE || code == RD_KAFKA_RESP_ERR_OFFSET_OUT_OF_RANGE)
        tk_err_set(err, NULL, 0, "%s cannot search by time (%s); write --from beginning", r->brokers,
                   rd_kafka_err2str(code));
    else
        (void)fail(r, code, "looking for a time in the topic", err);
    return false;
}

static bool start_reading(struct tk_topic_reader *r, struct tk_err *err)
{
    for (unsigned i = 0; i < r->count; i++) {
        struct partition *p = &r->partitions[i];

        p->is_at_end = p->begin >= p->end;
        r->unfinished += !p->is_at_end;
        if (rd_kafka_consume_start_queue(r->topic, (int32_t)i, p->begin, r->queue) < 0)
            return (void)fail(r, rd_kafka_last_error(), "beginning to read the topic", err), false;
        p->is_started = true;
    }
    return true;
}

struct tk_topic_reader *tk_topic_reader_open(const struct tk_settings *cf, const char *topic, int64_t from,
                                             int timeout_ms, struct tk_err *err)
{
    struct tk_topic_reader *r = calloc(1, sizeof(*r));

    if (!r) {
        tk_err_set(err, NULL, 0, "out of memory");
        return NULL;
    }
    r->name = topic;
    r->brokers = cf->brokers;
    r->deadline = tk_clock_mono() + timeout_ms * TK_MSEC;
    if (start_client(r, cf, err) && find_partitions(r, err) && find_ends(r, from, err) &&
        (from == TK_FROM_BEGINNING || from == TK_FROM_END || find_time(r, from, err)) && start_reading(r, err))
        return r;
    tk_topic_reader_close(r);
    return NULL;
}

void tk_topic_reader_close(struct tk_topic_reader *r)
{
    if (!r)
        return;
    if (r->message)
        rd_kafka_message_destroy(r->message);
    for (unsigned i = 0; i < r->count && r->partitions; i++)
        if (r->partitions[i].is_started)
            (void)rd_kafka_consume_stop(r->topic, (int32_t)i);
    if (r->queue)
        rd_kafka_queue_destroy(r->queue);
    if (r->topic)
        rd_kafka_topic_destroy(r->topic);
    if (r->rk)
        rd_kafka_destroy(r->rk);
    free(r->partitions);
    free(r);
}

/* --- read -------------------------------------------------------------------------------------------------------- */

static void reach(struct tk_topic_reader *r, int32_t partition, int64_t next)
{
    struct partition *p = partition >= 0 && (unsigned)partition < r->count ? &r->partitions[partition] : NULL;

    if (!p || p->is_at_end || next < p->end)
        return;
    p->is_at_end = true;
    r->unfinished--;
}

static bool is_refusal(rd_kafka_resp_err_t code)
{
    return code == RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED || code == RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART ||
           code == RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC || code == RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION;
}

int tk_topic_reader_next(struct tk_topic_reader *r, int wait_ms, struct tk_topic_message *ret, struct tk_err *err)
{
    rd_kafka_message_t *m;

    if (r->message)
        rd_kafka_message_destroy(r->message);
    (void)rd_kafka_poll(r->rk, 0);
    m = r->message = rd_kafka_consume_queue(r->queue, wait_ms);
    if (!m)
        return 0;
    if (is_refusal(m->err))
        return fail(r, m->err, "reading the topic", err);
    if (m->err == RD_KAFKA_RESP_ERR__PARTITION_EOF)
        reach(r, m->partition, m->offset);
    if (m->err != RD_KAFKA_RESP_ERR_NO_ERROR)
        return 0; /* librdkafka tries again */
    reach(r, m->partition, m->offset + 1);
    r->is_down = r->is_told = false;
    *ret = (struct tk_topic_message){.key = m->key, .key_len = m->key_len, .value = m->payload, .value_len = m->len};
    return 1;
}

bool tk_topic_reader_is_at_end(const struct tk_topic_reader *r)
{
    return r->unfinished == 0;
}

unsigned tk_topic_reader_partitions(const struct tk_topic_reader *r)
{
    return r->count;
}

const char *tk_topic_reader_trouble(struct tk_topic_reader *r)
{
    if (!r->is_down || r->is_told)
        return NULL;
    r->is_told = true;
    (void)snprintf(r->trouble, sizeof(r->trouble), "no broker can be reached: %s", r->reason);
    return r->trouble;
}

bool tk_topic_reader_reaches(struct tk_topic_reader *r)
{
    const struct rd_kafka_metadata *md = NULL;
    bool is_there = rd_kafka_metadata(r->rk, 0, r->topic, &md, 500) == RD_KAFKA_RESP_ERR_NO_ERROR;

    if (is_there)
        rd_kafka_metadata_destroy(md);
    return is_there;
}
