/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file storm_inform.h
 * @brief The sender's side of INFORMs: discover the receiver's engine, and count replies.
 *
 * Memory: 12 bytes per message, allocated at the start. No locks; one thread.
 */
#ifndef STORM_INFORM_H
#define STORM_INFORM_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>

#include "storm_msg.h"

struct storm_book {
    uint64_t first; /* sequence number of the first message */
    uint64_t count;
    uint64_t answered;  /* messages with a reply */
    uint64_t repeated;  /* further replies to the same message */
    uint64_t foreign;   /* packets that are not a reply to one of the messages, such as reports */
    int64_t *sent_ns;   /* when each message was first sent, monotonic; 0: not yet */
    uint32_t *delay_us; /* from the first sending to the first reply; UINT32_MAX: no reply yet */
};

/** @brief Allocate the book. @returns 0, or -1 if out of memory */
int storm_book_init(struct storm_book *book, uint64_t first, uint64_t count);
void storm_book_done(struct storm_book *book);
bool storm_book_is_answered(const struct storm_book *book, uint64_t sequence);

/** @brief Note when a message was sent; only the first time counts. */
void storm_book_sent(struct storm_book *book, uint64_t sequence, int64_t now_ns);

/** @brief Note a reply to the message with this request ID. */
void storm_book_answered(struct storm_book *book, int32_t id, int64_t now_ns);

/** @brief Read all replies that wait on the socket; never blocks. */
void storm_book_drain(struct storm_book *book, const struct storm_shape *shape, int fd, int64_t now_ns);

/** @brief The delay that this share (0..1) of the messages with a reply did not exceed; 0 if none has one. */
double storm_book_delay_ms(const struct storm_book *book, double share);

/** @brief Write the sequence numbers that have a reply, one per line. @returns 0, or -1 with errno set */
int storm_book_write(const struct storm_book *book, const char *path);

/**
 * @brief Discover the receiver's engine: probe it up to 5 times, once a second.
 * @returns 0, or -1 if no report came
 */
int storm_discover(int fd, const struct sockaddr *to, socklen_t to_len, uint8_t id[STORM_ENGINE_ID_MAX], size_t *id_len,
                   uint32_t *boots, uint32_t *engine_time);

#endif /* STORM_INFORM_H */
