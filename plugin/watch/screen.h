/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file screen.h
 * @brief A terminal on which a page is shown again and again. The terminal's own contents come back at the end.
 */
#ifndef TK_SCREEN_H
#define TK_SCREEN_H

#include <stdio.h>

struct tk_screen_size {
    unsigned columns, rows; /* 0: not known, no terminal */
};

/** @brief The size of the terminal that the stream is. @locality any @locks none */
struct tk_screen_size tk_screen_size(FILE *f);

/** @brief Begin to use the screen. @locality main @locks none */
void tk_screen_begin(FILE *f);
/** @brief Show a page: lines, each shorter than the screen is wide, and no more than it has. @locality main
 *  @locks none */
void tk_screen_show(FILE *f, const char *page);
/** @brief Give the screen back. @locality main @locks none */
void tk_screen_end(FILE *f);

#endif /* TK_SCREEN_H */
