/* SPDX-License-Identifier: Apache-2.0 */
/* The loop, the books, and the worker's life. */
#include "delivery/worker.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/devel.h"
#include "base/thread.h"
#include "delivery/delivery_internal.h"
#include "delivery/undeliverable.h"
#include "queue/ring_touch.h"
#include "queue/ring_wait.h"
#include "reporting/reporter.h"
#include "stages/alarm_states.h"
#include "stages/dedup_window.h"

#define NAP         (2 * TK_MSEC) /* see Wake-up in queue/ring.h */
#define BLOCKED_NAP (100 * TK_MSEC)
#define HEALTH_WAIT TK_SECOND
#define GRACE       (3 * TK_SECOND) /* that the thread may take beyond its deadline to end */

/* --- the books ------------------------------------------------------------------------------------------------- */

struct tk_books tk_worker_books(struct tk_worker *w)
{
    struct tk_ring_books ring = tk_ring_snapshot(w->config.ring);
    struct tk_sink *sink = w->outlet.sink;
    struct tk_sink_view view = sink ? sink->ops->view(sink) : (struct tk_sink_view){0};
    struct tk_stats *stats = w->config.stats;
    struct tk_books books;

    /* The worker is between two records here, so its own counters stand still; the producer's come as one snapshot. */
    tk_stats_set(stats, TK_RECEIVED, ring.received);
    tk_stats_set(stats, TK_RECOVERED, tk_ring_recovered(w->config.ring));
    tk_stats_set(stats, TK_SUPPRESSED_RETRANSMISSION, ring.lost[TK_LOSS_RETRANSMISSION]);
    tk_stats_set(stats, TK_DROPPED_QUEUE_FULL, ring.lost[TK_LOSS_QUEUE_FULL]);
    /* One that only owes messages is counted already, by what became of its event. */
    tk_stats_set(stats, TK_PENDING,
                 tk_window_unfinished(w->window) - tk_window_count(w->window, TK_LIFE_OWING) +
                     tk_ring_count_unread(w->config.ring, &ring));
    tk_stats_set(stats, TK_DERIVED_PENDING, w->derived.due ? tk_derived_due(w->derived.due) : 0);
    tk_stats_set(stats, TK_DEDUP_KEYS, tk_dedup_count(w->dedup));
    tk_stats_set(stats, TK_DEDUP_EVICTED, tk_dedup_evicted(w->dedup));
    tk_stats_set(stats, TK_ALARMS, tk_alarm_states_count(w->alarms));
    tk_stats_set(stats, TK_ALARMS_STANDING, w->alarms->standing_count);
    tk_stats_set(stats, TK_ALARMS_EVICTED, w->alarms->evicted);
    tk_stats_set(stats, TK_ALARMS_STANDING_EVICTED, w->alarms->standing_evicted);
    tk_stats_set(stats, TK_QUEUE_BYTES, tk_ring_used(w->config.ring));
    tk_stats_set(stats, TK_QUEUE_FAULTS, tk_ring_faults(w->config.ring));
    tk_stats_set(stats, TK_QUEUE_CAPACITY, tk_ring_capacity(w->config.ring));
    tk_stats_set(stats, TK_IN_FLIGHT, sink ? sink->ops->in_flight(sink) : 0);
    tk_stats_set(stats, TK_BROKERS, view.brokers_known);
    tk_stats_set(stats, TK_BROKERS_UP, view.brokers_up);
    tk_stats_set(stats, TK_LOG_LINES_LOST, tk_log_lost(w->config.log));
    for (int i = 0; i < TK_STAT_COUNT; i++)
        books.value[i] = tk_stats_get(stats, (enum tk_stat)i);
    memcpy(books.histogram, stats->histogram, sizeof(books.histogram));
    /* These two are lost on either side of the ring: the handler's share is added here. */
    books.value[TK_DROPPED_TOO_LARGE] += ring.lost[TK_LOSS_TOO_LARGE];
    books.value[TK_DROPPED_MALFORMED] += ring.lost[TK_LOSS_MALFORMED];
    return books;
}

static struct tk_books read_books(void *arg)
{
    return tk_worker_books(arg);
}

/* --- the loop -------------------------------------------------------------------------------------------------- */

static void release(struct tk_worker *w)
{
    uint64_t tail;

    if (tk_window_advance(w->window, &tail))
        tk_ring_release(w->config.ring, tail);
    if (w->config.replies)
        tk_inform_results_wake(w->config.replies);
}

/* @returns whether anything was done */
static bool work(struct tk_worker *w)
{
    bool may_publish = tk_outlet_is_ready(w);
    bool did_something = false;

    if (may_publish && tk_publish_is_holding(w))
        did_something |= tk_publish_message(w, w->held_ticket);
    did_something |= tk_letters_send(w, may_publish);
    did_something |= tk_derived_outlet_send(w, may_publish);
    if (!may_publish)
        return did_something;
    did_something |= tk_resend_some(w);
    did_something |= tk_publish_new(w) > 0;
    w->is_blocked = tk_publish_is_holding(w) || tk_resend_is_under_way(w) || !tk_publish_has_room(w);
    return did_something;
}

static struct tk_report_way way_of(const struct tk_worker *w)
{
    return (struct tk_report_way){.settings = w->bundle->settings,
                                  .dict = w->bundle->dict,
                                  .sink = w->outlet.sink,
                                  .sink_number = w->outlet.opened,
                                  .is_replacing = w->outlet.replace_by != 0,
                                  .is_lost = w->outlet.is_lost,
                                  .why_closed = w->outlet.why_closed[0] ? w->outlet.why_closed : NULL};
}

/* What holds between two steps; see life.h. */
static void check_lives(const struct tk_worker *w)
{
    TK_ASSERT(tk_window_is_sound(w->window));
    TK_ASSERT(tk_window_count(w->window, TK_LIFE_READ) == 0);
    TK_ASSERT(tk_window_count(w->window, TK_LIFE_HELD) + tk_window_count(w->window, TK_LIFE_HELD_ALONE) <= 1);
    /* So no size is learned while an event is held: it becomes a suspect only if it is to go to another topic. */
    TK_ASSERT(!tk_publish_is_holding(w) || tk_window_count(w->window, TK_LIFE_IN_FLIGHT_ALONE) == 0);
    TK_ASSERT(tk_window_count(w->window, TK_LIFE_IN_FLIGHT_ALONE) == 0 || tk_resend_events_in_flight(w) == 1);
    TK_ASSERT(tk_window_count(w->window, TK_LIFE_LETTER_IN_FLIGHT) +
                  tk_window_count(w->window, TK_LIFE_LETTER_IN_FLIGHT_ALONE) <=
              w->letters.in_flight);
    TK_ASSERT((w->outlet.sink ? w->outlet.sink->ops->in_flight(w->outlet.sink) : 0) ==
              tk_resend_events_in_flight(w) + w->letters.in_flight + tk_derived_outlet_in_flight(w));
    TK_ASSERT(!w->derived.due || tk_derived_is_sound(w->derived.due));
    TK_ASSERT(tk_stalls_events_in_flight(w) == tk_resend_events_in_flight(w));
    TK_ASSERT(tk_histogram_count(&w->config.stats->histogram[TK_LATENCY]) ==
              tk_stats_get(w->config.stats, TK_PUBLISHED));
}

bool tk_worker_step(struct tk_worker *w, struct tk_time now)
{
    struct tk_report_way way;
    bool did_something;

    TK_ON_THREAD(WORKER);
    w->now = now;
    w->is_blocked = true;
    tk_reporter_begin_step(w->reporter, now);
    did_something = tk_ring_touch(w->config.ring);
    tk_outlet_take_bundle(w);
    if (!w->bundle)
        return did_something;
    if (w->outlet.sink)
        did_something |= w->outlet.sink->ops->poll(w->outlet.sink) > 0;
    tk_stalls_check(w);
    did_something |= work(w);
    release(w);
    tk_derived_outlet_drop_bundle(w);
    check_lives(w);
    way = way_of(w);
    tk_reporter_tick(w->reporter, &way);
    return did_something;
}

/* Brokers answer: so a busy machine may have all the time that the operator gives, without delaying stops in an outage. */
static bool is_heard(const struct tk_worker *w)
{
    const struct tk_sink *sink = w->outlet.sink;

    return sink && !w->outlet.is_lost && sink->ops->view(sink).has_delivered;
}

void tk_worker_finish(struct tk_worker *w, struct tk_time now, tk_nsec deadline)
{
    TK_ON_THREAD(WORKER);
    w->now = now;
    tk_reporter_begin_step(w->reporter, now);
    if (w->bundle) {
        struct tk_report_way way = way_of(w);

        tk_reporter_finish(w->reporter, &way);
        if (tk_window_unfinished(w->window) == 0 && !is_heard(w) && deadline > now.mono + HEALTH_WAIT)
            deadline = now.mono + HEALTH_WAIT; /* only the health record is under way */
        tk_outlet_close(w, deadline);
        tk_letters_end_rest(w);
        release(w);
        check_lives(w);
        tk_reporter_write_stats(w->reporter, w->bundle->settings);
    }
    tk_ring_note(w->config.ring);
    w->left_behind = tk_worker_books(w).value[TK_PENDING] + tk_window_count(w->window, TK_LIFE_OWING);
    tk_reporter_tell_stopped(w->reporter, w->left_behind);
}

/* --- the thread ------------------------------------------------------------------------------------------------ */

/* Is there still something that an orderly stop should wait for? */
static bool has_work(const struct tk_worker *w)
{
    if (!w->bundle) /* still loading: what came meanwhile has had no chance */
        return tk_ring_has_more(w->config.ring);
    return w->outlet.sink && (tk_ring_has_more(w->config.ring) || tk_window_unfinished(w->window) > 0);
}

/* How long to sleep while records have nowhere to go, if nobody wakes us. */
static tk_nsec pause_of(const struct tk_worker *w)
{
    tk_nsec left = w->resend.at - w->now.mono;

    return tk_resend_is_under_way(w) && left > 0 && left < BLOCKED_NAP ? left : BLOCKED_NAP;
}

static void *run(void *arg)
{
    struct tk_worker *w = arg;
    struct tk_time now = tk_clock_now();

    TK_THREAD_IS(WORKER);
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

struct tk_worker *tk_worker_new(const struct tk_worker_config *config)
{
    struct tk_worker *w = calloc(1, sizeof(*w));
    const struct tk_reporter_config reporting = {
        .ring = config->ring,
        .log = config->log,
        .refusals = config->refusals,
        .notify = config->notify,
        .queue_failure = config->queue_failure,
        .suppressed_by_rule = &w->by_rule,
        .read_books = read_books,
        .arg = w,
    };
    const char *path = tk_ring_path(config->ring);

    if (!w)
        return NULL;
    w->config = *config;
    w->config.queue_failure = NULL; /* the caller's; the reporter has a copy */
    w->window = tk_window_new();
    w->dedup = tk_dedup_new(TK_DEDUP_MAX_KEYS);
    w->alarms = tk_alarm_states_new(TK_ALARMS_MAX);
    tk_renderer_init(&w->renderer, &(struct tk_stage_state){.dedup = w->dedup, .alarms = w->alarms});
    tk_inform_repeats_init(&w->waiters);
    tk_json_init(&w->letters.line);
    w->reporter = tk_reporter_new(&reporting);
    if (!w->window || !w->dedup || !w->alarms || !w->reporter ||
        (path && asprintf(&w->letters.file, "%s" TK_UNDELIVERABLE_SUFFIX, path) < 0)) {
        tk_worker_free(w);
        return NULL;
    }
    return w;
}

void tk_worker_free(struct tk_worker *w)
{
    if (!w)
        return;
    tk_bundle_free(w->bundle);
    tk_bundle_free(w->bundle_before);
    tk_derived_free(w->derived.due);
    tk_settings_unref(w->outlet.settings);
    tk_window_free(w->window);
    tk_renderer_done(&w->renderer);
    tk_dedup_free(w->dedup);
    tk_alarm_states_free(w->alarms);
    tk_inform_repeats_done(&w->waiters);
    tk_json_done(&w->letters.line);
    tk_routes_done(w);
    tk_reporter_free(w->reporter);
    free(w->letters.file);
    free(w);
}
