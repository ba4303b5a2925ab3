/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file strings.h
 * @brief A pool of byte strings, each kept once and named by a 32-bit number: equal strings have equal numbers.
 *
 * Owner:  one thread while it is built; once sealed it is immutable and any thread may read it.
 * Memory: one block: the bytes and two more for each string's length; while building also an index of 8 bytes a
 *         slot, at most 3/4 full. At most 4 GiB.
 */
#ifndef TK_STRINGS_H
#define TK_STRINGS_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "base/devel.h"

#define TK_STRINGS_NONE 0u         /* the number of no string */
#define TK_STRINGS_MAX  UINT16_MAX /* bytes of one string */

struct tk_strings {
    char *pool;
    size_t len, cap; /* of the pool, bytes */
    uint64_t *slots; /* open addressing: hash << 32 | number; NULL once sealed */
    uint32_t mask, count;
    uint64_t seed;
};

/** @brief An empty pool; allocates at the first string. @locality any @locks none */
void tk_strings_init(struct tk_strings *s, uint64_t seed);
/** @brief Free everything. @locality any @locks none */
void tk_strings_done(struct tk_strings *s);

/**
 * @brief The number of @p bytes, copied into the pool if they are new there.
 * @param ret_id  never TK_STRINGS_NONE
 * @retval 0 / -ENOMEM / -EFBIG (@p len over TK_STRINGS_MAX, or the pool over 4 GiB)
 * @locality the builder  @locks none
 */
int tk_strings_intern(struct tk_strings *s, const void *bytes, size_t len, uint32_t *ret_id);

/** @brief Make the pool immutable: free the index and the spare memory. @locality the builder @locks none */
void tk_strings_seal(struct tk_strings *s);

/** @brief The bytes of string @p id, not terminated. @locality any @locks none */
static inline const char *tk_strings_get(const struct tk_strings *s, uint32_t id, size_t *ret_len)
{
    uint16_t len;

    TK_ASSERT(id != TK_STRINGS_NONE && id + sizeof(len) <= s->len);
    memcpy(&len, s->pool + id, sizeof(len));
    *ret_len = len;
    return s->pool + id + sizeof(len);
}

#endif /* TK_STRINGS_H */
