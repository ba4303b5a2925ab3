/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/v3/v3_listen.h"

#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

static volatile sig_atomic_t is_over;
static sigset_t waiting; /* signal mask during ppoll() */
static uint8_t buf[65536];

/* --- address --------------------------------------------------------------------------------------------------- */

struct address {
    int family; /* AF_UNSPEC: that of the host */
    char host[256], port[16];
};

/* @returns false: not an address */
static bool split(struct address *a, const char *text)
{
    const char *host = text, *colon;
    size_t len;

    memset(a, 0, sizeof(*a));
    if (strncasecmp(host, "udp6:", 5) == 0) {
        a->family = AF_INET6;
        host += 5;
    } else if (strncasecmp(host, "udp:", 4) == 0) {
        a->family = AF_INET;
        host += 4;
    }
    colon = strrchr(host, ':');
    len = colon ? (size_t)(colon - host) : 0;
    if (snprintf(a->port, sizeof(a->port), "%s", colon ? colon + 1 : host) >= (int)sizeof(a->port))
        return false;
    if (len >= 2 && host[0] == '[' && host[len - 1] == ']') {
        host++;
        len -= 2;
    }
    if (!len && a->family == AF_UNSPEC)
        a->family = AF_INET;
    return a->port[0] && strspn(a->port, "0123456789") == strlen(a->port) &&
           snprintf(a->host, sizeof(a->host), "%.*s", (int)len, host) < (int)sizeof(a->host);
}

static int bind_to(const struct address *a, const char *text, struct tk_err *err)
{
    const struct addrinfo hints = {
        .ai_family = a->family,
        .ai_socktype = SOCK_DGRAM,
        .ai_flags = AI_PASSIVE | AI_NUMERICSERV,
    };
    struct addrinfo *found = NULL;
    int code = getaddrinfo(a->host[0] ? a->host : NULL, a->port, &hints, &found), sock;

    if (code != 0) {
        tk_err_set(err, NULL, 0,
                   "--listen '%s': %s; write an address of this machine and a port, such as "
                   "udp:127.0.0.1:1162",
                   text, gai_strerror(code));
        return -EINVAL;
    }
    sock = socket(found->ai_family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (sock < 0 || bind(sock, found->ai_addr, found->ai_addrlen) < 0) {
        tk_err_set(err, NULL, 0, "--listen '%s': %s%s", text, strerror(errno),
                   errno == EADDRINUSE ? "; does snmptrapd listen there? use another port"
                   : errno == EACCES   ? "; only root may open ports below 1024"
                                       : "");
        if (sock >= 0)
            (void)close(sock);
        sock = -EINVAL;
    }
    freeaddrinfo(found);
    return sock;
}

/* --- signals --------------------------------------------------------------------------------------------------- */

static void on_signal(int number)
{
    (void)number;
    is_over = 1;
}

/* The signals are blocked except during ppoll(), so that none is lost between the check of is_over and the call. */
static void catch_signals(void)
{
    struct sigaction action;
    sigset_t caught;

    memset(&action, 0, sizeof(action));
    action.sa_handler = on_signal;
    (void)sigemptyset(&action.sa_mask);
    (void)sigemptyset(&caught);
    (void)sigaddset(&caught, SIGINT);
    (void)sigaddset(&caught, SIGTERM);
    (void)sigprocmask(SIG_BLOCK, &caught, &waiting);
    (void)sigdelset(&waiting, SIGINT);
    (void)sigdelset(&waiting, SIGTERM);
    (void)sigaction(SIGINT, &action, NULL);
    (void)sigaction(SIGTERM, &action, NULL);
}

int tk_listen_open(const char *address, struct tk_err *err)
{
    struct address a;
    int sock;

    if (!split(&a, address)) {
        tk_err_set(err, NULL, 0, "--listen '%s': not an address; write udp:ADDRESS:PORT, udp6:[ADDRESS]:PORT or PORT",
                   address);
        return -EINVAL;
    }
    sock = bind_to(&a, address, err);
    if (sock < 0)
        return sock;
    catch_signals();
    (void)fprintf(stderr, "trapkafka v3: listening on %s; stop with Ctrl-C\n", address);
    return sock;
}

/* --- datagrams ------------------------------------------------------------------------------------------------- */

static void read_peer(struct tk_peer *peer, const struct sockaddr_storage *from)
{
    const struct sockaddr_in *sin = (const void *)from;
    const struct sockaddr_in6 *sin6 = (const void *)from;

    memset(peer, 0, sizeof(*peer));
    if (from->ss_family == AF_INET) {
        *peer = (struct tk_peer){.transport = TK_UDP, .family = 4, .port = ntohs(sin->sin_port)};
        memcpy(peer->address, &sin->sin_addr, 4);
    } else if (from->ss_family == AF_INET6) {
        *peer = (struct tk_peer){.transport = TK_UDP6, .family = 6, .port = ntohs(sin6->sin6_port)};
        memcpy(peer->address, &sin6->sin6_addr, 16);
    }
}

int tk_listen_next(int sock, struct tk_datagram *ret, struct tk_err *err)
{
    for (;;) {
        struct pollfd fd = {.fd = sock, .events = POLLIN};
        struct sockaddr_storage from = {0};
        socklen_t from_len = sizeof(from);
        ssize_t len;

        if (ppoll(&fd, 1, NULL, &waiting) < 0 && errno != EINTR)
            break;
        if (is_over)
            return 0;
        len = recvfrom(sock, buf, sizeof(buf), MSG_DONTWAIT, (struct sockaddr *)&from, &from_len);
        if (len < 0 && (errno == EAGAIN || errno == EINTR || errno == ECONNREFUSED))
            continue; /* ECONNREFUSED: a sender's port is closed, to which a report was sent */
        if (len < 0)
            break;
        memset(ret, 0, sizeof(*ret));
        read_peer(&ret->source, &from);
        ret->payload = buf;
        ret->len = (size_t)len;
        return 1;
    }
    tk_err_set(err, NULL, 0, "cannot receive: %s", strerror(errno));
    return -EIO;
}
