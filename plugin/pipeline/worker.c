/* SPDX-License-Identifier: Apache-2.0 */
/* The loop, and the worker's life. */
#include "pipeline/worker.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/devel.h"
#include "base/thread.h"
#include "pipeline/undeliverable.h"
#include "pipeline/worker_internal.h"

#define NAP          (2 * TK_MSEC)   /* see Wake-up in queue/ring.h */
#define BLOCKED_NAP  (100 * TK_MSEC)
#define HEALTH_WAIT  TK_SECOND
#define GRACE        (3 * TK_SECOND) /* that the thread may take beyond its deadline to end */

/* --- the loop -------------------------------------------------------------------------------------------------- */

static void release(struct tk_worker *w)
{
    uint64_t tail;

    if (tk_window_advance(w->window, &tail))
        tk_ring_release(w->config.ring, tail);
    if (w->config.replies)
        tk_replies_wake(w->config.replies);
}

/* @returns whether anything was done */
static bool work(struct tk_worker *w)
{
    bool may_publish = tk_worker_outlet_is_ready(w);
    bool did_something = false;

    if (may_publish && w->is_held)
        did_something |= tk_worker_publish(w, w->held_ticket);
    did_something |= tk_worker_bury(w, may_publish);
    if (!may_publish)
        return did_something;
    if (w->is_resending && !w->is_held)
        did_something |= tk_worker_resend(w);
    did_something |= tk_worker_read(w) > 0;
    w->is_blocked = w->is_held || w->is_resending || tk_window_is_full(w->window);
    return did_something;
}

bool tk_worker_step(struct tk_worker *w, struct tk_time now)
{
    bool did_something;

    w->now = now;
    w->is_blocked = true;
    did_something = tk_ring_touch(w->config.ring);
    tk_worker_take_bundle(w);
    if (!w->bundle)
        return did_something;
    if (w->sink)
        did_something |= w->sink->ops->poll(w->sink) > 0;
    did_something |= work(w);
    release(w);
    tk_worker_tick(w);
    return did_something;
}

void tk_worker_finish(struct tk_worker *w, struct tk_time now, tk_nsec deadline)
{
    w->now = now;
    if (w->bundle) {
        tk_worker_write_changes(w);
        tk_worker_write_rejects(w);
        (void)tk_worker_write_health(w, "stop", NULL);
        if (tk_window_unfinished(w->window) == 0 && deadline > now.mono + HEALTH_WAIT)
            deadline = now.mono + HEALTH_WAIT; /* only the health record is under way */
        tk_worker_close_outlet(w, deadline);
        tk_worker_bury_rest(w);
        release(w);
        tk_worker_write_stats(w);
    }
    tk_ring_note(w->config.ring);
    w->left_behind = tk_worker_books(w).value[TK_PENDING];
}

/* --- the thread ------------------------------------------------------------------------------------------------ */

/* Is there still something that an orderly stop should wait for? */
static bool has_work(const struct tk_worker *w)
{
    if (!w->bundle) /* still loading: what came meanwhile has had no chance */
        return tk_ring_has_more(w->config.ring);
    return w->sink && (tk_ring_has_more(w->config.ring) || tk_window_unfinished(w->window) > 0);
}

/* How long to sleep while records have nowhere to go, if nobody wakes us. */
static tk_nsec pause_of(const struct tk_worker *w)
{
    tk_nsec left = w->resend_at - w->now.mono;

    return w->is_resending && left > 0 && left < BLOCKED_NAP ? left : BLOCKED_NAP;
}

static void *run(void *arg)
{
    struct tk_worker *w = arg;
    struct tk_time now = tk_clock_now();

    do { /* at least once: the stop may come before the sink was opened */
        TK_THROTTLE();
        now = tk_clock_now();
        if (tk_worker_step(w, now))
            continue;
        if (w->is_blocked)
            tk_ring_wait_for_wake(w->config.ring, pause_of(w));
        else
            tk_ring_wait(w->config.ring, NAP, atomic_load(&w->is_stopping) ? NAP : TK_SECOND);
    } while (!atomic_load(&w->is_stopping) || (has_work(w) && now.mono < atomic_load(&w->stop_deadline)));
    tk_worker_finish(w, now, atomic_load(&w->stop_deadline));
    return NULL;
}

int tk_worker_start(struct tk_worker *w)
{
    int ret = tk_thread_start(&w->thread, "trapkafka", run, w);

    w->is_started = ret == 0;
    return ret;
}

uint64_t tk_worker_stop(struct tk_worker *w, tk_nsec timeout)
{
    if (!w->is_started)
        return 0;
    atomic_store(&w->stop_deadline, tk_clock_mono() + timeout);
    atomic_store(&w->is_stopping, true);
    tk_ring_wake(w->config.ring);
    if (!tk_thread_join(w->thread, timeout + GRACE))
        return TK_WORKER_STUCK;
    w->is_started = false;
    return w->left_behind;
}

/* --- birth and death ------------------------------------------------------------------------------------------- */

static void name_receiver(struct tk_worker *w)
{
    struct tk_receiver *rx = &w->receiver;

    tk_receiver_set_host(rx);
    tk_receiver_set_queue(rx, tk_ring_uuid(w->config.ring));
    memcpy(w->queue, rx->queue, sizeof(w->queue));
    (void)snprintf(w->ce_source, sizeof(w->ce_source), "/trapkafka/%s", rx->host);
}

struct tk_worker *tk_worker_new(const struct tk_worker_config *config)
{
    struct tk_worker *w = calloc(1, sizeof(*w));
    const char *path = tk_ring_path(config->ring);

    if (!w)
        return NULL;
    w->config = *config;
    w->config.queue_failure = NULL; /* the caller's; ours is below */
    w->window = tk_window_new();
    w->stages.dedup = tk_dedup_new(TK_DEDUP_MAX_KEYS);
    tk_waiters_init(&w->waiters);
    tk_arena_init(&w->arena);
    tk_json_init(&w->json);
    tk_json_init(&w->scratch);
    if (!w->window || !w->stages.dedup ||
        (config->queue_failure && !(w->queue_failure = strdup(config->queue_failure))) ||
        (path && asprintf(&w->undeliverable, "%s" TK_UNDELIVERABLE_SUFFIX, path) < 0)) {
        tk_worker_free(w);
        return NULL;
    }
    name_receiver(w);
    return w;
}

void tk_worker_free(struct tk_worker *w)
{
    if (!w)
        return;
    tk_bundle_free(w->bundle);
    tk_bundle_free(tk_mailbox_take(&w->mailbox));
    tk_settings_unref(w->sink_settings);
    tk_window_free(w->window);
    tk_dedup_free(w->stages.dedup);
    tk_waiters_done(&w->waiters);
    tk_arena_done(&w->arena);
    tk_json_done(&w->json);
    tk_json_done(&w->scratch);
    free(w->undeliverable);
    free(w->queue_failure);
    free(w);
}

void tk_worker_send_bundle(struct tk_worker *w, struct tk_bundle *b)
{
    tk_mailbox_send(&w->mailbox, b);
    tk_ring_wake(w->config.ring);
}
