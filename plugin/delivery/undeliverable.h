/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file undeliverable.h
 * @brief The bounded file of events that no topic takes: one JSON object a line, PATH of the queue +
 *        ".undeliverable".
 *
 *   {"time":"2026-11-22T05:45:26.123456Z","reason":"...","topic":"snmp-traps","event":{...}}
 *
 * Bounded by two generations: when it would grow over the limit, it is renamed to NAME.1, in the place of an older
 * one. It is opened for each line, so it may be moved away at any time; mode 0600.
 */
#ifndef TK_UNDELIVERABLE_H
#define TK_UNDELIVERABLE_H

#include <stddef.h>
#include <stdint.h>

#define TK_UNDELIVERABLE_SUFFIX    ".undeliverable"
#define TK_UNDELIVERABLE_MAX_BYTES ((uint64_t)16 * 1024 * 1024)

/**
 * @brief Append a line, whole or not at all.
 * @param line       its newline included
 * @param max_bytes  of one generation; a longer line has a generation of its own
 * @retval 0 / -errno (-ENOTSUP: there is something else than a file)
 * @locality worker  @locks none
 */
int tk_undeliverable_append(const char *path, uint64_t max_bytes, const char *line, size_t len);

#endif /* TK_UNDELIVERABLE_H */
