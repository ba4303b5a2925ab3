/* SPDX-License-Identifier: Apache-2.0 */
/* net-snmp copies a listening tcp transport for each connection that it accepts, the hook of its f_recv included. */
#include "host/arrivals.h"

#include <errno.h>
#include <string.h>

#include "base/devel.h"
#include "host/refusals.h"
#include "host/streams.h"
#include "refusal/message_flaw.h"
#include "snmp/framing.h"
#include "usm/usm_peer.h"

#define MAX_WATCHED 64

static struct {
    const netsnmp_transport *transport; /* only compared, never dereferenced: it may be freed */
    const oid *domain;                  /* the same for all transports of one kind */
    tk_transport_receive *own;
} watched[MAX_WATCHED];
static unsigned watched_count;

/** net-snmp's counters that tell what became of a message which did not get to snmptrapd's callback. */
enum counter { UNHANDLED, BAD_VERSION, UNKNOWN_ENGINE, NOT_IN_TIME, BAD_ASN, INVALID, COUNTERS };
static const int counters[COUNTERS] = {
    [UNHANDLED] = STAT_SNMPUNKNOWNPDUHANDLERS,
    [BAD_VERSION] = STAT_SNMPINBADVERSIONS,
    [UNKNOWN_ENGINE] = STAT_USMSTATSUNKNOWNENGINEIDS,
    [NOT_IN_TIME] = STAT_USMSTATSNOTINTIMEWINDOWS,
    [BAD_ASN] = STAT_SNMPINASNPARSEERRS,
    [INVALID] = STAT_SNMPINVALIDMSGS,
};

/** The message received last, unless it was claimed, or is in snmptrapd's callback. */
static struct {
    bool is_open;
    struct tk_peer peer;
    size_t len, known;
    uint32_t seen[COUNTERS]; /* before net-snmp parsed it */
    uint8_t head[TK_MESSAGE_HEAD];
} newest;

static struct tk_arrival_turn *innermost;

/* --- the end of an arrival ------------------------------------------------------------------------------------- */

void tk_arrivals_enter(struct tk_arrival_turn *turn)
{
    newest.is_open = false;
    *turn = (struct tk_arrival_turn){.outer = innermost};
    innermost = turn;
}

void tk_arrivals_leave(struct tk_host *h, struct tk_arrival_turn *turn)
{
    TK_ASSERT(innermost == turn);
    innermost = turn->outer;
    if (!turn->is_claimed && h->is_running)
        tk_stats_add(&h->stats, TK_OTHER, 1);
}

void tk_arrivals_claim(void)
{
    if (newest.is_open) { /* received while a callback has an earlier one, or there is none */
        newest.is_open = false;
    } else if (innermost) {
        TK_ASSERT(!innermost->is_claimed);
        innermost->is_claimed = true;
    }
}

static bool rose(enum counter which)
{
    return (uint32_t)snmp_get_statistic(counters[which]) != newest.seen[which];
}

/* What became of the newest message? @returns false: it is no notification. Else @p r says why it was refused. */
static bool find_reason(struct tk_refusal *r)
{
    r->reason = TK_REASON_MALFORMED;
    r->hint = tk_message_flaw(r, newest.head, newest.known, newest.len);
    if (r->hint != TK_HINT_NONE)
        return true;
    if (rose(UNHANDLED)) /* a response or report to nobody's request */
        return false;
    if (rose(UNKNOWN_ENGINE) || rose(NOT_IN_TIME)) /* an INFORM's sender asks for our engine ID and time */
        return false;
    if (rose(BAD_VERSION)) {
        r->hint = TK_HINT_VERSION_DISABLED;
    } else if (rose(BAD_ASN) || rose(INVALID)) {
        r->hint = TK_HINT_BAD_PDU;
    } else if (snmp_errno != SNMPERR_SUCCESS) { /* net-snmp answered a probe for the context engine ID (RFC 5343) */
        return false;
    } else { /* net-snmp did not look at the message */
        r->reason = TK_REASON_NOT_AUTHORIZED;
        r->hint = TK_HINT_HOST_DENIED;
    }
    return true;
}

void tk_arrivals_settle(struct tk_host *h)
{
    struct tk_refusal r = {.peer = newest.peer};

    if (!newest.is_open)
        return;
    newest.is_open = false;
    if (!h->is_running)
        return;
    if (find_reason(&r))
        tk_refusals_count(h, &r);
    else
        tk_stats_add(&h->stats, TK_OTHER, 1);
}

/* A message or a part of one that net-snmp can't use. */
static void count_unusable(const struct tk_peer *peer, enum tk_hint hint, size_t seen, size_t most)
{
    const struct tk_refusal r = {.reason = TK_REASON_MALFORMED,
                                 .hint = hint,
                                 .peer = *peer,
                                 .seen = (int32_t)seen,
                                 .most = (int32_t)most};

    if (tk_host.is_running)
        tk_refusals_count(&tk_host, &r);
}

static void count_lost(const struct tk_peer *peer, unsigned messages)
{
    while (messages--)
        count_unusable(peer, TK_HINT_STREAM_LOST, 0, 0);
}

static void count_cut(const struct tk_peer *peer)
{
    count_unusable(peer, TK_HINT_STREAM_ENDED, 0, 0);
}

void tk_arrivals_end(struct tk_host *h)
{
    tk_arrivals_settle(h);
    tk_streams_end(count_cut);
}

/* --- its beginning --------------------------------------------------------------------------------------------- */

static void begin(const struct tk_peer *peer, const uint8_t *message, size_t len)
{
    newest.is_open = true;
    newest.peer = *peer;
    newest.len = len;
    newest.known = len < sizeof(newest.head) ? len : sizeof(newest.head);
    memcpy(newest.head, message, newest.known);
    for (int i = 0; i < COUNTERS; i++)
        newest.seen[i] = (uint32_t)snmp_get_statistic(counters[i]);
    snmp_errno = SNMPERR_SUCCESS;
}

static int receive_datagram(netsnmp_transport *t, tk_transport_receive *own, void *buf, int size, void **opaque,
                            int *opaque_len)
{
    int len = own(t, buf, size, opaque, opaque_len);
    struct tk_peer peer;

    if (len < 0 ||
        t->flags & NETSNMP_TRANSPORT_FLAG_EMPTY_PKT) /* the latter: a part of a DTLS handshake, for instance */
        return len;
    tk_peer_read(&peer, opaque ? *opaque : NULL, opaque_len ? *opaque_len : 0,
                 t->flags & NETSNMP_TRANSPORT_FLAG_STREAM);
    begin(&peer, buf, (size_t)len);
    return len;
}

static int receive_part(netsnmp_transport *t, tk_transport_receive *own, void *buf, int size, void **opaque,
                        int *opaque_len)
{
    struct tk_received got;
    struct tk_peer peer;
    int len;

    tk_peer_read(&peer, t->data, t->data_length, true);
    len = tk_streams_receive(t, own, buf, size, opaque, opaque_len, &got);
    switch (got.what) {
    case TK_RECEIVED_WHOLE: begin(&peer, got.message, got.len); break;
    case TK_RECEIVED_CUT: count_cut(&peer); break;
    case TK_RECEIVED_GARBAGE:
        count_unusable(&peer, TK_HINT_STREAM_BROKEN, 0, 0);
        count_lost(&peer, got.lost);
        break;
    case TK_RECEIVED_TOO_LARGE:
        count_unusable(&peer, TK_HINT_TOO_LARGE, got.len, TK_FRAMING_MOST);
        count_lost(&peer, got.lost);
        break;
    default: break;
    }
    return len;
}

/* @returns the transport's own f_recv; for an unknown transport that of another of its kind */
static tk_transport_receive *own_of(const netsnmp_transport *t)
{
    tk_transport_receive *of_kind = NULL;

    for (unsigned i = 0; i < watched_count; i++) {
        if (watched[i].transport == t)
            return watched[i].own;
        if (watched[i].domain == t->domain)
            of_kind = watched[i].own;
    }
    return of_kind;
}

/* Called in place of the transport's f_recv. */
static int receive(netsnmp_transport *t, void *buf, int size, void **opaque, int *opaque_len)
{
    tk_transport_receive *own = own_of(t);

    if (!own) {
        errno = EBADF;
        return -1;
    }
    tk_host_start(&tk_host); /* the first message may come before the first alarm */
    tk_arrivals_settle(&tk_host);
    return tk_streams_can(t) ? receive_part(t, own, buf, size, opaque, opaque_len)
                             : receive_datagram(t, own, buf, size, opaque, opaque_len);
}

void tk_arrivals_watch(netsnmp_transport *transport)
{
    unsigned i = 0;

    if (transport->f_recv == receive)
        return;
    while (i < watched_count && watched[i].transport != transport) /* the same address: one that was closed */
        i++;
    if (i == MAX_WATCHED) {
        snmp_log(LOG_WARNING,
                 "trapkafka: snmptrapd listens on more than %d sockets: messages on the others that are no "
                 "notifications, or can't be decoded, are not counted\n",
                 MAX_WATCHED);
        return;
    }
    watched[i].transport = transport;
    watched[i].domain = transport->domain;
    watched[i].own = transport->f_recv;
    if (i == watched_count)
        watched_count++;
    transport->f_recv = receive;
}
