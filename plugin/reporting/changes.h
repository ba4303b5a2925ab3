/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file changes.h
 * @brief Changes of state that the health topic is to hear of: a short list, oldest first.
 *
 * They wait here, outside queue and window, until the sink takes them: they neither hold up nor crowd out a trap.
 *
 * Owner:  the worker. No locks.
 * Memory: embedded, TK_CHANGES_KEPT of 300 bytes. At the bound the oldest goes out and is counted.
 */
#ifndef TK_CHANGES_H
#define TK_CHANGES_H

#include <stdarg.h>
#include <stdint.h>

#include "base/clock.h"

#define TK_CHANGES_KEPT 64
#define TK_CHANGE_TEXT  256

/** What changed: changes.def says what each means. */
#define TK_CHANGE(id, name, help) TK_CHANGE_##id,
enum tk_change {
#include "reporting/changes.def"
    TK_CHANGE_COUNT_,
};
#undef TK_CHANGE

struct tk_change_note {
    enum tk_change change;
    uint64_t number;           /* from 1, in this life */
    struct tk_time at;         /* when it happened */
    char text[TK_CHANGE_TEXT]; /* valid UTF-8 */
};

struct tk_changes {
    struct tk_change_note note[TK_CHANGES_KEPT];
    unsigned first, count;
    uint64_t last_number;
    uint64_t lost; /* pushed out at the bound since tk_changes_took() */
};

/** @brief The record's "cause". @locality any @locks none */
const char *tk_change_name(enum tk_change change);

/** @brief Append one; the text is cut at TK_CHANGE_TEXT, and made ASCII where it is not UTF-8.
 *  @locality worker @locks none */
void tk_changes_note(struct tk_changes *list, enum tk_change change, const struct tk_time *at, const char *fmt,
                     va_list ap) __attribute__((format(printf, 4, 0)));

/** @returns the oldest; NULL: there is none @locality worker @locks none */
const struct tk_change_note *tk_changes_oldest(const struct tk_changes *list);
/** @brief The oldest was published, and with it the number of the lost. @locality worker @locks none */
void tk_changes_took(struct tk_changes *list);

#endif /* TK_CHANGES_H */
