/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file inform_reply.h
 * @brief Hold back a reply that net-snmp has built, and send it later over the same session.
 *
 * Between begin and end the session's transport keeps what it is told to send. So net-snmp builds the reply as
 * always, from the PDU as received (with v3 it is encrypted then), and other handlers notice nothing.
 *
 * The session is identified by its address and the inode of its socket. So a reply never goes to another tcp
 * connection that has the memory or the descriptor of one that was closed.
 *
 * Owner:  snmptrapd's thread.
 * Memory: the reply and the peer's address, below 64 KiB.
 */
#ifndef TK_INFORM_REPLY_H
#define TK_INFORM_REPLY_H

#include <stdbool.h>
#include <stddef.h>

#include "host/trapd_api.h"

struct tk_inform_reply;

typedef int tk_transport_send(netsnmp_transport *t, const void *bytes, int len, void **opaque, int *opaque_len);

/** One hold; it is on the stack of the function that receives the PDU. */
struct tk_reply_hold {
    const struct session_list *session;
    netsnmp_transport *transport;
    tk_transport_send *send; /* the transport's own */
    bool was_sent;           /* net-snmp has sent a reply; `reply` has it, unless out of memory */
    struct tk_inform_reply *reply;
    struct tk_reply_hold *outer; /* holds may be nested */
};

/** @brief From now on keep what @p session sends. @p hold must live until the end. @locality snmptrapd @locks none */
void tk_reply_hold_begin(struct tk_reply_hold *hold, const struct session_list *session);

/** @brief Let the session send again. @returns what it sent last, owned by the caller; or NULL
 *  @locality snmptrapd @locks none */
struct tk_inform_reply *tk_reply_hold_end(struct tk_reply_hold *hold);

/** @returns the bytes of memory that the reply takes @locality snmptrapd @locks none */
size_t tk_inform_reply_bytes(const struct tk_inform_reply *reply);

/**
 * @brief Send the reply if its session is still in @p sessions. Never waits for a peer that does not read.
 * @retval 0          sent
 * @retval -ENOTCONN  the session is closed
 * @retval -EAGAIN    the peer of the connection does not read
 * @retval -EIO       the transport failed, or out of memory
 * @locality snmptrapd  @locks none
 */
int tk_inform_reply_send(const struct tk_inform_reply *reply, const struct session_list *sessions);

/** @brief Free the reply. NULL is a no-op. @locality snmptrapd @locks none */
void tk_inform_reply_free(struct tk_inform_reply *reply);

#endif /* TK_INFORM_REPLY_H */
