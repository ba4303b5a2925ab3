/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file inform_results.h
 * @brief The worker's results for INFORMs: snmptrapd's thread answers an INFORM when its event is delivered.
 *
 * An INFORM that waits for its answer has a place (1..TK_REPLY_PLACES), which is in its record (struct tk_trap_head).
 * snmptrapd's thread stores the sequence number of the record that the place waits for. The worker queues the result
 * of exactly that record, once. It queues nothing for a record of an earlier life of the queue, nor for one whose
 * place was given to another INFORM since.
 *
 * Threads: snmptrapd's waits, forgets and takes; the worker tells and wakes. No lock.
 * Memory:  fixed: 8 bytes a place, and a queue of as many entries. The queue does not overflow, because snmptrapd's
 *          thread takes all replies from it before it gives a place to another INFORM.
 */
#ifndef TK_INFORM_RESULTS_H
#define TK_INFORM_RESULTS_H

#include <stdbool.h>
#include <stdint.h>

#define TK_REPLY_PLACES 32768u

struct tk_inform_results;

/** The result for one INFORM. */
struct tk_inform_result {
    uint32_t place;
    uint64_t seq;
    bool is_delivered; /* false: it will not be delivered, and must not be answered */
};

/** @brief Create the table and the queue. @returns NULL when out of memory or descriptors
 *  @locality any @locks none */
struct tk_inform_results *tk_inform_results_new(void);
/** @brief Free it, after the worker has ended. NULL is a no-op. @locality any @locks none */
void tk_inform_results_free(struct tk_inform_results *r);
/** @brief The descriptor that is readable when there is a reply to take. @locality any @locks none */
int tk_inform_results_eventfd(const struct tk_inform_results *r);

/** @brief Let @p place wait for record @p seq. Call it before that record is committed, after taking all replies.
 *  @locality snmptrapd @locks none */
void tk_inform_results_wait(struct tk_inform_results *r, uint32_t place, uint64_t seq);
/** @brief Let @p place wait no longer. @locality snmptrapd @locks none */
void tk_inform_results_forget(struct tk_inform_results *r, uint32_t place);
/** @brief Take the next reply. @returns false when there is none @locality snmptrapd @locks none */
bool tk_inform_results_take(struct tk_inform_results *r, struct tk_inform_result *ret_reply);
/** @brief Make the descriptor readable, though no result may have come: snmptrapd's thread has more to do.
 *  @locality snmptrapd @locks none */
void tk_inform_results_again(struct tk_inform_results *r);

/** @brief Queue the result of record @p seq, if @p place waits for it. @p place comes from the record, so it may be
 *         any number. @locality worker @locks none */
void tk_inform_results_tell(struct tk_inform_results *r, uint32_t place, uint64_t seq, bool is_delivered);
/** @brief Queue "not delivered" for the damaged records [@p from, @p end). Their places cannot be read any more, so
 *         this walks over all places. @locality worker @locks none */
void tk_inform_results_tell_damaged(struct tk_inform_results *r, uint64_t from, uint64_t end);
/** @brief Wake snmptrapd's thread if a reply was queued since the last call; once a step of the worker.
 *  @locality worker @locks none */
void tk_inform_results_wake(struct tk_inform_results *r);

#endif /* TK_INFORM_RESULTS_H */
