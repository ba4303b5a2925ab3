/* SPDX-License-Identifier: Apache-2.0 */
#include "queue/rejects.h"

#include <stdatomic.h>
#include <stdlib.h>

struct tk_reject_box {
    _Atomic uint64_t put;  /* records so far; written by snmptrapd's thread */
    _Atomic uint64_t took; /* written by the worker */
    struct tk_reject place[TK_REJECT_PLACES];
};

struct tk_reject_box *tk_reject_box_new(void)
{
    return calloc(1, sizeof(struct tk_reject_box));
}

void tk_reject_box_free(struct tk_reject_box *box)
{
    free(box);
}

bool tk_reject_box_put(struct tk_reject_box *box, const struct tk_reject *reject)
{
    uint64_t put = atomic_load_explicit(&box->put, memory_order_relaxed);

    /* Acquire: the worker has read the place before it is written anew. */
    if (put - atomic_load_explicit(&box->took, memory_order_acquire) == TK_REJECT_PLACES)
        return false;
    box->place[put % TK_REJECT_PLACES] = *reject;
    atomic_store_explicit(&box->put, put + 1, memory_order_release);
    return true;
}

const struct tk_reject *tk_reject_box_oldest(const struct tk_reject_box *box)
{
    uint64_t took = atomic_load_explicit(&box->took, memory_order_relaxed);

    if (atomic_load_explicit(&box->put, memory_order_acquire) == took)
        return NULL;
    return &box->place[took % TK_REJECT_PLACES];
}

void tk_reject_box_took(struct tk_reject_box *box)
{
    uint64_t took = atomic_load_explicit(&box->took, memory_order_relaxed);

    atomic_store_explicit(&box->took, took + 1, memory_order_release);
}
