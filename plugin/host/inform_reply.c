/* SPDX-License-Identifier: Apache-2.0 */
#include "host/inform_reply.h"

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include "base/devel.h"

struct tk_inform_reply {
    const struct session_list *session; /* only compared, never dereferenced: it may be freed */
    dev_t dev;
    ino_t ino; /* of the socket */
    int opaque_len, len;
    _Alignas(max_align_t) uint8_t bytes[]; /* the transport's opaque data (addresses), then the message */
};

static struct tk_reply_hold *holds; /* the innermost one; `outer` links the others */

static struct tk_inform_reply *reply_new(const struct session_list *session, const void *bytes, int len,
                                         const void *opaque, int opaque_len)
{
    struct tk_inform_reply *reply;
    struct stat st;

    if (len < 0 || opaque_len < 0 || fstat(session->transport->sock, &st) < 0 || !S_ISSOCK(st.st_mode))
        return NULL;
    reply = malloc(sizeof(*reply) + (size_t)opaque_len + (size_t)len);
    if (!reply)
        return NULL;
    reply->session = session;
    reply->dev = st.st_dev;
    reply->ino = st.st_ino;
    reply->opaque_len = opaque_len;
    reply->len = len;
    if (opaque_len)
        memcpy(reply->bytes, opaque, (size_t)opaque_len);
    memcpy(reply->bytes + opaque_len, bytes, (size_t)len);
    return reply;
}

/* Called in place of the transport's f_send. */
static int keep(netsnmp_transport *t, const void *bytes, int len, void **opaque, int *opaque_len)
{
    struct tk_reply_hold *hold = holds;

    while (hold && hold->transport != t)
        hold = hold->outer;
    if (!hold)
        return -1;
    hold->was_sent = true;
    tk_inform_reply_free(hold->reply);
    if (!opaque || !*opaque || !opaque_len)
        hold->reply = reply_new(hold->session, bytes, len, NULL, 0);
    else
        hold->reply = reply_new(hold->session, bytes, len, *opaque, *opaque_len);
    return len;
}

void tk_reply_hold_begin(struct tk_reply_hold *hold, const struct session_list *session)
{
    *hold = (struct tk_reply_hold){
        .session = session,
        .transport = session->transport,
        .send = session->transport->f_send,
        .outer = holds,
    };
    hold->transport->f_send = keep;
    holds = hold;
}

struct tk_inform_reply *tk_reply_hold_end(struct tk_reply_hold *hold)
{
    TK_ASSERT(holds == hold);
    hold->transport->f_send = hold->send;
    holds = hold->outer;
    return hold->reply;
}

size_t tk_inform_reply_bytes(const struct tk_inform_reply *reply)
{
    return sizeof(*reply) + (size_t)reply->opaque_len + (size_t)reply->len;
}

static bool is_same_socket(const struct tk_inform_reply *reply, int sock)
{
    struct stat st;

    return sock >= 0 && fstat(sock, &st) == 0 && st.st_dev == reply->dev && st.st_ino == reply->ino;
}

/* net-snmp's accepted connections are blocking sockets: without MSG_DONTWAIT a peer that does not read would stop
 * snmptrapd. */
static int send_to_stream(int sock, const void *bytes, size_t len)
{
    ssize_t n = send(sock, bytes, len, MSG_DONTWAIT | MSG_NOSIGNAL);

    if (n == (ssize_t)len)
        return 0;
    if (n > 0) /* part of a message was sent: the peer could not parse what follows, so close */
        (void)shutdown(sock, SHUT_RDWR);
    return n > 0 || errno == EAGAIN ? -EAGAIN : -EIO;
}

int tk_inform_reply_send(const struct tk_inform_reply *reply, const struct session_list *sessions)
{
    const struct session_list *s = sessions;
    int opaque_len = reply->opaque_len;
    void *opaque = NULL;
    int ret;

    while (s && s != reply->session)
        s = s->next;
    if (!s || !s->transport || !is_same_socket(reply, s->transport->sock))
        return -ENOTCONN;
    if (s->transport->flags & NETSNMP_TRANSPORT_FLAG_STREAM)
        return send_to_stream(s->transport->sock, reply->bytes + opaque_len, (size_t)reply->len);
    if (opaque_len) { /* a copy, because the transport may change it */
        opaque = malloc((size_t)opaque_len);
        if (!opaque)
            return -EIO;
        memcpy(opaque, reply->bytes, (size_t)opaque_len);
    }
    ret = netsnmp_transport_send(s->transport, reply->bytes + reply->opaque_len, reply->len, &opaque, &opaque_len);
    free(opaque);
    return ret < 0 ? -EIO : 0;
}

void tk_inform_reply_free(struct tk_inform_reply *reply)
{
    free(reply);
}
