/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file check_keys.h
 * @brief Checks all keys that rules make together: one key never means two alarms.
 *
 * - Rules that share a key are about one type of thing.
 * - What clears has a raise with the same key, and what raises a clear.
 * - Where several notifications raise one key, somebody has read that they are about one trouble:
 *   tests/unit/rules/shared_keys.txt has a line of their rules.
 * - Two templates of a file never make one key of values that a device might send, if they are not about the same row.
 */
#ifndef TK_CHECK_KEYS_H
#define TK_CHECK_KEYS_H

#include <stdio.h>

#include "rules/rules_store.h"

/** A key that a rule made. */
struct check_key {
    char *key; /* malloc'ed */
    uint32_t rule;
    const void *notification; /* the same for the same one */
    unsigned row;
    enum tk_alarm_state state;
    bool is_known;                /* what the notification carries */
    struct tk_rule_span template; /* of the key */
};

/** All zero but for what the caller sets. */
struct check_keys {
    const struct tk_rules *rules; /* the caller's, as the next three */
    const struct tk_dict *dict;
    FILE *shared; /* lines: names of rules, separated by spaces */
    void (*complain)(uint32_t rule, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
    bool is_printing_pairs, is_printing_shared;
    struct tk_vector made; /* struct check_key */
    unsigned pairs;
};

/** @brief Take a key. @locality any @locks none */
void check_keys_note(struct check_keys *c, struct check_key key);

/** @brief Check the keys taken, count c->pairs, and forget the keys. @locality any @locks none */
void check_keys_all(struct check_keys *c);

#endif /* TK_CHECK_KEYS_H */
