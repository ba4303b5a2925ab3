/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file mib_words.h
 * @brief Cut the text of MIB modules into words: labels, numbers, strings, "::=" and single characters.
 *
 * The text has to be without comments (mib_text.c blanks them). Owner: any thread; no state.
 */
#ifndef TK_MIB_WORDS_H
#define TK_MIB_WORDS_H

#include <ctype.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#define TK_MIB_MAX_NAME 128

/** A word is a place in the text. len 0: none. */
struct tk_mib_word {
    size_t at, len;
};

/** @brief Find the next word of text[*at..end). @param at  moved behind the word @returns false: there is none
 *  @locality any @locks none */
bool tk_mib_word_next(const char *text, size_t *at, size_t end, struct tk_mib_word *w);

/** @brief Is a word this text? @locality any @locks none */
static inline bool tk_mib_word_is(const char *text, struct tk_mib_word w, const char *other)
{
    return w.len == strlen(other) && memcmp(text + w.at, other, w.len) == 0;
}

/** @brief Does a word begin with a letter? @locality any @locks none */
static inline bool tk_mib_word_is_label(const char *text, struct tk_mib_word w)
{
    return w.len && isalpha((unsigned char)text[w.at]);
}

/** @brief Copy a word, cut to TK_MIB_MAX_NAME - 1 bytes. @locality any @locks none */
static inline void tk_mib_word_copy(char dst[TK_MIB_MAX_NAME], const char *text, struct tk_mib_word w)
{
    size_t len = w.len < TK_MIB_MAX_NAME ? w.len : TK_MIB_MAX_NAME - 1;

    memcpy(dst, text + w.at, len);
    dst[len] = '\0';
}

#endif /* TK_MIB_WORDS_H */
