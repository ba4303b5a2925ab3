/* SPDX-License-Identifier: Apache-2.0 */
/** @file moment.h
 *  @brief Read a moment that an operator wrote: a time of day, or how long ago. */
#ifndef TK_MOMENT_H
#define TK_MOMENT_H

#include <stdint.h>

/**
 * @brief Read "2026-11-22T05:45:26.123Z", "2026-11-22 05:45" or "2026-11-22", in UTC; or "90s", "15m", "2h", "3d": so
 *        long before @p now_ms.
 * @param ret  milliseconds since 1970, not negative
 * @retval 0 / -EINVAL
 * @locality any  @locks none
 */
int tk_moment_read(const char *text, int64_t now_ms, int64_t *ret);

#endif /* TK_MOMENT_H */
