/* SPDX-License-Identifier: Apache-2.0 */
/* The trap handler: the notification goes into the ring (flatten.c), and snmptrapd goes on with its own handlers. No
 * lock, no system call unless the worker sleeps; an INFORM whose answer waits for Kafka costs some (inform.c). */
#include <errno.h>

#include "host/flatten.h"
#include "host/host_internal.h"
#include "host/inform.h"

#define FULL_LOG_PERIOD (10 * TK_SECOND)

static void say_full(struct tk_host *h, tk_nsec now)
{
    uint64_t held_back;

    if (tk_log_limit_pass(&h->full_limit, now, FULL_LOG_PERIOD, &held_back))
        snmp_log(LOG_ERR,
                 "trapkafka: the queue is full: traps are being lost (%llu since the last such line); look "
                 "why Kafka takes none, or give kafkaQueue a larger SIZE\n",
                 (unsigned long long)held_back + 1);
}

/* @returns what snmptrapd is to do next */
static int lose(struct tk_host *h, const netsnmp_pdu *pdu, enum tk_ring_loss loss, tk_nsec now, int go_on)
{
    if (loss == TK_LOSS_QUEUE_FULL)
        say_full(h, now);
    tk_ring_count_loss(h->ring, loss);
    /* What was not accepted is not answered: its sender tries again, and by then there may be room. */
    return pdu->command == SNMP_MSG_INFORM ? TK_TRAPD_FINISH : go_on;
}

static int take(struct tk_host *h, netsnmp_pdu *pdu, const netsnmp_transport *transport, const struct tk_time *now)
{
    const int go_on = h->settings->is_logging_traps ? TK_TRAPD_OK : TK_TRAPD_BREAK;
    enum tk_inform_fate fate = TK_INFORM_ORDINARY;
    struct tk_flat flat;
    int loss = tk_flatten(h->ring, pdu, transport, &flat);

    DEBUGMSGTL(("trapkafka", "notification of %d: %s\n", pdu->command, loss < 0 ? "accepted" : "lost and counted"));
    if (loss == TK_LOSS_QUEUE_FULL && pdu->command == SNMP_MSG_INFORM && tk_inform_is_known(h, pdu, &flat, now->mono))
        loss = TK_LOSS_RETRANSMISSION;
    if (loss >= 0)
        return lose(h, pdu, (enum tk_ring_loss)loss, now->mono, go_on);
    if (pdu->command == SNMP_MSG_INFORM)
        fate = tk_inform_take(h, pdu, &flat, now->mono);
    if (fate == TK_INFORM_REPEATED) {
        tk_ring_count_loss(h->ring, TK_LOSS_RETRANSMISSION);
        return TK_TRAPD_FINISH;
    }
    (void)tk_ring_commit(h->ring, flat.len, now);
    return fate == TK_INFORM_ONCE_MORE ? TK_TRAPD_FINISH : go_on;
}

static int handle(netsnmp_pdu *pdu, netsnmp_transport *transport, struct netsnmp_trapd_handler_s *self)
{
    struct tk_host *h = &tk_host;
    struct tk_time now = tk_clock_now();

    (void)self;
    if (!h->is_running) {
        tk_host_start(h); /* under socket activation a packet can come before the first alarm */
        if (h->is_running && pdu->command == SNMP_MSG_INFORM && tk_sessions_begin_again(pdu, transport))
            return TK_TRAPD_FINISH;
    }
    if (!h->is_running)
        return TK_TRAPD_OK;
    if (transport && !(transport->flags & NETSNMP_TRANSPORT_FLAG_STREAM))
        tk_losses_note_socket(transport->sock);
    return take(h, pdu, transport, &now);
}

int tk_handler_register(void)
{
    struct netsnmp_trapd_handler_s *mine = netsnmp_add_global_traphandler(TK_TRAPD_PRE_LIST, handle);

    if (!mine)
        return -ENOMEM;
    mine->authtypes = TK_TRAPD_AUTH_LOG;
    mine->flags = TK_TRAPD_FLAG_BUILTIN;
    return 0;
}
