/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file storm_inform.h
 * @brief The sender's side of INFORMs: finding the receiver's engine, and the book of answers.
 *
 * Memory: 12 bytes a message, allocated at the start. No locks; one thread.
 */
#ifndef STORM_INFORM_H
#define STORM_INFORM_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>

#include "storm_msg.h"

struct storm_book {
    uint64_t first; /* sequence of the first message */
    uint64_t count;
    uint64_t answered;  /* distinct messages */
    uint64_t repeated;  /* answers to what was answered already */
    uint64_t foreign;   /* packets that answer nothing of ours: reports, for one */
    int64_t *sent_ns;   /* when each was first sent, monotonic; 0: not yet */
    uint32_t *delay_us; /* from the first sending to the first answer; UINT32_MAX: none yet */
};

/** @returns 0, or -1 when memory is out */
int storm_book_init(struct storm_book *book, uint64_t first, uint64_t count);
void storm_book_done(struct storm_book *book);
bool storm_book_is_answered(const struct storm_book *book, uint64_t sequence);

/** @brief Note the sending of a message; only the first time counts. */
void storm_book_sent(struct storm_book *book, uint64_t sequence, int64_t now_ns);

/** @brief Note an answer to the message with this request id. */
void storm_book_answered(struct storm_book *book, int32_t id, int64_t now_ns);

/** @brief Take all answers that wait on the socket; never blocks. */
void storm_book_drain(struct storm_book *book, const struct storm_shape *shape, int fd, int64_t now_ns);

/** @brief The delay that this share (0..1) of the answered messages did not exceed; 0 when none was answered. */
double storm_book_delay_ms(const struct storm_book *book, double share);

/** @brief Write the numbers that were answered, one a line. @returns 0, or -1 with errno set */
int storm_book_write(const struct storm_book *book, const char *path);

/**
 * @brief Ask the receiver for its engine, up to 5 times with a second between.
 * @returns 0, or -1 when no report came
 */
int storm_discover(int fd, const struct sockaddr *to, socklen_t to_len, uint8_t id[STORM_ENGINE_ID_MAX], size_t *id_len,
                   uint32_t *boots, uint32_t *engine_time);

#endif /* STORM_INFORM_H */
