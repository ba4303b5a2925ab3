/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file storm_senders.h
 * @brief Simulate many devices that send INFORMs: each has its own socket and address, has one INFORM in flight,
 *        and retries it until a reply comes or the retries are used up.
 *
 * Sender i sends from 127.1.0.1 + i. Numbers are assigned in ascending order, and a sender never sends a number after
 * a higher one, so that the order of events per device can be checked.
 *
 * A reply that comes after its number was given up counts as a reply. After a v3 report (the receiver was restarted,
 * its clock differs) the sender uses the report's engine and sends again, as net-snmp does.
 *
 * Memory: a socket and a packet per sender, and the book. No locks; one thread.
 */
#ifndef STORM_SENDERS_H
#define STORM_SENDERS_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>

#include "storm_inform.h"
#include "storm_msg.h"

struct storm_senders {
    struct storm_shape shape; /* a copy, whose engine the senders update from reports */
    struct storm_book *book;
    struct sockaddr_storage to;
    socklen_t to_len;
    unsigned len;        /* how many senders */
    double rate;         /* new numbers per second of all senders together; 0: no limit */
    unsigned retries;    /* after the first sending */
    unsigned timeout_ms; /* before the first retry */
    bool has_backoff;    /* each time-out is twice the previous one */
    uint64_t count;      /* numbers, at most */
    /* results */
    uint64_t started;  /* numbers */
    uint64_t sent;     /* packets that the kernel accepted */
    uint64_t resent;   /* of these, retries */
    uint64_t failed;   /* packets that it refused */
    uint64_t given_up; /* numbers without a reply after the last retry */
    uint64_t renewed;  /* how often a report changed the engine */
    uint64_t bytes;
    int64_t took_ns;
};

/**
 * @brief Send until all numbers have a reply or are given up, or until storm_is_stopped is set. When storm_is_ending is
 *        set, no number is sent that was not sent before.
 * @returns 0, or -1 (errno set) if sockets or memory run out
 */
int storm_senders_run(struct storm_senders *s);

#endif /* STORM_SENDERS_H */
