/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file worker.h
 * @brief The worker: takes records from the ring, runs the stages, publishes, and closes the books.
 *
 * The thread is a loop around tk_worker_step(); tests call the step themselves and own the time. It calls no net-snmp
 * function, blocks all signals but those of its own faults, and allocates nothing per trap once warm.
 *
 * When the sink returns a record, reading stops; once nothing is in flight any more, everything unfinished is published
 * again in the ring's order. When the sink is full or closed, the ring holds the rest. What may happen to a record is in
 * life.h.
 *
 * Files:   worker.c          the loop, the books, start and stop
 *          outlet.c          opens and exchanges the sink
 *          publish.c         from the ring through the stages to the sink
 *          reports.c         delivery reports
 *          resend.c          publishes again what the sink returned
 *          routes.c          to which topic an event goes
 *          stalls.c          topics of rules that take nothing
 *          too_large.c       sizes that a topic refused
 *          dead_letter.c     events that Kafka refuses permanently; undeliverable.c: their file
 *          derived_outlet.c  messages about alarms; derived.c: which are due; alarm_feed.c: what they say
 *          inform_fates.c    what INFORMs are told; inform_repeats.c: those that share the fate of another's event
 *          window.c          the records; life.c: what may happen to one
 */
#ifndef TK_WORKER_H
#define TK_WORKER_H

#include "base/log.h"
#include "base/stats.h"
#include "queue/inform_results.h"
#include "queue/ring.h"
#include "refusal/refusal_box.h"
#include "reload/mailbox.h"
#include "sink/sink.h"

struct tk_notify;
struct tk_worker;

struct tk_worker_config {
    struct tk_ring *ring;
    struct tk_log *log;
    struct tk_stats *stats;            /* the worker writes its own members, reads all */
    struct tk_inform_results *replies; /* where the fate of INFORMs is told; NULL: nobody waits */
    struct tk_refusal_box *refusals;   /* refused packets to report; NULL: none */
    const struct tk_notify *notify;    /* the service manager; NULL: none */
    struct tk_mailbox *mailbox;        /* where settings and tables come from */
    const char *queue_failure;         /* why the queue is not the file that was asked for; NULL: it is. Copied */
    tk_sink_open_fn *open_sink;
    void *open_arg;
};

/** @brief Make a worker that waits for its first bundle. @returns NULL when out of memory
 *  @locality any @locks none */
struct tk_worker *tk_worker_new(const struct tk_worker_config *config);
/** @brief Free; the thread has been stopped, or was never started. NULL is a no-op. @locality any @locks none */
void tk_worker_free(struct tk_worker *w);

/** @brief Start the thread, named "trapkafka". @retval 0 / -errno @locality snmptrapd @locks none */
int tk_worker_start(struct tk_worker *w);

#define TK_WORKER_STUCK UINT64_MAX

/**
 * @brief Stop: publish what the ring holds for as long as @p timeout, write the last health record, end the thread.
 * @returns records left in the ring; or TK_WORKER_STUCK: the thread does not end (a file system that hangs), and
 *          neither the worker nor what its configuration names may be freed
 * @locality snmptrapd  @locks none
 */
uint64_t tk_worker_stop(struct tk_worker *w, tk_nsec timeout);

/**
 * @brief One turn of the loop, without sleeping.
 * @returns whether anything was done; if not, the loop may sleep
 * @locality worker  @locks none
 */
bool tk_worker_step(struct tk_worker *w, struct tk_time now);

/** @brief Write the last health record and close the sink; the part of stopping that tests call themselves.
 *  @locality worker @locks none */
void tk_worker_finish(struct tk_worker *w, struct tk_time now, tk_nsec deadline);

/** @brief All counters at one boundary between two records. @locality worker @locks none */
struct tk_books tk_worker_books(struct tk_worker *w);

#endif /* TK_WORKER_H */
