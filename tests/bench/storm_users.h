/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file storm_users.h
 * @brief Make the engines of a storm's senders, and print the createUser lines that a receiver of their traps needs.
 */
#ifndef STORM_USERS_H
#define STORM_USERS_H

#include "storm_usm.h"

enum storm_lines {
    STORM_LINES_EXPLICIT, /* a line with -e and localized keys for each engine, which is fast to read */
    STORM_LINES_ANY,      /* one line without -e */
};

/** The words of a `createUser` line. */
struct storm_identity {
    const char *user, *auth, *auth_pass, *priv, *priv_pass;
    enum storm_level level;
};

/**
 * @brief Make engines with numbers from @p base: 80007ED9 (enterprise 32473), 05 (octets), "TS" and the number.
 * @returns @p count engines with their keys, the caller's to free; NULL if OpenSSL failed or memory ran out
 */
struct storm_engine *storm_engines_make(const struct storm_user *user, uint32_t base, size_t count);

/** @brief Print the lines for these engines. For INFORMs, which use the receiver's engine, use STORM_LINES_ANY. */
void storm_users_print(const struct storm_identity *who, const struct storm_user *user, enum storm_lines lines,
                       const struct storm_engine *engines, size_t count);

#endif /* STORM_USERS_H */
