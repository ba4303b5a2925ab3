/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file refusal_limit.h
 * @brief Limit the log lines about refused packets: one in 10 s for each cause (reason and hint) and sender.
 *
 * TK_REFUSAL_SENDERS senders have a limit of their own at a time. All further ones share one for each cause, so a
 * flood from any number of addresses delays lines of its own cause only.
 *
 * Owner:  snmptrapd's thread. No locks.
 * Memory: fixed, part of the caller's struct.
 */
#ifndef TK_REFUSAL_LIMIT_H
#define TK_REFUSAL_LIMIT_H

#include "base/clock.h"
#include "base/log.h"
#include "refusal/refusal.h"

#define TK_REFUSAL_SENDERS 16

/** All zero: no line was written yet. */
struct tk_refusal_limits {
    struct tk_refusal_sender {
        enum tk_reason reason;
        enum tk_hint hint;
        struct tk_peer peer;
        struct tk_log_limit limit;
    } sender[TK_REFUSAL_SENDERS];
    struct tk_log_limit shared[TK_REASONS][TK_HINTS];
    uint64_t held_back; /* lines, since the beginning */
};

/**
 * @brief Ask whether a line about this refusal may be logged.
 * @param ret_held_back  lines of this cause that were held back and not yet mentioned
 * @returns false: hold it back; it is counted
 * @locality snmptrapd  @locks none
 */
bool tk_refusal_limit_pass(struct tk_refusal_limits *l, const struct tk_refusal *r, tk_nsec now,
                           uint64_t *ret_held_back);

#endif /* TK_REFUSAL_LIMIT_H */
