/* SPDX-License-Identifier: Apache-2.0 */
#include "host/streams.h"

#include <errno.h>
#include <string.h>
#include <sys/select.h>
#include <sys/socket.h>

#include "snmp/framing.h"
#include "usm/usm_peer.h"

#define SEARCHED_AT_ONCE ((size_t)64 * 1024)

/** One connection. net-snmp does not tell when it closes one, so the entry may be of an earlier one. */
static struct stream {
    const netsnmp_transport *transport; /* only compared */
    struct tk_peer peer;
    struct tk_framing framing;
} streams[FD_SETSIZE]; /* by descriptor: snmptrapd can't watch higher ones */

bool tk_streams_can(const netsnmp_transport *t)
{
    const int flags = NETSNMP_TRANSPORT_FLAG_STREAM | NETSNMP_TRANSPORT_FLAG_LISTEN | NETSNMP_TRANSPORT_FLAG_TUNNELED;

    return (t->flags & flags) == NETSNMP_TRANSPORT_FLAG_STREAM && t->sock >= 0 && t->sock < FD_SETSIZE;
}

static struct stream *stream_of(const netsnmp_transport *t)
{
    struct stream *s = &streams[t->sock];

    if (s->transport == t)
        return s;
    *s = (struct stream){.transport = t};
    tk_peer_read(&s->peer, t->data, t->data_length, true);
    return s;
}

/* How many octets may be received? @returns 0: what waits is no message, or one that is too large */
static size_t room(struct stream *s, int sock)
{
    uint8_t waiting[TK_FRAMING_HEAD];
    ssize_t n;

    if (s->framing.total)
        return tk_framing_room(&s->framing, NULL, 0);
    do
        n = recv(sock, waiting, sizeof(waiting) - s->framing.have, MSG_PEEK | MSG_DONTWAIT);
    while (n < 0 && errno == EINTR);
    if (n <= 0)
        return 1; /* the transport's own f_recv finds out about the end, or the error */
    return tk_framing_room(&s->framing, waiting, (size_t)n);
}

/* How many octets can wait in the connection? A sender that goes on sending must not keep the search going. */
static size_t most_waiting(int sock)
{
    socklen_t len = sizeof(int);
    int bytes = 0;

    if (getsockopt(sock, SOL_SOCKET, SO_RCVBUF, &bytes, &len) < 0 || bytes < (int)SEARCHED_AT_ONCE)
        return SEARCHED_AT_ONCE;
    return (size_t)bytes;
}

/* @returns the messages that are recognized in what the connection still holds, behind the next @p skip octets */
static unsigned search(int sock, size_t skip)
{
    static uint8_t part[TK_FRAMING_SEARCH + SEARCHED_AT_ONCE];
    struct tk_framing_search found = {.skip = skip};
    size_t left = most_waiting(sock), kept = 0;

    while (left) {
        ssize_t n = recv(sock, part + kept, left < SEARCHED_AT_ONCE ? left : SEARCHED_AT_ONCE, MSG_DONTWAIT);
        size_t len, searched;

        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            break;
        left -= (size_t)n;
        len = kept + (size_t)n;
        searched = tk_framing_search(&found, part, len, false);
        kept = len - searched;
        memmove(part, part + searched, kept);
    }
    (void)tk_framing_search(&found, part, kept, true);
    return found.count;
}

int tk_streams_receive(netsnmp_transport *t, tk_transport_receive *own, void *buf, int size, void **opaque,
                       int *opaque_len, struct tk_received *ret)
{
    struct stream *s = stream_of(t);
    size_t most = room(s, t->sock), before = s->framing.have;
    int len;

    *ret = (struct tk_received){.what = TK_RECEIVED_NOTHING};
    if (!most) {
        ret->what = s->framing.total ? TK_RECEIVED_TOO_LARGE : TK_RECEIVED_GARBAGE;
        ret->len = s->framing.total;
        ret->lost = search(t->sock, s->framing.total ? s->framing.total - before : 0);
        *s = (struct stream){0};
        return 0;
    }
    len = own(t, buf, most < (size_t)size ? (int)most : size, opaque, opaque_len);
    if (len <= 0) {
        ret->what = before ? TK_RECEIVED_CUT : TK_RECEIVED_NOTHING;
        *s = (struct stream){0};
    } else if (tk_framing_take(&s->framing, (size_t)len)) {
        ret->what = TK_RECEIVED_WHOLE;
        ret->len = before + (size_t)len;
        ret->message = (const uint8_t *)buf - before; /* net-snmp's buffer has the beginning, too */
    }
    return len;
}

void tk_streams_end(void (*on_cut)(const struct tk_peer *peer))
{
    for (size_t i = 0; i < sizeof(streams) / sizeof(streams[0]); i++) {
        if (streams[i].framing.have)
            on_cut(&streams[i].peer);
        streams[i] = (struct stream){0};
    }
}
