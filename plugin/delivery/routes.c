/* SPDX-License-Identifier: Apache-2.0 */
/* Which topic an event goes to: that of its rule, or kafkaTopic. The topics of rules are known when the sink is opened; a
 * bundle with a further one needs a new sink. A topic that can't be had is told once, and so is its end; that no rule has
 * it any more ends it too. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <syslog.h>

#include "delivery/delivery_internal.h"
#include "reporting/reporter.h"
#include "rules/rules.h"

_Static_assert(TK_RULES_MAX_TOPICS <= TK_ROUTES, "each topic of a rule needs a route");

static bool is_same(struct tk_text a, const char *b)
{
    return a.len == strlen(b) && memcmp(a.text, b, a.len) == 0;
}

/* @returns the route; 0: none */
static unsigned find(const struct tk_routes *routes, struct tk_text topic)
{
    for (unsigned i = 0; i < routes->count; i++)
        if (is_same(topic, routes->topic[i]))
            return i + 1;
    return 0;
}

static void tell_loss(struct tk_worker *w, const char *why)
{
    tk_reporter_note(w->reporter, TK_CHANGE_TOPIC_LOST, "%s", why);
    tk_log_put(w->config.log, LOG_ERR, "trapkafka: %s; its events go to topic '%s' until then", why,
               w->outlet.settings->topic);
}

static void tell_end(struct tk_worker *w, const char *topic, const char *how)
{
    tk_reporter_note(w->reporter, TK_CHANGE_TOPIC_REGAINED, "topic '%s' %s", topic, how);
    tk_log_put(w->config.log, LOG_ERR, "trapkafka: topic '%s' %s", topic, how);
}

/* In kafkaAlarmTopic events would be taken for alarms, and would not end. */
static bool has_own_topic(const struct tk_worker *w, struct tk_text topic)
{
    const struct tk_settings *cf = w->bundle->settings;

    return !is_same(topic, cf->topic) && !(cf->alarm_topic && is_same(topic, cf->alarm_topic));
}

static bool is_needed(const struct tk_route_table *t, unsigned route)
{
    return memchr(t->of_topic + 1, (int)route, sizeof(t->of_topic) - 1) != NULL;
}

/* No event goes to a topic that no rule has any more, so the sink would never say that it takes events again. */
static void tell_needs(struct tk_worker *w)
{
    struct tk_route_table *t = &w->routes;
    char why[TK_LOG_LINE_BYTES];

    for (unsigned i = 0; i < t->named.count; i++) {
        bool is_worth_telling = t->is_lost[i] && is_needed(t, i + 1);

        if (is_worth_telling == t->is_told[i])
            continue;
        t->is_told[i] = is_worth_telling;
        if (!is_worth_telling) {
            tell_end(w, t->named.topic[i], "is not needed any more");
        } else {
            (void)snprintf(why, sizeof(why), "topic '%s' is needed again, and took no events before",
                           t->named.topic[i]);
            tell_loss(w, why);
        }
    }
}

bool tk_routes_map(struct tk_worker *w)
{
    bool has_all = true;

    memset(w->routes.of_topic, 0, sizeof(w->routes.of_topic));
    for (uint32_t n = 1; n <= tk_rules_topic_count(w->bundle->rules); n++) {
        struct tk_text topic = tk_rules_topic(w->bundle->rules, n);
        bool is_own = has_own_topic(w, topic);

        w->routes.of_topic[n] = is_own ? (uint8_t)find(&w->routes.named, topic) : 0;
        has_all &= !is_own || w->routes.of_topic[n];
    }
    tell_needs(w);
    return has_all;
}

static void release(struct tk_routes *routes)
{
    for (unsigned i = 0; i < routes->count; i++)
        free((char *)(uintptr_t)routes->topic[i]);
    routes->count = 0;
}

void tk_routes_check(struct tk_worker *w)
{
    const struct tk_settings *cf = w->bundle->settings;

    for (uint32_t n = 1; cf->alarm_topic && n <= tk_rules_topic_count(w->bundle->rules); n++)
        if (is_same(tk_rules_topic(w->bundle->rules, n), cf->alarm_topic))
            tk_log_put(w->config.log, LOG_ERR,
                       "trapkafka: a rule sends its events to topic '%s' of kafkaAlarmTopic: they go to topic '%s'; "
                       "give the rule another topic",
                       cf->alarm_topic, cf->topic);
}

void tk_routes_renew(struct tk_worker *w)
{
    struct tk_route_table *t = &w->routes, before = *t;

    t->named.count = 0;
    memset(t->is_lost, 0, sizeof(t->is_lost));
    memset(t->is_told, 0, sizeof(t->is_told));
    for (uint32_t n = 1; n <= tk_rules_topic_count(w->bundle->rules); n++) {
        struct tk_text topic = tk_rules_topic(w->bundle->rules, n);
        unsigned old = find(&before.named, topic), i = t->named.count;
        char *copy = has_own_topic(w, topic) ? strndup(topic.text, topic.len) : NULL;

        if (!copy) /* out of memory: its events go to kafkaTopic */
            continue;
        t->named.topic[i] = copy;
        t->is_lost[i] = old && before.is_lost[old - 1];
        t->is_told[i] = old && before.is_told[old - 1];
        t->named.count++;
    }
    release(&before.named);
    (void)tk_routes_map(w);
}

void tk_routes_done(struct tk_worker *w)
{
    release(&w->routes.named);
}

void tk_routes_note(void *arg, unsigned route, const char *why)
{
    struct tk_worker *w = arg;
    struct tk_route_table *t = &w->routes;
    bool is_worth_telling = why && is_needed(t, route);

    t->is_lost[route - 1] = why != NULL;
    if (is_worth_telling && !t->is_told[route - 1])
        tell_loss(w, why);
    else if (!why && t->is_told[route - 1])
        tell_end(w, t->named.topic[route - 1], "takes events again");
    t->is_told[route - 1] = is_worth_telling;
}

const char *tk_routes_topic(const struct tk_worker *w, unsigned route)
{
    return route ? w->routes.named.topic[route - 1] : w->bundle->settings->topic;
}

void tk_routes_choose(struct tk_worker *w)
{
    const struct tk_sink *sink = w->outlet.sink;
    const struct tk_entry *entry = tk_window_get(w->window, w->message.ticket);
    unsigned route = w->wanted_route;
    bool is_open = !sink || !sink->ops->is_open || sink->ops->is_open(sink, route);

    /* Later ones may be in the rule's topic by now: there it would stand behind them. */
    w->message.route = is_open && !(entry && entry->is_detoured) ? route : 0;
}

void tk_routes_probe(struct tk_worker *w)
{
    struct tk_sink *sink = w->outlet.sink;
    struct tk_message probe = w->message;

    if (!sink->ops->wants_probe || !sink->ops->wants_probe(sink, w->wanted_route))
        return;
    probe.route = w->wanted_route;
    probe.ticket = TK_NO_TICKET;
    (void)sink->ops->publish(sink, &probe);
}
