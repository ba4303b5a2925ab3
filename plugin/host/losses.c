/* SPDX-License-Identifier: Apache-2.0 */
/* Count what is lost before net-snmp receives it: overruns of the receiving sockets. */
#include <errno.h>
#include <fcntl.h>
#include <linux/sock_diag.h>
#include <netdb.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

#include "host/host_internal.h"

#define MAX_SOCKETS 64

static struct {
    int fd;             /* snmptrapd's descriptor, to recognize the socket */
    int own;            /* a duplicate: at an orderly stop snmptrapd closes its own before we ask for the last time,
                         * and the number may then be another socket's */
    uint64_t drops;     /* in total */
    uint32_t last_seen; /* the kernel's counter has 32 bits and wraps */
} sockets[MAX_SOCKETS];
static unsigned socket_count;
static bool is_drop_logged;

/* --- advice about receive buffers ------------------------------------------------------------------------------ */

/* @returns serverRecvBuf of snmp.conf; 0: not set */
static int asked_bytes(void)
{
    int asked = netsnmp_ds_get_int(NETSNMP_DS_LIBRARY_ID, NETSNMP_DS_LIB_SERVERRECVBUF);

    return asked > 0 ? asked : 0;
}

/* @returns the largest buffer that the kernel allows (net.core.rmem_max); 0: unknown */
static int most_bytes(void)
{
    FILE *file = fopen("/proc/sys/net/core/rmem_max", "re");
    int most = 0;

    if (!file)
        return 0;
    if (fscanf(file, "%d", &most) != 1)
        most = 0;
    (void)fclose(file);
    return most;
}

static void name_socket(int sock, char *dst, size_t dst_bytes)
{
    struct sockaddr_storage address;
    socklen_t len = sizeof(address);
    char host[64], port[8];

    if (getsockname(sock, (struct sockaddr *)&address, &len) == 0 &&
        getnameinfo((const struct sockaddr *)&address, len, host, sizeof(host), port, sizeof(port),
                    NI_NUMERICHOST | NI_NUMERICSERV) == 0)
        (void)snprintf(dst, dst_bytes, "%s port %s", host, port);
    else
        (void)snprintf(dst, dst_bytes, "%d", sock);
}

static void compare_buffer(int sock)
{
    int asked = asked_bytes(), granted = 0;
    socklen_t len = sizeof(granted);
    char name[96];

    if (!asked || getsockopt(sock, SOL_SOCKET, SO_RCVBUF, &granted, &len) < 0)
        return;
    granted /= 2; /* SO_RCVBUF returns twice the size, which includes the kernel's own use */
    if (granted >= asked)
        return;
    name_socket(sock, name, sizeof(name));
    if (most_bytes() >= asked) /* net-snmp does not set the buffer of a socket that systemd opened */
        snmp_log(
            LOG_WARNING,
            "trapkafka: socket %s: its receive buffer has %d bytes, serverRecvBuf asks for %d; if systemd opened the "
            "socket, write ReceiveBuffer=%d into the socket unit\n",
            name, granted, asked, asked);
    else
        snmp_log(
            LOG_WARNING,
            "trapkafka: socket %s: its receive buffer has %d bytes, serverRecvBuf asks for %d, which the kernel does "
            "not allow; run sysctl -w net.core.rmem_max=%d (permanently: 90-trapkafka-sysctl.conf in /etc/sysctl.d), "
            "and restart snmptrapd\n",
            name, granted, asked, asked);
}

static void log_first_drop(void)
{
    if (is_drop_logged || asked_bytes())
        return;
    is_drop_logged = true;
    snmp_log(LOG_WARNING, "trapkafka: the kernel dropped notifications, because a socket's receive buffer was full; "
                          "to enlarge it write serverRecvBuf 8388608 in snmp.conf (not in snmptrapd.conf), run "
                          "sysctl -w net.core.rmem_max=8388608, and restart snmptrapd\n");
}

/* --- counting -------------------------------------------------------------------------------------------------- */

void tk_losses_note_socket(int sock)
{
    for (unsigned i = 0; i < socket_count; i++)
        if (sockets[i].fd == sock)
            return;
    if (socket_count == MAX_SOCKETS)
        return;
    sockets[socket_count].own = fcntl(sock, F_DUPFD_CLOEXEC, 0);
    sockets[socket_count++].fd = sock;
    compare_buffer(sock);
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

void tk_losses_begin_again(void)
{
    for (unsigned i = 0; i < socket_count; i++)
        sockets[i].drops = 0;
}

void tk_losses_read(struct tk_host *h)
{
    uint64_t drops = kernel_drops();

    if (drops)
        log_first_drop();
    tk_stats_set(&h->stats, TK_KERNEL_DROPPED, drops);
}
