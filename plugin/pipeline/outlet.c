/* SPDX-License-Identifier: Apache-2.0 */
/* The sink's life: opened when there are brokers, tried again when that fails, exchanged when its settings change. */
#include <syslog.h>

#include "pipeline/worker_internal.h"

#define OPEN_AGAIN (5 * TK_SECOND)

void tk_worker_take_bundle(struct tk_worker *w)
{
    struct tk_bundle *b = tk_mailbox_take(&w->mailbox);

    if (!b)
        return;
    tk_bundle_free(w->bundle);
    w->bundle = b;
    w->next_open = 0;
    tk_log_put(w->config.log, LOG_NOTICE, "trapkafka: in force: %zu severity rules, %u devices, %u circuits",
               tk_rules_count(b->rules), b->inventory ? tk_inventory_count(b->inventory) : 0,
               b->circuits ? tk_circuits_count(b->circuits) : 0);
    if (w->sink && !tk_settings_same_producer(b->settings, w->sink_settings))
        w->replace_by = w->now.mono + b->settings->flush_seconds * TK_SECOND;
    else if (w->sink)
        w->replace_by = 0;
}

static void on_log(void *arg, int priority, const char *text)
{
    struct tk_worker *w = arg;

    tk_log_put(w->config.log, priority, "trapkafka: %s", text);
}

static void open_outlet(struct tk_worker *w)
{
    struct tk_sink_hooks hooks = {
        .on_report = tk_worker_on_report, .on_log = on_log, .on_reach = tk_worker_on_reach, .arg = w,
        .eventfd = tk_ring_eventfd(w->config.ring),
    };
    char text[TK_LOG_LINE_BYTES];
    struct tk_err err = {0};

    w->is_reach_lost = false;
    w->sink = w->config.open_sink(w->config.open_arg, w->bundle->settings, &hooks, &err);
    if (w->sink) {
        tk_settings_unref(w->sink_settings);
        w->sink_settings = tk_settings_ref(w->bundle->settings);
        w->too_large_from = 0; /* another topic perhaps */
        return;
    }
    w->next_open = w->now.mono + OPEN_AGAIN;
    tk_log_put(w->config.log, LOG_ERR, "trapkafka: no producer: %s; events wait in the queue",
               tk_err_format(&err, text, sizeof(text)));
}

void tk_worker_close_outlet(struct tk_worker *w, tk_nsec deadline)
{
    struct tk_sink *sink = w->sink;

    w->sink = NULL;
    if (sink)
        sink->ops->close(sink, deadline); /* reports come from here too */
    w->replace_by = 0;
    if (w->is_held) { /* it was never accepted */
        w->is_held = false;
        tk_worker_return(w);
    }
}

bool tk_worker_outlet_is_ready(struct tk_worker *w)
{
    tk_nsec now = w->now.mono;

    if (w->sink && w->replace_by && (w->sink->ops->in_flight(w->sink) == 0 || now >= w->replace_by))
        tk_worker_close_outlet(w, now);
    if (!w->sink && w->bundle->settings->brokers && now >= w->next_open)
        open_outlet(w);
    return w->sink && !w->replace_by;
}
