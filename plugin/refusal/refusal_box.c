/* SPDX-License-Identifier: Apache-2.0 */
#include "refusal/refusal_box.h"

#include <stdatomic.h>
#include <stdlib.h>

#include "base/devel.h"

struct tk_refusal_box {
    _Atomic uint64_t put;  /* how many reports were put in so far; written by snmptrapd's thread */
    _Atomic uint64_t took; /* how many were removed so far; written by the worker */
    struct tk_refusal_report place[TK_REFUSAL_PLACES];
};

struct tk_refusal_box *tk_refusal_box_new(void)
{
    return calloc(1, sizeof(struct tk_refusal_box));
}

void tk_refusal_box_free(struct tk_refusal_box *box)
{
    free(box);
}

bool tk_refusal_box_put(struct tk_refusal_box *box, const struct tk_refusal_report *report)
{
    uint64_t put = atomic_load_explicit(&box->put, memory_order_relaxed);

    TK_ON_THREAD(SNMPTRAPD);
    /* Acquire: the worker's reads of the place come before it is written again. */
    if (put - atomic_load_explicit(&box->took, memory_order_acquire) == TK_REFUSAL_PLACES)
        return false;
    box->place[put % TK_REFUSAL_PLACES] = *report;
    atomic_store_explicit(&box->put, put + 1, memory_order_release);
    return true;
}

const struct tk_refusal_report *tk_refusal_box_oldest(const struct tk_refusal_box *box)
{
    uint64_t took = atomic_load_explicit(&box->took, memory_order_relaxed);

    TK_ON_THREAD(WORKER);
    if (atomic_load_explicit(&box->put, memory_order_acquire) == took)
        return NULL;
    return &box->place[took % TK_REFUSAL_PLACES];
}

void tk_refusal_box_took(struct tk_refusal_box *box)
{
    uint64_t took = atomic_load_explicit(&box->took, memory_order_relaxed);

    TK_ON_THREAD(WORKER);
    TK_ASSERT(atomic_load_explicit(&box->put, memory_order_relaxed) != took);
    atomic_store_explicit(&box->took, took + 1, memory_order_release);
}
