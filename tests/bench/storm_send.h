/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file storm_send.h
 * @brief Encode messages in advance, and send them at a rate.
 *
 * Memory: `slots` packets of storm_msg_size_max() bytes. Further messages are encoded while the sender waits for the
 *         next time to send (or, without a rate, between two batches). No locks; one thread.
 */
#ifndef STORM_SEND_H
#define STORM_SEND_H

#include <signal.h>
#include <stdint.h>
#include <sys/socket.h>

#include "storm_inform.h"
#include "storm_msg.h"

struct storm_sender {
    const struct storm_shape *shape;
    struct storm_book *book; /* NULL unless INFORMs are sent */
    int fd;
    struct sockaddr_storage to;
    socklen_t to_len;
    uint64_t count;
    uint64_t queue_max; /* wait while more bytes are in the receiver's socket; 0: never */
    uint8_t *mem;
    uint32_t *len; /* of the packet in each slot; the packet is at the end of the slot */
    size_t stride; /* bytes per slot */
    size_t slots;
    uint64_t encoded; /* messages so far, from 0 */
    uint64_t done;    /* sent or failed, from 0 */
    uint64_t sent;    /* packets that the kernel accepted, repeats included */
    uint64_t failed;  /* packets that it refused */
    uint64_t bytes;
    uint64_t resent; /* INFORMs that were sent again */
    uint64_t late;   /* how often the schedule was reset, because it was 50 ms late */
    int64_t took_ns; /* from the first message to the last */
};

/** Set by SIGINT and SIGTERM; all waits and loops check it. */
extern volatile sig_atomic_t storm_is_stopped;
/** Goes up at SIGUSR1: many senders start no new INFORM, and end when each has its answer or was given up. */
extern volatile sig_atomic_t storm_is_ending;

int64_t storm_now_ns(void);

/**
 * @brief Allocate the slots and encode as many messages as fit.
 * @param mem_max  bytes; there is at least one slot
 * @returns 0, or -1 if out of memory or if a message can't be encoded
 */
int storm_sender_init(struct storm_sender *s, const struct storm_shape *shape, uint64_t count, size_t mem_max);
void storm_sender_done(struct storm_sender *s);

/** @brief Send all messages once. @returns 0, or -1 if a message can't be encoded */
int storm_sender_run(struct storm_sender *s);

/**
 * @brief Wait for replies, and send messages without one again. Needs the book, and all messages in their slots.
 * @param wait_ms  how long to wait for replies after each round
 */
void storm_sender_insist(struct storm_sender *s, unsigned retries, unsigned wait_ms);

#endif /* STORM_SEND_H */
