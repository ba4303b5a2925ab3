/* SPDX-License-Identifier: Apache-2.0 */
/* Opens the sink when there are brokers, tries again when that fails, and exchanges it when its settings change. */
#include <stdio.h>
#include <syslog.h>

#include "delivery/delivery_internal.h"
#include "reporting/reporter.h"

#define OPEN_AGAIN (5 * TK_SECOND)
#define OPEN_SAY   (60 * TK_SECOND) /* between two lines about it; a new bundle says it at once */

void tk_outlet_take_bundle(struct tk_worker *w)
{
    struct tk_bundle *b = tk_mailbox_take(w->config.mailbox), *before;
    struct tk_outlet *o = &w->outlet;
    bool has_routes;

    if (!b)
        return;
    before = w->bundle;
    w->bundle = b;
    tk_derived_outlet_keep_bundle(w, before);
    has_routes = tk_routes_map(w);
    tk_routes_check(w);
    o->next_open = 0;
    o->open_limit = (struct tk_log_limit){0};
    if (b->settings->is_held || !b->settings->brokers) /* as snmptrapd's thread has logged */
        o->loudest = LOG_ERR;
    tk_log_put(
        w->config.log, LOG_NOTICE,
        "trapkafka: in force: %zu severity rules (%zu of the operator, %zu of standards, %zu of vendors, %zu derived), "
        "%u devices, %u circuits",
        tk_rules_count(b->rules), tk_rules_count_tier(b->rules, TK_RULES_OPERATOR),
        tk_rules_count_tier(b->rules, TK_RULES_STANDARD), tk_rules_count_tier(b->rules, TK_RULES_CURATED),
        tk_rules_count_tier(b->rules, TK_RULES_DERIVED), b->inventory ? tk_inventory_count(b->inventory) : 0,
        b->circuits ? tk_circuits_count(b->circuits) : 0);
    if (o->sink && (!has_routes || !tk_settings_same_producer(b->settings, o->settings)))
        o->replace_by = w->now.mono + b->settings->flush_seconds * TK_SECOND;
    else if (o->sink)
        o->replace_by = 0;
}

static void on_log(void *arg, int priority, const char *text)
{
    struct tk_worker *w = arg;

    tk_log_put(w->config.log, priority, "trapkafka: %s", text);
}

static void on_reach(void *arg, enum tk_reach reach, const char *why)
{
    struct tk_worker *w = arg;

    w->outlet.is_lost = reach == TK_LOST;
    if (reach == TK_REACHED)
        tk_stalls_give_time(w);
    tk_reporter_note_reach(w->reporter, reach, why);
}

static void open_sink(struct tk_worker *w)
{
    struct tk_sink_hooks hooks = {
        .on_report = tk_reports_take,
        .on_log = on_log,
        .on_reach = on_reach,
        .on_route = tk_routes_note,
        .arg = w,
        .routes = &w->routes.named,
        .loudest = &w->outlet.loudest,
        .eventfd = tk_ring_eventfd(w->config.ring),
    };
    struct tk_outlet *o = &w->outlet;
    char text[TK_LOG_LINE_BYTES];
    struct tk_err err = {0};
    uint64_t held_back;

    o->is_lost = o->has_delivered = false;
    tk_routes_renew(w);
    o->sink = w->config.open_sink(w->config.open_arg, w->bundle->settings, &hooks, &err);
    if (o->sink) {
        o->opened++;
        o->why_closed[0] = '\0';
        tk_settings_unref(o->settings);
        o->settings = tk_settings_ref(w->bundle->settings);
        w->too_large = (struct tk_too_large){0}; /* other topics perhaps */
        w->stalls = (struct tk_stalls){0};       /* and nothing is in flight */
        return;
    }
    o->next_open = w->now.mono + OPEN_AGAIN;
    (void)snprintf(o->why_closed, sizeof(o->why_closed), "no Kafka producer: %s",
                   tk_err_format(&err, text, sizeof(text)));
    if (!tk_log_limit_pass(&o->open_limit, w->now.mono, OPEN_SAY, &held_back))
        return;
    o->loudest = LOG_ERR;
    tk_log_put(w->config.log, LOG_ERR,
               "trapkafka: no Kafka producer: %s; holding events in the queue, trying again every 5 s",
               tk_err_format(&err, text, sizeof(text)));
}

void tk_outlet_close(struct tk_worker *w, tk_nsec deadline)
{
    struct tk_sink *sink = w->outlet.sink;

    w->outlet.sink = NULL;
    if (sink)
        sink->ops->close(sink, deadline); /* reports come from here too */
    w->outlet.replace_by = 0;
    if (tk_publish_is_holding(w)) /* it was never accepted */
        tk_resend_later(w, w->held_ticket, TK_STEP_PUSHED_BACK);
}

bool tk_outlet_is_ready(struct tk_worker *w)
{
    struct tk_outlet *o = &w->outlet;
    tk_nsec now = w->now.mono;

    if (o->sink && o->replace_by && (o->sink->ops->in_flight(o->sink) == 0 || now >= o->replace_by))
        tk_outlet_close(w, now);
    if (!o->sink && w->bundle->settings->brokers && !w->bundle->settings->is_held && now >= o->next_open)
        open_sink(w);
    return o->sink && !o->replace_by;
}
