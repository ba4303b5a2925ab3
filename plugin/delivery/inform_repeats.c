/* SPDX-License-Identifier: Apache-2.0 */
#include "delivery/inform_repeats.h"

#include <stdlib.h>

#include "queue/inform_results.h"

struct tk_inform_repeat {
    uint64_t seq;
    uint32_t reply;
    uint32_t next; /* in its list, or among those that were given back; 0: none */
};

void tk_inform_repeats_init(struct tk_inform_repeats *ws)
{
    *ws = (struct tk_inform_repeats){0};
}

void tk_inform_repeats_done(struct tk_inform_repeats *ws)
{
    free(ws->pool);
    tk_inform_repeats_init(ws);
}

bool tk_inform_repeats_add(struct tk_inform_repeats *ws, uint32_t *list, uint32_t reply, uint64_t seq)
{
    uint32_t n = ws->freed;

    if (!ws->pool && !(ws->pool = malloc(TK_REPLY_PLACES * sizeof(*ws->pool))))
        return false;
    if (n)
        ws->freed = ws->pool[n - 1].next;
    else if (ws->used < TK_REPLY_PLACES)
        n = ++ws->used;
    else
        return false;
    ws->pool[n - 1] = (struct tk_inform_repeat){.seq = seq, .reply = reply, .next = *list};
    *list = n;
    return true;
}

bool tk_inform_repeats_take(struct tk_inform_repeats *ws, uint32_t *list, uint32_t *ret_reply, uint64_t *ret_seq)
{
    uint32_t n = *list;
    struct tk_inform_repeat *waiter;

    if (!n)
        return false;
    waiter = &ws->pool[n - 1];
    *ret_reply = waiter->reply;
    *ret_seq = waiter->seq;
    *list = waiter->next;
    waiter->next = ws->freed;
    ws->freed = n;
    return true;
}
