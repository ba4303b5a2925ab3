/* SPDX-License-Identifier: Apache-2.0 */
#include "snmp/peer.h"

#include <arpa/inet.h>
#include <stdio.h>

const char *tk_peer_name(char *dst, size_t dst_bytes, const struct tk_peer *peer)
{
    char name[INET6_ADDRSTRLEN] = "";

    if (peer->family == 4 || peer->family == 6)
        (void)inet_ntop(peer->family == 4 ? AF_INET : AF_INET6, peer->address, name, sizeof(name));
    (void)snprintf(dst, dst_bytes, "%s", name[0] ? name : "an unknown address");
    return dst;
}
