/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file late_reply.h
 * @brief A reply that net-snmp has built, byte for byte, kept to be sent later over the session it was built for.
 *
 * Between begin and end the session's transport does not send: it hands over what it would have sent. So net-snmp
 * builds the reply as always, from the PDU as it was received, v3 included; no handler sees anything else than usual.
 *
 * A session is known again by its address and by the inode of its socket: a tcp connection that was closed, and
 * another that came to the same memory or descriptor, get nothing.
 *
 * Owner:  snmptrapd's thread.  Memory: the reply and the peer's address, below 64 KiB.
 */
#ifndef TK_LATE_REPLY_H
#define TK_LATE_REPLY_H

#include <stdbool.h>
#include <stddef.h>

#include "host/trapd_api.h"

struct tk_late_reply;

typedef int tk_transport_send(netsnmp_transport *t, const void *bytes, int len, void **opaque, int *opaque_len);

/** Lives on the stack of one reception. */
struct tk_reply_hold {
    const struct session_list *session;
    netsnmp_transport *transport;
    tk_transport_send *send; /* the transport's own */
    bool was_sent;           /* something was, and is held back unless there was no memory for it */
    struct tk_late_reply *reply;
    struct tk_reply_hold *outer;
};

/** @brief From here on @p session sends nothing. @p hold lives until the end. @locality snmptrapd @locks none */
void tk_reply_hold_begin(struct tk_reply_hold *hold, const struct session_list *session);

/** @brief Let it send again. @returns what it would have sent last, the caller's; or NULL
 *  @locality snmptrapd @locks none */
struct tk_late_reply *tk_reply_hold_end(struct tk_reply_hold *hold);

/** @brief Bytes of memory. @locality snmptrapd @locks none */
size_t tk_late_reply_bytes(const struct tk_late_reply *reply);

/**
 * @brief Send it, if its session is still in @p sessions; never waits for a peer that does not read.
 * @retval 0 / -ENOTCONN: the session is gone / -EAGAIN: its peer does not read / -EIO: the transport refused
 * @locality snmptrapd  @locks none
 */
int tk_late_reply_send(const struct tk_late_reply *reply, const struct session_list *sessions);

/** NULL is a no-op. @locality snmptrapd @locks none */
void tk_late_reply_free(struct tk_late_reply *reply);

#endif /* TK_LATE_REPLY_H */
