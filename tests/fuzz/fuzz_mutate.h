/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file fuzz_mutate.h
 * @brief The mutator for inputs of fuzz_datagram.c: most results are messages that a user of the receiver could send.
 *
 * An input is one byte (1: which world; 6: what the transport says about the peer; and the flags below) and a
 * datagram; or several datagrams, each after one byte (how many seconds later it comes) and its length (two bytes,
 * little endian).
 */
#ifndef TK_FUZZ_MUTATE_H
#define TK_FUZZ_MUTATE_H

#include <stddef.h>
#include <stdint.h>

#define FUZZ_SEVERAL   8  /* flag: several datagrams */
#define FUZZ_OFF       16 /* flag: kafkaEngines off */
#define FUZZ_DATAGRAMS 8  /* datagrams in one input, at most */

/* libFuzzer's interface */
size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t max_size);
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max_size, unsigned seed);

#endif /* TK_FUZZ_MUTATE_H */
