/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file replay_input.h
 * @brief The notifications of a file, one after the other: a capture (pcap, pcapng), a log of snmptrapd -d, or
 *        events, one JSON object a line. What it is, its first bytes say.
 *
 * Memory: one message, whatever the size of the file. The pump must be open.
 */
#ifndef TK_REPLAY_INPUT_H
#define TK_REPLAY_INPUT_H

#include "receive/incoming.h"

struct tk_input;

/** @brief Open a file. @returns NULL with @p err set @locality any @locks none */
struct tk_input *tk_input_open(const char *path, struct tk_err *err);
/** @brief Close. NULL is a no-op. @locality any @locks none */
void tk_input_free(struct tk_input *in);

/**
 * @brief Read the next notification.
 * @param t        receiver is set; all else is filled. flat_len is 0 if it could not be decoded, or can be no event
 * @retval 1 / 0   there is one / the end
 * @retval -EIO    the file is damaged from here on, @p err says how
 * @locality any  @locks none
 */
int tk_input_next(struct tk_input *in, struct tk_incoming *t, struct tk_err *err);

/** @brief Datagrams that are no notification, were cut, or are fragments; lines that are no event of a
 *  notification. @locality any @locks none */
uint64_t tk_input_passed_over(const struct tk_input *in);

#endif /* TK_REPLAY_INPUT_H */
