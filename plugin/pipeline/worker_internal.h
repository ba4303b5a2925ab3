/* SPDX-License-Identifier: Apache-2.0 */
/** @file worker_internal.h
 *  @brief The worker's state, for the files that worker.h names only. Owner: the worker. */
#ifndef TK_WORKER_INTERNAL_H
#define TK_WORKER_INTERNAL_H

#include <pthread.h>
#include <stdatomic.h>

#include "pipeline/dedup.h"
#include "pipeline/stage.h"
#include "pipeline/states.h"
#include "pipeline/waiters.h"
#include "pipeline/worker.h"
#include "queue/window.h"

#define TK_KEY_BYTES   512       /* a name has up to 255 bytes, an engine ID up to 510 digits */
#define TK_LOG_PERIOD  (10 * TK_SECOND)
#define TK_DEAD_TICKET (UINT64_C(1) << 63) /* in the ticket of a dead letter */

struct tk_worker {
    struct tk_worker_config config;
    struct tk_mailbox       mailbox;
    pthread_t               thread;
    bool                    is_started;
    _Atomic bool            is_stopping;
    _Atomic tk_nsec         stop_deadline; /* CLOCK_MONOTONIC */
    uint64_t                left_behind;   /* written by the thread's end, read after the join */

    struct tk_time          now;        /* of this step */
    bool                    is_blocked; /* there may be records, but nowhere to put them: they must not wake us */

    /* outlet.c */
    struct tk_bundle       *bundle;   /* NULL until the first one came */
    struct tk_sink         *sink;     /* NULL: not open */
    struct tk_settings     *sink_settings;
    tk_nsec                 next_open;      /* when to try again after the sink refused to open */
    tk_nsec                 replace_by;     /* the old sink is drained until then; 0: it is not being replaced */
    bool                    is_reach_lost;  /* by this sink's word */

    /* record.c, report.c */
    struct tk_window       *window;
    struct tk_stage_state   stages;
    struct tk_waiters       waiters;
    struct tk_arena         arena;
    struct tk_receiver      receiver;
    struct tk_json          json;     /* the event; while is_held it waits for room in the sink */
    bool                    is_held;
    uint64_t                held_ticket;
    struct tk_message       message;
    char                    key[TK_KEY_BYTES]; /* the message's: it may be held while the bundle is exchanged */
    char                    event_id[TK_EVENT_ID_BYTES], received[TK_RFC3339_BYTES], ce_source[300];

    /* resend.c */
    bool                    is_resending;
    bool                    is_alone_out;   /* the last one sent was condemned before: nothing may join it */
    uint64_t                resend_next;    /* ticket */
    tk_nsec                 resend_at, backoff;

    /* too_large.c */
    size_t                  alone_bytes;    /* of the event sent alone last */
    size_t                  too_large_from; /* such an event was refused for its size; 0: none yet */
    tk_nsec                 too_large_until;

    /* dead_letter.c */
    char                   *undeliverable;  /* the file beside the queue's; NULL: the queue is memory */
    unsigned                dead_waiting;   /* entries TK_DEAD_LETTER that the sink does not have */
    unsigned                dead_refused;   /* entries TK_DEAD_REFUSED */
    unsigned                dead_in_flight; /* messages */
    bool                    is_dead_singly; /* a batch of dead letters was condemned */
    tk_nsec                 dead_at;        /* not before */
    struct tk_log_limit     undeliverable_limit, undeliverable_change, file_limit;

    /* watch.c */
    char                   *queue_failure;  /* as in the configuration; NULL: none */
    struct tk_states        states;
    bool                    is_lost;        /* as last told */
    bool                    is_high;
    uint64_t                drops, faults;  /* as of the last tick */
    tk_nsec                 last_drop;
    struct tk_log_limit     damaged_limit, damaged_change, fault_limit, fault_change;

    /* rejected.c */
    tk_nsec                 next_reject;    /* not before: the sink was full */

    /* health.c, stats_file.c */
    char                    queue[9];       /* the ring's name in this life, in hex */
    struct tk_json          scratch;        /* health record, statistics, a line of the file of the undeliverable */
    tk_nsec                 started, next_tick, next_health, next_stats, next_change;
    struct tk_log_limit     stats_limit;
};

/* outlet.c */
/** @brief Take a new bundle, if there is one. */
void tk_worker_take_bundle(struct tk_worker *w);
/** @brief Open a sink, or exchange it once what the old one has in flight is delivered.
 *  @returns whether it may be used */
bool tk_worker_outlet_is_ready(struct tk_worker *w);
void tk_worker_close_outlet(struct tk_worker *w, tk_nsec deadline);

/* record.c */
/** @brief Read and publish some. @returns how many */
unsigned tk_worker_read(struct tk_worker *w);
/** @brief Run a record through the stages and publish it; @p ticket is in the window already. */
void tk_worker_process(struct tk_worker *w, const struct tk_record *rec, uint64_t ticket, bool is_sent_again);
/** @brief The part of it up to the message in w->message. @returns false when the record has ended on its way */
bool tk_worker_encode(struct tk_worker *w, const struct tk_record *rec, uint64_t ticket, bool is_sent_again);
/** @brief Give w->message to the sink. @returns false when that is full: the event is held and tried again */
bool tk_worker_publish(struct tk_worker *w, uint64_t ticket);

/* report.c */
tk_report_fn tk_worker_on_report;
/** @brief The event ID of a record that is still in the ring. @returns @p id */
const char *tk_worker_event_id(struct tk_worker *w, const struct tk_entry *entry, char id[TK_EVENT_ID_BYTES]);
/** @brief Tell the INFORM of this record, and those of its repeats, what became of it. Once; more often is a no-op. */
void tk_worker_tell(struct tk_worker *w, struct tk_entry *entry, bool is_delivered);
/** @brief The repeat @p entry shares the fate of the event that passed, the one with the ticket @p owner. */
void tk_worker_follow(struct tk_worker *w, struct tk_entry *entry, uint64_t owner);
/** @brief The record has ended. */
void tk_worker_end(struct tk_worker *w, uint64_t ticket, bool is_delivered);
/** @brief The record was sound once, and can't be read again. */
void tk_worker_end_damaged(struct tk_worker *w, uint64_t ticket);

/* resend.c */
/** @brief A record came back, for a reason that passes: publish it again after a pause. */
void tk_worker_return(struct tk_worker *w);
/** @brief A record came back because its request was refused: publish it again, now and alone. */
void tk_worker_return_alone(struct tk_worker *w);
/** @brief Publish the next of those that came back. @returns whether anything was done */
bool tk_worker_resend(struct tk_worker *w);

/* too_large.c */
/** @brief What stands in w->message was sent alone. */
void tk_worker_note_alone(struct tk_worker *w);
/** @brief That was refused for its size, or taken. */
void tk_worker_learn_size(struct tk_worker *w, bool is_too_large);
/** @brief Would what stands in w->message be refused too, by all that was seen lately? */
bool tk_worker_is_too_large(const struct tk_worker *w);
/** @brief Might it be, so that it had better go alone? */
bool tk_worker_is_suspect(const struct tk_worker *w);

/* dead_letter.c */
/** @brief Kafka refuses this event for good. @param stat  how to count it @param reason  static text */
void tk_worker_condemn(struct tk_worker *w, uint64_t ticket, enum tk_stat stat, const char *reason);
/** @brief A dead letter's report. */
void tk_worker_on_dead_report(struct tk_worker *w, const struct tk_report *report);
/** @brief Publish dead letters, keep what no topic takes; not while an event is held.
 *  @returns whether anything was done */
bool tk_worker_bury(struct tk_worker *w, bool may_publish);
/** @brief The sink is closed for ever: what would be lost with the queue ends here. */
void tk_worker_bury_rest(struct tk_worker *w);

/* watch.c */
tk_reach_fn tk_worker_on_reach;
/** @brief A state changed now; the text says more. */
void tk_worker_note(struct tk_worker *w, enum tk_change change, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
/** @brief The brokers have acknowledged something. */
void tk_worker_note_delivery(struct tk_worker *w);
/** @brief @p lost records of the queue are damaged. */
void tk_worker_note_damage(struct tk_worker *w, uint64_t position, uint64_t lost);
/** @brief The first step that works. */
void tk_worker_note_start(struct tk_worker *w);
/** @brief Once a second: what only looking tells. */
void tk_worker_watch(struct tk_worker *w);

/* health.c */
/** @brief Gauges, statistics file, health record: whatever is due. */
void tk_worker_tick(struct tk_worker *w);
/** @brief Write the record of @p cause, or of a change (not NULL), whose cause its name is.
 *  @returns whether the sink took it */
bool tk_worker_write_health(struct tk_worker *w, const char *cause, const struct tk_state *change);
/** @brief Publish what changed, oldest first, as far as the sink takes it. */
void tk_worker_write_changes(struct tk_worker *w);

/** @brief Write the member "receiver" of a record. */
void tk_worker_encode_receiver(const struct tk_worker *w, struct tk_json *j);

/* rejected.c */
/** @brief Publish some of the refused packets that wait in the box, as far as the sink takes them; without a health
 *         topic they go nowhere. */
void tk_worker_write_rejects(struct tk_worker *w);

/* stats_file.c */
void tk_worker_write_stats(struct tk_worker *w);

#endif /* TK_WORKER_INTERNAL_H */
