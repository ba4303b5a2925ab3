/* SPDX-License-Identifier: Apache-2.0 */
/* In this order: connect, list the topics, whether missing ones can be created, the topics' settings, the leaders of their
 * partitions, the producer's ID, timestamps. What can't be asked without an earlier answer is left out. */
#include "sink/kafka_inspect.h"

#include <jansson.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sink/kafka_check.h"
#include "sink/kafka_conf.h"
#include "sink/kafka_end.h"
#include "sink/sink_internal.h"

#define SURE_AFTER  (2 * TK_SECOND) /* after all brokers were tried in vain: it is no hiccup of the start */
#define AHEAD_MS    60000
#define END_TIMEOUT (TK_SECOND / 2)

void tk_inspect_tell(const struct tk_inspection *in, enum tk_inspected level, enum tk_directive_number directive,
                     const char *fmt, ...)
{
    char text[2048];
    va_list ap;

    va_start(ap, fmt);
    (void)vsnprintf(text, sizeof(text), fmt, ap);
    va_end(ap);
    in->tell(in->arg, level, directive, text);
}

enum tk_directive_number tk_inspect_directive(unsigned slot)
{
    if (slot >= TK_TOPICS)
        return TK_DIRECTIVE_kafkaSeverityRules;
    switch ((enum tk_topic)slot) {
    case TK_TOPIC_HEALTH: return TK_DIRECTIVE_kafkaHealthTopic;
    case TK_TOPIC_DEAD_LETTERS: return TK_DIRECTIVE_kafkaDeadLetterTopic;
    case TK_TOPIC_ALARMS: return TK_DIRECTIVE_kafkaAlarmTopic;
    default: return TK_DIRECTIVE_kafkaTopic;
    }
}

/* @returns milliseconds until the deadline, 1 at least */
int tk_inspect_left_ms(const struct tk_inspection *in)
{
    tk_nsec left = in->deadline - tk_clock_mono();

    return left < TK_MSEC ? 1 : (int)(left / TK_MSEC);
}

bool tk_inspect_is_late(const struct tk_inspection *in)
{
    return tk_clock_mono() >= in->deadline;
}

rd_kafka_event_t *tk_inspect_wait(struct tk_inspection *in, rd_kafka_queue_t *queue)
{
    rd_kafka_event_t *event;

    while (!(event = rd_kafka_queue_poll(queue, tk_inspect_left_ms(in) < TK_INSPECT_SLICE_MS ? tk_inspect_left_ms(in)
                                                                                             : TK_INSPECT_SLICE_MS)) &&
           !tk_inspect_is_late(in))
        (void)rd_kafka_poll(in->rk, 0);
    return event;
}

/* --- librdkafka's callbacks, all from rd_kafka_poll() ------------------------------------------------------------ */

static void on_error(rd_kafka_t *rk, int code, const char *reason, void *opaque)
{
    struct tk_inspection *in = opaque;

    switch (code) {
    case RD_KAFKA_RESP_ERR__FATAL: (void)rd_kafka_fatal_error(rk, in->fatal, sizeof(in->fatal)); return;
    case RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN:
        if (!in->down_since)
            in->down_since = tk_clock_mono();
        return;
    case RD_KAFKA_RESP_ERR__AUTHENTICATION:
    case RD_KAFKA_RESP_ERR__SSL: in->is_refused = true; break;
    default:
        if (in->is_refused)
            return;
        break;
    }
    (void)snprintf(in->reason, sizeof(in->reason), "%s", reason);
}

/* Errors come to on_error() too; other lines are about nothing that is checked. */
static void on_log(const rd_kafka_t *rk, int level, const char *facility, const char *text)
{
    (void)rk, (void)level, (void)facility, (void)text;
}

static int on_statistics(rd_kafka_t *rk, char *json, size_t len, void *opaque)
{
    struct tk_inspection *in = opaque;
    json_t *all = json_loadb(json, len, 0, NULL);
    const char *state = json_string_value(json_object_get(json_object_get(all, "eos"), "idemp_state"));

    (void)rk;
    if (state && strcmp(state, "Assigned") == 0)
        in->has_id = true;
    json_decref(all);
    return 0; /* librdkafka frees the text */
}

/* --- connect ----------------------------------------------------------------------------------------------------- */

static bool start(struct tk_inspection *in, struct tk_err *err)
{
    rd_kafka_conf_t *conf = tk_kafka_check_files(in->cf, err) < 0 ? NULL
                                                                  : tk_kafka_conf_new(in->cf, in->cf->brokers, err);
    char text[512];

    if (!conf)
        return false;
    (void)rd_kafka_conf_set(conf, "statistics.interval.ms", "100", NULL, 0);
    (void)rd_kafka_conf_set(conf, "allow.auto.create.topics", "false", NULL, 0);
    rd_kafka_conf_set_opaque(conf, in);
    rd_kafka_conf_set_error_cb(conf, on_error);
    rd_kafka_conf_set_log_cb(conf, on_log);
    rd_kafka_conf_set_stats_cb(conf, on_statistics);
    in->rk = rd_kafka_new(RD_KAFKA_PRODUCER, conf, text, sizeof(text));
    if (!in->rk) {
        rd_kafka_conf_destroy(conf);
        tk_err_set(err, NULL, 0, "librdkafka cannot start a producer: %s; correct kafkaProperty or kafkaPropertyFile",
                   text);
        return false;
    }
    (void)rd_kafka_set_log_queue(in->rk, NULL);
    for (unsigned i = 0; i < TK_KAFKA_SLOTS; i++)
        in->handles[i] = in->names[i] ? rd_kafka_topic_new(in->rk, in->names[i], NULL) : NULL;
    return true;
}

/* Is a topic's leader being elected? Then the brokers will soon know more. */
static bool is_unsettled(const struct rd_kafka_metadata *all)
{
    for (int i = 0; i < all->topic_cnt; i++)
        if (all->topics[i].err == RD_KAFKA_RESP_ERR_LEADER_NOT_AVAILABLE)
            return true;
    return false;
}

static bool is_in_vain(const struct tk_inspection *in)
{
    return in->is_refused || (in->down_since && tk_clock_mono() - in->down_since >= SURE_AFTER);
}

static void ask_metadata(struct tk_inspection *in)
{
    do {
        const struct rd_kafka_metadata *all = NULL;
        int slice = tk_inspect_left_ms(in) < TK_INSPECT_SLICE_MS ? tk_inspect_left_ms(in) : TK_INSPECT_SLICE_MS;
        rd_kafka_resp_err_t code = rd_kafka_metadata(in->rk, 0, NULL, &all, slice);

        (void)rd_kafka_poll(in->rk, 0);
        if (code != RD_KAFKA_RESP_ERR_NO_ERROR) {
            if (!in->reason[0] && code != RD_KAFKA_RESP_ERR__TRANSPORT && code != RD_KAFKA_RESP_ERR__TIMED_OUT)
                (void)snprintf(in->reason, sizeof(in->reason), "%s", rd_kafka_err2str(code));
            if (code == RD_KAFKA_RESP_ERR__TRANSPORT) /* at once, while nothing is connected */
                (void)rd_kafka_poll(in->rk, slice / 5);
            continue;
        }
        if (in->metadata)
            rd_kafka_metadata_destroy(in->metadata);
        in->metadata = all;
        if (!is_unsettled(all))
            return;
    } while (!tk_inspect_is_late(in) && (in->metadata || !is_in_vain(in)));
}

static bool connect_brokers(struct tk_inspection *in)
{
    ask_metadata(in);
    if (in->metadata) {
        for (int i = 0; i < in->metadata->broker_cnt; i++)
            tk_inspect_tell(in, TK_INSPECTED_OK, TK_DIRECTIVE_kafkaBrokers, "broker %d is %s:%d",
                            in->metadata->brokers[i].id, in->metadata->brokers[i].host, in->metadata->brokers[i].port);
        return true;
    }
    if (in->is_refused)
        tk_inspect_tell(
            in, TK_INSPECTED_ERROR, TK_DIRECTIVE_kafkaBrokers,
            "the brokers refuse us: %s; check security.protocol and the sasl.* and ssl.* properties, and write the user "
            "and the password that the brokers know",
            in->reason);
    else
        tk_inspect_tell(
            in, TK_INSPECTED_ERROR, TK_DIRECTIVE_kafkaBrokers,
            "no broker of '%s' answers: %s; check the brokers and the network, or write their address and port after "
            "kafkaBrokers",
            in->cf->brokers, in->reason[0] ? in->reason : "no answer in time");
    return false;
}

/* --- the producer's ID, timestamps ------------------------------------------------------------------------------- */

static void inspect_producer_id(struct tk_inspection *in)
{
    while (!in->has_id && !in->fatal[0] && !tk_inspect_is_late(in))
        (void)rd_kafka_poll(in->rk, 50);
    if (in->has_id)
        tk_inspect_tell(in, TK_INSPECTED_OK, TK_DIRECTIVE_kafkaBrokers, "the brokers accept an idempotent producer");
    else
        tk_inspect_tell(
            in, TK_INSPECTED_ERROR, TK_DIRECTIVE_kafkaBrokers,
            "the brokers give no producer ID: %s; grant the principal IdempotentWrite on the cluster, or Write on a topic",
            in->fatal[0] ? in->fatal : "no answer in time");
}

/* Kafka does not tell the brokers' time. But a record whose time has not come yet tells that a clock is wrong. */
static void inspect_clock(struct tk_inspection *in)
{
    const int64_t ahead = tk_clock_now().wall / TK_MSEC + AHEAD_MS;
    const rd_kafka_metadata_topic_t *t = tk_inspect_topic(in, TK_TOPIC_EVENTS);
    rd_kafka_topic_partition_list_t *list;
    rd_kafka_resp_err_t code;
    bool is_ahead = false;

    tk_inspect_tell(in, TK_INSPECTED_OK, TK_DIRECTIVE_kafkaBrokers,
                    "not checked, because Kafka tells it to nobody: the brokers' clocks; "
                    "and, because only a write would tell: the right Write");
    if (!tk_inspect_exists(in, TK_TOPIC_EVENTS))
        return;
    list = rd_kafka_topic_partition_list_new(t->partition_cnt);
    for (int i = 0; i < t->partition_cnt; i++)
        rd_kafka_topic_partition_list_add(list, t->topic, t->partitions[i].id)->offset = ahead;
    code = rd_kafka_offsets_for_times(in->rk, list, tk_inspect_left_ms(in));
    for (int i = 0; code == RD_KAFKA_RESP_ERR_NO_ERROR && i < list->cnt; i++)
        is_ahead |= list->elems[i].err == RD_KAFKA_RESP_ERR_NO_ERROR && list->elems[i].offset >= 0;
    if (is_ahead)
        tk_inspect_tell(
            in, TK_INSPECTED_WARNING, TK_DIRECTIVE_kafkaTopic,
            "topic '%s' has a record whose time is more than %d s ahead of this machine's clock: this clock is behind, or "
            "another one was ahead; set the clocks by NTP",
            t->topic, AHEAD_MS / 1000);
    rd_kafka_topic_partition_list_destroy(list);
}

/* --- all of it --------------------------------------------------------------------------------------------------- */

static void set_names(struct tk_inspection *in, const struct tk_routes *routes)
{
    const struct tk_sink_hooks none = {.eventfd = -1};
    const char *all[TK_KAFKA_SLOTS] = {
        [TK_TOPIC_EVENTS] = in->cf->topic,
        [TK_TOPIC_HEALTH] = in->cf->health_topic,
        [TK_TOPIC_DEAD_LETTERS] = in->cf->dead_letter_topic,
        [TK_TOPIC_ALARMS] = in->cf->alarm_topic,
    };

    for (unsigned route = 1; routes && route <= routes->count; route++)
        all[tk_kafka_slot(TK_TOPIC_EVENTS, route)] = routes->topic[route - 1];
    tk_kafka_log_init(&in->log, &none, in->cf->brokers);
    tk_kafka_topics_init(&in->words, &in->log, in->cf->brokers, all, in->cf->is_creating_topics);
    for (unsigned i = 0; i < TK_KAFKA_SLOTS; i++) {
        in->names[i] = all[i];
        for (unsigned n = 0; n < i && in->names[i]; n++)
            if (in->names[n] && strcmp(in->names[n], all[i]) == 0)
                in->names[i] = NULL;
    }
}

static void stop(struct tk_inspection *in)
{
    struct tk_kafka_end end = {0};

    if (in->metadata)
        rd_kafka_metadata_destroy(in->metadata);
    for (unsigned i = 0; i < TK_KAFKA_SLOTS; i++)
        if (in->handles[i])
            rd_kafka_topic_destroy(in->handles[i]);
    tk_kafka_end_begin(&end, in->rk);
    (void)tk_kafka_end_wait(&end, END_TIMEOUT);
    tk_kafka_end_abandon(&end);
}

void tk_kafka_inspect(struct tk_settings *cf, const struct tk_routes *routes, tk_nsec patience, tk_inspected_fn *fn,
                      void *arg)
{
    struct tk_inspection *in = calloc(1, sizeof(*in));
    struct tk_err err = {0};

    if (!in) {
        fn(arg, TK_INSPECTED_ERROR, TK_DIRECTIVE_kafkaBrokers, "out of memory; give the process more memory");
        return;
    }
    in->cf = cf;
    in->tell = fn;
    in->arg = arg;
    in->deadline = tk_clock_mono() + patience;
    set_names(in, routes);
    if (!start(in, &err)) {
        tk_inspect_tell(in, TK_INSPECTED_ERROR, TK_DIRECTIVE_kafkaBrokers, "%s", err.text);
        free(in);
        return;
    }
    if (connect_brokers(in)) {
        tk_inspect_topics(in);
        tk_inspect_settings(in);
        tk_inspect_leaders(in);
        inspect_producer_id(in);
        inspect_clock(in);
    }
    stop(in);
    free(in);
}
