/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file storm_senders.h
 * @brief Many devices that send INFORMs: each has a socket and an address of its own, one INFORM under way at a time,
 *        and sends it again until it is answered or given up.
 *
 * Sender i sends from 127.1.0.1 + i. Numbers are given out in turn, so those of one sender rise, and no number is
 * sent once a later one of the same sender was: the order per device can be checked.
 *
 * An answer that comes after its number was given up counts as an answer. A v3 report (the receiver was started anew,
 * its clock differs) makes the sender take the engine from it and send again, as net-snmp does.
 *
 * Memory: a socket and one packet a sender, and the book. No locks; one thread.
 */
#ifndef STORM_SENDERS_H
#define STORM_SENDERS_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>

#include "storm_inform.h"
#include "storm_msg.h"

struct storm_senders {
    struct storm_shape shape; /* the senders' own copy; the engine in it is theirs to renew */
    struct storm_book *book;
    struct sockaddr_storage to;
    socklen_t to_len;
    unsigned len;        /* senders */
    double rate;         /* new numbers a second, of all senders together; 0: no bound */
    unsigned retries;    /* after the first sending */
    unsigned timeout_ms; /* of the first sending */
    bool has_backoff;    /* each time-out is twice the one before */
    uint64_t count;      /* numbers at most */
    /* what became of them */
    uint64_t started;  /* numbers */
    uint64_t sent;     /* packets that the kernel took */
    uint64_t resent;   /* of these, repeats */
    uint64_t failed;   /* packets that it refused */
    uint64_t given_up; /* numbers without an answer after the last retry */
    uint64_t renewed;  /* how often a report changed the engine */
    uint64_t bytes;
    int64_t took_ns;
};

/**
 * @brief Send until all numbers are answered or given up, or storm_is_stopped goes up. When storm_is_ending goes up,
 *        the numbers that are under way are all.
 * @returns 0, or -1 (errno set) when sockets or memory run out
 */
int storm_senders_run(struct storm_senders *s);

#endif /* STORM_SENDERS_H */
