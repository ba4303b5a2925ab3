/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file offline.h
 * @brief The worker's stages without a daemon: a flat trap from anywhere becomes the event that would be published.
 *
 * Suppression of repeats is off: each trap is shown. Names come from the built-in dictionary alone (the daemon also
 * has the MIBs that snmptrapd loaded).
 */
#ifndef TK_OFFLINE_H
#define TK_OFFLINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/clock.h"
#include "base/err.h"

struct tk_dict;
struct tk_offline;

/** @brief The dictionary that is built in. @returns the caller's; NULL with @p err set @locality any @locks none */
struct tk_dict *tk_offline_dictionary(struct tk_err *err);

/**
 * @brief Make the tables: those that the module's directives in @p config name, else the built-in ones.
 * @param config  a file with lines of snmptrapd.conf, of which the module's own count; NULL: defaults
 * @returns NULL with @p err set
 * @locality any  @locks none
 */
struct tk_offline *tk_offline_new(const char *config, struct tk_err *err);
/** NULL is a no-op. @locality any @locks none */
void tk_offline_free(struct tk_offline *o);

/**
 * @brief Encode one trap.
 * @param queue  the four bytes that name the queue in event IDs
 * @returns the event's JSON, @p ret_len bytes, not terminated, valid until the next call; NULL: no event can be made
 *          of these bytes
 * @locality any  @locks none
 */
const char *tk_offline_event(struct tk_offline *o, const uint8_t *flat, size_t len, const uint8_t queue[4],
                             uint64_t seq, const struct tk_time *received, size_t *ret_len);

#endif /* TK_OFFLINE_H */
