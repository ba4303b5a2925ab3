/* SPDX-License-Identifier: Apache-2.0 */
/** @file worker_internal.h
 *  @brief The worker's state, for worker.c (records), resend.c and health.c only. Owner: the worker. */
#ifndef TK_WORKER_INTERNAL_H
#define TK_WORKER_INTERNAL_H

#include <pthread.h>
#include <stdatomic.h>

#include "pipeline/dedup.h"
#include "pipeline/stage.h"
#include "pipeline/worker.h"
#include "queue/window.h"

#define TK_KEY_BYTES 512 /* a name has up to 255 bytes, an engine ID up to 510 digits */

struct tk_worker {
    struct tk_worker_config config;
    struct tk_mailbox       mailbox;
    pthread_t               thread;
    bool                    is_started;
    _Atomic bool            is_stopping;
    _Atomic tk_nsec         stop_deadline; /* CLOCK_MONOTONIC */
    uint64_t                left_behind;   /* written by the thread's end, read after the join */

    tk_nsec                 now;      /* of this step, CLOCK_MONOTONIC */
    bool                    is_blocked; /* there may be records, but nowhere to put them: they must not wake us */

    struct tk_bundle       *bundle;   /* NULL until the first one came */
    struct tk_sink         *sink;     /* NULL: not open */
    struct tk_settings     *sink_settings;
    tk_nsec                 next_open;      /* when to try again after the sink refused to open */
    tk_nsec                 replace_by;     /* the old sink is drained until then; 0: it is not being replaced */

    struct tk_window       *window;
    struct tk_stage_state   stages;
    struct tk_arena         arena;
    struct tk_receiver      receiver;
    struct tk_json          json;     /* the event; while is_held it waits for room in the sink */
    bool                    is_held;
    uint64_t                held_ticket;
    struct tk_message       message;
    char                    key[TK_KEY_BYTES]; /* the message's: it may be held while the bundle is exchanged */
    char                    event_id[TK_EVENT_ID_BYTES], received[TK_RFC3339_BYTES], ce_source[300];

    bool                    is_resending;
    bool                    is_alone_out;   /* the last one sent was condemned before: nothing may join it */
    uint64_t                resend_next;    /* ticket */
    tk_nsec                 resend_at, backoff;

    struct tk_json          scratch;        /* health record, statistics */
    tk_nsec                 started, next_tick, next_health, next_stats;
    struct tk_log_limit     undeliverable_limit, damaged_limit, stats_limit;
};

/* resend.c */
/** @brief A record came back: publish it again later. */
void tk_worker_return(struct tk_worker *w);
/** @brief Publish the next of those that came back. @returns whether anything was done */
bool tk_worker_resend(struct tk_worker *w);

/* worker.c */
/** @brief Run a record through the stages and publish it; @p ticket is in the window already. */
void tk_worker_process(struct tk_worker *w, const struct tk_record *rec, uint64_t ticket, bool is_sent_again);

/* health.c */
/** @brief Gauges, statistics file, health record: whatever is due. */
void tk_worker_tick(struct tk_worker *w, struct tk_time now);
void tk_worker_write_health(struct tk_worker *w, struct tk_time now, const char *cause);
void tk_worker_write_stats(struct tk_worker *w, tk_nsec now);

#endif /* TK_WORKER_INTERNAL_H */
