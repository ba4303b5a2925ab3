/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file kafka_end.h
 * @brief Destroy a producer with a limit on the time to wait for it.
 *
 * rd_kafka_destroy() joins librdkafka's threads, and one of them may be in a DNS look-up for many seconds. So a
 * thread of its own calls it; this thread blocks the same signals as the worker. Normally it is joined within
 * milliseconds. If it does not end in time, it is detached and ends later by itself.
 */
#ifndef TK_KAFKA_END_H
#define TK_KAFKA_END_H

#include <pthread.h>
#include <stdbool.h>

#include <librdkafka/rdkafka.h>

#include "base/clock.h"

/** The thread that destroys a producer; one at most is waited for. Zeroed: none. */
struct tk_kafka_end {
    bool is_running;
    pthread_t thread;
};

/** @brief Begin to destroy @p rk, whose topics and queues are released already; takes it. A thread that still
 *         destroys an earlier producer is detached. @locality worker @locks none */
void tk_kafka_end_begin(struct tk_kafka_end *end, rd_kafka_t *rk);

/** @brief Wait up to @p patience for the thread (0: do not wait). @returns whether there is none any more
 *  @locality worker @locks none */
bool tk_kafka_end_wait(struct tk_kafka_end *end, tk_nsec patience);

/** @brief Detach the thread if it has not ended. @locality worker @locks none */
void tk_kafka_end_abandon(struct tk_kafka_end *end);

/** @brief Does the calling thread destroy a producer? A producer's last debug lines come from that thread, when the
 *         sink may be freed already. @locality any @locks none */
bool tk_kafka_end_is_destroyer(void);

#endif /* TK_KAFKA_END_H */
