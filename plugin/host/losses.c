/* SPDX-License-Identifier: Apache-2.0 */
/* What is lost before the handler stands: overruns of the receiving sockets, and packets that net-snmp can't decode. */
#include <errno.h>
#include <fcntl.h>
#include <linux/sock_diag.h>
#include <sys/socket.h>
#include <unistd.h>

#include "host/host.h"

#define MAX_SOCKETS 16

static struct {
    int      fd;        /* snmptrapd's, to know it again */
    int      own;       /* a duplicate: at an orderly stop snmptrapd has closed its own before we ask for the last time,
                         * and its number may be one of librdkafka's connections by then */
    uint64_t drops;     /* in all */
    uint32_t last_seen; /* the kernel's counter has 32 bits and wraps */
} sockets[MAX_SOCKETS];
static unsigned socket_count;
static uint64_t undecoded_sum, no_trap_oid;

void tk_losses_note_socket(int sock)
{
    for (unsigned i = 0; i < socket_count; i++)
        if (sockets[i].fd == sock)
            return;
    if (socket_count == MAX_SOCKETS)
        return;
    sockets[socket_count].own = fcntl(sock, F_DUPFD_CLOEXEC, 0);
    sockets[socket_count++].fd = sock;
}

void tk_losses_forget_sockets(void)
{
    for (unsigned i = 0; i < socket_count; i++)
        if (sockets[i].own >= 0)
            (void)close(sockets[i].own);
    socket_count = 0;
}

static uint64_t kernel_drops(void)
{
    uint64_t sum = 0;

    for (unsigned i = 0; i < socket_count; i++) {
        uint32_t info[SK_MEMINFO_VARS] = {0};
        socklen_t len = sizeof(info);

        if (getsockopt(sockets[i].own, SOL_SOCKET, SO_MEMINFO, info, &len) == 0) {
            sockets[i].drops += info[SK_MEMINFO_DROPS] - sockets[i].last_seen;
            sockets[i].last_seen = info[SK_MEMINFO_DROPS];
        }
        sum += sockets[i].drops;
    }
    return sum;
}

/* net-snmp's counters have 32 bits: their differences are added up. */
static uint64_t undecoded(void)
{
    static const int counters[] = {STAT_SNMPINASNPARSEERRS, STAT_SNMPINBADVERSIONS, STAT_SNMPINVALIDMSGS};
    static uint32_t last_seen[sizeof(counters) / sizeof(counters[0])];

    for (size_t i = 0; i < sizeof(counters) / sizeof(counters[0]); i++) {
        uint32_t now = (uint32_t)snmp_get_statistic(counters[i]);

        undecoded_sum += (uint32_t)(now - last_seen[i]);
        last_seen[i] = now;
    }
    return undecoded_sum;
}

void tk_losses_begin_again(void)
{
    for (unsigned i = 0; i < socket_count; i++)
        sockets[i].drops = 0;
    undecoded_sum = no_trap_oid = 0;
}

void tk_losses_count_no_trap_oid(void)
{
    no_trap_oid++;
}

void tk_losses_read(struct tk_host *h)
{
    tk_stats_set(&h->stats, TK_KERNEL_DROPPED, kernel_drops());
    tk_stats_set(&h->stats, TK_UNPARSABLE, undecoded() + no_trap_oid);
}
