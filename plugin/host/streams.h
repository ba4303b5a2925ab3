/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file streams.h
 * @brief Receive from connections (tcp, tcp6, unix) one message at a time.
 *
 * So each call of a transport's f_recv ends one message or none, as with datagrams, and each message can be counted.
 * A connection whose octets are no SNMP message is closed, as net-snmp does it; and one with a message that is larger
 * than any record, which net-snmp would collect in memory, up to 2 GiB of it.
 *
 * Owner:  snmptrapd's thread.
 * Memory: a small struct for each descriptor that select() can watch; 64 KiB that are touched only when a connection
 *         is closed as above.
 */
#ifndef TK_STREAMS_H
#define TK_STREAMS_H

#include <stdbool.h>

#include "host/trapd_api.h"
#include "snmp/peer.h"

typedef int tk_transport_receive(netsnmp_transport *t, void *buf, int size, void **opaque, int *opaque_len);

/** What one call received. */
struct tk_received {
    enum {
        TK_RECEIVED_NOTHING,   /* or a part of a message */
        TK_RECEIVED_WHOLE,     /* with these octets the message is complete */
        TK_RECEIVED_GARBAGE,   /* no message: the connection is closed */
        TK_RECEIVED_TOO_LARGE, /* the beginning of a message of over TK_FRAMING_MOST octets: the connection is closed */
        TK_RECEIVED_CUT,       /* the connection ended in the middle of a message */
    } what;
    const uint8_t *message; /* TK_RECEIVED_WHOLE; in net-snmp's buffer */
    size_t len;             /* TK_RECEIVED_WHOLE, TK_RECEIVED_TOO_LARGE */
    unsigned lost;          /* TK_RECEIVED_GARBAGE, TK_RECEIVED_TOO_LARGE: messages that were recognized behind it */
};

/** @brief Can this transport be read one message at a time? @locality snmptrapd @locks none */
bool tk_streams_can(const netsnmp_transport *t);

/**
 * @brief Receive in place of @p own, at most up to the end of the current message.
 * @param own  the transport's own f_recv
 * @returns as f_recv; 0, the end of the connection, for TK_RECEIVED_GARBAGE and TK_RECEIVED_TOO_LARGE
 * @locality snmptrapd  @locks none
 */
int tk_streams_receive(netsnmp_transport *t, tk_transport_receive *own, void *buf, int size, void **opaque,
                       int *opaque_len, struct tk_received *ret);

/** @brief Call when all connections are closed: calls @p on_cut for each message that was not complete.
 *  @locality snmptrapd @locks none */
void tk_streams_end(void (*on_cut)(const struct tk_peer *peer));

#endif /* TK_STREAMS_H */
