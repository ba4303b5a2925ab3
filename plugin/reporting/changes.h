/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file changes.h
 * @brief A bounded list of state changes that wait to be published to the health topic, oldest first.
 *
 * It is outside queue and window, so that a state change neither delays a trap nor takes its room.
 *
 * Owner:  the worker. No locks.
 * Memory: embedded, TK_CHANGES_KEPT of 300 bytes. At the bound, the oldest is dropped and counted.
 */
#ifndef TK_CHANGES_H
#define TK_CHANGES_H

#include <stdarg.h>
#include <stdint.h>

#include "base/clock.h"

#define TK_CHANGES_KEPT 64
#define TK_CHANGE_TEXT  256

/** What changed; changes.def explains each. */
#define TK_CHANGE(id, name, help) TK_CHANGE_##id,
enum tk_change {
#include "reporting/changes.def"
    TK_CHANGE_COUNT_,
};
#undef TK_CHANGE

struct tk_change_note {
    enum tk_change change;
    uint64_t number;           /* counts changes since the process started, from 1 */
    struct tk_time at;         /* when it happened */
    char text[TK_CHANGE_TEXT]; /* valid UTF-8 */
};

struct tk_changes {
    struct tk_change_note note[TK_CHANGES_KEPT];
    unsigned first, count;
    uint64_t last_number;
    uint64_t lost; /* dropped at the bound since tk_changes_took() */
};

/** @brief The change's name, as in the record's "cause". @locality any @locks none */
const char *tk_change_name(enum tk_change change);

/** @brief Append a change; its text is cut at TK_CHANGE_TEXT, and made ASCII if it is not UTF-8.
 *  @returns the change, valid until the next call @locality worker @locks none */
const struct tk_change_note *tk_changes_note(struct tk_changes *list, enum tk_change change, const struct tk_time *at,
                                             const char *fmt, va_list ap)
    __attribute__((format(printf, 4, 0), nonnull(4)));

/** @brief The oldest change, borrowed. @returns NULL: there is none @locality worker @locks none */
const struct tk_change_note *tk_changes_oldest(const struct tk_changes *list);
/** @brief The oldest was published, and with it the count of lost ones: remove both. @locality worker @locks none */
void tk_changes_took(struct tk_changes *list);

#endif /* TK_CHANGES_H */
