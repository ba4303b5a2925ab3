/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file framing.h
 * @brief Where an SNMP message ends in the octets of a connection (RFC 3430): by the length of its outermost SEQUENCE.
 *
 * net-snmp reads whatever a connection has, so one read may end several messages. With a framing its caller can receive
 * at most up to the end of the current message, so that each read ends one message or none.
 *
 * Plain data; no clock, no locks.
 */
#ifndef TK_FRAMING_H
#define TK_FRAMING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "snmp/trap.h"

#define TK_FRAMING_HEAD 10 /* octets of the longest head: tag, length of the length, 8 octets of length */

/* Octets of the longest message: what a record of the queue holds, and a header. net-snmp makes room for what a connection
 * announces, so without a bound a stranger could have it take 2 GiB. */
#define TK_FRAMING_MOST (TK_TRAP_MAX_BYTES + 4096)

/** The message that is being received; all 0: none has begun. */
struct tk_framing {
    size_t have;  /* octets received of it */
    size_t total; /* octets that it has, at most INT32_MAX; 0: not known yet */
    uint8_t head[TK_FRAMING_HEAD];
};

/**
 * @brief How many octets may be received now without going beyond the message's end?
 * @param waiting  octets that wait to be received; borrowed. Needed while f->total is 0, else ignored.
 * @param n        how many of them are at hand, > 0 while f->total is 0; TK_FRAMING_HEAD - f->have are enough
 * @returns 1 or more; 0: these octets are no SNMP message, so nothing tells where the next one begins; or, if f->total is
 *          set then, the message has more than TK_FRAMING_MOST octets
 * @locality any  @locks none
 */
size_t tk_framing_room(struct tk_framing *f, const uint8_t *waiting, size_t n);

/** @brief So many octets were received, at most what tk_framing_room() said. @returns whether the message is complete;
 *         then the framing is empty again @locality any @locks none */
bool tk_framing_take(struct tk_framing *f, size_t n);

#define TK_FRAMING_SEARCH (TK_FRAMING_HEAD + 3) /* octets that tell whether a message begins: head and version */

/** A search for messages among octets of any kind, which come in parts; all 0: it begins. */
struct tk_framing_search {
    size_t skip;    /* octets to come of the message found last, or before the search begins */
    unsigned count; /* messages that were recognized, by head and version */
};

/**
 * @brief Search the next part.
 * @param is_end  no part follows; then the last message need not be complete
 * @returns how many of @p n octets were searched: all; or, if not @p is_end, all but fewer than TK_FRAMING_SEARCH, with
 *          which the next part has to begin
 * @locality any  @locks none
 */
size_t tk_framing_search(struct tk_framing_search *s, const uint8_t *octets, size_t n, bool is_end);

#endif /* TK_FRAMING_H */
