/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file notify.h
 * @brief Send states to the service manager (sd_notify(3)'s protocol), in a process whose main program has done with it.
 *
 * snmptrapd removes NOTIFY_SOCKET from its environment when it reports that it is ready. So the address is copied before
 * that, and the datagrams are sent from here. The environment is never changed: other threads may read it.
 */
#ifndef TK_NOTIFY_H
#define TK_NOTIFY_H

#include <stdbool.h>
#include <sys/socket.h>
#include <sys/un.h>

/** The service manager's socket; never changes after tk_notify_init(). */
struct tk_notify {
    socklen_t len; /* 0: nobody wants to know */
    struct sockaddr_un address;
};

/** @brief Copy the address out of the environment; only paths and abstract names ("@...") are known.
 *  @locality snmptrapd, before there are other threads @locks none */
void tk_notify_init(struct tk_notify *n);

/**
 * @brief Send a text such as "STATUS=...". Never blocks: if the manager does not read, the text is lost.
 * @retval 0 / -errno
 * @locality any  @locks none
 */
int tk_notify_send(const struct tk_notify *n, const char *text);

#endif /* TK_NOTIFY_H */
