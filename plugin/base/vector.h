/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file vector.h
 * @brief A growing array. Refer to items by index, because the array moves when it grows.
 *
 * Owner:  one thread while it grows. A struct tk_vector of zeros is empty.
 * Memory: one block, half as large again when it is full; at most 2^32 - 1 items. The caller bounds the number.
 */
#ifndef TK_VECTOR_H
#define TK_VECTOR_H

#include <stddef.h>
#include <stdint.h>

struct tk_vector {
    void *items;
    uint32_t count, cap;
};

/** @brief Make room for @p n more items. @returns the first of them, not counted yet; NULL when out of memory
 *  @locality the builder @locks none */
void *tk_vector_reserve(struct tk_vector *v, size_t n, size_t item_bytes);
/** @brief Append @p n items, zeroed. @returns the first of them; NULL when out of memory
 *  @locality the builder @locks none */
void *tk_vector_push(struct tk_vector *v, size_t n, size_t item_bytes);
/** @brief Nothing will be added: give spare memory back. @locality the builder @locks none */
void tk_vector_trim(struct tk_vector *v, size_t item_bytes);
/** @brief Free the items; empty again. @locality any @locks none */
void tk_vector_done(struct tk_vector *v);

#endif /* TK_VECTOR_H */
