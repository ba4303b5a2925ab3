/* SPDX-License-Identifier: Apache-2.0 */
#include "base/notify.h"

#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

void tk_notify_init(struct tk_notify *n)
{
    const char *name = getenv("NOTIFY_SOCKET");
    size_t len = name ? strlen(name) : 0;

    memset(n, 0, sizeof(*n));
    if (len < 2 || len >= sizeof(n->address.sun_path) || (name[0] != '/' && name[0] != '@'))
        return;
    n->address.sun_family = AF_UNIX;
    memcpy(n->address.sun_path, name, len);
    if (name[0] == '@') /* an abstract name: a NUL in front, and none behind */
        n->address.sun_path[0] = '\0';
    n->len = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + len + (name[0] == '/'));
}

int tk_notify_send(const struct tk_notify *n, const char *text)
{
    ssize_t sent;
    int sock, ret = 0;

    if (!n->len)
        return -ENOTCONN;
    sock = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (sock < 0)
        return -errno;
    sent = sendto(sock, text, strlen(text), MSG_DONTWAIT | MSG_NOSIGNAL, (const struct sockaddr *)&n->address, n->len);
    if (sent < 0)
        ret = -errno;
    (void)close(sock);
    return ret;
}
