/* SPDX-License-Identifier: Apache-2.0 */
#include "pipeline/worker.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <syslog.h>
#include <time.h>
#include <unistd.h>

#include "pipeline/worker_internal.h"

#define READ_BATCH     256                /* records between two looks at reports and commands */
#define NAP            (2 * TK_MSEC)      /* see Wake-up in queue/ring.h */
#define OPEN_AGAIN     (5 * TK_SECOND)
#define HEALTH_WAIT    TK_SECOND
#define GRACE          (3 * TK_SECOND)    /* that the thread may take beyond its deadline to end */
#define LOG_PERIOD     (10 * TK_SECOND)

/* --- reports from the sink ------------------------------------------------------------------------------------- */

static void drop_undeliverable(struct tk_worker *w, uint64_t ticket, enum tk_stat stat, const char *reason)
{
    struct tk_entry *entry = tk_window_get(w->window, ticket);
    char id[TK_EVENT_ID_BYTES];
    struct tk_record rec;
    uint64_t held_back;

    (void)tk_ring_read_at(w->config.ring, entry->begin, &rec); /* still there: nothing releases it before the next line */
    tk_event_id(id, &w->receiver, rec.seq);
    tk_stats_add(w->config.stats, stat, 1);
    tk_dedup_undo(w->stages.dedup, entry->dedup_key); /* the next repeat is news again */
    tk_window_finish(w->window, ticket);
    if (tk_log_limit_pass(&w->undeliverable_limit, w->now, LOG_PERIOD, &held_back))
        tk_log_put(w->config.log, LOG_ERR, "trapkafka: event '%s' is lost, Kafka refuses it for good: %s (%llu more since "
                   "the last such line)", id, reason, (unsigned long long)held_back);
}

static void on_report(void *arg, const struct tk_report *report)
{
    struct tk_worker *w = arg;
    struct tk_entry *entry = tk_window_get(w->window, report->ticket);

    if (!entry || entry->state != TK_ENTRY_IN_FLIGHT)
        return; /* a sink that breaks its contract must not break the books */
    switch (report->fate) {
    case TK_DELIVERED:
        tk_stats_add(w->config.stats, TK_PUBLISHED, 1);
        tk_window_finish(w->window, report->ticket);
        w->backoff = 0;
        break;
    case TK_CONDEMNED:
        if (entry->is_alone) {
            drop_undeliverable(w, report->ticket, TK_DROPPED_UNDELIVERABLE, report->reason);
            break;
        }
        entry->is_alone = true;
        entry->state = TK_ENTRY_AGAIN;
        tk_worker_return(w);
        break;
    case TK_SEND_AGAIN:
        entry->state = TK_ENTRY_AGAIN;
        tk_worker_return(w);
        break;
    }
}

static void on_log(void *arg, int priority, const char *text)
{
    struct tk_worker *w = arg;

    tk_log_put(w->config.log, priority, "trapkafka: %s", text);
}

/* --- the sink's life ------------------------------------------------------------------------------------------- */

static void open_sink(struct tk_worker *w, tk_nsec now)
{
    struct tk_sink_hooks hooks = {
        .on_report = on_report, .on_log = on_log, .arg = w, .eventfd = tk_ring_eventfd(w->config.ring),
    };
    char text[TK_LOG_LINE_BYTES];
    struct tk_err err = {0};

    w->sink = w->config.open_sink(w->config.open_arg, w->bundle->settings, &hooks, &err);
    if (w->sink) {
        tk_settings_unref(w->sink_settings);
        w->sink_settings = tk_settings_ref(w->bundle->settings);
        return;
    }
    w->next_open = now + OPEN_AGAIN;
    tk_log_put(w->config.log, LOG_ERR, "trapkafka: no producer: %s; events wait in the queue",
               tk_err_format(&err, text, sizeof(text)));
}

static void close_sink(struct tk_worker *w, tk_nsec deadline)
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

/* Open a sink, or exchange it once what the old one has in flight is delivered. @returns whether it may be used */
static bool sink_is_ready(struct tk_worker *w, tk_nsec now)
{
    if (w->sink && w->replace_by && (w->sink->ops->in_flight(w->sink) == 0 || now >= w->replace_by))
        close_sink(w, now);
    if (!w->sink && w->bundle->settings->brokers && now >= w->next_open)
        open_sink(w, now);
    return w->sink && !w->replace_by;
}

static void take_bundle(struct tk_worker *w, tk_nsec now)
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
        w->replace_by = now + b->settings->flush_seconds * TK_SECOND;
    else if (w->sink)
        w->replace_by = 0;
}

/* --- a record's way -------------------------------------------------------------------------------------------- */

/* @returns false when the sink is full: the event stays in w->json and is tried again */
static bool publish(struct tk_worker *w, uint64_t ticket)
{
    w->is_held = false;
    switch (w->sink->ops->publish(w->sink, &w->message)) {
    case TK_ACCEPTED:
        tk_window_get(w->window, ticket)->state = TK_ENTRY_IN_FLIGHT;
        return true;
    case TK_FULL:
        w->is_held = true;
        w->held_ticket = ticket;
        return false;
    case TK_TOO_LARGE:
        drop_undeliverable(w, ticket, TK_DROPPED_TOO_LARGE,
                           "it is larger than message.max.bytes; raise it by kafkaProperty, and the topic's limit");
        return true;
    case TK_REFUSED:
        drop_undeliverable(w, ticket, TK_DROPPED_UNDELIVERABLE, "librdkafka says that the message is invalid");
        return true;
    }
    return true;
}

static void count_event(struct tk_worker *w, const struct tk_event *ev)
{
    struct tk_stats *stats = w->config.stats;

    if (!ev->trap_object)
        tk_stats_add(stats, TK_UNRESOLVED, 1);
    if (ev->severity == TK_SEV_UNSET)
        tk_stats_add(stats, TK_NO_RULE, 1);
    if (ev->bundle->inventory && ev->inventory_row == TK_ROW_NONE)
        tk_stats_add(stats, TK_NO_DEVICE, 1);
}

static void finish_dropped(struct tk_worker *w, uint64_t ticket, enum tk_verdict verdict, bool is_sent_again)
{
    enum tk_stat stat = verdict == TK_DROP_DUPLICATE ? TK_SUPPRESSED_DUPLICATE
                        : verdict == TK_DROP_MALFORMED ? TK_DROPPED_MALFORMED : TK_DROPPED_DAMAGED;

    tk_stats_add(w->config.stats, stat, 1);
    if (verdict != TK_DROP_DUPLICATE)
        tk_dedup_undo(w->stages.dedup, tk_window_get(w->window, ticket)->dedup_key);
    if (is_sent_again)
        tk_window_finish(w->window, ticket);
    else
        tk_window_drop(w->window, ticket);
}

void tk_worker_process(struct tk_worker *w, const struct tk_record *rec, uint64_t ticket, bool is_sent_again)
{
    struct tk_entry *entry = tk_window_get(w->window, ticket);
    struct tk_trap trap;
    struct tk_event ev = {
        .trap = &trap, .bundle = w->bundle, .arena = &w->arena, .seq = rec->seq, .received = rec->received,
        .is_sent_again = is_sent_again, .repeats = entry->repeats, .dedup_key = entry->dedup_key,
    };
    enum tk_verdict verdict = TK_DROP_MALFORMED;
    size_t key_len;

    tk_arena_reset(&w->arena);
    if (tk_trap_read(&trap, rec->body, rec->body_len) == 0)
        verdict = tk_stages_run(&w->stages, &ev, rec->received.mono);
    if (verdict != TK_PASS) {
        finish_dropped(w, ticket, verdict, is_sent_again);
        return;
    }
    entry->repeats = ev.repeats;
    entry->dedup_key = ev.dedup_key;
    tk_event_id(w->event_id, &w->receiver, rec->seq);
    tk_clock_rfc3339(w->received, rec->received.wall);
    tk_encode_event(&w->json, &w->receiver, &ev, w->event_id, w->received);
    if (w->json.is_failed) {
        finish_dropped(w, ticket, TK_DROP_NO_MEMORY, is_sent_again);
        return;
    }
    if (!is_sent_again)
        count_event(w, &ev);
    key_len = ev.device.len < sizeof(w->key) ? ev.device.len : sizeof(w->key);
    memcpy(w->key, ev.device.text, key_len);
    w->message = (struct tk_message){
        .topic = TK_TOPIC_EVENTS, .key = w->key, .key_len = key_len, .payload = w->json.buf,
        .payload_len = w->json.len, .ticket = ticket, .wall = rec->received.wall, .ce_id = w->event_id,
        .ce_type = "trapkafka.trap", .ce_source = w->ce_source, .ce_time = w->received,
    };
    (void)publish(w, ticket);
}

static void pass_damaged(struct tk_worker *w, const struct tk_record *rec)
{
    uint64_t held_back;

    tk_stats_add(w->config.stats, TK_DROPPED_DAMAGED, 1);
    tk_window_add_finished(w->window, rec->position, rec->end);
    if (tk_log_limit_pass(&w->damaged_limit, w->now, LOG_PERIOD, &held_back))
        tk_log_put(w->config.log, LOG_ERR, "trapkafka: a damaged record at position %llu of the queue is lost; is the "
                   "machine's memory sound? (%llu more since the last such line)", (unsigned long long)rec->position,
                   (unsigned long long)held_back);
}

/* @returns how many records were read */
static unsigned read_records(struct tk_worker *w)
{
    unsigned n = 0;

    while (n < READ_BATCH && !w->is_held && !w->is_resending && !tk_window_is_full(w->window)) {
        struct tk_record rec;
        int ret = tk_ring_read(w->config.ring, &rec);

        if (ret == 0)
            break;
        n++;
        if (ret < 0)
            pass_damaged(w, &rec);
        else
            tk_worker_process(w, &rec, tk_window_add(w->window, rec.position, rec.end), false);
    }
    return n;
}

bool tk_worker_step(struct tk_worker *w, struct tk_time now)
{
    bool did_something = false;
    uint64_t tail;

    w->now = now.mono;
    w->is_blocked = true;
    did_something = tk_ring_touch(w->config.ring);
    take_bundle(w, now.mono);
    if (!w->bundle)
        return did_something;
    if (w->sink)
        did_something |= w->sink->ops->poll(w->sink) > 0;
    if (sink_is_ready(w, now.mono)) {
        if (w->is_held)
            did_something |= publish(w, w->held_ticket);
        if (w->is_resending && !w->is_held)
            did_something |= tk_worker_resend(w);
        did_something |= read_records(w) > 0;
        w->is_blocked = w->is_held || w->is_resending || tk_window_is_full(w->window);
    }
    if (tk_window_advance(w->window, &tail))
        tk_ring_release(w->config.ring, tail);
    tk_worker_tick(w, now);
    return did_something;
}

/* --- the thread ------------------------------------------------------------------------------------------------ */

struct tk_worker *tk_worker_new(const struct tk_worker_config *config)
{
    struct tk_worker *w = calloc(1, sizeof(*w));
    const uint8_t *uuid = tk_ring_uuid(config->ring);

    if (!w)
        return NULL;
    w->config = *config;
    w->window = tk_window_new();
    w->stages.dedup = tk_dedup_new(TK_DEDUP_MAX_KEYS);
    tk_arena_init(&w->arena);
    tk_json_init(&w->json);
    tk_json_init(&w->scratch);
    if (!w->window || !w->stages.dedup) {
        tk_worker_free(w);
        return NULL;
    }
    if (gethostname(w->receiver.host, sizeof(w->receiver.host) - 1) < 0 ||
        !tk_utf8_is_valid((const uint8_t *)w->receiver.host, strlen(w->receiver.host)))
        (void)snprintf(w->receiver.host, sizeof(w->receiver.host), "unknown");
    (void)snprintf(w->receiver.queue, sizeof(w->receiver.queue), "%02x%02x%02x%02x", uuid[0], uuid[1], uuid[2], uuid[3]);
    (void)snprintf(w->ce_source, sizeof(w->ce_source), "/trapkafka/%s", w->receiver.host);
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
    tk_arena_done(&w->arena);
    tk_json_done(&w->json);
    tk_json_done(&w->scratch);
    free(w);
}

void tk_worker_send_bundle(struct tk_worker *w, struct tk_bundle *b)
{
    tk_mailbox_send(&w->mailbox, b);
    tk_ring_wake(w->config.ring);
}

void tk_worker_finish(struct tk_worker *w, struct tk_time now, tk_nsec deadline)
{
    uint64_t tail;

    w->now = now.mono;
    if (w->bundle) {
        tk_worker_write_health(w, now, "stop");
        if (tk_window_unfinished(w->window) == 0 && deadline > now.mono + HEALTH_WAIT)
            deadline = now.mono + HEALTH_WAIT; /* only the health record is under way */
        close_sink(w, deadline);
        if (tk_window_advance(w->window, &tail))
            tk_ring_release(w->config.ring, tail);
        tk_worker_write_stats(w, now.mono);
    }
    w->left_behind = tk_worker_books(w).value[TK_PENDING];
}

/* Is there still something that an orderly stop should wait for? */
static bool has_work(const struct tk_worker *w)
{
    if (!w->bundle) /* still loading: what came meanwhile has had no chance */
        return tk_ring_has_more(w->config.ring);
    return w->sink && (tk_ring_has_more(w->config.ring) || tk_window_unfinished(w->window) > 0);
}

static void *run(void *arg)
{
    struct tk_worker *w = arg;
    struct tk_time now = tk_clock_now();

    do { /* at least once: the stop may come before the sink was opened */
        now = tk_clock_now();
        if (tk_worker_step(w, now))
            continue;
        if (w->is_blocked)
            tk_ring_wait_for_wake(w->config.ring, 100 * TK_MSEC);
        else
            tk_ring_wait(w->config.ring, NAP, atomic_load(&w->is_stopping) ? NAP : TK_SECOND);
    } while (!atomic_load(&w->is_stopping) || (has_work(w) && now.mono < atomic_load(&w->stop_deadline)));
    tk_worker_finish(w, now, atomic_load(&w->stop_deadline));
    return NULL;
}

int tk_worker_start(struct tk_worker *w)
{
    sigset_t all, before;
    int ret;

    (void)sigfillset(&all);
    (void)pthread_sigmask(SIG_SETMASK, &all, &before); /* the thread inherits it: signals are snmptrapd's business */
    ret = pthread_create(&w->thread, NULL, run, w);
    (void)pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (ret)
        return -ret;
    (void)pthread_setname_np(w->thread, "trapkafka");
    w->is_started = true;
    return 0;
}

uint64_t tk_worker_stop(struct tk_worker *w, tk_nsec timeout)
{
    struct timespec until;

    if (!w->is_started)
        return 0;
    atomic_store(&w->stop_deadline, tk_clock_mono() + timeout);
    atomic_store(&w->is_stopping, true);
    tk_ring_wake(w->config.ring);
    (void)clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec += (timeout + GRACE) / TK_SECOND + 1;
    if (pthread_timedjoin_np(w->thread, NULL, &until) != 0)
        return TK_WORKER_STUCK;
    w->is_started = false;
    return w->left_behind;
}
