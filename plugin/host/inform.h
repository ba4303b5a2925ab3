/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file inform.h
 * @brief INFORMs that are answered once Kafka has their event (kafkaInformReply delivered).
 *
 *   new        its key (a hash of the flat trap) gets a place in the table; snmptrapd makes its reply as always,
 *   behind
 *              traphandles and notification log, but the reply is kept (late_reply.h) instead of sent
 *   told       the worker says that Kafka has the event: the kept reply goes out
 *   again      a retransmission has the same key: not published; before the delivery its reply takes the place of the
 *              kept one, because a v3 sender accepts the newest message ID only; after it the reply goes at once
 *   refused    Kafka will never take the event: no answer; a retransmission is published as a new attempt
 *
 * Owner:  snmptrapd's thread.
 * Memory: TK_REPLY_PLACES entries, and TK_INFORM_REPLY_BYTES of kept replies; at a bound the oldest goes.
 */
#ifndef TK_INFORM_H
#define TK_INFORM_H

#include "host/flatten.h"
#include "host/host_internal.h"
#include "host/inform_reply.h"

enum tk_inform_fate {
    TK_INFORM_ORDINARY,  /* publish it; whatever there is to do about its answer has been done */
    TK_INFORM_ONCE_MORE, /* publish it; its traphandles have run already */
    TK_INFORM_REPEATED,  /* a retransmission, to be counted as that and not published */
};

/**
 * @brief Ready to wait for answers, from h->replies; before the first notification. Without memory INFORMs are
 *        answered when they are queued, and the log says so.
 * @locality snmptrapd  @locks none
 */
void tk_informs_init(struct tk_host *h);

/** @brief Forget all of them; before h->replies is freed. Again is harmless. @locality snmptrapd @locks none */
void tk_informs_done(struct tk_host *h);

/** @brief Answer those that the worker told of, where their session is still open. @locality snmptrapd @locks none */
void tk_informs_answer(struct tk_host *h);

/** @brief Once a second: let go of what is too old, and write the counters. @locality snmptrapd @locks none */
void tk_informs_tick(struct tk_host *h, tk_nsec now);

/**
 * @brief Decide what becomes of an INFORM; @p flat is not committed yet, and its head is given the place of its
 *        answer.
 * @locality snmptrapd  @locks none
 */
enum tk_inform_fate tk_inform_take(struct tk_host *h, netsnmp_pdu *pdu, const struct tk_flat *flat, tk_nsec now);

/**
 * @brief The ring has no room for an INFORM: is it one that is known, whose record is there already or has been?
 * @returns true: a retransmission, to be counted as that; its answer is seen to. false: a loss
 * @locality snmptrapd  @locks none
 */
bool tk_inform_is_known(struct tk_host *h, netsnmp_pdu *pdu, const struct tk_flat *flat, tk_nsec now);

/**
 * @brief The reply that snmptrapd made for the INFORM at @p place.
 * @param was_made  false: it made none, because a handler of the operator's wants none sent, ever
 * @param reply     taken over; NULL: no memory, and the next retransmission brings another
 * @locality snmptrapd  @locks none
 */
void tk_inform_keep(struct tk_host *h, uint32_t place, bool was_made, struct tk_late_reply *reply);

#endif /* TK_INFORM_H */
