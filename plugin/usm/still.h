/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file still.h
 * @brief The digests of the last messages of engines whose clock has not moved yet, so that an identical message is
 *        recognized. Boots and time can't tell a replay from a new message there.
 *
 * Every engine is here from its first message until its clock is seen to move, which for most is their next message.
 * Engines whose clock never moves stay.
 *
 * Owner:  snmptrapd's thread. No locks.
 * Bound:  TK_STILL_ENGINES engines, TK_STILL_DIGESTS digests of each, TK_STILL_TOTAL in all. At a bound the engine
 *         unheard for the longest makes room; tk_still_evicted() counts its digests.
 * Memory: 60 bytes an engine, and 8 a digest in arrays of 4, 16, 64 and 256: 6.25 MiB at the bounds.
 */
#ifndef TK_STILL_H
#define TK_STILL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define TK_STILL_ENGINES 65536u
#define TK_STILL_DIGESTS 256u
#define TK_STILL_TOTAL   262144u /* places in the arrays */

struct tk_still;

/** @returns NULL when out of memory @locality any @locks none */
struct tk_still *tk_still_new(void);
/** @brief NULL is a no-op. @locality snmptrapd @locks none */
void tk_still_free(struct tk_still *t);

/** @brief Is this digest among the last ones of this engine? @param engine  a hash of engine ID and user
 *  @locality snmptrapd @locks none */
bool tk_still_has(const struct tk_still *t, uint64_t engine, uint64_t digest);
/** @brief Keep a digest; the engine's 256 newest stay. Out of memory, it is not kept, and counted as evicted.
 *  @locality snmptrapd @locks none */
void tk_still_add(struct tk_still *t, uint64_t engine, uint64_t digest);
/** @brief Discard the digests of an engine: its clock has moved. @locality snmptrapd @locks none */
void tk_still_forget(struct tk_still *t, uint64_t engine);

/** @brief Digests that made room at a bound of all engines, since the beginning. @locality snmptrapd @locks none */
uint64_t tk_still_evicted(const struct tk_still *t);
/** @brief Places for digests that are taken. @locality snmptrapd @locks none */
uint32_t tk_still_places(const struct tk_still *t);

#endif /* TK_STILL_H */
