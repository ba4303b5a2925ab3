/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file guard.h
 * @brief The replay guard (kafkaReplayGuard): is an authentic message of another engine new?
 *
 * net-snmp has checked RFC 3414's time window already: boots are not lower than known, and with equal boots the time is
 * not more than 150 s behind. But it accepts an unchanged clock indefinitely, so it would accept each message of an
 * engine's newest second for ever. Beyond that check:
 *
 *   boots 2147483647        refused (RFC 3414 section 2.2.3)
 *   first message           accepted, unchecked: there is nothing to compare it with
 *   boots or time advanced  accepted
 *   clock as known, and it has moved before
 *                           for 150 s accepted, as the time window permits; then refused: it has to go on moving
 *   clock as known, and it has never moved
 *                           unchecked, and an identical message refused; after 150 s strict refuses the others too
 *
 * A clock has moved when the time has changed while boots were equal. Higher boots alone do not count: there are
 * devices that count their restarts and always send the same time. While a clock has not moved, the digests of its
 * last 256 messages with these boots are kept (still.h).
 *
 * That a clock has moved is remembered across restarts (clocks.h); boots and time are not, so that a restart of
 * snmptrapd accepts a device that lost its boots.
 *
 * Owner: snmptrapd's thread. No locks. Time is an argument.
 */
#ifndef TK_GUARD_H
#define TK_GUARD_H

#include <stdbool.h>
#include <stdint.h>

#include "refusal/reasons.h"
#include "usm/clocks.h"
#include "usm/engines.h"
#include "usm/still.h"

#define TK_BOOTS_LATCHED 2147483647u
#define TK_TIME_WINDOW   150u /* seconds, RFC 3414 section 3.2 7 */

struct tk_guard {
    bool is_strict;
    uint64_t seed;
    struct tk_still *still;
    struct tk_clocks *clocks;
    uint64_t still_engines; /* accepted although their clock has not moved for over 150 s; since the beginning */
};

/** An authentic message. */
struct tk_guarded {
    const uint8_t *engine;
    size_t engine_len;
    const char *user;
    uint32_t user_id;
    uint32_t boots, time;
    uint32_t now;    /* this receiver's engine time, seconds */
    uint64_t digest; /* see tk_guard_digest() */
};

/** What the guard says. */
struct tk_guard_verdict {
    enum tk_hint refused; /* TK_HINT_NONE: accepted */
    bool is_checked;      /* compared with an earlier clock of the engine, and newer */
};

/** @returns false when out of memory; tk_guard_done() is allowed @locality any @locks none */
bool tk_guard_init(struct tk_guard *g);
/** @brief Free all; all zero is a no-op. @locality snmptrapd @locks none */
void tk_guard_done(struct tk_guard *g);

/** @returns the part of a message's digest (at least 12 octets of an HMAC) by which it is recognized
 *  @locality any @locks none */
uint64_t tk_guard_digest(const uint8_t *digest, size_t len);

/** @brief Judge a message that net-snmp accepted. @param e  the engine; NULL: this is its first message
 *  @locality snmptrapd @locks none */
struct tk_guard_verdict tk_guard_judge(const struct tk_guard *g, const struct tk_engine *e, const struct tk_guarded *m);

/**
 * @brief Note an accepted message in its engine.
 * @param is_first  @p e was made for this message
 * @returns whether it is the first message by which the engine's clock has stood still for over 150 s
 * @locality snmptrapd  @locks none
 */
bool tk_guard_note(struct tk_guard *g, struct tk_engine *e, const struct tk_guarded *m, bool is_first);

#endif /* TK_GUARD_H */
