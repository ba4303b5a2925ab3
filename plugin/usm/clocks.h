/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file clocks.h
 * @brief The engines whose clock had moved (guard.h) before snmptrapd was restarted, until they are heard again.
 *
 * Without them whoever recorded messages could send them again after a restart, as those of an engine whose clock does
 * not move. clocks_file.h writes and reads them. An engine is kept as a hash of its ID and its user's name, so that the
 * file tells neither.
 *
 * Owner:  snmptrapd's thread. No locks.
 * Bound:  twice that of kafkaEngines, by whoever reads the file.
 * Memory: 28 bytes an engine; given back at the end only.
 */
#ifndef TK_CLOCKS_H
#define TK_CLOCKS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct tk_clocks;

/** @returns NULL when out of memory @locality any @locks none */
struct tk_clocks *tk_clocks_new(void);
/** @brief NULL is a no-op. @locality snmptrapd @locks none */
void tk_clocks_free(struct tk_clocks *t);

/** @brief Forget all, and hash with this seed from now on. @locality snmptrapd @locks none */
void tk_clocks_begin(struct tk_clocks *t, uint64_t seed);
/** @returns the seed @locality snmptrapd @locks none */
uint64_t tk_clocks_seed(const struct tk_clocks *t);

/** @brief Recall no engine that was heard before this moment, seconds since 1970 (TTL of kafkaEngines).
 *  @locality snmptrapd @locks none */
void tk_clocks_expire(struct tk_clocks *t, uint32_t before);

/** @returns the key of this engine and user @locality snmptrapd @locks none */
uint64_t tk_clocks_key(const struct tk_clocks *t, const uint8_t *engine, size_t engine_len, const char *user);
/** @brief Remember that this engine's clock has moved. @param heard  when it was heard last, seconds since 1970
 *  @returns false when out of memory @locality snmptrapd @locks none */
bool tk_clocks_remember(struct tk_clocks *t, uint64_t key, uint32_t heard);
/** @brief Is this engine, of which the first message came, one whose clock had moved? Its memory ends with this call.
 *  @locality snmptrapd @locks none */
bool tk_clocks_recall(struct tk_clocks *t, const uint8_t *engine, size_t engine_len, const char *user);

/**
 * @brief Look at what is remembered, one engine after the other; those that are recalled meanwhile are left out.
 * @param number     from 1 on
 * @param ret_heard  0: this place is free, or its engine is expired
 * @returns false: there is no such place, nor any after it
 * @locality snmptrapd  @locks none
 */
bool tk_clocks_at(const struct tk_clocks *t, uint32_t number, uint64_t *ret_key, uint32_t *ret_heard);
/** @brief How many are remembered. @locality snmptrapd @locks none */
uint32_t tk_clocks_count(const struct tk_clocks *t);

/** @brief Note that an engine's clock was seen to move for the first time. @locality snmptrapd @locks none */
void tk_clocks_moved(struct tk_clocks *t);
/** @brief How often that was. @locality snmptrapd @locks none */
uint64_t tk_clocks_changes(const struct tk_clocks *t);

#endif /* TK_CLOCKS_H */
