/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file standing.h
 * @brief Which alarms stand, by the messages of the topic of standing alarms: the last value of each key, without those
 *        that a tombstone ended.
 *
 * Whoever can write to the topic chose these bytes. Memory: TK_STANDING_BYTES at most; alarms beyond that are counted.
 * Owner: one thread.
 */
#ifndef TK_STANDING_H
#define TK_STANDING_H

#include "watch/record_filter.h"

#define TK_STANDING_BYTES ((size_t)1 << 30) /* of keys and values */

struct tk_standing;

/** By what rows are sorted; those that are equal in that, by severity, age and key. */
enum tk_standing_order { TK_ORDER_SEVERITY, TK_ORDER_SINCE, TK_ORDER_DEVICE, TK_ORDER_KEY, TK_ORDERS };

/** An alarm that stands. */
struct tk_standing_row {
    char *key, *value; /* the value ends with a zero byte that is not counted; so does the key */
    size_t key_len, value_len;
    enum tk_rank rank;
    char *device, *since; /* "" if the message does not say it */
    size_t at;            /* among the rows */
};

/** @brief Begin without alarms. @param filter  borrowed: which alarms are kept @param max_bytes  TK_STANDING_BYTES
 *  @returns NULL: out of memory @locality any @locks none */
struct tk_standing *tk_standing_new(const struct tk_record_filter *filter, size_t max_bytes);
/** @brief Forget all. NULL is a no-op. @locality the owner's @locks none */
void tk_standing_free(struct tk_standing *s);

/** @brief Take a message. @param value  NULL: a tombstone @locality the owner's @locks none */
void tk_standing_take(struct tk_standing *s, const char *key, size_t key_len, const char *value, size_t value_len);

/** @brief How many alarms stand. @locality the owner's @locks none */
size_t tk_standing_count(const struct tk_standing *s);
/** @brief How many stand of this severity. @locality the owner's @locks none */
size_t tk_standing_of_rank(const struct tk_standing *s, enum tk_rank rank);
/** @brief Messages that are no alarm: without a key, or no JSON object. @locality the owner's @locks none */
unsigned long long tk_standing_foreign(const struct tk_standing *s);
/** @brief Messages of alarms that found no room. @locality the owner's @locks none */
unsigned long long tk_standing_left_out(const struct tk_standing *s);
/** @brief Grows with each message that changed something. @locality the owner's @locks none */
unsigned long long tk_standing_changes(const struct tk_standing *s);

/** @brief All rows in order: the most severe and, of one severity, the newest first. @returns tk_standing_count() rows,
 *         valid until the next message; NULL: out of memory @locality the owner's @locks none */
const struct tk_standing_row *const *tk_standing_sorted(struct tk_standing *s, enum tk_standing_order order);

#endif /* TK_STANDING_H */
