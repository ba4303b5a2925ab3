/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file hash.h
 * @brief 128-bit hashes (XXH3) and the checksum of the journal (CRC-32C).
 */
#ifndef TK_HASH_H
#define TK_HASH_H

#include <stddef.h>
#include <stdint.h>

struct tk_hash128 {
    uint64_t high, low;
};

/** A hash that is fed piece by piece; each piece is preceded by its length, so that "a","bc" differs from "ab","c". */
struct tk_hasher {
    uint8_t *bytes; /* the caller's buffer */
    size_t len, cap;
    struct tk_hash128 folded; /* what did not fit any more, chained in */
    uint64_t seed;
};

/** @brief Begin; @p buf (at least 64 bytes) is borrowed until the end. @locality any @locks none */
void tk_hasher_init(struct tk_hasher *h, uint8_t *buf, size_t buf_bytes, uint64_t seed);
void tk_hasher_add(struct tk_hasher *h, const void *piece, size_t len);
struct tk_hash128 tk_hasher_end(struct tk_hasher *h);

/** @brief XXH3, 64 bits. @locality any @locks none */
uint64_t tk_hash64(const void *data, size_t len, uint64_t seed);

/** @brief CRC-32C (RFC 3720, B.4), continuing from @p crc (0 at first). @locality any @locks none */
uint32_t tk_crc32c(uint32_t crc, const void *data, size_t len);

/** @brief A seed that a stranger can't guess, from the kernel. @locality any @locks none */
uint64_t tk_random_seed(void);

#endif /* TK_HASH_H */
