/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file capture.h
 * @brief Read the UDP datagrams of a pcap or pcapng file, in order. The file is not trusted.
 *
 * Memory: one packet, in libpcap, which bounds it.
 */
#ifndef TK_CAPTURE_H
#define TK_CAPTURE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/clock.h"
#include "base/err.h"
#include "receive/frame.h"

struct tk_capture;

/** Packets that were skipped. */
struct tk_capture_losses {
    uint64_t other, fragments, cut;
};

/** @brief Open a file. @param path  "-": standard input  @returns NULL with @p err set @locality any @locks none */
struct tk_capture *tk_capture_open(const char *path, struct tk_err *err);
/** @brief Close. NULL is a no-op. @locality any @locks none */
void tk_capture_free(struct tk_capture *c);

/**
 * @brief Read the next datagram.
 * @param ret_wall  when it was captured, since 1970
 * @retval 1        @p ret is filled, valid until the next call
 * @retval 0        the end
 * @retval -EIO     the file is damaged from here on, @p err says how
 * @locality any  @locks none
 */
int tk_capture_next(struct tk_capture *c, struct tk_datagram *ret, tk_nsec *ret_wall, struct tk_err *err);

/** @returns the packets skipped so far @locality any @locks none */
const struct tk_capture_losses *tk_capture_losses(const struct tk_capture *c);

#endif /* TK_CAPTURE_H */
