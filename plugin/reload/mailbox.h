/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file mailbox.h
 * @brief Hand a bundle from the loader thread to the worker: one slot, and a function that wakes the worker.
 *
 * The worker owns a bundle that it takes. If the slot is not empty, the sender frees the bundle in it.
 *
 * Threads: the loader sends, the worker takes. No lock: each is one atomic exchange.
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

/** @brief Make an empty mailbox. @param wake  called in the sender's thread; NULL: the receiver polls
 *  @locality any @locks none */
void tk_mailbox_init(struct tk_mailbox *m, void (*wake)(void *arg), void *arg);
/** @brief Free a bundle that was not taken; both threads have stopped. @locality any @locks none */
void tk_mailbox_done(struct tk_mailbox *m);
/** @brief Send a bundle; frees one that is still in the slot. @locality loader @locks none */
void tk_mailbox_send(struct tk_mailbox *m, struct tk_bundle *b);
/** @brief Take the newest bundle. @returns the bundle, which the caller owns, or NULL @locality worker @locks none */
struct tk_bundle *tk_mailbox_take(struct tk_mailbox *m);

#endif /* TK_MAILBOX_H */
