/* SPDX-License-Identifier: Apache-2.0 */
#include "mibs/mib_words.h"

static bool is_label_char(char c)
{
    return isalnum((unsigned char)c) || c == '-' || c == '_' || c == '.';
}

bool tk_mib_word_next(const char *text, size_t *at, size_t end, struct tk_mib_word *w)
{
    size_t i = *at;

    while (i < end && isspace((unsigned char)text[i]))
        i++;
    if (i >= end)
        return false;
    w->at = i;
    if (text[i] == '"') {
        const char *quote = memchr(text + i + 1, '"', end - i - 1);

        i = quote ? (size_t)(quote - text) + 1 : end;
    } else if (is_label_char(text[i])) {
        while (i < end && is_label_char(text[i]))
            i++;
    } else {
        i += i + 2 < end && memcmp(text + i, "::=", 3) == 0 ? 3 : 1;
    }
    w->len = i - w->at;
    *at = i;
    return true;
}
