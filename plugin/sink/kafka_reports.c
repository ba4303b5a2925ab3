/* SPDX-License-Identifier: Apache-2.0 */
#include "sink/kafka_reports.h"

#include <syslog.h>

#include "sink/kafka_fate.h"

#define HEALTH_REFUSED   (3600 * TK_SECOND) /* send no health record for so long after the topic refused one */
#define HEALTH_FORBIDDEN (300 * TK_SECOND)  /* the same, after an authorization error: permissions change sooner */

static bool is_about_size(rd_kafka_resp_err_t code)
{
    return code == RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE || code == RD_KAFKA_RESP_ERR_RECORD_LIST_TOO_LARGE;
}

static void report(struct tk_kafka *k, uintptr_t place, enum tk_fate fate, rd_kafka_resp_err_t code, const char *reason)
{
    const char *topic = k->care.topics[tk_kafka_tickets_slot(&k->tickets, place)].name;
    struct tk_report r = {
        .topic = topic,
        .ticket = tk_kafka_tickets_take(&k->tickets, place),
        .fate = fate,
        .is_too_large = fate == TK_CONDEMNED && is_about_size(code),
        .reason = reason,
    };

    k->served++;
    if (k->hooks.on_report)
        k->hooks.on_report(k->hooks.arg, &r);
}

static unsigned slot_of(const struct tk_kafka *k, const rd_kafka_message_t *m)
{
    return m->_private ? tk_kafka_tickets_slot(&k->tickets, (uintptr_t)m->_private) : TK_TOPIC_HEALTH;
}

/* @returns the route of the probe; 0: it is none */
static unsigned probe_of(const rd_kafka_message_t *m)
{
    uintptr_t place = (uintptr_t)m->_private;

    return place > TK_KAFKA_PROBE_PLACE(0) ? (unsigned)(place - TK_KAFKA_PROBE_PLACE(0)) : 0;
}

bool tk_kafka_reports_trouble(struct tk_kafka *k, tk_nsec now, unsigned slot, rd_kafka_resp_err_t code)
{
    unsigned route = tk_kafka_slot_route(slot);
    bool is_certain = tk_kafka_topics_trouble(&k->care, now, slot, code);

    if (route)
        k->has_detour_news |= tk_kafka_detour_begin(&k->detours[route - 1], now, code, is_certain);
    if (slot == TK_TOPIC_ALARMS)
        (void)tk_kafka_detour_begin(&k->alarms, now, code, is_certain);
    return is_certain;
}

void tk_kafka_reports_probe(struct tk_kafka *k, unsigned route)
{
    k->probes++;
    tk_kafka_detour_probe(&k->detours[route - 1]);
}

static void note_delivery(struct tk_kafka *k, unsigned slot)
{
    unsigned route = tk_kafka_slot_route(slot);

    k->has_delivered = true;
    tk_kafka_log_delivered(&k->log, slot == TK_TOPIC_EVENTS);
    k->condemners = 0;
    if (route)
        k->has_detour_news |= tk_kafka_detour_end(&k->detours[route - 1]);
    if (slot == TK_TOPIC_ALARMS)
        (void)tk_kafka_detour_end(&k->alarms);
}

/* Each message that a broker refuses ends the producer (gapless guarantee), which delays events. So after a refused
 * health record none is sent for a while. */
static void hold_health_back(struct tk_kafka *k, rd_kafka_resp_err_t code)
{
    bool is_forbidden = code == RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED;

    k->health_held_until = k->now + (is_forbidden ? HEALTH_FORBIDDEN : HEALTH_REFUSED);
    if (!is_forbidden) /* tk_kafka_topics_trouble() logs the other case */
        tk_kafka_log_line(&k->log, k->now, LOG_ERR, "health",
                          "topic '%s' refuses health records permanently (%s); no health record is "
                          "sent for an hour; correct the topic's settings (kafka-configs.sh --bootstrap-server %s "
                          "--describe --topic %s), or turn health records off with: kafkaHealthTopic \"\"",
                          k->cf->health_topic, tk_kafka_code_text(code), k->brokers, k->cf->health_topic);
}

static void note_refusal(struct tk_kafka *k, enum tk_topic topic, enum tk_fate fate, rd_kafka_resp_err_t code)
{
    if (is_about_size(code))
        k->oversized++;
    if (topic == TK_TOPIC_HEALTH && (fate == TK_CONDEMNED || code == RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED))
        hold_health_back(k, code);
}

/* A health record has no place for its timestamp, which never is an old one. @returns what becomes of a message that was
 * refused for its timestamp */
static enum tk_fate take_refused_stamp(struct tk_kafka *k, unsigned slot, const rd_kafka_message_t *m)
{
    enum tk_topic topic = tk_kafka_slot_topic(slot);
    tk_nsec now = tk_clock_now().wall;
    int64_t stamp = m->_private ? tk_kafka_tickets_stamp(&k->tickets, (uintptr_t)m->_private) : now / TK_MSEC;

    if (topic == TK_TOPIC_EVENTS)
        k->stamp_slot = slot;
    if (tk_kafka_stamp_note(&k->stamp, topic, stamp, now))
        k->has_achieved = true; /* it passes the next time */
    else if (topic == TK_TOPIC_DEAD_LETTERS)
        return TK_CONDEMNED; /* a dead letter that waited would block events */
    else if (topic == TK_TOPIC_HEALTH)
        hold_health_back(k, m->err);
    return TK_SEND_AGAIN;
}

/* An error that only an operator can end; the others have lines of their own. */
static void tell_remedy(struct tk_kafka *k, const rd_kafka_message_t *m)
{
    const char *remedy = tk_kafka_fate_remedy(m->err);

    if (!remedy)
        return;
    tk_kafka_log_line(&k->log, k->now, LOG_ERR, "remedy",
                      "topic '%s' takes no events as they are (%s); %s; holding "
                      "events in the queue",
                      rd_kafka_topic_name(m->rkt), tk_kafka_code_text(m->err), remedy);
    tk_kafka_log_refused(&k->log);
}

/* A probe that is refused for itself shows too that its topic can be had. */
static void take_probe(struct tk_kafka *k, unsigned route, rd_kafka_resp_err_t code)
{
    struct tk_kafka_detour *d = &k->detours[route - 1];
    unsigned slot = tk_kafka_slot(TK_TOPIC_EVENTS, route);
    enum tk_fate fate = tk_kafka_fate(&k->doubt, k->now, code);

    k->probes--;
    tk_kafka_detour_probe_ended(d, k->now);
    if (fate == TK_DELIVERED)
        note_delivery(k, slot);
    else if (fate == TK_CONDEMNED || code == RD_KAFKA_RESP_ERR_INVALID_TIMESTAMP)
        k->has_detour_news |= tk_kafka_detour_end(d);
    else if (tk_kafka_is_topic_trouble(code))
        (void)tk_kafka_reports_trouble(k, k->now, slot, code);
    else if ((int)code > 0) /* a broker refused it, which has cost the producer */
        tk_kafka_detour_probe_refused(d, k->now);
}

void tk_kafka_reports_take(rd_kafka_t *rk, const rd_kafka_message_t *m, void *opaque)
{
    struct tk_kafka *k = opaque;
    unsigned slot, probe = probe_of(m);
    enum tk_topic topic;
    enum tk_fate fate;

    (void)rk;
    if (probe) {
        take_probe(k, probe, m->err);
        return;
    }
    slot = slot_of(k, m);
    topic = tk_kafka_slot_topic(slot);
    fate = tk_kafka_fate(&k->doubt, k->now, m->err);
    if (topic == TK_TOPIC_ALARMS && k->alarms.is_probing)
        tk_kafka_detour_probe_ended(&k->alarms, k->now);
    if (fate == TK_DELIVERED) {
        note_delivery(k, slot);
    } else if (tk_kafka_is_topic_trouble(m->err) && tk_kafka_reports_trouble(k, k->now, slot, m->err) &&
               topic == TK_TOPIC_DEAD_LETTERS) {
        fate = TK_CONDEMNED; /* a dead letter that waited would block events */
    } else if (m->err == RD_KAFKA_RESP_ERR_INVALID_TIMESTAMP) {
        fate = take_refused_stamp(k, slot, m);
    } else if (topic == TK_TOPIC_EVENTS) {
        tell_remedy(k, m);
    }
    if (fate != TK_SEND_AGAIN)
        k->has_achieved = true;
    if (m->err)
        note_refusal(k, topic, fate, m->err);
    if (m->_private)
        report(k, (uintptr_t)m->_private, fate, m->err, m->err ? tk_kafka_code_text(m->err) : NULL);
}

/* Each ticket is reported exactly once, also when librdkafka makes no report for it. */
void tk_kafka_reports_rest(struct tk_kafka *k)
{
    for (uintptr_t i = 1; k->tickets.used && i <= TK_KAFKA_QUEUE_MESSAGES; i++)
        if (k->tickets.ticket[i - 1] != TK_NO_TICKET)
            report(k, i, TK_SEND_AGAIN, RD_KAFKA_RESP_ERR__DESTROY,
                   "the producer was closed before it reported a result");
}
