/* SPDX-License-Identifier: Apache-2.0 */
#include "reload/mailbox.h"

#include "base/devel.h"

void tk_mailbox_init(struct tk_mailbox *m, void (*wake)(void *arg), void *arg)
{
    atomic_init(&m->slot, NULL);
    m->wake = wake;
    m->arg = arg;
}

void tk_mailbox_done(struct tk_mailbox *m)
{
    tk_bundle_free(atomic_exchange_explicit(&m->slot, NULL, memory_order_acq_rel));
}

void tk_mailbox_send(struct tk_mailbox *m, struct tk_bundle *b)
{
    TK_ON_THREAD(LOADER);
    tk_bundle_free(atomic_exchange_explicit(&m->slot, b, memory_order_acq_rel));
    if (m->wake)
        m->wake(m->arg);
}

struct tk_bundle *tk_mailbox_take(struct tk_mailbox *m)
{
    TK_ON_THREAD(WORKER);
    return atomic_exchange_explicit(&m->slot, NULL, memory_order_acq_rel);
}
