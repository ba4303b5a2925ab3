/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file hash.h
 * @brief Hashes (XXH3), the checksum of the queue's records (CRC-32C), and random seeds.
 */
#ifndef TK_HASH_H
#define TK_HASH_H

#include <stddef.h>
#include <stdint.h>

struct tk_hash128 {
    uint64_t high, low;
};

/** A hash over several pieces. Each piece is preceded by its length, so that "a","bc" differs from "ab","c". */
struct tk_hasher {
    uint8_t *bytes; /* the caller's buffer */
    size_t len, cap;
    struct tk_hash128 folded; /* the hash of all bytes that were in the buffer before */
    uint64_t seed;
};

/** @brief Begin; @p buf (at least 64 bytes) is borrowed until the end. @locality any @locks none */
void tk_hasher_init(struct tk_hasher *h, uint8_t *buf, size_t buf_bytes, uint64_t seed);
/** @brief Add a piece. @locality any @locks none */
void tk_hasher_add(struct tk_hasher *h, const void *piece, size_t len);
/** @brief Finish. @returns the hash of all pieces @locality any @locks none */
struct tk_hash128 tk_hasher_end(struct tk_hasher *h);

/** @brief XXH3, 64 bits. @locality any @locks none */
uint64_t tk_hash64(const void *data, size_t len, uint64_t seed);

/** @brief CRC-32C (RFC 3720, B.4), continuing from @p crc (0 at first). @locality any @locks none */
uint32_t tk_crc32c(uint32_t crc, const void *data, size_t len);

/** @brief A random seed from the kernel, so that senders cannot construct collisions. @locality any @locks none */
uint64_t tk_random_seed(void);

#endif /* TK_HASH_H */
