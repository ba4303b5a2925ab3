/* SPDX-License-Identifier: Apache-2.0 */
#include "usm/usm.h"
#include "usm/usm_peer.h"

#include <string.h>

/* @returns the peer's address; NULL: the transport uses a format that we don't know */
static const struct sockaddr *address_in(const void *transport_data, int len)
{
    const struct sockaddr *sa = transport_data;

    /* net-snmp's udp6 hands over a sockaddr_in6, its other transports a pair that begins with the peer's address. */
    if (sa && (len == (int)sizeof(netsnmp_indexed_addr_pair) ||
               (len == (int)sizeof(struct sockaddr_in6) && sa->sa_family == AF_INET6)))
        return sa;
    return NULL;
}

void tk_peer_read(struct tk_peer *ret_peer, const void *transport_data, int len, bool is_stream)
{
    const struct sockaddr *peer = address_in(transport_data, len);

    *ret_peer = (struct tk_peer){.transport = TK_OTHER_TRANSPORT};
    if (!peer)
        return;
    if (peer->sa_family == AF_INET) {
        const struct sockaddr_in *sin = (const void *)peer;

        ret_peer->family = 4;
        memcpy(ret_peer->address, &sin->sin_addr, 4);
        ret_peer->port = ntohs(sin->sin_port);
        ret_peer->transport = is_stream ? TK_TCP : TK_UDP;
    } else if (peer->sa_family == AF_INET6) {
        const struct sockaddr_in6 *sin6 = (const void *)peer;

        ret_peer->port = ntohs(sin6->sin6_port);
        ret_peer->transport = is_stream ? TK_TCP6 : TK_UDP6;
        if (IN6_IS_ADDR_V4MAPPED(&sin6->sin6_addr)) { /* a dual-stack socket: the device is an IPv4 one */
            ret_peer->family = 4;
            memcpy(ret_peer->address, sin6->sin6_addr.s6_addr + 12, 4);
        } else {
            ret_peer->family = 6;
            memcpy(ret_peer->address, &sin6->sin6_addr, 16);
        }
    }
}
