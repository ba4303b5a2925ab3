/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file topic_reader.h
 * @brief Read all partitions of a topic, from a place of one's choice, and go on with what is written after that.
 *
 * It belongs to no consumer group, so nothing is committed and no right on a group is needed. Partitions that the topic
 * gets later are not read.
 *
 * Owner: one thread. Memory: librdkafka's queues, 16 MiB a partition at most.
 */
#ifndef TK_TOPIC_READER_H
#define TK_TOPIC_READER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "config/settings.h"

struct tk_topic_reader;

#define TK_FROM_BEGINNING INT64_MIN
#define TK_FROM_END       INT64_MAX

/** One message; the bytes are valid until the next call. */
struct tk_topic_message {
    const char *key, *value; /* NULL: none; a value of NULL is a tombstone */
    size_t key_len, value_len;
};

/**
 * @brief Connect, and find the topic's partitions and their ends.
 * @param from        TK_FROM_BEGINNING, TK_FROM_END, or the timestamp of the first message in milliseconds since 1970
 * @param timeout_ms  how long all this may take
 * @returns NULL with @p err set: what is wrong, and what to write instead
 * @locality any  @locks none
 */
struct tk_topic_reader *tk_topic_reader_open(const struct tk_settings *cf, const char *topic, int64_t from,
                                             int timeout_ms, struct tk_err *err);
/** @brief Disconnect and free. NULL is a no-op. @locality the reader's @locks none */
void tk_topic_reader_close(struct tk_topic_reader *r);

/**
 * @brief The next message, of any partition.
 * @retval 1        @p ret is filled
 * @retval 0        none within @p wait_ms
 * @retval -EACCES  the brokers refuse to let us read, or the topic is gone; @p err set
 * @locality the reader's  @locks none
 */
int tk_topic_reader_next(struct tk_topic_reader *r, int wait_ms, struct tk_topic_message *ret, struct tk_err *err);

/** @brief Has everything been read that the topic held when it was opened? @locality the reader's @locks none */
bool tk_topic_reader_is_at_end(const struct tk_topic_reader *r);

/** @brief How many partitions are read. @locality the reader's @locks none */
unsigned tk_topic_reader_partitions(const struct tk_topic_reader *r);

/** @brief Why nothing comes, if no broker can be reached; NULL: that is not so, or it was told already.
 *  @locality the reader's @locks none */
const char *tk_topic_reader_trouble(struct tk_topic_reader *r);

/** @brief Ask a broker whether it is there, for half a second at most. @locality the reader's @locks none */
bool tk_topic_reader_reaches(struct tk_topic_reader *r);

#endif /* TK_TOPIC_READER_H */
