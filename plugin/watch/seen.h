/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file seen.h
 * @brief A record of a topic as consumers read it: an event, a report about refused packets, or a health record.
 *
 * Anybody who can write to a topic chose these bytes, so nothing is taken for granted: a member that is missing, or has
 * another type, is as if it were null.
 */
#ifndef TK_SEEN_H
#define TK_SEEN_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#define TK_SEEN_MAX_BYTES (8u << 20) /* of JSON; larger ones are not read */

/** Severities, the least first. */
enum tk_rank {
    TK_RANK_NONE,
    TK_RANK_CLEARED,
    TK_RANK_INDETERMINATE,
    TK_RANK_WARNING,
    TK_RANK_MINOR,
    TK_RANK_MAJOR,
    TK_RANK_CRITICAL,
    TK_RANKS
};

/** Texts are never NULL: "" stands for null. They belong to the record. */
struct tk_seen {
    json_t *root;
    const char *type; /* "trap", "rejected", "health" ... */
    const char *severity;
    enum tk_rank rank;
    const char *device, *name, *mib, *oid;
    const char *site, *circuit; /* of topology */
    const char *alarm_type, *key, *since, *summary;
    json_int_t count; /* raises since then; 0: not known */
};

/** @brief Read a record. @returns false: it is no JSON object, or too large; nothing is to be freed
 *  @locality any @locks none */
bool tk_seen_read(struct tk_seen *ret, const void *json, size_t len);
/** @brief Free it. @locality any @locks none */
void tk_seen_done(struct tk_seen *s);

/** @brief The rank of a severity's name; TK_RANK_NONE: there is none of that name. @locality any @locks none */
enum tk_rank tk_rank_of(const char *severity);
/** @brief The name. @p rank is not TK_RANK_NONE. @locality any @locks none */
const char *tk_rank_name(enum tk_rank rank);

/** @brief A member that is a string; "" if it is not. NULL has no members. @locality any @locks none */
const char *tk_seen_text(const json_t *object, const char *name);
/** @brief A member that is an integer; 0 if it is not. @locality any @locks none */
json_int_t tk_seen_number(const json_t *object, const char *name);

#endif /* TK_SEEN_H */
