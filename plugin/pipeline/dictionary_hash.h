/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file dictionary_hash.h
 * @brief The hash of the dictionary's names: shared by its builder and its look-up, nobody else's business.
 */
#ifndef TK_DICTIONARY_HASH_H
#define TK_DICTIONARY_HASH_H

#include <stddef.h>
#include <stdint.h>

/**
 * @brief FNV-1a, with its bits mixed for use with a mask. Not seeded: operators' files only.
 * @locality any  @locks none
 */
static inline uint32_t tk_dict_hash(const void *bytes, size_t len)
{
    const uint8_t *p = bytes;
    uint32_t h = 2166136261u;

    for (size_t i = 0; i < len; i++)
        h = (h ^ p[i]) * 16777619u;
    return h ^ h >> 15;
}

#endif /* TK_DICTIONARY_HASH_H */
