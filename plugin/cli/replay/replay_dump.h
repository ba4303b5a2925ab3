/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file replay_dump.h
 * @brief Read the messages that `snmptrapd -d` dumped into its log: "Received 86 byte packet from UDP: [192.0.2.7]:43660",
 *        and lines of hexadecimal digits.
 *
 * The dump has no time. snmptrapd logs the notification behind it, with the local time; that one counts, else the time
 * before it, else the file's. The file is not trusted.
 */
#ifndef TK_REPLAY_DUMP_H
#define TK_REPLAY_DUMP_H

#include "base/clock.h"
#include "base/err.h"
#include "receive/frame.h"

struct tk_dump;

/** @brief Open a file. @returns NULL with @p err set @locality any @locks none */
struct tk_dump *tk_dump_open(const char *path, struct tk_err *err);
/** @brief Close. NULL is a no-op. @locality any @locks none */
void tk_dump_free(struct tk_dump *d);
/** @brief Read the next whole message. @param ret  valid until the next call @returns 1, or 0: the end
 *  @locality any @locks none */
int tk_dump_next(struct tk_dump *d, struct tk_datagram *ret, tk_nsec *ret_wall);

#endif /* TK_REPLAY_DUMP_H */
