/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file mailbox.h
 * @brief How a bundle gets from the thread that reads files to the worker: one slot, and a way to wake the worker.
 *
 * Whoever takes a bundle out owns it; the sender frees one that was never taken. So the sender knows nothing of the
 * worker.
 *
 * Threads: the loader sends, the worker takes. No lock: one atomic exchange each.
 */
#ifndef TK_MAILBOX_H
#define TK_MAILBOX_H

#include <stdatomic.h>

#include "stages/bundle.h"

struct tk_mailbox {
    _Atomic(struct tk_bundle *) slot;
    void (*wake)(void *arg);
    void *arg;
};

/** @brief Empty. @param wake  wakes the receiver, from the sender's thread; NULL: it looks by itself
 *  @locality any @locks none */
void tk_mailbox_init(struct tk_mailbox *m, void (*wake)(void *arg), void *arg);
/** @brief Free what nobody took. @locality any @locks none */
void tk_mailbox_done(struct tk_mailbox *m);
/** @brief Send; frees what was still in the slot. @locality loader @locks none */
void tk_mailbox_send(struct tk_mailbox *m, struct tk_bundle *b);
/** @returns the newest bundle, now the caller's, or NULL @locality worker @locks none */
struct tk_bundle *tk_mailbox_take(struct tk_mailbox *m);

#endif /* TK_MAILBOX_H */
