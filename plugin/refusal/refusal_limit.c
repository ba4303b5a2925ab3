/* SPDX-License-Identifier: Apache-2.0 */
#include "refusal/refusal_limit.h"

#include <string.h>

#include "base/devel.h"

static bool is_of(const struct tk_refusal_sender *s, const struct tk_refusal *r)
{
    return s->limit.was_used && s->reason == r->reason && s->hint == r->hint && s->peer.family == r->peer.family &&
           memcmp(s->peer.address, r->peer.address, sizeof(s->peer.address)) == 0;
}

/* Forget a sender. What was held back of it is mentioned with the next shared line of its cause. */
static void give_up(struct tk_refusal_limits *l, struct tk_refusal_sender *s)
{
    l->shared[s->reason][s->hint].held_back += s->limit.held_back;
    *s = (struct tk_refusal_sender){0};
}

/* @returns the limit of this cause and sender; if no place is free, that of the cause */
static struct tk_log_limit *limit_of(struct tk_refusal_limits *l, const struct tk_refusal *r, tk_nsec now)
{
    struct tk_refusal_sender *free_place = NULL;

    for (struct tk_refusal_sender *s = l->sender; s < l->sender + TK_REFUSAL_SENDERS; s++) {
        if (is_of(s, r))
            return &s->limit;
        if (!s->limit.was_used || now - s->limit.last >= TK_LOG_PERIOD)
            free_place = s;
    }
    if (!free_place)
        return &l->shared[r->reason][r->hint];
    give_up(l, free_place);
    *free_place = (struct tk_refusal_sender){.reason = r->reason, .hint = r->hint, .peer = r->peer};
    return &free_place->limit;
}

bool tk_refusal_limit_pass(struct tk_refusal_limits *l, const struct tk_refusal *r, tk_nsec now,
                           uint64_t *ret_held_back)
{
    TK_ASSERT(tk_hint_fits(r->hint, r->reason));
    if (tk_log_limit_pass(limit_of(l, r, now), now, TK_LOG_PERIOD, ret_held_back))
        return true;
    l->held_back++;
    return false;
}
