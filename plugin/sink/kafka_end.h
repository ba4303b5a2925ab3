/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file kafka_end.h
 * @brief Destroying a producer without waiting for it longer than one likes.
 *
 * rd_kafka_destroy() joins librdkafka's threads, and one of them may sit in a look-up of a name for many seconds. So
 * a thread of our own destroys; all signals are blocked in it as in its creator. Normally it is joined within
 * milliseconds; one that does not end in time is left behind detached and ends when librdkafka lets it.
 */
#ifndef TK_KAFKA_END_H
#define TK_KAFKA_END_H

#include <pthread.h>
#include <stdbool.h>

#include <librdkafka/rdkafka.h>

#include "base/clock.h"

/** At most one ending is awaited. Zeroed: none. */
struct tk_kafka_end {
    bool is_running;
    pthread_t thread;
};

/** @brief Begin to destroy @p rk, whose topics and queues are released already; takes it. An earlier ending that has
 *         not finished is left behind. @locality worker @locks none */
void tk_kafka_end_begin(struct tk_kafka_end *end, rd_kafka_t *rk);

/** @brief Wait @p patience at most (0: only look), then @returns whether nothing is awaited any more
 *  @locality worker @locks none */
bool tk_kafka_end_wait(struct tk_kafka_end *end, tk_nsec patience);

/** @brief Await no longer. @locality worker @locks none */
void tk_kafka_end_abandon(struct tk_kafka_end *end);

/** @brief Is this thread one that destroys? The last debug lines of a producer come from it, when the sink may be gone.
 *  @locality any @locks none */
bool tk_kafka_end_is_destroyer(void);

#endif /* TK_KAFKA_END_H */
