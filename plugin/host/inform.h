/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file inform.h
 * @brief Answer INFORMs when Kafka has their event (kafkaInformReply delivered).
 *
 *   new             The INFORM's key (a hash of the flat trap) gets a place in the table. snmptrapd makes its reply
 *                   as always, after traphandles and notification log. It is kept (inform_reply.h), not sent.
 *   delivered       The worker tells that Kafka has the event: the kept reply is due. After an outage thousands are; so
 *                   they are sent in turns of a bounded number, between which snmptrapd receives.
 *   retransmission  It has the same key and is not published. Before the delivery its reply replaces the kept one,
 *                   because a v3 sender accepts the newest message ID only. After it the reply is sent at once.
 *   refused         The event is condemned: no reply. A retransmission is published as a new attempt.
 *
 * Owner:  snmptrapd's thread.
 * Memory: TK_REPLY_PLACES entries, and TK_INFORM_REPLY_BYTES of kept replies; at a bound the oldest is dropped.
 */
#ifndef TK_INFORM_H
#define TK_INFORM_H

#include "host/flatten.h"
#include "host/host_internal.h"
#include "host/inform_reply.h"

enum tk_inform_fate {
    TK_INFORM_ORDINARY,  /* publish it; its reply is taken care of */
    TK_INFORM_ONCE_MORE, /* publish it again; snmptrapd's traphandles have run already */
    TK_INFORM_REPEATED,  /* a retransmission: count it, do not publish it */
};

/**
 * @brief Start to take delivery results from h->replies; before the first notification. If out of memory, INFORMs are
 *        answered when they are queued, and a log line says so.
 * @locality snmptrapd  @locks none
 */
void tk_informs_init(struct tk_host *h);

/** @brief Free the table; before h->replies is freed. A second call does no harm. @locality snmptrapd @locks none */
void tk_informs_done(struct tk_host *h);

/** @brief Answer all INFORMs whose events were delivered and whose session is open; when snmptrapd stops.
 *  @locality snmptrapd @locks none */
void tk_informs_answer(struct tk_host *h);

/** @brief Call once a second: drops old entries, and writes the counters. @locality snmptrapd @locks none */
void tk_informs_tick(struct tk_host *h, tk_nsec now);

/**
 * @brief Decide what to do with an INFORM. @p flat is not committed yet; its head gets the place in the table.
 * @locality snmptrapd  @locks none
 */
enum tk_inform_fate tk_inform_take(struct tk_host *h, netsnmp_pdu *pdu, const struct tk_flat *flat, tk_nsec now);

/**
 * @brief For an INFORM for which the ring has no room: is it a retransmission of one that was queued?
 * @returns true: count a retransmission; its reply is taken care of. false: count a loss
 * @locality snmptrapd  @locks none
 */
bool tk_inform_is_known(struct tk_host *h, netsnmp_pdu *pdu, const struct tk_flat *flat, tk_nsec now);

/**
 * @brief Keep the reply that snmptrapd made for the INFORM at @p place.
 * @param was_made  false: snmptrapd made none, because a handler of the operator's suppressed it; so never answer
 * @param reply     owned by the callee; NULL: out of memory, the next retransmission brings another
 * @locality snmptrapd  @locks none
 */
void tk_inform_keep(struct tk_host *h, uint32_t place, bool was_made, struct tk_inform_reply *reply);

#endif /* TK_INFORM_H */
