/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file worker.h
 * @brief The worker: takes records from the ring, runs the stages, publishes, and closes the books.
 *
 * The thread is a loop around tk_worker_step(); tests call the step themselves and own the time. It calls no net-snmp
 * function, blocks all signals but those of its own faults, and allocates nothing per trap once warm.
 *
 * When the sink gives a record back, reading stops, what is in flight is waited for, and everything unfinished is
 * published again in the ring's order; a record that the broker condemned goes alone, to know that it was not its
 * batch; one that was condemned alone goes to the dead letter topic or into a file, and holds up nobody. When the sink
 * is full or gone, the ring holds.
 *
 * Files:   worker.c the loop, and life; record.c from the ring to the sink; report.c what became of it; resend.c once
 *          more; dead_letter.c never; outlet.c the sink's life; watch.c and states.h what changed; health.c,
 *          stats_file.c what is told about it; rejected.c what never came to be a record.
 */
#ifndef TK_WORKER_H
#define TK_WORKER_H

#include "base/log.h"
#include "base/stats.h"
#include "pipeline/bundle.h"
#include "pipeline/encode.h"
#include "queue/rejects.h"
#include "queue/replies.h"
#include "queue/ring.h"
#include "sink/sink.h"

struct tk_worker;

struct tk_worker_config {
    struct tk_ring    *ring;
    struct tk_log     *log;
    struct tk_stats   *stats;     /* the worker writes its own members, reads all */
    struct tk_replies *replies;   /* where the fate of INFORMs is told; NULL: nobody waits */
    struct tk_reject_box *rejects; /* refused packets to be told of; NULL: none */
    const char        *queue_failure; /* why the queue is not the file that was asked for; NULL: it is. Copied */
    tk_sink_open_fn   *open_sink;
    void              *open_arg;
};

/** @brief Make a worker that waits for its first bundle. @returns NULL when out of memory @locality any @locks none */
struct tk_worker *tk_worker_new(const struct tk_worker_config *config);
/** @brief Free; the thread has been stopped, or was never started. NULL is a no-op. @locality any @locks none */
void tk_worker_free(struct tk_worker *w);

/** @brief Send settings and tables; @p b is the worker's (or its mailbox's) from now on. @locality loader @locks none */
void tk_worker_send_bundle(struct tk_worker *w, struct tk_bundle *b);

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
