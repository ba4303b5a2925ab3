/* SPDX-License-Identifier: Apache-2.0 */
/* Topics of rules that exist and take nothing: a partition has no leader, or too few replicas are in sync. Kafka reports
 * no error then, and librdkafka tries for ever. The events stay at the ring's tail, and all later ones wait behind them.
 * So such a topic is given up after TK_STALL_SECONDS, and its events go to kafkaTopic.
 *
 * In an outage every topic takes nothing, and events must wait for their own. So either another topic must deliver
 * meanwhile; or brokers are connected, and the topic holds up everything, so that nothing else can show that it is
 * well. While kafkaTopic itself takes nothing, no topic is given up. */
#include "delivery/delivery_internal.h"

#define PATIENCE      (TK_STALL_SECONDS * TK_SECOND)
#define MAIN_PATIENCE (5 * TK_SECOND)  /* kafkaTopic takes nothing: with no answer for so long */
#define LATELY        (10 * TK_SECOND) /* so old may the other topic's delivery be */
#define GRACE         (5 * TK_SECOND)  /* at least, after an outage */
#define TOGETHER      (60 * TK_SECOND) /* what came back is sent again within this time */

/* From now on it is to show whether it takes events. */
static void restart(struct tk_stall *topic, tk_nsec now)
{
    topic->silent = now;
    topic->behind = 0;
    topic->came_back = 0;
}

static void restart_all(struct tk_worker *w)
{
    for (unsigned route = 1; route <= w->routes.named.count; route++)
        restart(&w->stalls.topic[route], w->now.mono);
}

void tk_stalls_note_sent(struct tk_worker *w)
{
    struct tk_stall *topic = &w->stalls.topic[w->message.route];
    bool is_again = topic->came_back && w->now.mono - topic->came_back < TOGETHER;

    if (topic->in_flight++ == 0 && !is_again)
        restart(topic, w->now.mono);
}

void tk_stalls_note_report(struct tk_worker *w, unsigned route, enum tk_fate fate)
{
    struct tk_stall *topic = &w->stalls.topic[route];

    topic->in_flight--;
    if (fate == TK_SEND_AGAIN) { /* no answer of the topic */
        topic->came_back = w->now.mono;
        if (route == 0) /* kafkaTopic is not well either */
            restart_all(w);
        return;
    }
    restart(topic, w->now.mono);
    if (fate == TK_DELIVERED)
        topic->delivered = w->now.mono;
}

void tk_stalls_give_time(struct tk_worker *w)
{
    tk_nsec latest = w->now.mono - (PATIENCE - GRACE);

    for (unsigned route = 1; route <= w->routes.named.count; route++) {
        struct tk_stall *topic = &w->stalls.topic[route];

        if (topic->behind && topic->behind < latest)
            topic->behind = latest;
    }
}

unsigned tk_stalls_events_in_flight(const struct tk_worker *w)
{
    unsigned n = 0;

    for (unsigned route = 0; route <= TK_ROUTES; route++)
        n += w->stalls.topic[route].in_flight;
    return n;
}

static bool is_main_silent(const struct tk_worker *w)
{
    const struct tk_stall *topic = &w->stalls.topic[0];

    return topic->in_flight && w->now.mono - topic->silent >= MAIN_PATIENCE;
}

/* When another topic than this one delivered. */
static tk_nsec others_delivered(const struct tk_worker *w, const struct tk_stall *topic)
{
    tk_nsec newest = 0;

    for (unsigned route = 0; route <= w->routes.named.count; route++) {
        const struct tk_stall *other = &w->stalls.topic[route];

        if (other != topic && other->delivered > newest)
            newest = other->delivered;
    }
    return newest;
}

/* Nothing else can be published, or soon. */
static bool is_holding_up(const struct tk_worker *w)
{
    struct tk_window_span span = tk_window_span(w->window);

    return tk_publish_is_holding(w) || tk_resend_is_under_way(w) || span.entries >= TK_WINDOW_ENTRIES / 4 * 3 ||
           span.bytes >= tk_ring_capacity(w->config.ring) / 4 * 3;
}

static bool is_stalled(struct tk_worker *w, struct tk_stall *topic)
{
    tk_nsec others = others_delivered(w, topic), now = w->now.mono;
    struct tk_sink *sink = w->outlet.sink;

    if (!topic->behind && others > topic->silent)
        topic->behind = others;
    if (topic->behind && now - topic->behind >= PATIENCE && (now - others < LATELY || is_holding_up(w)))
        return true;
    return now - topic->silent >= PATIENCE && is_holding_up(w) && sink->ops->view(sink).brokers_up > 0;
}

void tk_stalls_check(struct tk_worker *w)
{
    struct tk_sink *sink = w->outlet.sink;

    if (!sink || !sink->ops->give_up)
        return;
    if (is_main_silent(w))
        restart_all(w);
    for (unsigned route = 1; route <= w->routes.named.count; route++) {
        struct tk_stall *topic = &w->stalls.topic[route];

        if (topic->in_flight && is_stalled(w, topic)) {
            restart(topic, w->now.mono);
            sink->ops->give_up(sink, route);
        }
    }
}
