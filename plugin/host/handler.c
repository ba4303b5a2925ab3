/* SPDX-License-Identifier: Apache-2.0 */
/* The trap handler that snmptrapd calls for each notification: it writes the notification into the ring (flatten.c),
 * then snmptrapd goes on with its own handlers. It takes no lock, and makes no system call unless the worker sleeps.
 * An INFORM that is answered after the delivery needs some system calls (inform.c). */
#include <errno.h>

#include "base/devel.h"
#include "host/arrivals.h"
#include "host/flat_pdu.h"
#include "host/flatten.h"
#include "host/host_internal.h"
#include "host/inform.h"
#include "host/refusals.h"
#include "snmp/trap.h"

#define FULL_LOG_PERIOD (10 * TK_SECOND)

static void log_full(struct tk_host *h, tk_nsec now)
{
    uint64_t held_back;

    if (tk_log_limit_pass(&h->full_limit, now, FULL_LOG_PERIOD, &held_back))
        snmp_log(LOG_ERR,
                 "trapkafka: the queue is full: %llu traps dropped since the last such line; Kafka accepts no events "
                 "(see earlier lines), or too few: then raise SIZE in kafkaQueue\n",
                 (unsigned long long)held_back + 1);
}

/* Tell of a notification that can never be a record, with its sender. */
static void tell(struct tk_host *h, const netsnmp_pdu *pdu, const netsnmp_transport *transport, enum tk_ring_loss loss)
{
    struct tk_refusal r;

    if (loss == TK_LOSS_TOO_LARGE) {
        tk_authorize_describe(&r, pdu, transport, TK_HINT_TOO_LARGE);
        r.most = (int32_t)TK_TRAP_MAX_BYTES;
    } else if (pdu->command == SNMP_MSG_TRAP && !tk_flat_pdu_knows_generic(pdu->trap_type)) {
        tk_authorize_describe(&r, pdu, transport, TK_HINT_GENERIC_TRAP);
        r.seen = (int32_t)pdu->trap_type;
    } else {
        tk_authorize_describe(&r, pdu, transport, TK_HINT_BAD_OID);
    }
    tk_refusals_tell(h, &r);
}

/* Count a notification that is not queued. @returns what snmptrapd does next */
static int lose(struct tk_host *h, const netsnmp_pdu *pdu, const netsnmp_transport *transport, enum tk_ring_loss loss,
                tk_nsec now, int go_on)
{
    TK_ASSERT(loss < TK_LOSSES);
    if (loss == TK_LOSS_QUEUE_FULL)
        log_full(h, now);
    else if (loss == TK_LOSS_MALFORMED || loss == TK_LOSS_TOO_LARGE)
        tell(h, pdu, transport, loss);
    tk_ring_count_loss(h->ring, loss);
    /* A dropped INFORM gets no reply, so its sender retries. The queue may have room by then. */
    return pdu->command == SNMP_MSG_INFORM ? TK_TRAPD_FINISH : go_on;
}

static int take(struct tk_host *h, netsnmp_pdu *pdu, const netsnmp_transport *transport, const struct tk_time *now)
{
    const int go_on = h->settings->is_logging_traps ? TK_TRAPD_OK : TK_TRAPD_BREAK;
    enum tk_inform_fate fate = TK_INFORM_ORDINARY;
    struct tk_flat flat;
    int loss = tk_flatten(h->ring, pdu, transport, &flat);

    tk_arrivals_claim();
    DEBUGMSGTL(("trapkafka", "notification of PDU type %d: %s\n", pdu->command,
                loss < 0 ? "accepted" : "dropped and counted"));
    if (loss == TK_LOSS_QUEUE_FULL && pdu->command == SNMP_MSG_INFORM && tk_inform_is_known(h, pdu, &flat, now->mono))
        loss = TK_LOSS_RETRANSMISSION;
    if (loss >= 0)
        return lose(h, pdu, transport, (enum tk_ring_loss)loss, now->mono, go_on);
    if (pdu->command == SNMP_MSG_INFORM)
        fate = tk_inform_take(h, pdu, &flat, now->mono);
    if (fate == TK_INFORM_REPEATED) {
        tk_ring_count_loss(h->ring, TK_LOSS_RETRANSMISSION);
        return TK_TRAPD_FINISH;
    }
    TK_ASSERT(flat.len <= TK_TRAP_MAX_BYTES);
    (void)tk_ring_commit(h->ring, flat.len, now);
    return fate == TK_INFORM_ONCE_MORE ? TK_TRAPD_FINISH : go_on;
}

static int handle(netsnmp_pdu *pdu, netsnmp_transport *transport, struct netsnmp_trapd_handler_s *self)
{
    struct tk_host *h = &tk_host;
    struct tk_time now = tk_clock_now();

    (void)self;
    if (!h->is_running) {
        tk_host_start(h); /* with socket activation a packet can come before the first alarm */
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
