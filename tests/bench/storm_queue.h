/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file storm_queue.h
 * @brief What waits in the receiver's socket, so that a storm can wait for a receiver on the same machine instead of
 *        overrunning it.
 *
 * No state, no locks.
 */
#ifndef STORM_QUEUE_H
#define STORM_QUEUE_H

#include <stdint.h>
#include <sys/socket.h>

/** @returns bytes, as the kernel accounts for them, in all UDP sockets bound to the port of @p to; 0: there is none */
uint64_t storm_queue_bytes(const struct sockaddr_storage *to);

#endif /* STORM_QUEUE_H */
