/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file storm_users.h
 * @brief The engines of a storm's senders, and the createUser lines that a receiver of their traps needs.
 */
#ifndef STORM_USERS_H
#define STORM_USERS_H

#include "storm_usm.h"

enum storm_lines {
    STORM_LINES_EXPLICIT, /* one with -e for each engine, with its localized keys: quick to read */
    STORM_LINES_ANY,      /* one without -e */
};

/** What `createUser` would say. */
struct storm_identity {
    const char *user, *auth, *auth_pass, *priv, *priv_pass;
    enum storm_level level;
};

/**
 * @brief Engines number @p base and up: 8000 7ED9 (32473, for examples), 05 (octets), "TS" and the number.
 * @returns @p count engines with their keys, the caller's to free; NULL when OpenSSL refuses or memory is out
 */
struct storm_engine *storm_engines_make(const struct storm_user *user, uint32_t base, size_t count);

/** @brief Print the lines for these engines. INFORMs are sent to the receiver's engine: STORM_LINES_ANY. */
void storm_users_print(const struct storm_identity *who, const struct storm_user *user, enum storm_lines lines,
                       const struct storm_engine *engines, size_t count);

#endif /* STORM_USERS_H */
