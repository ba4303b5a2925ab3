/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file fuzz_mutate.h
 * @brief What an input of fuzz_datagram.c looks like, and how libFuzzer changes it so that it mostly stays what the
 *        receiver's users could have sent.
 *
 * One byte (1: which world; 6: what the transport says of the peer; and the flags below), then the datagram; or
 * several, each behind a byte (it comes as many seconds later) and two for its length, little endian.
 */
#ifndef TK_FUZZ_MUTATE_H
#define TK_FUZZ_MUTATE_H

#include <stddef.h>
#include <stdint.h>

#define FUZZ_SEVERAL   8  /* datagrams */
#define FUZZ_OFF       16 /* kafkaEngines off */
#define FUZZ_DATAGRAMS 8  /* no more in one input */

/* libFuzzer's */
size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t max_size);
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max_size, unsigned seed);

#endif /* TK_FUZZ_MUTATE_H */
