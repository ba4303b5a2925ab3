/* SPDX-License-Identifier: Apache-2.0 */
#include "fake_sink.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "config/settings.h"

struct fake_sink {
    struct tk_sink base;
    struct fake_kafka *kafka;
    struct tk_settings *settings;
};

void fake_kafka_init(struct fake_kafka *k)
{
    memset(k, 0, sizeof(*k));
    k->room = SIZE_MAX;
    k->view.brokers = "fake:9092";
    k->view.has_delivered = true;
}

void fake_kafka_clear(struct fake_kafka *k)
{
    for (size_t i = 0; i < k->count; i++) {
        free(k->messages[i].payload);
        free(k->messages[i].key);
    }
    k->count = k->first_open = 0;
}

void fake_kafka_done(struct fake_kafka *k)
{
    fake_kafka_clear(k);
    free(k->messages);
    k->messages = NULL;
}

static bool is_outstanding(const struct fake_message *m)
{
    return m->ticket != TK_NO_TICKET && !m->is_reported;
}

static const char *topic_of(const struct fake_sink *s, const struct tk_message *msg)
{
    unsigned route = msg->route;

    if (msg->topic == TK_TOPIC_ALARMS)
        return s->settings->alarm_topic;
    return route ? s->kafka->hooks.routes->topic[route - 1] : s->settings->topic;
}

static enum tk_publish publish(struct tk_sink *sink, const struct tk_message *msg)
{
    struct fake_kafka *k = ((struct fake_sink *)sink)->kafka;
    bool is_probe = msg->route && msg->ticket == TK_NO_TICKET;
    enum tk_publish answer = is_probe                        ? TK_ACCEPTED
                             : msg->topic == TK_TOPIC_EVENTS ? k->answer
                             : msg->topic == TK_TOPIC_HEALTH ? k->health_answer
                             : msg->topic == TK_TOPIC_ALARMS ? k->alarm_answer
                                                             : k->dead_answer;
    struct fake_message *m;

    if (k->in_flight >= k->room || k->is_giving_up) {
        k->full_answers++;
        return TK_FULL;
    }
    if (msg->topic == TK_TOPIC_EVENTS && !is_probe)
        k->answer = TK_ACCEPTED;
    if (answer != TK_ACCEPTED) {
        if (k->on_refused)
            k->on_refused(k->arg, msg, answer);
        return answer;
    }
    if (k->count == k->cap) {
        k->cap = k->cap ? k->cap * 2 : 64;
        k->messages = realloc(k->messages, k->cap * sizeof(*k->messages));
        if (!k->messages)
            abort();
    }
    m = &k->messages[k->count++];
    *m = (struct fake_message){.topic = msg->topic,
                               .ticket = msg->ticket,
                               .route = msg->route,
                               .in_flight = k->in_flight};
    (void)snprintf(m->topic_name, sizeof(m->topic_name), "%s", topic_of(((struct fake_sink *)sink), msg));
    m->payload = msg->payload ? strndup(msg->payload, msg->payload_len) : NULL;
    m->key = msg->key ? strndup(msg->key, msg->key_len) : NULL;
    (void)snprintf(m->event_id, sizeof(m->event_id), "%s", msg->ce_id);
    (void)snprintf(m->type, sizeof(m->type), "%s", msg->ce_type);
    (void)snprintf(m->dead_reason, sizeof(m->dead_reason), "%s", msg->dead_reason ? msg->dead_reason : "");
    (void)snprintf(m->dead_topic, sizeof(m->dead_topic), "%s", msg->dead_topic ? msg->dead_topic : "");
    if (msg->ticket != TK_NO_TICKET)
        k->in_flight++;
    if (k->on_publish)
        k->on_publish(k->arg, m);
    return TK_ACCEPTED;
}

static bool is_stuck(const struct fake_kafka *k, const struct fake_message *m)
{
    return (m->route && k->stuck >> m->route & 1) || (m->topic == TK_TOPIC_ALARMS && k->is_alarm_topic_stuck);
}

static void report(struct fake_kafka *k, struct fake_message *m)
{
    struct tk_report r = {.ticket = m->ticket,
                          .topic = m->topic_name,
                          .fate = m->fate,
                          .is_too_large = m->fate == TK_CONDEMNED && m->is_about_size,
                          .reason = m->fate == TK_DELIVERED ? NULL : "the fake broker says so"};

    m->is_reported = true;
    k->in_flight--;
    if (k->on_report)
        k->on_report(k->arg, m);
    k->hooks.on_report(k->hooks.arg, &r);
}

/* The message whose fate was noted first and is not reported yet; NULL: none. */
static struct fake_message *next_told(struct fake_kafka *k)
{
    struct fake_message *first = NULL;

    while (k->first_open < k->count && !is_outstanding(&k->messages[k->first_open]))
        k->first_open++;
    for (size_t i = k->first_open; i < k->count; i++) {
        struct fake_message *m = &k->messages[i];

        if (is_outstanding(m) && m->is_told && (!first || m->told_at < first->told_at))
            first = m;
    }
    return first;
}

static unsigned poll_sink(struct tk_sink *sink)
{
    struct fake_kafka *k = ((struct fake_sink *)sink)->kafka;
    struct fake_message *m;
    unsigned n = 0;

    if (k->has_reach) {
        k->has_reach = false;
        k->hooks.on_reach(k->hooks.arg, k->reach, k->reach == TK_LOST ? "no broker answers" : NULL);
    }
    if (k->told_route) {
        unsigned route = k->told_route;

        k->told_route = 0;
        if (k->hooks.routes && route <= k->hooks.routes->count) /* else another sink was opened meanwhile */
            k->hooks.on_route(k->hooks.arg, route, k->away >> route & 1 ? "the fake topic is away" : NULL);
    }
    for (; (m = next_told(k)); n++)
        report(k, m);
    k->is_giving_up = false;
    for (size_t i = k->first_open; !k->is_manual && i < k->count; i++)
        if (is_outstanding(&k->messages[i]) && !is_stuck(k, &k->messages[i])) {
            k->messages[i].fate = TK_DELIVERED;
            report(k, &k->messages[i]);
            n++;
        }
    return n;
}

static unsigned in_flight(const struct tk_sink *sink)
{
    return ((const struct fake_sink *)sink)->kafka->in_flight;
}

static struct tk_sink_view view(const struct tk_sink *sink)
{
    return ((const struct fake_sink *)sink)->kafka->view;
}

static bool is_open(const struct tk_sink *sink, unsigned route)
{
    return !(((const struct fake_sink *)sink)->kafka->away >> route & 1);
}

static bool wants_probe(const struct tk_sink *sink, unsigned route)
{
    const struct fake_kafka *k = ((const struct fake_sink *)sink)->kafka;

    return k->wants_probes && k->away >> route & 1;
}

/* As the Kafka sink does: what is in flight in other topics comes back too. */
static void give_up(struct tk_sink *sink, unsigned route)
{
    struct fake_kafka *k = ((struct fake_sink *)sink)->kafka;

    k->is_giving_up = true;
    k->given_up++;
    if (k->on_give_up)
        k->on_give_up(k->arg, route);
    fake_kafka_tell_route(k, route, false);
    fake_kafka_report_all(k, TK_SEND_AGAIN);
}

static void close_sink(struct tk_sink *sink, tk_nsec deadline)
{
    struct fake_sink *s = (struct fake_sink *)sink;
    struct fake_kafka *k = s->kafka;
    struct fake_message *m;

    k->close_deadline = deadline;
    (void)poll_sink(sink);
    fake_kafka_report_all(k, k->is_lost_at_close ? TK_SEND_AGAIN : TK_DELIVERED);
    while ((m = next_told(k)))
        report(k, m);
    k->closes++;
    k->sink = NULL;
    k->is_giving_up = false;
    tk_settings_unref(s->settings);
    free(s);
}

struct tk_sink *fake_kafka_open(void *arg, struct tk_settings *cf, const struct tk_sink_hooks *hooks,
                                struct tk_err *err)
{
    static const struct tk_sink_ops ops = {publish,    poll_sink, in_flight,   view,
                                           close_sink, is_open,   wants_probe, give_up};
    struct fake_kafka *k = arg;
    struct fake_sink *s;

    if (k->refuses_to_open) {
        tk_err_set(err, NULL, 0, "the fake broker does not want");
        return NULL;
    }
    s = calloc(1, sizeof(*s));
    if (!s)
        abort();
    s->base.ops = &ops;
    s->kafka = k;
    s->settings = tk_settings_ref(cf);
    k->hooks = *hooks;
    k->sink = &s->base;
    k->opens++;
    return &s->base;
}

void fake_kafka_report(struct fake_kafka *k, size_t index, enum tk_fate fate)
{
    struct fake_message *m = &k->messages[index];

    if (!is_outstanding(m) || m->is_told)
        return;
    m->is_told = true;
    m->is_about_size = k->is_about_size;
    m->fate = fate;
    m->told_at = ++k->notes;
}

void fake_kafka_report_all(struct fake_kafka *k, enum tk_fate fate)
{
    for (size_t i = k->first_open; i < k->count; i++)
        fake_kafka_report(k, i, fate);
}

void fake_kafka_reach(struct fake_kafka *k, enum tk_reach reach)
{
    k->has_reach = true;
    k->reach = reach;
}

void fake_kafka_tell_route(struct fake_kafka *k, unsigned route, bool is_had)
{
    if (is_had)
        k->away &= ~(UINT64_C(1) << route);
    else
        k->away |= UINT64_C(1) << route;
    k->told_route = route;
}

/* Delivered, to kafkaAlarmTopic: messages of one key are never in flight together, so they were delivered in the order
 * in which they were accepted. */
static bool is_kept(const struct fake_message *m)
{
    return m->topic == TK_TOPIC_ALARMS && m->is_reported && m->fate == TK_DELIVERED;
}

const struct fake_message *fake_kafka_standing(const struct fake_kafka *k, const char *key)
{
    for (size_t i = k->count; i-- > 0;)
        if (is_kept(&k->messages[i]) && strcmp(k->messages[i].key, key) == 0)
            return k->messages[i].payload ? &k->messages[i] : NULL;
    return NULL;
}

size_t fake_kafka_count_standing(const struct fake_kafka *k)
{
    size_t n = 0;

    for (size_t i = 0; i < k->count; i++)
        n += is_kept(&k->messages[i]) && fake_kafka_standing(k, k->messages[i].key) == &k->messages[i];
    return n;
}

size_t fake_kafka_count(const struct fake_kafka *k, enum tk_topic topic)
{
    size_t n = 0;

    for (size_t i = 0; i < k->count; i++)
        n += k->messages[i].topic == topic;
    return n;
}

const struct fake_message *fake_kafka_message(const struct fake_kafka *k, enum tk_topic topic, size_t n)
{
    for (size_t i = 0; i < k->count; i++)
        if (k->messages[i].topic == topic && n-- == 0)
            return &k->messages[i];
    return NULL;
}

size_t fake_kafka_events(const struct fake_kafka *k)
{
    return fake_kafka_count(k, TK_TOPIC_EVENTS);
}

const struct fake_message *fake_kafka_event(const struct fake_kafka *k, size_t n)
{
    return fake_kafka_message(k, TK_TOPIC_EVENTS, n);
}

const struct fake_message *fake_kafka_health(const struct fake_kafka *k)
{
    for (size_t i = k->count; i-- > 0;)
        if (k->messages[i].topic == TK_TOPIC_HEALTH)
            return &k->messages[i];
    return NULL;
}
