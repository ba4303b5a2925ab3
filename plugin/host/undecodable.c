/* SPDX-License-Identifier: Apache-2.0 */
/* Report packets that net-snmp can't decode. They reach no handler; net-snmp only counts them. So f_recv of the
 * transports is hooked: it remembers the sender of the newest packet, and net-snmp's counters tell later whether that
 * packet could be decoded.
 *
 * net-snmp copies a listening tcp transport for each connection that it accepts, the hook included. */
#include <errno.h>
#include <string.h>

#include "host/refusals.h"
#include "snmp/trap.h"
#include "usm/usm.h"
#include "usm/usm_peer.h"

#define MAX_WATCHED 16
#define HEAD_BYTES  16 /* enough for the outermost header and the version */

typedef int transport_receive(netsnmp_transport *t, void *buf, int size, void **opaque, int *opaque_len);

static struct {
    const netsnmp_transport *transport; /* only compared, never dereferenced: it may be freed */
    const oid *domain;                  /* the same for all transports of one kind */
    transport_receive *own;
} watched[MAX_WATCHED];
static unsigned watched_count;

/** The packet received last. */
static struct {
    bool is_known, is_stream;
    uint64_t refused; /* tk_host.refused when it came */
    struct tk_peer peer;
    int head_len;
    uint8_t head[HEAD_BYTES];
} newest;

/* --- counters -------------------------------------------------------------------------------------------------- */

/* The counters have 32 bits and wrap. @returns by how much they rose since the last call */
static uint32_t take_rise(bool *ret_is_version)
{
    static const int counters[] = {STAT_SNMPINBADVERSIONS, STAT_SNMPINASNPARSEERRS, STAT_SNMPINVALIDMSGS,
                                   STAT_SNMPUNKNOWNSECURITYMODELS};
    static uint32_t last_seen[sizeof(counters) / sizeof(counters[0])];
    uint32_t rise = 0;

    for (size_t i = 0; i < sizeof(counters) / sizeof(counters[0]); i++) {
        uint32_t now = (uint32_t)snmp_get_statistic(counters[i]);

        rise += now - last_seen[i];
        if (i == 0)
            *ret_is_version = now != last_seen[i];
        last_seen[i] = now;
    }
    return rise;
}

/* @returns enum tk_snmp_version; 0: unknown, or not readable */
static uint8_t read_version(const uint8_t *at, int len)
{
    int skip = len >= 2 && at[1] & 0x80 ? 2 + (at[1] & 0x7f) : 2; /* the length may have the long form */

    if (len < skip + 3 || at[0] != 0x30 || at[skip] != 2 || at[skip + 1] != 1)
        return 0;
    switch (at[skip + 2]) {
    case SNMP_VERSION_1: return TK_SNMP_V1;
    case SNMP_VERSION_2c: return TK_SNMP_V2C;
    case SNMP_VERSION_3: return TK_SNMP_V3;
    default: return 0;
    }
}

void tk_undecodable_look(struct tk_host *h)
{
    struct tk_refusal r = {.reason = TK_REASON_MALFORMED};
    bool is_version;
    uint32_t packets = take_rise(&is_version);

    if (!packets || !h->is_running)
        return;
    if (newest.is_known && h->refused != newest.refused)
        return; /* refused for another reason, as was noted */
    if (newest.is_known && !newest.is_stream)
        packets = 1; /* one datagram may raise several counters */
    if (newest.is_known) {
        r.peer = newest.peer;
        r.version = read_version(newest.head, newest.head_len);
    }
    r.hint = is_version ? TK_HINT_BAD_VERSION : TK_HINT_NONE;
    tk_losses_count_undecoded(packets);
    while (packets--)
        tk_refusals_note(h, &r);
}

/* --- the hook -------------------------------------------------------------------------------------------------- */

static void remember(const netsnmp_transport *t, const void *bytes, int len, const void *opaque, int opaque_len)
{
    newest.is_known = true;
    newest.is_stream = t->flags & NETSNMP_TRANSPORT_FLAG_STREAM;
    newest.refused = tk_host.refused;
    tk_peer_read(&newest.peer, opaque, opaque_len, newest.is_stream);
    newest.head_len = newest.is_stream ? 0 : len < HEAD_BYTES ? len : HEAD_BYTES; /* a stream has no message bounds */
    memcpy(newest.head, bytes, (size_t)newest.head_len);
}

/* @returns the transport's own f_recv; for an unknown transport that of another of its kind */
static transport_receive *own_of(const netsnmp_transport *t)
{
    transport_receive *of_kind = NULL;

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
    transport_receive *own = own_of(t);
    int len;

    tk_undecodable_look(&tk_host); /* could the packet before this one be decoded? */
    if (!own) {
        errno = EBADF;
        return -1;
    }
    len = own(t, buf, size, opaque, opaque_len);
    if (len >= 0)
        remember(t, buf, len, opaque ? *opaque : NULL, opaque_len ? *opaque_len : 0);
    return len;
}

void tk_undecodable_watch(netsnmp_transport *transport)
{
    unsigned i = 0;

    if (transport->f_recv == receive)
        return;
    while (i < watched_count && watched[i].transport != transport) /* the same address: one that was closed */
        i++;
    if (i == MAX_WATCHED)
        return; /* its packets that can't be decoded are reported without their peer */
    watched[i].transport = transport;
    watched[i].domain = transport->domain;
    watched[i].own = transport->f_recv;
    if (i == watched_count)
        watched_count++;
    transport->f_recv = receive;
}
