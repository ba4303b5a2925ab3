/* SPDX-License-Identifier: Apache-2.0 */
#include "host/inform.h"

#include <errno.h>
#include <limits.h>
#include <string.h>

#include <net-snmp/library/fd_event_manager.h>

#include "base/devel.h"
#include "base/hash.h"
#include "host/inform_answers.h"

#define LOG_PERIOD (10 * TK_SECOND)
#define TURN       256 /* replies that are sent before net-snmp reads its sockets again */

static void write_counters(struct tk_host *h)
{
    tk_stats_set(&h->stats, TK_INFORMS_WAITING, tk_inform_answers_waiting(h->informs));
    tk_stats_set(&h->stats, TK_INFORMS_EVICTED, tk_inform_answers_evicted(h->informs));
}

/* --- answers --------------------------------------------------------------------------------------------------- */

static void free_reply(void *reply)
{
    tk_inform_reply_free(reply);
}

/* Send a reply and free it. */
static void answer(struct tk_host *h, struct tk_inform_reply *reply, tk_nsec now)
{
    int ret = tk_inform_reply_send(reply, tk_sessions_all());
    uint64_t held_back;

    tk_inform_reply_free(reply);
    if (ret == 0)
        tk_stats_add(&h->stats, TK_INFORMS_ANSWERED, 1);
    else if (ret == -ENOTCONN)
        DEBUGMSGTL(("trapkafka", "an INFORM is not answered: its connection is closed\n"));
    else if (tk_log_limit_pass(&h->reply_limit, now, LOG_PERIOD, &held_back))
        snmp_log(LOG_WARNING,
                 "trapkafka: an INFORM's reply could not be sent (%s); Kafka has its event, and the sender will "
                 "retransmit the INFORM (%llu more since the last such line)\n",
                 ret == -EAGAIN ? "the sender does not read from its connection" : "net-snmp's transport failed",
                 (unsigned long long)held_back);
}

/* Learn what the worker has told. Nothing is sent here: after an outage there are thousands. */
static void take_results(struct tk_host *h)
{
    struct tk_inform_result told;
    tk_nsec now = 0;

    while (tk_inform_results_take(h->replies, &told)) {
        if (tk_inform_answers_seq(h->informs, told.place) != told.seq)
            continue; /* its place was given to another INFORM */
        if (!now)
            now = tk_clock_mono();
        tk_inform_answers_end(h->informs, told.place, told.is_delivered ? TK_INFORM_DELIVERED : TK_INFORM_REFUSED, now);
        if (!told.is_delivered)
            tk_inform_reply_free(tk_inform_answers_steal(h->informs, told.place));
    }
    if (now)
        write_counters(h);
}

static void send_some(struct tk_host *h, unsigned most)
{
    tk_nsec now = tk_clock_mono();
    unsigned sent = 0;
    uint32_t place;

    for (; sent < most && (place = tk_inform_answers_next_due(h->informs)); sent++)
        answer(h, tk_inform_answers_steal(h->informs, place), now);
    if (sent)
        DEBUGMSGTL(("trapkafka", "%u INFORMs are answered in this turn\n", sent));
}

/* If replies are due, net-snmp's next turn calls on_told(). */
static void go_on_next_turn(struct tk_host *h)
{
    if (tk_inform_answers_next_due(h->informs))
        tk_inform_results_again(h->replies);
}

void tk_informs_answer(struct tk_host *h)
{
    if (!h->informs)
        return;
    take_results(h);
    send_some(h, UINT_MAX);
}

/* In a turn of net-snmp's loop: some are sent, and between two turns snmptrapd receives. */
static void on_told(int fd, void *arg)
{
    struct tk_host *h = arg;

    (void)fd;
    take_results(h);
    send_some(h, TURN);
    go_on_next_turn(h);
}

/* --- INFORMs --------------------------------------------------------------------------------------------------- */

/* The hash of the flat trap: peer, version, user or community, engine, request ID and varbinds. A retransmission has
 * the same. (Its message ID differs, and is not in the flat trap.) */
static struct tk_hash128 key_of(const struct tk_host *h, const struct tk_flat *flat)
{
    struct tk_hasher hasher;
    uint8_t buf[2048];

    tk_hasher_init(&hasher, buf, sizeof(buf), h->inform_seed);
    tk_hasher_add(&hasher, flat->bytes, flat->len);
    return tk_hasher_end(&hasher);
}

static void keep(struct tk_host *h, uint32_t place, struct tk_inform_reply *reply, tk_nsec now)
{
    if (reply)
        tk_inform_answers_keep(h->informs, place, reply, tk_inform_reply_bytes(reply), now);
    write_counters(h);
}

/* Let @p place wait for the record that is committed next. */
static void wait_for(struct tk_host *h, uint32_t place, const struct tk_flat *flat)
{
    uint64_t seq = tk_ring_next_seq(h->ring);

    TK_ASSERT(place);
    tk_inform_results_forget(h->replies, place); /* the place may have been another INFORM's */
    take_results(h);
    go_on_next_turn(h);
    tk_inform_answers_wait(h->informs, place, seq);
    tk_inform_results_wait(h->replies, place, seq);
    memcpy(flat->bytes + offsetof(struct tk_trap_head, reply), &place, sizeof(place));
}

static enum tk_inform_fate take_known(struct tk_host *h, uint32_t place, netsnmp_pdu *pdu, const struct tk_flat *flat,
                                      tk_nsec now)
{
    struct tk_inform_reply *reply = NULL;

    if (!tk_inform_answers_is_mute(h->informs, place) && tk_sessions_can_hold())
        reply = tk_sessions_make_reply(pdu);
    switch (tk_inform_answers_state(h->informs, place)) {
    case TK_INFORM_DELIVERED:
        tk_inform_reply_free(tk_inform_answers_steal(h->informs, place)); /* one that is due, and older */
        if (reply)
            answer(h, reply, now);
        return TK_INFORM_REPEATED;
    case TK_INFORM_REFUSED:
        wait_for(h, place, flat);
        keep(h, place, reply, now);
        return TK_INFORM_ONCE_MORE;
    default: keep(h, place, reply, now); return TK_INFORM_REPEATED;
    }
}

enum tk_inform_fate tk_inform_take(struct tk_host *h, netsnmp_pdu *pdu, const struct tk_flat *flat, tk_nsec now)
{
    struct tk_hash128 key;
    uint32_t place;

    if (!h->informs)
        return TK_INFORM_ORDINARY;
    take_results(h); /* first, because a retransmission is treated by what the worker has told until now */
    go_on_next_turn(h);
    key = key_of(h, flat);
    place = tk_inform_answers_find(h->informs, key);
    if (place)
        return take_known(h, place, pdu, flat, now);
    if (!h->settings->is_answering_delivered || flat->transport == TK_OTHER_TRANSPORT || !tk_sessions_can_hold())
        return TK_INFORM_ORDINARY;
    send_some(h, 1); /* if a place is given away, it may be that of the reply that is due first */
    place = tk_inform_answers_add(h->informs, key);
    wait_for(h, place, flat);
    tk_sessions_hold(place);
    write_counters(h);
    return TK_INFORM_ORDINARY;
}

bool tk_inform_is_known(struct tk_host *h, netsnmp_pdu *pdu, const struct tk_flat *flat, tk_nsec now)
{
    uint32_t place;

    if (!h->informs)
        return false;
    take_results(h);
    go_on_next_turn(h);
    place = tk_inform_answers_find(h->informs, key_of(h, flat));
    /* An INFORM whose event Kafka refused has to be published again, and the queue has no room for that. */
    return place && tk_inform_answers_state(h->informs, place) != TK_INFORM_REFUSED &&
           take_known(h, place, pdu, flat, now) == TK_INFORM_REPEATED;
}

void tk_inform_keep(struct tk_host *h, uint32_t place, bool was_made, struct tk_inform_reply *reply)
{
    tk_nsec now = tk_clock_mono();

    if (!was_made)
        tk_inform_answers_mute(h->informs, place);
    if (reply && tk_inform_answers_state(h->informs, place) == TK_INFORM_DELIVERED)
        answer(h, reply, now); /* Kafka was faster than snmptrapd's handlers */
    else
        keep(h, place, reply, now);
}

/* --- life ------------------------------------------------------------------------------------------------------ */

void tk_informs_init(struct tk_host *h)
{
    h->informs = h->replies ? tk_inform_answers_new(TK_REPLY_PLACES, TK_INFORM_REPLY_BYTES, free_reply) : NULL;
    h->inform_seed = tk_random_seed();
    if (!h->informs)
        snmp_log(
            LOG_WARNING,
            "trapkafka: out of memory: INFORMs are answered when they are queued, not when Kafka has their events\n");
    else if (register_readfd(tk_inform_results_eventfd(h->replies), on_told, h) != FD_REGISTERED_OK)
        snmp_log(LOG_WARNING, "trapkafka: net-snmp accepts no more descriptors: INFORMs are answered up to a "
                              "second late, 256 a second\n");
}

void tk_informs_done(struct tk_host *h)
{
    if (!h->informs)
        return;
    (void)unregister_readfd(tk_inform_results_eventfd(h->replies));
    tk_inform_answers_free(h->informs);
    h->informs = NULL;
}

void tk_informs_tick(struct tk_host *h, tk_nsec now)
{
    if (!h->informs)
        return;
    on_told(-1, h); /* in case the descriptor could not be registered */
    tk_inform_answers_expire(h->informs, now);
    write_counters(h);
}
