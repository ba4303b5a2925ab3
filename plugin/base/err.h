/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file err.h
 * @brief An error in something that an operator wrote: file, line, reason and remedy.
 *
 * The first cause wins: a struct tk_err that is already set ignores later calls, so that the operator reads the root
 * cause. A function that sets an error accepts NULL for it.
 */
#ifndef TK_ERR_H
#define TK_ERR_H

#include <stdbool.h>
#include <stddef.h>

struct tk_err {
    bool is_set;
    unsigned line;  /* 1-based; 0: the error concerns the file as a whole */
    char file[256]; /* as the operator wrote it; empty: no file is involved */
    char text[512]; /* value, reason, and what to write instead; each control byte became '?' */
};

/**
 * @brief Record the cause, unless one is recorded already.
 * @param file  may be NULL
 * @param line  1-based, or 0
 * @locality any  @locks none
 */
void tk_err_set(struct tk_err *err, const char *file, unsigned line, const char *fmt, ...)
    __attribute__((format(printf, 4, 5)));

/** @brief Clear the error, so that the next cause is recorded. NULL is a no-op. @locality any @locks none */
void tk_err_clear(struct tk_err *err);

/**
 * @brief Write "FILE: line N: TEXT" (or "FILE: TEXT", or "TEXT") into @p dst, always terminated.
 * @returns @p dst
 * @locality any  @locks none
 */
const char *tk_err_format(const struct tk_err *err, char *dst, size_t dst_bytes);

#endif /* TK_ERR_H */
