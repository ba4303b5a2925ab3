/* SPDX-License-Identifier: Apache-2.0 */
#include "storm_queue.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>

/* The port stands at the same place in both kinds of address. */
static unsigned port_of(const struct sockaddr_storage *to)
{
    return ntohs(to->ss_family == AF_INET6 ? ((const struct sockaddr_in6 *)to)->sin6_port
                                           : ((const struct sockaddr_in *)to)->sin_port);
}

uint64_t storm_queue_bytes(const struct sockaddr_storage *to)
{
    FILE *table = fopen(to->ss_family == AF_INET6 ? "/proc/net/udp6" : "/proc/net/udp", "re");
    unsigned wanted = port_of(to);
    uint64_t bytes = 0;
    char line[512];

    while (table && fgets(line, sizeof(line), table)) {
        unsigned port, waiting;

        if (sscanf(line, " %*[^:]: %*[^:]:%x %*s %*s %*[^:]:%x", &port, &waiting) == 2 && port == wanted)
            bytes += waiting;
    }
    if (table)
        (void)fclose(table);
    return bytes;
}
