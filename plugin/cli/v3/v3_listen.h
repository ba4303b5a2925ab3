/* SPDX-License-Identifier: Apache-2.0 */
/** @file v3_listen.h
 *  @brief Receive datagrams on a UDP socket until Ctrl-C. One socket in the process. */
#ifndef TK_V3_LISTEN_H
#define TK_V3_LISTEN_H

#include "base/err.h"
#include "receive/frame.h"

/**
 * @brief Open the socket, and print a line on standard error. From now on SIGINT and SIGTERM end tk_listen_next().
 * @param address  "udp:127.0.0.1:1162", "udp6:[::1]:1162", "127.0.0.1:1162", or a port: all IPv4 addresses
 * @returns the socket, -EINVAL with @p err set
 * @locality any  @locks none
 */
int tk_listen_open(const char *address, struct tk_err *err);

/**
 * @brief Wait for a datagram.
 * @retval 1     @p ret is filled, valid until the next call
 * @retval 0     SIGINT or SIGTERM came
 * @retval -EIO  @p err set
 * @locality any  @locks none
 */
int tk_listen_next(int sock, struct tk_datagram *ret, struct tk_err *err);

#endif /* TK_V3_LISTEN_H */
