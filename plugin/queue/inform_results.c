/* SPDX-License-Identifier: Apache-2.0 */
#include "queue/inform_results.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/devel.h"

/* One slot for each place. One for a reply that the worker writes while snmptrapd's thread gives its place to another
 * INFORM (inform_results.h). One that stays free: first == end means empty. */
#define QUEUE_SLOTS (TK_REPLY_PLACES + 2)

struct tk_inform_results {
    int eventfd;
    bool is_told;           /* worker: a reply was queued since the last wake */
    _Atomic uint32_t first; /* written by snmptrapd's thread: the next reply to take */
    _Atomic uint32_t end;   /* written by the worker: the slot behind the last reply */
    struct tk_inform_result queue[QUEUE_SLOTS];
    _Atomic uint64_t seq[TK_REPLY_PLACES + 1]; /* the record that each place waits for; 0: none */
};

struct tk_inform_results *tk_inform_results_new(void)
{
    struct tk_inform_results *r = calloc(1, sizeof(*r));

    if (!r)
        return NULL;
    r->eventfd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (r->eventfd < 0) {
        free(r);
        return NULL;
    }
    return r;
}

void tk_inform_results_free(struct tk_inform_results *r)
{
    if (!r)
        return;
    (void)close(r->eventfd);
    free(r);
}

int tk_inform_results_eventfd(const struct tk_inform_results *r)
{
    return r->eventfd;
}

/* --- snmptrapd's thread ---------------------------------------------------------------------------------------- */

/* Relaxed is enough: the record is committed after this store, and the ring's release and acquire of `head` order it
 * before the worker's load. */
void tk_inform_results_wait(struct tk_inform_results *r, uint32_t place, uint64_t seq)
{
    TK_ON_THREAD(SNMPTRAPD);
    TK_ASSERT(place >= 1 && place <= TK_REPLY_PLACES && seq != 0);
    atomic_store_explicit(&r->seq[place], seq, memory_order_relaxed);
}

void tk_inform_results_forget(struct tk_inform_results *r, uint32_t place)
{
    TK_ON_THREAD(SNMPTRAPD);
    TK_ASSERT(place >= 1 && place <= TK_REPLY_PLACES);
    atomic_store_explicit(&r->seq[place], 0, memory_order_relaxed);
}

static uint32_t after(uint32_t slot)
{
    return slot + 1 == QUEUE_SLOTS ? 0 : slot + 1;
}

static bool take(struct tk_inform_results *r, struct tk_inform_result *ret_reply)
{
    uint32_t first = atomic_load_explicit(&r->first, memory_order_relaxed);

    if (first == atomic_load_explicit(&r->end, memory_order_acquire))
        return false;
    *ret_reply = r->queue[first];
    atomic_store_explicit(&r->first, after(first), memory_order_release);
    return true;
}

bool tk_inform_results_take(struct tk_inform_results *r, struct tk_inform_result *ret_reply)
{
    uint64_t n;

    TK_ON_THREAD(SNMPTRAPD);
    if (take(r, ret_reply))
        return true;
    (void)!read(r->eventfd, &n, sizeof(n)); /* not readable any more: look again for a reply queued before this */
    return take(r, ret_reply);
}

void tk_inform_results_again(struct tk_inform_results *r)
{
    const uint64_t one = 1;

    TK_ON_THREAD(SNMPTRAPD);
    (void)!write(r->eventfd, &one, sizeof(one)); /* fails only if the counter is full: then it is readable anyway */
}

/* --- worker ---------------------------------------------------------------------------------------------------- */

void tk_inform_results_tell(struct tk_inform_results *r, uint32_t place, uint64_t seq, bool is_delivered)
{
    uint32_t end = atomic_load_explicit(&r->end, memory_order_relaxed);
    uint64_t expected = seq;

    TK_ON_THREAD(WORKER);
    if (place == 0 || place > TK_REPLY_PLACES || seq == 0 ||
        after(end) == atomic_load_explicit(&r->first, memory_order_acquire) ||
        !atomic_compare_exchange_strong_explicit(&r->seq[place], &expected, 0, memory_order_relaxed,
                                                 memory_order_relaxed))
        return;
    r->queue[end] = (struct tk_inform_result){.place = place, .seq = seq, .is_delivered = is_delivered};
    atomic_store_explicit(&r->end, after(end), memory_order_release);
    r->is_told = true;
}

void tk_inform_results_tell_damaged(struct tk_inform_results *r, uint64_t from, uint64_t end)
{
    TK_ON_THREAD(WORKER);
    for (uint32_t place = 1; place <= TK_REPLY_PLACES; place++) {
        uint64_t seq = atomic_load_explicit(&r->seq[place], memory_order_relaxed);

        if (seq >= from && seq < end)
            tk_inform_results_tell(r, place, seq, false);
    }
}

void tk_inform_results_wake(struct tk_inform_results *r)
{
    const uint64_t one = 1;

    TK_ON_THREAD(WORKER);
    if (!r->is_told)
        return;
    r->is_told = false;
    (void)!write(r->eventfd, &one, sizeof(one)); /* fails only if the counter is full: then it is readable anyway */
}
